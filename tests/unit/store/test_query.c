/* Tables and views for people; nothing but reading gets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "scratch.h"

#define FACTS 70000u

static int fill(void **state)
{
	static struct scratch scratch;
	struct err err = {""};

	scratch_init(&scratch);
	scratch_open(&scratch);
	for (uint32_t n = 0; n < FACTS; n++) {
		struct attempt attempt = fact_attempt(n, scratch.directory);
		struct session_fact session = fact_session(n, scratch.directory);
		struct slot slot = fact_slot(n % 16);

		scratch.sink.attempt(scratch.sink.context, &attempt);
		scratch.sink.session(scratch.sink.context, &session);
		if (n < 16)
			scratch.sink.slot(scratch.sink.context, &slot);
	}
	assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	*state = &scratch;
	return 0;
}

static int empty(void **state)
{
	scratch_release(*state);
	return 0;
}

static void test_what_queries_give(void **state)
{
	static const struct {
		const char *query, *value;
	} cases[] = {
		{"select count(*) from attempts", "70000"},
		{"select count(*) from sessions", "70000"},
		{"select count(*) from clients", "5000"},
		{"select count(*) from strings where text = 'sender1@example.com'", "1"},
		{"select time from attempts limit 1", "2023-11-14T22:13:20Z"},
		{"select time || ' ' || client from attempts limit 1 offset 3",
		 "2023-11-14T22:13:21Z 2001:db8::3"},
		{"select client || ' ' || name || ' ' || helo || ' ' || sender || ' ' || recipient "
		 "|| "
		 "' ' || reason || ' ' || stage || ' ' || code || ' ' || reply || ' ' || count "
		 "from attempts limit 1 offset 2",
		 "10.0.0.2 host2.example.net helo2 sender2@example.com recipient2@example.org "
		 "unknown-recipient helo 450 reply 2 3"},
		/* No sender told, and the null sender: every tenth has neither. */
		{"select count(*) from attempts where sender = ''", "14000"},
		{"select count(*) from attempts where recipient is null", "17500"},
		{"select count(*) from refusals where reason = 'dnsbl'", "2917"},
		{"select count(*) from (select reason || '' as r from attempts) where r = 'dnsbl'",
		 "2917"},
		{"select count(*) from relay_attempts", "2917"},
		{"select count(*) from relay_attempts where reason = 'dnsbl'", "0"},
		{"select count(*) from attempts where client = '10.0.0.2'", "14"},
		{"select count(*) from attempts where client || '' = '10.0.0.2'", "14"},
		{"select count(*) from attempts where client = 'nonsense'", "0"},
		{"select count(*) from attempts where time_unix >= 1700010000", "40000"},
		{"select count(*) from attempts where time_unix > 1700010000", "39997"},
		{"select count(*) from attempts where time_unix < 1700010000", "30000"},
		{"select count(*) from attempts where time_unix <= 1700010000", "30003"},
		{"select count(*) from attempts where time_unix = 1700010000", "3"},
		{"select count(*) from attempts where time >= '2023-11-15'", "50800"},
		{"select count(*) from attempts where time < '2023-11-15'", "19200"},
		{"select count(*) from attempts where time < '2023-11-15' and time > '2023'",
		 "19200"},
		{"select count(*) from attempts where time < 1", "0"},
		{"select count(*) from attempts where time_unix < 'x'", "70000"},
		{"select count(*) from sessions where time_unix >= 1700010000", "40000"},
		{"select count(*) from sessions where client = '10.0.0.2'", "14"},
		{"select client || ' ' || seconds || ' ' || exact || ' ' || reasons || ' ' || "
		 "temporary "
		 "|| permanent from sessions limit 1 offset 3",
		 "2001:db8::3 3.003 0 unknown-sender 10"},
		{"select count(*) from attempts a join sessions s on a.session = s.session "
		 "where a.client = '10.0.0.4' and a.time_unix < 1700000005",
		 "1"},
		{"select count(*) from attempts a, attempts b where a.time_unix = 1700000100 and "
		 "b.time_unix = 1700000200",
		 "9"},
		{"select hour || ' ' || delivered || ' ' || rejected from traffic limit 1",
		 "2023-11-14T22:00:00Z 12 0"},
		{"select hour || ' ' || connections || ' ' || seconds || ' ' || peak_concurrent "
		 "from connections limit 1 offset 1",
		 "2023-11-14T23:00:00Z 16 32.0 7"},
		{"select 1; -- and no more", "1"},
	};

	struct scratch *scratch = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		scratch_expect(scratch->opened, cases[i].query, cases[i].value);
}

