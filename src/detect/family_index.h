/*
 * Boxes and members of a book by the family that they belong to by now.
 */
#ifndef MXWATCH_DETECT_FAMILY_INDEX_H
#define MXWATCH_DETECT_FAMILY_INDEX_H

#include "detect/family_book.h"

struct belonging {
	uint32_t family; /* a root */
	uint32_t row;	 /* of book->boxes or book->members */
};

struct family_index {
	struct belonging *list; /* by family, then row; freed by the caller */
	size_t count;
};

struct family_index family_index_boxes(const struct book *book);
struct family_index family_index_members(const struct book *book);
/* Where the family of list[from] ends. */
size_t family_index_end(const struct family_index *index, size_t from);

/* The row of the box that most clients tried. LIST: the boxes of one family. */
uint32_t book_main_box(const struct book *book, const struct belonging *list, size_t count);
/* What people see in a family, given its boxes; to be freed by the caller. */
char *book_label(const struct book *book, const struct detect_context *context,
		 const struct belonging *list, size_t count);

#endif
