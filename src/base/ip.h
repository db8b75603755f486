/*
 * IP addresses: 16 bytes, IPv4 as IPv4-mapped IPv6 (RFC 4291, 2.5.5.2), so
 * that a client has one form wherever it was seen.
 */
#ifndef MXWATCH_BASE_IP_H
#define MXWATCH_BASE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

struct ip {
	unsigned char bytes[16];
};

#define IP_TEXT_MAX 46 /* the longest text form and its NUL */

/*
 * Reads an address in any of the forms that mail servers log: dotted quad,
 * IPv6 in full or short, in either case, with or without "IPv6:" before it
 * (RFC 5321, 4.1.3) and "%zone" behind it. The whole view must be the address.
 * Dotted quads are read without calling into the C library.
 * Returns false, *ret_ip untouched, if it is none.
 */
bool ip_parse(struct view text, struct ip *ret_ip);

/* Writes the canonical text (RFC 5952; dotted quad for IPv4) and its NUL;
   returns its length. */
size_t ip_format(const struct ip *ip, char text[static IP_TEXT_MAX]);

bool ip_is_v4(const struct ip *ip);
bool ip_is_loopback(const struct ip *ip);

/* An order for sorting: by the bytes, so IPv4 before most of IPv6. */
int ip_compare(const struct ip *a, const struct ip *b);

static inline bool ip_equal(const struct ip *a, const struct ip *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

#endif
