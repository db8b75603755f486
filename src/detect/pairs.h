/*
 * One mail through several clients, for the files of that pattern: the refusals that
 * are kept (pairs.c), and what a walk over them finds (pairs_find.c).
 */
#ifndef MXWATCH_DETECT_PAIRS_H
#define MXWATCH_DETECT_PAIRS_H

#include "base/map.h"
#include "detect/detector.h"
#include "detect/site.h"

struct
try {
	uint32_t mail[2]; /* hash of sender and recipient, without case */
	uint32_t time;
	uint32_t client, sender, recipient;
	uint32_t count : 29;
	uint32_t relayed : 1; /* denied to relay */
	uint32_t whole : 1;   /* the message was refused when it had been read */
	uint32_t weak : 1;
	uint32_t session;
};

/* Days on which an address had a role in mail that got through. */
struct role_days {
	uint32_t address[2]; /* the key: its hash */
	uint32_t day;	     /* bit n of the others is day - n */
	uint32_t sent, received;
};

struct pairs {
	const struct detect_context *context;
	const uint32_t *parameters;
	struct sites *sites;
	struct try *tries;
	size_t count, capacity;
	struct map roles; /* struct role_days */
};

enum pairs_parameter { WINDOW, SOURCES };

/* Where the rows of the mail of tries[from] end; tries being sorted. */
size_t pairs_mail_end(const struct pairs *pairs, size_t from);
/* Whether B, which is not before A, comes within the window. */
bool pairs_is_near(const struct pairs *pairs, const struct try *a, const struct try *b);
/* Whether some client of the mail was followed by another within the window. */
bool pairs_is_shared(const struct pairs *pairs, size_t from, size_t until);
/*
 * Whether mail of that sender and mail for that recipient got through on that day or the next. What
 * is denied to relay gets through only if a user of ours logs in after all. What was refused when
 * it had been read may have been logged as received before.
 */
bool pairs_got_through(struct pairs *pairs, const struct try *try);

/* As of struct detector. */
void pairs_find(void *pairs, struct findings *findings);
void pairs_tell(void *pairs, struct patterns *patterns);

#endif
