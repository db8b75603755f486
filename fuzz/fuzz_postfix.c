/* Postfix's messages: the first line of the input is the program, the rest the message. */
#include <stdint.h>
#include <stdlib.h>

#include "format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct format format_postfix;

static void require(bool truth)
{
	if (!truth)
		abort();
}

/* A word lies in the message, or is one of the format's own texts. */
static void require_inside(struct word word, struct view message)
{
	if (word.len && word.ptr >= message.ptr && word.ptr < message.ptr + message.len)
		require(word.ptr + word.len <= message.ptr + message.len);
	for (uint32_t i = 0; i < word.len; i++)
		(void)*(volatile const char *)&word.ptr[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_of((const char *)data, size);
	size_t newline = view_find_byte(text, '\n');
	struct event event = {.repeat = 1, .delay_s = UINT32_MAX};
	struct record record = {.program = view_to(text, newline)};

	if (newline == VIEW_NONE)
		return 0;
	record.message = view_from(text, newline + 1);
	if (!format_postfix.claims(&record) ||
	    format_postfix.parse(&record, &event) != PARSED_EVENT)
		return 0;
	require(event.kind > EVENT_NONE && event.kind < EVENT_MAX);
	require(event.reason < REASON_MAX && event.stage < STAGE_MAX && event.repeat >= 1);
	require_inside(event.queue_id, record.message);
	require_inside(event.name, record.message);
	require_inside(event.helo, record.message);
	require_inside(event.sender, record.message);
	require_inside(event.recipient, record.message);
	require_inside(event.text, record.message);
	return 0;
}
