/*
 * Folding: from single relay denials to sets of recipients, and from these to the
 * book of families.
 */
#ifndef MXWATCH_DETECT_FAMILY_FOLD_H
#define MXWATCH_DETECT_FAMILY_FOLD_H

#include "detect/family_book.h"

/* A recipient denied; sorted by its first three words. */
struct denial {
	uint32_t client, session, time;
	uint32_t sender, recipient; /* strings; RELAY_NO_SENDER: not known */
};

#define FAMILY_HOUR_S 3600

struct fold {
	const struct detect_context *context;
	struct sites *sites;
	struct book *book;
	uint32_t single_sources; /* that make a family of one drop-box */
};

/*
 * Adds what DENIALS (put in order here) show to the book: sets that end before HORIZON alone. The
 * rows that were used up are brought to the end, the others to the front; returns how many
 * others there are.
 *
 * FOLD_ALL: sets that are too small to be candidates are looked at as well.
 */
enum fold_depth { FOLD_CANDIDATES, FOLD_ALL };
size_t family_fold(const struct fold *fold, struct denial *denials, size_t count, uint32_t horizon,
		   enum fold_depth depth);

#endif
