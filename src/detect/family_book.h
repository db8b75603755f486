/*
 * The book of families: which drop-boxes belong together, and who tried them.
 *
 * A family begins as a candidate, one set of recipients that one client tried
 * together. It is established when independent clients turn out to share it; the
 * book keeps candidates too, so that the second client may come a year later. Sets
 * are added in the order of their times, so that a book made from a stream in
 * pieces is the same as one made at once.
 *
 * Invariants: a box belongs to one family. Families that turned out to be one point
 * to the one that stays (family_root); rows of the smaller one move, so that each row
 * moves few times, however families are joined. Boxes are capped: candidates that were
 * met longest ago go first, those of one client before others, established families
 * never.
 */
#ifndef MXWATCH_DETECT_FAMILY_BOOK_H
#define MXWATCH_DETECT_FAMILY_BOOK_H

#include "base/ip.h"
#include "base/map.h"
#include "base/strings.h"
#include "base/text.h"
#include "detect/site.h"
#include "model/patterns.h"

struct detect_context;

#define FAMILY_SET_MIN 3  /* recipients that may make a family by themselves */
#define FAMILY_SET_MAX 64 /* of a larger set, those with the smallest hashes */
#define FAMILY_BOXES_MAX 256
#define BOOK_BOXES_MAX 262144 /* the most with established families: twice as many */

struct book_family {
	char name[FAMILY_NAME_MAX]; /* empty: not named yet */
	uint32_t into;		    /* what it turned out to be: number + 1; 0: itself */
	uint32_t boxes, members, sessions, senders;
	uint32_t first_member, first_sender; /* lists of its rows: row + 1; 0: none */
	uint32_t first, last;
	uint8_t single;	     /* made from one drop-box that many try */
	uint8_t mixed;	     /* single, and with as many senders as clients */
	uint8_t established; /* independent clients share it */
	uint8_t patterned;   /* its boxes are alike (family_pattern) */
};

struct book_box {
	uint32_t hash[2]; /* the key: detect_address_hash */
	uint32_t family;
	uint32_t string; /* of the directory; 0: text is known */
	uint32_t text;	 /* of the book's texts, from its history */
	uint32_t clients, attempts;
	uint32_t first, last;
};

struct book_member {
	uint32_t family; /* the key: with ip */
	struct ip ip;
	uint32_t client;    /* of the directory; 0: known from history alone */
	uint32_t source[2]; /* host_source */
	uint32_t sender[2]; /* hash of one of its senders: the smallest */
	uint32_t sessions, boxes;
	uint32_t first, last;
	uint8_t named;	   /* host_is_named */
	uint8_t counts;	   /* speaks for the family (family_witness.h) */
	uint16_t attempts; /* at its boxes; saturates */
	uint32_t sample_sessions[2];
	uint32_t next; /* of its family: row + 1; 0: none */
};

struct book_sender {
	uint32_t family; /* the key: with hash */
	uint32_t hash[2];
	uint32_t next; /* of its family: row + 1; 0: none */
};

struct book {
	struct book_family *families;
	size_t count, capacity;
	struct map boxes;     /* struct book_box */
	struct map members;   /* struct book_member */
	struct map links;     /* row of a box, hash of a client: tried it */
	struct map senders;   /* struct book_sender */
	struct strings *text; /* of boxes from history; not owned */
	uint32_t prune_at;    /* boxes from which on book_prune looks for what can go */
};

/* What one client asked for in a session or an hour. */
struct family_set {
	uint32_t client;
	uint32_t first, last;
	uint32_t sessions, session; /* how many, and one of them */
	struct set_box {
		uint64_t hash;
		uint32_t string, attempts;
		uint32_t first, last;
	} * boxes; /* distinct, by hash */
	size_t count;
	uint64_t *senders; /* hashes, ascending */
	size_t sender_count;
	bool exact; /* of one session */
};

void book_init(struct book *book, struct strings *texts);
void book_release(struct book *book);
/* Makes RET_COPY, not initialised before, the same as BOOK. */
void book_copy(const struct book *book, struct book *ret_copy);

/* The family that FAMILY turned out to be. */
uint32_t family_root(const struct book *book, uint32_t family);
/* The row of a box, or NULL. */
struct book_box *book_box(const struct book *book, uint64_t hash);
struct view book_box_text(const struct book *book, const struct detect_context *context,
			  const struct book_box *box);

/* A new family. */
uint32_t book_add_family(struct book *book);
/* Makes the box one of FAMILY, if it is new or of a family that is not established. */
void book_take_box(struct book *book, uint32_t family, const struct set_box *box);
/* Counts the set's client as a member of FAMILY, with those boxes of the set that are FAMILY's. */
void book_add_member(struct book *book, const struct detect_context *context, struct sites *sites,
		     uint32_t family, const struct family_set *set);
/* Whether a sender of the set is known in FAMILY. */
bool book_knows_sender(const struct book *book, uint32_t family, const struct family_set *set);
/* Joins two families under the name of that which was named, else met, first; returns the number
   of the one that stays. */
uint32_t book_merge(struct book *book, uint32_t a, uint32_t b);
/* Forgets candidates until there is room again; families keep their numbers (family_prune.c). */
void book_prune(struct book *book);
/* Takes the numbers of families that are gone; to be called while nobody holds numbers. */
void book_renumber(struct book *book);
/* Writes a new row into its family's list (and counts it). */
void book_link_member(struct book *book, struct book_member *member);
void book_link_sender(struct book *book, struct book_sender *sender);

/* Which families are established, and how their boxes are alike. */
void book_assess(struct book *book, const struct detect_context *context);
/* Names families that are shown and have none. */
void book_name(struct book *book, const struct detect_context *context);
/* Whether people are shown it: established, or one client's boxes that are all alike. */
static inline bool family_is_shown(const struct book_family *family)
{
	return !family->into && family->members > 0 && (family->established || family->patterned);
}

/* The kept form (family_save.c): lines of text. book_load returns 0, or -EBADMSG and BOOK as it
   was, which must be empty. */
void book_save(const struct book *book, const struct detect_context *context, struct text *bytes);
must_check int book_load(struct book *book, struct view bytes);

#endif
