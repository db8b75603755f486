#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect/relay_form.h"

static void forms(void **data)
{
	static const struct {
		const char *address;
		unsigned int forms;
	} cases[] = {
		/* What a well-known scanner's script tries. */
		{"relaytest@nmap.scanme.org", 0},
		{"relaytest%nmap.scanme.org@[192.0.2.1]", FORM_PERCENT | FORM_LITERAL},
		{"relaytest%nmap.scanme.org@mx.lab.example", FORM_PERCENT},
		{"\"relaytest@nmap.scanme.org\"", FORM_QUOTED},
		{"\"relaytest%nmap.scanme.org\"", FORM_PERCENT},
		{"relaytest@nmap.scanme.org@[192.0.2.1]", FORM_QUOTED | FORM_LITERAL},
		{"\"relaytest@nmap.scanme.org\"@[192.0.2.1]", FORM_QUOTED | FORM_LITERAL},
		{"relaytest@nmap.scanme.org@mx.lab.example", FORM_QUOTED},
		{"@[192.0.2.1]:relaytest@nmap.scanme.org", FORM_ROUTE},
		{"@mx.lab.example:relaytest@nmap.scanme.org", FORM_ROUTE},
		{"nmap.scanme.org!relaytest", FORM_BANG},
		{"nmap.scanme.org!relaytest@[192.0.2.1]", FORM_BANG | FORM_LITERAL},
		{"nmap.scanme.org!relaytest@mx.lab.example", FORM_BANG},
		/* What is proper. */
		{"", 0},
		{"@", 0},
		{"user", 0},
		{"50%off@shop.example", 0},
		{"wow!@shop.example", 0},
		{"a!b@shop.example", 0},
		{"\"odd name\"@lab.example", 0},
		{"bounce-list=user=lab.example@lists.example", 0},
		{"SRS0=ab=CD=lab.example=user@forward.example", 0},
		{"SRS1=ab=x.example==CD=y.example=a%b.c@forward.example", 0},
		{"prvs=12345=a.b!c@lab.example", 0},
		{"user@[192.0.2.1]", FORM_LITERAL},
	};

	(void)data;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (relay_form(view_string(cases[i].address)) != cases[i].forms)
			fail_msg("%s: %x", cases[i].address,
				 relay_form(view_string(cases[i].address)));
}

static void marks(void **data)
{
	static const struct {
		const char *address;
		bool marked;
	} cases[] = {
		{"probe-198.51.100.1@box.example", true},
		{"198-51-100-1@box.example", true},
		{"a1.2.3.4.5b@box.example", true},
		{"198.51.100.1.box@x.example", true},
		{"192.0.2.7@box.example", false},     /* its own */
		{"a.192-0-2-7.b@box.example", false}, /* likewise */
		{"198.51-100.1@box.example", false},
		{"300.1.2.3@box.example", false},
		{"1.2.3@box.example", false},
		{"order.2026.11.22@box.example", false},
		{"user@198.51.100.1", false},
		{"", false},
		{"99999999999999999999999999.1.2.3@x.example", false},
	};
	struct ip own;

	(void)data;
	assert_true(ip_parse(VIEW("192.0.2.7"), &own));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (relay_names_address(view_string(cases[i].address), &own) != cases[i].marked)
			fail_msg("%s", cases[i].address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(forms), cmocka_unit_test(marks)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
