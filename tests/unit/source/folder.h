/* A folder of their own for tests that need files; gone when they end. */
#ifndef MXWATCH_TEST_FOLDER_H
#define MXWATCH_TEST_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline int folder_setup(void **state)
{
	const char *temporary = getenv("TMPDIR");
	char *path = malloc(PATH_MAX);

	assert_non_null(path);
	snprintf(path, PATH_MAX, "%s/mxwatch-test-XXXXXX", temporary ? temporary : "/tmp");
	assert_non_null(mkdtemp(path));
	*state = path;
	return 0;
}

static inline int folder_remove_one(const char *path, const struct stat *status, int kind,
				    struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static inline int folder_teardown(void **state)
{
	nftw(*state, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return 0;
}

/* FOLDER/NAME, to be freed. */
static inline char *folder_path(const char *folder, const char *name)
{
	char *path = malloc(PATH_MAX);

	assert_non_null(path);
	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

/* Writes FOLDER/NAME; gives its path, to be freed. */
static inline char *folder_write(const char *folder, const char *name, const void *bytes,
				 size_t len)
{
	char *path = folder_path(folder, name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	return path;
}

#endif
