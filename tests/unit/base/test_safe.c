/* Hostile text: what each writer makes of it, and how wide it gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/safe.h"

typedef void writer(FILE *out, struct view text);

static void expect(size_t row, writer *write, struct view text, const char *want)
{
	char *got = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&got, &len);

	assert_non_null(out);
	write(out, text);
	assert_int_equal(fclose(out), 0);
	if (len != strlen(want) || memcmp(got, want, len) != 0)
		fail_msg("row %zu: [%s], not [%s]", row, got, want);
	free(got);
}

static void texts(void **state)
{
	static const struct {
		struct view text;
		const char *want;
		size_t width;
	} rows[] = {
		{VIEW(""), "", 0},
		{VIEW("mail.example.org"), "mail.example.org", 16},
		{VIEW("a\\b 'c' \"d\" ~"), "a\\b 'c' \"d\" ~", 13},
		{VIEW("Grüße"), "Grüße", 5},
		{VIEW("日本"), "日本", 4},
		{VIEW("e\xcc\x81"), "e\xcc\x81", 1},
		{VIEW("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80", 2},
		{VIEW("a\0b"), "a\\x00b", 6},
		{VIEW("\x1b[31mred"), "\\x1b[31mred", 11},
		{VIEW("a\tb\r\n"), "a\\x09b\\x0d\\x0a", 14},
		{VIEW("\x7f"), "\\x7f", 4},
		{VIEW("\xc2\x9b"
		      "31m"),
		 "\\xc2\\x9b31m", 11},
		{VIEW("\x9b"
		      "31m"),
		 "\\x9b31m", 7},
		{VIEW("\xe2\x80\xaemoc.elgoog"), "\\xe2\\x80\\xaemoc.elgoog", 22},
		{VIEW("a\xe2\x80\x8b"
		      "b\xef\xbb\xbf"),
		 "a\\xe2\\x80\\x8bb\\xef\\xbb\\xbf", 26},
		{VIEW("\xff\xfe"), "\\xff\\xfe", 8},
		{VIEW("\xc0\xaf"), "\\xc0\\xaf", 8},
		{VIEW("\xed\xa0\x80"), "\\xed\\xa0\\x80", 12},
		{VIEW("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", 16},
		{VIEW("\xe2\x82"), "\\xe2\\x82", 8},
		{VIEW("\xe2\x82z"), "\\xe2\\x82z", 9},
		{VIEW("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81", 16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char buffer[64];
		size_t len = safe_text_buffer(buffer, sizeof(buffer), rows[i].text);

		expect(i, safe_text, rows[i].text, rows[i].want);
		assert_int_equal(safe_text_width(rows[i].text), rows[i].width);
		assert_string_equal(buffer, rows[i].want);
		assert_int_equal(len, strlen(rows[i].want));
	}
}

static void cuts(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		const char *want;
		size_t columns;
	} rows[] = {
		{"abcdef", 0, "", 0},
		{"abcdef", 1, "…", 1},
		{"abcdef", 5, "abcd…", 5},
		{"abcdef", 6, "abcdef", 6},
		{"abcdef", 60, "abcdef", 6},
		{"日本語", 6, "日本語", 6},
		{"日本語", 5, "日本…", 5},
		{"日本語", 4, "日…", 3},
		{"a\x1b"
		 "bc",
		 5, "a…", 2},
		{"a\x1b"
		 "bc",
		 6, "a\\x1b…", 6},
		{"a\x1b"
		 "bc",
		 7, "a\\x1bbc", 7},
		{"e\xcc\x81"
		 "fg",
		 2, "e\xcc\x81…", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *got = NULL;
		size_t len = 0, columns;
		FILE *out = open_memstream(&got, &len);

		columns = safe_text_cut(out, view_string(rows[i].text), rows[i].width);
		assert_int_equal(fclose(out), 0);
		if (strcmp(got, rows[i].want) != 0 || columns != rows[i].columns)
			fail_msg("row %zu: [%s] %zu", i, got, columns);
		free(got);
	}
}

/* A buffer of any size holds whole pieces and its NUL. */
static void buffers(void **state)
{
	static const size_t ends[] = {0, 1, 3, 7, 8};
	struct view text = VIEW("aü\x1bz");
	char one = 'x';

	(void)state;
	assert_int_equal(safe_text_buffer(&one, 0, text), 0);
	assert_int_equal(one, 'x');
	assert_int_equal(safe_text_buffer(&one, 1, text), 0);
	assert_int_equal(one, '\0');
	for (size_t size = 1; size <= 9; size++) {
		char *buffer = malloc(size);
		size_t len, fits = 0;

		assert_non_null(buffer);
		len = safe_text_buffer(buffer, size, text);
		for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
			if (ends[i] < size)
				fits = ends[i];
		assert_int_equal(len, fits);
		assert_int_equal(buffer[len], '\0');
		free(buffer);
	}
}

