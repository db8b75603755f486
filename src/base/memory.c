#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define TABLE_MAPPED_BYTES ((size_t)256 << 10) /* smaller ones come from the heap */
#define TABLE_HUGE_BYTES ((size_t)2 << 20)     /* from here on huge pages pay */

static void *have(void *memory)
{
	if (memory)
		return memory;
	fputs("mxwatch: out of memory\n", stderr);
	abort();
}

void *memory_get(size_t bytes)
{
	return have(malloc(bytes ? bytes : 1));
}

void *memory_get_zeroed(size_t count, size_t size)
{
	return have(calloc(count ? count : 1, size ? size : 1));
}

void *memory_resize(void *old, size_t count, size_t size)
{
	return have(reallocarray(old, count ? count : 1, size));
}

void *memory_get_table(size_t bytes)
{
	void *table;

	if (bytes < TABLE_MAPPED_BYTES)
		return memory_get_zeroed(1, bytes);
	table = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (table == MAP_FAILED)
		return have(NULL);
	if (bytes >= TABLE_HUGE_BYTES)
		madvise(table, bytes, MADV_HUGEPAGE);
	return table;
}

void memory_free_table(void *table, size_t bytes)
{
	if (bytes < TABLE_MAPPED_BYTES)
		free(table);
	else if (table)
		munmap(table, bytes);
}

void *memory_grow(void *array, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return array;
	*capacity = *capacity ? *capacity * 2 : 16;
	return memory_resize(array, *capacity, size);
}
