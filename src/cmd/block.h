/*
 * What `mxwatch block` prints as tables: a plan played against history, the audit
 * trail, what blocks have met.
 */
#ifndef MXWATCH_CMD_BLOCK_H
#define MXWATCH_CMD_BLOCK_H

#include "block/form.h"
#include "block/history.h"
#include "cmd/judge.h"

/* --what-if: the plan of now, what the verdicts would have done to HISTORY, and who was spared.
   Returns an exit status. */
int block_what_if(struct judgement *judgement, const struct plan_options *wishes,
		  struct history *history);
/* --history, likewise; of FORM (NULL: of all). */
int block_trail(const struct options *options, const struct block_form *form, struct store *store);
/* --hits: STORE has the blocks, LOGS (none: STORE too) what they met. */
int block_hits(struct options *options, const struct block_form *form, struct store *store,
	       char **logs, size_t count);

/* Whether --table and --format fit; 0 or -EINVAL. */
must_check int block_what_if_check(const struct report_options *options, struct err *err);
must_check int block_trail_check(const struct report_options *options, bool hits, struct err *err);

#endif
