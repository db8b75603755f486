/*
 * Strings lie one after the other in chunks of 16 MiB:
 *
 *   roles (1 byte), length (1 byte, or 0xff and 2 bytes), bytes, up to a
 *   multiple of 4
 *
 * An id is the place in units of 4 bytes, so that 32 bits span 16 GiB. The
 * first unit holds the empty string, id 0. A string never crosses a chunk's
 * end; the gap left there begins with length 0 and roles GAP.
 *
 * Beside it the slots of an open-addressing table: hash and id. A hit is
 * compared byte by byte, so equal hashes do no harm.
 */
#include "base/strings.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

#define LONG_LENGTH 0xff
#define SLOTS_FIRST 1024

static struct view text_at(const unsigned char *at)
{
	if (at[1] != LONG_LENGTH)
		return view_of((const char *)at + 2, at[1]);
	return view_of((const char *)at + 4, (size_t)at[2] | (size_t)at[3] << 8);
}

static uint32_t units_of(size_t len)
{
	return (uint32_t)((len + (len < LONG_LENGTH ? 2 : 4) + STRINGS_UNIT - 1) / STRINGS_UNIT);
}

static void chunk_make(struct strings *strings, size_t number)
{
	if (number >= STRINGS_CHUNK_COUNT) {
		fputs("mxwatch: more than 16 GiB of different strings\n", stderr);
		abort();
	}
	if (!strings->chunks[number])
		strings->chunks[number] = memory_get_table(STRINGS_CHUNK_BYTES);
}

static void slots_make(struct strings *strings, uint32_t slots)
{
	strings->slots = memory_get_table((size_t)slots * sizeof(*strings->slots));
	strings->mask = slots - 1;
}

static void slots_free(struct strings *strings)
{
	memory_free_table(strings->slots, ((size_t)strings->mask + 1) * sizeof(*strings->slots));
	strings->slots = NULL;
}

struct strings *strings_new(void)
{
	struct strings *strings = memory_get_zeroed(1, sizeof(*strings));

	chunk_make(strings, 0);
	strings->size = STRINGS_UNIT;
	slots_make(strings, SLOTS_FIRST);
	return strings;
}

void strings_free(struct strings *strings)
{
	if (!strings)
		return;
	for (size_t i = 0; i < STRINGS_CHUNK_COUNT; i++)
		memory_free_table(strings->chunks[i], STRINGS_CHUNK_BYTES);
	slots_free(strings);
	free(strings);
}

static void slot_put(struct strings *strings, uint32_t hash, uint32_t id)
{
	uint32_t at = hash & strings->mask;

	while (strings->slots[at].id)
		at = (at + 1) & strings->mask;
	strings->slots[at] = (struct slot_of_string){hash, id};
}

/* Doubles the table: the old slots know their hashes, no string is read. */
static void slots_double(struct strings *strings)
{
	struct slot_of_string *old = strings->slots;
	uint32_t old_slots = strings->mask + 1;

	slots_make(strings, old_slots * 2);
	for (uint32_t i = 0; i < old_slots; i++)
		if (old[i].id)
			slot_put(strings, old[i].hash, old[i].id);
	memory_free_table(old, (size_t)old_slots * sizeof(*old));
}

/* Puts TEXT behind the others; returns its id. */
static uint32_t keep(struct strings *strings, struct view text)
{
	uint32_t bytes = units_of(text.len) * STRINGS_UNIT;
	uint32_t room = STRINGS_CHUNK_BYTES - (uint32_t)(strings->size % STRINGS_CHUNK_BYTES);
	unsigned char *at;
	uint32_t id;

	if (bytes > room)
		strings->size += room;
	id = (uint32_t)(strings->size / STRINGS_UNIT);
	chunk_make(strings, id / STRINGS_CHUNK_UNITS);
	at = strings_place(strings, id);
	strings->size += bytes;
	strings->count++;
	if (text.len < LONG_LENGTH) {
		at[1] = (unsigned char)text.len;
		memcpy(at + 2, text.ptr, text.len);
	} else {
		at[1] = LONG_LENGTH;
		at[2] = (unsigned char)(text.len & 0xff);
		at[3] = (unsigned char)(text.len >> 8);
		memcpy(at + 4, text.ptr, text.len);
	}
	return id;
}

