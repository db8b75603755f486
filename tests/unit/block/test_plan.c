/* From verdicts to blocks: what is joined, left out, spared. */
#include "world.h"

#include "block/plan.h"

/* Strong findings about each address of a list with blanks between. */
static void blame(struct world *world, const char *addresses)
{
	char list[4096], *rest = list, *address;

	snprintf(list, sizeof(list), "%s", addresses);
	while ((address = strsep(&rest, " ")) != NULL) {
		world_session(world, world_client(world, address, NULL), NOON, 0);
		world_finding(world, address, "relay-probe", GRADE_STRONG, NOON);
	}
}

/* The prefixes of the plan with blanks between. */
static const char *prefixes(struct world *world, const struct plan *plan)
{
	char text[PREFIX_TEXT_MAX];

	text_clear(&world->text);
	for (size_t i = 0; i < plan->count; i++) {
		prefix_format(&plan->blocks[i].prefix, text);
		text_format(&world->text, "%s%s", i ? " " : "", text);
	}
	return text_string(&world->text);
}

static void neighbours_are_joined(void **state)
{
	static const struct {
		const char *bad, *clear, *wanted, *blocks;
		bool no_networks;
	} rows[] = {
		{"192.0.2.9", NULL, NULL, "192.0.2.9", false},
		/* Two or three are not worth a network. */
		{"192.0.2.8 192.0.2.9", NULL, NULL, "192.0.2.8 192.0.2.9", false},
		{"192.0.2.8 192.0.2.9 192.0.2.10", NULL, NULL, "192.0.2.8 192.0.2.9 192.0.2.10",
		 false},
		{"192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11", NULL, NULL, "192.0.2.8/30", false},
		{"192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11", NULL, NULL,
		 "192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11", true},
		/* Half of a /29, spread; the same in one of its halves. */
		{"192.0.2.8 192.0.2.10 192.0.2.13 192.0.2.15", NULL, NULL, "192.0.2.8/29", false},
		{"192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11 192.0.2.20", NULL, NULL,
		 "192.0.2.8/30 192.0.2.20", false},
		/* Not over the border of a network. */
		{"192.0.2.6 192.0.2.7 192.0.2.8 192.0.2.9", NULL, NULL,
		 "192.0.2.6 192.0.2.7 192.0.2.8 192.0.2.9", false},
		/* A client that did nothing, or sent wanted mail, lives there. */
		{"192.0.2.8 192.0.2.10 192.0.2.13 192.0.2.15", "192.0.2.9", NULL,
		 "192.0.2.8 192.0.2.10 192.0.2.13 192.0.2.15", false},
		{"192.0.2.8 192.0.2.10 192.0.2.13 192.0.2.15", NULL, "192.0.2.14",
		 "192.0.2.8 192.0.2.10 192.0.2.13 192.0.2.15", false},
		{"192.0.2.8 192.0.2.10 192.0.2.13 192.0.2.15", "192.0.2.16", NULL, "192.0.2.8/29",
		 false},
		/* Wanted mail from one that is to blame protects it and its network. */
		{"192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11", NULL, "192.0.2.9",
		 "192.0.2.8 192.0.2.10 192.0.2.11", false},
		/* IPv6 by /64. */
		{"2001:db8:0:8::1 2001:db8:0:8::2", NULL, NULL, "2001:db8:0:8::/64", false},
		{"2001:db8:0:8::1 2001:db8:0:9::1 2001:db8:0:a::1 2001:db8:0:b::1", NULL, NULL,
		 "2001:db8:0:8::/62", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct plan_options options = {.no_networks = rows[i].no_networks};
		struct world world;
		struct plan plan;

		world_init(&world);
		blame(&world, rows[i].bad);
		if (rows[i].clear)
			world_session(&world, world_client(&world, rows[i].clear, NULL), NOON, 0);
		if (rows[i].wanted)
			world_session(&world, world_client(&world, rows[i].wanted, NULL), NOON, 1);
		assert_int_equal(world_judge(&world, NULL), 0);
		plan_make(&world.verdicts, &options, &plan);
		assert_string_equal(prefixes(&world, &plan), rows[i].blocks);
		plan_release(&plan);
		world_release(&world);
	}
}

static void a_whole_network_goes_no_wider(void **state)
{
	const struct plan_options options = {0};
	struct world world;
	struct plan plan;
	char address[32], *words;
	struct ip ip;

	(void)state;
	world_init(&world);
	for (unsigned int i = 0; i < 512; i++) {
		snprintf(address, sizeof(address), "198.51.%u.%u", 100 + i / 256, i % 256);
		blame(&world, address);
	}
	assert_int_equal(world_judge(&world, NULL), 0);
	plan_make(&world.verdicts, &options, &plan);
	assert_string_equal(prefixes(&world, &plan), "198.51.100.0/24 198.51.101.0/24");
	assert_int_equal(plan.blocks[0].origins, 256);
	words = block_because(&plan, &plan.blocks[0]);
	assert_non_null(strstr(words, "256 of 256 addresses"));
	free(words);
	assert_true(ip_parse(VIEW("198.51.101.77"), &ip));
	assert_ptr_equal(plan_find(&plan, &ip), &plan.blocks[1]);
	assert_true(ip_parse(VIEW("198.51.102.0"), &ip));
	assert_null(plan_find(&plan, &ip));
	assert_true(ip_parse(VIEW("198.51.99.255"), &ip));
	assert_null(plan_find(&plan, &ip));
	plan_release(&plan);
	world_release(&world);
}

static void what_is_over_is_left_out(void **state)
{
	static const struct {
		uint32_t ttl_s, newest;
		bool over;
		size_t count;
		uint32_t left_s;
	} rows[] = {
		{0, NOON + 10, false, 1, TTL_PRESET_S},
		{0, NOON + DAY + 10, false, 1, TTL_PRESET_S - DAY},
		{0, NOON + 10 + TTL_PRESET_S, false, 0, 0},
		{0, NOON + 10 + TTL_PRESET_S, true, 1, 0},
		{3600, NOON + 3609, false, 1, 1},
		{3600, NOON + 3610, false, 0, 0},
		{UINT32_MAX, NOON + DAY, false, 1, UINT32_MAX - DAY + 10},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct plan_options options = {.ttl_s = rows[i].ttl_s, .over = rows[i].over};
		struct world world;
		struct plan plan;

		world_init(&world);
		blame(&world, "192.0.2.9");
		world_session(&world, world_client(&world, "198.51.100.1", NULL),
			      rows[i].newest - 1, 1);
		assert_int_equal(world_judge(&world, NULL), 0);
		plan_make(&world.verdicts, &options, &plan);
		assert_int_equal(plan.now, rows[i].newest);
		assert_int_equal(plan.count, rows[i].count);
		if (plan.count)
			assert_int_equal(plan.blocks[0].ttl_s, rows[i].left_s);
		plan_release(&plan);
		world_release(&world);
	}
}

static void the_spared_are_told(void **state)
{
	static const char *const allow[] = {"192.0.2.9", NULL};
	const struct guard_options guards = {.allow = allow};
	const struct plan_options options = {0};
	struct world world;
	struct plan plan;

	(void)state;
	world_init(&world);
	blame(&world, "192.0.2.9 192.0.2.77");
	world_session(&world, world_client(&world, "192.0.2.77", NULL), NOON, 3);
	/* A hint alone is no reason, so there is nothing to spare. */
	world_session(&world, world_client(&world, "192.0.2.78", NULL), NOON, 3);
	world_finding(&world, "192.0.2.78", "relay-probe", GRADE_HINT, NOON);
	assert_int_equal(world_judge(&world, &guards), 0);
	plan_make(&world.verdicts, &options, &plan);
	assert_int_equal(plan.count, 0);
	assert_int_equal(plan.spared_count, 2);
	assert_int_equal(plan.spared[0].guard, GUARD_ALLOWED);
	assert_int_equal(plan.spared[1].guard, GUARD_WANTED);
	assert_true(strlen(plan.spared[1].against) > 0);
	plan_release(&plan);
	world_release(&world);
}

static void one_alone(void **state)
{
	static const struct {
		const char *network, *pattern, *blocks;
	} rows[] = {
		{"192.0.2.9", NULL, "192.0.2.9"},
		{"192.0.2.0/24", NULL, "192.0.2.9 192.0.2.77"},
		{"2001:db8::1:2:3:4", NULL, "2001:db8::/64"},
		{"203.0.113.0/24", NULL, ""},
		{NULL, "relay-probe", "192.0.2.9 192.0.2.77 2001:db8::/64"},
		{NULL, "flood", "192.0.2.77"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plan_options options = {.pattern = rows[i].pattern};
		struct world world;
		struct plan plan;

		if (rows[i].network)
			assert_int_equal(
				prefix_parse(view_string(rows[i].network), &options.network, NULL),
				0);
		world_init(&world);
		blame(&world, "192.0.2.9 192.0.2.77 2001:db8::5");
		world_finding(&world, "192.0.2.77", "flood", GRADE_HINT, NOON);
		assert_int_equal(world_judge(&world, NULL), 0);
		plan_make(&world.verdicts, &options, &plan);
		assert_string_equal(prefixes(&world, &plan), rows[i].blocks);
		plan_release(&plan);
		world_release(&world);
	}
}

static void ids_stay(void **state)
{
	const struct plan_options options = {0};
	uint32_t ids[2];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world world;
		struct plan plan;
		char *evidence;

		world_init(&world);
		blame(&world, "192.0.2.9");
		/* More evidence later changes nothing. */
		if (i)
			world_finding(&world, "192.0.2.9", "flood", GRADE_HINT, NOON + DAY);
		assert_int_equal(world_judge(&world, NULL), 0);
		plan_make(&world.verdicts, &options, &plan);
		assert_int_equal(plan.count, 1);
		ids[i] = plan.blocks[0].id;
		evidence = block_evidence(&plan, &plan.blocks[0]);
		assert_non_null(strstr(evidence, "\"recipients\": 21"));
		free(evidence);
		plan_release(&plan);
		world_release(&world);
	}
	assert_int_equal(ids[0], ids[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_are_joined),
		cmocka_unit_test(a_whole_network_goes_no_wider),
		cmocka_unit_test(what_is_over_is_left_out),
		cmocka_unit_test(the_spared_are_told),
		cmocka_unit_test(one_alone),
		cmocka_unit_test(ids_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
