/* The forms of stamp, host, program and pid that logs have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/civil.h"
#include "format/envelope.h"

#define YEAR_ZONE (EVENT_NO_YEAR | EVENT_NO_ZONE)

struct stamp_case {
	const char *line;
	int year, month, day, hour, minute, second;
	uint32_t us, flags;
	const char *host, *program, *message;
	uint32_t pid;
};

static const struct stamp_case cases[] = {
	{"Nov 22 00:34:40 mx postfix/smtpd[12]: hello", 1972, 11, 22, 0, 34, 40, 0, YEAR_ZONE, "mx",
	 "postfix/smtpd", "hello", 12},
	{"Feb 29 23:59:60 mx prog: hello", 1972, 2, 29, 23, 59, 59, 0, YEAR_ZONE, "mx", "prog",
	 "hello", 0},
	{"Nov  2 00:34:40 mx sm-mta ... ruleset=x", 1972, 11, 2, 0, 34, 40, 0, YEAR_ZONE, "mx",
	 "sm-mta", "... ruleset=x", 0},
	{"Nov 2 00:34:40.25 mx prog[7]:hello", 1972, 11, 2, 0, 34, 40, 250000, YEAR_ZONE, "mx",
	 "prog", "hello", 7},
	{"Nov 22 2026 00:34:40 mx prog[7]: hello\r", 2026, 11, 22, 0, 34, 40, 0, EVENT_NO_ZONE,
	 "mx", "prog", "hello", 7},
	{"2026 Nov  2 00:34:40 mx prog[7]: hello", 2026, 11, 2, 0, 34, 40, 0, EVENT_NO_ZONE, "mx",
	 "prog", "hello", 7},
	{"<22>Nov 22 00:34:40 mx prog[7]: hello", 1972, 11, 22, 0, 34, 40, 0, YEAR_ZONE, "mx",
	 "prog", "hello", 7},
	{"Nov 22 00:34:40 mx mail.info prog[7]: hello", 1972, 11, 22, 0, 34, 40, 0, YEAR_ZONE, "mx",
	 "prog", "hello", 7},
	{"Nov 22 00:34:40 mx prog[7]: [ID 197553 mail.info] hello", 1972, 11, 22, 0, 34, 40, 0,
	 YEAR_ZONE, "mx", "prog", "hello", 7},
	{"2026-11-22T00:34:40.155962+02:00 mx prog[7]: hello", 2026, 11, 21, 22, 34, 40, 155962, 0,
	 "mx", "prog", "hello", 7},
	{"2026-11-22T00:34:40-0130 mx prog[7]: hello", 2026, 11, 22, 2, 4, 40, 0, 0, "mx", "prog",
	 "hello", 7},
	{"2026-11-22T00:34:40Z mx prog[7]: hello", 2026, 11, 22, 0, 34, 40, 0, 0, "mx", "prog",
	 "hello", 7},
	{"2026-11-22T00:34:40 mx prog[7]: hello", 2026, 11, 22, 0, 34, 40, 0, EVENT_NO_ZONE, "mx",
	 "prog", "hello", 7},
	{"2026-11-22 00:34:40 mx prog[7]: hello", 2026, 11, 22, 0, 34, 40, 0, EVENT_NO_ZONE, "mx",
	 "prog", "hello", 7},
	{"2026-11-22 00:34:40 1xUvPC-00013Q-2K <= a@b H=x", 2026, 11, 22, 0, 34, 40, 0,
	 EVENT_NO_ZONE, "", "", "1xUvPC-00013Q-2K <= a@b H=x", 0},
	{"2026-11-22 00:34:40 1xUvPC-00013Q-2K rewrite: x", 2026, 11, 22, 0, 34, 40, 0,
	 EVENT_NO_ZONE, "", "", "1xUvPC-00013Q-2K rewrite: x", 0},
	{"2026-11-22 00:34:40.756 +0100 [3598] SMTP connection", 2026, 11, 21, 23, 34, 40, 756000,
	 0, "", "", "SMTP connection", 3598},
	{"2026-11-22 00:34:40 [192.0.2.1] SMTP connection", 2026, 11, 22, 0, 34, 40, 0,
	 EVENT_NO_ZONE, "", "", "[192.0.2.1] SMTP connection", 0},
	{"<22>1 2026-11-22T00:34:40.1+00:00 mx postfix 7 - -  hello", 2026, 11, 22, 0, 34, 40,
	 100000, 0, "mx", "postfix", "hello", 7},
	{"<22>1 2026-11-22T00:34:40Z - postfix - id [a@1 b=\"\\\"]\"] \xef\xbb\xbfhello", 2026, 11,
	 22, 0, 34, 40, 0, 0, "", "postfix", "hello", 0},
	{"Sun 2026-11-22 00:34:40 UTC mx prog[7]: hello", 2026, 11, 22, 0, 34, 40, 0, 0, "mx",
	 "prog", "hello", 7},
	{"Sun 2026-11-22 00:34:40 CET mx prog[7]: hello", 2026, 11, 22, 0, 34, 40, 0, EVENT_NO_ZONE,
	 "mx", "prog", "hello", 7},
};

static void assert_view(const char *line, struct view got, const char *want)
{
	if (!view_is(got, view_string(want)))
		fail_msg("%s: got '%.*s', want '%s'", line, (int)got.len, got.ptr, want);
}

static void reads_forms(void **state)
{
	struct envelope_memo memo = {0};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const struct stamp_case *c = &cases[i / 2];
		struct civil civil = {c->year, c->month, c->day, c->hour, c->minute, c->second};
		struct event event = {0};
		struct record record;

		if (!envelope_parse(view_string(c->line), &memo, &record, &event))
			fail_msg("%s: not read", c->line);
		if (event.time_s != civil_to_seconds(&civil) || event.time_us != c->us ||
		    event.flags != c->flags || event.pid != c->pid || event.repeat != 1)
			fail_msg("%s: time %lld.%u flags %u pid %u", c->line,
				 (long long)event.time_s, event.time_us, event.flags, event.pid);
		assert_view(c->line, record.host, c->host);
		assert_view(c->line, record.program, c->program);
		assert_view(c->line, record.message, c->message);
	}
}

static void refuses_others(void **state)
{
	static const char *const lines[] = {
		"",
		"x",
		"Nov 22 00:34:40",
		"Nov 31 00:34:40 mx prog[7]: hello",
		"Feb 30 00:34:40 mx prog[7]: hello",
		"Nov 22 24:34:40 mx prog[7]: hello",
		"Nov 22 00:60:40 mx prog[7]: hello",
		"Nix 22 00:34:40 mx prog[7]: hello",
		"2026-13-22T00:34:40Z mx prog[7]: hello",
		"2026-11-22T00:34:4xZ mx prog[7]: hello",
		"2026-11-22T00:34:40Zmx prog[7]: hello",
		"<22>1 2026-11-22T00:34:40Z mx postfix 7 - [x",
		"<22222>Nov 22 00:34:40 mx prog[7]: hello",
		"-- Logs begin at Sun 2026-11-22 01:35:45 CET. --",
	};
	struct envelope_memo memo = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct event event = {0};
		struct record record;

		if (envelope_parse(view_string(lines[i]), &memo, &record, &event))
			fail_msg("%s: read", lines[i]);
	}
}

static void knows_repeats(void **state)
{
	static const struct {
		const char *line, *message;
		uint32_t repeat;
		uint8_t kind;
	} repeats[] = {
		{"Nov 22 00:34:40 mx prog[7]: message repeated 5 times: [ hello]", "hello", 5,
		 EVENT_NONE},
		{"Nov 22 00:34:40 mx prog[7]: message repeated 0 times: [ hello]", "hello", 1,
		 EVENT_NONE},
		{"Nov 22 00:34:40 mx prog[7]: message repeated 9999999999 times: [a [b]]", "a [b]",
		 UINT32_MAX, EVENT_NONE},
		{"Nov 22 00:34:40 mx prog[7]: message repeated x times: [ hello]",
		 "message repeated x times: [ hello]", 1, EVENT_NONE},
		{"Nov 22 00:34:40 mx last message repeated 3 times", "", 3, EVENT_REPEAT_LAST},
		{"Nov 22 00:34:40 mx last message repeated 1 time", "", 1, EVENT_REPEAT_LAST},
	};
	struct envelope_memo memo = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(repeats) / sizeof(repeats[0]); i++) {
		struct event event = {0};
		struct record record;

		assert_true(envelope_parse(view_string(repeats[i].line), &memo, &record, &event));
		assert_int_equal(event.repeat, repeats[i].repeat);
		assert_int_equal(event.kind, repeats[i].kind);
		assert_view(repeats[i].line, record.message, repeats[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_forms),
		cmocka_unit_test(refuses_others),
		cmocka_unit_test(knows_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
