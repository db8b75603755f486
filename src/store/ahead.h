/*
 * Facts read ahead: while the caller folds one segment, a thread unpacks the
 * next. Unpacking and folding take about as long as each other, so that halves
 * the time of a report. Between segments it loads strings, which are there before
 * the first role is and at the end; words_begin comes first. From ahead_start to ahead_stop the
 * store belongs to the thread; the caller must not use it.
 */
#ifndef MXWATCH_STORE_AHEAD_H
#define MXWATCH_STORE_AHEAD_H

#include "store/internal.h"

/* A part to read, and which of its columns. */
struct ahead_part {
	enum part part;
	uint32_t mask;
};

struct ahead;

/* Reads PARTS, one after the other, as far as they touch [from, until). */
must_check int ahead_start(struct store *store, const struct ahead_part *parts, size_t count,
			   int64_t from, int64_t until, struct ahead **ret_ahead, struct err *err);
/* Returns 1 with the next segment's rows, valid until the next call; 0 at the end; or
   a negative errno. */
must_check int ahead_next(struct ahead *ahead, enum part *ret_part, const void **ret_rows,
			  size_t *ret_count, struct err *err);
void ahead_stop(struct ahead *ahead);

#endif
