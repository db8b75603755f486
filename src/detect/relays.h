/*
 * Relays: what origins asked this server to relay, and were denied. Folded once
 * for all detectors that look at relaying: one row for each distinct (origin,
 * sender, recipient), and what can be summed up of an origin's rows.
 *
 * Rows grow with what is distinct; those that were last met RELAYS_KEEP_S ago are
 * forgotten, and the oldest where there would be more than RELAYS_MAX.
 */
#ifndef MXWATCH_DETECT_RELAYS_H
#define MXWATCH_DETECT_RELAYS_H

#include <stdbool.h>

#include "model/fact.h"

struct detect_context;

#define RELAYS_KEEP_S (400 * 86400u)
#define RELAYS_MAX ((size_t)4 << 20)
#define RELAY_BURST_S 3600
#define RELAY_NO_SENDER UINT32_MAX /* the log tells none; 0 is the null sender */

struct relay {
	uint32_t origin, pair; /* pair: a hash of sender and recipient, for sorting */
	uint32_t first, last;
	uint32_t sender, recipient; /* strings */
	uint32_t count;
	uint32_t session; /* one of its sessions */
};

/* An origin's rows in sum; addresses and domains are distinct without regard to case. */
struct relay_sum {
	uint32_t origin;
	uint32_t row, rows; /* relays->rows[row] and on */
	uint32_t attempts;
	uint32_t recipients, domains; /* domains: of recipients */
	uint32_t senders, sender_domains, local_senders;
	uint32_t local_recipients; /* recipients tried with a sender of ours */
	uint32_t local_most;	   /* senders of ours for one and the same recipient, at most */
	uint32_t null_recipients;  /* recipients tried with the null sender */
	uint32_t burst;		   /* recipients first tried within RELAY_BURST_S, at most */
	uint32_t first, last;
};

struct relays {
	struct relay *rows;
	size_t count, capacity;
	size_t settled; /* rows in order, each distinct */
	struct relay_sum *sums;
	size_t sum_count, sum_capacity;
	uint32_t ours_known; /* domains of ours when sums were made */
	bool summed;
};

void relays_release(struct relays *relays);
void relays_take(struct relays *relays, uint32_t origin, const struct attempt *attempt);
/* Sums of all origins, valid until the next relays_take. */
const struct relay_sum *relays_sums(const struct detect_context *context, size_t *ret_count);

/* The sum of ORIGIN, or NULL; after relays_sums. */
const struct relay_sum *relays_sum_of(const struct detect_context *context, uint32_t origin);

/* Times, ascending, at which an origin first tried each recipient; freed by the caller. */
uint32_t *relay_recipient_times(const struct detect_context *context, const struct relay_sum *sum,
				size_t *ret_count);
/* When ENOUGH recipients had been tried within SPAN_S; 0 if that never was so. */
uint32_t relay_enough(const struct detect_context *context, const struct relay_sum *sum,
		      uint32_t enough, uint32_t span_s);

/*
 * Why honest mail can look like this. A server whose name is confirmed, and is not
 * that of a home line, and that asks for one or two domains, brings their mail: they were
 * served here once, or somebody's MX record says so. One sender of ours to a few
 * recipients is a user's program that forgot to log in. A host whose confirmed name
 * is of a domain of ours is a machine that nobody told the server of.
 */
enum relay_doubt { RELAY_NO_DOUBT, RELAY_OUR_HOST, RELAY_USER, RELAY_MISROUTED };
enum relay_doubt relay_doubt(const struct detect_context *context, const struct relay_sum *sum);
/* "host-of-ours", "user-without-login", "misrouted-mail"; NULL for RELAY_NO_DOUBT. */
const char *relay_doubt_name(enum relay_doubt doubt);

#endif
