/* Periods: hours, days, weeks (from Monday) and months as a zone's clocks show them. */
#ifndef MXWATCH_REPORT_PERIOD_H
#define MXWATCH_REPORT_PERIOD_H

#include "report/report.h"

/* The moment at which the period with TIME in it began. */
int64_t period_start(int64_t time, enum report_by by, struct zone *zone);
/* The moment at which the next one begins. */
int64_t period_next(int64_t start, enum report_by by, struct zone *zone);

/* The hour of the day at TIME, and whether it is Saturday or Sunday. */
int period_hour(int64_t time, struct zone *zone);
bool period_is_weekend(int64_t time, struct zone *zone);

/* For people: "2026-11-22 0400-0500" (WITH_DATE) or "0400-0500", "2026-11-22 Sun",
   "2026-W47", "2026-11". */
#define PERIOD_TEXT_MAX 64
size_t period_format(int64_t start, enum report_by by, struct zone *zone, bool with_date,
		     char text[static PERIOD_TEXT_MAX]);

/* "hour", "day", "week", "month". */
const char *period_word(enum report_by by);
/* The enum report_by of that word, or -EINVAL. */
int period_from_word(struct view word);

#endif
