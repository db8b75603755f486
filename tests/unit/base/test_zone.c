/*
 * Zones: offsets, POSIX rules, TZif files good and broken, readings that occur
 * twice or never. Tests of named zones are skipped where the system's database
 * is not installed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/zone_rule.h"

static struct zone *open_zone(const char *name)
{
	struct zone *zone = NULL;

	return zone_open(name, &zone, NULL) == 0 ? zone : NULL;
}

static struct zone *need_zone(const char *name)
{
	struct zone *zone = open_zone(name);

	if (!zone)
		skip();
	return zone;
}

static int64_t at(int year, int month, int day, int hour, int minute)
{
	struct civil civil = {year, month, day, hour, minute, 0};

	return civil_to_seconds(&civil);
}

static void fixed(void **state)
{
	static const struct {
		const char *name, *shown;
		int32_t offset;
	} rows[] = {
		{"UTC", "UTC", 0},
		{"utc", "UTC", 0},
		{"Z", "UTC", 0},
		{"", "UTC", 0},
		{"+02:00", "+02:00", 7200},
		{"-0330", "-0330", -12600},
		{"+2", "+2", 7200},
		{"-11", "-11", -39600},
		{"+14:00", "+14:00", 50400},
		{"+00:00", "+00:00", 0},
		{"MSK-3", "MSK-3", 10800},
		{"<+0530>-5:30", "<+0530>-5:30", 19800},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone *zone = open_zone(rows[i].name);

		if (!zone)
			fail_msg("row %zu: '%s'", i, rows[i].name);
		assert_string_equal(zone_name(zone), rows[i].shown);
		assert_int_equal(zone_is_utc(zone), rows[i].offset == 0);
		for (int64_t t = -4000000000; t < 8000000000; t += 1000000007) {
			assert_int_equal(zone_offset_at(zone, t), rows[i].offset);
			assert_int_equal(zone_to_utc(zone, t), t - rows[i].offset);
		}
		assert_int_equal(zone_offset_at(zone, INT64_MAX), rows[i].offset);
		assert_int_equal(zone_offset_at(zone, INT64_MIN), rows[i].offset);
		zone_to_utc(zone, INT64_MAX);
		zone_to_utc(zone, INT64_MIN);
		zone_free(zone);
	}
}

static void none(void **state)
{
	(void)state;
	assert_int_equal(zone_offset_at(NULL, 1), 0);
	assert_int_equal(zone_to_utc(NULL, 1), 1);
	assert_string_equal(zone_name(NULL), "UTC");
	assert_true(zone_is_utc(NULL));
	zone_free(NULL);
}

static void refused(void **state)
{
	static const char *const names[] = {
		"Nowhere/City",
		"../etc/passwd",
		"Europe/../../../etc/passwd",
		"/etc/passwd",
		"/",
		"Europe",
		"+25:00",
		"+02:60",
		"+02:0",
		"+",
		"+2:000",
		"+12345",
		"C-1",
		"CET-1CEST,",
		"\x1b[31m",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct zone *zone = NULL;
		struct err err = {""};

		if (zone_open(names[i], &zone, &err) != -ENOENT)
			fail_msg("row %zu: '%s'", i, names[i]);
		assert_null(zone);
		assert_true(err.text[0] != '\0');
	}
}

static void rules(void **state)
{
	static const struct {
		const char *rule;
		int year, month, day, hour, minute; /* UTC */
		int32_t offset;
	} rows[] = {
		{"CET-1CEST,M3.5.0,M10.5.0/3", 2026, 3, 29, 0, 59, 3600},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 2026, 3, 29, 1, 0, 7200},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 2026, 10, 25, 0, 59, 7200},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 2026, 10, 25, 1, 0, 3600},
		{"CET-1CEST,M3.5.0,M10.5.0/3", 2400, 7, 1, 0, 0, 7200},
		{"EST5EDT", 2026, 3, 8, 6, 59, -18000},
		{"EST5EDT", 2026, 3, 8, 7, 0, -14400},
		{"EST5EDT", 2026, 11, 1, 5, 59, -14400},
		{"EST5EDT", 2026, 11, 1, 6, 0, -18000},
		{"NZST-12NZDT,M9.5.0,M4.1.0/3", 2026, 1, 1, 0, 0, 46800},
		{"NZST-12NZDT,M9.5.0,M4.1.0/3", 2026, 4, 4, 13, 59, 46800},
		{"NZST-12NZDT,M9.5.0,M4.1.0/3", 2026, 4, 4, 14, 0, 43200},
		{"NZST-12NZDT,M9.5.0,M4.1.0/3", 2026, 12, 31, 12, 0, 46800},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026, 3, 29, 0, 59, -7200},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026, 3, 29, 1, 0, -3600},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", 2026, 1, 1, 0, 0, 0},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", 2026, 7, 1, 0, 0, 3600},
		{"XXX3YYY,J60/0,J300/0", 2024, 3, 1, 2, 59, -10800},
		{"XXX3YYY,J60/0,J300/0", 2024, 3, 1, 3, 0, -7200},
		{"XXX3YYY,59/0,300/0", 2024, 2, 29, 3, 0, -7200},
		{"XXX3EDT4,0/0,J365/23", 2026, 1, 1, 2, 59, -14400},
		{"XXX3EDT4,0/0,J365/23", 2026, 1, 1, 3, 0, -14400},
		{"XXX3EDT4,0/0,J365/23", 2026, 7, 1, 0, 0, -14400},
		{"XXX3EDT4,0/0,J365/23", 2026, 12, 31, 23, 59, -14400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t utc =
			at(rows[i].year, rows[i].month, rows[i].day, rows[i].hour, rows[i].minute);
		struct zone_rule rule;
		struct zone_stretch found;

		if (!zone_rule_parse(view_string(rows[i].rule), &rule))
			fail_msg("row %zu not read", i);
		found = zone_rule_at(&rule, utc);
		if (found.offset != rows[i].offset)
			fail_msg("row %zu: %d", i, found.offset);
		assert_true(found.from <= utc && utc < found.until);
	}
}

