/* Spikes in series with and without a rhythm. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/spike.h"

/* Office hours, at about PEAK, with some scatter that is the same every run. */
static double office(unsigned int hour, double peak, uint64_t *seed)
{
	double wave = 0.5 - 0.5 * cos(2 * 3.14159265 * ((double)hour - 4) / 24);

	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return floor((0.05 + 0.95 * wave) * peak * (0.8 + 0.4 * (double)(*seed >> 40) / (1 << 24)));
}

static size_t count_out(const struct spike_point *points, size_t count)
{
	size_t out = 0;

	for (size_t i = 0; i < count; i++)
		out += points[i].stands_out;
	return out;
}

static void in_a_rhythm(void **state)
{
	struct spike_point points[24 * 14];

	(void)state;
	for (size_t days = 3; days <= 14; days++) {
		uint64_t seed = days;
		size_t night = 24 * (days - 2) + 3, count = 24 * days;

		for (size_t i = 0; i < count; i++)
			points[i] = (struct spike_point){
				.value = office((unsigned int)(i % 24), 2000, &seed),
				.phase = (uint16_t)(i % 24),
			};
		spikes_find(points, count);
		assert_int_equal(count_out(points, count), 0);
		/* Less than what every noon brings, but at three in the night. */
		points[night].value = 1500;
		spikes_find(points, count);
		assert_true(points[night].stands_out);
		assert_int_equal(count_out(points, count), 1);
	}
}

static void without_a_rhythm(void **state)
{
	static const struct {
		double values[24];
		size_t count;
		uint32_t out; /* bits */
	} rows[] = {
		{{0}, 0, 0},
		{{5000}, 1, 0},
		{{10, 11, 9, 10, 5000}, 5, 0}, /* too short to say */
		{{10, 11, 9, 10, 12, 5000}, 6, 1 << 5},
		{{1, 0, 2, 1, 1, 9}, 6, 0}, /* small counts */
		{{100, 100, 100, 100, 100, 100, 140}, 7, 0},
		{{100, 100, 100, 100, 100, 100, 240}, 7, 1 << 6},
		{{7, 7, 7, 7, 7, 7, 7, 7}, 8, 0},
		/* Half of the hours: rather the day of an office. */
		{{10, 12, 11, 10, 12, 900, 950, 910, 940, 905}, 10, 0},
	};
	struct spike_point points[24];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint32_t out = 0;

		for (size_t j = 0; j < rows[i].count; j++)
			points[j] = (struct spike_point){.value = rows[i].values[j],
							 .phase = (uint16_t)j};
		spikes_find(points, rows[i].count);
		for (size_t j = 0; j < rows[i].count; j++)
			out |= (uint32_t)points[j].stands_out << j;
		if (out != rows[i].out)
			fail_msg("row %zu: %x, not %x", i, out, rows[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_a_rhythm),
		cmocka_unit_test(without_a_rhythm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
