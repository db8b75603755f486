/*
 * The clock of a log: stamps without year or zone become Unix times.
 *
 * The year of the first stamp is the latest one that does not lie behind the
 * log's last change (its file time): true for logs that span less than a year.
 * From there on the year goes up when the calendar jumps back by more than
 * half a year. A line out of order around New Year belongs to the year before.
 */
#include "pipeline/lane.h"

#define DAY CIVIL_DAY_S
#define HALF_YEAR ((int64_t)183 * DAY)
#define MARCH_1972 ((int64_t)60 * DAY) /* 1 March, from the start of a leap year */
#define EPOCH_1972 ((int64_t)730 * DAY)

static bool is_leap(int year)
{
	return civil_month_days(year, 2) == 29;
}

/* A stamp of the leap year 1972, moved to YEAR, as if UTC. */
static int64_t in_year(int64_t stamp, int year, int64_t year_start_s)
{
	if (stamp >= MARCH_1972 && !is_leap(year))
		stamp -= DAY;
	return year_start_s + stamp;
}

static void set_year(struct lane_clock *clock, int year)
{
	clock->year = year;
	clock->year_start_s = civil_days(year, 1, 1) * DAY;
}

static void first_year(struct lane_clock *clock, int64_t stamp)
{
	int year = civil_from_seconds(clock->latest).year;

	if (clock->year) { /* the user said so */
		set_year(clock, clock->year);
		return;
	}
	if (clock->earliest) {
		year = civil_from_seconds(clock->earliest).year;
		set_year(clock, year);
		if (in_year(stamp, year, clock->year_start_s) < clock->earliest - HALF_YEAR)
			set_year(clock, year + 1);
		return;
	}
	set_year(clock, year);
	if (in_year(stamp, year, clock->year_start_s) > clock->latest + DAY)
		set_year(clock, year - 1);
}

static int64_t with_year(struct lane_clock *clock, int64_t time_s)
{
	int64_t stamp = time_s - EPOCH_1972;

	if (clock->last_of_year < 0)
		first_year(clock, stamp);
	else if (stamp < clock->last_of_year - HALF_YEAR)
		set_year(clock, clock->year + 1);
	else if (stamp > clock->last_of_year + HALF_YEAR)
		return in_year(stamp, clock->year - 1, civil_days(clock->year - 1, 1, 1) * DAY);
	clock->last_of_year = stamp;
	return in_year(stamp, clock->year, clock->year_start_s);
}

/* Offsets change at full quarters of an hour at most. */
static int64_t to_utc(struct lane_clock *clock, int64_t local)
{
	int64_t quarter = local / SLOT_S;

	if (quarter != clock->quarter) {
		clock->quarter = quarter;
		clock->offset_s = local - zone_to_utc(clock->zone, local);
	}
	return local - clock->offset_s;
}

void lane_clock_resolve(struct lane_clock *clock, struct event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct event *event = &events[i];

		if (!(event->flags & (EVENT_NO_YEAR | EVENT_NO_ZONE)))
			continue;
		if (event->flags & EVENT_NO_YEAR)
			event->time_s = with_year(clock, event->time_s);
		if (event->flags & EVENT_NO_ZONE)
			event->time_s = to_utc(clock, event->time_s);
		event->flags &= ~(uint32_t)(EVENT_NO_YEAR | EVENT_NO_ZONE);
	}
}
