#include "ledger/uses.h"

#include "base/memory.h"
#include "base/radix.h"

#define ROWS_FIRST 4096
#define ROWS_JOINED ((size_t)1 << 21) /* from this many on, joining comes before growing */

void uses_release(struct uses *uses)
{
	memory_free_table(uses->rows, uses->capacity * sizeof(*uses->rows));
	*uses = (struct uses){0};
}

void uses_join(struct uses *uses)
{
	struct client_use *rows = uses->rows;
	size_t kept = 0;

	radix_sort_triples((uint32_t(*)[3])rows, uses->count);
	for (size_t i = 0; i < uses->count; i++) {
		if (kept && rows[kept - 1].client == rows[i].client &&
		    rows[kept - 1].what == rows[i].what)
			rows[kept - 1].count += rows[i].count;
		else
			rows[kept++] = rows[i];
	}
	uses->count = kept;
}

void uses_make_room(struct uses *uses)
{
	size_t old = uses->capacity;

	if (uses->count >= ROWS_JOINED)
		uses_join(uses);
	if (uses->count <= old / 2 && old)
		return;
	uses->capacity = old ? old * 2 : ROWS_FIRST;
	uses->rows = memory_grow_table(uses->rows, old * sizeof(*uses->rows),
				       uses->capacity * sizeof(*uses->rows));
}
