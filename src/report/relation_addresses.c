/* Senders and recipients of relay attempts: domains, addresses and pairs that repeat. */
#include <stdlib.h>

#include "base/memory.h"
#include "report/digest.h"
#include "report/domain.h"
#include "report/relation.h"

static void make_recipient_domains(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->count = digest_recipient_domains(context)->recipients.domain_count;
}

static void make_sender_domains(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->count = digest_sender_domains(context)->senders.domain_count;
}

static void domains_cell(const struct report_context *context, const struct digest_side *side,
			 size_t n, int column, struct cell *cell)
{
	const struct digest_domain *row = &side->domains[n];

	if (column == 0)
		cell_text(cell, domain_text(context->domains, side->kind, row->domain));
	else
		cell_integer(cell, column == 1 ? row->addresses : row->attempts);
}

static void recipient_domains_cell(const struct report_context *context, const struct rows *rows,
				   size_t n, int column, struct cell *cell)
{
	(void)rows;
	domains_cell(context, &context->digest->recipients, n, column, cell);
}

static void sender_domains_cell(const struct report_context *context, const struct rows *rows,
				size_t n, int column, struct cell *cell)
{
	(void)rows;
	domains_cell(context, &context->digest->senders, n, column, cell);
}

struct address_row {
	uint32_t string, attempts;
};

static void make_repeated(const struct digest_side *side, struct rows *ret_rows)
{
	struct address_row *rows = NULL;
	size_t count = 0, capacity = 0;

	for (size_t i = 0; i < side->address_count; i++) {
		const struct digest_address *address = &side->addresses[i];

		if (address->attempts < 2)
			continue;
		ARRAY_GROW(rows, count, capacity);
		rows[count++] = (struct address_row){address->string, address->attempts};
	}
	ret_rows->data = rows;
	ret_rows->count = count;
}

static void make_repeated_senders(struct report_context *context, struct rows *ret_rows)
{
	make_repeated(&digest_senders(context)->senders, ret_rows);
}

static void make_repeated_recipients(struct report_context *context, struct rows *ret_rows)
{
	make_repeated(&digest_recipients(context)->recipients, ret_rows);
}

static void repeated_cell(const struct report_context *context, const struct rows *rows, size_t n,
			  int column, struct cell *cell)
{
	const struct address_row *row = (const struct address_row *)rows->data + n;

	if (column == 0)
		cell_string(cell, context, row->string);
	else
		cell_integer(cell, row->attempts);
}

static void make_pairs(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->count = digest_pairs(context)->repeated.count;
}

static void pairs_cell(const struct report_context *context, const struct rows *rows, size_t n,
		       int column, struct cell *cell)
{
	const struct repeated_pair *row = map_row(&context->digest->repeated, (uint32_t)n);

	(void)rows;
	switch (column) {
	case 0:
		cell_string(cell, context, row->sender);
		break;
	case 1:
		cell_string(cell, context, row->recipient);
		break;
	case 2:
		cell_integer(cell, row->attempts);
		break;
	case 3:
		cell_integer(cell, row->clients);
		break;
	default:
		cell_time(cell, column == 4 ? row->first : row->last);
	}
}

const struct relation relations_addresses[] = {
	{
		.name = "relay_recipient_domains",
		.columns = "domain text, recipients integer, attempts integer",
		.work = WORK_RECIPIENTS,
		.make = make_recipient_domains,
		.cell = recipient_domains_cell,
	},
	{
		.name = "relay_sender_domains",
		.columns = "domain text, senders integer, attempts integer",
		.work = WORK_SENDERS,
		.make = make_sender_domains,
		.cell = sender_domains_cell,
	},
	{
		.name = "relay_repeated_senders",
		.columns = "sender text, attempts integer",
		.make = make_repeated_senders,
		.cell = repeated_cell,
	},
	{
		.name = "relay_repeated_recipients",
		.columns = "recipient text, attempts integer",
		.make = make_repeated_recipients,
		.cell = repeated_cell,
	},
	{
		.name = "relay_repeated_pairs",
		.columns = "sender text, recipient text, attempts integer, clients integer, "
			   "first integer, last integer",
		.work = WORK_PAIRS,
		.make = make_pairs,
		.cell = pairs_cell,
	},
	{0},
};
