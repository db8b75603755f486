#include "base/view.h"

#include <limits.h>

#include "base/scan.h"

/* Longer texts are left to memmem, whose time does not depend on how often the
   needle almost stands there. */
#define FIND_LENGTH_MAX 4096

static size_t find_long(struct view v, struct view needle)
{
	const char *at = memmem(v.ptr, v.len, needle.ptr, needle.len);

	return at ? (size_t)(at - v.ptr) : VIEW_NONE;
}

/* PLACES: how many bytes at the front of V may begin NEEDLE. */
static size_t find_by_first(struct view v, struct view needle, size_t places)
{
	const char *end = v.ptr + places;

	for (const char *at = v.ptr;; at++) {
		at = scan_byte(at, end, needle.ptr[0]);
		if (at == end)
			return VIEW_NONE;
		if (memcmp(at, needle.ptr, needle.len) == 0)
			return (size_t)(at - v.ptr);
	}
}

#ifdef __SSE2__
/* 16 places at once are tried for the needle's first and last byte; the last 16
   may overlap those before them. PLACES is at least 16. */
static size_t find_by_ends(struct view v, struct view needle, size_t places)
{
	const __m128i first = _mm_set1_epi8(needle.ptr[0]);
	const __m128i last = _mm_set1_epi8(needle.ptr[needle.len - 1]);
	size_t at = 0;

	for (;;) {
		const char *p = v.ptr + at;
		__m128i front = _mm_loadu_si128((const __m128i *)p);
		__m128i back = _mm_loadu_si128((const __m128i *)(p + needle.len - 1));
		unsigned int hits = (unsigned int)_mm_movemask_epi8(
			_mm_and_si128(_mm_cmpeq_epi8(front, first), _mm_cmpeq_epi8(back, last)));

		for (; hits; hits &= hits - 1) {
			size_t hit = at + (size_t)__builtin_ctz(hits);

			if (memcmp(v.ptr + hit, needle.ptr, needle.len) == 0)
				return hit;
		}
		if (at == places - 16)
			return VIEW_NONE;
		at = at + 16 < places - 16 ? at + 16 : places - 16;
	}
}
#endif

size_t view_find(struct view v, struct view needle)
{
	size_t places;

	if (v.len == 0 || needle.len > v.len)
		return VIEW_NONE;
	if (needle.len == 0)
		return 0;
	if (v.len > FIND_LENGTH_MAX)
		return find_long(v, needle);
	places = v.len - needle.len + 1;
#ifdef __SSE2__
	if (places >= 16)
		return find_by_ends(v, needle, places);
#endif
	return find_by_first(v, needle, places);
}

size_t view_find_last(struct view v, struct view needle)
{
	if (needle.len == 0 || needle.len > v.len)
		return VIEW_NONE;
	for (size_t at = v.len - needle.len + 1; at > 0;) {
		const char *hit = memrchr(v.ptr, needle.ptr[0], at);

		if (!hit)
			return VIEW_NONE;
		at = (size_t)(hit - v.ptr);
		if (memcmp(hit, needle.ptr, needle.len) == 0)
			return at;
	}
	return VIEW_NONE;
}

struct view view_trim(struct view v)
{
	while (v.len > 0 && (v.ptr[0] == ' ' || v.ptr[0] == '\t'))
		v = view_from(v, 1);
	while (v.len > 0 && (v.ptr[v.len - 1] == ' ' || v.ptr[v.len - 1] == '\t'))
		v.len--;
	return v;
}

bool view_eat_number(struct view *v, unsigned long long *ret_number)
{
	unsigned long long number = 0;
	size_t n = 0;

	while (n < v->len && v->ptr[n] >= '0' && v->ptr[n] <= '9') {
		unsigned int digit = (unsigned int)(v->ptr[n] - '0');

		if (number > (ULLONG_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
		n++;
	}
	if (n == 0)
		return false;
	*v = view_from(*v, n);
	*ret_number = number;
	return true;
}
