/* Each line counts once, however its log is named, rotated, packed or copied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "scratch.h"
#include "source/source.h"

#define BEGIN_S INT64_C(1700000000)

/* Lines FROM to UNTIL of the log of SERVER, one a second, as text. Every tenth
   stands twice. Freed by the caller. */
static char *lines_of(const char *server, int from, int until, size_t *ret_len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);

	for (int n = from; n < until; n++)
		for (int times = n % 10 ? 1 : 2; times > 0; times--)
			fprintf(out, "%lld %s line %d\n", (long long)(BEGIN_S + n), server, n);
	fclose(out);
	return text;
}

static void write_lines(struct scratch *scratch, const char *name, const char *server, int from,
			int until)
{
	size_t len;
	char *text = lines_of(server, from, until, &len);

	scratch_write(scratch, name, text, len);
	free(text);
}

static void append_lines(struct scratch *scratch, const char *name, const char *server, int from,
			 int until)
{
	size_t len;
	char *text = lines_of(server, from, until, &len);
	FILE *file = fopen(scratch_path(scratch, name), "ab");

	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
	free(text);
}

static void pack_lines(struct scratch *scratch, const char *name, const char *server, int from,
		       int until)
{
	size_t len;
	char *text = lines_of(server, from, until, &len);
	gzFile file = gzopen(scratch_path(scratch, name), "wb");

	assert_int_equal(gzwrite(file, text, (unsigned int)len), len);
	gzclose(file);
	free(text);
}

/* A log as the pipeline reads it, all at once. */
struct reading {
	char *text;
	size_t len;
	uint32_t log;
	uint64_t offset;
	int64_t last_time;
};

static bool reading_begin(struct scratch *scratch, const char *name, struct reading *reading)
{
	const struct keeper *keeper = &scratch->keeper;
	struct source *source;
	struct err err = {""};
	char buffer[1000];
	ssize_t n;
	int r;

	*reading = (struct reading){0};
	r = keeper->begin(keeper->context, scratch_path(scratch, name), &reading->offset,
			  &reading->log, &reading->last_time, &err);
	if (r < 0)
		fail_msg("%s", err.text);
	if (r == 1)
		return false;
	assert_int_equal(source_open(scratch_path(scratch, name), &source, &err), 0);
	while ((n = source_read(source, buffer, sizeof(buffer), &err)) > 0) {
		reading->text = memory_resize(reading->text, reading->len + (size_t)n, 1);
		memcpy(reading->text + reading->len, buffer, (size_t)n);
		reading->len += (size_t)n;
	}
	source_close(source);
	return true;
}

/* Takes lines up to the time UNTIL; returns how many are new. */
static int reading_take(struct scratch *scratch, struct reading *reading, int64_t until)
{
	const struct keeper *keeper = &scratch->keeper;
	int fresh = 0;

	while (reading->offset < reading->len) {
		struct view rest =
			view_from(view_of(reading->text, reading->len), (size_t)reading->offset);
		size_t end = view_find_byte(rest, '\n');
		int64_t time = strtoll(rest.ptr, NULL, 10);
		uint64_t hash;

		if (end == VIEW_NONE || time >= until)
			break;
		hash = hash64(rest.ptr, end);
		reading->offset += end + 1;
		reading->last_time = time;
		if (keeper->told(keeper->context, reading->log, time, hash))
			continue;
		keeper->note(keeper->context, reading->log, time, hash);
		fresh++;
	}
	return fresh;
}

static void reading_end(const struct reading *reading, struct keeper_progress *ret)
{
	size_t tail = reading->offset < KEEPER_TAIL ? (size_t)reading->offset : KEEPER_TAIL;

	*ret = (struct keeper_progress){
		.log = reading->log,
		.offset = reading->offset,
		.tail_hash = hash64(reading->text + reading->offset - tail, tail),
		.last_time = reading->last_time,
	};
	free(reading->text);
}

/* Reads logs merged by time in one run; returns how many lines were new. */
static int read_logs(struct scratch *scratch, const char *const *names, size_t count)
{
	struct reading readings[4];
	struct keeper_progress progress[4];
	struct err err = {""};
	size_t begun = 0;
	int fresh = 0;

	scratch_open(scratch);
	for (size_t i = 0; i < count; i++)
		begun += reading_begin(scratch, names[i], &readings[begun]);
	for (int64_t time = BEGIN_S; time < BEGIN_S + 20000; time++)
		for (size_t i = 0; i < begun; i++)
			fresh += reading_take(scratch, &readings[i], time);
	for (size_t i = 0; i < begun; i++)
		reading_end(&readings[i], &progress[i]);
	if (scratch_commit(scratch, progress, begun, &err) < 0)
		fail_msg("%s", err.text);
	scratch_close(scratch);
	return fresh;
}

