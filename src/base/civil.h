/*
 * Calendar arithmetic: days, hours and zones, without the C library's shared
 * state. Times are seconds since 1970-01-01T00:00:00Z (Unix time), signed.
 */
#ifndef MXWATCH_BASE_CIVIL_H
#define MXWATCH_BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct civil {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
};

#define CIVIL_DAY_S 86400

/* Days from 1970-01-01 to the given day of the proleptic Gregorian calendar. */
int64_t civil_days(int year, int month, int day);

/* Seconds since 1970 of a civil time taken as UTC. */
int64_t civil_to_seconds(const struct civil *civil);
/* The civil time in UTC of SECONDS; the years end at 0 and 9999. */
struct civil civil_from_seconds(int64_t seconds);
/* 0 = Monday … 6 = Sunday, of a UTC day. */
int civil_weekday(int64_t seconds);
/* Number of a month's days. */
int civil_month_days(int year, int month);

/*
 * A time zone: rules from the system's database. Looked up through a cache of
 * the last answer's validity, so that asking for neighbouring times is cheap.
 * Not for use by several threads at once. A NULL zone is UTC.
 */
struct zone;

/* Opens zone NAME ("Europe/Berlin", "UTC", "+02:00", a rule as in POSIX TZ, the
   path of a TZif file; NULL: what the environment's TZ says, else the system's
   own, else UTC: this one never fails).
   Returns 0, or -ENOENT with *err filled. Free with zone_free. */
must_check int zone_open(const char *name, struct zone **ret_zone, struct err *err);
void zone_free(struct zone *zone);
/* The name to show ("UTC", "Europe/Berlin", "+02:00"); lives as long as ZONE. */
const char *zone_name(const struct zone *zone);
/* Whether local time is UTC at all times. */
bool zone_is_utc(const struct zone *zone);
/* Seconds to add to UTC to get local time, at the moment UTC. */
int32_t zone_offset_at(struct zone *zone, int64_t utc);
/* The moment of a local wall-clock reading (as seconds, taken as if UTC).
   A reading that occurs twice in autumn is taken as the first; one that is
   skipped in spring as if the clock had not been set yet. */
int64_t zone_to_utc(struct zone *zone, int64_t local);

/* RFC 3339 text of UTC in ZONE, e.g. 2026-11-22T00:34:40+01:00 (Z for UTC). */
#define CIVIL_TEXT_MAX 40
size_t civil_format_rfc3339(int64_t utc, struct zone *zone, char text[static CIVIL_TEXT_MAX]);
/* "2026-11-22 00:34:40", for people. */
size_t civil_format_plain(int64_t utc, struct zone *zone, char text[static CIVIL_TEXT_MAX]);

/*
 * Reads what users write for --since and --until: "2026-11-22",
 * "2026-11-22 00:34", RFC 3339, "yesterday", "today", "now", "-3h", "-28d".
 * NOW is the present moment. Returns 0, or -EINVAL with *err filled.
 */
must_check int civil_parse_user(struct view text, struct zone *zone, int64_t now, int64_t *ret_utc,
				struct err *err);
/* Reads a length of time: "90s", "30m", "4h", "28d", "6w", "12mo", "1y", or
   seconds. Returns 0, or -EINVAL with *err filled. */
must_check int civil_parse_span(struct view text, int64_t *ret_seconds, struct err *err);

#endif
