/*
 * Sorting of many integers, and sets of them: what distinct counts are made of.
 *
 * A sort of two million keys by their digits takes some tens of milliseconds,
 * a fraction of what as many look-ups in a table bigger than the cache take.
 */
#ifndef MXWATCH_BASE_RADIX_H
#define MXWATCH_BASE_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sorts COUNT keys, ascending. */
void radix_sort(uint64_t *keys, size_t count);
/* Sorts COUNT rows of three words, by the second word and then by the first. */
void radix_sort_triples(uint32_t (*rows)[3], size_t count);
/* Drops repeated ones from sorted keys; returns how many remain. */
size_t radix_unique(uint64_t *keys, size_t count);

/* A set of ids, a bit each. */
struct id_set {
	uint64_t *bits;
	uint32_t max;
};

/* A set for ids 0 … MAX. */
void id_set_init(struct id_set *set, uint32_t max);
void id_set_release(struct id_set *set);
/* How many there are. */
size_t id_set_count(const struct id_set *set);
/* The least of them that is not less than FROM; UINT32_MAX if there is none. */
uint32_t id_set_next(const struct id_set *set, uint32_t from);

static inline void id_set_add(struct id_set *set, uint32_t id)
{
	set->bits[id / 64] |= UINT64_C(1) << id % 64;
}

static inline bool id_set_has(const struct id_set *set, uint32_t id)
{
	return set->bits[id / 64] >> id % 64 & 1;
}

#endif
