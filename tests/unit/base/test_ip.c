/* Addresses: every form that is read, what is refused, RFC 5952 text. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/ip.h"

/* An exact copy on the heap: a sanitizer sees a read past either end. */
static bool parse_exact(const char *ptr, size_t len, struct ip *ret_ip)
{
	char *copy = malloc(len ? len : 1);
	bool ok;

	assert_non_null(copy);
	memcpy(copy, ptr, len);
	ok = ip_parse(view_of(copy, len), ret_ip);
	free(copy);
	return ok;
}

static void good_forms(void **state)
{
	static const struct {
		const char *text, *canonical;
	} rows[] = {
		{"0.0.0.0", "0.0.0.0"},
		{"1.2.3.4", "1.2.3.4"},
		{"192.0.2.1", "192.0.2.1"},
		{"10.20.30.40", "10.20.30.40"},
		{"255.255.255.255", "255.255.255.255"},
		{"1.22.133.4", "1.22.133.4"},
		{"101.2.33.144", "101.2.33.144"},
		{"::", "::"},
		{"::1", "::1"},
		{"1::", "1::"},
		{"2001:DB8::A", "2001:db8::a"},
		{"2001:db8:0:0:0:0:0:1", "2001:db8::1"},
		{"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
		{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
		{"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
		{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
		{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
		{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
		{"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
		{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
		{"1:0:0:4:5:6:0:0", "1::4:5:6:0:0"},
		{"fe80::1%eth0", "fe80::1"},
		{"FE80::1%25", "fe80::1"},
		{"IPv6:2001:db8::25", "2001:db8::25"},
		{"ipv6:::1", "::1"},
		{"IPv6:::", "::"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"::FFFF:c000:201", "192.0.2.1"},
		{"IPv6:::ffff:192.0.2.1", "192.0.2.1"},
		{"0:0:0:0:0:ffff:10.0.0.255", "10.0.0.255"},
		{"::192.0.2.1", "::c000:201"},
		{"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
		{"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[IP_TEXT_MAX];
		struct ip ip;
		size_t len;

		if (!parse_exact(rows[i].text, strlen(rows[i].text), &ip))
			fail_msg("row %zu: '%s' not read", i, rows[i].text);
		len = ip_format(&ip, text);
		assert_int_equal(len, strlen(text));
		assert_string_equal(text, rows[i].canonical);
	}
}

static void bad_forms(void **state)
{
	static const struct view rows[] = {
		VIEW(""),
		VIEW("."),
		VIEW(":"),
		VIEW("unknown"),
		VIEW("mail.example.org"),
		VIEW("1.2.3"),
		VIEW("1.2.3."),
		VIEW("1.2.3.4."),
		VIEW(".1.2.3.4"),
		VIEW("1.2.3.4.5"),
		VIEW("1..2.3.4"),
		VIEW("1.2.3.256"),
		VIEW("256.2.3.4"),
		VIEW("999.999.999.999"),
		VIEW("01.2.3.4"),
		VIEW("1.2.3.04"),
		VIEW("1.2.003.4"),
		VIEW("1.2.3.4 "),
		VIEW(" 1.2.3.4"),
		VIEW("1.2.3.4\0"),
		VIEW("1.2.3.4%eth0"),
		VIEW("1.2.3.-4"),
		VIEW("1.2.3.a"),
		VIEW("1.2.3./"),
		VIEW("1.2.3.:"),
		VIEW("1234.1.1.1"),
		VIEW("1.1.1.1234"),
		VIEW("1.2.3.\xb4"),
		VIEW("IPv6:1.2.3.4"),
		VIEW("IPv6:"),
		VIEW("IPv4:1.2.3.4"),
		VIEW("[::1]"),
		VIEW(":::"),
		VIEW("1:::2"),
		VIEW("1::2::3"),
		VIEW(":1"),
		VIEW("1:"),
		VIEW("::1:"),
		VIEW("12345::"),
		VIEW("1:2:3:4:5:6:7"),
		VIEW("1:2:3:4:5:6:7:8:9"),
		VIEW("1:2:3:4:5:6:7:8::"),
		VIEW("::1:2:3:4:5:6:7:8"),
		VIEW("1:2:3:4::5:6:7:8"),
		VIEW("1:2:3:4:5:6:7:1.2.3.4"),
		VIEW("::1.2.3.4:5"),
		VIEW("::1.2.3"),
		VIEW("::g"),
		VIEW("fe80::1%"),
		VIEW("%eth0"),
		VIEW("::1\0"),
		VIEW("2001:db8::1/64"),
	};
	struct ip ip;

	(void)state;
	memset(&ip, 0x5a, sizeof(ip));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (parse_exact(rows[i].ptr, rows[i].len, &ip))
			fail_msg("row %zu: '%s' read", i, rows[i].ptr);
		for (int j = 0; j < 16; j++)
			assert_int_equal(ip.bytes[j], 0x5a);
	}
}

/* Every octet in every place, and every combination of lengths. */
static void all_octets(void **state)
{
	static const unsigned samples[] = {0, 7, 10, 99, 100, 255};

	(void)state;
	for (unsigned octet = 0; octet < 256 * 4; octet++) {
		for (unsigned other = 0; other < 6 * 6 * 6; other++) {
			unsigned want[4], rest = other;
			char text[IP_TEXT_MAX], again[IP_TEXT_MAX];
			struct ip ip;

			for (unsigned i = 0; i < 4; i++) {
				if (i == octet / 256) {
					want[i] = octet % 256;
					continue;
				}
				want[i] = samples[rest % 6];
				rest /= 6;
			}
			snprintf(text, sizeof(text), "%u.%u.%u.%u", want[0], want[1], want[2],
				 want[3]);
			assert_true(parse_exact(text, strlen(text), &ip));
			assert_true(ip_is_v4(&ip));
			for (unsigned i = 0; i < 4; i++)
				assert_int_equal(ip.bytes[12 + i], want[i]);
			ip_format(&ip, again);
			assert_string_equal(again, text);
		}
	}
}

/* Short strings over a small alphabet: the C library agrees on each. */
static void same_as_library(void **state)
{
	static const char alphabet[] = "0129.:af";
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		char text[24];
		unsigned char want[16];
		struct ip ip;
		size_t len;
		bool v4, v6;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		len = seed >> 60;
		for (size_t i = 0; i < len; i++)
			text[i] = alphabet[seed >> (3 * i + 4) & 7];
		text[len] = '\0';
		v4 = inet_pton(AF_INET, text, want) == 1;
		v6 = !v4 && inet_pton(AF_INET6, text, want) == 1;
		if (parse_exact(text, len, &ip) != (v4 || v6))
			fail_msg("round %d: '%s'", round, text);
		if (v4)
			assert_memory_equal(ip.bytes + 12, want, 4);
		if (v6)
			assert_memory_equal(ip.bytes, want, 16);
	}
}

static struct ip ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(view_string(text), &ip));
	return ip;
}

static void kinds(void **state)
{
	struct ip v4 = ip_of("127.1.2.3"), v6 = ip_of("::1"), other = ip_of("2001:db8::1");

	(void)state;
	assert_true(ip_is_v4(&v4) && ip_is_loopback(&v4));
	assert_true(!ip_is_v4(&v6) && ip_is_loopback(&v6));
	assert_true(!ip_is_v4(&other) && !ip_is_loopback(&other));
	assert_true(ip_compare(&v4, &other) < 0 && ip_compare(&other, &v4) > 0);
	assert_int_equal(ip_compare(&v6, &v6), 0);
	assert_true(ip_equal(&other, &other) && !ip_equal(&v4, &v6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_forms), cmocka_unit_test(bad_forms),
		cmocka_unit_test(all_octets), cmocka_unit_test(same_as_library),
		cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests_name("ip", tests, NULL, NULL);
}
