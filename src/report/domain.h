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

/* Ids are of their kind alone; so different threads may ask for different kinds. */
enum domain_kind { DOMAIN_OF_SENDERS, DOMAIN_OF_RECIPIENTS, DOMAIN_OF_HOSTS, DOMAIN_KINDS };

/* The id of the part of ADDRESS behind its last @; 0 if there is none. Ids grow as domains
   are met. */
uint32_t domain_of_address(struct domains *domains, enum domain_kind kind, struct view address);
/* The id (DOMAIN_OF_HOSTS) of the domain that HOST was registered under ("hinet.net" for
   "h1.dynamic.hinet.net"); the host's own name where the list knows no better. */
uint32_t domain_of_host(struct domains *domains, struct view host);
/* The text of an id; lives as long as DOMAINS. */
struct view domain_text(const struct domains *domains, enum domain_kind kind, uint32_t id);
/* The highest id of its kind so far. */
uint32_t domain_id_max(const struct domains *domains, enum domain_kind kind);
/* Learns which domains are ours: by what the server delivers, and by --local. */
void domains_find_local(struct report_context *context);
/* Whether a domain of senders is, after that. */
bool domain_is_local(const struct domains *domains, uint32_t id);

#endif
