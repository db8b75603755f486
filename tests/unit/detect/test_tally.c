#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scene.h"

#include "detect/tally.h"

static void fill(struct tally *tally, const uint32_t *minutes, size_t count, bool backwards)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t minute = minutes[backwards ? count - 1 - i : i];

		tally_add(tally, 1, SCENE_START + minute * MINUTE, 1, 1000 - minute);
	}
}

/* Within an hour, ever, and in different cells; in either order of the facts. */
static void marks(void **data)
{
	static const uint32_t minutes[] = {0, 50, 100, 101, 102, 300, 301, 1000};

	(void)data;
	for (int backwards = 0; backwards < 2; backwards++) {
		struct tally tally;
		struct tally_progress progress;
		const struct tally_row *row;

		tally_init(&tally, TALLY_QUARTER_S);
		tally_mark(&tally, 3600, 4, 1);
		tally_mark(&tally, 0, 6, 1);
		tally_mark(&tally, 0, 2, 5);
		tally_mark(&tally, 3600, 5, 1);
		fill(&tally, minutes, sizeof(minutes) / sizeof(minutes[0]), backwards);
		row = tally_find(&tally, 1);
		progress = tally_read(&tally, row);
		assert_int_equal(progress.amount, 8);
		assert_int_equal(progress.cells, 5);
		assert_int_equal(progress.peak, 4);
		assert_int_equal(tally_reached(&tally, row, &progress, 0),
				 SCENE_START + 105 * MINUTE);
		assert_int_equal(tally_reached(&tally, row, &progress, 1),
				 SCENE_START + 315 * MINUTE);
		assert_int_equal(tally_reached(&tally, row, &progress, 2),
				 SCENE_START + 1000 * MINUTE);
		assert_int_equal(tally_reached(&tally, row, &progress, 3), 0);
		assert_int_equal(row->first, SCENE_START);
		assert_int_equal(row->last, SCENE_START + 1000 * MINUTE);
		assert_int_equal(row->sessions[0], 699); /* 0 is none */
		assert_int_equal(row->sessions[3], 899);
		assert_null(tally_find(&tally, 2));
		tally_release(&tally);
	}
}

/* A year of a fact a quarter of an hour keeps the cells of two days, and forgets nothing. */
static void bounded(void **data)
{
	struct tally tally;
	struct tally_progress progress;
	uint32_t quarters = 365 * 96;

	(void)data;
	tally_init(&tally, TALLY_QUARTER_S);
	tally_mark(&tally, 86400, 97, 1);
	tally_mark(&tally, 0, quarters - 1, 1);
	for (uint32_t i = 0; i < quarters; i++)
		tally_add(&tally, 1, SCENE_START + i * 900, 1, 0);
	progress = tally_read(&tally, tally_at(&tally, 0));
	assert_int_equal(progress.amount, quarters);
	assert_int_equal(progress.peak, 96);
	assert_int_equal(progress.reached[0], 0);
	assert_int_equal(progress.reached[1], SCENE_START / 900 + quarters - 1);
	assert_true(tally.cell_count < 220);
	tally_release(&tally);
}

/* A thing counts when it was first seen, whenever that is told. */
static void distinct(void **data)
{
	struct tally tally;
	struct tally_progress progress;
	bool is_new;

	(void)data;
	tally_init(&tally, TALLY_QUARTER_S);
	tally_mark(&tally, 0, 3, 1);
	tally_add_distinct(&tally, 1, SCENE_START + 9000, 1, 77, 0, &is_new);
	assert_true(is_new);
	tally_add_distinct(&tally, 1, SCENE_START + 9900, 1, 88, 0, &is_new);
	tally_add_distinct(&tally, 1, SCENE_START, 1, 77, 0, &is_new);
	assert_false(is_new);
	tally_add_distinct(&tally, 2, SCENE_START, 1, 77, 0, &is_new);
	assert_true(is_new);
	tally_add_distinct(&tally, 1, SCENE_START + 1800, 2, 99, 0, &is_new);
	progress = tally_read(&tally, tally_find(&tally, 1));
	assert_int_equal(progress.amount, 4);
	assert_int_equal(progress.cells, 3);
	assert_int_equal(progress.reached[0], SCENE_START / 900 + 3);
	assert_int_equal(tally_find(&tally, 1)->distinct, 3);
	for (uint64_t i = 0; i < 2 * TALLY_DISTINCT_MAX; i++)
		tally_add_distinct(&tally, 1, SCENE_START, 1, 1000 + i, 0, &is_new);
	assert_int_equal(tally_find(&tally, 1)->distinct, TALLY_DISTINCT_MAX);
	tally_release(&tally);
}

/* The first quarter of an hour of all time is one as any other. */
static void beginning_of_time(void **data)
{
	struct tally tally;
	struct tally_progress progress;

	(void)data;
	tally_init(&tally, TALLY_QUARTER_S);
	tally_mark(&tally, 3600, 3, 2);
	tally_add(&tally, 1, 0, 2, 1);
	tally_add(&tally, 1, 1000, 1, 2);
	progress = tally_read(&tally, tally_at(&tally, 0));
	assert_int_equal(progress.amount, 3);
	assert_int_equal(progress.cells, 2);
	assert_int_equal(progress.reached[0], 2);
	tally_release(&tally);
}

/* Facts of a year that come backwards: out of order beyond what is promised, they are counted all
   the same, and keep no more cells. */
static void backwards(void **data)
{
	struct tally tally;
	struct tally_progress progress;
	uint32_t quarters = 365 * 96;

	(void)data;
	tally_init(&tally, TALLY_QUARTER_S);
	tally_mark(&tally, 0, 3, 2);
	for (uint32_t i = quarters; i-- > 0;)
		tally_add(&tally, 1, SCENE_START + i * 900, 1, 0);
	progress = tally_read(&tally, tally_at(&tally, 0));
	assert_int_equal(progress.amount, quarters);
	assert_true(progress.reached[0] > 0);
	assert_true(tally.cell_count < 220);
	tally_release(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks),     cmocka_unit_test(bounded),
		cmocka_unit_test(distinct),  cmocka_unit_test(beginning_of_time),
		cmocka_unit_test(backwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
