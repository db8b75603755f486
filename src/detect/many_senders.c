/*
 * Many senders: one client that tries to relay under many different sender
 * addresses, mostly to several recipients each. That is spam looking for an
 * open relay, not a probe: it neither notices nor cares that nothing passes.
 *
 * A server that brings the mail of a domain which is served here no more has many
 * senders too, but the recipients are of that domain.
 */
#include <stdlib.h>

#include "detect/detector.h"

#define STRONG_DOMAINS 3 /* of recipients */

enum parameter { SENDERS, HINT };

static enum grade grade_of(const struct detect_bare *state, const struct relay_sum *sum)
{
	if (relay_doubt(state->context, sum) != RELAY_NO_DOUBT ||
	    sum->senders ==
		    sum->local_senders) /* an office without logins, or see forged_local.c */
		return GRADE_NOTE;
	if (sum->senders >= state->parameters[SENDERS] && sum->domains >= STRONG_DOMAINS)
		return GRADE_STRONG;
	return sum->domains > 1 ? GRADE_HINT : GRADE_NOTE;
}

static void find(void *data, struct findings *findings)
{
	struct detect_bare *state = data;
	size_t count;
	const struct relay_sum *sums = relays_sums(state->context, &count);

	for (size_t i = 0; i < count; i++) {
		struct finding *finding;

		if (sums[i].senders < state->parameters[HINT])
			continue;
		finding = findings_add(findings, "many-senders", sums[i].origin,
				       grade_of(state, &sums[i]));
		finding->since = sums[i].first;
		finding->until = finding->decided = sums[i].last;
		finding_count(finding, "senders", sums[i].senders);
		finding_count(finding, "sender_domains", sums[i].sender_domains);
		finding_count(finding, "recipients", sums[i].recipients);
		finding_count(finding, "domains", sums[i].domains);
		finding_count(finding, "attempts", sums[i].attempts);
	}
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	(void)context;
	text_add(text, VIEW("tried to relay as "));
	text_number(text, finding_number(finding, "senders"));
	text_add(text, VIEW(" different senders to "));
	text_counted(text, finding_number(finding, "recipients"), "recipient");
	text_add(text, VIEW(" in "));
	text_counted(text, finding_number(finding, "domains"), "domain");
}

const struct detector detector_many_senders = {
	.name = "many-senders",
	.title = "Many senders",
	.about = "A client that is denied to relay under many sender addresses. A reason to block "
		 "by "
		 "itself if the recipients are of several domains; servers with a confirmed name "
		 "that bring the mail of one or two domains are only noted.",
	.parameters = {{"senders", 8, 2, 1000000, "distinct senders that are enough"},
		       {"hint", 4, 2, 1000000, "distinct senders that make it a hint"}},
	.start = detect_bare_start,
	.find = find,
	.say = say,
	.release = free,
};
