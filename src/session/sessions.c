/*
 * The session stage: events come in, in order, and go to what they are about.
 *
 * Most of an event's cost is waiting for memory: its session, queue id, client
 * and words lie anywhere in big tables. So each event is looked at twice before
 * its turn: LOOK_AHEAD events before, the table slots it will need are asked
 * for, and half as many before, the rows that those slots lead to. Looking
 * ahead changes nothing but the time it takes.
 */
#include "session/stage.h"

#include <stdlib.h>

#include "base/memory.h"

#define CLOCK_BACK_S 300 /* lines may be this much out of order */

struct sessions *sessions_new(const struct session_options *options, struct directory *directory,
			      const struct fact_sink *sink)
{
	struct sessions *sessions = memory_get_zeroed(1, sizeof(*sessions));

	sessions->options = *options;
	if (!sessions->options.gap_s)
		sessions->options.gap_s = SESSION_GAP_DEFAULT_S;
	if (!sessions->options.expire_s)
		sessions->options.expire_s = SESSION_EXPIRE_DEFAULT_S;
	if (!sessions->options.open_max)
		sessions->options.open_max = SESSION_OPEN_MAX_DEFAULT;
	sessions->directory = directory;
	sessions->sink = *sink;
	sessions->time = INT64_MIN;
	pool_init(&sessions->open, sizeof(struct open));
	pool_init(&sessions->queue, sizeof(struct queued));
	pool_init(&sessions->screens, sizeof(struct screen));
	counts_init(&sessions->counts);
	return sessions;
}

void sessions_free(struct sessions *sessions)
{
	if (!sessions)
		return;
	pool_release(&sessions->open);
	pool_release(&sessions->queue);
	pool_release(&sessions->screens);
	counts_release(&sessions->counts, sessions->directory->strings);
	free(sessions->waiting);
	free(sessions);
}

/* Which of an event's words become strings for sure. */
static bool needs_sender(const struct event *event)
{
	return event->sender.len > 0 && event->kind != EVENT_DELIVERY;
}

static bool needs_recipient(const struct event *event)
{
	return event->recipient.len > 0 &&
	       (event->kind != EVENT_DELIVERY || event->delivery == DELIVERY_SENT);
}

/* Sessions that are open know their clients, and those of Postfix's processes
   are opened by a line that says so. */
static bool needs_client(const struct event *event, uint32_t open)
{
	if (!(event->flags & EVENT_HAS_CLIENT))
		return false;
	return event->kind == EVENT_CONNECT ||
	       (!open && (event->key != KEY_PROCESS || event->mta != MTA_POSTFIX));
}

static bool needs_text(const struct sessions *sessions, const struct event *event)
{
	enum session_words words = sessions->options.words;

	if (event->text.len == 0 ||
	    !(words == WORDS_ALL || (words == WORDS_JUDGED && event->stage == STAGE_COMMAND)))
		return false;
	return event->kind == EVENT_REFUSAL || event->kind == EVENT_REFUSAL_BY_ID ||
	       event->kind == EVENT_AUTH_FAILED;
}

static void look_far(const struct sessions *sessions, const struct event *event,
		     struct ahead *ahead)
{
	const struct strings *strings = sessions->directory->strings;

	uint32_t open = 0;

	*ahead = (struct ahead){.session = open_hash(event), .queue = queue_hash(event)};
	if (ahead->session)
		open = pool_first(&sessions->open, ahead->session);
	if (ahead->queue)
		pool_prefetch_bucket(&sessions->queue, ahead->queue);
	if (needs_client(event, open)) {
		ahead->client = map_hash(&sessions->directory->clients, &event->client);
		map_prefetch_slot(&sessions->directory->clients, ahead->client);
	}
	if (needs_sender(event))
		strings_prefetch_slot(strings, event->sender);
	if (needs_recipient(event))
		strings_prefetch_slot(strings, event->recipient);
	if (event->helo.len && sessions->options.words != WORDS_NONE)
		strings_prefetch_slot(strings, event->helo);
	if (needs_text(sessions, event)) {
		word_set(&ahead->text, view_to(word_view(event->text), STRINGS_LENGTH_MAX));
		strings_prefetch_slot(strings, ahead->text);
	}
}

static void look_near(const struct sessions *sessions, const struct event *event,
		      struct ahead *ahead)
{
	const struct strings *strings = sessions->directory->strings;

	if (ahead->queue)
		pool_prefetch_row(&sessions->queue, ahead->queue);
	if (ahead->client)
		ahead->client_guess =
			map_prefetch_row(&sessions->directory->clients, ahead->client);
	if (needs_sender(event))
		ahead->sender_guess = strings_prefetch_text(strings, event->sender);
	if (needs_recipient(event))
		ahead->recipient_guess = strings_prefetch_text(strings, event->recipient);
	if (event->helo.len && sessions->options.words != WORDS_NONE)
		strings_prefetch_text(strings, event->helo);
	if (ahead->text.len)
		ahead->text_guess = strings_prefetch_text(strings, ahead->text);
}

