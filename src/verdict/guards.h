/*
 * Guards: whom a block must never hit.
 *
 * They are judged once, for all origins, when the guards are made. A network with
 * several clients (an IPv6 /64) has the guards of each of them.
 */
#ifndef MXWATCH_VERDICT_GUARDS_H
#define MXWATCH_VERDICT_GUARDS_H

#include "base/civil.h"
#include "detect/detection.h"
#include "model/enrichment.h"

enum guard {
	GUARD_ALLOWED,	/* --allow */
	GUARD_OURS,	/* our own networks: --own, loopback, private addresses */
	GUARD_OUTBOUND, /* authenticated, or it sends our own mail */
	GUARD_WANTED,	/* sent mail that was taken in, within the look-back time */
	GUARD_PROVIDER, /* confirmed name of a large provider */
	GUARD_POOL,	/* one of several addresses under one confirmed domain, of which others
			   sent wanted mail: a shared pool */
	GUARD_MAX
};

/* "allowed", "ours", "outbound", "wanted-mail", "provider", "pool". */
const char *guard_name(enum guard guard);

struct guard_options {
	const char *const *allow; /* networks, addresses, names (a domain covers what is below it);
				     NULL-terminated or NULL */
	const char *const *own;	  /* networks of ours; NULL-terminated or NULL */
	uint32_t look_back_s;	  /* 0: the default of 30 days */
	struct view providers;	  /* the user's own list, in the form of providers.txt */
};
#define LOOK_BACK_PRESET_S (30 * 86400u)

struct guards;

/* Returns 0, or -EINVAL with *err filled. What is given must outlive it. */
must_check int guards_new(const struct detection *detection, const struct enrichment *enrichment,
			  const struct guard_options *options, struct guards **ret_guards,
			  struct err *err);
void guards_free(struct guards *guards);
/* Bits 1 << enum guard that stand for the origin. */
uint32_t guards_of(const struct guards *guards, uint32_t origin);
/* Whether a guard stands for anybody known within PREFIX (who need not have findings), or
   PREFIX touches what is allowed or ours. */
bool guards_inside(const struct guards *guards, const struct prefix *prefix);
/* The name by which NAME-guards judge: confirmed by the log or by enrichment; empty if none. */
struct view guards_confirmed_name(const struct guards *guards, uint32_t origin);
/* The guard in words that follow the client's name, with its figures: "sent 12 messages that …". */
void guards_say(const struct guards *guards, uint32_t origin, enum guard guard, struct zone *zone,
		struct text *text);

#endif
