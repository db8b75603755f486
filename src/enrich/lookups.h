/*
 * Look-ups: the questions that a list of addresses raises, asked in lanes that
 * do not wait for each other, one for names and one for each block list.
 */
#ifndef MXWATCH_ENRICH_LOOKUPS_H
#define MXWATCH_ENRICH_LOOKUPS_H

#include "enrich/enrich.h"

/* Answers all that the addresses of LIST, which have rows, are still to be asked for. */
must_check int lookups_run(struct enrichment *enrichment, const struct ip *list, size_t count,
			   const struct enrich_options *options,
			   const struct enrich_listener *listener, struct err *err);

#endif
