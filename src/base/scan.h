/*
 * Searches in short texts, made where they are needed: most of what is sought
 * in a log line stands within the next 16 or 32 bytes, where calling the C
 * library costs more than the search. Nothing is read outside of [AT, END).
 */
#ifndef MXWATCH_BASE_SCAN_H
#define MXWATCH_BASE_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

/* One bit for each byte of TEXT that is one of three, the first byte's lowest. */
static inline uint32_t scan_places(__m128i text, char a, char b, char c)
{
	__m128i hit = _mm_cmpeq_epi8(text, _mm_set1_epi8(a));

	if (b != a)
		hit = _mm_or_si128(hit, _mm_cmpeq_epi8(text, _mm_set1_epi8(b)));
	if (c != b)
		hit = _mm_or_si128(hit, _mm_cmpeq_epi8(text, _mm_set1_epi8(c)));
	return (uint32_t)_mm_movemask_epi8(hit);
}

/* One bit for each of the 64 bytes at P that is BYTE, the first byte's lowest. */
static inline uint64_t scan_places64(const char *p, char byte)
{
	uint64_t places = 0;

	for (int i = 0; i < 4; i++) {
		__m128i text = _mm_loadu_si128((const __m128i *)(p + 16 * i));

		places |= (uint64_t)scan_places(text, byte, byte, byte) << 16 * i;
	}
	return places;
}

static inline __m128i scan_load4(const char *p)
{
	int bytes;

	memcpy(&bytes, p, sizeof(bytes));
	return _mm_cvtsi32_si128(bytes);
}

/* One bit for each of the N bytes at P (under 16) that is A, B or C: from the first and
   the last 8 (or 4) bytes, which may overlap. */
static inline uint32_t scan_places_short(const char *p, size_t n, char a, char b, char c)
{
	uint32_t places = 0;

	if (n >= 8) {
		__m128i front = _mm_loadl_epi64((const __m128i *)p);
		__m128i back = _mm_loadl_epi64((const __m128i *)(p + n - 8));

		places = scan_places(_mm_unpacklo_epi64(front, back), a, b, c);
		return (places & 0xff) | places >> 8 << (n - 8);
	}
	if (n >= 4) {
		__m128i front = scan_load4(p), back = scan_load4(p + n - 4);

		places = scan_places(_mm_unpacklo_epi32(front, back), a, b, c);
		return (places & 0xf) | (places >> 4 & 0xf) << (n - 4);
	}
	for (size_t i = 0; i < n; i++)
		places |= (uint32_t)(p[i] == a || p[i] == b || p[i] == c) << i;
	return places;
}

/* The first byte of [AT, END) that is A, B or C; END if there is none. */
static inline const char *scan_three(const char *at, const char *end, char a, char b, char c)
{
	while (end - at >= 16) {
		uint32_t places = scan_places(_mm_loadu_si128((const __m128i *)at), a, b, c);

		if (places)
			return at + __builtin_ctz(places);
		at += 16;
	}
	return at +
	       __builtin_ctz(scan_places_short(at, (size_t)(end - at), a, b, c) | 1u << (end - at));
}
#else
static inline uint32_t scan_places_short(const char *p, size_t n, char a, char b, char c)
{
	uint32_t places = 0;

	for (size_t i = 0; i < n; i++)
		places |= (uint32_t)(p[i] == a || p[i] == b || p[i] == c) << i;
	return places;
}

static inline uint64_t scan_places64(const char *p, char byte)
{
	uint64_t places = 0;

	for (int i = 0; i < 64; i++)
		places |= (uint64_t)(p[i] == byte) << i;
	return places;
}

static inline const char *scan_three(const char *at, const char *end, char a, char b, char c)
{
	while (at < end && *at != a && *at != b && *at != c)
		at++;
	return at;
}
#endif

/* The number of the lowest bit in PLACES; anything under 64 if there is none. */
static inline uint32_t scan_first(uint64_t places)
{
	return (uint32_t)__builtin_ctzll(places | UINT64_C(1) << 63);
}

static inline const char *scan_two(const char *at, const char *end, char a, char b)
{
	return scan_three(at, end, a, b, b);
}

static inline const char *scan_byte(const char *at, const char *end, char byte)
{
	return scan_three(at, end, byte, byte, byte);
}

#endif
