/* Searches give what memchr and memmem give, wherever text and hit stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/scan.h"
#include "base/view.h"

#define LENGTH_MAX 70

/* A text of LEN bytes in memory of just that size, so that reading beyond is seen. */
static char *exact(const char *bytes, size_t len)
{
	char *text = malloc(len ? len : 1);

	assert_non_null(text);
	memcpy(text, bytes, len);
	return text;
}

static void test_bytes(void **state)
{
	char bytes[LENGTH_MAX];

	(void)state;
	memset(bytes, '.', sizeof(bytes));
	for (size_t len = 0; len < LENGTH_MAX; len++) {
		char *text = exact(bytes, len);

		assert_ptr_equal(scan_byte(text, text + len, ':'), text + len);
		for (size_t at = 0; at < len; at++) {
			text[at] = ':';
			text[len - 1] = at + 1 < len ? ']' : ':';
			assert_ptr_equal(scan_byte(text, text + len, ':'), text + at);
			assert_ptr_equal(scan_two(text, text + len, '[', ':'), text + at);
			assert_ptr_equal(scan_three(text, text + len, '\xff', ':', ']'), text + at);
			assert_ptr_equal(scan_three(text, text + len, '\xff', 'x', 'y'),
					 text + len);
			text[at] = text[len - 1] = '.';
		}
		free(text);
	}
}

/* What view_find has to give. */
static size_t plain_find(struct view text, struct view needle)
{
	for (size_t at = 0; at + needle.len <= text.len; at++)
		if (memcmp(text.ptr + at, needle.ptr, needle.len) == 0)
			return at;
	return VIEW_NONE;
}

static void test_find(void **state)
{
	static const struct view needles[] = {VIEW("a"),     VIEW("ab"),       VIEW("aa"),
					      VIEW("aba"),   VIEW("abb"),      VIEW("bbbb"),
					      VIEW("aabab"), VIEW("babaabab"), VIEW("")};
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		size_t len = (size_t)round % LENGTH_MAX;
		char bytes[LENGTH_MAX];
		char *text;

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = seed >> 16 & 7 ? 'b' : 'a';
		}
		text = exact(bytes, len);
		for (size_t i = 0; i < sizeof(needles) / sizeof(needles[0]); i++) {
			size_t found = view_find(view_of(text, len), needles[i]);

			if (len == 0)
				assert_true(found == VIEW_NONE);
			else
				assert_true(found == plain_find(view_of(text, len), needles[i]));
		}
		free(text);
	}
}

static void test_find_long(void **state)
{
	const size_t len = 100000;
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, ' ', len);
	assert_true(view_find(view_of(text, len), VIEW(" from ")) == VIEW_NONE);
	memcpy(text + len - 6, " from ", 6);
	assert_true(view_find(view_of(text, len), VIEW(" from ")) == len - 6);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_bytes),
					   cmocka_unit_test(test_find),
					   cmocka_unit_test(test_find_long)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
