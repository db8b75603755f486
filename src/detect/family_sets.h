/*
 * Sets of recipients, as one client tried them together: in one session, if that
 * names FAMILY_SET_MIN of them; what stands in no such session goes by the hour.
 */
#ifndef MXWATCH_DETECT_FAMILY_SETS_H
#define MXWATCH_DETECT_FAMILY_SETS_H

#include "detect/family_fold.h"

/* Denials of one client that belong together; sorted by the first three words. */
struct set {
	uint32_t first, client, from;
	uint32_t count;
	uint32_t family;  /* joined: number + 1; 0: none */
	uint32_t pending; /* to be joined: number + 1 */
	uint32_t exact;
};

struct walk {
	const struct fold *fold;
	struct denial *denials;
	size_t count;
	uint64_t *hashes; /* of the denials' recipients */
	struct set *sets;
	size_t set_count, set_capacity;
	struct family_set loaded;
	size_t box_capacity, sender_capacity;
	uint32_t *ids;
	size_t id_capacity;
};

/* Puts the denials in order and makes sets of them, in the order of their times. */
void sets_make(struct walk *walk);
/* Brings what the set asked for into walk->loaded. */
void sets_load(struct walk *walk, const struct set *set);
/* Whether rows name FAMILY_SET_MIN recipients. */
bool sets_is_big(const struct denial *rows, size_t count);
/* Releases all but the denials, which are the caller's. */
void sets_release(struct walk *walk);

#endif
