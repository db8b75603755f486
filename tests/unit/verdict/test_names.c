/* Sets of names, and names made of addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "verdict/names.h"

static void covering(void **state)
{
	static const struct {
		const char *host, *covered_by;
	} rows[] = {
		{"example.net", "example.net"},
		{"mail.example.net", "example.net"},
		{"a.b.c.example.net", "example.net"},
		{"badexample.net", ""},
		{"net", ""},
		{"", ""},
		{"example.org", "example.org"},
		{"x.sub.example.org", "sub.example.org"},
		{".", ""},
		{"host", "host"},
		{"example.net.", ""},
	};
	struct names names;

	(void)state;
	names_init(&names);
	names_add_list(&names, VIEW("# comment\nExample.NET.\n  sub.example.org # more\n"
				    "example.org\r\n\nno name\nhost"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(view_is(names_covering(&names, view_string(rows[i].host)),
				    view_string(rows[i].covered_by)));
	names_release(&names);
}

static void no_names(void **state)
{
	static const char *const rows[] = {"",	  "*",	 "*.",	 ".",	"..",	    "a b",
					   "a/b", "a@b", "a..b", "-\n", "user:name"};
	struct names names;
	char *longer = malloc(400);

	(void)state;
	assert_non_null(longer);
	memset(longer, 'a', 400);
	names_init(&names);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(names_add(&names, view_string(rows[i])));
	assert_false(names_add(&names, view_of(longer, 400)));
	assert_false(names_add(&names, view_of("a\0b", 3)));
	assert_int_equal(strings_count(names.set), 0);
	names_release(&names);
	free(longer);
}

static void spelt(void **state)
{
	static const struct {
		const char *name, *address;
		bool spells;
	} rows[] = {
		{"static-192-0-2-7.isp.example", "192.0.2.7", true},
		{"7.2.0.192.clients.example", "192.0.2.7", true},
		{"host192.000.002.007x", "192.0.2.7", true},
		{"9-192-0-2-7.example", "192.0.2.7", true},
		{"mail-192-0-2.example", "192.0.2.7", false},
		{"static-192-0-2-8.isp.example", "192.0.2.7", false},
		{"out0-0-0-0.example", "192.0.2.7", false},
		{"a8-29.smtp-out.example", "54.240.8.29", false},
		{"99999999999999999999999.example", "192.0.2.7", false},
		{"192-0-2-7.example", "2001:db8::c000:207", false},
		{"", "0.0.0.0", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ip ip;

		assert_true(ip_parse(view_string(rows[i].address), &ip));
		if (name_spells_address(view_string(rows[i].name), &ip) != rows[i].spells)
			fail_msg("%s", rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(covering),
		cmocka_unit_test(no_names),
		cmocka_unit_test(spelt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
