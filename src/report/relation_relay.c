/* Attempts to relay: in sum, by client, and with senders of our own. */
#include <stdlib.h>

#include "base/memory.h"
#include "report/digest.h"
#include "report/reasons.h"

void reason_rows_make(const struct report_context *context, uint32_t reason, struct rows *ret_rows)
{
	const struct ledger *ledger = context->ledger;
	uint32_t *rows = memory_get((ledger->reason_count + 1) * sizeof(*rows));
	size_t count = 0;

	for (size_t i = 0; i < ledger->reason_count; i++) {
		const struct client_reason *row = &ledger->reasons[i];

		if (row->refusals == 0 || row->reason >= REASON_MAX)
			continue;
		if (reason == REASON_MAX || row->reason == reason)
			rows[count++] = (uint32_t)i;
	}
	ret_rows->data = rows;
	ret_rows->count = count;
}

struct relay_sums {
	uint64_t attempts, clients, clients_once, sessions, gave_up_sessions;
};

static void make_summary(struct report_context *context, struct rows *ret_rows)
{
	const struct ledger *ledger = context->ledger;
	struct relay_sums *sums = memory_get_zeroed(1, sizeof(*sums));

	for (size_t i = 0; i < ledger->reason_count; i++) {
		const struct client_reason *row = &ledger->reasons[i];

		if (row->reason != REASON_RELAY_DENIED || row->refusals == 0)
			continue;
		sums->attempts += row->refusals;
		sums->clients += row->client != 0;
		sums->clients_once += row->client != 0 && row->refusals == 1;
		sums->sessions += row->sessions;
	}
	for (size_t i = 1; i <= ledger->client_count; i++)
		sums->gave_up_sessions += ledger->clients[i].gave_up_sessions;
	digest_senders(context);
	digest_recipients(context);
	digest_pairs(context);
	ret_rows->data = sums;
	ret_rows->count = 1;
}

static void make_summary_ahead(struct report_context *context, enum relation_work work)
{
	if (work == WORK_SENDERS)
		digest_senders(context);
	else if (work == WORK_RECIPIENTS)
		digest_recipients(context);
	else if (work == WORK_PAIRS)
		digest_pairs(context);
}

static void summary_cell(const struct report_context *context, const struct rows *rows, size_t n,
			 int column, struct cell *cell)
{
	const struct relay_sums *sums = rows->data;
	const struct digest *digest = context->digest;
	const uint64_t values[] = {sums->attempts,
				   sums->clients,
				   sums->clients_once,
				   sums->sessions,
				   digest->senders.relay_count,
				   digest->recipients.relay_count,
				   digest->pairs,
				   digest->repeated.count,
				   digest->triples,
				   digest->null_sender_attempts,
				   sums->gave_up_sessions};

	(void)n;
	cell_integer(cell, values[column]);
}

static void make_clients(struct report_context *context, struct rows *ret_rows)
{
	digest_clients(context);
	reason_rows_make(context, REASON_RELAY_DENIED, ret_rows);
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
		cell_integer(cell, row->refusals);
		break;
	case 3:
		cell_integer(cell, row->sessions);
		break;
	case 4:
		cell_integer(cell, context->digest->client_senders[row->client]);
		break;
	case 5:
		cell_integer(cell, context->digest->client_recipients[row->client]);
		break;
	case 6:
		cell_time(cell, row->first);
		break;
	case 7:
		cell_time(cell, row->last);
		break;
	default:
		cell_address(cell, context, row->client);
	}
}

/* The rows are the digest's own. */
static void make_forgers(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->count = digest_forgers(context)->forgers.count;
}

static void forgers_cell(const struct report_context *context, const struct rows *rows, size_t n,
			 int column, struct cell *cell)
{
	const struct forger *row = map_row(&context->digest->forgers, (uint32_t)n);

	(void)rows;
	switch (column) {
	case 0:
		cell_client(cell, context, row->client);
		break;
	case 1:
		cell_name(cell, context, row->client);
		break;
	case 2:
		cell_integer(cell, row->senders);
		break;
	case 3:
		cell_integer(cell, row->recipients);
		break;
	case 4:
		cell_integer(cell, row->attempts);
		break;
	default:
		cell_address(cell, context, row->client);
	}
}

const struct relation relations_relay[] = {
	{
		.name = "relay_summary",
		.columns = "attempts integer, clients integer, clients_once integer, "
			   "sessions integer, senders integer, recipients integer, pairs integer, "
			   "repeated_pairs integer, triples integer, null_sender_attempts integer, "
			   "gave_up_sessions integer",
		.ahead = make_summary_ahead,
		.make = make_summary,
		.cell = summary_cell,
	},
	{
		.name = "relay_clients",
		.columns = "client text, name text, attempts integer, sessions integer, "
			   "senders integer, recipients integer, first integer, last integer, "
			   "address blob",
		.work = WORK_CLIENTS,
		.make = make_clients,
		.cell = clients_cell,
	},
	{
		.name = "relay_forged_local",
		.columns = "client text, name text, senders integer, recipients integer, "
			   "attempts integer, address blob",
		.work = WORK_SENDERS,
		.make = make_forgers,
		.cell = forgers_cell,
	},
	{0},
};
