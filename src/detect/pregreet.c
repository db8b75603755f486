/*
 * Talking before the greeting: a client must wait for the server's greeting
 * (RFC 5321, 3.1); programs that only pour out mail do not. Once it may be a
 * monitor that is too quick or a line that is too slow: that is noted; a hint when it
 * happens again, strong when it goes on and no mail ever came.
 */
#include "detect/standing.h"
#include "detect/tally.h"

enum parameter { SESSIONS };
enum counter { COUNT };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct tally_state *state = tally_state_new(context, parameters, TALLY_QUARTER_S);

	tally_mark(&state->tally, 0, parameters[SESSIONS], 1);
	return state;
}

static void session(void *data, const struct session_fact *session, uint32_t origin)
{
	struct tally_state *state = data;

	if (session->reasons & 1u << REASON_PREGREET)
		tally_add(&state->tally, origin, session->end, 1, session->number)
			->counters[COUNT]++;
}

static void find_row(const struct tally_state *state, const struct tally_row *row,
		     const struct tally_progress *progress, struct findings *findings)
{
	uint32_t often = tally_reached(&state->tally, row, progress, 0);
	enum grade grade = often		      ? GRADE_STRONG
			   : row->counters[COUNT] > 1 ? GRADE_HINT
						      : GRADE_NOTE;

	finding_count(tally_finding(findings, "pregreet", row,
				    standing_cap(state->context, row->origin, grade), often),
		      "sessions", row->counters[COUNT]);
}

static void find(void *data, struct findings *findings)
{
	tally_each(data, find_row, findings);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	(void)context;
	text_add(text, VIEW("talked before the server's greeting in "));
	text_counted(text, finding_number(finding, "sessions"), "session");
}

const struct detector detector_pregreet = {
	.name = "pregreet",
	.title = "Talking before the greeting",
	.about = "Clients that talk before the server has greeted them, as mail servers do not. A "
		 "note; a hint in two sessions, strong in several. A hint at most for who has "
		 "brought mail that was taken in.",
	.parameters = {{"sessions", 3, 2, 100000, "sessions that make it strong"}},
	.start = start,
	.session = session,
	.find = find,
	.say = say,
	.release = tally_state_free,
};
