/* Ordering the rows of a relation by its columns. */
#ifndef MXWATCH_REPORT_ORDER_H
#define MXWATCH_REPORT_ORDER_H

#include "report/relation.h"

#define ORDER_MAX 8

struct row_order {
	const struct relation *relation;
	const struct report_context *context;
	const struct rows *rows;
	int terms[ORDER_MAX]; /* column + 1, negative for descending; 0 ends */
};

/* The numbers of the first LIMIT rows in that order (all if there are fewer), in
 *ret_count; freed by the caller. */
uint32_t *order_rows(const struct row_order *order, size_t limit, size_t *ret_count);

#endif
