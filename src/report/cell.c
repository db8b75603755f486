/* Cells of a directory's clients and strings. */
#include "report/relation.h"

void cell_string(struct cell *cell, const struct report_context *context, uint32_t id)
{
	cell_text(cell, strings_get(context_strings(context), id));
}

void cell_client(struct cell *cell, const struct report_context *context, uint32_t id)
{
	if (id == 0) {
		cell_text(cell, VIEW("unknown"));
		return;
	}
	cell->kind = CELL_TEXT;
	cell->text.ptr = cell->buffer;
	cell->text.len =
		ip_format(&directory_client_at(context->ledger->directory, id)->ip, cell->buffer);
}

void cell_address(struct cell *cell, const struct report_context *context, uint32_t id)
{
	const struct client *client;

	cell->kind = CELL_BLOB;
	cell->text = VIEW("");
	if (id == 0)
		return;
	client = directory_client_at(context->ledger->directory, id);
	cell->text = view_of((const char *)client->ip.bytes, sizeof(client->ip.bytes));
}

void cell_name(struct cell *cell, const struct report_context *context, uint32_t id)
{
	cell_text(cell, VIEW(""));
	if (id)
		cell_string(cell, context,
			    directory_client_at(context->ledger->directory, id)->name);
}
