/*
 * Verdicts: what findings and guards together say of an origin.
 *
 * One strong finding, or hints of two patterns, are a reason to block; a guard
 * that stands against it turns that into "watch". A verdict explains itself: one
 * sentence why, one sentence for each thing that speaks against it, and how long
 * a block should last.
 */
#ifndef MXWATCH_VERDICT_VERDICT_H
#define MXWATCH_VERDICT_VERDICT_H

#include "detect/detection.h"
#include "model/enrichment.h"
#include "verdict/guards.h"

enum verdict_kind { VERDICT_CLEAR, VERDICT_WATCH, VERDICT_BLOCK };
/* "clear", "watch", "block". */
const char *verdict_name(enum verdict_kind kind);

struct verdict {
	uint32_t origin; /* detect/origins.h */
	enum verdict_kind kind;
	const struct finding *findings; /* the weightiest first; may be none */
	size_t finding_count;
	uint32_t guards;  /* bits 1 << enum guard: what speaks against it */
	uint32_t decided; /* when the evidence was enough to block; 0: it never was */
	uint32_t until;	  /* time of the last fact that counts against it */
	uint32_t ttl_s;	  /* how long a block should last; 0 unless there is a reason to block */
	uint32_t returns; /* how often it came back after days of absence */
};

/*
 * How long a block should last, learnt from how clients come back: a day more than
 * nine in ten of those who return stay away, at least TTL_MIN_S; doubled for each
 * return of this one, up to TTL_MAX_S.
 */
#define TTL_MIN_S 86400u
#define TTL_PRESET_S (7 * 86400u) /* where too few came back to learn from */
#define TTL_MAX_S (60 * 86400u)
struct ttl_table {
	uint32_t base_s;
	uint32_t origins; /* that it was learnt from */
};

struct verdicts {
	const struct detection *detection; /* not owned, as all here */
	const struct findings *findings;
	const struct enrichment *enrichment; /* may be NULL */
	struct guards *guards;		     /* owned */
	struct ttl_table ttl;
	struct zone *zone;    /* of times in sentences; NULL: UTC; set it after verdicts_make */
	struct verdict *list; /* of origins with findings, by number */
	size_t count, capacity;
};

/* Judges all origins that FINDINGS (sorted) are about. Returns 0, or -EINVAL with *err filled for a
   guard that is none. What is given must outlive it. Release with verdicts_release. */
must_check int verdicts_make(const struct detection *detection, const struct findings *findings,
			     const struct enrichment *enrichment,
			     const struct guard_options *options, struct verdicts *ret_verdicts,
			     struct err *err);
void verdicts_release(struct verdicts *verdicts);
/* The verdict on ORIGIN, also one without findings. */
struct verdict verdicts_of(const struct verdicts *verdicts, uint32_t origin);

/* The origin with its name: "192.0.2.7 (unknown)", "2001:db8:0:1::/64 (mail.example.net)". */
void verdict_subject(const struct verdicts *verdicts, uint32_t origin, struct text *text);
/* One sentence: "192.0.2.7 (unknown) tried 21 recipients … between … and …". */
void verdict_because(const struct verdicts *verdicts, const struct verdict *verdict,
		     struct text *text);
/* One sentence for the guard, with its figures: "sent 12 messages that were taken in, the last
   on 2026-11-20". */
void verdict_against(const struct verdicts *verdicts, const struct verdict *verdict,
		     enum guard guard, struct text *text);

struct ttl_table ttl_learn(const struct origins *origins);
/* How often the origin came back after at least a day of absence. */
uint32_t ttl_returns(const struct origin *origin);
uint32_t ttl_for(const struct ttl_table *table, const struct origin *origin);

#endif
