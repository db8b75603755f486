/* Every kind of log gives its bytes, whole, in pieces, joined and damaged. */
#include "folder.h"
#include "pack.h"

#include <errno.h>
#include <fcntl.h>

#include "source/source.h"

#define TEXT_BYTES ((size_t)700000)
#define PACKED_BYTES (4 * TEXT_BYTES)

/* Lines that compress like a log, not to nothing. */
static char *text_new(void)
{
	char *text = malloc(TEXT_BYTES + 200);
	uint32_t seed = 1;
	size_t len = 0;

	assert_non_null(text);
	while (len < TEXT_BYTES) {
		seed = seed * 1664525 + 1013904223;
		len += (size_t)snprintf(text + len, 200,
					"Nov 22 00:34:40 mx1 postfix/smtpd[%u]: connect from "
					"unknown[192.0.2.%u]\n",
					seed >> 20, seed >> 8 & 255);
	}
	return text;
}

/* Reads all of PATH in pieces of PIECE bytes into BYTES; the read that ends it
   gives *ret_result. */
static size_t read_all(const char *path, size_t piece, char *bytes, size_t size,
		       ssize_t *ret_result, struct err *err)
{
	struct source *source;
	ssize_t got;
	size_t len = 0;

	assert_int_equal(source_open(path, &source, err), 0);
	do {
		assert_true(len <= size);
		got = source_read(source, bytes + len, size - len < piece ? size - len : piece,
				  err);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	/* What has ended stays so. */
	assert_int_equal(source_read(source, bytes + len, 1, err), got);
	*ret_result = got;
	source_close(source);
	return len;
}

static void expect(const char *path, size_t piece, const char *text, size_t len)
{
	char *bytes = malloc(len + 1000);
	struct err err = {""};
	ssize_t result;

	assert_int_equal(read_all(path, piece, bytes, len + 1000, &result, &err), len);
	if (result != 0)
		fail_msg("%s: %s", path, err.text);
	assert_memory_equal(bytes, text, len);
	free(bytes);
}

static void every_compression(void **state)
{
	static const size_t lens[] = {TEXT_BYTES, 100000, 1, 0};
	char *text = text_new(), *packed = malloc(PACKED_BYTES);

	for (enum pack kind = PACK_PLAIN; kind < PACK_COUNT; kind++) {
		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
			size_t len = pack_bytes(kind, text, lens[i], packed, PACKED_BYTES);
			char *path = folder_write(*state, pack_names[kind], packed, len);

			expect(path, 1 << 20, text, lens[i]);
			expect(path, 4099, text, lens[i]);
			if (lens[i] <= 100000)
				expect(path, 1, text, lens[i]);
			free(path);
		}
	}
	free(packed);
	free(text);
}

/* cat a.gz b.gz, an empty one and zeros between and behind them. */
static void members(void **state)
{
	static const size_t cuts[] = {0, 300000, 300001, 300001, TEXT_BYTES};
	static const char zeros[300000];
	char *text = text_new(), *packed = malloc(PACKED_BYTES);

	for (enum pack kind = PACK_GZIP; kind < PACK_COUNT; kind++) {
		size_t len = 0;
		char *path;

		for (size_t i = 1; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
			len += pack_bytes(kind, text + cuts[i - 1], cuts[i] - cuts[i - 1],
					  packed + len, PACKED_BYTES - len);
			memcpy(packed + len, zeros, i == 4 ? sizeof(zeros) : i * 4);
			len += i == 4 ? sizeof(zeros) : i * 4;
		}
		path = folder_write(*state, pack_names[kind], packed, len);
		expect(path, 1 << 20, text, TEXT_BYTES);
		expect(path, 977, text, TEXT_BYTES);
		free(path);
	}
	free(packed);
	free(text);
}

/* Many small members, so that their bounds meet every place of the buffer. */
static void small_members(void **state)
{
	char *text = text_new(), *packed = malloc(PACKED_BYTES);

	for (enum pack kind = PACK_GZIP; kind < PACK_COUNT; kind++) {
		size_t len = 0, at = 0;
		char *path;

		for (size_t part = 1; len < 600000 && at + part < 300000; at += part++)
			len += pack_bytes(kind, text + at, part, packed + len, PACKED_BYTES - len);
		path = folder_write(*state, pack_names[kind], packed, len);
		expect(path, 1 << 20, text, at);
		expect(path, 61, text, at);
		free(path);
	}
	free(packed);
	free(text);
}

