/*
 * The journal: made from an export here and now where systemd-journal-remote
 * is installed, skipped where not.
 */
#include "folder.h"

#include <errno.h>

#include "source/source.h"

#define JOURNAL_REMOTE "/lib/systemd/systemd-journal-remote"

/* One entry in the export format; MESSAGE in its binary form, which takes any byte. */
static void export_entry(FILE *out, uint64_t time_us, const char *fields, const char *message,
			 size_t len)
{
	unsigned char bytes[8];

	fprintf(out,
		"__REALTIME_TIMESTAMP=%llu\n__MONOTONIC_TIMESTAMP=%llu\n"
		"_BOOT_ID=f3fd6b9fdd9c4f5ea3b3a3a5d1a8a3c1\n%sMESSAGE\n",
		(unsigned long long)time_us, (unsigned long long)(time_us - 1700000000000000),
		fields);
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(len >> 8 * i);
	fwrite(bytes, 1, sizeof(bytes), out);
	fwrite(message, 1, len, out);
	fputs("\n\n", out);
}

#define TIME_US 1795307680155962 /* 2026-11-22T00:34:40.155962Z */

static void export_all(FILE *out)
{
	export_entry(out, TIME_US,
		     "_HOSTNAME=mx1\nSYSLOG_IDENTIFIER=postfix/smtpd\nSYSLOG_PID=3278\n_PID=9\n",
		     "connect from unknown[192.0.2.1]", 31);
	export_entry(out, TIME_US + 1, "_HOSTNAME=mx1\nSYSLOG_IDENTIFIER=sshd\n_PID=7\n", "hello",
		     5);
	export_entry(out, TIME_US + 2000000,
		     "_HOSTNAME=mx1\nSYSLOG_IDENTIFIER=sm-mta\n_PID=8\n"
		     "_SOURCE_REALTIME_TIMESTAMP=1795307681000001\n",
		     "two\nlines\0\033[m\n", 14);
	export_entry(out, TIME_US + 3000000, "_HOSTNAME=m x\n_COMM=exim4\n_PID=5\n", "no name", 7);
	export_entry(out, TIME_US + 4000000,
		     "_HOSTNAME=mx1\nSYSLOG_IDENTIFIER=odd name\n_COMM=exim4\n", "x", 1);
}

#define FIRST                                                                     \
	"2026-11-22T00:34:40.155962+00:00 mx1 postfix/smtpd[3278]: connect from " \
	"unknown[192.0.2.1]\n"
#define REST                                                                       \
	"2026-11-22T00:34:41.000001+00:00 mx1 sm-mta[8]: two#012lines#000#033[m\n" \
	"2026-11-22T00:34:43.155962+00:00 m_x exim4[5]: no name\n"                 \
	"2026-11-22T00:34:44.155962+00:00 mx1 odd_name: x\n"

/* The path of a journal file, to be freed; NULL if none can be made. */
static char *journal_make(const char *folder)
{
	char *export = folder_path(folder, "export"), *journal = folder_path(folder, "a.journal");
	char command[3 * PATH_MAX];
	FILE *out = fopen(export, "wb");

	assert_non_null(out);
	export_all(out);
	fclose(out);
	snprintf(command, sizeof(command), JOURNAL_REMOTE " -o %s %s >%s.words 2>&1", journal,
		 export, export);
	if (access(JOURNAL_REMOTE, X_OK) < 0 || system(command) != 0) {
		free(journal);
		journal = NULL;
	}
	free(export);
	return journal;
}

static void expect(struct source *source, const char *text)
{
	char bytes[2000];
	struct err err;
	ssize_t got;
	size_t len = 0;

	while ((got = source_read(source, bytes + len, 7, &err)) > 0)
		len += (size_t)got;
	bytes[len] = '\0';
	assert_int_equal(got, 0);
	assert_string_equal(bytes, text);
	assert_int_equal(source_position(source), len);
	source_close(source);
}

static void lines(void **state)
{
	char *journal = journal_make(*state);
	struct source *source = NULL;
	struct err err;

	if (!journal || source_open_journal(journal, 0, &source, &err) == -ENOTSUP) {
		free(journal);
		skip();
	}
	expect(source, FIRST REST);
	assert_int_equal(source_open_journal(*state, 0, &source, &err), 0);
	expect(source, FIRST REST);
	assert_int_equal(source_open_journal(journal, TIME_US / 1000000 + 1, &source, &err), 0);
	expect(source, REST);
	/* Named as a log, it is known by its content. */
	assert_int_equal(source_open(journal, &source, &err), 0);
	expect(source, FIRST REST);
	assert_int_equal(source_open_journal(journal, 0, &source, &err), 0);
	assert_int_equal(source_skip(source, strlen(FIRST), &err), 0);
	assert_string_equal(source_name(source), journal);
	source_close(source);
	free(journal);
}

static void missing(void **state)
{
	char *path = folder_path(*state, "none");
	struct source *source;
	struct err err;
	int result = source_open_journal(path, 0, &source, &err);

	assert_true(result == -ENOENT || result == -ENOTSUP);
	free(path);
	path = folder_write(*state, "text.journal", "not a journal\n", 14);
	assert_true(source_open_journal(path, 0, &source, &err) < 0);
	assert_true(err.text[0]);
	free(path);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)
	const struct CMUnitTest tests[] = {IN_FOLDER(lines), IN_FOLDER(missing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
