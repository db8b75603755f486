/*
 * Relaying with the null sender: a bounce goes back to a user of ours, or
 * nowhere; a null sender to somebody else's users is somebody who hopes that
 * a server lets everything from <> pass.
 *
 * A server that sends bounces to a forged address can do that too, once in a
 * while; so a hint, and only for several recipients.
 */
#include <stdlib.h>

#include "detect/detector.h"

enum parameter { RECIPIENTS };

/* Bounces to one domain are for users who were served here once. */
static enum grade grade_of(const struct detect_bare *state, const struct relay_sum *sum)
{
	if (sum->null_recipients < state->parameters[RECIPIENTS] || sum->domains == 1 ||
	    relay_doubt(state->context, sum) != RELAY_NO_DOUBT)
		return GRADE_NOTE;
	return GRADE_HINT;
}

static uint32_t count_attempts(const struct detect_bare *state, const struct relay_sum *sum)
{
	const struct relay *rows = &state->context->relays->rows[sum->row];
	uint32_t attempts = 0;

	for (uint32_t i = 0; i < sum->rows; i++)
		if (rows[i].sender == 0)
			attempts += rows[i].count;
	return attempts;
}

static void find(void *data, struct findings *findings)
{
	struct detect_bare *state = data;
	size_t count;
	const struct relay_sum *sums = relays_sums(state->context, &count);

	for (size_t i = 0; i < count; i++) {
		struct finding *finding;

		if (sums[i].null_recipients == 0)
			continue;
		finding = findings_add(findings, "null-sender", sums[i].origin,
				       grade_of(state, &sums[i]));
		finding->since = sums[i].first;
		finding->until = finding->decided = sums[i].last;
		finding_count(finding, "recipients", sums[i].null_recipients);
		finding_count(finding, "attempts", count_attempts(state, &sums[i]));
	}
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	(void)context;
	text_add(text, VIEW("tried to relay with the null sender to "));
	text_counted(text, finding_number(finding, "recipients"), "recipient");
	text_add(text, VIEW(" elsewhere"));
}

const struct detector detector_null_sender = {
	.name = "null-sender",
	.title = "Relaying with the null sender",
	.about = "Relay attempts with the sender <>, which is for bounces, and those come to us "
		 "only for our own users. A hint from several recipients on; a stray bounce is "
		 "only noted.",
	.parameters = {{"recipients", 3, 1, 1000000, "distinct recipients that make it a hint"}},
	.start = detect_bare_start,
	.find = find,
	.say = say,
	.release = free,
};
