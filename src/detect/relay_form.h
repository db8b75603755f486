/*
 * Forms of recipient addresses with which a server is tried for whether it relays:
 * they name somebody elsewhere in a way that a careless server takes for its own
 * (RFC 5321, appendix F.2; RFC 1123, 5.2.16 to 5.2.19).
 */
#ifndef MXWATCH_DETECT_RELAY_FORM_H
#define MXWATCH_DETECT_RELAY_FORM_H

#include "base/ip.h"

enum relay_form {
	FORM_PERCENT = 1 << 0, /* user%elsewhere.example@here */
	FORM_BANG = 1 << 1,    /* elsewhere.example!user@here */
	FORM_ROUTE = 1 << 2,   /* @here:user@elsewhere.example */
	FORM_QUOTED = 1 << 3,  /* "user@elsewhere.example"@here, user@elsewhere.example@here */
	FORM_LITERAL = 1 << 4  /* user@[192.0.2.1]: proper by itself */
};
#define RELAY_FORMS 5

/* Bits enum relay_form of a recipient; 0 for ordinary addresses. */
unsigned int relay_form(struct view address);

/* Whether the local part of ADDRESS contains an IPv4 address, other than CLIENT's own, in dots or
   dashes: a probe tells its owner so which server let it pass. */
bool relay_names_address(struct view address, const struct ip *client);

#endif
