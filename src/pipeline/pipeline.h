/*
 * The pipeline: logs in, facts out.
 *
 * Wires source → format → session. Blocks are read and parsed by any number of
 * threads; the session stage takes them in order, so the facts are the same
 * for any number. Several logs are merged by time; a line that stands in two of
 * them in the same second (Exim's main and reject log, a copy) counts once.
 */
#ifndef MXWATCH_PIPELINE_PIPELINE_H
#define MXWATCH_PIPELINE_PIPELINE_H

#include "base/civil.h"
#include "format/block.h"
#include "session/session.h"
#include "source/source.h"

#define PIPELINE_SAMPLES 20

/* What was read: lines, bytes, and lines that nobody understood. */
struct input_totals {
	uint64_t files, lines, bytes, other_programs, not_understood;
	int64_t first_time, last_time; /* of the first and last event by the clock; 0, 0: none */
	struct input_sample {
		char program[BLOCK_PROGRAM_LENGTH];
		char line[BLOCK_SAMPLE_LENGTH];
		uint16_t line_len;
		uint64_t count; /* lines of this program not understood */
	} samples[PIPELINE_SAMPLES];
	size_t sample_count;
};

struct pipeline_options {
	unsigned int jobs;  /* threads; 0: one a processor */
	int year;	    /* of the first stamp without year; 0: from the file's time */
	struct zone *zone;  /* of stamps without zone; not owned */
	enum mta mta;	    /* MTA_UNKNOWN: recognise */
	size_t block_bytes; /* 0: the default; small values for tests */
	bool in_line; /* the sink reads the directory: it is told facts by the thread that fills
			 the directory, not beside it */
	struct session_options sessions;
	/* Told now and then, for people; may be NULL. */
	void (*progress)(void *context, const char *name, uint64_t bytes_done, uint64_t bytes_all);
	void *progress_context;
	/* A log that could not be read to its end: told, and reading goes on. */
	void (*trouble)(void *context, const struct err *err);
	void *trouble_context;
};

struct keeper; /* pipeline/keeper.h: for reading each line once; NULL for plain reports */

/* Reads all of PATHS (source_expand's) into SINK. Returns 0 or a negative errno
   with *err filled when nothing could be read at all. */
must_check int pipeline_read(char *const *paths, size_t count,
			     const struct pipeline_options *options, struct directory *directory,
			     const struct fact_sink *sink, const struct keeper *keeper,
			     struct input_totals *ret_totals, struct err *err);

#endif
