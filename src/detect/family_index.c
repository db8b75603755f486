/* Rows of the book by family: see family_index.h. */
#include "detect/family_index.h"

#include <stdlib.h>

#include "base/memory.h"

static int compare_belongings(const void *a, const void *b)
{
	const struct belonging *left = a, *right = b;

	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return left->row < right->row ? -1 : left->row > right->row;
}

struct family_index family_index_boxes(const struct book *book)
{
	struct family_index index = {memory_get((book->boxes.count + 1u) * sizeof(*index.list)), 0};

	for (uint32_t i = 0; i < book->boxes.count; i++) {
		const struct book_box *box = map_row(&book->boxes, i);

		index.list[index.count++] = (struct belonging){family_root(book, box->family), i};
	}
	qsort(index.list, index.count, sizeof(*index.list), compare_belongings);
	return index;
}

struct family_index family_index_members(const struct book *book)
{
	struct family_index index = {memory_get((book->members.count + 1u) * sizeof(*index.list)),
				     0};

	for (uint32_t i = 0; i < book->members.count; i++) {
		const struct book_member *member = map_row(&book->members, i);

		if (member->sessions > 0)
			index.list[index.count++] = (struct belonging){member->family, i};
	}
	qsort(index.list, index.count, sizeof(*index.list), compare_belongings);
	return index;
}

size_t family_index_end(const struct family_index *index, size_t from)
{
	size_t until = from + 1;

	while (until < index->count && index->list[until].family == index->list[from].family)
		until++;
	return until;
}
