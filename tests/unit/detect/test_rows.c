#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "detect/rows.h"

struct row {
	uint32_t key[3];
	uint32_t number[2];
};

static uint32_t next(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 8;
}

static int compare(const struct row *a, const struct row *b)
{
	for (int i = 0; i < 3; i++)
		if (a->key[i] != b->key[i])
			return a->key[i] < b->key[i] ? -1 : 1;
	return 0;
}

/* COUNT rows whose words are below BELOW (0: any); each must be there again, in order. */
static void sort_of(size_t count, uint32_t below)
{
	struct row *rows = memory_get((count + 1) * sizeof(*rows));
	uint32_t random = (uint32_t)count + below;
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		for (int n = 0; n < 3; n++)
			rows[i].key[n] = below ? next(&random) % below : next(&random) << 8;
		rows[i].number[0] = rows[i].key[0] ^ rows[i].key[1] ^ rows[i].key[2];
		sum += rows[i].number[1] = (uint32_t)i;
	}
	rows_sort(rows, count, sizeof(*rows));
	for (size_t i = 0; i < count; i++) {
		assert_true(i == 0 || compare(&rows[i - 1], &rows[i]) <= 0);
		assert_int_equal(rows[i].number[0],
				 rows[i].key[0] ^ rows[i].key[1] ^ rows[i].key[2]);
		sum -= rows[i].number[1];
	}
	assert_int_equal(sum, 0);
	free(rows);
}

static void rows_are_sorted(void **data)
{
	static const size_t counts[] = {0, 1, 2, 24, 25, 300, 5000};
	static const uint32_t belows[] = {0, 1, 2, 256, 70000};

	(void)data;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		for (size_t n = 0; n < sizeof(belows) / sizeof(*belows); n++)
			sort_of(counts[i], belows[n]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_sorted)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
