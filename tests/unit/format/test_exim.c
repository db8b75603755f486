/* Exim: hosts, addresses, times, continuations, and whose a line is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "format/exim.h"

extern const struct format format_exim;

static void assert_view(struct view view, const char *expected)
{
	assert_int_equal(view.len, strlen(expected));
	assert_memory_equal(view.len ? view.ptr : "", expected, view.len);
}

static const struct {
	const char *text, *name, *helo, *client, *rest; /* client "" : no host */
	uint16_t port;
} hosts[] = {
	{"[192.0.2.1]", "", "", "192.0.2.1", "", 0},
	{"[192.0.2.1]:25001 rejected", "", "", "192.0.2.1", " rejected", 25001},
	{"mx.example [192.0.2.1] F=<>", "mx.example", "", "192.0.2.1", " F=<>", 0},
	{"(a) [192.0.2.1]: x", "", "a", "192.0.2.1", ": x", 0},
	{"mx.example (a) [2001:db8::1]:7 I=[2001:db8::25]:25 F=<>", "mx.example", "a",
	 "2001:db8::1", " F=<>", 7},
	{"mx.example ([192.0.2.9]) [192.0.2.1]", "mx.example", "[192.0.2.9]", "192.0.2.1", "", 0},
	{"([192.0.2.9] x) [192.0.2.1]", "", "[192.0.2.9] x", "192.0.2.1", "", 0},
	{"(a) [b) [192.0.2.1]", "", "a) [b", "192.0.2.1", "", 0},
	{"() [192.0.2.1]", "", "", "192.0.2.1", "", 0},
	{"(a) [192.0.2.1] I=[192.0.2.2]:25 U=joe doe F=<x> rejected", "", "a", "192.0.2.1",
	 " F=<x> rejected", 0},
	{"[192.0.2.1] U=joe: no", "", "", "192.0.2.1", ": no", 0},
	{"", "", "", "", "", 0},
	{"root", "", "", "", "root", 0},
	{"mx.example", "", "", "", "mx.example", 0},
	{"mx.example [192.0.2.1", "", "", "", "mx.example [192.0.2.1", 0},
	{"mx.example [192.0.2.1]x", "", "", "", "mx.example [192.0.2.1]x", 0},
	{"mx.example [192.0.2.1]*", "", "", "", "mx.example [192.0.2.1]*", 0},
	{"mx.example (a [192.0.2.1]", "", "", "", "mx.example (a [192.0.2.1]", 0},
	{"two words [192.0.2.1]", "", "", "", "two words [192.0.2.1]", 0},
	{"[192.0.2.1]:99999 x", "", "", "", "[192.0.2.1]:99999 x", 0},
};

static void reads_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct event event = {0};
		struct view rest = view_string(hosts[i].text);
		bool is_host = exim_eat_host(&rest, &event);
		char client[IP_TEXT_MAX] = "";

		if (is_host != (hosts[i].client[0] != '\0'))
			fail_msg("host %zu: '%s'", i, hosts[i].text);
		if (event.flags & EVENT_HAS_CLIENT)
			ip_format(&event.client, client);
		assert_string_equal(client, hosts[i].client);
		assert_view(word_view(event.name), hosts[i].name);
		assert_view(word_view(event.helo), hosts[i].helo);
		assert_view(rest, hosts[i].rest);
		assert_int_equal(event.port, hosts[i].port);
	}
}

static const struct {
	const char *text, *argument, *rest;
} arguments[] = {
	{"<a@b.example>: no", "a@b.example", "no"},
	{"<a@b.example>", "a@b.example", ""},
	{"<>: no", "", "no"},
	{"a@b.example: no: really", "a@b.example", "no: really"},
	{"<\"x>: y\"@b.example>: no", "\"x>: y\"@b.example", "no"},
	{"<\"x\\\">: y\"@b.example>: no", "\"x\\\">: y\"@b.example", "no"},
	{"<@a.example:b@c.example>: no", "@a.example:b@c.example", "no"},
	{"<a@b.example> NOTIFY=NEVER: no", "a@b.example", "no"},
	{"Joe <a@b.example>: no", "a@b.example", "no"},
	{"\"Joe: <x@y>\" <a@b.example>: no", "a@b.example", "no"},
	{"(x: y) <a@b.example>: no", "a@b.example", "no"},
	{"<a@b.exam", "a@b.exam", ""},
	{"<\"a@b.example", "\"a@b.example", ""},
	{"", "", ""},
};

static void reads_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		struct view rest = view_string(arguments[i].text), argument;

		exim_eat_argument(&rest, true, &argument);
		assert_view(argument, arguments[i].argument);
		assert_view(rest, arguments[i].rest);
	}
}

