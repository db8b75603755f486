/* What blocks have met: see hits.h. */
#include "block/hits.h"

#include <stdlib.h>

#include "base/memory.h"
#include "block/wording.h"

#define TEXTS_MAX (1u << 20) /* texts remembered at a time */

struct first_of_prefix {
	struct prefix prefix; /* the key */
	uint32_t first;	      /* number of the block + 1 */
};

struct first_of_id {
	uint32_t id; /* the key */
	uint32_t first;
};

struct text_id {
	uint32_t text; /* the key */
	uint32_t known, id;
};

static void index_blocks(struct hits *hits)
{
	bool seen[PREFIX_BITS_MAX + 1] = {0};
	size_t lengths = 0;

	for (size_t i = 0; i < hits->count; i++) {
		const struct hit_block *block = &hits->blocks[i];
		struct first_of_prefix *by_prefix = map_at(&hits->by_prefix, &block->prefix);
		struct first_of_id *by_id = map_at(&hits->by_id, &block->id);

		hits->next_prefix[i] = by_prefix->first;
		by_prefix->first = (uint32_t)i + 1;
		hits->next_id[i] = by_id->first;
		by_id->first = (uint32_t)i + 1;
		if (!seen[block->prefix.bits])
			hits->lengths[lengths++] = block->prefix.bits;
		seen[block->prefix.bits] = true;
	}
	hits->lengths[lengths] = UINT32_MAX;
}

void hits_init(struct hits *hits, const struct directory *directory, struct hit_block *blocks,
	       size_t count)
{
	*hits = (struct hits){.directory = directory, .blocks = blocks, .count = count};
	map_init(&hits->by_prefix, sizeof(struct first_of_prefix), sizeof(struct prefix));
	map_init(&hits->by_id, sizeof(struct first_of_id), sizeof(uint32_t));
	map_init(&hits->text_ids, sizeof(struct text_id), sizeof(uint32_t));
	hits->next_prefix = memory_get_zeroed(count + 1, sizeof(*hits->next_prefix));
	hits->next_id = memory_get_zeroed(count + 1, sizeof(*hits->next_id));
	index_blocks(hits);
}

void hits_release(struct hits *hits)
{
	map_release(&hits->by_prefix);
	map_release(&hits->by_id);
	map_release(&hits->text_ids);
	free(hits->next_prefix);
	free(hits->next_id);
	*hits = (struct hits){0};
}

static void note_time(struct hit_block *block, uint32_t time)
{
	if (time > block->last)
		block->last = time;
}

/* Calls TAKE for the blocks that were in force against CLIENT at TIME. */
static void for_blocks(struct hits *hits, uint32_t client, uint32_t time,
		       void (*take)(struct hit_block *block, const void *fact), const void *fact)
{
	const struct ip *ip;

	if (client == 0)
		return;
	ip = &directory_client_at(hits->directory, client)->ip;
	for (const uint32_t *bits = hits->lengths; *bits != UINT32_MAX; bits++) {
		struct prefix prefix = prefix_of(ip, *bits);
		const struct first_of_prefix *found =
			map_find(&hits->by_prefix, &prefix, map_hash(&hits->by_prefix, &prefix));

		for (uint32_t n = found ? found->first : 0; n; n = hits->next_prefix[n - 1]) {
			struct hit_block *block = &hits->blocks[n - 1];

			if (time < block->since || time >= block->until)
				continue;
			take(block, fact);
			note_time(block, time);
		}
	}
}

static void take_refusal(struct hit_block *block, const void *fact)
{
	block->refusals += ((const struct attempt *)fact)->count;
}

static void take_visit(struct hit_block *block, const void *fact)
{
	block->sessions++;
	block->messages += ((const struct session_fact *)fact)->accepted;
}

/* The id that text number TEXT carries; false if none. */
static bool id_of_text(struct hits *hits, uint32_t text, uint32_t *ret_id)
{
	struct text_id *known;

	if (text == 0)
		return false;
	if (hits->text_ids.count >= TEXTS_MAX)
		map_clear(&hits->text_ids);
	known = map_at(&hits->text_ids, &text);
	if (!known->known)
		known->known =
			block_find_id(strings_get(hits->directory->strings, text), &known->id) ? 2
											       : 1;
	*ret_id = known->id;
	return known->known == 2;
}

/* One id may have stood in several forms, and be extended: the latest that had begun. */
static struct hit_block *block_of_id(struct hits *hits, uint32_t id, uint32_t time)
{
	const struct first_of_id *found = map_find(&hits->by_id, &id, map_hash(&hits->by_id, &id));
	struct hit_block *best = NULL;

	for (uint32_t n = found ? found->first : 0; n; n = hits->next_id[n - 1]) {
		struct hit_block *block = &hits->blocks[n - 1];

		if (block->since <= time && (!best || block->since > best->since))
			best = block;
	}
	return best;
}

static void take_attempt(void *context, const struct attempt *attempt)
{
	struct hits *hits = context;
	struct hit_block *block;
	uint32_t id;

	for_blocks(hits, attempt->client, attempt->time, take_refusal, attempt);
	if (!id_of_text(hits, attempt->text, &id))
		return;
	block = block_of_id(hits, id, attempt->time);
	if (!block)
		return;
	block->refused += attempt->count;
	note_time(block, attempt->time);
}

static void take_session(void *context, const struct session_fact *session)
{
	if (!(session->flags & SESSION_UNTIMED))
		for_blocks(context, session->client, session->start, take_visit, session);
}

struct fact_sink hits_sink(struct hits *hits)
{
	struct fact_sink sink = fact_nowhere;

	sink.context = hits;
	sink.attempt = take_attempt;
	sink.session = take_session;
	return sink;
}
