/* Verdicts: what makes one, what turns it, and how it explains itself. */
#include "world.h"

struct told {
	const char *pattern;
	enum grade grade;
	uint32_t time;
};

static void kinds(void **state)
{
	static const struct {
		struct told findings[4];
		uint16_t messages;
		enum verdict_kind kind;
		uint32_t decided;
	} rows[] = {
		{{{0}}, 0, VERDICT_CLEAR, 0},
		{{{"a", GRADE_NOTE, NOON}, {"b", GRADE_NOTE, NOON}}, 0, VERDICT_CLEAR, 0},
		{{{"a", GRADE_HINT, NOON}}, 0, VERDICT_WATCH, 0},
		{{{"a", GRADE_HINT, NOON}, {"b", GRADE_NOTE, NOON}}, 0, VERDICT_WATCH, 0},
		/* Two hints of one pattern are one. */
		{{{"a", GRADE_HINT, NOON}, {"a", GRADE_HINT, NOON + 5}}, 0, VERDICT_WATCH, 0},
		{{{"a", GRADE_HINT, NOON}, {"b", GRADE_HINT, NOON + 5}},
		 0,
		 VERDICT_BLOCK,
		 NOON + 5},
		{{{"a", GRADE_STRONG, NOON}}, 0, VERDICT_BLOCK, NOON},
		{{{"a", GRADE_STRONG, NOON + 9}, {"b", GRADE_HINT, NOON}},
		 0,
		 VERDICT_BLOCK,
		 NOON + 9},
		/* Two hints came before the strong one. */
		{{{"a", GRADE_STRONG, NOON + 9},
		  {"b", GRADE_HINT, NOON},
		  {"c", GRADE_HINT, NOON + 1}},
		 0,
		 VERDICT_BLOCK,
		 NOON + 1},
		/* Wanted mail turns it. */
		{{{"a", GRADE_STRONG, NOON}}, 1, VERDICT_WATCH, NOON},
		{{{"a", GRADE_NOTE, NOON}}, 1, VERDICT_CLEAR, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world world;
		struct verdict verdict;

		world_init(&world);
		world_session(&world, world_client(&world, "192.0.2.1", NULL), NOON,
			      rows[i].messages);
		for (size_t n = 0; n < 4 && rows[i].findings[n].pattern; n++)
			world_finding(&world, "192.0.2.1", rows[i].findings[n].pattern,
				      rows[i].findings[n].grade, rows[i].findings[n].time);
		assert_int_equal(world_judge(&world, NULL), 0);
		verdict = world_verdict(&world, "192.0.2.1");
		if (verdict.kind != rows[i].kind || verdict.decided != rows[i].decided)
			fail_msg("row %zu: %s, %u", i, verdict_name(verdict.kind), verdict.decided);
		assert_int_equal(verdict.ttl_s, rows[i].decided ? TTL_PRESET_S : 0);
		world_release(&world);
	}
}

static void sentences(void **state)
{
	static const struct {
		const char *address, *name;
		struct told findings[5];
		const char *words;
	} rows[] = {
		{"192.0.2.1",
		 NULL,
		 {{"null-sender", GRADE_STRONG, NOON}},
		 "192.0.2.1 (unknown) tried to relay with the null sender to 21 recipients "
		 "elsewhere, on 2023-11-15 between 11:59:50 and 12:00:10"},
		{"192.0.2.2",
		 "?mx.example.net",
		 {{"null-sender", GRADE_HINT, NOON}},
		 "192.0.2.2 (mx.example.net, unconfirmed) tried to relay with the null sender to "
		 "21 recipients elsewhere, on 2023-11-15 between 11:59:50 and 12:00:10; this "
		 "alone is no reason to block"},
		{"192.0.2.3",
		 "dsl-192-0-2-3.isp.example",
		 {{"null-sender", GRADE_NOTE, NOON}},
		 "192.0.2.3 (dsl-192-0-2-3.isp.example) tried to relay with the null sender to 21 "
		 "recipients elsewhere, on 2023-11-15 between 11:59:50 and 12:00:10; its name is "
		 "that of a home line; this is only noted, and no reason to block"},
		{"2001:db8::77",
		 NULL,
		 {{"null-sender", GRADE_STRONG, NOON}, {"null-sender", GRADE_HINT, NOON + DAY}},
		 "2001:db8::/64 (unknown) tried to relay with the null sender to 21 recipients "
		 "elsewhere; it also tried to relay with the null sender to 21 recipients "
		 "elsewhere, between 2023-11-15 11:59 and 2023-11-16 12:00"},
		{"192.0.2.4",
		 "mx.example.net",
		 {{0}},
		 "192.0.2.4 (mx.example.net) had 1 session and 1 refusal, sent 0 messages that we "
		 "took in, and fits no pattern of abuse"},
		/* Names are strangers' words. */
		{"192.0.2.5",
		 "?x\x1b[31m\n\x80",
		 {{"null-sender", GRADE_STRONG, NOON}},
		 "192.0.2.5 (x\\x1b[31m\\x0a\\x80, unconfirmed) tried to relay with the null "
		 "sender to 21 recipients elsewhere, on 2023-11-15 between 11:59:50 and 12:00:10"},
	};
	struct world world;

	(void)state;
	world_init(&world);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world_session(&world, world_client(&world, rows[i].address, rows[i].name), NOON, 0);
		for (size_t n = 0; n < 5 && rows[i].findings[n].pattern; n++)
			world_finding(&world, rows[i].address, rows[i].findings[n].pattern,
				      rows[i].findings[n].grade, rows[i].findings[n].time);
	}
	assert_int_equal(world_judge(&world, NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(world_because(&world, rows[i].address), rows[i].words);
	world_release(&world);
}

static void only_the_weightiest_are_told(void **state)
{
	struct world world;
	const char *words;

	(void)state;
	world_init(&world);
	world_session(&world, world_client(&world, "192.0.2.1", NULL), NOON, 0);
	for (uint32_t i = 0; i < 5; i++)
		world_finding(&world, "192.0.2.1", "null-sender", GRADE_HINT, NOON + i);
	world_finding(&world, "192.0.2.1", "other", GRADE_NOTE, NOON);
	assert_int_equal(world_judge(&world, NULL), 0);
	words = world_because(&world, "192.0.2.1");
	assert_non_null(strstr(words, "; it fits 2 other patterns too"));
	world_release(&world);
}

static void listings(void **state)
{
	struct enrichment_row *row;
	struct world world;
	struct ip ip;

	(void)state;
	world_init(&world);
	world_session(&world, world_client(&world, "192.0.2.1", NULL), NOON, 0);
	world_finding(&world, "192.0.2.1", "null-sender", GRADE_HINT, NOON);
	assert_true(ip_parse(VIEW("192.0.2.1"), &ip));
	row = enrichment_add(&world.enrichment, &ip);
	assert_int_equal(enrichment_zone(&world.enrichment, VIEW("a.example")), 0);
	assert_int_equal(enrichment_zone(&world.enrichment, VIEW("b.example")), 1);
	row->listed = 2;
	row->not_listed = 1;
	row->zone_asked[0] = row->zone_asked[1] = NOON + 2 * DAY;
	assert_int_equal(world_judge(&world, NULL), 0);
	/* A listing is told, but does not decide. */
	assert_int_equal(world_verdict(&world, "192.0.2.1").kind, VERDICT_WATCH);
	assert_non_null(strstr(world_because(&world, "192.0.2.1"),
			       "; it is listed in b.example (asked on 2023-11-17); this alone"));
	world_release(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(sentences),
		cmocka_unit_test(only_the_weightiest_are_told),
		cmocka_unit_test(listings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
