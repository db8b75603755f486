/*
 * A lane: one log on its way through the pipeline, block by block.
 *
 * A lane is read by one thread at a time, its blocks are parsed by any, and
 * the ordered stage takes the blocks in the order in which they were read.
 */
#ifndef MXWATCH_PIPELINE_LANE_H
#define MXWATCH_PIPELINE_LANE_H

#include "pipeline/keeper.h"
#include "pipeline/pipeline.h"

enum block_state { BLOCK_READ, BLOCK_PARSING, BLOCK_PARSED };

struct block {
	char *text;
	size_t len, capacity;
	uint64_t offset;	/* of its first byte in the lane's content */
	uint64_t disk_position; /* of the source when it had been read */
	enum block_state state;
	struct block_events events;
	struct block *next;
};

/* Turns a lane's stamps into Unix times; see clock.c. */
struct lane_clock {
	struct zone *zone;
	int year;	      /* of the last stamp without year; 0: none seen yet */
	int64_t year_start_s; /* of that year, as if UTC */
	int64_t last_of_year; /* the last stamp without year */
	int64_t latest;	      /* the first stamp can't be later than this */
	int64_t earliest;     /* what was read before ends here; 0 unknown */
	int64_t quarter;      /* local quarter of an hour for which offset holds */
	int64_t offset_s;
};

void lane_clock_resolve(struct lane_clock *clock, struct event *events, size_t count);

/* The last bytes of what was read of a log's content. */
struct tail {
	char bytes[KEEPER_TAIL];
	size_t len;
};

struct lane {
	const char *path;
	size_t number; /* its place among the lanes: decides between equal times */
	struct source *source;
	struct source_identity identity;
	uint32_t log;	    /* the keeper's number */
	int64_t first_time; /* of its first stamp; INT64_MIN if not looked at */
	struct lane_clock clock;

	/* The reader's. */
	char *carry; /* the begin of a line whose end was not read yet */
	size_t carry_len, carry_capacity;
	uint64_t read_offset; /* where the next block begins */
	bool reading, read_all;

	/* Blocks read and not yet consumed, oldest first. */
	struct block *blocks, **blocks_end;
	size_t block_count;

	/* The ordered stage's: the block it is in. */
	struct block *current;
	uint64_t disk_position; /* how far the disk had been read for it */
	size_t next_event;
	int64_t time; /* how far the lane's time has come */
	uint64_t counted_lines, counted_other, counted_unknown; /* of current, already in totals */
	uint64_t counted_bytes;
	struct tail tail;  /* of the content before current */
	int64_t last_time; /* of the last event consumed */
	/* A copy of the last event of the block before, for "last message repeated". */
	struct event repeat;
	bool repeat_valid;
	char *repeat_text;
	bool active, done;
};

/* Opens the lane's source and goes to where the keeper wants. Returns 0, 1 when
   there is nothing new in it, or a negative errno with *err filled. */
must_check int lane_open(struct lane *lane, const struct pipeline_options *options,
			 const struct keeper *keeper, struct err *err);
/* Reads the time of the first stamp without consuming anything. */
void lane_peek(struct lane *lane, const struct pipeline_options *options);
void lane_release(struct lane *lane);

/*
 * Fills BLOCK with whole lines, at least SIZE bytes if there are so many.
 * Returns 1, 0 at the end (nothing in BLOCK), or a negative errno with *err
 * filled; after a failure the lane is at its end, BLOCK may hold lines.
 */
must_check int lane_read(struct lane *lane, struct block *block, size_t size, bool keep_partial,
			 struct err *err);

#endif
