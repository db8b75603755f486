/*
 * The context of a run: what relations are made from. The facts drawn from
 * refused pairs, which several relations share, are made once, on first use.
 */
#ifndef MXWATCH_REPORT_CONTEXT_H
#define MXWATCH_REPORT_CONTEXT_H

#include "report/report.h"

struct digest;
struct domains;
struct period_rows;

struct report_context {
	const struct ledger *ledger;
	const struct input_totals *input;
	const struct report_options *options;
	enum report_by by; /* of the present report; never BY_DEFAULT */
	uint32_t gap_s;
	struct digest *digest;	 /* report/digest.h; NULL until asked for */
	struct domains *domains; /* report/domain.h; NULL until asked for */
};

void report_context_init(struct report_context *context, const struct ledger *ledger,
			 const struct input_totals *input, const struct report_options *options);
void report_context_release(struct report_context *context);

static inline struct strings *context_strings(const struct report_context *context)
{
	return context->ledger->directory->strings;
}

/* The highest id that a string of the directory can have. */
uint32_t context_string_max(const struct report_context *context);

#endif
