/*
 * Reading a block of whole lines into events: the pure hop that runs on any
 * number of threads.
 */
#ifndef MXWATCH_FORMAT_BLOCK_H
#define MXWATCH_FORMAT_BLOCK_H

#include "format/envelope.h"

#define BLOCK_SAMPLES 4 /* lines not understood that are kept a block */
#define BLOCK_SAMPLE_LENGTH 400
#define BLOCK_PROGRAM_LENGTH 40

/* How a block is to be read. */
struct block_options {
	enum mta mta;	  /* only this server's lines; MTA_UNKNOWN: all */
	bool line_hashes; /* fill event->line_hash */
};

/* What a block said. Events stay valid as long as the block's text. */
struct block_events {
	struct event *events;
	size_t count, capacity;
	/* Whether the block's last line gave the last event, so that a "last
	   message repeated" at the next block's begin means it. */
	bool last_line_told;
	uint64_t lines, other_programs, not_understood;
	struct {
		char program[BLOCK_PROGRAM_LENGTH]; /* NUL-terminated, cut */
		char line[BLOCK_SAMPLE_LENGTH];	    /* not NUL-terminated */
		uint16_t line_len;
		uint64_t count; /* lines of this program */
	} samples[BLOCK_SAMPLES];
	size_t sample_count;
	struct envelope_memo memo;
};

/*
 * Reads TEXT, which holds whole lines (the last may lack its newline), and
 * replaces what was in *ret. Lines of any length and any bytes are taken.
 * "message repeated" is folded into repeat. *ret is zero before its first use;
 * release with block_events_release.
 */
void block_read(struct view text, const struct block_options *options, struct block_events *ret);
void block_events_release(struct block_events *events);

#endif
