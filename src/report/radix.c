#include "report/radix.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)
#define PASSES 6 /* of 11 bits: all 64 */

static unsigned int digit(uint64_t key, unsigned int pass)
{
	return (unsigned int)(key >> pass * DIGIT_BITS) & (DIGITS - 1);
}

/* How often each digit occurs at each place: one walk for all passes. */
static size_t (*count_digits(const uint64_t *keys, size_t count))[DIGITS]
{
	size_t(*counts)[DIGITS] = memory_get_zeroed(PASSES, sizeof(*counts));

	for (size_t i = 0; i < count; i++)
		for (unsigned int pass = 0; pass < PASSES; pass++)
			counts[pass][digit(keys[i], pass)]++;
	return counts;
}

static void scatter(const uint64_t *from, uint64_t *to, size_t count, unsigned int pass,
		    size_t *places)
{
	size_t place = 0;

	for (unsigned int d = 0; d < DIGITS; d++) {
		size_t n = places[d];

		places[d] = place;
		place += n;
	}
	for (size_t i = 0; i < count; i++)
		to[places[digit(from[i], pass)]++] = from[i];
}

static int compare_keys(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void radix_sort(uint64_t *keys, size_t count)
{
	uint64_t *from = keys, *other, *to;
	size_t(*counts)[DIGITS];

	if (count < DIGITS) {
		if (count)
			qsort(keys, count, sizeof(*keys), compare_keys);
		return;
	}
	to = other = memory_get(count * sizeof(*other));
	counts = count_digits(keys, count);
	for (unsigned int pass = 0; pass < PASSES; pass++) {
		uint64_t *swap = from;

		/* A digit that is the same in all keys orders nothing. */
		if (counts[pass][digit(keys[0], pass)] == count)
			continue;
		scatter(from, to, count, pass, counts[pass]);
		from = to;
		to = swap;
	}
	if (from != keys)
		memcpy(keys, from, count * sizeof(*keys));
	free(counts);
	free(other);
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
}

void id_set_release(struct id_set *set)
{
	free(set->bits);
	*set = (struct id_set){0};
}