/* Most are short: cheaper compared here than by a call. */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
	size_t at = 0;

	if (len < sizeof(uint64_t)) {
		for (; at < len; at++)
			if (a[at] != b[at])
				return false;
		return true;
	}
	for (; at + sizeof(uint64_t) < len; at += sizeof(uint64_t))
		if (hash_load64(a + at) != hash_load64(b + at))
			return false;
	return hash_load64(a + len - sizeof(uint64_t)) == hash_load64(b + len - sizeof(uint64_t));
}

static inline bool is_word(const struct strings *strings, uint32_t id, struct word word)
{
	struct view text = text_at(strings_place(strings, id));

	return text.len == word.len && same_bytes(text.ptr, word.ptr, word.len);
}

static inline uint32_t slot_find(const struct strings *strings, struct word word)
{
	uint32_t at = word.hash & strings->mask;

	for (;; at = (at + 1) & strings->mask) {
		const struct slot_of_string *slot = &strings->slots[at];

		if (!slot->id)
			return at;
		if (slot->hash == word.hash && is_word(strings, slot->id, word))
			return at;
	}
}

static struct word word_cut(struct word word)
{
	if (word.len > STRINGS_LENGTH_MAX) {
		word.len = STRINGS_LENGTH_MAX;
		word.hash = hash32(word.ptr, word.len);
	}
	return word;
}

uint32_t strings_add_word(struct strings *strings, struct word word)
{
	uint32_t at;

	if (word.len == 0)
		return 0;
	word = word_cut(word);
	at = slot_find(strings, word);
	if (strings->slots[at].id)
		return strings->slots[at].id;
	if (strings->count >= (strings->mask >> 2) * 3) {
		slots_double(strings);
		at = slot_find(strings, word);
	}
	strings->slots[at].hash = word.hash;
	strings->slots[at].id = keep(strings, view_of(word.ptr, word.len));
	return strings->slots[at].id;
}

uint32_t strings_add(struct strings *strings, struct view text)
{
	text = view_to(text, STRINGS_LENGTH_MAX);
	return strings_add_word(
		strings, (struct word){text.ptr, (uint32_t)text.len, hash32(text.ptr, text.len)});
}

uint32_t strings_add_guessed(struct strings *strings, struct word word, uint32_t guess)
{
	if (guess && is_word(strings, guess, word))
		return guess;
	return strings_add_word(strings, word);
}

uint32_t strings_find(const struct strings *strings, struct view text)
{
	struct word word;
	uint32_t id;

	if (text.len == 0)
		return 0;
	text = view_to(text, STRINGS_LENGTH_MAX);
	word = (struct word){text.ptr, (uint32_t)text.len, hash32(text.ptr, text.len)};
	id = strings->slots[slot_find(strings, word)].id;
	return id ? id : UINT32_MAX;
}

struct view strings_get(const struct strings *strings, uint32_t id)
{
	return id ? text_at(strings_place(strings, id)) : VIEW("");
}

uint8_t strings_roles(const struct strings *strings, uint32_t id)
{
	return strings_place(strings, id)[0];
}

uint8_t strings_set_roles(struct strings *strings, uint32_t id, uint8_t roles)
{
	unsigned char *at = strings_place(strings, id);
	uint8_t fresh = (uint8_t)(roles & ~at[0]);

	if (fresh)
		at[0] |= fresh;
	return fresh;
}

void strings_clear_roles(struct strings *strings, uint32_t id, uint8_t roles)
{
	strings_place(strings, id)[0] &= (uint8_t)~roles;
}

uint32_t strings_count(const struct strings *strings)
{
	return strings->count;
}

