/* The calendar against the C library, RFC 3339 text, and what users write. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/civil.h"

static void days(void **state)
{
	static const struct {
		int year, month, day;
		int64_t days;
		int weekday;
	} rows[] = {
		{1970, 1, 1, 0, 3},	  {1969, 12, 31, -1, 2},   {2000, 2, 29, 11016, 1},
		{2000, 3, 1, 11017, 2},	  {1900, 3, 1, -25508, 3}, {2026, 11, 22, 20779, 6},
		{0, 1, 1, -719528, 5},	  {0, 3, 1, -719468, 2},   {9999, 12, 31, 2932896, 4},
		{-1, 12, 31, -719529, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t got = civil_days(rows[i].year, rows[i].month, rows[i].day);

		if (got != rows[i].days)
			fail_msg("row %zu: %lld", i, (long long)got);
		assert_int_equal(civil_weekday(got * CIVIL_DAY_S), rows[i].weekday);
		assert_int_equal(civil_weekday(got * CIVIL_DAY_S + CIVIL_DAY_S - 1),
				 rows[i].weekday);
	}
}

static void same_as_library(void **state)
{
	(void)state;
	for (int64_t t = INT64_C(-62167219200); t <= INT64_C(253402300799); t += 8640007) {
		struct civil civil = civil_from_seconds(t);
		time_t seconds = t;
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		assert_int_equal(civil.year, tm.tm_year + 1900);
		assert_int_equal(civil.month, tm.tm_mon + 1);
		assert_int_equal(civil.day, tm.tm_mday);
		assert_int_equal(civil.hour, tm.tm_hour);
		assert_int_equal(civil.minute, tm.tm_min);
		assert_int_equal(civil.second, tm.tm_sec);
		assert_int_equal(civil_weekday(t), (tm.tm_wday + 6) % 7);
		assert_int_equal(civil_to_seconds(&civil), t);
	}
}

static void ends_of_time(void **state)
{
	struct civil first = civil_from_seconds(INT64_MIN);
	struct civil last = civil_from_seconds(INT64_MAX);

	(void)state;
	assert_int_equal(first.year, 0);
	assert_int_equal(first.second, 0);
	assert_int_equal(last.year, 9999);
	assert_int_equal(last.second, 59);
}

static void month_days(void **state)
{
	(void)state;
	assert_int_equal(civil_month_days(2023, 2), 28);
	assert_int_equal(civil_month_days(2024, 2), 29);
	assert_int_equal(civil_month_days(1900, 2), 28);
	assert_int_equal(civil_month_days(2000, 2), 29);
	assert_int_equal(civil_month_days(2000, 4), 30);
	assert_int_equal(civil_month_days(2000, 12), 31);
}

static struct zone *open_zone(const char *name)
{
	struct zone *zone = NULL;
	struct err err = {""};

	if (zone_open(name, &zone, &err) < 0)
		fail_msg("%s", err.text);
	return zone;
}

static void texts(void **state)
{
	static const struct {
		const char *zone;
		int64_t utc;
		const char *rfc3339, *plain;
	} rows[] = {
		{"UTC", 0, "1970-01-01T00:00:00Z", "1970-01-01 00:00:00"},
		{"UTC", 1795304080, "2026-11-21T23:34:40Z", "2026-11-21 23:34:40"},
		{"+01:00", 1795304080, "2026-11-22T00:34:40+01:00", "2026-11-22 00:34:40"},
		{"-03:30", 1795304080, "2026-11-21T20:04:40-03:30", "2026-11-21 20:04:40"},
		{"+00:00", 1795304080, "2026-11-21T23:34:40Z", "2026-11-21 23:34:40"},
		{"<LMT>-0:53:28", 0, "1970-01-01T00:53:00+00:53", "1970-01-01 00:53:28"},
		{"UTC", INT64_MAX, "9999-12-31T23:59:59Z", "9999-12-31 23:59:59"},
		{"+14:00", INT64_MAX, "9999-12-31T23:59:59+14:00", "9999-12-31 23:59:59"},
		{"-12:00", INT64_MIN, "0000-01-01T00:00:00-12:00", "0000-01-01 00:00:00"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone *zone = open_zone(rows[i].zone);
		char text[CIVIL_TEXT_MAX];
		size_t len;

		len = civil_format_rfc3339(rows[i].utc, zone, text);
		assert_string_equal(text, rows[i].rfc3339);
		assert_int_equal(len, strlen(text));
		len = civil_format_plain(rows[i].utc, zone, text);
		assert_string_equal(text, rows[i].plain);
		assert_int_equal(len, strlen(text));
		zone_free(zone);
	}
}

/* Now is 2026-11-22T00:34:40+01:00. */
static void users(void **state)
{
	static const int64_t now = 1795304080;
	static const struct {
		const char *text;
		int64_t utc; /* 0: refused */
	} rows[] = {
		{"now", now},
		{" Now ", now},
		{"today", now - 2080},
		{"yesterday", now - 2080 - 86400},
		{"-3h", now - 3 * 3600},
		{"-28d", now - 28 * 86400},
		{"-90", now - 90},
		{"- 2 w", 0},
		{"2026-11-22", now - 2080},
		{"2026-11-22 00:34", now - 40},
		{"2026-11-22 00:34:40", now},
		{"2026-11-22  00:34:40", now},
		{"2026-11-22T00:34:40", now},
		{"2026-11-22T00:34:40.250", now},
		{"2026-11-22T00:34:40+01:00", now},
		{"2026-11-22T00:34:40 +0100", now},
		{"2026-11-21T23:34:40Z", now},
		{"2026-11-21t23:34:40.123456789012345678901z", now},
		{"2026-11-21T20:04:40-03:30", now},
		{"2026-11-21T23:34Z", now - 40},
		{"2026-11-22T00:34:60+01:00", now + 20},
		{"2024-02-29", 1709161200},
		{"2023-02-29", 0},
		{"2026-13-01", 0},
		{"2026-00-01", 0},
		{"2026-11-00", 0},
		{"2026-11-22 24:00", 0},
		{"2026-11-22 00:60", 0},
		{"2026-11-22 0:34", 0},
		{"2026-11-22x", 0},
		{"2026-11-22 ", now - 2080},
		{"2026-11-22T", 0},
		{"2026-11-22T00:34:40+1", 0},
		{"2026-11-22T00:34:40+01:0", 0},
		{"2026-11-22T00:34:40+24:00", 0},
		{"2026-11-22Z", 0},
		{"26-11-22", 0},
		{"tomorrow", 0},
		{"", 0},
		{"-", 0},
		{"-3x", 0},
		{"3h", 0},
		{"--3h", 0},
		{"-99999999999999999999d", 0},
		{"-9223372036854775807", 0},
	};
	struct zone *zone = open_zone("+01:00");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err err = {""};
		int64_t utc = 4711;
		int result = civil_parse_user(view_string(rows[i].text), zone, now, &utc, &err);

		if (result != (rows[i].utc ? 0 : -EINVAL) ||
		    utc != (rows[i].utc ? rows[i].utc : 4711))
			fail_msg("row %zu: '%s' gives %d, %lld", i, rows[i].text, result,
				 (long long)utc);
		assert_int_equal(err.text[0] != '\0', result != 0);
	}
	zone_free(zone);
}

