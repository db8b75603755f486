/*
 * The digest of refused senders and recipients: what reports count in them.
 *
 * Up to millions of (client, sender, recipient) rows are walked once for each part,
 * when the first relation asks for it. Threads may ask at the same time, each for
 * other parts (senders, recipients, pairs, clients), once digest_begin has been called.
 */
#ifndef MXWATCH_REPORT_DIGEST_H
#define MXWATCH_REPORT_DIGEST_H

#include "base/radix.h"
#include "report/domain.h"

/* An address that was refused as sender or recipient, in order of ids. */
struct digest_address {
	uint32_t string;
	uint32_t attempts; /* to relay; 0 for a sender that was refused for other reasons alone */
	uint32_t domain;   /* id of report/domain.h; once domains are made */
};

struct digest_domain {
	uint32_t domain;
	uint32_t addresses;
	uint64_t attempts;
};

struct digest_side {
	enum domain_kind kind;
	struct digest_address *addresses;
	size_t address_count;
	uint64_t relay_count; /* those with attempts to relay */
	bool made, domains_known;
	struct digest_domain *domains;
	size_t domain_count;
	bool domains_made;
};

/* A sender and recipient that were tried more than once, by whatever clients. */
struct repeated_pair {
	uint32_t sender, recipient; /* key */
	uint32_t attempts, clients, first, last;
};

/* A client that used senders of our own domains. */
struct forger {
	uint32_t client; /* key */
	uint32_t senders, recipients, attempts;
};

struct digest {
	struct report_context *context;
	bool clients_made, pairs_made, forgers_made;
	struct digest_side senders, recipients;
	uint64_t triples; /* distinct client, sender, recipient */
	uint64_t null_sender_attempts;
	uint32_t *client_senders, *client_recipients; /* by client id */
	uint64_t pairs;				      /* distinct sender, recipient */
	struct map repeated;			      /* struct repeated_pair */
	struct map forgers;			      /* struct forger */
};

/* Makes the digest, as yet without parts. */
void digest_begin(struct report_context *context);
/* Each returns the context's digest with that part made. Senders of all refusals are there,
   recipients of relay denials alone. */
const struct digest *digest_clients(struct report_context *context);
const struct digest *digest_pairs(struct report_context *context);
const struct digest *digest_senders(struct report_context *context);
const struct digest *digest_recipients(struct report_context *context);
const struct digest *digest_sender_domains(struct report_context *context);
const struct digest *digest_recipient_domains(struct report_context *context);
const struct digest *digest_forgers(struct report_context *context);
void digest_free(struct digest *digest);

#endif
