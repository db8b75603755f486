/* Numbers for people: grouping, rounding to units, sizes that users write. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"

static void expect(size_t row, size_t len, const char *text, const char *want)
{
	if (strcmp(text, want) != 0 || len != strlen(want))
		fail_msg("row %zu: '%s' (%zu), not '%s'", row, text, len, want);
}

static void grouped(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} rows[] = {
		{0, "0"},
		{7, "7"},
		{-7, "-7"},
		{999, "999"},
		{1000, "1,000"},
		{-1000, "-1,000"},
		{18290, "18,290"},
		{999999, "999,999"},
		{-100000, "-100,000"},
		{1000000, "1,000,000"},
		{INT64_MAX, "9,223,372,036,854,775,807"},
		{INT64_MIN, "-9,223,372,036,854,775,808"},
	};
	char text[NUMBER_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = number_grouped(rows[i].value, text);

		expect(i, len, text, rows[i].text);
	}
}

static void bytes(void **state)
{
	static const struct {
		uint64_t value;
		const char *text;
	} rows[] = {
		{0, "0 B"},
		{999, "999 B"},
		{346944, "346,944 B"},
		{999999, "999,999 B"},
		{1000000, "1.0 MB"},
		{1449999, "1.4 MB"},
		{1450000, "1.5 MB"},
		{999949999, "999.9 MB"},
		{999950000, "1.00 GB"},
		{2650000000, "2.65 GB"},
		{2655000000, "2.66 GB"},
		{999994999999, "999.99 GB"},
		{999995000000, "1.00 TB"},
		{UINT64_MAX, "18.45 EB"},
	};
	char text[NUMBER_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = number_bytes(rows[i].value, text);

		expect(i, len, text, rows[i].text);
	}
}

static void hms(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{0, "00:00:00"},
		{59, "00:00:59"},
		{3600, "01:00:00"},
		{74405, "20:40:05"},
		{360000, "100:00:00"},
		{-61, "-00:01:01"},
		{INT64_MIN, "-2562047788015215:30:08"},
	};
	char text[NUMBER_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = number_hms(rows[i].seconds, text);

		expect(i, len, text, rows[i].text);
	}
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t bytes;
	} rows[] = {
		{"4096", 0, 4096},
		{"0", 0, 0},
		{"12B", 0, 12},
		{" 64k ", 0, 65536},
		{"64K", 0, 65536},
		{"64kB", 0, 64000},
		{"64KiB", 0, 65536},
		{"100M", 0, 104857600},
		{"100 mb", 0, 100000000},
		{"2GiB", 0, UINT64_C(2147483648)},
		{"1T", 0, UINT64_C(1099511627776)},
		{"18446744073709551615", 0, UINT64_MAX},
		{"18446744073709551616", -EINVAL, 0},
		{"18446744073709551615k", -EINVAL, 0},
		{"16777216T", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"M", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{"1.5G", -EINVAL, 0},
		{"10X", -EINVAL, 0},
		{"10Mi", -EINVAL, 0},
		{"10MiBs", -EINVAL, 0},
		{"1 2", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err err = {""};
		uint64_t value = 4711;
		int result = number_parse_size(view_string(rows[i].text), &value, &err);

		if (result != rows[i].result)
			fail_msg("row %zu: '%s' gives %d", i, rows[i].text, result);
		assert_int_equal(value, result == 0 ? rows[i].bytes : 4711);
		assert_int_equal(err.text[0] != '\0', result != 0);
	}
	assert_int_equal(number_parse_size(view_of("1k\0", 3), &(uint64_t){0}, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grouped),
		cmocka_unit_test(bytes),
		cmocka_unit_test(hms),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
