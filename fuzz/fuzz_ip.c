/* Any bytes as an address: none is read that the C library refuses, what is
   read has one canonical text, and that text reads back as the same address. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
	if (!right)
		abort();
}

/* What the C library makes of TEXT, which has neither prefix nor zone. */
static bool library_parse(struct view text, struct ip *ret_ip)
{
	char copy[64];

	if (text.len >= sizeof(copy) || memchr(text.ptr, 0, text.len))
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	memset(ret_ip, 0, sizeof(*ret_ip));
	if (inet_pton(AF_INET6, copy, ret_ip->bytes) == 1)
		return true;
	ret_ip->bytes[10] = ret_ip->bytes[11] = 0xff;
	return inet_pton(AF_INET, copy, ret_ip->bytes + 12) == 1;
}

static void check_round_trip(const struct ip *ip)
{
	char text[IP_TEXT_MAX], again[IP_TEXT_MAX];
	size_t len = ip_format(ip, text);
	struct ip back;

	check(len < IP_TEXT_MAX && text[len] == '\0');
	check(ip_parse(view_of(text, len), &back) && ip_equal(ip, &back));
	check(ip_format(&back, again) == len && memcmp(text, again, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_of((const char *)data, size);
	struct ip ip, library;
	bool read = ip_parse(text, &ip);

	if (read)
		check_round_trip(&ip);
	if (size > 0 && view_find_byte(text, '%') == VIEW_NONE &&
	    !view_is_nocase(view_to(text, 5), VIEW("IPv6:"))) {
		check(read == library_parse(text, &library));
		check(!read || ip_equal(&ip, &library));
	}
	if (size == sizeof(ip)) {
		memcpy(ip.bytes, data, size);
		check_round_trip(&ip);
	}
	return 0;
}
