/* Hours, days, weeks and months as clocks in a zone show them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/period.h"

static void starts_and_names(void **state)
{
	static const struct {
		const char *zone;
		int64_t time;
		enum report_by by;
		int64_t start, next;
		const char *text;
	} rows[] = {
		{"UTC", 1700000000, BY_HOUR, 1699999200, 1700002800, "2023-11-14 2200-2300"},
		{"UTC", 1700000000, BY_DAY, 1699920000, 1700006400, "2023-11-14 Tue"},
		{"UTC", 1700000000, BY_WEEK, 1699833600, 1700438400, "2023-W46"},
		{"UTC", 1700000000, BY_MONTH, 1698796800, 1701388800, "2023-11"},
		{"Asia/Kolkata", 1700000000, BY_HOUR, 1699997400, 1700001000,
		 "2023-11-15 0300-0400"},
		{"Europe/Berlin", 1700000000, BY_DAY, 1699916400, 1700002800, "2023-11-14 Tue"},
		/* The day of 25 hours, and both of its hours between two and three. */
		{"Europe/Berlin", 1698530400, BY_DAY, 1698530400, 1698620400, "2023-10-29 Sun"},
		{"Europe/Berlin", 1698538000, BY_HOUR, 1698537600, 1698541200,
		 "2023-10-29 0200-0300"},
		{"Europe/Berlin", 1698542000, BY_HOUR, 1698541200, 1698544800,
		 "2023-10-29 0200-0300"},
		/* Monday, 31 December 2018, is in the first week of 2019. */
		{"UTC", 1546300800, BY_WEEK, 1546214400, 1546819200, "2019-W01"},
		{"UTC", 1709164800, BY_MONTH, 1706745600, 1709251200, "2024-02"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[PERIOD_TEXT_MAX];
		struct zone *zone;
		struct err err;
		int64_t start;

		if (zone_open(rows[i].zone, &zone, &err) < 0)
			continue; /* no such rules on this machine */
		start = period_start(rows[i].time, rows[i].by, zone);
		period_format(start, rows[i].by, zone, true, text);
		if (start != rows[i].start ||
		    period_next(start, rows[i].by, zone) != rows[i].next ||
		    strcmp(text, rows[i].text) != 0)
			fail_msg("row %zu: %lld to %lld, '%s'", i, (long long)start,
				 (long long)period_next(start, rows[i].by, zone), text);
		zone_free(zone);
	}
}

static void words(void **state)
{
	(void)state;
	for (int by = BY_HOUR; by <= BY_MONTH; by++)
		assert_int_equal(period_from_word(view_string(period_word((enum report_by)by))),
				 by);
	assert_int_equal(period_from_word(VIEW("year")), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_and_names),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
