/*
 * Refused for its rate again and again: too many connections at once, or
 * messages or recipients in a time. A server in good order slows down then; but
 * large senders run into small limits, too, so it is a hint at most, and noted
 * for who brings mail.
 */
#include "detect/standing.h"
#include "detect/tally.h"

#define WORTH_TELLING 3 /* sessions */

enum parameter { SESSIONS, HOURS };
enum mark { OFTEN, AGAIN };
enum counter { COUNT };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct tally_state *state = tally_state_new(context, parameters, TALLY_HOUR_S);

	tally_mark(&state->tally, 0, parameters[SESSIONS], 1);
	tally_mark(&state->tally, 0, parameters[HOURS], parameters[HOURS]);
	return state;
}

static void session(void *data, const struct session_fact *session, uint32_t origin)
{
	struct tally_state *state = data;

	if (session->reasons & 1u << REASON_RATE)
		tally_add(&state->tally, origin, session->end, 1, session->number)
			->counters[COUNT]++;
}

static void find_row(const struct tally_state *state, const struct tally_row *row,
		     const struct tally_progress *progress, struct findings *findings)
{
	uint32_t often = tally_reached(&state->tally, row, progress, OFTEN);
	uint32_t again = tally_reached(&state->tally, row, progress, AGAIN);
	bool mail = standing_messages(state->context, row->origin) > row->counters[COUNT] / 10;
	enum grade grade = (often || again) && !mail ? GRADE_HINT : GRADE_NOTE;
	struct finding *finding;

	if (row->counters[COUNT] < WORTH_TELLING)
		return;
	finding = tally_finding(findings, "rate", row,
				standing_cap(state->context, row->origin, grade),
				often && (!again || often < again) ? often : again);
	finding_count(finding, "sessions", row->counters[COUNT]);
	finding_count(finding, "hours", progress->cells);
}

static void find(void *data, struct findings *findings)
{
	tally_each(data, find_row, findings);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t hours = finding_number(finding, "hours");

	(void)context;
	text_add(text, VIEW("was refused for connecting or sending too fast in "));
	text_counted(text, finding_number(finding, "sessions"), "session");
	if (hours > 1) {
		text_add(text, VIEW(", in "));
		text_counted(text, hours, "different hour");
	}
}

const struct detector detector_rate = {
	.name = "rate",
	.title = "Refused for its rate",
	.about = "Clients that run into limits of connections, messages or recipients again and "
		 "again: a hint at most, as large senders do so at small limits. Who brings a "
		 "message for every ten such sessions is noted.",
	.parameters = {{"sessions", 20, 2, 100000,
			"sessions refused for their rate that are a hint"},
		       {"hours", 5, 2, 100000,
			"different hours with such a session that are a hint"}},
	.start = start,
	.session = session,
	.find = find,
	.say = say,
	.release = tally_state_free,
};
