/*
 * Spikes: hours (or days) that stand out of a series of counts.
 *
 * Robust: what is expected is a median and the scatter is measured by medians,
 * so that the spike sought does not hide itself. Where the series is long
 * enough for every phase of its rhythm (an hour of the day, on a working day or
 * at the weekend) to occur three times, each count is compared with its own
 * phase; else with all. Small counts never stand out.
 */
#ifndef MXWATCH_REPORT_SPIKE_H
#define MXWATCH_REPORT_SPIKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPIKE_PHASES 48

struct spike_point {
	double value;
	uint16_t phase;	 /* below SPIKE_PHASES */
	bool stands_out; /* result */
	bool not_below;	 /* result: at least what was expected */
};

void spikes_find(struct spike_point *points, size_t count);

#endif
