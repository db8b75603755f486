/*
 * Enrichment: what the DNS and network tables say of an address, beyond what a
 * log shows. Plain data: the room enrich/ asks for it, the store keeps it,
 * verdicts and reports read it. All of it is optional.
 */
#ifndef MXWATCH_MODEL_ENRICHMENT_H
#define MXWATCH_MODEL_ENRICHMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/map.h"
#include "base/prefix.h"
#include "base/strings.h"

#define ENRICHMENT_ZONES_MAX 32 /* DNS block lists asked */

enum enrichment_state {
	ENRICHMENT_UNKNOWN, /* never asked, or no answer yet */
	ENRICHMENT_YES,
	ENRICHMENT_NO,
	ENRICHMENT_FAILED /* asked; time-out or server failure */
};

struct enrichment_row {
	struct ip ip;	   /* the key */
	uint32_t name;	   /* string of enrichment->strings: its PTR; 0: none known */
	uint8_t ptr;	   /* enum enrichment_state: has a PTR */
	uint8_t confirmed; /* enum enrichment_state: the name leads back to the address */
	uint8_t dynamic;   /* the name has the form of a home line's (model/dynamic.h) */
	uint8_t unused;
	uint32_t asked;	     /* Unix time of the DNS look-up; 0: never */
	uint32_t listed;     /* bit n: listed in zones[n] at the time of zone_asked[n] */
	uint32_t not_listed; /* bit n: asked, and not listed */
	uint32_t zone_asked[ENRICHMENT_ZONES_MAX];
	uint32_t as_number;		/* 0: not known */
	uint32_t organisation, country; /* strings */
	struct prefix network;		/* bits 0: not known */
};

struct enrichment {
	struct strings *strings;
	struct map rows;		      /* struct enrichment_row */
	uint32_t zones[ENRICHMENT_ZONES_MAX]; /* strings: "zen.example.org" */
	uint32_t zone_count;
};

void enrichment_init(struct enrichment *enrichment);
void enrichment_release(struct enrichment *enrichment);
/* The row of IP, or NULL. Valid until the next enrichment_add. */
const struct enrichment_row *enrichment_find(const struct enrichment *enrichment,
					     const struct ip *ip);
/* The row of IP, added if new. */
struct enrichment_row *enrichment_add(struct enrichment *enrichment, const struct ip *ip);
/* The number of ZONE, added if new; -1 if there are ENRICHMENT_ZONES_MAX already. */
int enrichment_zone(struct enrichment *enrichment, struct view zone);

#endif
