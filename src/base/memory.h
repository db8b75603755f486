/*
 * Memory that must be there: the program can do nothing sensible without, so
 * when the system has none left these print one line and abort. Sizes that
 * outsiders can drive are capped by their callers.
 */
#ifndef MXWATCH_BASE_MEMORY_H
#define MXWATCH_BASE_MEMORY_H

#include <stddef.h>

/* Has the heap keep what is freed, once for the whole program: big arrays come and go,
   and a page given back and taken again is cleared again. */
void memory_keep_freed(void);

/* Like malloc, calloc, reallocarray; never NULL. Free with free(). */
void *memory_get(size_t bytes) __attribute__((malloc, returns_nonnull));
void *memory_get_zeroed(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *memory_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

/* Like strdup; never NULL. */
char *memory_string(const char *text) __attribute__((malloc, returns_nonnull));

/* Zeroed memory for a big table: whole pages, huge ones where the system gives
   them. Free with memory_free_table(ptr, same size). */
void *memory_get_table(size_t bytes) __attribute__((malloc, returns_nonnull));
void memory_free_table(void *table, size_t bytes);
/* A table (NULL, 0: none) of more bytes than before; what is new is zero. */
void *memory_grow_table(void *table, size_t old_bytes, size_t bytes)
	__attribute__((returns_nonnull));

/*
 * Makes room for one more element in a growing array: if count == *capacity,
 * resizes to the next power of two. Use through ARRAY_GROW.
 */
void *memory_grow(void *array, size_t count, size_t *capacity, size_t size)
	__attribute__((returns_nonnull));
#define ARRAY_GROW(array, count, capacity) \
	((array) = memory_grow((array), (count), &(capacity), sizeof(*(array))))

#endif
