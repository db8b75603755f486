/* Networks: see prefix.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/prefix.h"

/* The bits of byte N that count when the first BITS of all do. */
static unsigned char byte_mask(uint32_t bits, uint32_t n)
{
	if (bits >= (n + 1) * 8)
		return 0xff;
	if (bits <= n * 8)
		return 0;
	return (unsigned char)(0xff00 >> (bits - n * 8));
}

struct prefix prefix_of(const struct ip *ip, uint32_t bits)
{
	struct prefix prefix = {.bits = bits};

	for (uint32_t i = 0; i < sizeof(ip->bytes); i++)
		prefix.ip.bytes[i] = ip->bytes[i] & byte_mask(bits, i);
	return prefix;
}

int prefix_parse(struct view text, struct prefix *ret_prefix, struct err *err)
{
	size_t slash = view_find_byte(text, '/');
	struct view rest = view_from(text, slash == VIEW_NONE ? text.len : slash + 1);
	unsigned long long length;
	uint32_t base, bits = PREFIX_BITS_MAX;
	struct prefix prefix;
	struct ip ip;

	if (!ip_parse(view_to(text, slash == VIEW_NONE ? text.len : slash), &ip))
		return err_set(err, -EINVAL, "'%.*s' is neither an address nor a network",
			       (int)text.len, text.ptr);
	base = ip_is_v4(&ip) ? PREFIX_BITS_V4 : 0;
	if (slash != VIEW_NONE) {
		if (!view_eat_number(&rest, &length) || rest.len > 0 ||
		    length > PREFIX_BITS_MAX - base)
			return err_set(err, -EINVAL,
				       "'%.*s': the length of the network must be 0 to %u",
				       (int)text.len, text.ptr, PREFIX_BITS_MAX - base);
		bits = base + (uint32_t)length;
	}
	prefix = prefix_of(&ip, bits);
	if (!ip_equal(&prefix.ip, &ip)) {
		char network[PREFIX_TEXT_MAX];

		prefix_format_network(&prefix, network);
		return err_set(err, -EINVAL, "'%.*s' has bits behind its length; the network is %s",
			       (int)text.len, text.ptr, network);
	}
	*ret_prefix = prefix;
	return 0;
}

size_t prefix_format_network(const struct prefix *prefix, char text[static PREFIX_TEXT_MAX])
{
	size_t len = ip_format(&prefix->ip, text);

	return len +
	       (size_t)snprintf(text + len, PREFIX_TEXT_MAX - len, "/%u", prefix_length(prefix));
}

size_t prefix_format(const struct prefix *prefix, char text[static PREFIX_TEXT_MAX])
{
	if (prefix->bits == PREFIX_BITS_MAX)
		return ip_format(&prefix->ip, text);
	return prefix_format_network(prefix, text);
}

bool prefix_is_v4(const struct prefix *prefix)
{
	return prefix->bits >= PREFIX_BITS_V4 && ip_is_v4(&prefix->ip);
}

uint32_t prefix_length(const struct prefix *prefix)
{
	return prefix->bits - (prefix_is_v4(prefix) ? PREFIX_BITS_V4 : 0);
}

bool prefix_contains_ip(const struct prefix *prefix, const struct ip *ip)
{
	uint32_t whole = prefix->bits / 8;

	if (memcmp(prefix->ip.bytes, ip->bytes, whole) != 0)
		return false;
	return prefix->bits % 8 == 0 ||
	       (ip->bytes[whole] & byte_mask(prefix->bits, whole)) == prefix->ip.bytes[whole];
}

bool prefix_contains(const struct prefix *prefix, const struct prefix *inner)
{
	return prefix->bits <= inner->bits && prefix_contains_ip(prefix, &inner->ip);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->bits == b->bits && ip_equal(&a->ip, &b->ip);
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int order = ip_compare(&a->ip, &b->ip);

	if (order != 0)
		return order;
	return a->bits < b->bits ? -1 : a->bits > b->bits;
}
