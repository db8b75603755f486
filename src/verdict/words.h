/*
 * Times as sentences tell them, in the zone given (NULL: UTC).
 */
#ifndef MXWATCH_VERDICT_WORDS_H
#define MXWATCH_VERDICT_WORDS_H

#include "base/civil.h"
#include "base/text.h"

/* "2026-11-22". */
void words_day(struct text *text, uint32_t time, struct zone *zone);
/* "2026-11-22 01:11:45". */
void words_time(struct text *text, uint32_t time, struct zone *zone);
/* "on 2026-11-22 at 01:11:45", "on 2026-11-22 between 01:11:45 and 01:12:27", "between 2026-11-20
   23:50 and 2026-11-22 00:10". */
void words_period(struct text *text, uint32_t since, uint32_t until, struct zone *zone);

#endif
