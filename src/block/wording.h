/*
 * What a block says of itself in files that gates read: the id of its evidence,
 * the pattern, and the sentence, on one line of printable ASCII.
 *
 * Sentences quote strangers. What a form's owner would take as more than text is
 * told by the form (UNWANTED) and becomes a blank; quotes become apostrophes
 * first. Beyond ASCII nothing is safe in SMTP replies (RFC 5321, 4.2.1).
 */
#ifndef MXWATCH_BLOCK_WORDING_H
#define MXWATCH_BLOCK_WORDING_H

#include "block/plan.h"

/* Replies of SMTP have room for 512 octets with code and line end (RFC 5321, 4.5.3.1.5);
   gates add words of their own. */
#define WORDING_REPLY_MAX 300

/* Adds "e=0123abcd relay-probe: 192.0.2.7 (unknown) tried …", at most MAX bytes. */
void block_wording(const struct plan *plan, const struct block *block, const char *unwanted,
		   size_t max, struct text *text);
/* The same, for a comment line of a file. */
void block_comment(const struct plan *plan, const struct block *block, FILE *out);
/* The first line of a file: what it is. It does not change from run to run. */
void block_head(const struct plan *plan, const char *comment, const char *words, FILE *out);

/* Whether TEXT holds the id of some evidence ("… e=0123abcd …"). */
bool block_find_id(struct view text, uint32_t *ret_id);

#endif
