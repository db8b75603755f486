/* What guards know; only for the files of this room. */
#ifndef MXWATCH_VERDICT_GUARDS_DATA_H
#define MXWATCH_VERDICT_GUARDS_DATA_H

#include "base/prefix_set.h"
#include "detect/site.h"
#include "verdict/guards.h"
#include "verdict/names.h"

/* The confirmed names below one site, but for those of home lines. */
struct pool {
	uint32_t site;	  /* the key: string of guards->site_names */
	uint32_t origins; /* under it */
	uint32_t wanted;  /* of these: whose mail was taken in within the look-back time */
};

struct standing {
	uint32_t guards; /* bits 1 << enum guard */
	uint32_t client; /* one with a confirmed name, that of its guards if any; 0: none */
	uint32_t pool;	 /* row of guards->pools + 1; 0: none */
};

struct guards {
	const struct detection *detection;
	const struct detect_context *context;
	const struct enrichment *enrichment; /* may be NULL */
	uint32_t wanted_since;
	struct prefix_set allowed, own, guarded; /* guarded: origins with any guard */
	struct names allowed_names, providers;
	struct sites *sites;
	struct strings *site_names;
	struct map pools;	    /* struct pool */
	struct standing *standings; /* by number of origin - 1 */
	uint32_t count;
};

/* The confirmed name of a client, as it was told; empty if none. */
struct view guards_client_name(const struct guards *guards, uint32_t client);

#endif