static int read_log(struct scratch *scratch, const char *name)
{
	return read_logs(scratch, &name, 1);
}

static void test_growing(void **state)
{
	struct scratch *scratch = *state;
	int at = 0;

	/* Short at first: what it is known by grows with it. */
	write_lines(scratch, "mail.log", "mx1", 0, 1);
	assert_int_equal(read_log(scratch, "mail.log"), 2);
	for (int until = 2; until < 4000; until = until * 2 + 1) {
		append_lines(scratch, "mail.log", "mx1", at + 1, until);
		assert_int_equal(read_log(scratch, "mail.log"),
				 until - at - 1 + ((until - 1) / 10 - at / 10));
		assert_int_equal(read_log(scratch, "mail.log"), 0);
		at = until - 1;
	}
	scratch_open(scratch);
	scratch_expect(scratch->opened, "select count(*) from logs", "1");
}

static void test_half_a_line(void **state)
{
	struct scratch *scratch = *state;

	scratch_write(scratch, "mail.log", "1700000001 one\n1700000002 tw", 28);
	assert_int_equal(read_log(scratch, "mail.log"), 1);
	assert_int_equal(read_log(scratch, "mail.log"), 0);
	scratch_write(scratch, "mail.log", "1700000001 one\n1700000002 two\n", 30);
	assert_int_equal(read_log(scratch, "mail.log"), 1);
	assert_int_equal(read_log(scratch, "mail.log"), 0);
}

static void test_renamed(void **state)
{
	struct scratch *scratch = *state;

	write_lines(scratch, "mail.log", "mx1", 0, 1000);
	assert_int_equal(read_log(scratch, "mail.log"), 1100);
	append_lines(scratch, "mail.log", "mx1", 1000, 1100);
	assert_int_equal(
		rename(scratch_path(scratch, "mail.log"), scratch_path(scratch, "mail.log.1")), 0);
	write_lines(scratch, "mail.log", "mx1", 1100, 1200);
	assert_int_equal(read_logs(scratch, (const char *[]){"mail.log.1", "mail.log"}, 2), 220);
	assert_int_equal(read_logs(scratch, (const char *[]){"mail.log.1", "mail.log"}, 2), 0);
}

static void test_copied_and_truncated(void **state)
{
	struct scratch *scratch = *state;

	write_lines(scratch, "mail.log", "mx1", 0, 1000);
	assert_int_equal(read_log(scratch, "mail.log"), 1100);
	write_lines(scratch, "mail.log.1", "mx1", 0, 1050);
	write_lines(scratch, "mail.log", "mx1", 1050, 1060); /* same inode */
	assert_int_equal(read_logs(scratch, (const char *[]){"mail.log.1", "mail.log"}, 2),
			 55 + 11);
	/* It grows beyond the place up to which its forerunner was read. */
	append_lines(scratch, "mail.log", "mx1", 1060, 3000);
	assert_int_equal(read_log(scratch, "mail.log"), 1940 + 194);
	assert_int_equal(read_log(scratch, "mail.log.1"), 0);
}

static void test_packed(void **state)
{
	struct scratch *scratch = *state;

	write_lines(scratch, "mail.log.1", "mx1", 0, 1000);
	assert_int_equal(read_log(scratch, "mail.log.1"), 1100);
	pack_lines(scratch, "mail.log.1.gz", "mx1", 0, 1000);
	assert_int_equal(read_log(scratch, "mail.log.1.gz"), 0);
	/* Packed after it had grown once more. */
	pack_lines(scratch, "mail.log.2.gz", "mx1", 0, 1020);
	assert_int_equal(read_log(scratch, "mail.log.2.gz"), 22);
	assert_int_equal(read_log(scratch, "mail.log.2.gz"), 0);
	/* The way back. */
	write_lines(scratch, "unpacked", "mx1", 0, 1020);
	assert_int_equal(read_log(scratch, "unpacked"), 0);
}

