/* Listings of nft, as version 1.0.6 writes them, and broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "block/nft_state.h"

static const char listing[] =
	"table inet mxwatch {\n\tset b4 {\n\t\ttype ipv4_addr\n\t\tsize 1024\n\t\tflags timeout\n"
	"\t\tcounter\n\t\telements = { 192.0.2.7 counter packets 6 bytes 360 timeout 7d expires "
	"6d23h59m58s980ms comment \"e=0000002a it's } 192.0.2.99, $x\",\n\t\t\t     192.0.2.8 "
	"counter packets 0 bytes 0 timeout 1h expires 59m58s980ms comment \"e=0000002b\" }\n\t}\n\n"
	"\tset b4_24 {\n\t\ttype ipv4_addr\n\t\telements = { 198.51.100.0 counter packets 3 bytes "
	"180 timeout 1h expires 59m comment \"none\" }\n\t}\n\n\tset b6_64 {\n\t\ttype ipv6_addr\n"
	"\t\telements = { 2001:db8:: counter packets 1 bytes 60 timeout 1h comment \"e=0000002c\" "
	"}\n\t}\n\tset other {\n\t\telements = { 203.0.113.1 counter packets 9 bytes 9 }\n\t}\n"
	"\tchain input {\n\t\ttype filter hook input priority filter - 10; policy accept;\n"
	"\t\ttcp dport { 25, 465 } ip saddr @b4 counter packets 1 bytes 60 drop\n\t}\n}\n";

static void elements_are_read(void **state)
{
	static const struct {
		const char *prefix;
		uint32_t id;
		uint64_t packets, bytes;
	} rows[] = {
		{"192.0.2.7", 0x2a, 6, 360},
		{"192.0.2.8", 0x2b, 0, 0},
		{"198.51.100.0/24", 0, 3, 180},
		{"2001:db8::/64", 0x2c, 1, 60},
	};
	struct map elements;

	(void)state;
	nft_elements_init(&elements);
	nft_elements_read(VIEW(listing), &elements);
	assert_int_equal(elements.count, 4);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct nft_element *element;
		struct prefix prefix;

		assert_int_equal(prefix_parse(view_string(rows[i].prefix), &prefix, NULL), 0);
		element = map_find(&elements, &prefix, map_hash(&elements, &prefix));
		assert_non_null(element);
		assert_int_equal(element->id, rows[i].id);
		assert_int_equal(element->packets, rows[i].packets);
		assert_int_equal(element->bytes, rows[i].bytes);
	}
	map_release(&elements);
}

/* Cut anywhere, it is read as far as it goes. */
static void cut_listings_do_no_harm(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(listing); len++) {
		char *cut = malloc(len + 1);
		struct map elements;

		memcpy(cut, listing, len);
		nft_elements_init(&elements);
		nft_elements_read(view_of(cut, len), &elements);
		assert_in_range(elements.count, 0, 4);
		map_release(&elements);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_read),
		cmocka_unit_test(cut_listings_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
