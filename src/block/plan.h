/*
 * The plan: what should be blocked now, and what was spared.
 *
 * It follows from verdicts alone. Neighbouring addresses become one network where
 * the evidence covers it and no guard stands inside (join.h). Whatever form a block
 * is written in, it carries the same reason.
 */
#ifndef MXWATCH_BLOCK_PLAN_H
#define MXWATCH_BLOCK_PLAN_H

#include <stdio.h>

#include "verdict/verdict.h"

struct block {
	struct prefix prefix;
	const char *pattern; /* of the weightiest finding; static */
	/* What it rests on; NULL for a network, and then its words are kept: one sentence,
	   harmless text without control characters, and a JSON object with pattern, since,
	   until, figures. Else these are made when they are asked for. */
	const struct verdict *verdict;
	char *because, *evidence;
	uint32_t id;	       /* of the evidence: in texts as "e=%08x", the same as long as the
				  prefix and the beginning of the evidence are */
	uint32_t since, until; /* times of the first and last evidence */
	uint32_t decided;      /* Unix time from which it could have acted */
	uint32_t lasts_s;      /* how long a block should last after the last evidence */
	uint32_t ttl_s;	       /* what is left of that from plan->now on; 0: over */
	uint32_t origins;      /* how many of them it stands for */
	uint8_t grade;	       /* of the weightiest finding */
};

struct spared {
	struct prefix prefix;
	enum guard guard; /* the first that stood */
	char *because;	  /* why it would have been blocked */
	char *against;	  /* why it was not */
};

struct plan {
	const struct verdicts *verdicts; /* must outlive it */
	uint32_t now;			 /* log time that it was made for */
	struct block *blocks;		 /* by prefix, none within another */
	size_t count, capacity;
	struct spared *spared; /* by prefix */
	size_t spared_count, spared_capacity;
};

struct plan_options {
	uint32_t ttl_s;	       /* --ttl: for all; 0: the verdicts' own */
	bool no_networks;      /* never join neighbours */
	bool over;	       /* also blocks whose time is over */
	const char *pattern;   /* only blocks for this one; NULL: all */
	struct prefix network; /* only what lies in it or around it; zero: all */
};

void plan_make(const struct verdicts *verdicts, const struct plan_options *options,
	       struct plan *ret_plan);
void plan_release(struct plan *plan);
/* The block that covers IP, or NULL. */
const struct block *plan_find(const struct plan *plan, const struct ip *ip);
/* Its words: to be freed by the caller. */
char *block_because(const struct plan *plan, const struct block *block);
char *block_evidence(const struct plan *plan, const struct block *block);
/* Frees what BLOCK owns. */
void block_release(struct block *block);
/* The id of evidence about PREFIX that begins at SINCE. */
uint32_t block_id(const struct prefix *prefix, uint32_t since);

/* The beginning of an object: {"pattern": …, "since": …, "until": … */
void block_span_json(FILE *out, const char *pattern, uint32_t since, uint32_t until);
/* The finding as a JSON object: {"pattern", "grade", "since", "until", "evidence": {…}}. */
void block_finding_json(FILE *out, const struct detection *detection,
			const struct finding *finding);

#endif