static void bad_rules(void **state)
{
	static const char *const rows[] = {
		"",
		"CET",
		"AB-1",
		"<+01-1",
		"CET-1C",
		"CET-168",
		"CET-1:60",
		"CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.0.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,J0,J365",
		"CET-1CEST,J366,J1",
		"CET-1CEST,0,366",
		"CET-1CEST,M3.5.0/,M10.5.0",
		"CET-1CEST,M3.5.0/168,M10.5.0",
		"CET-1CEST,M3.5.0,M10.5.0/3x",
		"CET-1CEST,M3.5.0,M10.5.0/3,",
	};
	struct zone_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (zone_rule_parse(view_string(rows[i]), &rule))
			fail_msg("row %zu: '%s'", i, rows[i]);
}

/* What clocks in Berlin showed on the two nights, by rule and so without files. */
static void local_readings(void **state)
{
	static const struct {
		int month, day, hour, minute; /* local, 2026 */
		int utc_hour, utc_minute;     /* of the same day; -1: the day before's 23 */
	} rows[] = {
		{3, 29, 1, 59, 0, 59}, {3, 29, 2, 0, 1, 0},    {3, 29, 2, 30, 1, 30},
		{3, 29, 3, 0, 1, 0},   {3, 29, 3, 30, 1, 30},  {10, 25, 1, 59, -1, 59},
		{10, 25, 2, 0, 0, 0},  {10, 25, 2, 30, 0, 30}, {10, 25, 2, 59, 0, 59},
		{10, 25, 3, 0, 2, 0},  {7, 1, 12, 0, 10, 0},   {12, 24, 12, 0, 11, 0},
	};

	(void)state;
	for (int order = 0; order < 2; order++) {
		struct zone *zone = open_zone("CET-1CEST,M3.5.0,M10.5.0/3");
		size_t count = sizeof(rows) / sizeof(*rows);

		assert_non_null(zone);
		for (size_t i = 0; i < count; i++) {
			size_t n = order ? count - 1 - i : i;
			int64_t local =
				at(2026, rows[n].month, rows[n].day, rows[n].hour, rows[n].minute);
			int64_t want = at(2026, rows[n].month, rows[n].day, rows[n].utc_hour,
					  rows[n].utc_minute);

			if (zone_to_utc(zone, local) != want)
				fail_msg("row %zu", n);
		}
		zone_free(zone);
	}
}

