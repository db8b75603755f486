/*
 * Any bytes as the message of an Exim line, by syslog and from Exim's own files:
 * every word told must lie in it, and the same bytes tell the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct format format_exim;

static void check_word(struct word word, struct view text)
{
	if (word.len && (word.ptr < text.ptr || word.ptr + word.len > text.ptr + text.len))
		abort();
}

static void check_record(const struct record *record)
{
	struct event event = {.repeat = 1, .pid = record->pid};
	struct event again = event;
	enum parsed parsed;

	if (!format_exim.claims(record))
		return;
	parsed = format_exim.parse(record, &event);
	if (parsed != format_exim.parse(record, &again) ||
	    memcmp(&event, &again, sizeof(event)) != 0)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record = {.message = view_of((const char *)data, size), .pid = 1};

	record.program = VIEW("exim");
	check_record(&record);
	record.program = VIEW("");
	check_record(&record);
	return 0;
}
