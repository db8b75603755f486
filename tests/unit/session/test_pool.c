/* Rows that come and go, against a plain model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "session/pool.h"

struct row {
	struct node node;
	uint64_t value;
};

#define MODEL_MAX 3000

static void test_find(void **state)
{
	struct pool pool;
	uint32_t first, second;

	(void)state;
	pool_init(&pool, sizeof(struct row));
	first = pool_add(&pool);
	second = pool_add(&pool);
	pool_enter(&pool, first, 5);
	pool_enter(&pool, second, 5);
	assert_int_equal(pool_first(&pool, 5) + pool_next(&pool, pool_first(&pool, 5)),
			 first + second);
	assert_int_equal(pool_next(&pool, pool_next(&pool, pool_first(&pool, 5))), 0);
	assert_int_equal(pool_first(&pool, 5 + 1024), 0);
	pool_remove(&pool, first);
	assert_int_equal(pool_first(&pool, 5), second);
	assert_int_equal(pool_add(&pool), first);
	assert_int_equal(((struct row *)pool_row(&pool, first))->value, 0);
	pool_release(&pool);
}

static void test_lists(void **state)
{
	struct pool pool;
	uint32_t a, b, c;

	(void)state;
	pool_init(&pool, sizeof(struct row));
	a = pool_add(&pool);
	b = pool_add(&pool);
	c = pool_add(&pool);
	assert_int_equal(pool_oldest(&pool), 0);
	pool_touch(&pool, a, 0, 1);
	pool_touch(&pool, b, 0, 2);
	pool_touch(&pool, c, 1, 3);
	assert_int_equal(pool_oldest(&pool), a);
	pool_touch(&pool, a, 0, 4);
	assert_int_equal(pool_oldest(&pool), b);
	pool_touch(&pool, b, 1, 5);
	assert_int_equal(pool.lists[0].oldest, a);
	assert_int_equal(pool.lists[0].newest, a);
	assert_int_equal(pool_oldest(&pool), c);
	pool_remove(&pool, c);
	assert_int_equal(pool.lists[1].oldest, b);
	pool_remove(&pool, b);
	assert_int_equal(pool.lists[1].newest, 0);
	pool_remove(&pool, a);
	assert_int_equal(pool_oldest(&pool), 0);
	assert_int_equal(pool.count, 0);
	pool_release(&pool);
}

static void test_many(void **state)
{
	static uint32_t index_of[MODEL_MAX];
	uint64_t random = 1;
	struct pool pool;

	(void)state;
	pool_init(&pool, sizeof(struct row));
	for (size_t step = 0; step < 200000; step++) {
		uint64_t value;

		random = random * 6364136223846793005u + 1442695040888963407u;
		value = (random >> 33) % MODEL_MAX;
		if (index_of[value]) {
			struct row *row = pool_row(&pool, index_of[value]);

			assert_int_equal(row->value, value);
			assert_int_equal(pool_first(&pool, value * 7), index_of[value]);
			pool_remove(&pool, index_of[value]);
			index_of[value] = 0;
		} else {
			assert_int_equal(pool_first(&pool, value * 7), 0);
			index_of[value] = pool_add(&pool);
			((struct row *)pool_row(&pool, index_of[value]))->value = value;
			pool_enter(&pool, index_of[value], value * 7);
			pool_touch(&pool, index_of[value], (unsigned int)(value % POOL_LISTS),
				   (int64_t)step);
		}
	}
	while (pool_oldest(&pool))
		pool_remove(&pool, pool_oldest(&pool));
	assert_int_equal(pool.count, 0);
	pool_release(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
