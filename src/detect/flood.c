/*
 * Connection floods: an address that connects at a rate far above what is
 * usual, and brings no mail. The guard is its name: large senders have one that
 * leads back to their address, and get no more than a hint.
 *
 * A connection that brought a message does not count, nor one that was greylisted
 * or failed to log in. What is refused for now because its name could not be looked
 * up is what a proper server would try again, too, and connections that did nothing
 * are what monitoring makes: such count a quarter, and where they are nearly all,
 * it is a flood only if it did nothing but that, for hours, not days, and at a rate
 * of its own: monitoring keeps the beat of a clock, so many seconds or minutes.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/standing.h"
#include "detect/tally.h"

#define FULL 4 /* amounts are in quarters of a connection */
#define WEAK 1
#define USUAL_ORIGINS 50 /* fewer do not tell what is usual */
#define NAMED_TIMES 5	 /* so many times more from who has a confirmed name */
#define BURST_CELLS 96	 /* monitoring goes on for longer than this */

enum parameter { PER_HOUR, PER_DAY, TIMES };
enum mark { STRONG_HOUR, STRONG_DAY, HINT_HOUR, HINT_DAY };
enum counter { CONNECTIONS, REFUSED, IN_FULL };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct tally_state *state = tally_state_new(context, parameters, TALLY_QUARTER_S);
	uint32_t hour = parameters[PER_HOUR] * FULL, day = parameters[PER_DAY] * FULL;

	tally_mark(&state->tally, 3600, hour, 1);
	tally_mark(&state->tally, 86400, day, 1);
	tally_mark(&state->tally, 3600, hour / 2, 1);
	tally_mark(&state->tally, 86400, day / 4, 1);
	return state;
}

#define BIT(reason) (1u << REASON_##reason)

/* 0: it does not count. */
static uint32_t amount_of(const struct session_fact *session)
{
	uint32_t reasons = session->reasons & SESSION_REASON_BITS;

	if (session->refusals == 0)
		return WEAK;
	if (reasons & BIT(AUTH_FAILED))
		return 0; /* guessing, or a telephone with an old password: not for here */
	if (session->reasons & SESSION_PERMANENT)
		return FULL;
	if ((reasons & ~(BIT(GREYLIST) | BIT(RESOURCE))) == 0)
		return 0;
	if ((reasons & ~(BIT(NO_PTR) | BIT(BAD_PTR) | BIT(TIMEOUT) | BIT(TLS))) == 0)
		return WEAK;
	return FULL;
}

/* Where a log does not show connections, those within a minute are one session: as many
   as it was refused, and not more than one a second. */
static uint32_t connections_of(const struct session_fact *session)
{
	uint32_t seconds = session->end - session->start + 1;

	if (!(session->flags & SESSION_INFERRED) || session->refusals == 0)
		return 1;
	return session->refusals < seconds ? session->refusals : seconds;
}

/* Counts COUNT connections evenly over the quarters of an hour that the session took. */
static struct tally_row *spread(struct tally_state *state, const struct session_fact *session,
				uint32_t origin, uint32_t count, uint32_t amount)
{
	uint32_t day = session->end > DETECT_DISORDER_S ? session->end - DETECT_DISORDER_S : 0;
	uint32_t begun = session->start < session->end ? session->start : session->end;
	uint32_t start = begun > day ? begun : day;
	uint32_t first = start / TALLY_QUARTER_S;
	uint32_t cells = count > 1 ? session->end / TALLY_QUARTER_S - first + 1 : 1;

	for (uint32_t i = 0; i + 1 < cells; i++) {
		uint32_t part = count * (i + 1) / cells - count * i / cells;
		uint32_t time = i ? (first + i) * TALLY_QUARTER_S : start;

		tally_add(&state->tally, origin, time, part * amount, session->number);
	}
	return tally_add(&state->tally, origin, session->end,
			 (count - count * (cells - 1) / cells) * amount, session->number);
}

static void session(void *data, const struct session_fact *session, uint32_t origin)
{
	struct tally_state *state = data;
	uint32_t amount = amount_of(session);
	struct tally_row *row;

	if (amount == 0 || session->accepted > 0 ||
	    session->flags & (SESSION_OUTBOUND | SESSION_UNTIMED))
		return;
	row = spread(state, session, origin, connections_of(session), amount);
	row->counters[CONNECTIONS] += connections_of(session);
	row->counters[REFUSED] += session->refusals > 0 ? connections_of(session) : 0;
	row->counters[IN_FULL] += amount == FULL ? connections_of(session) : 0;
}

static void expect(const void *data, const struct session_fact *session, uint32_t origin)
{
	(void)session;
	tally_expect(&((const struct tally_state *)data)->tally, origin);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* From how many in an hour on it is more than is usual. */
static uint32_t unusual(const struct tally_state *state, const struct tally_progress *all)
{
	size_t count = state->tally.count;
	uint32_t *peaks, median, deviation;

	if (count < USUAL_ORIGINS)
		return 0;
	peaks = memory_get(count * sizeof(*peaks));
	for (size_t i = 0; i < count; i++)
		peaks[i] = all[i].peak;
	qsort(peaks, count, sizeof(*peaks), compare);
	median = peaks[count / 2];
	for (size_t i = 0; i < count; i++)
		peaks[i] = peaks[i] > median ? peaks[i] - median : median - peaks[i];
	qsort(peaks, count, sizeof(*peaks), compare);
	deviation = peaks[count / 2] > median ? peaks[count / 2] : median;
	free(peaks);
	if (deviation > UINT32_MAX / 2000)
		return UINT32_MAX;
	return median + (state->parameters[TIMES] - 1) * deviation;
}

/* Whether the amounts are as even as a clock's, so many seconds apart as people set. The first
   and last quarters of an hour are not whole, which tells more the fewer there are. */
static bool keeps_a_beat(const struct tally_progress *progress)
{
	static const double seconds[] = {5, 10, 15, 20, 30, 60, 120};
	double mean = (double)progress->amount / progress->cells;
	double rate = (double)progress->squares / progress->amount; /* weighs whole ones more */

	if (rate - mean > 0.4 + 0.6 * mean / progress->cells) /* chance gives 1 */
		return false;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		double beat = TALLY_QUARTER_S / seconds[i];

		if (rate > beat * 0.95 && rate < beat * 1.05)
			return true;
	}
	return false;
}

