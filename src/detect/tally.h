/*
 * Tallies: how often, and when, something was seen of each origin.
 *
 * Facts come in any order within DETECT_DISORDER_S, and what is found must not
 * depend on it. So an origin's row counts by cells of time. What is older than
 * that disorder cannot change any more: its cells are folded into the row and
 * given back, so that a row holds few of them, or what the last two days filled,
 * however long the stream is.
 *
 * Marks say what is waited for: so much within a time, or ever, in so many
 * different cells. A reading tells which were reached, and in which cell.
 */
#ifndef MXWATCH_DETECT_TALLY_H
#define MXWATCH_DETECT_TALLY_H

#include "detect/detector.h"

#define TALLY_MARKS 4
#define TALLY_COUNTERS 4
#define TALLY_QUARTER_S 900
#define TALLY_HOUR_S 3600
#define TALLY_WINDOW_MAX_S 86400
/* Most distinct things counted of one origin, and of all in one tally. */
#define TALLY_DISTINCT_MAX 4096
#define TALLY_DISTINCT_SUM_MAX (1u << 20)

struct tally_mark {
	uint32_t window_s; /* 0: ever; at most TALLY_WINDOW_MAX_S */
	uint32_t amount;   /* that must come together in it */
	uint32_t cells;	   /* in at least so many cells */
};

/* What has been seen by the end of some cell. */
struct tally_progress {
	uint32_t amount;	       /* saturates, as all amounts */
	uint32_t cells;		       /* with anything in them */
	uint32_t peak;		       /* the most within the window of the first mark */
	uint64_t squares;	       /* sum of the cells' amounts, squared: how even they are */
	uint32_t reached[TALLY_MARKS]; /* number of the cell + 1; 0: not reached */
};

/* As long as a line of the processor's cache. */
struct tally_row {
	uint32_t origin;
	uint32_t first, last;	 /* times of facts */
	uint32_t number, amount; /* its newest cell */
	uint32_t older;		 /* the others, the newest first; 0: none */
	uint32_t folded;	 /* cells before this number are in its progress */
	uint8_t open, fold_at;	 /* how many cells there are beside the newest; when to fold */
	uint16_t distinct;
	uint32_t counters[TALLY_COUNTERS];	 /* for the detector's own use */
	uint32_t sessions[FINDING_SESSIONS_MAX]; /* the smallest numbers; 0: none */
};

struct tally_cell {
	uint32_t number; /* time / cell_s */
	uint32_t amount;
	uint32_t next; /* the next older; 0: none */
};

struct tally {
	uint32_t cell_s;
	struct tally_mark marks[TALLY_MARKS];
	size_t mark_count;
	uint32_t *of_origin; /* row + 1; 0: none */
	uint32_t of_origin_capacity;
	struct tally_row *rows;
	struct tally_progress *progress; /* of each row */
	uint32_t count, capacity;
	struct tally_cell *cells; /* [0] is not used */
	size_t cell_count, cell_capacity;
	uint32_t free;	 /* first free cell */
	struct map seen; /* struct seen: distinct things met */
};

/* CELL_S: TALLY_QUARTER_S or TALLY_HOUR_S. */
void tally_init(struct tally *tally, uint32_t cell_s);
void tally_release(struct tally *tally);
/* Adds a mark; the first call is mark 0. To be called before any fact comes. */
void tally_mark(struct tally *tally, uint32_t window_s, uint32_t amount, uint32_t cells);

/* Counts AMOUNT, which may be 0, at TIME in SESSION (0: none). Returns the row of the origin,
   valid until the next call. */
struct tally_row *tally_add(struct tally *tally, uint32_t origin, uint32_t time, uint32_t amount,
			    uint32_t session);
/* The same if THING (a hash) is new for the origin; it counts when it was first seen.
 *ret_new tells whether it is; beyond TALLY_DISTINCT_MAX nothing is. */
struct tally_row *tally_add_distinct(struct tally *tally, uint32_t origin, uint32_t time,
				     uint32_t amount, uint64_t thing, uint32_t session,
				     bool *ret_new);
/* Brings the row of ORIGIN near, which is to be added to soon. */
void tally_expect(const struct tally *tally, uint32_t origin);
/* The row of ORIGIN, or NULL. */
const struct tally_row *tally_find(const struct tally *tally, uint32_t origin);
static inline const struct tally_row *tally_at(const struct tally *tally, size_t n)
{
	return &tally->rows[n];
}

/* All that the row has seen, its open cells included. */
struct tally_progress tally_read(const struct tally *tally, const struct tally_row *row);
/* When MARK was reached, by the end of its cell; 0: it was not. */
uint32_t tally_reached(const struct tally *tally, const struct tally_row *row,
		       const struct tally_progress *progress, size_t mark);

/* The state of a detector that needs one tally and no more. */
struct tally_state {
	const struct detect_context *context;
	const uint32_t *parameters;
	struct tally tally;
};
struct tally_state *tally_state_new(const struct detect_context *context,
				    const uint32_t *parameters, uint32_t cell_s);
void tally_state_free(void *state);
/* Hands each row and its progress to FIND_ROW. */
typedef void tally_find_row(const struct tally_state *state, const struct tally_row *row,
			    const struct tally_progress *progress, struct findings *findings);
void tally_each(const struct tally_state *state, tally_find_row *find_row,
		struct findings *findings);

/* A finding on the row's origin with its times and sessions. DECIDED 0: at the last fact. */
struct finding *tally_finding(struct findings *findings, const char *pattern,
			      const struct tally_row *row, enum grade grade, uint32_t decided);

#endif
