/* Quarter-hours of the ledger, added up to longer periods. */
#ifndef MXWATCH_REPORT_SLOTS_H
#define MXWATCH_REPORT_SLOTS_H

#include "report/context.h"

struct slot_row {
	int64_t start; /* key: Unix time at which the period begins */
	struct slot sum;
	bool rejected_spike, connections_spike, connections_usual;
};

/* A row for each period in which anything happened, by time; freed by the caller. */
struct slot_row *slot_rows(const struct report_context *context, enum report_by by,
			   size_t *ret_count);

/* Milliseconds in whole seconds, rounded as pflogsumm rounds. */
uint64_t seconds_of_ms(uint64_t ms);
uint64_t average_seconds(uint64_t ms, uint64_t count);

#endif
