/*
 * Interned strings: each distinct byte string is kept once and named by a
 * 32-bit id. Ids are stable, start at 1 and grow as strings are added, in the
 * order in which they were added; id 0 is the empty string. They are not
 * consecutive: an id tells where the string lies, which saves an index.
 *
 * With every string lie 8 role bits that callers may use as they like.
 * The kept form (strings_bytes) can be written out and read back as it is.
 */
#ifndef MXWATCH_BASE_STRINGS_H
#define MXWATCH_BASE_STRINGS_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/view.h"

/* Longer strings are cut to this before they are kept. */
#define STRINGS_LENGTH_MAX 4000

/* A string to look up, with its hash32 (base/hash.h) told along. */
struct word {
	const char *ptr;
	uint32_t len;
	uint32_t hash;
};

static inline void word_set(struct word *word, struct view text)
{
	word->ptr = text.ptr;
	word->len = (uint32_t)text.len;
	word->hash = hash32(text.ptr, text.len);
}

static inline struct view word_view(struct word word)
{
	return (struct view){word.ptr, word.len};
}

/* Open here only for what is inline below; see strings.c. */
#define STRINGS_UNIT 4
#define STRINGS_CHUNK_BYTES ((uint32_t)16 << 20)
#define STRINGS_CHUNK_UNITS (STRINGS_CHUNK_BYTES / STRINGS_UNIT)
#define STRINGS_CHUNK_COUNT 1024
struct strings {
	struct slot_of_string {
		uint32_t hash;
		uint32_t id; /* 0: free */
	} * slots;
	uint32_t mask;
	uint32_t count;
	uint64_t size; /* bytes in use, gaps included */
	unsigned char *chunks[STRINGS_CHUNK_COUNT];
};

static inline unsigned char *strings_place(const struct strings *strings, uint32_t id)
{
	return strings->chunks[id / STRINGS_CHUNK_UNITS] +
	       (size_t)(id % STRINGS_CHUNK_UNITS) * STRINGS_UNIT;
}

struct strings *strings_new(void);
void strings_free(struct strings *strings);

/* The id of TEXT, added if it is new. Aborts after 16 GiB of strings. */
uint32_t strings_add(struct strings *strings, struct view text);
/* The same with the hash known. */
uint32_t strings_add_word(struct strings *strings, struct word word);
/*
 * The same in three steps, with others between them so that their waits for
 * memory overlap: _slot asks for the slot, _text asks for the text that the hash
 * most likely means and returns its id (0: none), _guessed is strings_add_word.
 */
static inline void strings_prefetch_slot(const struct strings *strings, struct word word)
{
	__builtin_prefetch(&strings->slots[word.hash & strings->mask]);
}

static inline uint32_t strings_prefetch_text(const struct strings *strings, struct word word)
{
	uint32_t at = word.hash & strings->mask;
	const unsigned char *text;

	while (strings->slots[at].id && strings->slots[at].hash != word.hash)
		at = (at + 1) & strings->mask;
	if (!strings->slots[at].id)
		return 0;
	text = strings_place(strings, strings->slots[at].id);
	__builtin_prefetch(text);
	__builtin_prefetch(text + word.len + 1); /* where it ends, if it is short */
	return strings->slots[at].id;
}

uint32_t strings_add_guessed(struct strings *strings, struct word word, uint32_t guess);

/* The id of TEXT, or UINT32_MAX if it was never added. */
uint32_t strings_find(const struct strings *strings, struct view text);

/* The text of ID, which must be one; lives as long as STRINGS. */
struct view strings_get(const struct strings *strings, uint32_t id);

/* The role bits of ID. */
uint8_t strings_roles(const struct strings *strings, uint32_t id);
/* Sets the bits ROLES; returns those of them that were not set before. */
uint8_t strings_set_roles(struct strings *strings, uint32_t id, uint8_t roles);
void strings_clear_roles(struct strings *strings, uint32_t id, uint8_t roles);

/* Number of distinct strings, without the empty one. */
uint32_t strings_count(const struct strings *strings);
/* Walks through all strings in the order of their ids: the id after ID
   (0 to begin), or 0 at the end. */
uint32_t strings_next(const struct strings *strings, uint32_t id);

/*
 * The kept form, for a store: bytes [from, from + *ret_len), in one piece that
 * ends at a chunk's end at the latest; *ret_len is 0 at the end. Every id's
 * place is the same after strings_load of the pieces in order.
 */
const char *strings_bytes(const struct strings *strings, uint64_t from, size_t *ret_len);
/* Bytes kept so far: where the next piece will begin. */
uint64_t strings_size(const struct strings *strings);
/* Where the LEN bytes of a piece lie that begins at FROM, which is where the pieces before
   it end, for filling in before strings_load; NULL if it can't be such a piece. */
char *strings_room(struct strings *strings, uint64_t from, size_t len);
/* Appends pieces that strings_bytes gave, roles cleared; BYTES may be what strings_room gave. No
   look-ups work until strings_index has been called; strings_get works at once. Returns 0, or
   -EBADMSG when the bytes are not whole strings. */
must_check int strings_load(struct strings *strings, const char *bytes, size_t len);
void strings_index(struct strings *strings);

#endif