static void named(void **state)
{
	static const struct {
		const char *name;
		int year, month, day, hour, minute; /* UTC */
		int32_t offset;
	} rows[] = {
		{"Europe/Berlin", 2026, 3, 29, 0, 59, 3600},
		{"Europe/Berlin", 2026, 3, 29, 1, 0, 7200},
		{"Europe/Berlin", 2026, 10, 25, 0, 59, 7200},
		{"Europe/Berlin", 2026, 10, 25, 1, 0, 3600},
		{"Europe/Berlin", 1980, 4, 6, 1, 0, 7200},
		{"Europe/Berlin", 1975, 7, 1, 0, 0, 3600},
		{"Europe/Berlin", 2250, 1, 1, 0, 0, 3600},
		{"Europe/Berlin", 2250, 7, 1, 0, 0, 7200},
		{"Asia/Kolkata", 2026, 7, 1, 0, 0, 19800},
		{"Asia/Kolkata", 2250, 7, 1, 0, 0, 19800},
		{"America/St_Johns", 2026, 1, 1, 0, 0, -12600},
		{"America/St_Johns", 2026, 7, 1, 0, 0, -9000},
		{"America/St_Johns", 2010, 3, 14, 3, 30, -12600},
		{"America/St_Johns", 2010, 3, 14, 3, 31, -9000},
		{"America/St_Johns", 2100, 7, 1, 0, 0, -9000},
		{"Australia/Lord_Howe", 2026, 1, 1, 0, 0, 39600},
		{"Australia/Lord_Howe", 2026, 7, 1, 0, 0, 37800},
		{"Pacific/Apia", 2011, 12, 30, 9, 59, -36000},
		{"Pacific/Apia", 2011, 12, 30, 10, 0, 50400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone *zone = need_zone(rows[i].name);
		int64_t utc =
			at(rows[i].year, rows[i].month, rows[i].day, rows[i].hour, rows[i].minute);

		if (zone_offset_at(zone, utc) != rows[i].offset)
			fail_msg("row %zu: %d", i, zone_offset_at(zone, utc));
		assert_string_equal(zone_name(zone), rows[i].name);
		assert_false(zone_is_utc(zone));
		zone_free(zone);
	}
}

/* The C library agrees, hour by hour around changes and far into the future. */
static void same_as_library(void **state)
{
	static const char *const names[] = {
		"Europe/Berlin",    "Europe/Dublin",	   "America/New_York", "Asia/Tehran",
		"America/St_Johns", "Australia/Lord_Howe", "Asia/Gaza",	       "Africa/Casablanca",
		"Pacific/Chatham",  "America/Nuuk",	   "Antarctica/Troll",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct zone *zone = need_zone(names[i]);

		setenv("TZ", names[i], 1);
		tzset();
		for (int64_t t = -3000000000; t < 8000000000; t += 600001) {
			time_t seconds = t;
			struct tm tm;

			assert_non_null(localtime_r(&seconds, &tm));
			if (zone_offset_at(zone, t) != tm.tm_gmtoff)
				fail_msg("%s at %lld: %d, not %ld", names[i], (long long)t,
					 zone_offset_at(zone, t), tm.tm_gmtoff);
		}
		zone_free(zone);
	}
	setenv("TZ", "UTC", 1);
	tzset();
}

static void environment(void **state)
{
	static const struct {
		const char *value, *shown;
		int32_t offset;
	} rows[] = {
		{"UTC", "UTC", 0},	     {"", "UTC", 0},
		{":+02:00", "+02:00", 7200}, {"CET-1", "CET-1", 3600},
		{"Nowhere/City", "UTC", 0},  {"/nowhere", "UTC", 0},
	};
	struct zone *zone;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		setenv("TZ", rows[i].value, 1);
		zone = open_zone(NULL);
		assert_non_null(zone);
		assert_string_equal(zone_name(zone), rows[i].shown);
		assert_int_equal(zone_offset_at(zone, 0), rows[i].offset);
		zone_free(zone);
	}
	unsetenv("TZ");
	zone = open_zone(NULL); /* whatever the system has */
	assert_non_null(zone);
	assert_true(zone_name(zone)[0] != '\0');
	zone_free(zone);
	setenv("TZ", "UTC", 1);
}

