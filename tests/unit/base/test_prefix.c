/* Networks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs what stands above. */
#include <cmocka.h>

#include "base/prefix.h"

static struct prefix parsed(const char *text)
{
	struct prefix prefix = {0};
	struct err err;

	assert_int_equal(prefix_parse(view_string(text), &prefix, &err), 0);
	return prefix;
}

static void reads_and_writes(void **state)
{
	static const struct {
		const char *text, *written, *network;
		uint32_t length;
		bool v4;
	} cases[] = {
		{"192.0.2.7", "192.0.2.7", "192.0.2.7/32", 32, true},
		{"192.0.2.0/24", "192.0.2.0/24", "192.0.2.0/24", 24, true},
		{"0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0", 0, true},
		{"2001:DB8::/32", "2001:db8::/32", "2001:db8::/32", 32, false},
		{"2001:db8:0:1::/64", "2001:db8:0:1::/64", "2001:db8:0:1::/64", 64, false},
		{"::/0", "::/0", "::/0", 0, false},
		{"2001:db8::1", "2001:db8::1", "2001:db8::1/128", 128, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix prefix = parsed(cases[i].text);
		char text[PREFIX_TEXT_MAX];

		prefix_format(&prefix, text);
		assert_string_equal(text, cases[i].written);
		prefix_format_network(&prefix, text);
		assert_string_equal(text, cases[i].network);
		assert_int_equal(prefix_length(&prefix), cases[i].length);
		assert_int_equal(prefix_is_v4(&prefix), cases[i].v4);
	}
}

static void refuses_what_is_none(void **state)
{
	static const char *const cases[] = {
		"",
		"192.0.2",
		"192.0.2.1/24",
		"192.0.2.0/33",
		"192.0.2.0/",
		"192.0.2.0/x",
		"2001:db8::1/64",
		"::/129",
		"mail.example.net",
		"192.0.2.0/24 ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix prefix;
		struct err err;

		assert_true(prefix_parse(view_string(cases[i]), &prefix, &err) < 0);
		assert_true(err.text[0] != '\0');
	}
}

static void contains(void **state)
{
	static const struct {
		const char *outer, *inner;
		bool within;
	} cases[] = {
		{"192.0.2.0/24", "192.0.2.255", true},
		{"192.0.2.0/24", "192.0.3.0", false},
		{"192.0.2.0/24", "192.0.2.128/25", true},
		{"192.0.2.128/25", "192.0.2.0/24", false},
		{"0.0.0.0/0", "198.51.100.1", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"2001:db8::/63", "2001:db8:0:1::5", true},
		{"2001:db8::/64", "2001:db8:0:1::5", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix outer = parsed(cases[i].outer), inner = parsed(cases[i].inner);

		assert_int_equal(prefix_contains(&outer, &inner), cases[i].within);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(refuses_what_is_none),
		cmocka_unit_test(contains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
