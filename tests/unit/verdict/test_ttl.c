/* How long a block lasts, by when clients came back. */
#include "world.h"

static void returns(void **state)
{
	static const struct {
		uint64_t days;
		uint32_t returns;
	} rows[] = {
		{0, 0},
		{1, 0},
		{0x3, 0},
		{0x5, 1},
		{0x15, 2},
		{0xff, 0},
		{0x8000000000000001, 1},
		{0xd, 1},
		{0x5555555555555555, 31},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct origin origin = {.refused_days = rows[i].days};

		assert_int_equal(ttl_returns(&origin), rows[i].returns);
	}
}

static void longer_for_those_who_return(void **state)
{
	static const struct {
		uint32_t base_days;
		uint64_t days;
		uint32_t days_to_live;
	} rows[] = {
		{7, 0x1, 7},   {7, 0x5, 14},   {7, 0x15, 28},
		{7, 0x55, 56}, {7, 0x155, 60}, {1, 0x1, 1},
		{1, 0x5, 2},   {60, 0x5, 60},  {7, 0x5555555555555555, 60},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ttl_table table = {.base_s = rows[i].base_days * DAY};
		const struct origin origin = {.refused_days = rows[i].days};

		assert_int_equal(ttl_for(&table, &origin), rows[i].days_to_live * DAY);
	}
}

/* COUNT clients that come back after each of GAPS days, ended by 0. */
static void come_back(struct world *world, uint32_t first, uint32_t count, const uint32_t *gaps,
		      uint16_t messages)
{
	for (uint32_t i = 0; i < count; i++) {
		char address[32];
		uint32_t client, time = NOON;

		snprintf(address, sizeof(address), "192.0.2.%u", first + i);
		client = world_client(world, address, NULL);
		world_session(world, client, time, 0);
		for (const uint32_t *gap = gaps; *gap; gap++)
			world_session(world, client, time += *gap * DAY, 0);
		if (messages > 0)
			world_session(world, client, time, messages);
	}
}

static void learnt(void **state)
{
	static const struct {
		uint32_t many, few; /* clients that come back after MANY_GAP, after 10 days */
		uint32_t many_gap[3];
		uint16_t messages;
		uint32_t days;
	} rows[] = {
		{0, 0, {0}, 0, 7},     /* nobody: the preset */
		{19, 0, {2}, 0, 7},    /* too few */
		{20, 0, {2}, 0, 3},    /* a day more than they stay away */
		{20, 0, {1, 3}, 0, 4}, /* the longest time of each counts */
		{90, 10, {2}, 0, 3},   /* nine in ten */
		{80, 20, {2}, 0, 11},  {100, 0, {1}, 0, 2},
		{50, 0, {2}, 3, 7}, /* those who send wanted mail tell nothing */
	};
	static const uint32_t ten[] = {10, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ttl_table table;
		struct world world;

		world_init(&world);
		come_back(&world, 1, rows[i].many, rows[i].many_gap, rows[i].messages);
		come_back(&world, 1 + rows[i].many, rows[i].few, ten, rows[i].messages);
		table = ttl_learn(detection_context(world.detection)->origins);
		if (table.base_s != rows[i].days * DAY)
			fail_msg("row %zu: %u days", i, table.base_s / DAY);
		world_release(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns),
		cmocka_unit_test(longer_for_those_who_return),
		cmocka_unit_test(learnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