static void json(void **state)
{
	static const struct {
		struct view text;
		const char *want;
	} rows[] = {
		{VIEW(""), "\"\""},
		{VIEW("a<b>&c/"), "\"a<b>&c/\""},
		{VIEW("say \"hi\" \\ there"), "\"say \\\"hi\\\" \\\\ there\""},
		{VIEW("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
		{VIEW("\0\x1b\x7f"), "\"\\u0000\\u001b\\u007f\""},
		{VIEW("Grüße 日本"), "\"Grüße 日本\""},
		{VIEW("\xff"
		      "a\xe2\x82"),
		 "\"\xef\xbf\xbd"
		 "a\xef\xbf\xbd\xef\xbf\xbd\""},
		{VIEW("\xc2\x9b\xe2\x80\xae\xe2\x80\xa8"), "\"\\u009b\\u202e\\u2028\""},
		{VIEW("\xf3\xa0\x81\x81"), "\"\\udb40\\udc41\""},
		{VIEW("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		expect(i, safe_json, rows[i].text, rows[i].want);
}

static void csv(void **state)
{
	static const struct {
		struct view text;
		const char *want;
	} rows[] = {
		{VIEW(""), ""},
		{VIEW("plain"), "plain"},
		{VIEW("a,b"), "\"a,b\""},
		{VIEW("a;b"), "\"a;b\""},
		{VIEW(" a"), "\" a\""},
		{VIEW("a "), "\"a \""},
		{VIEW("\""), "\"\"\"\""},
		{VIEW("say \"hi\""), "\"say \"\"hi\"\"\""},
		{VIEW("=1+1"), "'=1+1"},
		{VIEW("=cmd(\"x\",1)"), "\"'=cmd(\"\"x\"\",1)\""},
		{VIEW("@example.org"), "'@example.org"},
		{VIEW("+49 351"), "'+49 351"},
		{VIEW("-"), "'-"},
		{VIEW("-1"), "-1"},
		{VIEW("+12"), "+12"},
		{VIEW("-12.50"), "-12.50"},
		{VIEW("-12."), "'-12."},
		{VIEW("-1-1"), "'-1-1"},
		{VIEW("-1e5"), "'-1e5"},
		{VIEW("\t=1"), "'\\x09=1"},
		{VIEW("\r\n"), "'\\x0d\\x0a"},
		{VIEW("\0=1"), "\\x00=1"},
		{VIEW("a\nb"), "a\\x0ab"},
		{VIEW("x\x1b[2J"), "x\\x1b[2J"},
		{VIEW("Grüße"), "Grüße"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		expect(i, safe_csv, rows[i].text, rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts), cmocka_unit_test(cuts), cmocka_unit_test(buffers),
		cmocka_unit_test(json),	 cmocka_unit_test(csv),
	};

	return cmocka_run_group_tests_name("safe", tests, NULL, NULL);
}
