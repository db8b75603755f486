#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scene.h"

#include "detect/names.h"

static void names(void **data)
{
	static const struct {
		const char *name;
		bool guessed, dictionary;
	} rows[] = {
		{"admin", true, true},
		{"Test123", true, true},
		{"www-data", true, false},
		{"adm", true, false},
		{"zoe", false, true},
		{"aaron", false, true},
		{"info", false, true},
		{"h.meier", false, false},
		{"", false, false},
		{"123", false, false},
		{"averyveryverylongname", false, false},
		{"webmaster", true, true},
	};

	(void)data;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(names_is_guessed_user(view_string(rows[i].name)), rows[i].guessed);
		assert_int_equal(names_is_dictionary(view_string(rows[i].name)),
				 rows[i].dictionary);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
