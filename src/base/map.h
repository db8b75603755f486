/*
 * A hash table of rows of one fixed size, each beginning with its key.
 *
 * Rows lie in one dense array in the order in which they were added, so a
 * table can be walked, sorted or written as an array; the slots beside it hold
 * only a tag and the row's number. Rows must not contain padding inside the
 * key.
 */
#ifndef MXWATCH_BASE_MAP_H
#define MXWATCH_BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

struct map {
	char *rows;	 /* count rows of row_size bytes */
	uint64_t *slots; /* tag << 32 | row + 1; 0 is free; mask + 1 of them */
	uint32_t row_size, key_size;
	uint32_t count, capacity;
	uint32_t mask;
};

void map_init(struct map *map, uint32_t row_size, uint32_t key_size);
void map_release(struct map *map);
/* Forgets all rows. */
void map_clear(struct map *map);

/* The hash of a key of the map's key_size, a multiple of 4. */
static inline uint64_t map_hash(const struct map *map, const void *key)
{
	return hash64(key, map->key_size);
}

/* The upper half of a hash is the tag kept in a slot; its lower bits are the slot's place. */
static inline uint32_t map_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* Row number N. Rows move when one is added. */
static inline void *map_row(const struct map *map, uint32_t n)
{
	return map->rows + (size_t)n * map->row_size;
}

/* The row of KEY, or NULL. */
void *map_find(const struct map *map, const void *key, uint64_t hash);
/* The row of KEY, added (all zero behind the key) if new; *ret_new (may be
   NULL) tells which. Valid until the next map_add. */
void *map_add(struct map *map, const void *key, uint64_t hash, bool *ret_new);

/*
 * A look-up in three steps, with others between them so that their waits for
 * memory overlap: _slot asks for the slot, _row asks for the row that the hash
 * most likely means and names it (row + 1; 0: none), _guessed is map_add. The
 * map may grow in between, but not be cleared.
 */
static inline void map_prefetch_slot(const struct map *map, uint64_t hash)
{
	__builtin_prefetch(&map->slots[map_tag(hash) & map->mask]);
}

static inline uint32_t map_prefetch_row(const struct map *map, uint64_t hash)
{
	uint32_t at = map_tag(hash) & map->mask;
	uint64_t slot;

	while ((slot = map->slots[at]) != 0 && (uint32_t)(slot >> 32) != map_tag(hash))
		at = (at + 1) & map->mask;
	if (slot)
		__builtin_prefetch(map_row(map, (uint32_t)slot - 1));
	return (uint32_t)slot;
}

void *map_add_guessed(struct map *map, const void *key, uint64_t hash, uint32_t guess);

/* Shorthand: hashes the key itself. */
static inline void *map_at(struct map *map, const void *key)
{
	return map_add(map, key, map_hash(map, key), NULL);
}

#endif
