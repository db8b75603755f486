/*
 * Sites: the domain that a host's name was registered under, by the public
 * suffix list: "hinet.net" for "h1.dynamic.hinet.net". Hosts of one site are
 * run, or handed out, by one organisation.
 */
#ifndef MXWATCH_DETECT_SITE_H
#define MXWATCH_DETECT_SITE_H

#include "base/view.h"

#define SITE_NAME_MAX 255 /* RFC 1035, 2.3.4 */

struct sites;

/* Free with sites_free. Not for several threads at once. */
struct sites *sites_new(void);
void sites_free(struct sites *sites);

/* NAME in small letters, without a final dot, in BUFFER; empty if it cannot be a host's. */
struct view site_plain_name(struct view name, char buffer[static SITE_NAME_MAX + 1]);
/* The site of a name that site_plain_name gave; a part of it, so it lives as long. Empty for a name
   that is a public suffix itself, or has no dot. */
struct view site_of(struct sites *sites, struct view plain_name);

#endif