static void reads_seconds(void **state)
{
	static const struct {
		const char *text;
		uint32_t seconds;
	} times[] = {
		{"0s", 0},
		{"5s", 5},
		{"0.203s", 0},
		{"1m5s", 65},
		{"1h2m3s", 3723},
		{"1w1d", 691200},
		{"", UINT32_MAX},
		{"5", UINT32_MAX},
		{"x", UINT32_MAX},
		{"5sx", UINT32_MAX},
		{"99999999999999999999s", UINT32_MAX},
		{"4294967295w", UINT32_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_int_equal(exim_seconds(view_string(times[i].text)), times[i].seconds);
}

static void reads_ids(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} ids[] = {
		{"16ZCW1-0005MB-00 <= x", 16},
		{"16ZCW1-0005MB-00", 16},
		{"1xUvXR-00000000wO2-2YzA Completed", 23},
		{"16ZCW1-0005MB-00x", 0},
		{"16ZCW1-0005MB", 0},
		{"H=abcd-example-1 [192.0.2.1]", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_int_equal(exim_id_length(view_string(ids[i].text)), ids[i].length);
}

static void knows_continuations(void **state)
{
	static const struct {
		const char *line;
		bool is;
	} lines[] = {
		{"", true},
		{"\tby mx1.example with esmtp", true},
		{"  Subject: hello", true},
		{"P Received: from x", true},
		{"* X-Old: y", true},
		{"Envelope-from: <a@b.example>", true},
		{"Envelope-to: <a@b.example>", true},
		{"----------", true},
		{"P not a header", false},
		{"Envelope-for: x", false},
		{"I am text", false},
		{"H=[192.0.2.1] rejected RCPT <a@b.example>", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(exim_is_continuation(view_string(lines[i].line)), lines[i].is);
}

static void claims_its_own(void **state)
{
	static const struct {
		const char *program, *message;
		bool claims;
	} records[] = {
		{"exim", "anything", true},
		{"exim4", "anything", true},
		{"postfix/smtpd", "H=[192.0.2.1] rejected", false},
		{"", "H=[192.0.2.1] rejected RCPT <a@b.example>", true},
		{"", "16ZCW1-0005MB-00 Completed", true},
		{"", "Start queue run: pid=1", true},
		{"", "plain authenticator failed for [192.0.2.1]: 535 no", true},
		{"", "status installed libc6:amd64 2.36-9", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		struct record record = {.program = view_string(records[i].program),
					.message = view_string(records[i].message)};

		assert_int_equal(format_exim.claims(&record), records[i].claims);
	}
}

/* In files of its own no program is named: others' lines are known by their words. */
static void leaves_others_lines(void **state)
{
	static const char *const lines[] = {"status installed libc6:amd64 2.36-9", "GET / HTTP/1.1",
					    "authenticator failed for [192.0.2.1]", "U"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct record record = {.message = view_string(lines[i])};
		struct event event = {.repeat = 1};

		assert_int_equal(format_exim.parse(&record, &event), PARSED_OTHER);
	}
}

/* A line of a megabyte is read in one go, whatever it is made of. */
static void reads_long_lines(void **state)
{
	static const char *const heads[] = {
		"H=(",
		"H=x [192.0.2.1] F=<\"",
		"H=x [192.0.2.1] F=<a@b> rejected RCPT ",
		"16ZCW1-0005MB-00 <= ",
		"16ZCW1-0005MB-00 ** ",
		"SMTP syntax error in \"",
		"SMTP protocol synchronization error (x): rejected \"",
	};
	static const char *const fillers[] = {
		"(", ") [", "\"", "\\", "<", ": ", "\" H=[192.0.2.1] malformed address: ", " "};
	static char line[1 << 20];

	(void)state;
	for (size_t h = 0; h < sizeof(heads) / sizeof(heads[0]); h++) {
		for (size_t f = 0; f < sizeof(fillers) / sizeof(fillers[0]); f++) {
			size_t at = strlen(heads[h]), len = strlen(fillers[f]);
			struct record record = {.message = view_of(line, sizeof(line))};
			struct event event = {.repeat = 1};

			memcpy(line, heads[h], at);
			for (; at < sizeof(line); at++)
				line[at] = fillers[f][at % len];
			format_exim.parse(&record, &event);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_hosts),	       cmocka_unit_test(reads_arguments),
		cmocka_unit_test(reads_seconds),       cmocka_unit_test(reads_ids),
		cmocka_unit_test(knows_continuations), cmocka_unit_test(claims_its_own),
		cmocka_unit_test(leaves_others_lines), cmocka_unit_test(reads_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
