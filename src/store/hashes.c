/*
 * Packed form: one byte K, then for each number its difference to the one
 * before: the difference shifted right by K as that many one bits and a zero,
 * and its K low bits, lowest first. K is near the logarithm of the mean
 * difference, which makes all the ones together no more than two a number.
 */
#include "store/hashes.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

#define SMALL 64 /* fewer keys are sorted by insertion */
#define DIGIT_BITS 11

static void sort_small(uint64_t *keys, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint64_t key = keys[i];
		size_t at = i;

		for (; at > 0 && keys[at - 1] > key; at--)
			keys[at] = keys[at - 1];
		keys[at] = key;
	}
}

void hashes_sort(uint64_t *keys, uint64_t *spare, size_t count)
{
	if (count < SMALL) {
		sort_small(keys, count);
		return;
	}
	_Static_assert(HASHES_BITS / DIGIT_BITS % 2 == 0 && HASHES_BITS % DIGIT_BITS == 0,
		       "sorted keys end where they began");
	for (int shift = 0; shift < HASHES_BITS; shift += DIGIT_BITS) {
		size_t starts[1 << DIGIT_BITS] = {0};
		uint64_t *sorted = spare;
		size_t sum = 0;

		for (size_t i = 0; i < count; i++)
			starts[keys[i] >> shift & ((1 << DIGIT_BITS) - 1)]++;
		for (size_t digit = 0; digit < 1 << DIGIT_BITS; digit++) {
			size_t here = starts[digit];

			starts[digit] = sum;
			sum += here;
		}
		for (size_t i = 0; i < count; i++)
			spare[starts[keys[i] >> shift & ((1 << DIGIT_BITS) - 1)]++] = keys[i];
		spare = keys;
		keys = sorted;
	}
}

struct bit_writer {
	char *to;
	uint64_t bits; /* not yet written, from the lowest */
	unsigned int count;
};

static void bits_put(struct bit_writer *writer, uint64_t bits, unsigned int count)
{
	/* At most 7 bits wait, and at most 44 come. */
	writer->bits |= bits << writer->count;
	writer->count += count;
	for (; writer->count >= 8; writer->count -= 8, writer->bits >>= 8)
		*writer->to++ = (char)writer->bits;
}

static void ones_put(struct bit_writer *writer, uint64_t count)
{
	for (; count >= 32; count -= 32)
		bits_put(writer, UINT32_MAX, 32);
	bits_put(writer, (UINT64_C(1) << count) - 1, (unsigned int)count + 1);
}

static unsigned int parameter_for(uint64_t last, size_t count)
{
	uint64_t mean = last / count;

	return mean > 1 ? 63 - (unsigned int)__builtin_clzll(mean) : 0;
}

void hashes_pack(const uint64_t *keys, size_t count, char **ret_bytes, size_t *ret_len)
{
	uint64_t last = count ? keys[count - 1] : 0;
	unsigned int k = count ? parameter_for(last, count) : 0;
	size_t bits = count * (k + 1) + (size_t)(last >> k) + 8;
	char *bytes = memory_get(1 + (bits + 7) / 8);
	struct bit_writer writer = {.to = bytes + 1};
	uint64_t before = 0;

	assert(last >> HASHES_BITS == 0);
	bytes[0] = (char)k;
	for (size_t i = 0; i < count; i++) {
		uint64_t difference = keys[i] - before;

		ones_put(&writer, difference >> k);
		bits_put(&writer, difference & ((UINT64_C(1) << k) - 1), k);
		before = keys[i];
	}
	if (writer.count)
		*writer.to++ = (char)writer.bits;
	*ret_bytes = bytes;
	*ret_len = (size_t)(writer.to - bytes);
}

struct bit_reader {
	const unsigned char *from, *end;
	uint64_t bits;
	unsigned int count;
};

/* Has at least 48 bits at hand, or all that are left. */
static void bits_fill(struct bit_reader *reader)
{
	while (reader->count <= 56 && reader->from < reader->end) {
		reader->bits |= (uint64_t)*reader->from++ << reader->count;
		reader->count += 8;
	}
}

static bool bits_get(struct bit_reader *reader, unsigned int count, uint64_t *ret_bits)
{
	bits_fill(reader);
	if (reader->count < count)
		return false;
	*ret_bits = reader->bits & ((UINT64_C(1) << count) - 1);
	reader->bits >>= count;
	reader->count -= count;
	return true;
}

static bool ones_get(struct bit_reader *reader, uint64_t *ret_ones)
{
	uint64_t ones = 0;

	for (;;) {
		unsigned int here;

		bits_fill(reader);
		here = ~reader->bits ? (unsigned int)__builtin_ctzll(~reader->bits) : 64;
		if (here < reader->count) {
			reader->bits = here < 63 ? reader->bits >> (here + 1) : 0;
			reader->count -= here + 1;
			*ret_ones = ones + here;
			return true;
		}
		if (reader->from == reader->end)
			return false;
		ones += reader->count;
		reader->bits = 0;
		reader->count = 0;
	}
}

int hashes_unpack(struct view packed, size_t count, uint64_t *ret_keys)
{
	struct bit_reader reader;
	uint64_t before = 0, low, ones;
	unsigned int k;

	if (packed.len == 0 || (unsigned char)*packed.ptr > HASHES_BITS)
		return -EBADMSG;
	k = (unsigned char)*packed.ptr;
	reader = (struct bit_reader){(const unsigned char *)packed.ptr + 1,
				     (const unsigned char *)packed.ptr + packed.len, 0, 0};
	for (size_t i = 0; i < count; i++) {
		if (!ones_get(&reader, &ones) || ones >> (HASHES_BITS - k) ||
		    !bits_get(&reader, k, &low))
			return -EBADMSG;
		before += ones << k | low;
		if (before >> HASHES_BITS)
			return -EBADMSG;
		ret_keys[i] = before;
	}
	return 0;
}
