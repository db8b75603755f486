/* Files are replaced whole, keep their mode, and stay untouched when nothing changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block/file.h"

static char folder[] = "/tmp/mxwatch-test-XXXXXX";

static const char *path_of(const char *name)
{
	static char paths[4][PATH_MAX];
	static int at;
	char *path = paths[at++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

static void expect(const char *path, const char *content)
{
	char text[256] = "";
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	assert_string_equal(text, content);
}

static int count_files(void)
{
	DIR *dir = opendir(folder);
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void content_and_mode(void **state)
{
	const char *path = path_of("list");
	struct stat before, after;
	struct err err = {""};
	bool changed = false;

	(void)state;
	umask(027);
	assert_int_equal(file_replace(path, VIEW("one\n"), &changed, &err), 0);
	assert_true(changed);
	expect(path, "one\n");
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(before.st_mode & 07777, 0640);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(file_replace(path, VIEW("one\n"), &changed, &err), 0);
	assert_false(changed);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(file_replace(path, VIEW("two\n"), &changed, &err), 0);
	assert_true(changed);
	expect(path, "two\n");
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_mode & 07777, 0604);
	assert_int_equal(file_replace(path, VIEW(""), &changed, &err), 0);
	expect(path, "");
	assert_int_equal(count_files(), 1);
	unlink(path);
}

static void links_stay(void **state)
{
	struct err err = {""};
	struct stat status;
	bool changed;

	(void)state;
	assert_int_equal(mkdir(path_of("there"), 0755), 0);
	assert_int_equal(file_replace(path_of("there/list"), VIEW("one\n"), &changed, &err), 0);
	assert_int_equal(symlink("there/list", path_of("link")), 0);
	assert_int_equal(file_replace(path_of("link"), VIEW("two\n"), &changed, &err), 0);
	assert_int_equal(lstat(path_of("link"), &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	expect(path_of("there/list"), "two\n");
	unlink(path_of("link"));
	unlink(path_of("there/list"));
	rmdir(path_of("there"));
}

static void what_cannot_be(void **state)
{
	static const char *const paths[] = {"/dev/null", "/nonexistent/list", "/"};
	struct err err;
	bool changed;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		err.text[0] = '\0';
		assert_true(file_replace(paths[i], VIEW("x"), &changed, &err) < 0);
		assert_non_null(strstr(err.text, "can't"));
	}
}

/* A link is not turned into a file behind its owner's back. */
static void a_link_to_nothing(void **state)
{
	struct err err = {""};
	bool changed;

	(void)state;
	assert_int_equal(symlink("nowhere", path_of("link")), 0);
	assert_int_equal(file_replace(path_of("link"), VIEW("x"), &changed, &err), -ENOENT);
	assert_non_null(strstr(err.text, "link to a file that is not there"));
	assert_int_equal(unlink(path_of("link")), 0);
}

static void a_full_disk_changes_nothing(void **state)
{
	static char big[65536];
	struct rlimit limit, small = {4096, 0};
	struct err err = {""};
	bool changed;
	int r;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(file_replace(path_of("list"), VIEW("one\n"), &changed, &err), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small.rlim_max = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = file_replace(path_of("list"), view_of(big, sizeof(big)), &changed, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(r, -EFBIG);
	/* Of the file that was asked for, not of the one beside it. */
	assert_non_null(strstr(err.text, "/list': file too large; make room"));
	assert_non_null(strstr(err.text, "left as it was"));
	expect(path_of("list"), "one\n");
	assert_int_equal(count_files(), 1);
	unlink(path_of("list"));
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_and_mode),
		cmocka_unit_test(links_stay),
		cmocka_unit_test(what_cannot_be),
		cmocka_unit_test(a_link_to_nothing),
		cmocka_unit_test(a_full_disk_changes_nothing),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
