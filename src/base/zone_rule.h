/*
 * The rule of a zone: standard time, and summer time between two days of every
 * year, as POSIX writes it in TZ ("CET-1CEST,M3.5.0,M10.5.0/3"; POSIX.1-2017,
 * 8.3) and as the last line of a TZif file tells what holds after its last
 * entry (RFC 9636, 3.3).
 */
#ifndef MXWATCH_BASE_ZONE_RULE_H
#define MXWATCH_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

/* One of the two changes of a year. */
struct zone_change {
	char kind;     /* 'J' day 1 to 365 without leap days, 'N' day 0 to 365, 'M' */
	int month;     /* of 'M' */
	int week;      /* of 'M': 1 to 5, 5 the last */
	int day;       /* of the year, or of 'M' the week: 0 is Sunday */
	int32_t clock; /* seconds from midnight, by the clock that ends; may be negative */
};

struct zone_rule {
	int32_t standard_offset; /* added to UTC */
	int32_t summer_offset;
	bool has_summer;
	struct zone_change begin, end; /* of summer time */
};

/* A stretch of time with one offset: from <= t < until. */
struct zone_stretch {
	int64_t from, until;
	int32_t offset;
};

/* Reads TEXT, all of it; false, *ret_rule untouched, if it is no rule. */
bool zone_rule_parse(struct view text, struct zone_rule *ret_rule);

/* The stretch that UTC lies in. */
struct zone_stretch zone_rule_at(const struct zone_rule *rule, int64_t utc);

#endif
