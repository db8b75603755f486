#include "report/period.h"

#include <errno.h>
#include <stdio.h>

#define HOUR_S 3600

static int64_t local_of(int64_t time, struct zone *zone)
{
	return time + zone_offset_at(zone, time);
}

static int64_t floor_to(int64_t value, int64_t unit)
{
	int64_t rest = value % unit;

	return value - (rest < 0 ? rest + unit : rest);
}

/* The day on which the period with local time LOCAL began, as seconds. */
static int64_t local_start(int64_t local, enum report_by by)
{
	int64_t day = floor_to(local, CIVIL_DAY_S);
	struct civil civil;

	if (by == BY_WEEK)
		return day - (int64_t)civil_weekday(day) * CIVIL_DAY_S;
	if (by != BY_MONTH)
		return day;
	civil = civil_from_seconds(day);
	return civil_days(civil.year, civil.month, 1) * CIVIL_DAY_S;
}

int64_t period_start(int64_t time, enum report_by by, struct zone *zone)
{
	int64_t local = local_of(time, zone);

	/* The hour that comes twice in autumn is two hours: no way over local time. */
	if (by == BY_HOUR)
		return time - (local - floor_to(local, HOUR_S));
	return zone_to_utc(zone, local_start(local, by));
}

int64_t period_next(int64_t start, enum report_by by, struct zone *zone)
{
	static const int64_t inside_next[] = {
		[BY_DAY] = CIVIL_DAY_S + 12 * HOUR_S,
		[BY_WEEK] = 7 * CIVIL_DAY_S + 12 * HOUR_S,
		[BY_MONTH] = 31 * CIVIL_DAY_S + 12 * HOUR_S,
	};

	if (by == BY_HOUR || by == BY_DEFAULT)
		return period_start(start + HOUR_S, BY_HOUR, zone);
	return period_start(start + inside_next[by], by, zone);
}

int period_hour(int64_t time, struct zone *zone)
{
	return civil_from_seconds(local_of(time, zone)).hour;
}

bool period_is_weekend(int64_t time, struct zone *zone)
{
	return civil_weekday(local_of(time, zone)) >= 5;
}

/* The number of the ISO 8601 week, and the year that it belongs to: that of its Thursday. */
static int week_number(int64_t monday, int *ret_year)
{
	int64_t thursday = monday + (int64_t)3 * CIVIL_DAY_S;
	int year = civil_from_seconds(thursday).year;

	*ret_year = year;
	return (int)((thursday / CIVIL_DAY_S - civil_days(year, 1, 1)) / 7) + 1;
}

size_t period_format(int64_t start, enum report_by by, struct zone *zone, bool with_date,
		     char text[static PERIOD_TEXT_MAX])
{
	static const char days[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	int64_t local = local_of(start, zone);
	struct civil at = civil_from_seconds(local);
	int week, year = at.year;

	switch (by) {
	case BY_DAY:
		return (size_t)snprintf(text, PERIOD_TEXT_MAX, "%04d-%02d-%02d %s", at.year,
					at.month, at.day, days[civil_weekday(local)]);
	case BY_WEEK:
		week = week_number(floor_to(local, CIVIL_DAY_S), &year);
		return (size_t)snprintf(text, PERIOD_TEXT_MAX, "%04d-W%02d", year, week);
	case BY_MONTH:
		return (size_t)snprintf(text, PERIOD_TEXT_MAX, "%04d-%02d", at.year, at.month);
	case BY_DEFAULT:
	case BY_HOUR:
		break;
	}
	if (with_date)
		return (size_t)snprintf(text, PERIOD_TEXT_MAX, "%04d-%02d-%02d %02d%02d-%02d%02d",
					at.year, at.month, at.day, at.hour, at.minute, at.hour + 1,
					at.minute);
	return (size_t)snprintf(text, PERIOD_TEXT_MAX, "%02d%02d-%02d%02d", at.hour, at.minute,
				at.hour + 1, at.minute);
}

static const char *const words[] = {
	[BY_HOUR] = "hour", [BY_DAY] = "day", [BY_WEEK] = "week", [BY_MONTH] = "month"};

const char *period_word(enum report_by by)
{
	return words[by == BY_DEFAULT ? BY_HOUR : by];
}

int period_from_word(struct view word)
{
	for (int by = BY_HOUR; by <= BY_MONTH; by++)
		if (view_is(word, view_string(words[by])))
			return by;
	return -EINVAL;
}
