/* Rows of the ledger's (client, reason) table, picked out for relations. */
#ifndef MXWATCH_REPORT_REASONS_H
#define MXWATCH_REPORT_REASONS_H

#include "report/relation.h"

/* Row numbers (uint32_t, freed by the caller of make) of reasons with REASON, or with
   any reason for REASON_MAX, that hold refusals. */
void reason_rows_make(const struct report_context *context, uint32_t reason, struct rows *ret_rows);

static inline const struct client_reason *reason_row(const struct report_context *context,
						     const struct rows *rows, size_t n)
{
	return &context->ledger->reasons[((const uint32_t *)rows->data)[n]];
}

#endif
