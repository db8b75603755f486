/*
 * Verdicts: see verdict.h.
 *
 * Findings come sorted by origin, so one walk over them makes the list, sorted by
 * origin too. What findings say of each other's evidence is not looked into:
 * that hints must be of different patterns is what makes them independent.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "verdict/verdict.h"

const char *verdict_name(enum verdict_kind kind)
{
	static const char *const names[] = {"clear", "watch", "block"};

	return names[kind];
}

static bool is_repeated(const struct verdict *verdict, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(verdict->findings[i].pattern, verdict->findings[n].pattern) == 0)
			return true;
	return false;
}

/* When the evidence was enough: with the first strong finding, or with the second pattern
   that hints at it; 0: never. Strong findings are hints too. */
static uint32_t time_decided(const struct verdict *verdict)
{
	uint32_t strong = UINT32_MAX, first = UINT32_MAX, second = UINT32_MAX;

	for (size_t i = 0; i < verdict->finding_count; i++) {
		const struct finding *finding = &verdict->findings[i];
		uint32_t decided = finding->decided ? finding->decided : finding->until;

		if (finding->grade == GRADE_STRONG && decided < strong)
			strong = decided;
		if (finding->grade == GRADE_NOTE || is_repeated(verdict, i))
			continue;
		if (decided < first) {
			second = first;
			first = decided;
		} else if (decided < second) {
			second = decided;
		}
	}
	strong = strong < second ? strong : second;
	return strong == UINT32_MAX ? 0 : strong;
}

static uint32_t last_time(const struct verdict *verdict)
{
	uint32_t until = 0;

	for (size_t i = 0; i < verdict->finding_count; i++)
		if (verdict->findings[i].grade != GRADE_NOTE && verdict->findings[i].until > until)
			until = verdict->findings[i].until;
	return until;
}

/* The weightiest finding stands first. */
static bool weighs(const struct verdict *verdict)
{
	return verdict->finding_count > 0 && verdict->findings[0].grade != GRADE_NOTE;
}

static void judge(const struct verdicts *verdicts, struct verdict *verdict)
{
	const struct origin *origin =
		origins_at(detection_context(verdicts->detection)->origins, verdict->origin);

	verdict->guards = guards_of(verdicts->guards, verdict->origin);
	verdict->returns = ttl_returns(origin);
	verdict->until = last_time(verdict);
	verdict->decided = time_decided(verdict);
	if (verdict->decided != 0)
		verdict->ttl_s = ttl_for(&verdicts->ttl, origin);
	if (!weighs(verdict))
		verdict->kind = VERDICT_CLEAR;
	else if (verdict->decided == 0 || verdict->guards != 0)
		verdict->kind = VERDICT_WATCH;
	else
		verdict->kind = VERDICT_BLOCK;
}

static void judge_all(struct verdicts *verdicts)
{
	const struct findings *findings = verdicts->findings;

	for (size_t i = 0, next; i < findings->count; i = next) {
		struct verdict verdict = {
			.origin = findings->list[i].origin,
			.findings = &findings->list[i],
		};

		next = i;
		while (next < findings->count && findings->list[next].origin == verdict.origin)
			next++;
		verdict.finding_count = next - i;
		judge(verdicts, &verdict);
		ARRAY_GROW(verdicts->list, verdicts->count, verdicts->capacity);
		verdicts->list[verdicts->count++] = verdict;
	}
}

int verdicts_make(const struct detection *detection, const struct findings *findings,
		  const struct enrichment *enrichment, const struct guard_options *options,
		  struct verdicts *ret_verdicts, struct err *err)
{
	struct verdicts verdicts = {
		.detection = detection,
		.findings = findings,
		.enrichment = enrichment,
		.ttl = ttl_learn(detection_context(detection)->origins),
	};
	int r = guards_new(detection, enrichment, options, &verdicts.guards, err);

	if (r < 0)
		return r;
	judge_all(&verdicts);
	*ret_verdicts = verdicts;
	return 0;
}

void verdicts_release(struct verdicts *verdicts)
{
	guards_free(verdicts->guards);
	free(verdicts->list);
	*verdicts = (struct verdicts){0};
}

static int compare(const void *key, const void *element)
{
	uint32_t origin = *(const uint32_t *)key;
	const struct verdict *verdict = element;

	return origin < verdict->origin ? -1 : origin > verdict->origin;
}

struct verdict verdicts_of(const struct verdicts *verdicts, uint32_t origin)
{
	const struct verdict *found = verdicts->count
					      ? bsearch(&origin, verdicts->list, verdicts->count,
							sizeof(*verdicts->list), compare)
					      : NULL;
	struct verdict none = {.origin = origin};

	if (found)
		return *found;
	judge(verdicts, &none);
	return none;
}
