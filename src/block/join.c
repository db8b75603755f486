/* Neighbours become networks: see join.h. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "block/join.h"

/* A network is never wider. */
#define WIDEST_V4 (PREFIX_BITS_V4 + 24)
#define WIDEST_V6 48
/* Fewer neighbours are not worth a network. */
#define NEIGHBOURS_MIN 4
/* At least one in so many addresses of either half must be to be blocked. */
#define HALF_SPREAD 4
#define MEMBERS_NAMED 16

struct joiner {
	const struct verdicts *verdicts;
	struct prefix *clear; /* sorted: origins that nothing speaks against */
	size_t clear_count;
	struct block *blocks; /* those of the plan, in order */
	struct plan *plan;    /* takes what comes of them */
};

static int prefix_order(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

static void find_clear(struct joiner *joiner, const bool *blamed)
{
	const struct origins *origins = detection_context(joiner->verdicts->detection)->origins;
	uint32_t count = origins_count(origins);

	joiner->clear = memory_get(((size_t)count + 1) * sizeof(*joiner->clear));
	for (uint32_t number = 1; number <= count; number++)
		if (!blamed[number])
			joiner->clear[joiner->clear_count++] = origins_at(origins, number)->prefix;
	if (joiner->clear_count)
		qsort(joiner->clear, joiner->clear_count, sizeof(*joiner->clear), prefix_order);
}

static bool clear_inside(const struct joiner *joiner, const struct prefix *network)
{
	size_t low = 0, high = joiner->clear_count;

	/* The first that does not lie before the network. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip_compare(&joiner->clear[middle].ip, &network->ip) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < joiner->clear_count && prefix_contains(network, &joiner->clear[low]);
}

/* The first block of [from, to) in the upper half of NETWORK. */
static size_t upper_half(const struct joiner *joiner, const struct prefix *network, size_t from,
			 size_t to)
{
	unsigned int byte = network->bits / 8, bit = 7 - network->bits % 8;

	while (from < to && !(joiner->blocks[from].prefix.ip.bytes[byte] >> bit & 1))
		from++;
	return from;
}

/* Whether the blocks [from, to) may stand for all of NETWORK. */
static bool covers(const struct joiner *joiner, const struct prefix *network, size_t from,
		   size_t to)
{
	size_t size = (size_t)1 << (joiner->blocks[from].prefix.bits - network->bits);
	size_t count = to - from, half = upper_half(joiner, network, from, to);
	size_t least = size / 2 / HALF_SPREAD;

	if (count < NEIGHBOURS_MIN ||
	    (count < size && (count < size / 2 || half - from < least || to - half < least)))
		return false;
	return !clear_inside(joiner, network) && !guards_inside(joiner->verdicts->guards, network);
}

static char *joint_sentence(const struct plan *plan, const struct block *first,
			    const struct prefix *network, size_t count)
{
	const char *unit = prefix_is_v4(network) ? "address" : "network";
	_cleanup_free_ char *because = block_because(plan, first);
	struct text text = {0};

	text_number(&text, count);
	text_add(&text, VIEW(" of "));
	text_number(&text, (uint64_t)1 << (first->prefix.bits - network->bits));
	text_format(&text, " %s%s here are each a reason to block, such as: %s", unit,
		    prefix_is_v4(network) ? "es" : "s", because);
	return text_take(&text);
}

static char *joint_evidence(const struct plan *plan, const struct block *joint,
			    const struct block *members, size_t count)
{
	char *json = NULL, text[PREFIX_TEXT_MAX];
	size_t size;
	FILE *out = open_memstream(&json, &size);

	if (!out)
		abort(); /* only for want of memory */
	block_span_json(out, joint->pattern, joint->since, joint->until);
	fprintf(out, ", \"members\": %zu, \"some\": [", count);
	for (size_t i = 0; i < count && i < MEMBERS_NAMED; i++) {
		_cleanup_free_ char *evidence = block_evidence(plan, &members[i]);

		prefix_format(&members[i].prefix, text);
		fprintf(out, "%s{\"client\": \"%s\", \"evidence\": %s}", i ? ", " : "", text,
			evidence);
	}
	fputs("]}", out);
	fclose(out);
	return json;
}

static struct block join(const struct plan *plan, const struct block *members, size_t count,
			 const struct prefix *network)
{
	const struct block *heaviest = members;
	struct block joint = {.prefix = *network, .since = UINT32_MAX};

	for (size_t i = 0; i < count; i++) {
		const struct block *member = &members[i];

		if (member->grade > heaviest->grade)
			heaviest = member;
		joint.since = member->since < joint.since ? member->since : joint.since;
		joint.until = member->until > joint.until ? member->until : joint.until;
		joint.decided = member->decided > joint.decided ? member->decided : joint.decided;
		joint.lasts_s = member->lasts_s > joint.lasts_s ? member->lasts_s : joint.lasts_s;
		joint.ttl_s = member->ttl_s > joint.ttl_s ? member->ttl_s : joint.ttl_s;
		joint.origins += member->origins;
	}
	joint.pattern = heaviest->pattern;
	joint.grade = heaviest->grade;
	joint.id = block_id(network, joint.since);
	joint.because = joint_sentence(plan, heaviest, network, count);
	joint.evidence = joint_evidence(plan, &joint, members, count);
	return joint;
}

static void put(struct plan *plan, const struct block *block)
{
	ARRAY_GROW(plan->blocks, plan->count, plan->capacity);
	plan->blocks[plan->count++] = *block;
}

/* The blocks [from, to), all in NETWORK: joined, or its two halves likewise. */
static void consider(struct joiner *joiner, const struct prefix *network, size_t from, size_t to)
{
	struct block joint;
	struct prefix half = *network;
	size_t middle;

	if (to - from < NEIGHBOURS_MIN) {
		while (from < to)
			put(joiner->plan, &joiner->blocks[from++]);
		return;
	}
	if (covers(joiner, network, from, to)) {
		joint = join(joiner->plan, &joiner->blocks[from], to - from, network);
		put(joiner->plan, &joint);
		for (size_t i = from; i < to; i++)
			block_release(&joiner->blocks[i]);
		return;
	}
	half.bits++;
	middle = upper_half(joiner, network, from, to);
	consider(joiner, &half, from, middle);
	half.ip.bytes[network->bits / 8] |= (unsigned char)(0x80 >> network->bits % 8);
	consider(joiner, &half, middle, to);
}

void join_neighbours(const struct verdicts *verdicts, const bool *blamed, struct plan *plan)
{
	struct joiner joiner = {.verdicts = verdicts, .blocks = plan->blocks, .plan = plan};
	size_t count = plan->count;

	find_clear(&joiner, blamed);
	plan->blocks = NULL;
	plan->count = plan->capacity = 0;
	for (size_t from = 0, to; from < count; from = to) {
		const struct prefix *first = &joiner.blocks[from].prefix;
		struct prefix widest =
			prefix_of(&first->ip, prefix_is_v4(first) ? WIDEST_V4 : WIDEST_V6);

		for (to = from + 1; to < count; to++)
			if (!prefix_contains(&widest, &joiner.blocks[to].prefix))
				break;
		consider(&joiner, &widest, from, to);
	}
	free(joiner.blocks);
	free(joiner.clear);
}
