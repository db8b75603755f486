/* One writer at a time; readers beside it; a dead writer is no hindrance; files
   that are not stores are told from stores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scratch.h"

/* A child that writes to the store and then holds it until it is killed. */
static pid_t writer_start(struct scratch *scratch)
{
	int ready[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct attempt attempt;
		struct err err;

		close(ready[0]);
		scratch_open(scratch);
		attempt = fact_attempt(1, scratch->directory);
		scratch->sink.attempt(scratch->sink.context, &attempt);
		if (scratch_commit(scratch, NULL, 0, &err) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void a_second_writer_waits_and_says_for_whom(void **state)
{
	struct scratch scratch;
	struct store *store;
	struct err err = {""};
	char pid[32];
	time_t begin;
	pid_t child;

	(void)state;
	scratch_init(&scratch);
	child = writer_start(&scratch);
	/* A reader does not wait. */
	begin = time(NULL);
	assert_int_equal(store_open(scratch.store, STORE_READ, &store, &err), 0);
	scratch_expect(store, "select count(*) from attempts", "1");
	store_close(store);
	assert_true(time(NULL) - begin <= 2);
	assert_int_equal(store_open(scratch.store, STORE_WRITE, &store, &err), -EBUSY);
	assert_true(time(NULL) - begin >= 9);
	snprintf(pid, sizeof(pid), "process %ld ", (long)child);
	assert_non_null(strstr(err.text, pid));
	/* Killed with the store in its hands. */
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	begin = time(NULL);
	scratch_open(&scratch);
	assert_true(time(NULL) - begin <= 2);
	scratch_expect(scratch.opened, "select count(*) from attempts", "1");
	scratch_release(&scratch);
}

static void a_reader_keeps_what_it_saw(void **state)
{
	struct scratch scratch;
	struct store *reader;
	struct err err = {""};

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	for (uint32_t n = 0; n < 3; n++) {
		struct attempt attempt = fact_attempt(n, scratch.directory);

		scratch.sink.attempt(scratch.sink.context, &attempt);
		if (n == 1)
			assert_int_equal(store_open(scratch.store, STORE_READ, &reader, &err), 0);
		assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	}
	scratch_expect(reader, "select count(*) from attempts", "1");
	store_close(reader);
	assert_int_equal(store_open(scratch.store, STORE_READ, &reader, &err), 0);
	scratch_expect(reader, "select count(*) from attempts", "3");
	store_close(reader);
	scratch_release(&scratch);
}

static void make_database(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void other_files_are_told_apart(void **state)
{
	static const struct {
		const char *sql; /* NULL: no file; "": an empty one; "!": no database */
		enum store_mode mode;
		int error;
		const char *words;
	} cases[] = {
		{NULL, STORE_READ, -ENOENT, "there is no store"},
		{NULL, STORE_WRITE, 0, ""},
		{"", STORE_READ, -ENOENT, "is empty"},
		{"", STORE_WRITE, 0, ""},
		{"!", STORE_READ, -EPROTO, "not a store"},
		{"!", STORE_WRITE, -EPROTO, "not a store"},
		{"create table x(y)", STORE_READ, -EPROTO, "another program"},
		{"create table x(y)", STORE_WRITE, -EPROTO, "another program"},
		{"create table x(y); pragma application_id = 5", STORE_READ, -EPROTO,
		 "another program"},
		{"pragma application_id = 1836611377; pragma user_version = 99; create table x(y)",
		 STORE_READ, -EPROTO, "newer mxwatch"},
		{"pragma application_id = 1836611377; pragma user_version = 99; create table x(y)",
		 STORE_WRITE, -EPROTO, "newer mxwatch"},
		{"pragma application_id = 1836611377; create table x(y)", STORE_WRITE, -EPROTO,
		 "another program"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scratch scratch;
		struct store *store = NULL;
		struct err err = {""};
		int r;

		scratch_init(&scratch);
		if (cases[i].sql && cases[i].sql[0] == '!')
			scratch_write(&scratch, "x.db", "this is a text of some length\n", 30);
		else if (cases[i].sql && cases[i].sql[0])
			make_database(scratch_path(&scratch, "x.db"), cases[i].sql);
		else if (cases[i].sql)
			scratch_write(&scratch, "x.db", "", 0);
		r = store_open(scratch_path(&scratch, "x.db"), cases[i].mode, &store, &err);
		if (r != cases[i].error || !strstr(err.text, cases[i].words))
			fail_msg("case %zu: %d (%s)", i, r, err.text);
		store_close(store);
		scratch_release(&scratch);
	}
}

static void never_called(void *context, const struct block_record *record)
{
	(void)context;
	fail_msg("a block of %s", record->prefix);
}

/* A reader must not change it, and what it lacks is no damage. */
static void an_older_store_is_read_as_it_is(void **state)
{
	struct enrichment enrichment;
	struct attempt attempt;
	struct scratch scratch;
	struct store *store;
	struct err err = {""};
	char *bytes;
	size_t len;

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	attempt = fact_attempt(1, scratch.directory);
	scratch.sink.attempt(scratch.sink.context, &attempt);
	assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	scratch_close(&scratch);
	make_database(scratch.store,
		      "drop table memory; drop table enrichment; drop table listings; "
		      "drop table block_trail; pragma user_version = 1");
	if (store_open(scratch.store, STORE_READ, &store, &err) < 0)
		fail_msg("%s", err.text);
	scratch_expect(store, "select count(*) from attempts", "1");
	scratch_expect(store, "select count(*) from blocks", "0");
	assert_int_equal(store_memory(store, "any", &bytes, &len, &err), 0);
	assert_null(bytes);
	enrichment_init(&enrichment);
	assert_int_equal(store_load_enrichment(store, &enrichment, &err), 0);
	enrichment_release(&enrichment);
	assert_int_equal(store_blocks_each(store, never_called, NULL, &err), 0);
	store_close(store);
	scratch_open(&scratch);
	scratch_expect(scratch.opened, "select count(*) from main.block_trail", "0");
	scratch_release(&scratch);
}

static void the_default_path_follows_the_user(void **state)
{
	char path[PATH_MAX];
	struct err err;

	(void)state;
	assert_int_equal(store_default_path(path, sizeof(path), &err), 0);
	assert_non_null(strstr(path, "mxwatch/store.db"));
	assert_true(store_default_path(path, 5, &err) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_writer_waits_and_says_for_whom),
		cmocka_unit_test(a_reader_keeps_what_it_saw),
		cmocka_unit_test(other_files_are_told_apart),
		cmocka_unit_test(an_older_store_is_read_as_it_is),
		cmocka_unit_test(the_default_path_follows_the_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
