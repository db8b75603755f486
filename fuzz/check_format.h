/*
 * What holds for every record that a format reads: the same bytes tell the same,
 * and every word told lies in the record's message.
 */
#ifndef MXWATCH_FUZZ_CHECK_FORMAT_H
#define MXWATCH_FUZZ_CHECK_FORMAT_H

#include <stdlib.h>
#include <string.h>

#include "format/format.h"

static inline void check_word(struct word word, struct view text)
{
	if (word.len && (word.ptr < text.ptr || word.ptr + word.len > text.ptr + text.len))
		abort();
}

static inline void check_record(const struct format *format, const struct record *record)
{
	struct event event = {.repeat = 1, .pid = record->pid};
	struct event again = event;
	enum parsed parsed;

	if (!format->claims(record))
		return;
	parsed = format->parse(record, &event);
	if (parsed != format->parse(record, &again) || memcmp(&event, &again, sizeof(event)) != 0)
		abort();
	if (parsed != PARSED_EVENT)
		return;
	if (event.kind == EVENT_NONE || event.kind >= EVENT_MAX || event.reason >= REASON_MAX ||
	    event.stage >= STAGE_MAX || event.repeat == 0)
		abort();
	check_word(event.queue_id, record->message);
	check_word(event.name, record->message);
	check_word(event.helo, record->message);
	check_word(event.sender, record->message);
	check_word(event.recipient, record->message);
	check_word(event.text, record->message);
}

#endif
