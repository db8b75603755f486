/*
 * Whatever happens to a log, in whatever pieces it comes, stopped and gone on
 * with wherever: the same facts. The logs are made by chance, of few clients,
 * processes and queue ids, so that all of them meet.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feed.h"

#define LINES 3000

static uint64_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

struct made {
	struct line lines[LINES];
	char ids[LINES][8], clients[LINES][24], words[LINES][3][16];
};

static void make_words(struct made *made, size_t i, uint64_t *random)
{
	struct line *line = &made->lines[i];

	snprintf(made->ids[i], sizeof(made->ids[i]), "Q%u", (unsigned)(random_next(random) % 40));
	snprintf(made->clients[i], sizeof(made->clients[i]), "192.0.2.%u",
		 (unsigned)(random_next(random) % 9));
	for (size_t word = 0; word < 3; word++)
		snprintf(made->words[i][word], sizeof(made->words[i][word]), "w%u@d%u",
			 (unsigned)(random_next(random) % 30), (unsigned)(random_next(random) % 3));
	if (random_next(random) % 3)
		line->id = made->ids[i];
	if (random_next(random) % 5)
		line->client = made->clients[i];
	if (random_next(random) % 2)
		line->sender = made->words[i][0];
	if (random_next(random) % 2)
		line->recipient = made->words[i][1];
	if (random_next(random) % 3 == 0)
		line->helo = line->name = line->text = made->words[i][2];
}

static struct made *make(uint64_t seed)
{
	static const uint32_t flags[] = {0,
					 0,
					 0,
					 EVENT_REJECTED,
					 EVENT_WARNING,
					 EVENT_ENDS_SESSION,
					 EVENT_KEEPALIVE_ONLY,
					 EVENT_LOCAL,
					 EVENT_OUTBOUND};
	struct made *made = calloc(1, sizeof(*made));
	int64_t at_ms = 1000 * 1000;

	assert_non_null(made);
	for (size_t i = 0; i < LINES; i++) {
		uint64_t pause = random_next(&seed) % 100;

		at_ms += pause == 99 ? 400000 : pause == 98 ? 4000000 : (int64_t)pause * 50;
		if (pause == 97 && at_ms > 8000000 && random_next(&seed) % 8 == 0)
			at_ms -= 7200000;
		made->lines[i] = (struct line){
			.at_ms = at_ms,
			.kind = (enum event_kind)(1 + random_next(&seed) % (EVENT_MAX - 1)),
			.key = (enum session_key)(random_next(&seed) % 4),
			.mta = (enum mta)(1 + random_next(&seed) % 3),
			.pid = (uint32_t)(random_next(&seed) % 12),
			.port = (uint16_t)(random_next(&seed) % 5),
			.flags = flags[random_next(&seed) % COUNT_OF(flags)],
			.reason = (enum reason)(random_next(&seed) % 6),
			.stage = (enum stage)(random_next(&seed) % STAGE_MAX),
			.code = (uint16_t)(random_next(&seed) % 3 * 50 + 450),
			.delivery = (enum delivery)(random_next(&seed) % 8),
			.bytes = random_next(&seed) % 3 * 100,
			.delay_s1 = (uint32_t)(random_next(&seed) % 9 == 0),
		};
		make_words(made, i, &seed);
	}
	return made;
}

static struct feed *whole(const struct made *made, const struct session_options *options)
{
	struct feed *feed = feed_new(options);

	feed_lines(feed, made->lines, LINES, LINES);
	feed_finish(feed);
	return feed;
}

static void stop_and_go_on(struct feed *feed)
{
	char *bytes;
	size_t len;

	sessions_save(feed->sessions, &bytes, &len);
	feed_restart(feed);
	assert_int_equal(sessions_restore(feed->sessions, bytes, len), 0);
	free(bytes);
}

static const struct session_options few = {.open_max = 15, .words = WORDS_ALL};

static void test_pieces(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		const struct session_options *options = seed % 2 ? NULL : &few;
		struct made *made = make(seed);
		struct feed *feed = whole(made, options);

		for (size_t chunk = 1; chunk < 40; chunk += 6) {
			struct feed *other = feed_new(options);

			feed_lines(other, made->lines, LINES, chunk);
			feed_finish(other);
			feed_assert_same(feed, other);
			feed_free(other);
		}
		feed_free(feed);
		free(made);
	}
}

static void test_stopped(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		const struct session_options *options = seed % 2 ? NULL : &few;
		struct made *made = make(seed);
		struct feed *feed = whole(made, options), *other = feed_new(options);
		uint64_t random = seed;
		size_t at = 0;

		while (at < LINES) {
			size_t count = 1 + random_next(&random) % 60;

			if (count > LINES - at)
				count = LINES - at;
			feed_lines(other, made->lines + at, count, count);
			at += count;
			stop_and_go_on(other);
		}
		feed_finish(other);
		feed_assert_same(feed, other);
		assert_int_equal(sessions_forgotten(feed->sessions),
				 sessions_forgotten(other->sessions));
		feed_free(feed);
		feed_free(other);
		free(made);
	}
}

/* Each length short of all, each byte changed: refused, and nothing is open. */
static void test_damaged(void **state)
{
	struct made *made = make(3);
	struct feed *feed = feed_new(NULL);
	size_t len;
	char *bytes;

	(void)state;
	feed_lines(feed, made->lines, 300, 300);
	sessions_save(feed->sessions, &bytes, &len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(sessions_restore(feed->sessions, bytes, i), -EBADMSG);
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 1;
		assert_int_equal(sessions_restore(feed->sessions, bytes, len), -EBADMSG);
		bytes[i] ^= 1;
	}
	feed->fact_count = 0;
	feed_finish(feed);
	assert_int_equal(feed->fact_count, 0);
	assert_int_equal(sessions_restore(feed->sessions, bytes, len), 0);
	feed_finish(feed);
	assert_true(feed->fact_count > 0);
	free(bytes);
	feed_free(feed);
	free(made);
}

static void add_thousand(void *context, enum sessions_id kind, uint32_t *id)
{
	(void)kind;
	(*(size_t *)context)++;
	*id += 1000;
}

/* A store gives other ids to what is open. */
static void test_renumbered(void **state)
{
	struct line line = {0,
			    EVENT_REFUSAL,
			    KEY_PROCESS,
			    .pid = 1,
			    .client = "192.0.2.1",
			    .mta = MTA_SENDMAIL,
			    .id = "Q1",
			    .stage = STAGE_RCPT,
			    .helo = "helo",
			    .recipient = "far@x",
			    .text = "no",
			    .flags = EVENT_LOCAL};
	struct feed *feed = feed_new(NULL);
	size_t visits = 0;

	(void)state;
	feed_line(feed, line);
	sessions_each_id(feed->sessions, add_thousand, &visits);
	assert_int_equal(visits, 2 + 4);
	feed_line(feed, (struct line){0, .kind = EVENT_REFUSAL, .recipient = "far@x",
				      .flags = EVENT_LOCAL});
	feed_finish(feed);
	assert_int_equal(feed->facts[0].client, 1001);
	assert_true(feed->facts[0].helo > 1000);
	assert_int_equal(feed->attempts[1].client, 1001);
	assert_true(feed->attempts[1].recipient > 1000);
	assert_int_equal(feed_roles(feed, "x", ROLE_LOCAL_DOMAIN), 2); /* told again */
	assert_int_equal(feed->role_count, 2);
	feed_free(feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_renumbered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
