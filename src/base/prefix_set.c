/* Sets of networks: see prefix_set.h. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/prefix_set.h"

void prefix_set_add(struct prefix_set *set, const struct prefix *prefix)
{
	ARRAY_GROW(set->list, set->count, set->capacity);
	set->list[set->count++] = *prefix;
}

static int compare(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

void prefix_set_build(struct prefix_set *set)
{
	size_t kept = 0;

	if (set->count > 1)
		qsort(set->list, set->count, sizeof(*set->list), compare);
	/* The wider stand first, so what is within another is within the last one kept. */
	for (size_t i = 0; i < set->count; i++)
		if (kept == 0 || !prefix_contains(&set->list[kept - 1], &set->list[i]))
			set->list[kept++] = set->list[i];
	set->count = kept;
}

void prefix_set_release(struct prefix_set *set)
{
	free(set->list);
	*set = (struct prefix_set){0};
}

const struct prefix *prefix_set_touching(const struct prefix_set *set, const struct prefix *prefix)
{
	size_t low = 0, high = set->count;

	/* The first one behind PREFIX. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(&set->list[middle], prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && prefix_contains(&set->list[low - 1], prefix))
		return &set->list[low - 1];
	if (low < set->count && prefix_contains(prefix, &set->list[low]))
		return &set->list[low];
	return NULL;
}
