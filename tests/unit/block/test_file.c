/* Files are replaced whole, keep their mode, and stay untouched when nothing changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
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
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
