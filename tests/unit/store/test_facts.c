/* Facts that went into the store come out of it as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/memory.h"
#include "scratch.h"
#include "store/internal.h"

/* The facts of a part, all of them, in order; freed by the caller. */
static char *read_part(struct store *store, enum part part, size_t *ret_count, size_t *ret_segments)
{
	size_t row_size = fact_part(part)->table.row_size, count = 0, segments = 0;
	struct fact_cursor cursor;
	char *rows = NULL;
	struct err err = {""};

	assert_int_equal(fact_cursor_open(store, part, 0, INT64_MAX, COLUMNS_ALL, &cursor, &err),
			 0);
	while (fact_cursor_next(&cursor, &err) > 0) {
		rows = memory_resize(rows, count + cursor.count, row_size);
		memcpy(rows + count * row_size, cursor.rows, cursor.count * row_size);
		count += cursor.count;
		segments++;
	}
	fact_cursor_close(&cursor);
	assert_string_equal(err.text, "");
	*ret_count = count;
	*ret_segments = segments;
	return rows;
}

static void give(struct scratch *scratch, uint32_t from, uint32_t until)
{
	for (uint32_t n = from; n < until; n++) {
		struct attempt attempt = fact_attempt(n, scratch->directory);
		struct session_fact session = fact_session(n, scratch->directory);

		scratch->sink.attempt(scratch->sink.context, &attempt);
		scratch->sink.session(scratch->sink.context, &session);
		if (n % 10 == 0) {
			struct role_fact role = fact_role(n / 10, scratch->directory);

			scratch->sink.role(scratch->sink.context, &role);
		}
	}
}

static void expect(struct scratch *scratch, uint32_t count, size_t most_segments)
{
	struct store *store;
	struct directory *directory;
	struct err err = {""};
	struct attempt *attempts;
	struct session_fact *sessions;
	struct role_fact *roles;
	size_t got, segments;

	assert_int_equal(store_open(scratch->store, STORE_READ, &store, &err), 0);
	directory = store_directory(store, true, &err);
	assert_non_null(directory);
	attempts = (void *)read_part(store, PART_ATTEMPTS, &got, &segments);
	assert_int_equal(got, count);
	assert_true(segments <= most_segments);
	sessions = (void *)read_part(store, PART_SESSIONS, &got, &segments);
	assert_int_equal(got, count);
	roles = (void *)read_part(store, PART_ROLES, &got, &segments);
	assert_int_equal(got, (count + 9) / 10);
	for (uint32_t n = 0; n < count; n++) {
		struct attempt attempt = fact_attempt(n, directory);
		struct session_fact session = fact_session(n, directory);
		struct role_fact role = fact_role(n / 10, directory);

		assert_memory_equal(&attempts[n], &attempt, sizeof(attempt));
		assert_memory_equal(&sessions[n], &session, sizeof(session));
		if (n % 10 == 0)
			assert_memory_equal(&roles[n / 10], &role, sizeof(role));
	}
	free(attempts);
	free(sessions);
	free(roles);
	store_close(store);
}

static void test_round_trip(void **state)
{
	/* Where commits fall: many small ones, just below and above a segment. */
	static const struct {
		uint32_t commits[6];
		size_t segments;
	} cases[] = {
		{{1}, 1},
		{{100, 200, 300, 5000}, 1},
		{{20000, 20001, 20002}, 2},
		{{65535, 65536, 65537}, 2},
		{{10, 140000, 140001}, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scratch scratch;
		struct err err = {""};
		uint32_t until = 0;

		scratch_init(&scratch);
		for (size_t j = 0; cases[i].commits[j]; j++) {
			/* Every other commit in a run of its own. */
			if (!scratch.opened)
				scratch_open(&scratch);
			give(&scratch, until, cases[i].commits[j]);
			until = cases[i].commits[j];
			assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
			if (j % 2)
				scratch_close(&scratch);
		}
		expect(&scratch, until, cases[i].segments);
		scratch_release(&scratch);
	}
}

static void test_slots_add_up(void **state)
{
	struct scratch scratch;
	struct err err = {""};

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	for (uint32_t n = 0; n < 20; n++) {
		struct slot slot = fact_slot(n % 10);

		scratch.sink.slot(scratch.sink.context, &slot);
		if (n == 7)
			assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	}
	assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	scratch_expect(scratch.opened, "select count(*) from slots", "10");
	scratch_expect(scratch.opened,
		       "select received || ' ' || delivered || ' ' || bytes_received || ' ' || "
		       "peak_concurrent || ' ' || max_ms || ' ' || connections from slots "
		       "order by start limit 1 offset 3",
		       "6 12 10000000000 3 997 8");
	scratch_release(&scratch);
}

static void test_unchanged_name_and_new_name(void **state)
{
	struct scratch scratch;
	struct err err = {""};
	struct word name;
	uint32_t id = 0;

	(void)state;
	scratch_init(&scratch);
	for (int run = 0; run < 3; run++) {
		struct ip ip;

		scratch_open(&scratch);
		for (uint32_t n = 0; n < 20000; n++) {
			char text[32];

			snprintf(text, sizeof(text), "192.%u.%u.1", n >> 8, n & 255);
			assert_true(ip_parse(view_string(text), &ip));
			id = directory_client(scratch.directory, &ip);
			assert_int_equal(id, n + 1);
		}
		word_set(&name, run < 2 ? VIEW("old.example") : VIEW("new.example"));
		directory_name_client(scratch.directory, 5, name, run == 2);
		assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
		scratch_close(&scratch);
	}
	scratch_open(&scratch);
	scratch_expect(scratch.opened, "select count(*) from clients", "20000");
	scratch_expect(scratch.opened,
		       "select name || confirmed from clients where client = '192.0.4.1'",
		       "new.example0");
	scratch_release(&scratch);
}

static void test_period_and_totals(void **state)
{
	struct scratch scratch;
	struct err err = {""};
	struct input_totals totals = {.files = 2,
				      .lines = 30,
				      .bytes = 400,
				      .not_understood = 5,
				      .first_time = 1000,
				      .last_time = 2000,
				      .samples = {{"postfix/odd", "what?", 5, 5}},
				      .sample_count = 1};
	struct input_totals got;
	int64_t from, until;

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	assert_int_equal(store_period(scratch.opened, &from, &until, &err), 0);
	assert_true(from == 0 && until == 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(scratch.keeper.commit(scratch.keeper.context, NULL, 0, &totals,
						       scratch.sessions, &err),
				 0);
	assert_int_equal(store_period(scratch.opened, &from, &until, &err), 0);
	assert_true(from == 1000 && until == 2000);
	assert_int_equal(store_totals(scratch.opened, &got, &err), 0);
	assert_int_equal(got.lines, 60);
	assert_int_equal(got.sample_count, 1);
	assert_int_equal(got.samples[0].count, 10);
	assert_string_equal(got.samples[0].program, "postfix/odd");
	assert_memory_equal(got.samples[0].line, "what?", 5);
	scratch_release(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_slots_add_up),
		cmocka_unit_test(test_unchanged_name_and_new_name),
		cmocka_unit_test(test_period_and_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
