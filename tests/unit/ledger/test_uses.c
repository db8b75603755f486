/* Uses add up to what was added, joined or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/uses.h"

#define CLIENTS 5000u
#define THINGS 400u
#define ADDED 5000000u

static void repeats_are_joined(void **state)
{
	struct uses uses = {0};
	uint32_t recent = 0;

	(void)state;
	uses_add(&uses, &recent, 7, 1, 2);
	uses_add(&uses, &recent, 7, 1, 3);
	assert_int_equal(uses.count, 1);
	uses_add(&uses, &recent, 7, 2, 1);
	uses_add(&uses, &recent, 7, 1, 4);
	assert_int_equal(uses.count, 3);
	recent = 1000; /* out of date */
	uses_add(&uses, &recent, 6, 9, 1);
	uses_join(&uses);
	assert_int_equal(uses.count, 3);
	assert_int_equal(uses.rows[0].client, 6);
	assert_int_equal(uses.rows[1].what, 1);
	assert_int_equal(uses.rows[1].count, 9);
	assert_int_equal(uses.rows[2].what, 2);
	uses_release(&uses);
}

/* However long it goes on, the list stays within reach of what is distinct. */
static void they_are_bounded(void **state)
{
	static uint32_t recent[CLIENTS];
	struct uses uses = {0};
	uint64_t seed = 1, sum = 0;

	(void)state;
	for (uint32_t i = 0; i < ADDED; i++) {
		uint32_t client;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		client = (uint32_t)(seed >> 33) % CLIENTS;
		uses_add(&uses, &recent[client], client, (uint32_t)(seed >> 50) % THINGS, 1);
	}
	assert_true(uses.capacity <= 4 * (size_t)CLIENTS * THINGS);
	uses_join(&uses);
	assert_true(uses.count <= (size_t)CLIENTS * THINGS);
	for (size_t i = 0; i < uses.count; i++)
		sum += uses.rows[i].count;
	assert_int_equal(sum, ADDED);
	uses_release(&uses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repeats_are_joined),
		cmocka_unit_test(they_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
