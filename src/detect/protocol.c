/*
 * Not SMTP: requests of HTTP, TLS on a plain port, commands of other protocols,
 * binary bytes, one unknown command after the other. Nobody who brings mail does
 * that. A scanner that comes by once is noted; one that comes again is not tired
 * of it.
 *
 * What is told by where in the dialogue it was refused and by the code, as words
 * differ: an unknown command (500, or the server hung up), before or instead of
 * HELO and MAIL. Bad addresses and commands out of order are only clumsy.
 */
#include "detect/standing.h"
#include "detect/tally.h"

enum parameter { HINT_AT, STRONG_AT };
enum mark { HINT, STRONG };
enum counter { COUNT };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct tally_state *state = tally_state_new(context, parameters, TALLY_QUARTER_S);

	tally_mark(&state->tally, 0, parameters[HINT_AT], 1);
	tally_mark(&state->tally, 0, parameters[STRONG_AT], 1);
	return state;
}

static bool is_not_smtp(const struct attempt *attempt)
{
	bool cut_off = attempt->code == 0 || attempt->code == 421 || attempt->code == 521;

	switch (attempt->reason) {
	case REASON_TOO_MANY_ERRORS:
		return attempt->stage == STAGE_COMMAND || attempt->stage == STAGE_UNKNOWN;
	case REASON_PROTOCOL:
		break;
	default:
		return false;
	}
	switch (attempt->stage) {
	case STAGE_CONNECT:
	case STAGE_COMMAND: /* 554: Exim, to what came without waiting for it */
		return cut_off || attempt->code == 500 || attempt->code == 554;
	case STAGE_UNKNOWN: /* a line that is no command */
		return cut_off || attempt->code == 500 || attempt->code == 501;
	default:
		return false;
	}
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct tally_state *state = data;
	/* Refusals without a session count once a quarter of an hour. */
	uint64_t thing =
		attempt->session ? attempt->session : 1ULL << 32 | attempt->time / TALLY_QUARTER_S;
	struct tally_row *row;
	bool is_new;

	if (!is_not_smtp(attempt))
		return;
	row = tally_add_distinct(&state->tally, origin, attempt->time, 1, thing, attempt->session,
				 &is_new);
	row->counters[COUNT] += attempt->count;
}

static void find_row(const struct tally_state *state, const struct tally_row *row,
		     const struct tally_progress *progress, struct findings *findings)
{
	uint32_t strong = tally_reached(&state->tally, row, progress, STRONG);
	uint32_t hint = tally_reached(&state->tally, row, progress, HINT);
	enum grade grade = standing_cap(state->context, row->origin,
					strong ? GRADE_STRONG
					: hint ? GRADE_HINT
					       : GRADE_NOTE);
	struct finding *finding =
		tally_finding(findings, "protocol", row, grade, strong ? strong : hint);

	finding_count(finding, "sessions", row->distinct);
	finding_count(finding, "commands", row->counters[COUNT]);
}

static void find(void *data, struct findings *findings)
{
	tally_each(data, find_row, findings);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	(void)context;
	text_add(text, VIEW("did not speak SMTP in "));
	text_counted(text, finding_number(finding, "sessions"), "session");
	text_add(text, VIEW(": "));
	text_counted(text, finding_number(finding, "commands"), "command");
	text_add(text, VIEW(" of another protocol or unknown"));
}

const struct detector detector_protocol = {
	.name = "protocol",
	.title = "Not SMTP",
	.about =
		"Requests of HTTP, TLS on a plain port, commands of other protocols, binary bytes, "
		"many unknown commands. One session, as of somebody who scans ports, is noted; "
		"several are a hint, then strong. Bad addresses and commands out of order do not "
		"count.",
	.parameters = {{"hint", 2, 1, 4096, "sessions that are a hint"},
		       {"strong", 3, 1, 4096, "sessions that are enough"}},
	.start = start,
	.attempt = attempt,
	.find = find,
	.say = say,
	.release = tally_state_free,
};
