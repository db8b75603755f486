/*
 * Lines told before: which lines became facts, so that a copy of them in
 * another log counts for nothing.
 *
 * A line is known by its second and a 32-bit hash, kept by log and hour. As
 * long as no other log reached into an hour there is nothing to look up. Where
 * one did, the hour's lines are indexed: what is asked for is how often a line
 * was noted in all other logs, and how often it was answered with yes so far.
 * That is right for any mixture of logs that hold the same lines, because a
 * line that was answered with yes is not noted again. Lines noted in this run
 * are left out: the pipeline compares those.
 *
 * A log that begins in the second in which another ended follows it, as after a
 * rotation: equal lines in that second are not copies.
 *
 * What was answered is forgotten with the index, so a copy that is read in two
 * runs, split between two equal lines of one second, may lose the second of them.
 */
#ifndef MXWATCH_STORE_LINES_H
#define MXWATCH_STORE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"

struct store;

#define LINES_INDEXED_HOURS 4

struct hour_index {
	bool used;
	uint32_t hour;
	uint64_t touched;  /* the greater, the later */
	struct map noted;  /* struct line_noted */
	struct map by_log; /* struct line_by_log */
};

struct lines {
	struct store *store;
	bool loaded;	    /* covers know the store's hours */
	struct map covers;  /* struct hour_cover: which logs reach into an hour */
	struct map batches; /* struct line_batch: lines of a log and hour not yet written */
	struct map runs;    /* struct line_run: the logs of this run */
	struct hour_index indexes[LINES_INDEXED_HOURS];
	uint64_t clock;
	/* The answer of the last look-ups, since lines come in order. */
	uint32_t last_log, last_hour;	  /* of the batch noted into last; log 0: none */
	uint32_t last_batch;		  /* its row */
	uint32_t single_hour, single_log; /* an hour known to be of this log alone */
	uint32_t asked_log;		  /* the log last asked for */
	int failure; /* what went wrong while answering; the next write fails */
	struct err err;
};

void lines_init(struct lines *lines, struct store *store);
void lines_release(struct lines *lines);

/* LOG is read in this run; it was read before up to the time LAST_TIME (0: never). */
void lines_begin(struct lines *lines, uint32_t log, int64_t last_time);
/* Told and note as in pipeline/keeper.h. */
bool lines_told(struct lines *lines, uint32_t log, int64_t time_s, uint64_t line_hash);
void lines_note(struct lines *lines, uint32_t log, int64_t time_s, uint64_t line_hash);

must_check int lines_write(struct lines *lines, struct err *err);
void lines_written(struct lines *lines);

#endif
