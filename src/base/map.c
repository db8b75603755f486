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

static size_t rows_bytes(const struct map *map)
{
	return (size_t)map->capacity * map->row_size;
}

void map_init(struct map *map, uint32_t row_size, uint32_t key_size)
{
	*map = (struct map){.row_size = row_size, .key_size = key_size};
	slots_make(map, SLOTS_FIRST);
}

void map_release(struct map *map)
{
	memory_free_table(map->slots, ((size_t)map->mask + 1) * sizeof(*map->slots));
	memory_free_table(map->rows, rows_bytes(map));
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
	uint32_t at = map_tag(hash) & map->mask;

	for (;; at = (at + 1) & map->mask) {
		uint64_t slot = map->slots[at];

		if (slot == 0)
			return at;
		if ((uint32_t)(slot >> 32) == map_tag(hash) &&
		    key_is(map, map_row(map, (uint32_t)slot - 1), key))
			return at;
	}
}

void *map_find(const struct map *map, const void *key, uint64_t hash)
{
	uint64_t slot = map->slots[slot_find(map, key, hash)];

	return slot ? map_row(map, (uint32_t)slot - 1) : NULL;
}

/* Doubles the slots: the old ones know their tags, no row is read. */
static void slots_double(struct map *map)
{
	uint64_t *old = map->slots;
	uint32_t old_slots = map->mask + 1;

	slots_make(map, old_slots * 2);
	for (uint32_t i = 0; i < old_slots; i++) {
		uint32_t at = (uint32_t)(old[i] >> 32) & map->mask;

		if (!old[i])
			continue;
		while (map->slots[at])
			at = (at + 1) & map->mask;
		map->slots[at] = old[i];
	}
	memory_free_table(old, (size_t)old_slots * sizeof(*old));
}

static void *row_append(struct map *map, const void *key)
{
	char *row;

	if (map->count == map->capacity) {
		size_t old_bytes = rows_bytes(map);

		/* By a half, not to twice: the biggest tables are most of the memory. */
		map->capacity = map->capacity < 64 ? 64 : map->capacity + map->capacity / 2;
		map->rows = memory_grow_table(map->rows, old_bytes, rows_bytes(map));
	}
	row = map_row(map, map->count++);
	memcpy(row, key, map->key_size);
	memset(row + map->key_size, 0, map->row_size - map->key_size);
	return row;
}

void *map_add(struct map *map, const void *key, uint64_t hash, bool *ret_new)
{
	uint32_t at = slot_find(map, key, hash);
	uint64_t slot = map->slots[at];

	if (ret_new)
		*ret_new = slot == 0;
	if (slot)
		return map_row(map, (uint32_t)slot - 1);
	if (map->count >= (map->mask >> 2) * 3) {
		slots_double(map);
		at = slot_find(map, key, hash);
	}
	map->slots[at] = (uint64_t)map_tag(hash) << 32 | (map->count + 1);
	return row_append(map, key);
}

void *map_add_guessed(struct map *map, const void *key, uint64_t hash, uint32_t guess)
{
	if (guess && key_is(map, map_row(map, guess - 1), key))
		return map_row(map, guess - 1);
	return map_add(map, key, hash, NULL);
}
