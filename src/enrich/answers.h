/*
 * Answers: what messages of the DNS say of an address, and how it is noted in
 * its row. No I/O.
 */
#ifndef MXWATCH_ENRICH_ANSWERS_H
#define MXWATCH_ENRICH_ANSWERS_H

#include "enrich/wire.h"
#include "model/enrichment.h"

#define NAMES_MAX 8 /* of one address that are looked at */

/* The host names of a PTR answer: the first NAMES_MAX in the order of the alphabet. */
struct names {
	uint32_t count;
	char list[NAMES_MAX][WIRE_NAME_MAX];
};

/* Each tells yes, no, or failed for bytes that are no answer. *ret_names: may be none although
   there is a PTR. */
enum enrichment_state answer_names(struct view message, struct names *ret_names);
/* Whether a name's addresses, asked for as TYPE, hold IP. */
enum enrichment_state answer_leads_to(struct view message, enum wire_type type,
				      const struct ip *ip);
/* Whether a block list's answer says that an address is listed. *ret_refused: the list says
   that it does not answer us. */
enum enrichment_state answer_listing(struct view message, bool *ret_refused);

/* Whether names, or list number ZONE, are to be asked for: not known, or known for MAX_AGE_S
   and longer; failures age faster. */
bool row_wants_names(const struct enrichment_row *row, uint32_t now, uint32_t max_age_s);
bool row_wants_zone(const struct enrichment_row *row, int zone, uint32_t now, uint32_t max_age_s);

/* Notes what was answered at NOW. A failure does not take the place of what is known. NAME: the
   confirmed one, or the first; empty if there is none. */
void row_note_names(struct enrichment *enrichment, struct enrichment_row *row, uint32_t now,
		    enum enrichment_state ptr, enum enrichment_state confirmed, struct view name);
void row_note_zone(struct enrichment_row *row, int zone, uint32_t now,
		   enum enrichment_state listed);

#endif
