/*
 * Lines that stand in several logs read together count once: Exim's reject log
 * repeats lines of its main log; people name a log and its copy.
 *
 * A line counts as often as in the log that has it most often in that second.
 * Logs that follow each other, as rotated ones do, are not compared: what they
 * have in common in the second of the change happened twice.
 */
#ifndef MXWATCH_PIPELINE_ONCE_H
#define MXWATCH_PIPELINE_ONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"

struct once {
	int64_t second;	   /* the lines of this second are remembered */
	struct map counts; /* lines by log, and over all logs the most */
};

void once_init(struct once *once);
void once_release(struct once *once);
/* From here on come logs that follow what was before. */
void once_forget(struct once *once);
/* Whether a line of log number LANE counts. SECOND never goes back. */
bool once_counts(struct once *once, size_t lane, int64_t second, uint64_t line_hash);

#endif
