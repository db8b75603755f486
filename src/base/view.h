/*
 * A view: a run of bytes that somebody else owns.
 *
 * All text between the bytes of a log and the edge of the system is a view:
 * never NUL-terminated, it may hold any byte, NUL included. A view lives as
 * long as what it looks at; the header that hands one out says how long.
 */
#ifndef MXWATCH_BASE_VIEW_H
#define MXWATCH_BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct view {
	const char *ptr;
	size_t len;
};

/* A view of a string literal. */
#define VIEW(literal) ((struct view){(literal), sizeof(literal) - 1})

static inline struct view view_of(const char *ptr, size_t len)
{
	return (struct view){ptr, len};
}

static inline struct view view_string(const char *string)
{
	return (struct view){string, strlen(string)};
}

static inline bool view_is(struct view v, struct view other)
{
	return v.len == other.len && (v.len == 0 || memcmp(v.ptr, other.ptr, v.len) == 0);
}

/* As view_is, ASCII letters compared without case. */
static inline bool view_is_nocase(struct view v, struct view other)
{
	return v.len == other.len && (v.len == 0 || strncasecmp(v.ptr, other.ptr, v.len) == 0);
}

static inline bool view_starts(struct view v, struct view prefix)
{
	return v.len >= prefix.len && memcmp(v.ptr, prefix.ptr, prefix.len) == 0;
}

static inline bool view_ends(struct view v, struct view suffix)
{
	return v.len >= suffix.len &&
	       memcmp(v.ptr + (v.len - suffix.len), suffix.ptr, suffix.len) == 0;
}

/* Cuts PREFIX off the front of *v; returns whether it was there. */
static inline bool view_eat(struct view *v, struct view prefix)
{
	if (!view_starts(*v, prefix))
		return false;
	v->ptr += prefix.len;
	v->len -= prefix.len;
	return true;
}

/* What remains of V after its first N bytes (nothing if it has fewer). */
static inline struct view view_from(struct view v, size_t n)
{
	n = n < v.len ? n : v.len;
	return (struct view){v.ptr + n, v.len - n};
}

/* The first N bytes of V (all of it if it has fewer). */
static inline struct view view_to(struct view v, size_t n)
{
	return (struct view){v.ptr, n < v.len ? n : v.len};
}

#define VIEW_NONE ((size_t)-1)

/* Where BYTE first stands in V; VIEW_NONE if nowhere. */
static inline size_t view_find_byte(struct view v, char byte)
{
	const char *at = v.len ? memchr(v.ptr, byte, v.len) : NULL;
	return at ? (size_t)(at - v.ptr) : VIEW_NONE;
}

/* Where BYTE last stands in V; VIEW_NONE if nowhere. */
static inline size_t view_find_last_byte(struct view v, char byte)
{
	const char *at = v.len ? memrchr(v.ptr, byte, v.len) : NULL;
	return at ? (size_t)(at - v.ptr) : VIEW_NONE;
}

/* Where NEEDLE first stands in V; VIEW_NONE if nowhere. */
size_t view_find(struct view v, struct view needle);

/* Where NEEDLE last stands in V; VIEW_NONE if nowhere. */
size_t view_find_last(struct view v, struct view needle);

/* V without blanks and tabs at its two ends. */
struct view view_trim(struct view v);

/*
 * Reads the decimal number at the front of *v and cuts it off.
 * Returns false, and cuts nothing, if there is none or it exceeds 64 bits.
 */
bool view_eat_number(struct view *v, unsigned long long *ret_number);

#endif
