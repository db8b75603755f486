/* Refusals: by reason, by client and reason, and the patterns of their senders. */
#include <stdlib.h>

#include "base/memory.h"
#include "report/pattern.h"
#include "report/reasons.h"

struct reason_sums {
	uint32_t reason;
	uint64_t refusals, sessions, clients;
	double share;
};

static void make_reasons(struct report_context *context, struct rows *ret_rows)
{
	const struct ledger *ledger = context->ledger;
	struct reason_sums sums[REASON_MAX] = {0};
	struct reason_sums *rows = memory_get_zeroed(REASON_MAX, sizeof(*rows));
	uint64_t all = 0;

	for (size_t i = 0; i < ledger->reason_count; i++) {
		const struct client_reason *row = &ledger->reasons[i];

		if (row->reason >= REASON_MAX)
			continue;
		sums[row->reason].refusals += row->refusals;
		sums[row->reason].sessions += row->sessions;
		sums[row->reason].clients += row->client != 0 && row->refusals != 0;
		all += row->refusals;
	}
	for (uint32_t i = 0; i < REASON_MAX; i++) {
		if (sums[i].refusals == 0)
			continue;
		sums[i].reason = i;
		sums[i].share = (double)sums[i].refusals / (double)all;
		rows[ret_rows->count++] = sums[i];
	}
	ret_rows->data = rows;
}

static void reasons_cell(const struct report_context *context, const struct rows *rows, size_t n,
			 int column, struct cell *cell)
{
	const struct reason_sums *row = (const struct reason_sums *)rows->data + n;

	(void)context;
	switch (column) {
	case 0:
		cell_text(cell, view_string(reason_name((enum reason)row->reason)));
		break;
	case 1:
		cell_integer(cell, row->refusals);
		break;
	case 2:
		cell_integer(cell, row->sessions);
		break;
	case 3:
		cell_integer(cell, row->clients);
		break;
	default:
		cell->kind = CELL_REAL;
		cell->real = row->share;
	}
}

static void make_clients(struct report_context *context, struct rows *ret_rows)
{
	reason_rows_make(context, REASON_MAX, ret_rows);
}

static void clients_cell(const struct report_context *context, const struct rows *rows, size_t n,
			 int column, struct cell *cell)
{
	const struct client_reason *row = reason_row(context, rows, n);

	switch (column) {
	case 0:
		cell_client(cell, context, row->client);
		break;
	case 1:
		cell_name(cell, context, row->client);
		break;
	case 2:
		cell_text(cell, view_string(reason_name((enum reason)row->reason)));
		break;
	case 3:
		cell_integer(cell, row->refusals);
		break;
	case 4:
		cell_integer(cell, row->sessions);
		break;
	case 5:
		cell_time(cell, row->first);
		break;
	case 6:
		cell_time(cell, row->last);
		break;
	default:
		cell_address(cell, context, row->client);
	}
}

static void make_patterns(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->data = sender_patterns_find(context, &ret_rows->count);
}

static void patterns_cell(const struct report_context *context, const struct rows *rows, size_t n,
			  int column, struct cell *cell)
{
	const struct sender_pattern *row = (const struct sender_pattern *)rows->data + n;

	(void)context;
	switch (column) {
	case 0:
		cell_text(cell, view_of(row->text, row->len));
		break;
	case 1:
		cell_integer(cell, row->senders);
		break;
	case 2:
		cell_integer(cell, row->refusals);
		break;
	default:
		cell_integer(cell, row->clients);
	}
}

const struct relation relations_refusals[] = {
	{
		.name = "refusal_reasons",
		.columns = "reason text, refusals integer, sessions integer, clients integer, "
			   "share real",
		.work = WORK_REASONS,
		.make = make_reasons,
		.cell = reasons_cell,
	},
	{
		.name = "refusal_clients",
		.columns = "client text, name text, reason text, refusals integer, "
			   "sessions integer, first integer, last integer, address blob",
		.work = WORK_REASONS,
		.make = make_clients,
		.cell = clients_cell,
	},
	{
		.name = "sender_patterns",
		.columns = "pattern text, senders integer, refusals integer, clients integer",
		.work = WORK_SENDERS,
		.make = make_patterns,
		.cell = patterns_cell,
	},
	{0},
};
