/*
 * Sets of networks: built once, then asked fast whether any of them covers or
 * lies within a network.
 */
#ifndef MXWATCH_BASE_PREFIX_SET_H
#define MXWATCH_BASE_PREFIX_SET_H

#include <stddef.h>

#include "base/prefix.h"

struct prefix_set {
	struct prefix *list; /* by prefix_compare; once built, none within another */
	size_t count, capacity;
};

void prefix_set_add(struct prefix_set *set, const struct prefix *prefix);
/* After the last prefix_set_add and before the first question. */
void prefix_set_build(struct prefix_set *set);
void prefix_set_release(struct prefix_set *set);

/* The network of the set that covers PREFIX or, if none does, one within it; NULL: neither. Valid
   until the set changes. */
const struct prefix *prefix_set_touching(const struct prefix_set *set, const struct prefix *prefix);

#endif
