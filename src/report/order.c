#include "report/order.h"

#include <stdlib.h>

#include "base/memory.h"

/* SQLite's order of values: NULL, numbers, text, blobs. */
static int compare_cells(const struct cell *a, const struct cell *b)
{
	int by_bytes;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	switch (a->kind) {
	case CELL_NULL:
		return 0;
	case CELL_INTEGER:
		return (a->integer > b->integer) - (a->integer < b->integer);
	case CELL_REAL:
		return (a->real > b->real) - (a->real < b->real);
	case CELL_TEXT:
	case CELL_BLOB:
		break;
	}
	by_bytes = memcmp(a->text.ptr, b->text.ptr,
			  a->text.len < b->text.len ? a->text.len : b->text.len);
	return by_bytes ? by_bytes : (a->text.len > b->text.len) - (a->text.len < b->text.len);
}

static int compare(uint32_t x, uint32_t y, const struct row_order *by)
{
	struct cell left, right;

	for (int i = 0; i < ORDER_MAX && by->terms[i]; i++) {
		int term = by->terms[i], result;

		by->relation->cell(by->context, by->rows, x, abs(term) - 1, &left);
		by->relation->cell(by->context, by->rows, y, abs(term) - 1, &right);
		result = compare_cells(&left, &right);
		if (result)
			return term < 0 ? -result : result;
	}
	return (x > y) - (x < y);
}

/* Lets the top of a heap, whose top is its last in order, sink to its place. */
static void sink(uint32_t *heap, size_t count, const struct row_order *by)
{
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;
		uint32_t swap;

		if (child >= count)
			return;
		if (child + 1 < count && compare(heap[child], heap[child + 1], by) < 0)
			child++;
		if (compare(heap[at], heap[child], by) >= 0)
			return;
		swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
		at = child;
	}
}

static int compare_by(const void *a, const void *b, void *context)
{
	return compare(*(const uint32_t *)a, *(const uint32_t *)b,
		       *(const struct row_order **)context);
}

static void sort(uint32_t *order, size_t count, const struct row_order *by)
{
	qsort_r(order, count, sizeof(*order), compare_by, &by);
}

uint32_t *order_rows(const struct row_order *by, size_t limit, size_t *ret_count)
{
	size_t all = by->rows->count;
	size_t count = limit < all ? limit : all;
	uint32_t *order = memory_get((count ? count : 1) * sizeof(*order));

	*ret_count = count;
	if (count == 0)
		return order;
	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	sort(order, count, by);
	if (count == all)
		return order;
	/* Last first is a heap already. */
	for (size_t i = 0; i < count / 2; i++) {
		uint32_t swap = order[i];

		order[i] = order[count - 1 - i];
		order[count - 1 - i] = swap;
	}
	for (size_t row = count; row < all; row++) {
		uint32_t candidate = (uint32_t)row;

		if (compare(candidate, order[0], by) < 0) {
			order[0] = candidate;
			sink(order, count, by);
		}
	}
	sort(order, count, by);
	return order;
}
