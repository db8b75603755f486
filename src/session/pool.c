/*
 * Rows lie in one array and are reused; buckets hold the first row of a chain.
 * Row 0 is never used, so that 0 can mean none.
 */
#include "session/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BUCKETS_FIRST 1024
#define ROWS_FIRST 256

static void buckets_make(struct pool *pool, uint32_t buckets)
{
	pool->buckets = memory_get_table((size_t)buckets * sizeof(*pool->buckets));
	pool->mask = buckets - 1;
}

static void buckets_free(struct pool *pool)
{
	memory_free_table(pool->buckets, ((size_t)pool->mask + 1) * sizeof(*pool->buckets));
}

void pool_init(struct pool *pool, uint32_t row_size)
{
	*pool = (struct pool){.row_size = row_size, .capacity = ROWS_FIRST};
	pool->rows = memory_get_zeroed(ROWS_FIRST, row_size);
	buckets_make(pool, BUCKETS_FIRST);
}

void pool_release(struct pool *pool)
{
	buckets_free(pool);
	free(pool->rows);
	*pool = (struct pool){0};
}

static void buckets_double(struct pool *pool)
{
	uint32_t buckets = (pool->mask + 1) * 2;

	buckets_free(pool);
	buckets_make(pool, buckets);
	for (uint32_t index = 1; index <= pool->made; index++) {
		struct node *node = pool_node(pool, index);
		uint32_t *bucket = &pool->buckets[(uint32_t)node->hash & pool->mask];

		if (!node->entered)
			continue;
		node->chain = *bucket;
		*bucket = index;
	}
}

static uint32_t row_make(struct pool *pool)
{
	if (pool->made + 1 == pool->capacity) {
		pool->capacity += pool->capacity / 2;
		pool->rows = memory_resize(pool->rows, pool->capacity, pool->row_size);
	}
	return ++pool->made;
}

uint32_t pool_add(struct pool *pool)
{
	uint32_t index = pool->free;
	struct node *node;

	if (index)
		pool->free = pool_node(pool, index)->chain;
	else
		index = row_make(pool);
	node = pool_node(pool, index);
	memset(node, 0, pool->row_size);
	node->used = 1;
	pool->count++;
	if (pool->count > pool->mask / 2)
		buckets_double(pool);
	return index;
}

static void list_remove(struct pool *pool, struct node *node)
{
	struct pool_list *list = &pool->lists[node->list];

	if (!node->listed)
		return;
	if (node->older)
		pool_node(pool, node->older)->newer = node->newer;
	else
		list->oldest = node->newer;
	if (node->newer)
		pool_node(pool, node->newer)->older = node->older;
	else
		list->newest = node->older;
	node->older = node->newer = 0;
	node->listed = 0;
}

void pool_remove(struct pool *pool, uint32_t index)
{
	struct node *node = pool_node(pool, index);

	pool_leave(pool, index);
	list_remove(pool, node);
	node->used = 0;
	node->chain = pool->free;
	pool->free = index;
	pool->count--;
}

void pool_enter(struct pool *pool, uint32_t index, uint64_t hash)
{
	struct node *node = pool_node(pool, index);
	uint32_t *bucket = &pool->buckets[(uint32_t)hash & pool->mask];

	node->hash = hash;
	node->entered = 1;
	node->chain = *bucket;
	*bucket = index;
}

void pool_leave(struct pool *pool, uint32_t index)
{
	struct node *node = pool_node(pool, index);
	uint32_t *link = &pool->buckets[(uint32_t)node->hash & pool->mask];

	if (!node->entered)
		return;
	while (*link != index)
		link = &pool_node(pool, *link)->chain;
	*link = node->chain;
	node->entered = 0;
}

void pool_touch(struct pool *pool, uint32_t index, unsigned int list, int64_t now)
{
	struct node *node = pool_node(pool, index);
	struct pool_list *to = &pool->lists[list];

	node->touched = now;
	if (to->newest == index)
		return;
	list_remove(pool, node);
	node->list = (uint8_t)list;
	node->listed = 1;
	node->older = to->newest;
	if (to->newest)
		pool_node(pool, to->newest)->newer = index;
	else
		to->oldest = index;
	to->newest = index;
}

uint32_t pool_oldest(const struct pool *pool)
{
	uint32_t oldest = 0;

	for (size_t list = 0; list < POOL_LISTS; list++) {
		uint32_t index = pool->lists[list].oldest;

		if (index &&
		    (!oldest || pool_node(pool, index)->touched < pool_node(pool, oldest)->touched))
			oldest = index;
	}
	return oldest;
}