static void spans(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} rows[] = {
		{"0", 0},
		{"90", 90},
		{"90s", 90},
		{"30m", 1800},
		{"30min", 1800},
		{"4h", 14400},
		{"28d", 2419200},
		{" 6 w ", 3628800},
		{"12mo", 31104000},
		{"1y", 31536000},
		{"", -1},
		{"h", -1},
		{"-1h", -1},
		{"1.5h", -1},
		{"4H", -1},
		{"1h30m", -1},
		{"4hh", -1},
		{"18446744073709551615", -1},
		{"18446744073709551615y", -1},
		{"99999999999999999999", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err err = {""};
		int64_t seconds = 4711;
		int result = civil_parse_span(view_string(rows[i].text), &seconds, &err);

		if (result != (rows[i].seconds < 0 ? -EINVAL : 0) ||
		    seconds != (rows[i].seconds < 0 ? 4711 : rows[i].seconds))
			fail_msg("row %zu: '%s'", i, rows[i].text);
		assert_int_equal(err.text[0] != '\0', result != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days),		cmocka_unit_test(same_as_library),
		cmocka_unit_test(ends_of_time), cmocka_unit_test(month_days),
		cmocka_unit_test(texts),	cmocka_unit_test(users),
		cmocka_unit_test(spans),
	};

	return cmocka_run_group_tests_name("civil", tests, NULL, NULL);
}
