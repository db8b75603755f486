/* Text that grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs what stands above. */
#include <cmocka.h>

#include <stdlib.h>

#include "base/text.h"

static void counts_in_words(void **state)
{
	static const struct {
		uint64_t number;
		const char *noun, *words;
	} cases[] = {
		{0, "client", "0 clients"},
		{1, "client", "1 client"},
		{18290, "recipient", "18,290 recipients"},
		{1, "drop-box", "1 drop-box"},
		{21, "drop-box", "21 drop-boxes"},
		{2, "address", "2 addresses"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text text = {0};

		text_counted(&text, cases[i].number, cases[i].noun);
		assert_string_equal(text_string(&text), cases[i].words);
		text_release(&text);
	}
}

static void spans_in_words(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *words;
	} cases[] = {
		{0, "0 s"},    {119, "119 s"},	      {120, "2 min"},	   {7199, "120 min"},
		{7200, "2 h"}, {2 * 86400, "2 days"}, {36 * 3600, "36 h"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text text = {0};

		text_span(&text, cases[i].seconds);
		assert_string_equal(text_string(&text), cases[i].words);
		text_clear(&text);
		text_span_seen(&text, cases[i].seconds);
		assert_string_equal(text_string(&text),
				    cases[i].seconds == 0 ? "1 s" : cases[i].words);
		text_release(&text);
	}
}

static void strange_words_are_harmless_and_cut(void **state)
{
	struct text text = {0};

	(void)state;
	assert_string_equal(text_string(&text), "");
	text_safe(&text, view_of("a\x1b[2Jb", 6), 40);
	assert_string_equal(text_string(&text), "a\\x1b[2Jb");
	text_clear(&text);
	text_safe(&text, VIEW("abcdefgh"), 3);
	assert_string_equal(text_string(&text), "abc…");
	text_release(&text);
}

static void long_text_is_taken_whole(void **state)
{
	struct text text = {0};
	char *taken;

	(void)state;
	for (int i = 0; i < 1000; i++)
		text_format(&text, "%d,", i % 10);
	taken = text_take(&text);
	assert_int_equal(strlen(taken), 2000);
	assert_string_equal(taken + 1990, "5,6,7,8,9,");
	assert_string_equal(text_string(&text), "");
	free(taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_in_words),
		cmocka_unit_test(spans_in_words),
		cmocka_unit_test(strange_words_are_harmless_and_cut),
		cmocka_unit_test(long_text_is_taken_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
