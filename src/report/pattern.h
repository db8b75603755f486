/*
 * Sender patterns: many refused senders of one domain that begin alike, as
 * "ny*@hotmail.com" for a flood of forged users.
 *
 * A prefix is telling when far more of a domain's senders begin with it than
 * names do by nature. It is drawn out as long as nearly all of them still share it.
 * Work is linear in the number of senders: below each letter only prefixes that
 * can still be telling are looked into.
 */
#ifndef MXWATCH_REPORT_PATTERN_H
#define MXWATCH_REPORT_PATTERN_H

#include "report/context.h"

#define PATTERN_TEXT_MAX 400

struct sender_pattern {
	char text[PATTERN_TEXT_MAX];
	uint32_t len;
	uint32_t senders, clients;
	uint64_t refusals;
};

/* The patterns of the ledger's refused senders, in order of their domains' first
   mention; freed by the caller. */
struct sender_pattern *sender_patterns_find(struct report_context *context, size_t *ret_count);

#endif
