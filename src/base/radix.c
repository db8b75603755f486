#include "base/radix.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)
#define PASSES 6 /* of 11 bits: all 64 */

/* What is sorted: rows that begin with their key. Every caller has one size, so that
   compilers make loops of each. */
struct rows {
	char *at;
	size_t count, size;
};

static inline uint64_t key_of(const char *row)
{
	uint64_t key;

	memcpy(&key, row, sizeof(key));
	return key;
}

static inline unsigned int digit(uint64_t key, unsigned int pass)
{
	return (unsigned int)(key >> pass * DIGIT_BITS) & (DIGITS - 1);
}

/* How often each digit occurs at each place: one walk for all passes. */
static inline size_t (*count_digits(struct rows rows))[DIGITS]
{
	size_t(*counts)[DIGITS] = memory_get_zeroed(PASSES, sizeof(*counts));

	for (size_t i = 0; i < rows.count; i++) {
		uint64_t key = key_of(rows.at + i * rows.size);

		for (unsigned int pass = 0; pass < PASSES; pass++)
			counts[pass][digit(key, pass)]++;
	}
	return counts;
}

static inline void scatter(struct rows rows, char *to, unsigned int pass, size_t *places)
{
	size_t place = 0;

	for (unsigned int d = 0; d < DIGITS; d++) {
		size_t n = places[d];

		places[d] = place;
		place += n;
	}
	for (size_t i = 0; i < rows.count; i++) {
		const char *row = rows.at + i * rows.size;

		memcpy(to + places[digit(key_of(row), pass)]++ * rows.size, row, rows.size);
	}
}

static int compare_rows(const void *a, const void *b)
{
	uint64_t x = key_of(a), y = key_of(b);

	return (x > y) - (x < y);
}

static inline void sort(struct rows rows)
{
	char *first = rows.at, *other, *to;
	size_t(*counts)[DIGITS];

	if (rows.count < DIGITS) {
		if (rows.count)
			qsort(rows.at, rows.count, rows.size, compare_rows);
		return;
	}
	to = other = memory_get_table(rows.count * rows.size);
	counts = count_digits(rows);
	for (unsigned int pass = 0; pass < PASSES; pass++) {
		char *swap = rows.at;

		/* A digit that is the same in all keys orders nothing. */
		if (counts[pass][digit(key_of(rows.at), pass)] == rows.count)
			continue;
		scatter(rows, to, pass, counts[pass]);
		rows.at = to;
		to = swap;
	}
	if (rows.at != first)
		memcpy(first, rows.at, rows.count * rows.size);
	free(counts);
	memory_free_table(other, rows.count * rows.size);
}

void radix_sort(uint64_t *keys, size_t count)
{
	sort((struct rows){(char *)keys, count, sizeof(*keys)});
}

void radix_sort_triples(uint32_t (*rows)[3], size_t count)
{
	sort((struct rows){(char *)rows, count, sizeof(*rows)});
}

size_t radix_unique(uint64_t *keys, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (i == 0 || keys[i] != keys[i - 1])
			keys[kept++] = keys[i];
	return kept;
}

void id_set_init(struct id_set *set, uint32_t max)
{
	set->bits = memory_get_zeroed(max / 64 + 1, sizeof(*set->bits));
	set->max = max;
}

void id_set_release(struct id_set *set)
{
	free(set->bits);
	*set = (struct id_set){0};
}

size_t id_set_count(const struct id_set *set)
{
	size_t count = 0;

	for (uint32_t i = 0; i <= set->max / 64; i++)
		count += (size_t)__builtin_popcountll(set->bits[i]);
	return count;
}

uint32_t id_set_next(const struct id_set *set, uint32_t from)
{
	uint32_t at = from / 64;
	uint64_t bits;

	if (from > set->max)
		return UINT32_MAX;
	bits = set->bits[at] & UINT64_MAX << from % 64;
	while (!bits && ++at <= set->max / 64)
		bits = set->bits[at];
	return bits ? at * 64 + (uint32_t)__builtin_ctzll(bits) : UINT32_MAX;
}
