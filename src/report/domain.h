/*
 * Domains: of addresses, and of hosts by the public suffix list.
 *
 * Domains are interned here, in small letters and without a final dot, apart
 * from the directory (which may not be open for new strings).
 */
#ifndef MXWATCH_REPORT_DOMAIN_H
#define MXWATCH_REPORT_DOMAIN_H

#include "report/context.h"

struct domains;

/* The context's domains, made on first use; freed with the context. */
struct domains *domains_get(struct report_context *context);
void domains_free(struct domains *domains);

/* The id of the part of ADDRESS behind its last @; 0 if there is none. Ids grow as domains
   are met. */
uint32_t domain_of_address(struct domains *domains, struct view address);
/* The id (of another kind) of the domain that HOST was registered under ("hinet.net" for
   "h1.dynamic.hinet.net"); the host's own name where the list knows no better. */
uint32_t domain_of_host(struct domains *domains, struct view host);
/* The text of an id of either; lives as long as DOMAINS. */
struct view domain_text(const struct domains *domains, uint32_t id);
struct view domain_text_of_host(const struct domains *domains, uint32_t id);
/* The highest id that domain_of_address has given. */
uint32_t domain_id_max(const struct domains *domains);
/* Whether the domain is ours: by what the server delivers, or by --local. */
bool domain_is_local(const struct domains *domains, uint32_t id);

#endif
