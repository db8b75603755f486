/* Failed logins, by client and by user name. */
#include "report/reasons.h"

static void make_clients(struct report_context *context, struct rows *ret_rows)
{
	reason_rows_make(context, REASON_AUTH_FAILED, ret_rows);
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
		cell_time(cell, row->first);
		break;
	case 5:
		cell_time(cell, row->last);
		break;
	default:
		cell_address(cell, context, row->client);
	}
}

static void make_users(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->count = context->ledger->users.count;
}

static void users_cell(const struct report_context *context, const struct rows *rows, size_t n,
		       int column, struct cell *cell)
{
	const struct user_totals *row = map_row(&context->ledger->users, (uint32_t)n);

	(void)rows;
	switch (column) {
	case 0:
		cell_string(cell, context, row->user);
		break;
	case 1:
		cell_integer(cell, row->failures);
		break;
	default:
		cell_time(cell, column == 2 ? row->first : row->last);
	}
}

const struct relation relations_auth[] = {
	{
		.name = "auth_clients",
		.columns = "client text, name text, failures integer, sessions integer, "
			   "first integer, last integer, address blob",
		.work = WORK_REASONS,
		.make = make_clients,
		.cell = clients_cell,
	},
	{
		.name = "auth_users",
		.columns = "user text, failures integer, first integer, last integer",
		.make = make_users,
		.cell = users_cell,
	},
	{0},
};
