/* From verdicts to the list of what should be blocked: see plan.h. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/safe.h"
#include "block/join.h"
#include "block/plan.h"

#define SENTENCE_MAX 4096 /* bytes; what follows is left out */

void block_release(struct block *block)
{
	free(block->because);
	free(block->evidence);
}

void plan_release(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		block_release(&plan->blocks[i]);
	for (size_t i = 0; i < plan->spared_count; i++) {
		free(plan->spared[i].because);
		free(plan->spared[i].against);
	}
	free(plan->blocks);
	free(plan->spared);
	*plan = (struct plan){0};
}

/* The sentence as it goes out: whatever it was made of, it is one harmless line. */
static char *sentence_take(struct text *text)
{
	struct text safe = {0};

	text_safe(&safe, view_of(text_string(text), text->len), SENTENCE_MAX);
	text_release(text);
	/* There may be many: none keeps the room that it was made in. */
	safe.ptr = memory_resize(safe.ptr, safe.len + 1, 1);
	return text_take(&safe);
}

static char *because_of(const struct verdicts *verdicts, const struct verdict *verdict)
{
	struct text text = {0};

	verdict_because(verdicts, verdict, &text);
	return sentence_take(&text);
}

static char *against_of(const struct verdicts *verdicts, const struct verdict *verdict,
			enum guard guard)
{
	struct text text = {0};

	verdict_against(verdicts, verdict, guard, &text);
	return sentence_take(&text);
}

/* The beginning and the end of what VERDICT rests on. */
static void span_of(const struct verdict *verdict, uint32_t *ret_since, uint32_t *ret_until)
{
	*ret_since = UINT32_MAX;
	*ret_until = verdict->until;
	for (size_t i = 0; i < verdict->finding_count; i++) {
		if (verdict->findings[i].since < *ret_since)
			*ret_since = verdict->findings[i].since;
		if (verdict->findings[i].until > *ret_until)
			*ret_until = verdict->findings[i].until;
	}
}

uint32_t block_id(const struct prefix *prefix, uint32_t since)
{
	char key[sizeof(prefix->ip.bytes) + 2 * sizeof(uint32_t)];

	memcpy(key, prefix->ip.bytes, sizeof(prefix->ip.bytes));
	memcpy(key + sizeof(prefix->ip.bytes), &prefix->bits, sizeof(prefix->bits));
	memcpy(key + sizeof(prefix->ip.bytes) + sizeof(prefix->bits), &since, sizeof(since));
	return hash32(key, sizeof(key));
}

static char *evidence_of(const struct verdicts *verdicts, const struct verdict *verdict)
{
	const struct origin *origin =
		origins_at(detection_context(verdicts->detection)->origins, verdict->origin);
	char *json = NULL;
	size_t size;
	FILE *out = open_memstream(&json, &size);
	uint32_t since, until;

	if (!out)
		abort(); /* only for want of memory */
	span_of(verdict, &since, &until);
	block_span_json(out, verdict->findings[0].pattern, since, until);
	fprintf(out,
		", \"connections\": %u, \"refused_sessions\": %u, \"refusals\": %u, "
		"\"returns\": %u, \"findings\": [",
		origin->connections, origin->refused_sessions, origin->attempts, verdict->returns);
	for (size_t i = 0; i < verdict->finding_count; i++) {
		fputs(i ? ", " : "", out);
		block_finding_json(out, verdicts->detection, &verdict->findings[i]);
	}
	fputs("]}", out);
	fclose(out);
	return json;
}

char *block_because(const struct plan *plan, const struct block *block)
{
	return block->verdict ? because_of(plan->verdicts, block->verdict)
			      : memory_string(block->because);
}

char *block_evidence(const struct plan *plan, const struct block *block)
{
	return block->verdict ? evidence_of(plan->verdicts, block->verdict)
			      : memory_string(block->evidence);
}

/* What is left of LASTS_S seconds after UNTIL. */
static uint32_t time_left(uint32_t until, uint32_t lasts_s, uint32_t now)
{
	uint64_t end = (uint64_t)until + lasts_s;

	return end <= now ? 0 : end - now > UINT32_MAX ? UINT32_MAX : (uint32_t)(end - now);
}