static void test_shorter_copy(void **state)
{
	struct scratch *scratch = *state;

	write_lines(scratch, "mail.log", "mx1", 0, 1000);
	assert_int_equal(read_log(scratch, "mail.log"), 1100);
	write_lines(scratch, "backup", "mx1", 0, 500);
	assert_int_equal(read_log(scratch, "backup"), 0);
	append_lines(scratch, "mail.log", "mx1", 1000, 1010);
	assert_int_equal(read_logs(scratch, (const char *[]){"backup", "mail.log"}, 2), 11);
}

static void test_overlap(void **state)
{
	struct scratch *scratch = *state;

	write_lines(scratch, "a", "mx1", 0, 5000);
	write_lines(scratch, "b", "mx1", 3000, 8000);
	write_lines(scratch, "c", "mx1", 2000, 9000);
	assert_int_equal(read_log(scratch, "a"), 5500);
	assert_int_equal(read_log(scratch, "b"), 3300);
	assert_int_equal(read_log(scratch, "c"), 1100);
	append_lines(scratch, "b", "mx1", 8000, 9500);
	assert_int_equal(read_log(scratch, "b"), 550);
}

static void test_two_servers(void **state)
{
	struct scratch *scratch = *state;

	write_lines(scratch, "a", "mx1", 0, 10000);
	write_lines(scratch, "b", "mx2", 0, 10000);
	assert_int_equal(read_logs(scratch, (const char *[]){"a", "b"}, 2), 22000);
	assert_int_equal(read_logs(scratch, (const char *[]){"a", "b"}, 2), 0);
}

static void test_main_and_reject_log(void **state)
{
	struct scratch *scratch = *state;

	/* One is a part of the other; both grow. */
	write_lines(scratch, "mainlog", "mx1", 0, 1000);
	write_lines(scratch, "rejectlog", "mx1", 500, 600);
	assert_int_equal(read_log(scratch, "rejectlog"), 110);
	assert_int_equal(read_log(scratch, "mainlog"), 990);
	append_lines(scratch, "mainlog", "mx1", 1000, 1100);
	append_lines(scratch, "rejectlog", "mx1", 1050, 1060);
	assert_int_equal(read_log(scratch, "mainlog"), 110);
	assert_int_equal(read_log(scratch, "rejectlog"), 0);
}

static void test_more_of_the_same_line(void **state)
{
	struct scratch *scratch = *state;

	scratch_write(scratch, "a", "1700000001 w\n1700000002 x\n1700000002 x\n", 39);
	scratch_write(scratch, "b", "1700000001 w\n1700000002 x\n1700000002 x\n1700000002 x\n", 52);
	assert_int_equal(read_log(scratch, "a"), 3);
	assert_int_equal(read_log(scratch, "b"), 1);
	assert_int_equal(read_log(scratch, "a"), 0);
}

static void test_a_log_that_follows(void **state)
{
	struct scratch *scratch = *state;

	/* A rotation within a second in which lines repeat. */
	scratch_write(scratch, "a", "1700000001 w\n1700000002 x\n1700000002 x\n", 39);
	scratch_write(scratch, "b", "1700000002 x\n1700000003 y\n", 26);
	assert_int_equal(read_log(scratch, "a"), 3);
	assert_int_equal(read_log(scratch, "b"), 2);
}

static void test_empty_and_missing(void **state)
{
	struct scratch *scratch = *state;
	uint64_t offset;
	uint32_t log;
	int64_t last_time;
	struct err err = {""};

	scratch_write(scratch, "empty", "", 0);
	assert_int_equal(read_log(scratch, "empty"), 0);
	scratch_open(scratch);
	assert_true(scratch->keeper.begin(scratch->keeper.context, scratch_path(scratch, "none"),
					  &offset, &log, &last_time, &err) <= 0);
	assert_int_equal(scratch->keeper.begin(scratch->keeper.context, "-", &offset, &log,
					       &last_time, &err),
			 0);
	assert_int_equal(offset, 0);
}

static int set_up(void **state)
{
	struct scratch *scratch = memory_get(sizeof(*scratch));

	scratch_init(scratch);
	*state = scratch;
	return 0;
}

static int tear_down(void **state)
{
	scratch_release(*state);
	free(*state);
	return 0;
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_growing),
		CASE(test_half_a_line),
		CASE(test_renamed),
		CASE(test_copied_and_truncated),
		CASE(test_packed),
		CASE(test_shorter_copy),
		CASE(test_overlap),
		CASE(test_two_servers),
		CASE(test_main_and_reject_log),
		CASE(test_more_of_the_same_line),
		CASE(test_a_log_that_follows),
		CASE(test_empty_and_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
