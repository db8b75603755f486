/*
 * Not trying again: a client that is told 4yz for one message after the other,
 * and never brings one of them a second time. A mail server keeps what it was
 * told to bring later, and tries for days (RFC 5321, 4.5.4.1); programs on hijacked
 * machines pour out what they have and forget it.
 *
 * Only where the refusal is of the client itself, for a missing or wrong name, as
 * a list says or by a rule. Greylisting is left out: a provider tries again from
 * another of its addresses. So it is a hint, and for who has no confirmed name.
 */
#include "detect/standing.h"
#include "detect/tally.h"

#define AGAIN_SHARE 10 /* one in so many may have come twice */

enum parameter { MESSAGES, HOURS };
enum counter { ATTEMPTS };

#define BIT(reason) (1u << REASON_##reason)
#define OF_THE_CLIENT \
	(BIT(NO_PTR) | BIT(BAD_PTR) | BIT(DYNAMIC) | BIT(DNSBL) | BIT(ACCESS) | BIT(HELO))

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct tally_state *state = tally_state_new(context, parameters, TALLY_HOUR_S);

	tally_mark(&state->tally, 0, parameters[MESSAGES], parameters[HOURS]);
	return state;
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct tally_state *state = data;
	const struct strings *strings = state->context->directory->strings;
	struct tally_row *row;
	uint64_t message;
	bool is_new;

	if (attempt->code < 400 || attempt->code >= 500 ||
	    !(OF_THE_CLIENT >> attempt->reason & 1) || !(attempt->flags & ATTEMPT_HAS_SENDER) ||
	    !(attempt->flags & ATTEMPT_HAS_RECIPIENT))
		return;
	message = hash_pair(detect_address_hash(strings_get(strings, attempt->sender)),
			    detect_address_hash(strings_get(strings, attempt->recipient)));
	row = tally_add_distinct(&state->tally, origin, attempt->time, 1, message, attempt->session,
				 &is_new);
	row->counters[ATTEMPTS] += attempt->count;
}

static void find_row(const struct tally_state *state, const struct tally_row *row,
		     const struct tally_progress *progress, struct findings *findings)
{
	uint32_t again = row->counters[ATTEMPTS] - row->distinct;
	struct finding *finding;

	if (!progress->reached[0] || again > row->distinct / AGAIN_SHARE ||
	    standing_messages(state->context, row->origin) > 0 ||
	    standing_named(state->context, row->origin))
		return;
	finding = tally_finding(findings, "no-retry", row,
				standing_cap(state->context, row->origin, GRADE_HINT),
				tally_reached(&state->tally, row, progress, 0));
	finding_count(finding, "messages", row->distinct);
	finding_count(finding, "again", again);
	finding_seconds(finding, "seconds", row->last - row->first);
}

static void find(void *data, struct findings *findings)
{
	tally_each(data, find_row, findings);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t again = finding_number(finding, "again");

	(void)context;
	text_add(text, VIEW("was told to come again later with "));
	text_counted(text, finding_number(finding, "messages"), "message");
	text_add(text, VIEW(" in "));
	text_span_seen(text, finding_number(finding, "seconds"));
	if (again == 0) {
		text_add(text, VIEW(", and never did"));
	} else {
		text_add(text, VIEW(", and did so "));
		text_counted(text, again, "time");
	}
}

const struct detector detector_no_retry = {
	.name = "no-retry",
	.title = "Not trying again",
	.about = "Clients without a confirmed name that are told to come again later for one "
		 "message after the other, in different hours, and never bring one of them again, "
		 "as every mail server would. A hint. Greylisting does not count, because a "
		 "provider tries again from another address.",
	.parameters = {{"messages", 12, 2, 4096, "messages that are enough"},
		       {"hours", 6, 1, 4096, "different hours in which they must come"}},
	.start = start,
	.attempt = attempt,
	.find = find,
	.say = say,
	.release = tally_state_free,
};
