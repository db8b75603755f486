/* Postfix: which program wrote the record, and what it said. */
#include "format/format.h"

static bool claims(const struct record *record)
{
	return view_starts(record->program, VIEW("postfix"));
}

static enum parsed parse(const struct record *record, struct event *event)
{
	(void)record;
	(void)event;
	return PARSED_UNKNOWN;
}

const struct format format_postfix = {
	.name = "postfix",
	.summary = "Postfix 2 and 3, by syslog or maillog_file",
	.mta = MTA_POSTFIX,
	.claims = claims,
	.parse = parse,
};
