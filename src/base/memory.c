#include "base/memory.h"

#include <limits.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGES_BYTES ((size_t)64 << 10)	       /* a multiple of any system's small page */
#define HUGE_BYTES ((size_t)2 << 20)	       /* of a huge page */
#define TABLE_MAPPED_BYTES ((size_t)256 << 10) /* smaller ones come from the heap */
#define HEAP_BLOCK_BYTES_MAX (32 << 20)	       /* the most that glibc takes for it */
#define TABLE_HUGE_BYTES ((size_t)512 << 10)   /* from here on huge pages pay */

void memory_keep_freed(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, HEAP_BLOCK_BYTES_MAX);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

static void *have(void *memory)
{
	if (memory)
		return memory;
	fputs("mxwatch: out of memory\n", stderr);
	abort();
}

/* What a mapped table really takes. */
static size_t pages_of(size_t bytes)
{
	size_t unit = bytes < TABLE_HUGE_BYTES ? PAGES_BYTES : HUGE_BYTES;

	return (bytes + unit - 1) / unit * unit;
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

char *memory_string(const char *text)
{
	size_t bytes = strlen(text) + 1;

	return memcpy(memory_get(bytes), text, bytes);
}

static void *pages_get(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return have(pages == MAP_FAILED ? NULL : pages);
}

/* The same, beginning at a multiple of a huge page. */
static void *huge_pages_get(size_t bytes)
{
	char *pages = pages_get(bytes + HUGE_BYTES);
	size_t before = -(uintptr_t)pages % HUGE_BYTES;

	if (before)
		munmap(pages, before);
	munmap(pages + before + bytes, HUGE_BYTES - before);
	madvise(pages + before, bytes, MADV_HUGEPAGE);
	return pages + before;
}

void *memory_get_table(size_t bytes)
{
	if (bytes < TABLE_MAPPED_BYTES)
		return memory_get_zeroed(1, bytes);
	if (bytes < TABLE_HUGE_BYTES)
		return pages_get(pages_of(bytes));
	return huge_pages_get(pages_of(bytes));
}

void memory_free_table(void *table, size_t bytes)
{
	if (bytes < TABLE_MAPPED_BYTES)
		free(table);
	else if (table)
		munmap(table, pages_of(bytes));
}

/* The pages themselves move: nothing is copied, and huge ones stay whole. */
static void *pages_move(void *pages, size_t old_bytes, size_t bytes)
{
	void *to = memory_get_table(bytes);

	if (mremap(pages, old_bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED)
		return have(NULL);
	if (bytes >= TABLE_HUGE_BYTES)
		madvise(to, bytes, MADV_HUGEPAGE);
	return to;
}

void *memory_grow_table(void *table, size_t old_bytes, size_t bytes)
{
	void *grown;

	if (table && old_bytes >= TABLE_MAPPED_BYTES) {
		if (pages_of(old_bytes) == pages_of(bytes))
			return table;
		return pages_move(table, pages_of(old_bytes), pages_of(bytes));
	}
	grown = memory_get_table(bytes);
	if (table)
		memcpy(grown, table, old_bytes);
	free(table);
	return grown;
}

void *memory_grow(void *array, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return array;
	*capacity = *capacity ? *capacity * 2 : 16;
	return memory_resize(array, *capacity, size);
}
