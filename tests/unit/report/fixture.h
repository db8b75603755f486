/* A ledger made by hand, and reports printed into a string. */
#ifndef MXWATCH_TESTS_REPORT_FIXTURE_H
#define MXWATCH_TESTS_REPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/report.h"

#define NOON 1700000000u /* 2023-11-14 22:13:20 UTC, a Tuesday */

struct fixture {
	struct directory directory;
	struct ledger ledger;
	struct fact_sink sink;
	struct input_totals input;
	struct report_options options;
	uint32_t session; /* number of the last one */
	char *out;	  /* what was printed last */
	size_t out_len;
	struct err err;
};

static inline void fixture_init(struct fixture *f)
{
	*f = (struct fixture){0};
	directory_init(&f->directory);
	ledger_init(&f->ledger, &f->directory, LEDGER_ALL, 0, UINT32_MAX);
	f->sink = ledger_sink(&f->ledger);
	f->options = (struct report_options){.format = REPORT_JSON, .gap_s = UINT32_MAX};
}

static inline void fixture_release(struct fixture *f)
{
	ledger_release(&f->ledger);
	directory_release(&f->directory);
	free(f->out);
}

static inline uint32_t fixture_client(struct fixture *f, const char *address, const char *name,
				      bool unsure)
{
	struct ip ip;
	struct word word = {name, (uint32_t)strlen(name), hash32(name, strlen(name))};
	uint32_t id;

	assert_true(ip_parse(view_string(address), &ip));
	id = directory_client(&f->directory, &ip);
	directory_name_client(&f->directory, id, word, unsure);
	return id;
}

static inline uint32_t fixture_string(struct fixture *f, const char *text)
{
	return strings_add(f->directory.strings, view_string(text));
}

/* A session that lasted DURATION_S from START on, refused for the bits REASONS. */
static inline void fixture_session(struct fixture *f, uint32_t client, uint32_t start,
				   uint32_t duration_s, uint32_t reasons)
{
	struct session_fact session = {
		.number = ++f->session,
		.client = client,
		.start = start,
		.end = start + duration_s,
		.duration_ms = duration_s * 1000,
		.reasons = reasons,
		.refusals = reasons ? 1 : 0,
		.relay_refusals = reasons >> REASON_RELAY_DENIED & 1,
	};

	f->sink.session(f->sink.context, &session);
}

static inline void fixture_refusal(struct fixture *f, uint32_t client, uint32_t time,
				   enum reason reason, const char *sender, const char *recipient)
{
	struct attempt attempt = {
		.time = time,
		.client = client,
		.sender = fixture_string(f, sender ? sender : ""),
		.recipient = fixture_string(f, recipient ? recipient : ""),
		.count = 1,
		.code = 550,
		.reason = (uint8_t)reason,
		.flags = (sender ? ATTEMPT_HAS_SENDER : 0u) |
			 (recipient ? ATTEMPT_HAS_RECIPIENT : 0u) | ATTEMPT_REJECTED,
	};

	f->sink.attempt(f->sink.context, &attempt);
}

/* Prints reports NAMES (with commas between) into f->out; returns reports_print's status. */
static inline int fixture_print(struct fixture *f, const char *names)
{
	struct report **reports, *chosen[16];
	size_t all, count = 0;
	FILE *out;
	int status;

	free(f->out);
	f->out = NULL;
	assert_int_equal(reports_load(NULL, &reports, &all, &f->err), 0);
	for (struct view rest = view_string(names); rest.len;) {
		size_t comma = view_find_byte(rest, ',');
		struct view name = view_to(rest, comma);

		for (size_t i = 0; i < all; i++)
			if (view_is(name, view_string(report_name(reports[i]))))
				chosen[count++] = reports[i];
		rest = comma == VIEW_NONE ? VIEW("") : view_from(rest, comma + 1);
	}
	out = open_memstream(&f->out, &f->out_len);
	status = reports_print(chosen, count, &f->options, &f->ledger, &f->input, out, &f->err);
	fclose(out);
	reports_free(reports, all);
	return status;
}

/* Fails unless WANT stands in what was printed last. */
static inline void fixture_expect(const struct fixture *f, const char *want)
{
	if (!strstr(f->out, want))
		fail_msg("this is missing:\n%s\nin:\n%s", want, f->out);
}

static inline void fixture_expect_not(const struct fixture *f, const char *unwanted)
{
	if (strstr(f->out, unwanted))
		fail_msg("this should not be there:\n%s\nin:\n%s", unwanted, f->out);
}

#endif
