/*
 * Relaying with the null sender: a bounce goes back to a user of ours, or
 * nowhere; a null sender to somebody else's users is somebody who hopes that
 * a server lets everything from <> pass.
 *
 * A server that sends bounces to a forged address can do that too, once in a
 * while; so a hint, and only for several recipients.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"

struct relayed {
	uint32_t origin; /* the key */
	uint32_t attempts, recipients;
	uint32_t first, last;
};

struct state {
	const uint32_t *parameters;
	struct map origins; /* struct relayed */
	struct map pairs;   /* origin, recipient: met before */
};

enum parameter { RECIPIENTS };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct state *state = memory_get_zeroed(1, sizeof(*state));

	(void)context;
	state->parameters = parameters;
	map_init(&state->origins, sizeof(struct relayed), sizeof(uint32_t));
	map_init(&state->pairs, 2 * sizeof(uint32_t), 2 * sizeof(uint32_t));
	return state;
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct state *state = data;
	const uint32_t pair[] = {origin, attempt->recipient};
	struct relayed *relayed;
	bool is_new;

	if (attempt->reason != REASON_RELAY_DENIED || !(attempt->flags & ATTEMPT_HAS_SENDER) ||
	    attempt->sender != 0)
		return;
	relayed = map_at(&state->origins, &origin);
	map_add(&state->pairs, pair, map_hash(&state->pairs, pair), &is_new);
	if (relayed->attempts == 0 || attempt->time < relayed->first)
		relayed->first = attempt->time;
	if (attempt->time > relayed->last)
		relayed->last = attempt->time;
	relayed->attempts += attempt->count;
	relayed->recipients += is_new;
}

static void find(void *data, struct findings *findings)
{
	struct state *state = data;

	for (uint32_t i = 0; i < state->origins.count; i++) {
		const struct relayed *relayed = map_row(&state->origins, i);
		bool many = relayed->recipients >= state->parameters[RECIPIENTS];
		struct finding *finding = findings_add(findings, "null-sender", relayed->origin,
						       many ? GRADE_HINT : GRADE_NOTE);

		finding->since = relayed->first;
		finding->until = finding->decided = relayed->last;
		finding_count(finding, "recipients", relayed->recipients);
		finding_count(finding, "attempts", relayed->attempts);
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

static void release(void *data)
{
	struct state *state = data;

	map_release(&state->origins);
	map_release(&state->pairs);
	free(state);
}

const struct detector detector_null_sender = {
	.name = "null-sender",
	.title = "Relaying with the null sender",
	.about = "Relay attempts with the sender <>, which is for bounces, and those come to us "
		 "only for our own users. A hint from several recipients on; a stray bounce is "
		 "only noted.",
	.parameters = {{"recipients", 3, 1, 1000000, "distinct recipients that make it a hint"}},
	.start = start,
	.attempt = attempt,
	.find = find,
	.say = say,
	.release = release,
};