/* Whether connections that did nothing are a flood all the same. */
static bool is_restless(const struct tally_state *state, const struct tally_row *row,
			const struct tally_progress *progress)
{
	return progress->reached[HINT_DAY] && progress->cells < BURST_CELLS &&
	       row->counters[REFUSED] <= row->counters[CONNECTIONS] / 10 &&
	       standing_messages(state->context, row->origin) == 0 && !keeps_a_beat(progress);
}

static enum grade grade_of(const struct tally_state *state, const struct tally_row *row,
			   const struct tally_progress *progress, bool strong)
{
	uint32_t connections = row->counters[CONNECTIONS], in_full = row->counters[IN_FULL];
	uint32_t messages = standing_messages(state->context, row->origin);
	bool doubtful = in_full < connections / 10 || in_full < state->parameters[PER_HOUR] / 4;
	enum grade grade = strong ? GRADE_STRONG : GRADE_HINT;

	if (messages > connections / 20)
		return GRADE_NOTE;
	if (standing_named(state->context, row->origin))
		return messages > 0 || progress->peak / FULL <
					       state->parameters[PER_HOUR] * NAMED_TIMES
			       ? GRADE_NOTE
			       : GRADE_HINT;
	if (doubtful && progress->cells >= BURST_CELLS)
		grade = GRADE_NOTE;
	else if (doubtful && is_restless(state, row, progress))
		grade = GRADE_STRONG;
	else if (doubtful &&
		 (row->counters[REFUSED] > connections / 2 || !progress->reached[STRONG_HOUR]))
		grade = GRADE_HINT;
	return standing_cap(state->context, row->origin, grade);
}

static void find_row(const struct tally_state *state, const struct tally_row *row,
		     const struct tally_progress *progress, struct findings *findings)
{
	uint32_t hour = tally_reached(&state->tally, row, progress, STRONG_HOUR);
	uint32_t day = tally_reached(&state->tally, row, progress, STRONG_DAY);
	bool strong = hour || day;
	struct finding *finding;

	if (!strong) {
		hour = tally_reached(&state->tally, row, progress, HINT_HOUR);
		day = tally_reached(&state->tally, row, progress, HINT_DAY);
	}
	finding = tally_finding(findings, "flood", row, grade_of(state, row, progress, strong),
				hour && (!day || hour < day) ? hour : day);
	finding_count(finding, "connections", row->counters[CONNECTIONS]);
	finding_count(finding, "refused", row->counters[REFUSED]);
	finding_seconds(finding, "seconds", row->last - row->first);
	finding_count(finding, "messages", standing_messages(state->context, row->origin));
	finding_words(finding, "name",
		      standing_named(state->context, row->origin) ? "confirmed" : "unconfirmed");
}

static void find(void *data, struct findings *findings)
{
	struct tally_state *state = data;
	size_t count = state->tally.count;
	struct tally_progress *all = memory_get_zeroed(count + 1, sizeof(*all));
	uint32_t floor;

	for (size_t i = 0; i < count; i++)
		all[i] = tally_read(&state->tally, tally_at(&state->tally, i));
	floor = unusual(state, all);
	for (size_t i = 0; i < count; i++)
		if ((all[i].reached[HINT_HOUR] || all[i].reached[HINT_DAY]) && all[i].peak >= floor)
			find_row(state, tally_at(&state->tally, i), &all[i], findings);
	free(all);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t messages = finding_number(finding, "messages");
	uint64_t refused = finding_number(finding, "refused");

	text_add(text, VIEW("connected "));
	text_number(text, finding_number(finding, "connections"));
	text_add(text, VIEW(" times in "));
	text_span_seen(text, finding_number(finding, "seconds"));
	text_add(text, VIEW(" without bringing mail, and was refused in "));
	if (refused)
		text_number(text, refused);
	else
		text_add(text, VIEW("none"));
	text_add(text, VIEW(" of these connections"));
	if (messages) {
		text_add(text, VIEW("; others brought "));
		text_counted(text, messages, "message");
	}
	if (!standing_named(context, finding->origin))
		text_add(text, VIEW("; its address has no confirmed name"));
}

const struct detector detector_flood = {
	.name = "flood",
	.title = "Connection floods",
	.about = "Addresses without a confirmed name that connect far more often than others do, "
		 "bring no mail and are refused. Strong at the parameters' rates and above so many "
		 "times the usual rate, a hint from half of the one and a quarter of the other on. "
		 "Connections that bring messages or are greylisted do not count; idle ones, as "
		 "monitoring makes, count a quarter, and alone are strong only by the hour, or "
		 "where they do not keep the beat of a clock, and if that ends within a day; who "
		 "has a confirmed name gets a hint at most, at five times the hour's rate.",
	.parameters = {{"per_hour", 100, 4, 1000000, "connections within an hour that are a flood"},
		       {"per_day", 500, 4, 1000000, "connections within 24 hours that are a flood"},
		       {"times", 10, 1, 1000,
			"how many times the median of all addresses it must be"}},
	.start = start,
	.session = session,
	.expect_session = expect,
	.find = find,
	.say = say,
	.release = tally_state_free,
};