/*
 * Sets `now` by an event's time. Steps back beyond CLOCK_BACK_S let it stand
 * still; when the log's time later comes to where it was before, the step is
 * taken back, so that two logs an hour apart don't drive the clock on.
 */
static void advance(struct sessions *sessions, int64_t time_s)
{
	int64_t time = fact_time(time_s);
	int64_t now = time + sessions->clock_offset;

	if (time == sessions->time)
		return; /* nothing has changed since */
	sessions->time = time;
	if (sessions->clock_base < sessions->clock_offset &&
	    time + sessions->clock_base >= sessions->now - CLOCK_BACK_S) {
		sessions->clock_offset = sessions->clock_base;
		now = time + sessions->clock_offset;
	} else if (now < sessions->now - CLOCK_BACK_S) {
		sessions->clock_base = sessions->clock_offset;
		sessions->clock_offset = sessions->now - time;
		now = sessions->now;
	}
	if (now > sessions->now) {
		sessions->now = now;
		open_expire(sessions);
		queue_expire(sessions);
	}
	counts_advance(sessions, (uint32_t)time);
}

static void auth_ok(struct sessions *sessions, const struct event *event, uint64_t hash)
{
	uint32_t index = open_of_event(sessions, event, hash);

	if (!index)
		return;
	open_at(sessions, index)->flags |= SESSION_OUTBOUND;
	open_at(sessions, index)->state &= (uint16_t)~OPEN_DENIED_LAST;
}

static void count_line(struct sessions *sessions, const struct event *event)
{
	struct slot *slot = counts_at(sessions, fact_time(event->time_s));

	if (event->flags & EVENT_REJECTED)
		slot->rejected += event->repeat;
	if (event->flags & EVENT_WARNING)
		slot->warnings += event->repeat;
}

static void take(struct sessions *sessions, const struct event *event, const struct ahead *ahead)
{
	sessions->ahead = ahead;
	advance(sessions, event->time_s);
	if (event->mta == MTA_EXIM && event->pid && copies_take(&sessions->copies, event))
		return;
	if (event->flags & (EVENT_REJECTED | EVENT_WARNING))
		count_line(sessions, event);
	switch ((enum event_kind)event->kind) {
	case EVENT_CONNECT:
		open_connect(sessions, event, ahead->session);
		break;
	case EVENT_DISCONNECT:
		open_disconnect(sessions, event, ahead->session);
		break;
	case EVENT_LOST:
		open_lost(sessions, event, ahead->session);
		break;
	case EVENT_ACTIVITY:
		open_of_event(sessions, event, ahead->session);
		break;
	case EVENT_REFUSAL:
	case EVENT_REFUSAL_BY_ID:
	case EVENT_AUTH_FAILED:
		refusal_take(sessions, event, ahead);
		break;
	case EVENT_NOT_TAKEN:
		refusal_not_taken(sessions, event, ahead);
		break;
	case EVENT_AUTH_OK:
		auth_ok(sessions, event, ahead->session);
		break;
	case EVENT_RECEIVED:
		queue_received(sessions, event, ahead);
		break;
	case EVENT_QUEUED:
		queue_known(sessions, event, ahead);
		break;
	case EVENT_DELIVERY:
		queue_delivery(sessions, event, ahead);
		break;
	case EVENT_REMOVED:
		queue_removed(sessions, ahead);
		break;
	case EVENT_HANDOVER:
		handover_give(sessions, event, ahead->session);
		break;
	case EVENT_NONE:
	case EVENT_REPEAT_LAST:
	case EVENT_MAX:
		break;
	}
}

void sessions_take(struct sessions *sessions, const struct event *events, size_t count)
{
	struct ahead ahead[LOOK_AHEAD];

	for (size_t i = 0; i < count + LOOK_AHEAD; i++) {
		size_t near = i - LOOK_AHEAD / 2, now = i - LOOK_AHEAD;

		if (i >= LOOK_AHEAD)
			take(sessions, &events[now], &ahead[now % LOOK_AHEAD]);
		if (i + LOOK_AHEAD < count)
			__builtin_prefetch(events[i + LOOK_AHEAD].queue_id.ptr);
		if (i < count)
			look_far(sessions, &events[i], &ahead[i % LOOK_AHEAD]);
		if (i >= LOOK_AHEAD / 2 && near < count)
			look_near(sessions, &events[near], &ahead[near % LOOK_AHEAD]);
	}
}

void sessions_finish(struct sessions *sessions)
{
	uint32_t index;

	while ((index = pool_oldest(&sessions->open)) != 0)
		open_close(sessions, index, false);
	while ((index = pool_oldest(&sessions->queue)) != 0)
		pool_remove(&sessions->queue, index);
	counts_flush(sessions);
}

void sessions_flush(struct sessions *sessions)
{
	counts_flush(sessions);
}

uint32_t sessions_last_number(const struct sessions *sessions)
{
	return sessions->last_number;
}

uint64_t sessions_forgotten(const struct sessions *sessions)
{
	return sessions->forgotten;
}
