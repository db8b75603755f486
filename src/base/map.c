#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#define SLOTS_FIRST 64
#define SLOTS_KEPT 1024 /* a cleared map keeps its table up to this size */

static void slots_make(struct map *map, uint32_t slots)
{
	map->slots = memory_get_table((size_t)slots * sizeof(*map->slots));
	map->mask = slots - 1;
}

void map_init(struct map *map, uint32_t row_size, uint32_t key_size)
{
	*map = (struct map){.row_size = row_size, .key_size = key_size};
	slots_make(map, SLOTS_FIRST);
}

void map_release(struct map *map)
{
	memory_free_table(map->slots, ((size_t)map->mask + 1) * sizeof(*map->slots));
	free(map->rows);
	*map = (struct map){0};
}

void map_clear(struct map *map)
{
	uint32_t row_size = map->row_size, key_size = map->key_size;

	if (map->mask < SLOTS_KEPT) {
		memset(map->slots, 0, ((size_t)map->mask + 1) * sizeof(*map->slots));
		map->count = 0;
		return;
	}
	map_release(map);
	map_init(map, row_size, key_size);
}

/* The upper half of a hash is the tag, the lower half the place. */
static inline uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* Keys are a few 32-bit words: cheaper compared here than by a call. */
static inline bool key_is(const struct map *map, const char *row, const char *key)
{
	for (uint32_t at = 0; at < map->key_size; at += (uint32_t)sizeof(uint32_t))
		if (hash_load32(row + at) != hash_load32(key + at))
			return false;
	return true;
}

static inline uint32_t slot_find(const struct map *map, const void *key, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & map->mask;

	for (;; at = (at + 1) & map->mask) {
		uint64_t slot = map->slots[at];

		if (slot == 0)
			return at;
		if ((uint32_t)(slot >> 32) == tag_of(hash) &&
		    key_is(map, map_row(map, (uint32_t)slot - 1), key))
			return at;
	}
}

void *map_find(const struct map *map, const void *key, uint64_t hash)
{
	uint64_t slot = map->slots[slot_find(map, key, hash)];

	return slot ? map_row(map, (uint32_t)slot - 1) : NULL;
}

/* Doubles the slots; places come from the rows' keys, walked in order. */
static void slots_double(struct map *map)
{
	uint32_t slots = map->mask + 1;

	memory_free_table(map->slots, (size_t)slots * sizeof(*map->slots));
	slots_make(map, slots * 2);
	for (uint32_t n = 0; n < map->count; n++) {
		uint64_t hash = map_hash(map, map_row(map, n));
		uint32_t at = (uint32_t)hash & map->mask;

		while (map->slots[at])
			at = (at + 1) & map->mask;
		map->slots[at] = (uint64_t)tag_of(hash) << 32 | (n + 1);
	}
}

static void *row_append(struct map *map, const void *key)
{
	char *row;

	if (map->count == map->capacity) {
		/* By a half, not to twice: the biggest tables are most of the memory. */
		map->capacity = map->capacity < 64 ? 64 : map->capacity + map->capacity / 2;
		map->rows = memory_resize(map->rows, map->capacity, map->row_size);
	}
	row = map_row(map, map->count++);
	memcpy(row, key, map->key_size);
	memset(row + map->key_size, 0, map->row_size - map->key_size);
	return row;
}

void *map_add(struct map *map, const void *key, uint64_t hash, bool *ret_new)
{
	uint32_t at = slot_find(map, key, hash);

	if (ret_new)
		*ret_new = map->slots[at] == 0;
	if (map->slots[at])
		return map_row(map, (uint32_t)map->slots[at] - 1);
	if (map->count >= (map->mask >> 2) * 3) {
		slots_double(map);
		at = slot_find(map, key, hash);
	}
	map->slots[at] = (uint64_t)tag_of(hash) << 32 | (map->count + 1);
	return row_append(map, key);
}

void map_prefetch_slot(const struct map *map, uint64_t hash)
{
	__builtin_prefetch(&map->slots[(uint32_t)hash & map->mask]);
}

void map_prefetch_row(const struct map *map, uint64_t hash)
{
	uint64_t slot = map->slots[(uint32_t)hash & map->mask];

	if (slot)
		__builtin_prefetch(map_row(map, (uint32_t)slot - 1));
}