/* A file with one change, at second 1000 from +1 h to +2 h, then a rule. */
#define HEADER(version, time, type, character)          \
	"TZif" version "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" time "\0\0\0" type "\0\0\0" character
#define TYPES "\0\0\x0e\x10\0\0\0\0\x1c\x20\1\4"
#define NAMES "ONE\0TWO\0"
#define GOOD_FILE                                                             \
	HEADER("2", "\0", "\1", "\1")                                         \
	"\0\0\0\0\0\0\0" HEADER("2", "\1", "\2", "\x8") "\0\0\0\0\0\0\x3\xe8" \
							"\1" TYPES NAMES "\nTWO-2\n"
#define OLD_FILE                        \
	HEADER("\0", "\1", "\2", "\x8") \
	"\0\0\x3\xe8"                   \
	"\1" TYPES NAMES

static struct zone *open_bytes(const char *bytes, size_t len)
{
	char path[] = "/tmp/mxwatch-test-zone-XXXXXX";
	int fd = mkstemp(path);
	struct zone *zone;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
	zone = open_zone(path);
	unlink(path);
	return zone;
}

static void files(void **state)
{
	static const struct view rows[] = {VIEW(GOOD_FILE), VIEW(OLD_FILE)};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone *zone = open_bytes(rows[i].ptr, rows[i].len);

		if (!zone)
			fail_msg("row %zu not read", i);
		assert_int_equal(zone_offset_at(zone, INT64_MIN), 3600);
		assert_int_equal(zone_offset_at(zone, 999), 3600);
		assert_int_equal(zone_offset_at(zone, 1000), 7200);
		assert_int_equal(zone_offset_at(zone, INT64_MAX), 7200);
		assert_int_equal(zone_to_utc(zone, 999 + 3600), 999);
		assert_int_equal(zone_to_utc(zone, 1000 + 7200), 1000);
		zone_free(zone);
	}
}

/* Cut anywhere or with any byte changed: refused or read, never worse. */
static void broken_files(void **state)
{
	static const char good[] = GOOD_FILE;
	char bytes[sizeof(good) - 1];

	(void)state;
	for (size_t len = 0; len < sizeof(bytes); len++) {
		struct zone *zone = open_bytes(good, len);

		/* Without the footer it is whole. */
		assert_int_equal(zone != NULL, len >= sizeof(bytes) - strlen("\nTWO-2\n"));
		zone_free(zone);
	}
	for (size_t i = 0; i < sizeof(bytes); i++) {
		static const char values[] = {'\0', '\x7f', '\xff'};

		for (size_t j = 0; j < sizeof(values); j++) {
			struct zone *zone;

			memcpy(bytes, good, sizeof(bytes));
			bytes[i] = values[j];
			zone = open_bytes(bytes, sizeof(bytes));
			for (int64_t t = -100000; zone && t < 100000; t += 9999)
				zone_to_utc(zone, t);
			zone_free(zone);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed),	cmocka_unit_test(none),
		cmocka_unit_test(refused),	cmocka_unit_test(rules),
		cmocka_unit_test(bad_rules),	cmocka_unit_test(local_readings),
		cmocka_unit_test(named),	cmocka_unit_test(same_as_library),
		cmocka_unit_test(environment),	cmocka_unit_test(files),
		cmocka_unit_test(broken_files),
	};

	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
