/* What blocks meet once they are in force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "block/hits.h"

#define T 1700000000u

static uint32_t client(struct directory *directory, const char *address)
{
	struct ip ip;

	assert_true(ip_parse(view_string(address), &ip));
	return directory_client(directory, &ip);
}

static void meet(struct directory *directory, struct fact_sink *sink, const char *address,
		 uint32_t time, const char *text, uint16_t accepted)
{
	const struct session_fact session = {.client = client(directory, address),
					     .start = time,
					     .end = time + 5,
					     .accepted = accepted};
	const struct attempt attempt = {
		.client = session.client,
		.time = time,
		.count = 1,
		.text = text ? strings_add(directory->strings, view_string(text)) : 0};

	sink->session(sink->context, &session);
	if (!accepted)
		sink->attempt(sink->context, &attempt);
}

static void each_block_has_its_own(void **state)
{
	struct hit_block blocks[4] = {
		{.id = 0x11, .since = T, .until = T + 100},
		{.id = 0x22, .since = T + 1000, .until = T + 2000}, /* the same client, later */
		{.id = 0x33, .since = T, .until = T + 2000},
		{.id = 0x44, .since = T, .until = T + 2000},
	};
	struct directory directory;
	struct fact_sink sink;
	struct hits hits;

	(void)state;
	assert_int_equal(prefix_parse(VIEW("192.0.2.7"), &blocks[0].prefix, NULL), 0);
	blocks[1].prefix = blocks[0].prefix;
	assert_int_equal(prefix_parse(VIEW("192.0.2.0/24"), &blocks[2].prefix, NULL), 0);
	assert_int_equal(prefix_parse(VIEW("2001:db8::/64"), &blocks[3].prefix, NULL), 0);
	directory_init(&directory);
	hits_init(&hits, &directory, blocks, 4);
	sink = hits_sink(&hits);

	meet(&directory, &sink, "192.0.2.7", T - 1, "before", 0);
	meet(&directory, &sink, "192.0.2.7", T + 10, "Client host rejected: e=00000011 probe", 0);
	meet(&directory, &sink, "192.0.2.7", T + 20, "Relay access denied", 0);
	meet(&directory, &sink, "192.0.2.7", T + 500, "e=00000011 a table that nobody reloaded", 0);
	meet(&directory, &sink, "192.0.2.7", T + 1500, "Relay access denied", 0);
	meet(&directory, &sink, "192.0.2.9", T + 30, NULL, 2);
	meet(&directory, &sink, "2001:db8::9", T + 40, "e=00000099 of another server", 0);
	meet(&directory, &sink, "2001:db8:0:1::9", T + 40, NULL, 0);

	assert_int_equal(blocks[0].sessions, 2);
	assert_int_equal(blocks[0].refusals, 2);
	assert_int_equal(blocks[0].refused, 2);
	assert_int_equal(blocks[0].last, T + 500);
	assert_int_equal(blocks[1].sessions, 1);
	assert_int_equal(blocks[1].refused, 0);
	assert_int_equal(blocks[2].sessions, 5);
	assert_int_equal(blocks[2].messages, 2);
	assert_int_equal(blocks[3].sessions, 1);
	assert_int_equal(blocks[3].refused, 0);
	hits_release(&hits);
	directory_release(&directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_block_has_its_own)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
