/*
 * The ordered stage: takes the parsed blocks of all lanes, in the order of
 * time, and hands their events to the sessions.
 */
#ifndef MXWATCH_PIPELINE_MERGE_H
#define MXWATCH_PIPELINE_MERGE_H

#include "pipeline/batches.h"
#include "pipeline/lane.h"
#include "pipeline/once.h"

struct merge {
	const struct pipeline_options *options;
	const struct keeper *keeper;
	struct lane *lanes; /* in the order of their first stamps */
	size_t lane_count;
	struct lane **active;
	size_t active_count;
	size_t next_lane; /* the first not active yet */
	struct sessions *sessions;
	struct batches *batches; /* where the sessions' facts go */
	struct once once;
	struct input_totals *totals;   /* all */
	struct input_totals committed; /* of them, in the keeper's hands */
	struct block *spent;	       /* blocks to be used again; under the lock */
	uint64_t since_commit;	       /* bytes */
	uint64_t opened;
	int failure; /* a negative errno that ends everything, or 0 */
	struct err *err;
};

void merge_init(struct merge *merge, struct lane *lanes, size_t count);
void merge_release(struct merge *merge);

/*
 * Goes on as far as parsed blocks allow: takes blocks off the lanes, which
 * are the caller's to guard by LOCK and UNLOCK around that. Returns whether it
 * got anywhere.
 */
struct merge_lock {
	void *context;
	void (*lock)(void *context);
	void (*unlock)(void *context);
};
bool merge_step(struct merge *merge, const struct merge_lock *lock);
/* Whether every lane is at its end and everything has been taken. */
bool merge_done(const struct merge *merge);
/* The end: the keeper's last commit, or the end of all sessions. */
void merge_finish(struct merge *merge);

#endif