static void add_block(const struct verdict *verdict, const struct plan_options *options,
		      const struct prefix *prefix, struct plan *plan)
{
	uint32_t lasts_s = options->ttl_s ? options->ttl_s : verdict->ttl_s;
	uint32_t since, until, left_s;

	span_of(verdict, &since, &until);
	left_s = time_left(verdict->until, lasts_s, plan->now);
	if (left_s == 0 && !options->over)
		return;
	ARRAY_GROW(plan->blocks, plan->count, plan->capacity);
	plan->blocks[plan->count++] = (struct block){
		.prefix = *prefix,
		.pattern = verdict->findings[0].pattern,
		.verdict = verdict,
		.id = block_id(prefix, since),
		.since = since,
		.decided = verdict->decided ? verdict->decided : verdict->until,
		.until = verdict->until,
		.lasts_s = lasts_s,
		.ttl_s = left_s,
		.origins = 1,
		.grade = verdict->findings[0].grade,
	};
}

static void add_spared(const struct verdicts *verdicts, const struct verdict *verdict,
		       const struct prefix *prefix, struct plan *plan)
{
	enum guard guard = (enum guard)__builtin_ctz(verdict->guards);

	ARRAY_GROW(plan->spared, plan->spared_count, plan->spared_capacity);
	plan->spared[plan->spared_count++] = (struct spared){
		.prefix = *prefix,
		.guard = guard,
		.because = because_of(verdicts, verdict),
		.against = against_of(verdicts, verdict, guard),
	};
}

/* Whether PATTERN, if one was asked for, is among what the verdict rests on. */
static bool has_pattern(const struct verdict *verdict, const char *pattern)
{
	for (size_t i = 0; pattern && i < verdict->finding_count; i++)
		if (strcmp(verdict->findings[i].pattern, pattern) == 0)
			return true;
	return !pattern;
}

static bool is_asked_for(const struct verdict *verdict, const struct prefix *prefix,
			 const struct plan_options *options)
{
	if (!prefix_contains(&options->network, prefix) &&
	    !prefix_contains(prefix, &options->network))
		return false;
	return has_pattern(verdict, options->pattern);
}

static void take(const struct verdicts *verdicts, const struct verdict *verdict,
		 const struct plan_options *options, struct plan *plan)
{
	const struct origins *origins = detection_context(verdicts->detection)->origins;
	const struct prefix *prefix = &origins_at(origins, verdict->origin)->prefix;

	if (verdict->finding_count == 0 || !is_asked_for(verdict, prefix, options))
		return;
	if (verdict->kind == VERDICT_BLOCK)
		add_block(verdict, options, prefix, plan);
	else if (verdict->ttl_s && verdict->guards)
		add_spared(verdicts, verdict, prefix, plan);
}

static int block_order(const void *a, const void *b)
{
	return prefix_compare(&((const struct block *)a)->prefix,
			      &((const struct block *)b)->prefix);
}

static int spared_order(const void *a, const void *b)
{
	return prefix_compare(&((const struct spared *)a)->prefix,
			      &((const struct spared *)b)->prefix);
}

static void join(const struct verdicts *verdicts, struct plan *plan)
{
	uint32_t count = origins_count(detection_context(verdicts->detection)->origins);
	bool *blamed = memory_get_zeroed((size_t)count + 1, sizeof(*blamed));

	for (size_t i = 0; i < verdicts->count; i++)
		blamed[verdicts->list[i].origin] = verdicts->list[i].kind != VERDICT_CLEAR;
	join_neighbours(verdicts, blamed, plan);
	free(blamed);
}

void plan_make(const struct verdicts *verdicts, const struct plan_options *options,
	       struct plan *ret_plan)
{
	struct plan plan = {.verdicts = verdicts,
			    .now = detection_context(verdicts->detection)->newest};

	for (size_t i = 0; i < verdicts->count; i++)
		take(verdicts, &verdicts->list[i], options, &plan);
	if (plan.count)
		qsort(plan.blocks, plan.count, sizeof(*plan.blocks), block_order);
	if (plan.spared_count)
		qsort(plan.spared, plan.spared_count, sizeof(*plan.spared), spared_order);
	if (!options->no_networks && plan.count > 1)
		join(verdicts, &plan);
	*ret_plan = plan;
}

const struct block *plan_find(const struct plan *plan, const struct ip *ip)
{
	size_t low = 0, high = plan->count;

	/* The last block that does not begin behind IP: blocks lie apart. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip_compare(&plan->blocks[middle].prefix.ip, ip) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || !prefix_contains_ip(&plan->blocks[low - 1].prefix, ip))
		return NULL;
	return &plan->blocks[low - 1];
}
