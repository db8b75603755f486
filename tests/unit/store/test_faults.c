/* Killed, out of disk or damaged: the store is whole, or says what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scratch.h"

#define A_COMMIT 1000u

/* One commit: facts number FROM on, and a slot that counts commits. */
static int give(struct scratch *scratch, uint32_t from, struct err *err)
{
	const struct slot slot = {.start = 0, .received = 1};

	for (uint32_t n = from; n < from + A_COMMIT; n++) {
		struct attempt attempt = fact_attempt(n, scratch->directory);

		scratch->sink.attempt(scratch->sink.context, &attempt);
		scratch->keeper.note(scratch->keeper.context, 1, attempt.time, n * HASH_K0);
	}
	scratch->sink.slot(scratch->sink.context, &slot);
	return scratch_commit(scratch, NULL, 0, err);
}

/* Every commit is there wholly or not at all; returns how many are. */
static uint32_t commits_whole(struct scratch *scratch)
{
	char *commits = scratch_value(scratch->opened, "select received from slots");
	uint32_t count = (uint32_t)strtoul(commits, NULL, 10);
	char expected[64];

	snprintf(expected, sizeof(expected), "%u", count * A_COMMIT);
	scratch_expect(scratch->opened, "select count(*) from attempts", expected);
	scratch_expect(scratch->opened,
		       "select count(distinct nullif(sender, '')) * 5 / 4 from attempts", expected);
	scratch_expect(scratch->opened, "select coalesce(sum(lines), 0) from line_hashes",
		       expected);
	snprintf(expected, sizeof(expected), "%u", count * 10);
	scratch_expect(scratch->opened, "select lines from totals", expected);
	free(commits);
	return count;
}

static void killed_at_any_moment(void **state)
{
	struct scratch scratch;
	uint32_t last = 0;

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	scratch_close(&scratch);
	for (long round = 0; round < 15; round++) {
		struct timespec pause = {0, 20000000L + round * 7300000L};
		uint32_t now;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			struct err err;

			scratch_open(&scratch);
			for (uint32_t n = last; give(&scratch, n * A_COMMIT, &err) == 0; n++)
				;
			_exit(1);
		}
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		scratch_open(&scratch);
		now = commits_whole(&scratch);
		assert_true(now >= last);
		last = now;
		scratch_close(&scratch);
	}
	assert_true(last > 0);
	scratch_release(&scratch);
}

static void a_full_disk_loses_nothing(void **state)
{
	struct scratch scratch;
	struct err err = {""};
	uint32_t commits;
	int status;
	pid_t child;

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	assert_int_equal(give(&scratch, 0, &err), 0);
	scratch_close(&scratch);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit limit = {600000, 600000};
		int r = 0;

		signal(SIGXFSZ, SIG_IGN);
		scratch_open(&scratch);
		setrlimit(RLIMIT_FSIZE, &limit);
		for (uint32_t n = 1; n < 1000 && r == 0; n++)
			r = give(&scratch, n * A_COMMIT, &err);
		/* As a program would end; the journal may not fit into the file now. */
		scratch_close(&scratch);
		_exit(r == -ENOSPC && strstr(err.text, "disk is full") ? 7 : 8);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	scratch_open(&scratch);
	commits = commits_whole(&scratch);
	assert_true(commits >= 1);
	assert_int_equal(give(&scratch, commits * A_COMMIT, &err), 0);
	assert_int_equal(commits_whole(&scratch), commits + 1);
	scratch_release(&scratch);
}

static int no_row(void *context, int count, const char *const *values, const int *lengths,
		  const int *types)
{
	(void)context;
	(void)count;
	(void)values;
	(void)lengths;
	(void)types;
	return 0;
}

/* Uses all of a store that may be damaged; failing is fine, if words are given. */
static bool use(const char *path)
{
	static const char *const queries[] = {
		"select count(client || sender || helo) from attempts",
		"select count(client || reasons) from sessions",
		"select count(*), sum(delivered) from traffic",
		"select count(*) from strings",
		"select sum(length(data)) from line_hashes",
	};
	const struct store_sql sql = {.row = no_row};
	struct store *store;
	struct err err = {""};
	bool failed = false;

	if (store_open(path, STORE_READ, &store, &err) < 0) {
		assert_true(err.text[0] != '\0');
		return false;
	}
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		err.text[0] = '\0';
		if (store_query(store, queries[i], &sql, &err) < 0) {
			failed = true;
			assert_true(err.text[0] != '\0');
		}
	}
	store_close(store);
	return !failed;
}

static void damage_is_told(void **state)
{
	struct scratch scratch;
	struct err err = {""};
	uint64_t random = 1;
	struct stat status;
	int file, told = 0;

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	for (uint32_t n = 0; n < 5; n++)
		assert_int_equal(give(&scratch, n * A_COMMIT, &err), 0);
	scratch_close(&scratch);
	assert_true(use(scratch.store));
	assert_int_equal(stat(scratch.store, &status), 0);
	file = open(scratch.store, O_RDWR);
	for (int round = 0; round < 400; round++) {
		off_t at;
		char byte, other;

		random = hash_pair(random, (uint64_t)round);
		/* Every fourth time in the first page, where the database says what it is. */
		at = (off_t)(random % (uint64_t)(round % 4 ? status.st_size : 8192));
		other = (char)(random >> 40);
		assert_int_equal(pread(file, &byte, 1, at), 1);
		assert_int_equal(pwrite(file, &other, 1, at), 1);
		told += !use(scratch.store);
		assert_int_equal(pwrite(file, &byte, 1, at), 1);
	}
	assert_true(told > 50);
	assert_true(use(scratch.store));
	assert_int_equal(ftruncate(file, status.st_size / 2), 0);
	assert_false(use(scratch.store));
	close(file);
	scratch_release(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_moment),
		cmocka_unit_test(a_full_disk_loses_nothing),
		cmocka_unit_test(damage_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