static void test_only_reading(void **state)
{
	static const struct {
		const char *query;
		int error;
	} cases[] = {
		{"delete from slots", -EACCES},
		{"insert into slots(start) values (1)", -EACCES},
		{"update sqlite_master set sql = ''", -EINVAL},
		{"delete from sqlite_master", -EINVAL},
		{"drop table segments", -EACCES},
		{"drop view refusals", -EACCES},
		{"create temp table x(y)", -EACCES},
		{"pragma writable_schema = on", -EACCES},
		{"pragma journal_mode = delete", -EACCES},
		{"attach '/etc/passwd' as x", -EACCES},
		{"vacuum", -EACCES},
		{"begin", -EACCES},
		{"select load_extension('x')", -EINVAL},
		{"select 1; delete from slots", -EINVAL},
		{"select 1; select 2", -EINVAL},
		{"select nonsense", -EINVAL},
		{"selec", -EINVAL},
		{"insert into attempts(time) values ('x')", -EACCES},
	};
	const struct store_sql nothing = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scratch *scratch = *state;
		struct err err = {""};
		int r = store_query(scratch->opened, cases[i].query, &nothing, &err);

		if (r != cases[i].error)
			fail_msg("%s: %d (%s)", cases[i].query, r, err.text);
		assert_true(err.text[0] != '\0');
	}
}

static void test_reader_sees_the_same(void **state)
{
	struct scratch *scratch = *state;
	struct store *reader;
	struct err err = {""};

	assert_int_equal(store_open(scratch->store, STORE_READ, &reader, &err), 0);
	scratch_expect(reader, "select count(*) from relay_attempts", "2917");
	scratch_expect(reader, "select max(time) from sessions", "2023-11-15T04:42:13Z");
	store_close(reader);
}

/* What is open ends in queries, not in the store. */
static void test_open_sessions_are_seen(void **state)
{
	static const char counts[] = "select count(*) || ' ' || max(client) || ' ' || "
				     "sum(accepted) || ' ' || sum(expired) from sessions";
	struct scratch scratch;
	struct store *reader;
	struct err err = {""};
	struct event event = {.time_s = FACTS_BEGIN,
			      .kind = EVENT_CONNECT,
			      .mta = MTA_POSTFIX,
			      .key = KEY_PROCESS,
			      .pid = 7,
			      .repeat = 1,
			      .delay_s = UINT32_MAX,
			      .flags = EVENT_HAS_CLIENT};

	(void)state;
	assert_true(ip_parse(VIEW("192.0.2.1"), &event.client));
	scratch_init(&scratch);
	scratch_open(&scratch);
	sessions_take(scratch.sessions, &event, 1);
	event.kind = EVENT_RECEIVED;
	sessions_take(scratch.sessions, &event, 1);
	assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	for (int again = 0; again < 2; again++) {
		scratch_expect(scratch.opened, counts, "1 192.0.2.1 1 1");
		scratch_expect(scratch.opened, "select sum(connections) from connections", "1");
		scratch_expect(scratch.opened, "select sum(received) from traffic", "1");
	}
	event.kind = EVENT_DISCONNECT;
	event.time_s += 5;
	sessions_take(scratch.sessions, &event, 1);
	assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	scratch_close(&scratch);
	assert_int_equal(store_open(scratch.store, STORE_READ, &reader, &err), 0);
	scratch_expect(reader, counts, "1 192.0.2.1 1 0");
	scratch_expect(reader, "select sum(seconds) from connections", "5.0");
	store_close(reader);
	scratch_release(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_queries_give),
		cmocka_unit_test(test_only_reading),
		cmocka_unit_test(test_reader_sees_the_same),
		cmocka_unit_test(test_open_sessions_are_seen),
	};

	return cmocka_run_group_tests(tests, fill, empty);
}
