/*
 * Sorting in place by the bytes of the key, from the highest on ("American
 * flag sort"): each pass brings rows into their buckets by swaps, so a million
 * rows need no second array.
 */
#include "detect/rows.h"

#include <stdbool.h>
#include <string.h>

#define KEY_WORDS 3
#define KEY_BYTES (4 * KEY_WORDS)
#define FEW 24 /* are sorted by insertion */
#define BUCKETS 256

static uint32_t word(const char *row, unsigned int n)
{
	uint32_t value;

	memcpy(&value, row + 4 * n, sizeof(value));
	return value;
}

static unsigned int byte_at(const char *row, unsigned int level)
{
	return word(row, level / 4) >> (24 - 8 * (level % 4)) & 0xff;
}

static bool is_before(const char *a, const char *b)
{
	for (unsigned int n = 0; n < KEY_WORDS; n++)
		if (word(a, n) != word(b, n))
			return word(a, n) < word(b, n);
	return false;
}

static void sort_few(char *rows, size_t count, size_t size)
{
	char held[ROW_SIZE_MAX];

	for (size_t i = 1; i < count; i++) {
		size_t at = i;

		if (!is_before(rows + i * size, rows + (i - 1) * size))
			continue;
		memcpy(held, rows + i * size, size);
		for (; at > 0 && is_before(held, rows + (at - 1) * size); at--)
			memcpy(rows + at * size, rows + (at - 1) * size, size);
		memcpy(rows + at * size, held, size);
	}
}

static void swap(char *a, char *b, size_t size)
{
	char held[ROW_SIZE_MAX];

	memcpy(held, a, size);
	memcpy(a, b, size);
	memcpy(b, held, size);
}

/* Brings each row into the bucket of its byte; NEXT: where buckets begin, ENDS: where they end. */
static void fill_buckets(char *rows, size_t size, unsigned int level, size_t next[BUCKETS],
			 const size_t ends[BUCKETS])
{
	for (unsigned int bucket = 0; bucket < BUCKETS; bucket++) {
		while (next[bucket] < ends[bucket]) {
			char *row = rows + next[bucket] * size;
			unsigned int byte = byte_at(row, level);

			if (byte == bucket)
				next[bucket]++;
			else
				swap(row, rows + next[byte]++ * size, size);
		}
	}
}

static void sort_level(char *rows, size_t count, size_t size, unsigned int level)
{
	size_t counts[BUCKETS] = {0}, next[BUCKETS], ends[BUCKETS];
	size_t sum = 0;

	if (count <= FEW || level == KEY_BYTES) {
		sort_few(rows, count, size);
		return;
	}
	for (size_t i = 0; i < count; i++)
		counts[byte_at(rows + i * size, level)]++;
	for (unsigned int bucket = 0; bucket < BUCKETS; bucket++) {
		next[bucket] = sum;
		sum += counts[bucket];
		ends[bucket] = sum;
	}
	if (counts[byte_at(rows, level)] < count)
		fill_buckets(rows, size, level, next, ends);
	for (unsigned int bucket = 0; bucket < BUCKETS; bucket++)
		if (counts[bucket] > 1)
			sort_level(rows + (ends[bucket] - counts[bucket]) * size, counts[bucket],
				   size, level + 1);
}

void rows_sort(void *rows, size_t count, size_t size)
{
	sort_level(rows, count, size, 0);
}
