/*
 * Sets of names, each of which covers the hosts below it: "example.net" covers
 * "mail.example.net".
 */
#ifndef MXWATCH_VERDICT_NAMES_H
#define MXWATCH_VERDICT_NAMES_H

#include "base/ip.h"
#include "base/strings.h"

struct names {
	struct strings *set; /* in small letters, without a final dot */
};

void names_init(struct names *names);
void names_release(struct names *names);
/* Adds a name; "*." or "." before it and "." behind it say nothing more. Returns whether
   it is one. */
bool names_add(struct names *names, struct view name);
/* Adds the names of a list: one a line, '#' begins a comment; what is no name is passed over. */
void names_add_list(struct names *names, struct view list);
/* The name of the set that covers the host PLAIN_NAME (site_plain_name), a part of it; empty if
   none does. */
struct view names_covering(const struct names *names, struct view plain_name);

/* Whether the four numbers of an IPv4 address stand side by side in NAME, forwards or backwards:
   a name that was handed out with the address, like "static-192-0-2-7.isp.example". */
bool name_spells_address(struct view name, const struct ip *ip);

#endif
