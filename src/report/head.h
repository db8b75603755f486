/* What stands above a report's tables: which it is, what period, what was read. */
#ifndef MXWATCH_REPORT_HEAD_H
#define MXWATCH_REPORT_HEAD_H

#include "report/spec.h"

struct report_head {
	const struct report *report;
	const struct report_options *options;
	const struct input_totals *input;
	bool has_period, asked; /* the user named the period */
	int64_t from, to;
};

/* Up to the brace that opens the tables. */
void head_json(const struct report_head *head, FILE *out);
void head_text(const struct report_head *head, FILE *out);

#endif
