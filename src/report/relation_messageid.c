/* Messages refused for their Message-ID: missing, or malformed. */
#include <stdlib.h>

#include "base/memory.h"
#include "report/reasons.h"

enum kind { MISSING, MALFORMED, KINDS };

struct message_id_row {
	enum kind kind;
	uint32_t client;
	uint64_t refusals, clients;
	uint32_t first, last;
};

static uint32_t refusals_of(const struct client_reason *row, enum kind kind)
{
	return kind == MISSING ? row->detail : row->refusals - row->detail;
}

static void make_clients(struct report_context *context, struct rows *ret_rows)
{
	struct message_id_row *rows = NULL;
	size_t count = 0, capacity = 0;
	struct rows reasons;

	reason_rows_make(context, REASON_MESSAGE_ID, &reasons);
	for (size_t i = 0; i < reasons.count * KINDS; i++) {
		const struct client_reason *reason = reason_row(context, &reasons, i / KINDS);
		enum kind kind = (enum kind)(i % KINDS);

		if (refusals_of(reason, kind) == 0)
			continue;
		ARRAY_GROW(rows, count, capacity);
		rows[count++] = (struct message_id_row){
			.kind = kind,
			.client = reason->client,
			.refusals = refusals_of(reason, kind),
			.clients = reason->client != 0,
			.first = reason->first,
			.last = reason->last,
		};
	}
	free(reasons.data);
	ret_rows->data = rows;
	ret_rows->count = count;
}

static void make_summary(struct report_context *context, struct rows *ret_rows)
{
	struct message_id_row *kinds = memory_get_zeroed(KINDS, sizeof(*kinds));
	struct rows clients;

	make_clients(context, &clients);
	kinds[MALFORMED].kind = MALFORMED;
	for (size_t i = 0; i < clients.count; i++) {
		const struct message_id_row *row = (const struct message_id_row *)clients.data + i;

		kinds[row->kind].refusals += row->refusals;
		kinds[row->kind].clients += row->clients;
	}
	free(clients.data);
	ret_rows->data = kinds;
	ret_rows->count = KINDS;
}

static void row_cell(const struct report_context *context, const struct rows *rows, size_t n,
		     int column, struct cell *cell)
{
	const struct message_id_row *row = (const struct message_id_row *)rows->data + n;

	switch (column) {
	case 0:
		cell_text(cell, row->kind == MISSING ? VIEW("missing") : VIEW("malformed"));
		break;
	case 1:
		cell_integer(cell, row->refusals);
		break;
	case 2:
		cell_integer(cell, row->clients);
		break;
	case 3:
		cell_client(cell, context, row->client);
		break;
	case 4:
		cell_name(cell, context, row->client);
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

const struct relation relations_messageid[] = {
	{
		.name = "message_ids",
		.columns = "kind text, refusals integer, clients integer",
		.make = make_summary,
		.cell = row_cell,
	},
	{
		.name = "message_id_clients",
		.columns = "kind text, refusals integer, clients integer, client text, name text, "
			   "first integer, last integer, address blob",
		.make = make_clients,
		.cell = row_cell,
	},
	{0},
};
