/* Envelopes: what was read before must not change what is read. Lines follow each other
   with one memo and are read again with none. */
#include <stdint.h>
#include <stdlib.h>

#include "format/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
	if (!truth)
		abort();
}

/* A view that was handed out lies in its line. */
static void require_inside(struct view part, struct view line)
{
	require(part.len == 0 ||
		(part.ptr >= line.ptr && part.ptr + part.len <= line.ptr + line.len));
}

static void read_twice(struct view line, struct envelope_memo *memo)
{
	struct envelope_memo none = {0};
	struct event with = {0}, without = {0};
	struct record record_with, record_without;
	bool found = envelope_parse(line, memo, &record_with, &with);

	require(found == envelope_parse(line, &none, &record_without, &without));
	if (!found)
		return;
	require_inside(record_with.program, line);
	require_inside(record_with.message, line);
	require_inside(record_with.host, line);
	require(with.time_s == without.time_s && with.time_us == without.time_us &&
		with.flags == without.flags && with.pid == without.pid &&
		with.repeat == without.repeat && with.kind == without.kind && with.repeat >= 1);
	require(view_is(record_with.program, record_without.program) &&
		view_is(record_with.message, record_without.message) &&
		view_is(record_with.host, record_without.host));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = view_of((const char *)data, size);
	struct envelope_memo memo = {0};

	while (rest.len) {
		size_t newline = view_find_byte(rest, '\n');
		struct view line = view_to(rest, newline);

		read_twice(line, &memo);
		rest = newline == VIEW_NONE ? view_of(rest.ptr, 0) : view_from(rest, newline + 1);
	}
	return 0;
}
