/*
 * The facts of a log are the same for any number of threads, any size of
 * block, and whatever copies of it are read along.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pipeline/pipeline.h"

struct digest {
	uint64_t attempts, sessions, slots, roles; /* sums: order does not matter */
	size_t attempt_count, session_count;
	uint64_t in_order;
};

static uint64_t hash_of(const void *bytes, size_t size)
{
	return hash64(bytes, size);
}

static void on_attempt(void *context, const struct attempt *attempt)
{
	struct digest *digest = context;
	uint64_t hash = hash_of(attempt, sizeof(*attempt));

	digest->attempts += hash;
	digest->attempt_count++;
	digest->in_order = hash_pair(digest->in_order, hash);
}

static void on_session(void *context, const struct session_fact *session)
{
	struct digest *digest = context;
	uint64_t hash = hash_of(session, sizeof(*session));

	digest->sessions += hash;
	digest->session_count++;
	digest->in_order = hash_pair(digest->in_order, hash);
}

static void on_slot(void *context, const struct slot *slot)
{
	struct digest *digest = context;

	digest->slots += slot->received + 3 * slot->delivered + 5 * slot->rejected +
			 7 * slot->connections + 11 * slot->connected_ms +
			 13 * slot->bytes_received;
}

static void on_role(void *context, const struct role_fact *role)
{
	struct digest *digest = context;

	digest->roles += role->string;
}

static struct digest read_logs(char **paths, size_t count, unsigned int jobs, size_t block_bytes,
			       struct input_totals *totals)
{
	struct digest digest = {0};
	struct fact_sink sink = {.context = &digest,
				 .attempt = on_attempt,
				 .session = on_session,
				 .slot = on_slot,
				 .role = on_role};
	struct pipeline_options options = {
		.jobs = jobs,
		.block_bytes = block_bytes,
		.year = 2026,
		.sessions.words = WORDS_ALL,
	};
	struct directory directory;
	struct err err;

	assert_int_equal(zone_open("UTC", &options.zone, &err), 0);
	directory_init(&directory);
	assert_int_equal(
		pipeline_read(paths, count, &options, &directory, &sink, NULL, totals, &err), 0);
	directory_release(&directory);
	zone_free(options.zone);
	return digest;
}

static char *data(const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", getenv("MXWATCH_DATA"), name) > 0);
	return path;
}

static void assert_same(struct digest a, struct digest b)
{
	assert_int_equal(a.attempt_count, b.attempt_count);
	assert_int_equal(a.session_count, b.session_count);
	assert_int_equal(a.attempts, b.attempts);
	assert_int_equal(a.sessions, b.sessions);
	assert_int_equal(a.slots, b.slots);
	assert_int_equal(a.roles, b.roles);
	assert_int_equal(a.in_order, b.in_order);
}

static const char *const logs[] = {
	"postfix-default/mail.log",  "postfix-postscreen/mail.5424.log", "exim-default/mainlog",
	"exim-verbose/mail.iso.log", "sendmail-ll14/mail.log",
};

static void any_jobs_and_blocks_give_the_same(void **state)
{
	static const struct {
		unsigned int jobs;
		size_t block_bytes;
	} ways[] = {{2, 0}, {8, 4096}, {3, 700}, {1, 64}};

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		char *path = data(logs[i]);
		struct input_totals first, totals;
		struct digest expected = read_logs(&path, 1, 1, 0, &first);

		assert_true(expected.attempt_count > 100);
		assert_int_equal(first.not_understood, 0);
		for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
			struct digest digest =
				read_logs(&path, 1, ways[w].jobs, ways[w].block_bytes, &totals);

			assert_same(expected, digest);
			assert_int_equal(first.lines, totals.lines);
			assert_int_equal(first.bytes, totals.bytes);
			assert_int_equal(first.other_programs, totals.other_programs);
		}
		free(path);
	}
}

static void a_log_named_twice_counts_once(void **state)
{
	char *one[] = {data("postfix-default/mail.log")};
	char *two[] = {one[0], one[0]};
	struct input_totals totals;

	(void)state;
	for (unsigned int jobs = 1; jobs <= 4; jobs++) {
		struct digest once = read_logs(one, 1, jobs, 0, &totals);
		struct digest twice = read_logs(two, 2, jobs, 8192, &totals);

		assert_same(once, twice);
	}
	free(one[0]);
}

static void the_reject_log_repeats_the_main_log(void **state)
{
	static const char *const runs[] = {"exim-default", "exim-verbose"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char name[64];
		char *both[2], *other_way[2];
		struct input_totals totals;
		struct digest main_alone;

		snprintf(name, sizeof(name), "%s/mainlog", runs[i]);
		both[0] = other_way[1] = data(name);
		snprintf(name, sizeof(name), "%s/rejectlog", runs[i]);
		both[1] = other_way[0] = data(name);
		main_alone = read_logs(both, 1, 2, 0, &totals);
		assert_same(main_alone, read_logs(both, 2, 2, 0, &totals));
		assert_same(main_alone, read_logs(other_way, 2, 1, 1000, &totals));
		free(both[0]);
		free(both[1]);
	}
}

static void what_cannot_be_opened_is_an_error(void **state)
{
	char *path = data("no-such-log");
	struct pipeline_options options = {.jobs = 2};
	struct digest digest = {0};
	struct fact_sink sink = {.context = &digest,
				 .attempt = on_attempt,
				 .session = on_session,
				 .slot = on_slot,
				 .role = on_role};
	struct input_totals totals;
	struct directory directory;
	struct err err;

	(void)state;
	assert_int_equal(zone_open("UTC", &options.zone, &err), 0);
	directory_init(&directory);
	assert_true(pipeline_read(&path, 1, &options, &directory, &sink, NULL, &totals, &err) < 0);
	assert_non_null(strstr(err.text, "no-such-log"));
	directory_release(&directory);
	zone_free(options.zone);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_jobs_and_blocks_give_the_same),
		cmocka_unit_test(a_log_named_twice_counts_once),
		cmocka_unit_test(the_reject_log_repeats_the_main_log),
		cmocka_unit_test(what_cannot_be_opened_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
