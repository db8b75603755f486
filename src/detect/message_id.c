/*
 * Message-ID missing or malformed: a matter of policy, and no reason to block an
 * address. The field may be left out (RFC 5322, 3.6.4), and well-known software
 * gets its form wrong; so this is only noted.
 */
#include "detect/tally.h"

enum counter { COUNT, MISSING };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	return tally_state_new(context, parameters, TALLY_HOUR_S);
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct tally_state *state = data;
	struct tally_row *row;

	if (attempt->reason != REASON_MESSAGE_ID)
		return;
	row = tally_add(&state->tally, origin, attempt->time, attempt->count, attempt->session);
	row->counters[COUNT] += attempt->count;
	if (attempt->flags & ATTEMPT_MESSAGE_ID_MISSING)
		row->counters[MISSING] += attempt->count;
}

static void find_row(const struct tally_state *state, const struct tally_row *row,
		     const struct tally_progress *progress, struct findings *findings)
{
	struct finding *finding = tally_finding(findings, "message-id", row, GRADE_NOTE, 0);

	(void)state;
	(void)progress;
	finding_count(finding, "messages", row->counters[COUNT]);
	finding_count(finding, "missing", row->counters[MISSING]);
}

static void find(void *data, struct findings *findings)
{
	tally_each(data, find_row, findings);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t missing = finding_number(finding, "missing");

	(void)context;
	text_add(text, VIEW("sent "));
	text_counted(text, finding_number(finding, "messages"), "message");
	text_add(text, VIEW(" refused for the Message-ID"));
	if (missing) {
		text_add(text, VIEW(" ("));
		text_number(text, missing);
		text_add(text, VIEW(" had none)"));
	}
}

const struct detector detector_message_id = {
	.name = "message-id",
	.title = "Message-ID missing or malformed",
	.about = "Messages refused because their Message-ID is missing or malformed. Wanted mail "
		 "has such, too; so it is noted, and never a reason to block an address.",
	.start = start,
	.attempt = attempt,
	.find = find,
	.say = say,
	.release = tally_state_free,
};
