/*
 * Sorting and numbering of many integers: what distinct counts are made of.
 *
 * A sort of two million keys by their digits takes some tens of milliseconds,
 * a fraction of what as many look-ups in a table bigger than the cache take.
 */
#ifndef MXWATCH_REPORT_RADIX_H
#define MXWATCH_REPORT_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sorts COUNT keys, ascending. */
void radix_sort(uint64_t *keys, size_t count);
/* Drops repeated ones from sorted keys; returns how many remain. */
size_t radix_unique(uint64_t *keys, size_t count);

/* A set of ids that numbers its members 0, 1, … in the order of their ids. */
struct id_set {
	uint64_t *bits;
	uint32_t *ranks; /* members before each word of bits; after id_set_number */
	uint32_t words;
	uint32_t count; /* after id_set_number */
};

/* A set for ids 0 … MAX. */
void id_set_init(struct id_set *set, uint32_t max);
void id_set_release(struct id_set *set);

static inline void id_set_add(struct id_set *set, uint32_t id)
{
	set->bits[id / 64] |= UINT64_C(1) << id % 64;
}

static inline bool id_set_has(const struct id_set *set, uint32_t id)
{
	return set->bits[id / 64] >> id % 64 & 1;
}

/* To be called after the last id_set_add. */
void id_set_number(struct id_set *set);

/* The number of member ID. */
static inline uint32_t id_set_rank(const struct id_set *set, uint32_t id)
{
	uint64_t below = set->bits[id / 64] & ((UINT64_C(1) << id % 64) - 1);

	return set->ranks[id / 64] + (uint32_t)__builtin_popcountll(below);
}

/* Walks through the members by number: the first one at or after id FROM, or
   UINT32_MAX behind the last. */
uint32_t id_set_next(const struct id_set *set, uint32_t from);

#endif