/* How much of a cut archive must come: all of the blocks that are whole. */
static void truncated(void **state)
{
	static const size_t least[PACK_COUNT] = {
		[PACK_GZIP] = 600000,
		[PACK_ZSTD] = 300000,
		[PACK_XZ] = 600000,
		[PACK_BZIP2] = 490000,
	};
	char *text = text_new(), *packed = malloc(PACKED_BYTES), *bytes = malloc(TEXT_BYTES + 1000);

	for (enum pack kind = PACK_GZIP; kind < PACK_COUNT; kind++) {
		size_t whole = pack_bytes(kind, text, TEXT_BYTES, packed, PACKED_BYTES);
		static const size_t lost[] = {1, 5, 5000};

		for (size_t i = 0; i < 3; i++) {
			char *path =
				folder_write(*state, pack_names[kind], packed, whole - lost[i]);
			struct err err = {""};
			ssize_t result;
			size_t len = read_all(path, 70000, bytes, TEXT_BYTES + 1000, &result, &err);

			assert_int_equal(result, -EBADMSG);
			assert_non_null(strstr(err.text, path));
			assert_non_null(strstr(err.text, "ends too early"));
			if (len < least[kind])
				fail_msg("%s cut by %zu: only %zu bytes", pack_names[kind], lost[i],
					 len);
			assert_memory_equal(bytes, text, len);
			free(path);
		}
	}
	free(bytes);
	free(packed);
	free(text);
}

static void damaged(void **state)
{
	char *text = text_new(), *packed = malloc(PACKED_BYTES), *bytes = malloc(PACKED_BYTES);

	for (enum pack kind = PACK_GZIP; kind < PACK_COUNT; kind++) {
		size_t len = pack_bytes(kind, text, TEXT_BYTES, packed, PACKED_BYTES);
		struct err err = {""};
		ssize_t result;
		char *path;

		memset(packed + len * 3 / 4, 0x55, 64);
		path = folder_write(*state, pack_names[kind], packed, len);
		len = read_all(path, 1 << 16, bytes, PACKED_BYTES, &result, &err);
		if (result != -EBADMSG)
			fail_msg("%s: %zd after %zu bytes", pack_names[kind], result, len);
		assert_non_null(strstr(err.text, path));
		if (len < 300000)
			fail_msg("%s: only %zu bytes", pack_names[kind], len);
		assert_memory_equal(bytes, text, 300000);
		free(path);
	}
	free(bytes);
	free(packed);
	free(text);
}

static void garbage_behind(void **state)
{
	char packed[1000], bytes[1000];

	for (enum pack kind = PACK_GZIP; kind < PACK_COUNT; kind++) {
		size_t len = pack_bytes(kind, "hello\n", 6, packed, sizeof(packed));
		struct err err = {""};
		ssize_t result;
		char *path;

		memcpy(packed + len, "and a plain line\n", 17);
		path = folder_write(*state, pack_names[kind], packed, len + 17);
		assert_int_equal(read_all(path, 100, bytes, sizeof(bytes), &result, &err), 6);
		assert_int_equal(result, -EBADMSG);
		assert_non_null(strstr(err.text, "behind the archive"));
		free(path);
	}
}

static void skips(void **state)
{
	char *text = text_new(), *packed = malloc(PACKED_BYTES), bytes[100];
	struct err err;

	for (enum pack kind = PACK_PLAIN; kind < PACK_COUNT; kind++) {
		static const size_t offsets[] = {0, 1, 15, 16, 17, 300000, TEXT_BYTES - 50};
		size_t len = pack_bytes(kind, text, TEXT_BYTES, packed, PACKED_BYTES);
		char *path = folder_write(*state, pack_names[kind], packed, len);
		struct source *source;

		for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
			assert_int_equal(source_open(path, &source, &err), 0);
			assert_int_equal(source_skip(source, offsets[i], &err), 0);
			assert_int_equal(source_read(source, bytes, 10, &err), 10);
			assert_memory_equal(bytes, text + offsets[i], 10);
			source_close(source);
		}
		assert_int_equal(source_open(path, &source, &err), 0);
		assert_int_equal(source_skip(source, TEXT_BYTES, &err), 0);
		assert_int_equal(source_read(source, bytes, 10, &err), 0);
		source_close(source);
		assert_int_equal(source_open(path, &source, &err), 0);
		assert_int_equal(source_skip(source, TEXT_BYTES + 1, &err), -ERANGE);
		source_close(source);
		free(path);
	}
	free(packed);
	free(text);
}