uint32_t strings_next(const struct strings *strings, uint32_t id)
{
	uint64_t next = (uint64_t)id + (id ? units_of(strings_get(strings, id).len) : 1);

	while (next * STRINGS_UNIT < strings->size) {
		if (strings_place(strings, (uint32_t)next)[1] != 0)
			return (uint32_t)next;
		/* No string has length 0 but the first: a gap, to the chunk's end. */
		next = (next / STRINGS_CHUNK_UNITS + 1) * STRINGS_CHUNK_UNITS;
	}
	return 0;
}

uint64_t strings_size(const struct strings *strings)
{
	return strings->size;
}

const char *strings_bytes(const struct strings *strings, uint64_t from, size_t *ret_len)
{
	uint64_t chunk = from / STRINGS_CHUNK_BYTES;
	uint64_t end = (chunk + 1) * STRINGS_CHUNK_BYTES;

	if (from >= strings->size) {
		*ret_len = 0;
		return NULL;
	}
	*ret_len = (size_t)((end < strings->size ? end : strings->size) - from);
	return (const char *)strings->chunks[chunk] + from % STRINGS_CHUNK_BYTES;
}

/* Whether the bytes of one chunk from FROM to END are whole strings; counts
   them and clears their roles. */
static bool whole(struct strings *strings, unsigned char *from, const unsigned char *end)
{
	while (from < end) {
		struct view text;
		uint32_t bytes;

		if (from[1] == 0) {
			/* A gap must be all zero up to the chunk's end. */
			for (; from < end; from++)
				if (*from)
					return false;
			return true;
		}
		text = text_at(from);
		bytes = units_of(text.len) * STRINGS_UNIT;
		if (text.len > STRINGS_LENGTH_MAX ||
		    (text.len < LONG_LENGTH) == (from[1] == LONG_LENGTH) ||
		    bytes > (size_t)(end - from))
			return false;
		strings->count++;
		from[0] = 0;
		from += bytes;
	}
	return true;
}

char *strings_room(struct strings *strings, uint64_t from, size_t len)
{
	size_t chunk = (size_t)(from / STRINGS_CHUNK_BYTES);
	size_t at = (size_t)(from % STRINGS_CHUNK_BYTES);

	/* The first piece begins with the unit of the empty string. */
	if (from != (strings->size == STRINGS_UNIT ? 0 : strings->size) ||
	    chunk >= STRINGS_CHUNK_COUNT || len > STRINGS_CHUNK_BYTES - at)
		return NULL;
	chunk_make(strings, chunk);
	return (char *)strings->chunks[chunk] + at;
}

int strings_load(struct strings *strings, const char *bytes, size_t len)
{
	if (len % STRINGS_UNIT)
		return -EBADMSG;
	/* The pieces begin with the empty string's unit, which is there already. */
	if (strings->size == STRINGS_UNIT && strings->count == 0 && len >= STRINGS_UNIT &&
	    memcmp(bytes, "\0\0\0\0", STRINGS_UNIT) == 0) {
		bytes += STRINGS_UNIT;
		len -= STRINGS_UNIT;
	}
	while (len > 0) {
		size_t room = STRINGS_CHUNK_BYTES - (size_t)(strings->size % STRINGS_CHUNK_BYTES);
		size_t n = len < room ? len : room;
		unsigned char *to;

		chunk_make(strings, (size_t)(strings->size / STRINGS_CHUNK_BYTES));
		to = strings_place(strings, (uint32_t)(strings->size / STRINGS_UNIT));
		if (bytes != (const char *)to)
			memcpy(to, bytes, n);
		if (!whole(strings, to, to + n))
			return -EBADMSG;
		strings->size += n;
		bytes += n;
		len -= n;
	}
	return 0;
}

void strings_index(struct strings *strings)
{
	uint32_t slots = SLOTS_FIRST;

	while ((slots >> 2) * 3 <= strings->count)
		slots *= 2;
	slots_free(strings);
	slots_make(strings, slots);
	for (uint32_t id = 0; (id = strings_next(strings, id));) {
		struct view text = strings_get(strings, id);

		slot_put(strings, hash32(text.ptr, text.len), id);
	}
}
