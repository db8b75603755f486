/* Sets of networks: asked against a walk over all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/prefix_set.h"

static struct prefix prefix_read(const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse(view_string(text), &prefix, NULL), 0);
	return prefix;
}

static void by_hand(void **state)
{
	static const char *const set_of[] = {"192.0.2.0/24", "192.0.2.7",    "10.0.0.0/8",
					     "10.1.0.0/16",  "192.0.2.0/24", "2001:db8::/32",
					     "198.51.100.9"};
	static const struct {
		const char *asked, *found;
	} rows[] = {
		{"192.0.2.9", "192.0.2.0/24"},	  {"192.0.3.0", NULL},
		{"192.0.0.0/16", "192.0.2.0/24"}, {"10.1.2.3", "10.0.0.0/8"},
		{"0.0.0.0/0", "10.0.0.0/8"},	  {"2001:db8::/48", "2001:db8::/32"},
		{"2001:db7::/32", NULL},	  {"198.51.100.8/30", "198.51.100.9"},
		{"198.51.100.10", NULL},	  {"198.51.100.8", NULL},
		{"255.255.255.255", NULL},	  {"::", NULL},
	};
	struct prefix_set set = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(set_of) / sizeof(set_of[0]); i++) {
		struct prefix prefix = prefix_read(set_of[i]);

		prefix_set_add(&set, &prefix);
	}
	prefix_set_build(&set);
	assert_int_equal(set.count, 4);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct prefix asked = prefix_read(rows[i].asked);
		const struct prefix *found = prefix_set_touching(&set, &asked);
		char text[PREFIX_TEXT_MAX] = "";

		if (found)
			prefix_format(found, text);
		assert_string_equal(text, rows[i].found ? rows[i].found : "");
	}
	prefix_set_release(&set);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static struct prefix any_prefix(uint32_t *seed)
{
	struct ip ip = {.bytes = {[10] = 0xff, [11] = 0xff, [12] = 192}};

	ip.bytes[14] = (unsigned char)(next_random(seed) % 8);
	ip.bytes[15] = (unsigned char)next_random(seed);
	return prefix_of(&ip, 112 + next_random(seed) % 17);
}

static void against_a_walk(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct prefix all[24];
		struct prefix_set set = {0};
		size_t count = next_random(&seed) % 24;

		for (size_t i = 0; i < count; i++) {
			all[i] = any_prefix(&seed);
			prefix_set_add(&set, &all[i]);
		}
		prefix_set_build(&set);
		for (int n = 0; n < 50; n++) {
			struct prefix asked = any_prefix(&seed);
			bool touches = false;

			for (size_t i = 0; i < count; i++)
				touches = touches || prefix_contains(&all[i], &asked) ||
					  prefix_contains(&asked, &all[i]);
			assert_int_equal(prefix_set_touching(&set, &asked) != NULL, touches);
		}
		prefix_set_release(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(against_a_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
