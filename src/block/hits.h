/*
 * Hits: what blocks that were once put in force have met since.
 *
 * A fact counts for a block that was in force at its time and covers its client: a
 * session that came through to the server although it should have been stopped, or
 * that the server itself refused; refusals whose text carries the block's id are
 * counted apart, whatever their time.
 */
#ifndef MXWATCH_BLOCK_HITS_H
#define MXWATCH_BLOCK_HITS_H

#include "base/map.h"
#include "base/prefix.h"
#include "model/directory.h"
#include "model/fact.h"

struct hit_block {
	struct prefix prefix;
	uint32_t id;
	uint32_t since, until; /* in force in [since, until) */
	/* Filled in. */
	uint32_t sessions; /* that came */
	uint32_t refusals; /* of any kind in that time */
	uint32_t refused;  /* by the block: their text carries its id */
	uint32_t messages; /* taken in all the same */
	uint32_t last;	   /* time of the last of all these; 0: none */
};

struct hits {
	const struct directory *directory;
	struct hit_block *blocks;
	size_t count;
	struct map by_prefix;  /* first and next of the same prefix */
	struct map by_id;      /* likewise */
	uint32_t *next_prefix; /* by number of the block: the next one + 1; 0: none */
	uint32_t *next_id;     /* likewise */
	uint32_t lengths[130]; /* of prefixes that there are, ended by UINT32_MAX */
	struct map text_ids;   /* by text: the id that it carries */
};

/* BLOCKS (COUNT of them, not owned) are filled in as facts come. */
void hits_init(struct hits *hits, const struct directory *directory, struct hit_block *blocks,
	       size_t count);
void hits_release(struct hits *hits);
/* Takes attempts and sessions; attempts need the server's words. */
struct fact_sink hits_sink(struct hits *hits);

#endif
