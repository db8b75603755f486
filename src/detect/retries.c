/*
 * Retry persistence: clients that come back again and again although they were
 * refused for good, because of what they are (listed, a home line, barred), over
 * hours and days. A mail server gives a message up after 5yz (RFC 5321, 4.2.1);
 * programs on hijacked machines do not listen.
 *
 * Not counted: temporary refusals, which a server must try again for days;
 * refusals of one recipient or message, as of relaying for a domain that has moved,
 * of unknown users, of content; nor of the HELO name, which has its own pattern. A
 * server that only lacks a proper name sends each new mail in vain: a hint at most.
 */
#include "detect/standing.h"
#include "detect/tally.h"

enum parameter { TRIES, HOURS };
enum mark { STRONG, HINT };
enum counter { SESSIONS, SET_UP_ONLY, LISTED_ONLY, REASONS };

#define BIT(reason) (1u << REASON_##reason)
#define FAULTS_OF_SET_UP (BIT(NO_PTR) | BIT(BAD_PTR))
#define OF_THE_CLIENT (FAULTS_OF_SET_UP | BIT(DNSBL) | BIT(DYNAMIC) | BIT(ACCESS) | BIT(PREGREET))
/* With these it is about a message, or to be tried again. */
#define OF_A_MESSAGE                                                                    \
	(BIT(RELAY_DENIED) | BIT(UNKNOWN_RECIPIENT) | BIT(UNKNOWN_SENDER) | BIT(SIZE) | \
	 BIT(SENDER_VERIFY) | BIT(GREYLIST) | BIT(MESSAGE_ID) | BIT(CONTENT) | BIT(RESOURCE))

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct tally_state *state = tally_state_new(context, parameters, TALLY_HOUR_S);
	uint32_t tries = parameters[TRIES], hours = parameters[HOURS];

	tally_mark(&state->tally, 0, tries, hours);
	tally_mark(&state->tally, 0, tries / 3, hours / 2);
	return state;
}

static void session(void *data, const struct session_fact *session, uint32_t origin)
{
	struct tally_state *state = data;
	uint32_t reasons = session->reasons & SESSION_REASON_BITS;
	struct tally_row *row;

	if (!(session->reasons & SESSION_PERMANENT) || !(reasons & OF_THE_CLIENT) ||
	    reasons & OF_A_MESSAGE || session->accepted > 0 || session->flags & SESSION_OUTBOUND)
		return;
	row = tally_add(&state->tally, origin, session->end, 1, session->number);
	row->counters[SESSIONS]++;
	row->counters[SET_UP_ONLY] += (reasons & OF_THE_CLIENT & ~FAULTS_OF_SET_UP) == 0;
	row->counters[LISTED_ONLY] += (reasons & OF_THE_CLIENT) == BIT(DNSBL);
	row->counters[REASONS] |= reasons & OF_THE_CLIENT;
}

static const char *cause(uint32_t reasons)
{
	return reasons & BIT(DNSBL)	 ? "listed in a DNS block list"
	       : reasons & BIT(DYNAMIC)	 ? "the name of a home line"
	       : reasons & BIT(PREGREET) ? "talking before the greeting"
	       : reasons & BIT(ACCESS)	 ? "barred by a rule of this server"
	       : reasons & BIT(NO_PTR)	 ? "no name in the DNS"
					 : "a name that does not lead back";
}

/* One and the same refusal must not weigh twice: that who is listed comes again is a hint of the
   pattern "listed" already, so here it is strong or nothing. */
static enum grade grade_of(const struct tally_state *state, const struct tally_row *row,
			   const struct tally_progress *progress)
{
	uint32_t sessions = row->counters[SESSIONS];
	bool only_set_up = row->counters[SET_UP_ONLY] > sessions / 2;
	bool only_listed = row->counters[LISTED_ONLY] > sessions / 2;
	bool named = standing_named(state->context, row->origin);

	if (standing_messages(state->context, row->origin) > sessions / 4)
		return GRADE_NOTE;
	if (progress->reached[STRONG] && !only_set_up && !named)
		return GRADE_STRONG;
	if (only_listed || (only_set_up && !progress->reached[STRONG]))
		return GRADE_NOTE;
	return GRADE_HINT;
}

static void find_row(const struct tally_state *state, const struct tally_row *row,
		     const struct tally_progress *progress, struct findings *findings)
{
	enum grade grade =
		standing_cap(state->context, row->origin, grade_of(state, row, progress));
	struct finding *finding;

	if (!progress->reached[HINT])
		return;
	finding = tally_finding(
		findings, "retries", row, grade,
		tally_reached(&state->tally, row, progress, grade == GRADE_STRONG ? STRONG : HINT));
	finding_count(finding, "tries", row->counters[SESSIONS]);
	finding_count(finding, "hours", progress->cells);
	finding_seconds(finding, "seconds", row->last - row->first);
	finding_words(finding, "cause", cause(row->counters[REASONS]));
}

static void find(void *data, struct findings *findings)
{
	tally_each(data, find_row, findings);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	(void)context;
	text_add(text, VIEW("came "));
	text_number(text, finding_number(finding, "tries"));
	text_add(text, VIEW(" times, in "));
	text_counted(text, finding_number(finding, "hours"), "different hour");
	text_add(text, VIEW(" within "));
	text_span_seen(text, finding_number(finding, "seconds"));
	text_add(text, VIEW(", though it was refused for good each time"));
	text_format(text, " (%s)", finding_told(finding, "cause"));
}

const struct detector detector_retries = {
	.name = "retries",
	.title = "Retry persistence",
	.about =
		"Clients that come back after permanent refusals of the client itself: listed in "
		"a DNS block list, a home line, barred by a rule. Strong when they came often "
		"enough in enough different hours, a hint at a third of the tries and half of the "
		"hours; who is listed has that hint by the pattern listed. Temporary refusals, "
		"greylisting, and refusals of single recipients or messages do not count. Who is "
		"refused only for a missing or wrong name, or has a confirmed name, gets a hint at "
		"most.",
	.parameters = {{"tries", 12, 2, 100000, "refused sessions that are enough"},
		       {"hours", 6, 2, 100000, "different hours in which they must be"}},
	.start = start,
	.session = session,
	.find = find,
	.say = say,
	.release = tally_state_free,
};