static void identities(void **state)
{
	char packed[1000];
	size_t len = pack_bytes(PACK_GZIP, "x\n", 2, packed, sizeof(packed));
	char *plain = folder_write(*state, "plain", "x\n", 2);
	char *gzip = folder_write(*state, "gzip", packed, len);
	const struct source_identity *identity;
	struct source *source;
	struct stat status;
	struct err err;

	assert_int_equal(stat(plain, &status), 0);
	assert_int_equal(source_open(plain, &source, &err), 0);
	identity = source_identity(source);
	assert_int_equal(identity->device, status.st_dev);
	assert_int_equal(identity->inode, status.st_ino);
	assert_int_equal(identity->modified, status.st_mtime);
	assert_int_equal(identity->size, 2);
	assert_true(identity->regular && !identity->compressed);
	assert_string_equal(source_name(source), plain);
	source_close(source);

	assert_int_equal(source_open(gzip, &source, &err), 0);
	identity = source_identity(source);
	assert_int_equal(identity->size, len);
	assert_true(!identity->regular && identity->compressed);
	source_close(source);
	free(plain);
	free(gzip);
}

/* A file that grows gives what was added; one that shrinks just ends. */
static void changing_files(void **state)
{
	char *path = folder_write(*state, "mail.log", "one\n", 4);
	struct source *source;
	char bytes[100];
	struct err err;
	FILE *file;

	assert_int_equal(source_open(path, &source, &err), 0);
	assert_int_equal(source_read(source, bytes, sizeof(bytes), &err), 4);
	assert_int_equal(source_read(source, bytes, sizeof(bytes), &err), 0);
	file = fopen(path, "ab");
	assert_non_null(file);
	fputs("two\n", file);
	fclose(file);
	assert_int_equal(source_read(source, bytes, sizeof(bytes), &err), 4);
	assert_memory_equal(bytes, "two\n", 4);
	assert_int_equal(source_position(source), 8);
	assert_int_equal(truncate(path, 2), 0);
	assert_int_equal(source_read(source, bytes, sizeof(bytes), &err), 0);
	source_close(source);
	free(path);
}

static void standard_input(void **state)
{
	char packed[1000], bytes[100];
	size_t len = pack_bytes(PACK_ZSTD, "piped\n", 6, packed, sizeof(packed));
	int saved = dup(STDIN_FILENO), ends[2];
	struct source *source;
	struct err err;
	size_t given = 0;
	ssize_t got;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	/* In two pieces: the magic number must be waited for. */
	assert_int_equal(write(ends[1], packed, 3), 3);
	if (fork() == 0) {
		usleep(20000);
		_exit(write(ends[1], packed + 3, len - 3) < 0);
	}
	close(ends[1]);
	assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
	close(ends[0]);
	assert_int_equal(source_open("-", &source, &err), 0);
	assert_true(dup2(saved, STDIN_FILENO) >= 0);
	close(saved);
	assert_int_equal(source_identity(source)->inode, 0);
	assert_string_equal(source_name(source), "standard input");
	while ((got = source_read(source, bytes + given, sizeof(bytes) - given, &err)) > 0)
		given += (size_t)got;
	assert_int_equal(got, 0);
	assert_int_equal(given, 6);
	assert_memory_equal(bytes, "piped\n", 6);
	source_close(source);
}

static void refusals(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
		int code;
		const char *words;
	} rows[] = {
		{"zip", "PK\003\004xxxx", 8, -ENOTSUP, "unpack it first"},
		{"lz4", "\x04\x22\x4d\x18xxxx", 8, -ENOTSUP, "unpack it first"},
		{"none", NULL, 0, -ENOENT, "no such file"},
	};
	struct source *source = NULL;
	struct err err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *path = rows[i].bytes ? folder_write(*state, rows[i].name, rows[i].bytes,
							  rows[i].len)
					   : folder_path(*state, rows[i].name);

		assert_int_equal(source_open(path, &source, &err), rows[i].code);
		assert_non_null(strstr(err.text, path));
		assert_non_null(strstr(err.text, rows[i].words));
		free(path);
	}
	assert_int_equal(source_open(*state, &source, &err), -EISDIR);
	assert_non_null(strstr(err.text, "folder without mail logs"));
	assert_null(source);
}

static void permission(void **state)
{
	char *path = folder_write(*state, "secret", "x\n", 2);
	struct source *source;
	struct err err;

	assert_int_equal(chmod(path, 0), 0);
	if (access(path, R_OK) < 0) {
		assert_int_equal(source_open(path, &source, &err), -EACCES);
		assert_non_null(strstr(err.text, "run as root"));
	}
	free(path);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		IN_FOLDER(every_compression),
		IN_FOLDER(members),
		IN_FOLDER(small_members),
		IN_FOLDER(truncated),
		IN_FOLDER(damaged),
		IN_FOLDER(garbage_behind),
		IN_FOLDER(skips),
		IN_FOLDER(identities),
		IN_FOLDER(changing_files),
		IN_FOLDER(standard_input),
		IN_FOLDER(refusals),
		IN_FOLDER(permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
