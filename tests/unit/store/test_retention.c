/* What is old goes, with the words that only it used; what stays is unchanged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "scratch.h"

#define FACTS 200000u

static void fill(struct scratch *scratch)
{
	const struct input_totals totals = {
		.lines = FACTS, .first_time = FACTS_BEGIN, .last_time = FACTS_BEGIN + FACTS / 3};
	struct err err = {""};

	for (uint32_t n = 0; n < FACTS; n++) {
		struct attempt attempt = fact_attempt(n, scratch->directory);
		struct session_fact session = fact_session(n, scratch->directory);

		scratch->sink.attempt(scratch->sink.context, &attempt);
		scratch->sink.session(scratch->sink.context, &session);
		if (n < FACTS / 3 / SLOT_S) {
			struct slot slot = fact_slot(n);

			scratch->sink.slot(scratch->sink.context, &slot);
		}
		scratch->keeper.note(scratch->keeper.context, 1, attempt.time, n * HASH_K0);
	}
	assert_int_equal(scratch->keeper.commit(scratch->keeper.context, NULL, 0, &totals,
						scratch->sessions, &err),
			 0);
}

/* A session that is open while words are renumbered. */
static void open_session(struct scratch *scratch)
{
	struct event event = {
		.time_s = FACTS_BEGIN + FACTS / 3,
		.kind = EVENT_CONNECT,
		.key = KEY_PROCESS,
		.mta = MTA_POSTFIX,
		.flags = EVENT_HAS_CLIENT,
		.repeat = 1,
		.pid = 77,
		.delay_s = UINT32_MAX,
	};

	assert_true(ip_parse(VIEW("192.0.2.99"), &event.client));
	word_set(&event.host, VIEW("mx1"));
	word_set(&event.name, VIEW("patient.example"));
	sessions_take(scratch->sessions, &event, 1);
}

static off_t size_of(struct scratch *scratch)
{
	struct stat status;

	assert_int_equal(stat(scratch->store, &status), 0);
	return status.st_size;
}

static void the_old_goes_and_the_rest_stays(void **state)
{
	static const char digest[] =
		"select count(*) || ' ' || sum(time_unix) || ' ' || sum(length(sender)) || ' ' || "
		"sum(length(client)) || ' ' || count(distinct name) || ' ' || "
		"group_concat(distinct "
		"helo) from attempts where time_unix >= 1700060400";
	struct scratch scratch;
	struct err err = {""};
	char *before;
	off_t size;

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	open_session(&scratch);
	fill(&scratch);
	before = scratch_value(scratch.opened, digest);
	scratch_close(&scratch);
	size = size_of(&scratch);
	scratch_open(&scratch);
	/* 1700066666 - 6000 is rounded down to 1700060400. */
	assert_int_equal(store_keep(scratch.opened, 6000, NULL, VIEW(""), &err), 0);
	scratch_expect(scratch.opened, digest, before);
	scratch_expect(scratch.opened, "select min(time_unix) from attempts", "1700060400");
	scratch_expect(scratch.opened, "select min(end_unix) from sessions", "1700060400");
	scratch_expect(scratch.opened, "select min(start) >= 1700060400 from slots", "1");
	scratch_expect(scratch.opened, "select min(hour) from line_hashes", "472239");
	scratch_expect(scratch.opened,
		       "select count(*) from strings where text = 'sender1@example.com'", "0");
	scratch_expect(scratch.opened, "select first_time from totals", "1700060400");
	assert_true(size_of(&scratch) < size / 3);
	/* The store goes on with the new ids: in this run and in the next. */
	for (int run = 0; run < 2; run++) {
		struct attempt attempt = fact_attempt(FACTS - 1, scratch.directory);

		scratch.sink.attempt(scratch.sink.context, &attempt);
		assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
		scratch_close(&scratch);
		scratch_expect((scratch_open(&scratch), scratch.opened),
			       "select count(*) from attempts where sender = "
			       "'sender199999@example.com' and helo = 'helo99'",
			       run ? "3" : "2");
	}
	sessions_finish(scratch.sessions);
	assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	scratch_expect(scratch.opened, "select name from sessions where client = '192.0.2.99'",
		       "patient.example");
	free(before);
	scratch_release(&scratch);
}

static void nothing_old_is_no_work(void **state)
{
	struct scratch scratch;
	struct err err = {""};

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	assert_int_equal(store_keep(scratch.opened, 86400, NULL, VIEW(""), &err), 0);
	fill(&scratch);
	assert_int_equal(store_keep(scratch.opened, 86400, NULL, VIEW(""), &err), 0);
	assert_int_equal(store_keep(scratch.opened, INT64_MAX, NULL, VIEW(""), &err), 0);
	scratch_expect(scratch.opened, "select count(*) from attempts", "200000");
	assert_int_equal(store_keep(scratch.opened, 0, NULL, VIEW(""), &err), 0);
	scratch_expect(scratch.opened, "select count(*) < 3000 from attempts", "1");
	scratch_release(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_old_goes_and_the_rest_stays),
		cmocka_unit_test(nothing_old_is_no_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
