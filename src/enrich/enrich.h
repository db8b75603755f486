/*
 * Enrichment asked for: PTR and its confirmation, DNS block lists, networks.
 *
 * One call looks up a list of addresses and fills a struct enrichment. What is
 * known and not too old is not asked again, so a run that was broken off goes on
 * where it stood. Failures (no network, silent servers) are answers too: they
 * are noted as such, and nothing else depends on them.
 */
#ifndef MXWATCH_ENRICH_ENRICH_H
#define MXWATCH_ENRICH_ENRICH_H

#include "base/err.h"
#include "model/enrichment.h"

#define ENRICH_MAX_AGE_PRESET_S 86400u
#define ENRICH_RATE_PRESET 200u

struct enrich_options {
	/* "ADDRESS[:PORT]", "[ADDRESS]:PORT" for IPv6; NULL-terminated. NULL or empty: the
	   servers of the system. */
	const char *const *servers;
	const char *const *zones; /* DNS block lists; NULL-terminated or NULL */
	/* MMDB files; NULL-terminated. NULL or empty: those in networks_folder(). */
	const char *const *networks;
	uint32_t max_age_s; /* answers older than that are asked again; 0: the preset. Failures
			       are asked again after a 24th of it. */
	/* Look-ups a second in each zone; UINT32_MAX: no limit; 0: the preset for the servers
	   of the system, no limit for servers that were named. */
	uint32_t rate;
};

/* Told while it goes on; each call may be NULL. */
struct enrich_listener {
	void *context;
	/* Now and then: look-ups done, of how many. */
	void (*progress)(void *context, uint64_t done, uint64_t all);
	/* Something the user should know: a list that lists everything, no server answers. */
	void (*note)(void *context, const struct err *note);
	/* Every few seconds and at the end: rows of these addresses have changed and can be kept.
	   0; -EBUSY to be asked again later; another negative errno, with *err filled, ends it. */
	int (*keep)(void *context, const struct enrichment *enrichment, const struct ip *changed,
		    size_t count, struct err *err);
};

/*
 * Looks up COUNT addresses, the first ones first. LISTENER may be NULL. Returns 0, or -EINVAL with
 * *err filled for a server, zone or file that is none; whatever keep returned; -ENOMEM.
 */
must_check int enrich_addresses(struct enrichment *enrichment, const struct ip *list, size_t count,
				const struct enrich_options *options,
				const struct enrich_listener *listener, struct err *err);

#endif
