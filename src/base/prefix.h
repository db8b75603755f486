/*
 * Networks: an address and how many of its first bits count (RFC 4632, RFC 4291).
 *
 * As addresses are 16 bytes with IPv4 mapped into IPv6, so are prefixes: the
 * bits of an IPv4 network are counted from 96 on. Text shows them as people
 * write them: "192.0.2.0/24", "2001:db8::/64", a single address without length.
 * The bits behind the prefix are always zero, so equal networks are equal bytes.
 */
#ifndef MXWATCH_BASE_PREFIX_H
#define MXWATCH_BASE_PREFIX_H

#include "base/err.h"
#include "base/ip.h"

struct prefix {
	struct ip ip;
	uint32_t bits; /* 0 to 128; 96 + n for an IPv4 network of n bits */
};

#define PREFIX_BITS_MAX 128
#define PREFIX_BITS_V4 96
#define PREFIX_TEXT_MAX (IP_TEXT_MAX + 4)

/* The first BITS of IP. */
struct prefix prefix_of(const struct ip *ip, uint32_t bits);
/* The address alone. */
static inline struct prefix prefix_of_address(const struct ip *ip)
{
	return (struct prefix){*ip, PREFIX_BITS_MAX};
}

/*
 * Reads "192.0.2.7", "192.0.2.0/24", "2001:db8::/32". Bits behind the prefix must be
 * zero, so that a slip of the pen blocks nobody. Returns 0, or -EINVAL with
 * *err filled.
 */
must_check int prefix_parse(struct view text, struct prefix *ret_prefix, struct err *err);

/* Writes the canonical text (without "/32" and "/128") and its NUL; returns its length. */
size_t prefix_format(const struct prefix *prefix, char text[static PREFIX_TEXT_MAX]);
/* Likewise, the length always told. */
size_t prefix_format_network(const struct prefix *prefix, char text[static PREFIX_TEXT_MAX]);

bool prefix_is_v4(const struct prefix *prefix);
/* The length as people count it: up to 32 for IPv4. */
uint32_t prefix_length(const struct prefix *prefix);
/* Whether IP, or all of INNER, lies in PREFIX. */
bool prefix_contains_ip(const struct prefix *prefix, const struct ip *ip);
bool prefix_contains(const struct prefix *prefix, const struct prefix *inner);
bool prefix_equal(const struct prefix *a, const struct prefix *b);
/* By address, then the wider first. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

#endif
