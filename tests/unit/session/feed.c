#include "feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void keep_attempt(void *context, const struct attempt *attempt)
{
	struct feed *feed = context;

	assert_true(feed->attempt_count < FEED_MAX);
	feed->attempts[feed->attempt_count++] = *attempt;
}

static void keep_session(void *context, const struct session_fact *fact)
{
	struct feed *feed = context;

	assert_true(feed->fact_count < FEED_MAX);
	feed->facts[feed->fact_count++] = *fact;
}

static void keep_role(void *context, const struct role_fact *role)
{
	struct feed *feed = context;

	assert_true(feed->role_count < FEED_MAX);
	feed->roles[feed->role_count++] = *role;
}

static void raise_to(uint32_t *value, uint32_t other)
{
	if (*value < other)
		*value = other;
}

static void fold(struct slot *to, const struct slot *from)
{
	raise_to(&to->peak_concurrent, from->peak_concurrent);
	raise_to(&to->max_ms, from->max_ms);
	to->sessions_exact += from->sessions_exact;
	to->received += from->received;
	to->delivered += from->delivered;
	to->forwarded += from->forwarded;
	to->deferred += from->deferred;
	to->bounced += from->bounced;
	to->rejected += from->rejected;
	to->bytes_received += from->bytes_received;
	to->bytes_delivered += from->bytes_delivered;
	to->connections += from->connections;
	to->connected_ms += from->connected_ms;
	to->relay_attempts += from->relay_attempts;
	to->probes += from->probes;
	to->held += from->held;
	to->discarded += from->discarded;
	to->warnings += from->warnings;
}

static void keep_slot(void *context, const struct slot *slot)
{
	struct feed *feed = context;
	size_t i = 0;

	assert_int_equal(slot->start % SLOT_S, 0);
	while (i < feed->slot_count && feed->slots[i].start != slot->start)
		i++;
	if (i == feed->slot_count) {
		assert_true(i < FEED_MAX);
		feed->slots[feed->slot_count++] = (struct slot){.start = slot->start};
	}
	fold(&feed->slots[i], slot);
}

struct feed *feed_new(const struct session_options *options)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	assert_non_null(feed);
	feed->options = options ? *options : (struct session_options){.words = WORDS_ALL};
	directory_init(&feed->directory);
	feed_restart(feed);
	return feed;
}

void feed_restart(struct feed *feed)
{
	struct fact_sink sink = {.context = feed,
				 .attempt = keep_attempt,
				 .session = keep_session,
				 .slot = keep_slot,
				 .role = keep_role};

	sessions_free(feed->sessions);
	feed->sessions = sessions_new(&feed->options, &feed->directory, &sink);
}

void feed_free(struct feed *feed)
{
	sessions_free(feed->sessions);
	directory_release(&feed->directory);
	free(feed);
}

static struct word word_of(const char *text)
{
	struct word word = {0};

	if (text)
		word_set(&word, view_string(text));
	return word;
}

struct event feed_event(const struct line *line)
{
	struct event event = {
		.time_s = FEED_START + line->at_ms / 1000,
		.time_us = (uint32_t)(line->at_ms % 1000) * 1000,
		.kind = (uint8_t)line->kind,
		.key = (uint8_t)line->key,
		.mta = (uint8_t)(line->mta ? line->mta : MTA_POSTFIX),
		.flags = line->flags,
		.reason = (uint8_t)line->reason,
		.stage = (uint8_t)line->stage,
		.code = line->code,
		.delivery = (uint8_t)line->delivery,
		.repeat = line->repeat ? line->repeat : 1,
		.pid = line->pid,
		.port = line->port,
		.bytes = line->bytes,
		.delay_s = line->delay_s1 - 1,
		.commands = line->commands,
		.queue_id = word_of(line->id),
		.host = word_of(line->host ? line->host : "mx1"),
		.name = word_of(line->name),
		.helo = word_of(line->helo),
		.sender = word_of(line->sender),
		.recipient = word_of(line->recipient),
		.text = word_of(line->text),
	};

