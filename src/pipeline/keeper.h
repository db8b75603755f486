/*
 * A keeper remembers what was read, so that each line is counted once however
 * often its log, a copy, a rotated or compressed form of it is read again.
 *
 * The pipeline asks it where to begin in each log, whether a line was told by
 * another log before, and hands it, at moments when everything read so far has
 * become facts, how far each log has been read. The store is the one keeper.
 */
#ifndef MXWATCH_PIPELINE_KEEPER_H
#define MXWATCH_PIPELINE_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct input_totals;
struct sessions;

#define KEEPER_TAIL 64 /* bytes before a log's offset that are hashed into tail_hash */

/* How far a log has been read. */
struct keeper_progress {
	uint32_t log;	    /* the number that begin gave */
	uint64_t offset;    /* of content (decompressed): where the next unread line begins */
	uint64_t tail_hash; /* hash64 of the last KEEPER_TAIL bytes (or fewer) before offset */
	int64_t last_time;  /* the last line's Unix time; 0 if none */
};

struct keeper {
	void *context;
	/*
	 * A log is about to be read. Returns 0 and where to begin (0 for a new
	 * log), its number, and the time of its last line read (0: unknown); or
	 * 1 if nothing in it is new; or a negative errno with *err filled.
	 */
	int (*begin)(void *context, const char *path, uint64_t *ret_offset, uint32_t *ret_log,
		     int64_t *ret_last_time, struct err *err);
	/* Whether a line was read in an earlier run from a log other than LOG. Each
	   line remembered answers yes once. Logs of one run are the pipeline's to
	   compare (pipeline/once.h). */
	bool (*told)(void *context, uint32_t log, int64_t time_s, uint64_t line_hash);
	/* A line of LOG has become facts. */
	void (*note)(void *context, uint32_t log, int64_t time_s, uint64_t line_hash);
	/* Everything up to PROGRESS has become facts; TOTALS is what was read since
	   the last commit. In one transaction: facts, sessions_save, progress. */
	int (*commit)(void *context, const struct keeper_progress *progress, size_t count,
		      const struct input_totals *totals, struct sessions *sessions,
		      struct err *err);
	/* Gives SESSIONS what was open at the last commit (sessions_restore). */
	int (*restore)(void *context, struct sessions *sessions, struct err *err);
};

#endif
