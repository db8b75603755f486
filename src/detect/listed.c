/*
 * Refused for what the DNS says of the client. That it is listed in a DNS block
 * list is a hint when it comes again, and strong when it does so for hours, as the server
 * refuses it anyway; but a provider's server may be listed for a day, so who has a
 * confirmed name gets a hint at most. A missing or wrong name and a home line are
 * only noted: on a proper server they are a slip, and never a reason to block.
 */
#include "detect/standing.h"
#include "detect/tally.h"

enum parameter { SESSIONS, HOURS };
enum counter { LISTED, OTHERS, REASONS };

#define WORTH_TELLING 3 /* sessions that are only noted */

#define BIT(reason) (1u << REASON_##reason)
#define NOTED (BIT(DYNAMIC) | BIT(NO_PTR) | BIT(BAD_PTR) | BIT(ACCESS))

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct tally_state *state = tally_state_new(context, parameters, TALLY_HOUR_S);

	tally_mark(&state->tally, 0, parameters[SESSIONS], parameters[HOURS]);
	return state;
}

static void session(void *data, const struct session_fact *session, uint32_t origin)
{
	struct tally_state *state = data;
	bool listed = session->reasons & BIT(DNSBL);
	struct tally_row *row;

	if (!(session->reasons & (BIT(DNSBL) | NOTED)) || session->flags & SESSION_OUTBOUND)
		return;
	row = tally_add(&state->tally, origin, session->end, listed, session->number);
	row->counters[LISTED] += listed;
	row->counters[OTHERS] += !listed;
	row->counters[REASONS] |= session->reasons & NOTED;
}

static const char *cause(const struct tally_row *row)
{
	uint32_t reasons = row->counters[REASONS];

	return row->counters[LISTED]	? "it is listed in a DNS block list"
	       : reasons & BIT(DYNAMIC) ? "its name is that of a home line"
	       : reasons & BIT(ACCESS)	? "a rule of this server bars it"
	       : reasons & BIT(NO_PTR)	? "its address has no name in the DNS"
					: "its name does not lead back to its address";
}

static void find_row(const struct tally_state *state, const struct tally_row *row,
		     const struct tally_progress *progress, struct findings *findings)
{
	uint32_t often = tally_reached(&state->tally, row, progress, 0);
	uint32_t listed = row->counters[LISTED];
	bool strong = often && !standing_named(state->context, row->origin);
	bool mail = standing_messages(state->context, row->origin) > listed / 4;
	enum grade grade = standing_cap(state->context, row->origin,
					strong		      ? GRADE_STRONG
					: listed > 1 && !mail ? GRADE_HINT
							      : GRADE_NOTE);
	struct finding *finding;

	if (!listed && row->counters[OTHERS] < WORTH_TELLING)
		return;
	finding = tally_finding(findings, "listed", row, grade, often);
	finding_count(finding, "sessions", listed ? listed : row->counters[OTHERS]);
	finding_count(finding, "hours", progress->cells);
	finding_words(finding, "cause", cause(row));
}

static void find(void *data, struct findings *findings)
{
	tally_each(data, find_row, findings);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	(void)context;
	text_add(text, VIEW("was refused in "));
	text_counted(text, finding_number(finding, "sessions"), "session");
	text_format(text, " because %s", finding_told(finding, "cause"));
}

const struct detector detector_listed = {
	.name = "listed",
	.title = "Refused for what the DNS says",
	.about = "Clients refused because they are listed in a DNS block list: a hint from the "
		 "second session on, strong for "
		 "enough sessions in enough different hours, but never for who has a confirmed "
		 "name. Refusals for a missing or wrong name, a home line's name, or a local rule "
		 "are noted and never a reason to block.",
	.parameters = {{"sessions", 6, 2, 100000, "sessions refused as listed that are enough"},
		       {"hours", 3, 1, 100000, "different hours in which they must be"}},
	.start = start,
	.session = session,
	.find = find,
	.say = say,
	.release = tally_state_free,
};