	if (line->client) {
		assert_true(ip_parse(view_string(line->client), &event.client));
		event.flags |= EVENT_HAS_CLIENT;
	}
	if (line->sender)
		event.flags |= EVENT_HAS_SENDER;
	if (line->recipient)
		event.flags |= EVENT_HAS_RECIPIENT;
	return event;
}

void feed_lines(struct feed *feed, const struct line *lines, size_t count, size_t chunk)
{
	struct event *events = calloc(count ? count : 1, sizeof(*events));

	for (size_t i = 0; i < count; i++)
		events[i] = feed_event(&lines[i]);
	for (size_t i = 0; i < count; i += chunk)
		sessions_take(feed->sessions, events + i, count - i < chunk ? count - i : chunk);
	free(events);
}

void feed_line(struct feed *feed, struct line line)
{
	feed_lines(feed, &line, 1, 1);
}

void feed_finish(struct feed *feed)
{
	sessions_finish(feed->sessions);
}

struct slot feed_slot(const struct feed *feed, int64_t at_ms)
{
	uint32_t time = (uint32_t)(FEED_START + at_ms / 1000);

	for (size_t i = 0; i < feed->slot_count; i++)
		if (feed->slots[i].start == time - time % SLOT_S)
			return feed->slots[i];
	return (struct slot){0};
}

struct slot feed_sum(const struct feed *feed)
{
	struct slot sum = {0};

	for (size_t i = 0; i < feed->slot_count; i++)
		fold(&sum, &feed->slots[i]);
	return sum;
}

const char *feed_string(const struct feed *feed, uint32_t id)
{
	static char text[STRINGS_LENGTH_MAX + 1];
	struct view view = strings_get(feed->directory.strings, id);

	memcpy(text, view.ptr ? view.ptr : "", view.len);
	text[view.len] = '\0';
	return text;
}

const char *feed_client(const struct feed *feed, uint32_t id)
{
	static char text[IP_TEXT_MAX];

	if (id == 0)
		return "none";
	ip_format(&directory_client_at(&feed->directory, id)->ip, text);
	return text;
}

size_t feed_roles(const struct feed *feed, const char *string, enum role role)
{
	uint32_t id = strings_find(feed->directory.strings, view_string(string));
	size_t count = 0;

	for (size_t i = 0; i < feed->role_count; i++)
		count += feed->roles[i].string == id && feed->roles[i].role == (uint32_t)role;
	return count;
}

static int compare_slots(const void *a, const void *b)
{
	const struct slot *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

static bool told(const struct feed *feed, const struct role_fact *role)
{
	for (size_t i = 0; i < feed->role_count; i++)
		if (memcmp(&feed->roles[i], role, sizeof(*role)) == 0)
			return true;
	return false;
}

static struct slot *sorted_slots(const struct feed *feed)
{
	struct slot *slots = calloc(feed->slot_count + 1, sizeof(*slots));

	assert_non_null(slots);
	memcpy(slots, feed->slots, feed->slot_count * sizeof(*slots));
	qsort(slots, feed->slot_count, sizeof(*slots), compare_slots);
	return slots;
}

void feed_assert_same(const struct feed *feed, const struct feed *other)
{
	struct slot *slots = sorted_slots(feed), *others = sorted_slots(other);

	assert_int_equal(feed->attempt_count, other->attempt_count);
	assert_memory_equal(feed->attempts, other->attempts,
			    feed->attempt_count * sizeof(*feed->attempts));
	assert_int_equal(feed->fact_count, other->fact_count);
	assert_memory_equal(feed->facts, other->facts, feed->fact_count * sizeof(*feed->facts));
	assert_int_equal(feed->slot_count, other->slot_count);
	assert_memory_equal(slots, others, feed->slot_count * sizeof(*slots));
	for (size_t i = 0; i < feed->role_count; i++)
		assert_true(told(other, &feed->roles[i]));
	for (size_t i = 0; i < other->role_count; i++)
		assert_true(told(feed, &other->roles[i]));
	free(slots);
	free(others);
}
