/* Witnesses of families: see family_witness.h. */
#include "detect/family_witness.h"

#include <stdlib.h>

#include "base/memory.h"

static int compare_witnesses(const void *a, const void *b)
{
	const struct witness *left = a, *right = b;

	if (left->sender != right->sender)
		return left->sender < right->sender ? -1 : 1;
	return left->source < right->source ? -1 : left->source > right->source;
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* Distinct sources of the witnesses that count, or of those that do not. */
static uint32_t count_sources(const struct witness *witnesses, size_t count, bool counting,
			      uint64_t *sources)
{
	size_t n = 0;
	uint32_t distinct = 0;

	for (size_t i = 0; i < count; i++)
		if (witnesses[i].counts == counting)
			sources[n++] = witnesses[i].source;
	if (n > 1)
		qsort(sources, n, sizeof(*sources), compare_numbers);
	for (size_t i = 0; i < n; i++)
		distinct += i == 0 || sources[i] != sources[i - 1];
	return distinct;
}

struct testimony testimony_of(struct witness *witnesses, size_t count, bool alike)
{
	uint64_t *sources = memory_get((count + 1) * sizeof(*sources));
	struct testimony testimony = {0};

	if (count > 1)
		qsort(witnesses, count, sizeof(*witnesses), compare_witnesses);
	for (size_t from = 0, until; from < count; from = until) {
		bool shared;

		for (until = from + 1;
		     until < count && witnesses[until].sender == witnesses[from].sender;)
			until++;
		shared = witnesses[from].sender &&
			 witnesses[until - 1].source != witnesses[from].source;
		for (size_t i = from; i < until; i++)
			witnesses[i].counts = alike || shared || !witnesses[i].named;
		testimony.senders++;
	}
	testimony.sources = count_sources(witnesses, count, true, sources);
	testimony.strangers = count_sources(witnesses, count, false, sources);
	free(sources);
	return testimony;
}
