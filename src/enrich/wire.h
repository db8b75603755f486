/*
 * What the DNS is asked about an address, and what its messages answer
 * (RFC 1035, 3596, 5782). Pure: bytes in, names and addresses out.
 */
#ifndef MXWATCH_ENRICH_WIRE_H
#define MXWATCH_ENRICH_WIRE_H

#include <stdint.h>

#include "base/err.h"
#include "base/ip.h"

#define WIRE_NAME_MAX 254 /* a name as text, without final dot, and its NUL */

enum wire_type { WIRE_A = 1, WIRE_PTR = 12, WIRE_AAAA = 28 };

/* Writes the name to ask for what DOMAIN says of IP: "7.2.0.192.DOMAIN", for IPv6 the 32 nibbles.
   Returns false if it would be too long. */
bool wire_list_name(const struct ip *ip, struct view domain, char name[static WIRE_NAME_MAX]);
/* The name whose PTR is the name of IP. */
void wire_pointer_name(const struct ip *ip, char name[static WIRE_NAME_MAX]);
/* Whether TEXT can be asked for as a domain: labels of letters, digits, - and _, divided by dots.
 */
bool wire_is_domain(struct view text);

/* Walks through the answers of one type in a message. */
struct wire_reader {
	struct view message;
	size_t at;
	uint32_t left; /* records not read yet */
	enum wire_type type;
};

struct wire_record {
	struct ip ip;		  /* of A and AAAA */
	char name[WIRE_NAME_MAX]; /* of PTR, in small letters; empty if it is no host name */
};

/* Each returns -EBADMSG for bytes that are no answer. wire_next: 1 with *ret_record filled, 0 at
   the end. */
must_check int wire_begin(struct wire_reader *reader, struct view message, enum wire_type type);
must_check int wire_next(struct wire_reader *reader, struct wire_record *ret_record);

#endif
