#include "report/spike.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

#define SAMPLES_MIN 3	/* of each phase, for a rhythm */
#define POINTS_MIN 6	/* of a series without one */
#define EXCESS_MIN 20.0 /* counts above what is expected */
#define RATIO_MIN 1.5
#define SCORE_PLAIN 3.5	     /* the usual bound for scores by medians (Iglewicz and Hoaglin) */
#define SCORE_RHYTHM 5.0     /* stricter: a long series has many chances */
#define NORMAL_FACTOR 1.4826 /* median deviation to standard deviation */

static int compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sorts VALUES. */
static double median(double *values, size_t count)
{
	if (count == 0)
		return 0;
	qsort(values, count, sizeof(*values), compare_doubles);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static bool has_rhythm(const struct spike_point *points, size_t count)
{
	size_t samples[SPIKE_PHASES] = {0};

	for (size_t i = 0; i < count; i++)
		samples[points[i].phase]++;
	for (size_t i = 0; i < SPIKE_PHASES; i++)
		if (samples[i] && samples[i] < SAMPLES_MIN)
			return false;
	return count > 0;
}

static void judge(struct spike_point *point, double expected, double score, double bound)
{
	double excess = point->value - expected;

	point->not_below = excess >= 0;
	point->stands_out =
		score >= bound && excess >= EXCESS_MIN && point->value >= RATIO_MIN * expected;
}

static double expected_at(const struct spike_point *points, size_t count, size_t phase,
			  double *scratch)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (points[i].phase == phase)
			scratch[n++] = points[i].value;
	return median(scratch, n);
}

/* The deviation from what is expected, in units in which busy and quiet hours
   scatter alike: counts scatter as their square root. */
static double deviation(double value, double expected)
{
	return (value - expected) / sqrt(fmax(expected, 1));
}

static void find_in_rhythm(struct spike_point *points, size_t count, double *scratch)
{
	double expected[SPIKE_PHASES];
	double scale;
	size_t n = 0;

	for (size_t phase = 0; phase < SPIKE_PHASES; phase++)
		expected[phase] = expected_at(points, count, phase, scratch);
	for (size_t i = 0; i < count; i++) {
		double off = fabs(deviation(points[i].value, expected[points[i].phase]));

		/* Zero deviations are mostly the medians themselves. */
		if (off > 0)
			scratch[n++] = off;
	}
	scale = fmax(NORMAL_FACTOR * median(scratch, n), 1);
	for (size_t i = 0; i < count; i++) {
		double e = expected[points[i].phase];

		judge(&points[i], e, deviation(points[i].value, e) / scale, SCORE_RHYTHM);
	}
}

/*
 * Without a rhythm: the scatter is that of the lower half alone, since in a
 * short log spikes may be a third of all hours and would widen it. If more
 * stand out, it is rather a rhythm that we cannot know yet.
 */
static void find_plain(struct spike_point *points, size_t count, double *scratch)
{
	double expected, scale;
	size_t n = 0, out = 0;

	if (count < POINTS_MIN)
		return;
	for (size_t i = 0; i < count; i++)
		scratch[i] = points[i].value;
	expected = median(scratch, count);
	for (size_t i = 0; i < count; i++)
		if (points[i].value <= expected)
			scratch[n++] = expected - points[i].value;
	scale = fmax(NORMAL_FACTOR * median(scratch, n), sqrt(fmax(expected, 1)));
	for (size_t i = 0; i < count; i++) {
		judge(&points[i], expected, (points[i].value - expected) / scale, SCORE_PLAIN);
		out += points[i].stands_out;
	}
	for (size_t i = 0; i < count && out * 8 > count * 3; i++)
		points[i].stands_out = false;
}

void spikes_find(struct spike_point *points, size_t count)
{
	double *scratch = memory_get((count + 1) * sizeof(*scratch));

	for (size_t i = 0; i < count; i++)
		points[i].stands_out = points[i].not_below = false;
	if (has_rhythm(points, count))
		find_in_rhythm(points, count, scratch);
	else
		find_plain(points, count, scratch);
	free(scratch);
}
