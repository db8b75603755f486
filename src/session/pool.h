/*
 * Rows with an id that come and go: found by a 64-bit hash, listed by age.
 *
 * Every row begins with a struct node. Rows are named by their index, from 1;
 * pointers to rows die when one is added. A row is in at most one of the lists,
 * which are ordered by when it was last put at the end of one, so that what has
 * been silent for longest is always at hand; it is found by its hash only while
 * it is entered. All calls take constant time.
 */
#ifndef MXWATCH_SESSION_POOL_H
#define MXWATCH_SESSION_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POOL_LISTS 3

struct node {
	uint64_t hash;
	int64_t touched;       /* the stage's clock when it was put at its list's end */
	uint32_t chain;	       /* next row of its bucket, or next free row */
	uint32_t older, newer; /* neighbours in its list */
	uint8_t list;
	uint8_t used, entered, listed;
};

struct pool_list {
	uint32_t oldest, newest;
};

struct pool {
	char *rows;
	uint32_t row_size;
	uint32_t count; /* rows in use */
	uint32_t made;	/* rows ever made; 1 … made are valid indices */
	uint32_t capacity;
	uint32_t free; /* first free row */
	uint32_t *buckets;
	uint32_t mask;
	struct pool_list lists[POOL_LISTS];
};

void pool_init(struct pool *pool, uint32_t row_size);
void pool_release(struct pool *pool);

static inline void *pool_row(const struct pool *pool, uint32_t index)
{
	return pool->rows + (size_t)index * pool->row_size;
}

static inline struct node *pool_node(const struct pool *pool, uint32_t index)
{
	return pool_row(pool, index);
}

/* A new row, all zero, in no list and not entered. */
uint32_t pool_add(struct pool *pool);
/* Takes a row out of bucket and list and frees it. */
void pool_remove(struct pool *pool, uint32_t index);

/* Makes a row be found by HASH; pool_leave undoes it. */
void pool_enter(struct pool *pool, uint32_t index, uint64_t hash);
void pool_leave(struct pool *pool, uint32_t index);
/* INDEX, or the next row of its bucket with HASH; 0: none. */
static inline uint32_t pool_chained(const struct pool *pool, uint32_t index, uint64_t hash)
{
	while (index && pool_node(pool, index)->hash != hash)
		index = pool_node(pool, index)->chain;
	return index;
}

/* The first row entered with HASH, or the next after INDEX; 0: none. */
static inline uint32_t pool_first(const struct pool *pool, uint64_t hash)
{
	return pool_chained(pool, pool->buckets[(uint32_t)hash & pool->mask], hash);
}

static inline uint32_t pool_next(const struct pool *pool, uint32_t index)
{
	const struct node *node = pool_node(pool, index);

	return pool_chained(pool, node->chain, node->hash);
}

/* Puts a row at the end of LIST. */
void pool_touch(struct pool *pool, uint32_t index, unsigned int list, int64_t now);
/* The row that was touched longest ago in any list; 0: none. */
uint32_t pool_oldest(const struct pool *pool);

/* Asks for a bucket, then for the row it leads to. */
static inline void pool_prefetch_bucket(const struct pool *pool, uint64_t hash)
{
	__builtin_prefetch(&pool->buckets[(uint32_t)hash & pool->mask]);
}

static inline void pool_prefetch_row(const struct pool *pool, uint64_t hash)
{
	const char *row = pool_row(pool, pool->buckets[(uint32_t)hash & pool->mask]);

	__builtin_prefetch(row);
	__builtin_prefetch(row + 64);
}

#endif
