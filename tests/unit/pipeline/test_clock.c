/* Stamps without year or zone become Unix times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pipeline/lane.h"

/* A stamp as the envelope gives it: month and day of 1972, read as UTC. */
static struct event stamp(int month, int day, int hour)
{
	struct civil civil = {1972, month, day, hour, 0, 0};

	return (struct event){.time_s = civil_to_seconds(&civil),
			      .flags = EVENT_NO_YEAR | EVENT_NO_ZONE};
}

static int64_t at(int year, int month, int day, int hour)
{
	struct civil civil = {year, month, day, hour, 0, 0};

	return civil_to_seconds(&civil);
}

static struct lane_clock clock_of(struct zone *zone, int64_t latest, int year)
{
	return (struct lane_clock){.zone = zone,
				   .latest = latest,
				   .year = year,
				   .last_of_year = -1,
				   .quarter = INT64_MIN};
}

static void the_year_follows_from_the_file_time(void **state)
{
	struct zone *zone;
	struct err err;
	struct event events[] = {stamp(12, 30, 1), stamp(12, 31, 23), stamp(1, 1, 0),
				 stamp(12, 31, 23), stamp(3, 1, 5)};
	struct lane_clock clock;

	(void)state;
	assert_int_equal(zone_open("UTC", &zone, &err), 0);
	clock = clock_of(zone, at(2027, 3, 1, 6), 0);
	lane_clock_resolve(&clock, events, 5);
	assert_int_equal(events[0].time_s, at(2026, 12, 30, 1));
	assert_int_equal(events[1].time_s, at(2026, 12, 31, 23));
	assert_int_equal(events[2].time_s, at(2027, 1, 1, 0));
	/* A straggler of the old year. */
	assert_int_equal(events[3].time_s, at(2026, 12, 31, 23));
	assert_int_equal(events[4].time_s, at(2027, 3, 1, 5));
	zone_free(zone);
}

static void leap_days_stay_where_they_are(void **state)
{
	struct zone *zone;
	struct err err;
	struct event events[] = {stamp(2, 28, 1), stamp(2, 29, 1), stamp(3, 1, 1)};
	struct lane_clock clock;

	(void)state;
	assert_int_equal(zone_open("UTC", &zone, &err), 0);
	clock = clock_of(zone, at(2028, 3, 2, 0), 0);
	lane_clock_resolve(&clock, events, 3);
	assert_int_equal(events[0].time_s, at(2028, 2, 28, 1));
	assert_int_equal(events[1].time_s, at(2028, 2, 29, 1));
	assert_int_equal(events[2].time_s, at(2028, 3, 1, 1));
	zone_free(zone);
}

static void the_user_may_say_the_year(void **state)
{
	struct zone *zone;
	struct err err;
	struct event events[] = {stamp(11, 22, 1), stamp(1, 2, 1)};
	struct lane_clock clock;

	(void)state;
	assert_int_equal(zone_open("+01:00", &zone, &err), 0);
	clock = clock_of(zone, at(2026, 11, 23, 0), 2003);
	lane_clock_resolve(&clock, events, 2);
	assert_int_equal(events[0].time_s, at(2003, 11, 22, 0));
	assert_int_equal(events[1].time_s, at(2004, 1, 2, 0));
	zone_free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_year_follows_from_the_file_time),
		cmocka_unit_test(leap_days_stay_where_they_are),
		cmocka_unit_test(the_user_may_say_the_year),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
