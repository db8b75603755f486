/* What is named becomes logs to read: order, links, folders. */
#include "folder.h"
#include "pack.h"

#include <fcntl.h>

#include "source/rotation.h"
#include "source/source.h"

#define POSTFIX_LINE "Nov 22 00:34:40 mx1 postfix/smtpd[3278]: connect from unknown[192.0.2.1]\n"
#define EXIM_LINE "2026-11-22 00:26:01 1xUvP7-0000uh-1h Completed\n"
#define CRON_LINE "Nov 22 00:34:40 mx1 CRON[1]: (root) CMD (true)\n"

static void rotations(void **state)
{
	static const struct {
		const char *name, *base;
		uint64_t date, number;
	} rows[] = {
		{"mail.log", "mail.log", 0, 0},
		{"mail.log.1", "mail.log", 0, 2},
		{"mail.log.0", "mail.log", 0, 1},
		{"mail.log.12.gz", "mail.log", 0, 13},
		{"mail.1.log.xz", "mail.log", 0, 2},
		{"mainlog.01", "mainlog", 0, 2},
		{"mail.log.old", "mail.log", 0, 1},
		{"maillog-20260101", "maillog", 20260101000000, 0},
		{"maillog-20260101.zst", "maillog", 20260101000000, 0},
		{"mail-20260101.log.gz", "mail.log", 20260101000000, 0},
		{"mail.log-2026-01-31", "mail.log", 20260131000000, 0},
		{"mail.log-2026010113.bz2", "mail.log", 20260101130000, 0},
		{"mail.log-1767225600", "mail.log", 1767225600, 0},
		{"mail.log-20260101.1", "mail.log", 20260101000000, 2},
		{"postfix.log.20260101-030405.gz", "postfix.log", 20260101030405, 0},
		{"mainlog-202601", "mainlog", 20260100000000, 0},
		{"mx-192-0-2-1.log", "mx-192-0-2-1.log", 0, 0},
		{"mail.log-20261301", "mail.log-20261301", 0, 0},
		{"log.5424", "log", 0, 5425},
		{"mail.gz", "mail", 0, 0},
		{"1", "1", 0, 0},
		{"", "", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rotation rotation;

		rotation_parse(view_string(rows[i].name), &rotation);
		if (strcmp(rotation.base, rows[i].base) != 0 || rotation.date != rows[i].date ||
		    rotation.number != rows[i].number)
			fail_msg("row %zu: '%s' is '%s' %llu %llu", i, rows[i].name, rotation.base,
				 (unsigned long long)rotation.date,
				 (unsigned long long)rotation.number);
	}
}

/* Expands NAMES (up to a NULL) in FOLDER, and wants WANTED, in this order. */
static void expect(const char *folder, const char *const *names, const char *const *wanted)
{
	const char *paths[32];
	char **got, *all[32];
	size_t count = 0, got_count;
	struct err err;

	for (; names[count]; count++)
		paths[count] = all[count] = folder_path(folder, names[count]);
	assert_int_equal(source_expand(paths, count, &got, &got_count, &err), 0);
	for (size_t i = 0; i < got_count; i++) {
		char *path = folder_path(folder, wanted[i] ? wanted[i] : "(nothing more)");

		assert_string_equal(got[i], path);
		free(path);
	}
	assert_null(wanted[got_count]);
	source_paths_free(got, got_count);
	for (size_t i = 0; i < count; i++)
		free(all[i]);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void touch(const char *folder, const char *name, const char *text)
{
	free(folder_write(folder, name, text, strlen(text)));
}

static void orders(void **state)
{
	/* As the shell sorts mail.log*. */
	expect(*state,
	       LIST("mail.log", "mail.log.1", "mail.log.10.gz", "mail.log.2.gz", "mail.log.3.xz"),
	       LIST("mail.log.10.gz", "mail.log.3.xz", "mail.log.2.gz", "mail.log.1", "mail.log"));
	expect(*state,
	       LIST("maillog", "maillog-20260108.gz", "maillog-20251231", "maillog-20260101"),
	       LIST("maillog-20251231", "maillog-20260101", "maillog-20260108.gz", "maillog"));
	/* Sets stay together, where their first one was named. */
	expect(*state, LIST("rejectlog", "mainlog", "rejectlog.1", "mainlog.1", "b/mainlog.2"),
	       LIST("rejectlog.1", "rejectlog", "mainlog.1", "mainlog", "b/mainlog.2"));
	expect(*state, LIST("b", "a"), LIST("b", "a"));
}

static void repetitions(void **state)
{
	char *log = folder_path(*state, "mail.log"), *link = folder_path(*state, "current");
	char *hard = folder_path(*state, "hard"), *loop = folder_path(*state, "loop");

	touch(*state, "mail.log", POSTFIX_LINE);
	assert_int_equal(symlink(log, link), 0);
	assert_int_equal(symlink(loop, loop), 0);
	expect(*state, LIST("mail.log", "mail.log", "current"), LIST("mail.log"));
	expect(*state, LIST("current", "mail.log"), LIST("current"));
	expect(*state, LIST("missing", "missing"), LIST("missing"));
	/* In a folder a log's own name comes before its links'. */
	expect(*state, LIST("."), LIST("./mail.log"));
	expect(*state, LIST("mail.log", "."), LIST("mail.log"));
	assert_int_equal(linkat(AT_FDCWD, log, AT_FDCWD, hard, 0), 0);
	expect(*state, LIST("mail.log", "hard"), LIST("mail.log"));
	free(log);
	free(link);
	free(hard);
	free(loop);
}

static void folders(void **state)
{
	char packed[1000], *path;
	size_t len =
		pack_bytes(PACK_XZ, POSTFIX_LINE, strlen(POSTFIX_LINE), packed, sizeof(packed));

	path = folder_path(*state, "exim4");
	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
	path = folder_path(*state, "journal");
	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
	touch(*state, "mail.log", POSTFIX_LINE);
	free(folder_write(*state, "mail.log.1.xz", packed, len));
	touch(*state, "mail.err", "");
	touch(*state, "syslog", CRON_LINE POSTFIX_LINE);
	touch(*state, "auth.log", CRON_LINE);
	touch(*state, "odd-name", EXIM_LINE);
	touch(*state, "mail.cf", "myhostname = mx1\n");
	touch(*state, "notes.txt", "Hello\nWorld\nof\n" POSTFIX_LINE "logs\n");
	touch(*state, ".mail.log.swp", POSTFIX_LINE);
	touch(*state, "mail.log~", POSTFIX_LINE);
	touch(*state, "exim4/mainlog", EXIM_LINE);
	touch(*state, "exim4/rejectlog", EXIM_LINE "Envelope-from: <a@b.example>\n");
	touch(*state, "journal/mail.log", POSTFIX_LINE);
	free(folder_write(*state, "mail.bin", "\x7f\0\1\2\3\4\5\6\7", 9));
	free(folder_write(*state, "mail.zip", "PK\003\004\0\0\0\0", 8));
	expect(*state, LIST("."),
	       LIST("./exim4/mainlog", "./exim4/rejectlog", "./mail.err", "./mail.log.1.xz",
		    "./mail.log", "./mail.zip", "./odd-name", "./syslog"));
	/* What is named is taken, whatever it is; a folder without logs as well,
	   so that opening it says so. */
	expect(*state, LIST("mail.bin", "journal/.."),
	       LIST("mail.bin", "journal/../exim4/mainlog", "journal/../exim4/rejectlog",
		    "journal/../mail.err", "journal/../mail.log.1.xz", "journal/../mail.log",
		    "journal/../mail.zip", "journal/../odd-name", "journal/../syslog"));
}

static void empty_folder(void **state)
{
	const char *name = *state;
	size_t count;
	struct err err;
	char **paths;

	assert_int_equal(source_expand(&name, 1, &paths, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_string_equal(paths[0], name);
	source_paths_free(paths, count);
}

static void contents(void **state)
{
	static const struct {
		const char *text;
		bool mail;
	} rows[] = {
		{POSTFIX_LINE, true},
		{EXIM_LINE, true},
		{CRON_LINE, false},
		{"", false},
		{"<22>1 2026-11-22T00:34:40.155962+00:00 mx1 postfix 3278 - -  connect\n", true},
		{"<22>Nov 22 00:34:40 mx1 sm-mta[3126]: 6AM0Q2Ts003126: x\n", true},
		{"2026-11-22T00:27:07.534034+00:00 mx1 postfix/postscreen[3215]: CONNECT\n", true},
		{"Nov 22 00:38:26 mx1 mail.info postfix/smtpd[2969]: connect\n", true},
		{"Nov 22 00:29:18 mx1 relay-in/smtpd[3070]: connect\n", true},
		{"2026-11-22 00:34:37.756 +0000 [3598] SMTP connection from [192.0.2.33]\n", true},
		{"2026-11-22 00:26:01 H=a.example [192.0.2.5] rejected EHLO\n", true},
		{"2026-11-22 00:26:01 status installed exim4:amd64 4.96\n", false},
		{"2026-11-22 00:26:01 startup packages configure\n", false},
		{"192.0.2.1 - - [22/Nov/2026:00:00:01 +0000] \"GET /postfix\" 200 5\n", false},
		{"Nov 22 00:34:40 mx1 sshd[1]: Invalid user postfix/smtpd[2]: from x\n", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *path = folder_write(*state, "file", rows[i].text, strlen(rows[i].text));
		const char *name = *state;
		size_t count;
		struct err err;
		char **paths;

		assert_int_equal(source_expand(&name, 1, &paths, &count, &err), 0);
		if ((strcmp(paths[0], path) == 0) != rows[i].mail)
			fail_msg("row %zu: %s", i, rows[i].text);
		source_paths_free(paths, count);
		free(path);
	}
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rotations), IN_FOLDER(orders),	      IN_FOLDER(repetitions),
		IN_FOLDER(folders),	     IN_FOLDER(empty_folder), IN_FOLDER(contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
