/* Sorting integers of every width and number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/radix.h"

static void sorts_and_keeps(void **state)
{
	static const size_t counts[] = {0, 1, 2, 3, 2047, 2048, 2049, 50000};

	(void)state;
	for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
		for (unsigned int bits = 1; bits <= 64; bits += 7) {
			uint64_t *keys = malloc((counts[c] + 1) * sizeof(*keys));
			uint64_t seed = bits, sum = 0, sorted_sum = 0;

			for (size_t i = 0; i < counts[c]; i++) {
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				keys[i] = (seed ^ seed >> 29) >> (64 - bits);
				sum += keys[i];
			}
			radix_sort(keys, counts[c]);
			for (size_t i = 0; i < counts[c]; i++) {
				assert_true(i == 0 || keys[i - 1] <= keys[i]);
				sorted_sum += keys[i];
			}
			assert_true(sum == sorted_sum);
			free(keys);
		}
	}
}

static void unique(void **state)
{
	uint64_t keys[] = {1, 1, 2, 3, 3, 3, 9};

	(void)state;
	assert_int_equal(radix_unique(keys, 7), 4);
	assert_int_equal(keys[3], 9);
	assert_int_equal(radix_unique(keys, 0), 0);
}

static void sets(void **state)
{
	struct id_set set;

	(void)state;
	id_set_init(&set, 128);
	id_set_add(&set, 0);
	id_set_add(&set, 64);
	id_set_add(&set, 128);
	for (uint32_t id = 0; id <= 128; id++)
		assert_int_equal(id_set_has(&set, id), id % 64 == 0);
	id_set_release(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_and_keeps),
		cmocka_unit_test(unique),
		cmocka_unit_test(sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
