/*
 * Hashing of short byte strings (addresses, names, queue ids), for tables in
 * memory and for recognising lines seen before.
 *
 * The mixing step is the 64x64 to 128 bit multiplication; a string of up to
 * 16 bytes costs two of them. Values are the same on every little-endian
 * machine and in every version: hash64 is written into stores.
 */
#ifndef MXWATCH_BASE_HASH_H
#define MXWATCH_BASE_HASH_H

#include <stdint.h>
#include <string.h>

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_load64(const char *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t hash_load32(const char *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

#define HASH_K0 UINT64_C(0x9e3779b97f4a7c15)
#define HASH_K1 UINT64_C(0xe7037ed1a0b428db)
#define HASH_K2 UINT64_C(0x8ebc6af09c88c6e3)

/* The 64-bit hash of LEN bytes at PTR. */
static inline uint64_t hash64(const char *ptr, size_t len)
{
	uint64_t seed = HASH_K0 ^ len;
	uint64_t a, b;

	while (len > 16) {
		seed = hash_mix(hash_load64(ptr) ^ HASH_K1, hash_load64(ptr + 8) ^ seed);
		ptr += 16;
		len -= 16;
	}
	if (len >= 8) {
		a = hash_load64(ptr);
		b = hash_load64(ptr + len - 8);
	} else if (len >= 4) {
		a = hash_load32(ptr);
		b = hash_load32(ptr + len - 4);
	} else if (len > 0) {
		a = (uint64_t)(unsigned char)ptr[0] << 16 |
		    (uint64_t)(unsigned char)ptr[len >> 1] << 8 | (unsigned char)ptr[len - 1];
		b = 0;
	} else {
		a = b = 0;
	}
	return hash_mix(HASH_K2 ^ seed, hash_mix(a ^ HASH_K1, b ^ seed));
}

/* The 32-bit hash that events carry beside their views. */
static inline uint32_t hash32(const char *ptr, size_t len)
{
	uint64_t h = hash64(ptr, len);
	return (uint32_t)(h ^ h >> 32);
}

/* The hash of one or two integers. */
static inline uint64_t hash_pair(uint64_t a, uint64_t b)
{
	return hash_mix(a ^ HASH_K1, hash_mix(b ^ HASH_K2, HASH_K0));
}

#endif
