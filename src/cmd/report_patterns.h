/*
 * Patterns for reports that show them: a detection beside the ledger.
 */
#ifndef MXWATCH_CMD_REPORT_PATTERNS_H
#define MXWATCH_CMD_REPORT_PATTERNS_H

#include "cmd/command.h"
#include "detect/detection.h"

struct report_patterns {
	struct detection *detection; /* NULL: no report needs it */
	struct fact_fan fan;
	struct findings findings;
	struct patterns patterns;
};

/* Begins, if PARTS (report_parts) needs patterns. *sink, which facts will be told to, is made to
   tell the detection as well. Returns an exit status; report_patterns_release in any case. */
int report_patterns_begin(struct options *options, const struct directory *directory,
			  uint32_t parts, uint32_t from, uint32_t until, struct fact_sink *sink,
			  struct report_patterns *patterns);
/* Tells the detection the facts of STORE. Returns an exit status. */
int report_patterns_replay(struct report_patterns *patterns, struct store *store, uint32_t from,
			   uint32_t until);
/* All facts have been told: gives OPTIONS->report what was found. */
void report_patterns_end(struct report_patterns *patterns, struct options *options);
void report_patterns_release(struct report_patterns *patterns);

#endif
