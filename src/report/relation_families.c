/* Scanner families: what is known of each, who belongs to it, and its drop-boxes. */
#include "report/relation.h"

static const struct patterns *patterns_of(const struct report_context *context)
{
	return context->options->patterns;
}

static void cell_family(struct cell *cell, const struct report_context *context, uint32_t family)
{
	cell_text(cell, view_string(patterns_of(context)->families[family].name));
}

static void make_families(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->count = patterns_of(context) ? patterns_of(context)->family_count : 0;
}

static void families_cell(const struct report_context *context, const struct rows *rows, size_t n,
			  int column, struct cell *cell)
{
	const struct family *family = &patterns_of(context)->families[n];
	const uint64_t counts[] = {0,
				   0,
				   family->senders,
				   family->recipients,
				   family->clients,
				   family->sessions,
				   family->sensors};

	(void)rows;
	switch (column) {
	case 0:
		cell_family(cell, context, (uint32_t)n);
		break;
	case 1:
		cell_text(cell, view_string(family->label));
		break;
	case 7:
		cell_time(cell, family->first);
		break;
	case 8:
		cell_time(cell, family->last);
		break;
	case 9:
		cell_string(cell, context, family->subject_tag);
		break;
	default:
		cell_integer(cell, counts[column]);
	}
}

static void make_members(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->count = patterns_of(context) ? patterns_of(context)->member_count : 0;
}

static void members_cell(const struct report_context *context, const struct rows *rows, size_t n,
			 int column, struct cell *cell)
{
	const struct family_member *member = &patterns_of(context)->members[n];

	(void)rows;
	switch (column) {
	case 0:
		cell_family(cell, context, member->family);
		break;
	case 1:
		cell_text(cell, view_of(cell->buffer, ip_format(&member->ip, cell->buffer)));
		break;
	case 2:
		cell_integer(cell, member->sessions);
		break;
	case 3:
		cell_time(cell, member->first);
		break;
	case 4:
		cell_time(cell, member->last);
		break;
	case 5:
		cell_name(cell, context, member->client);
		break;
	default:
		cell->kind = CELL_BLOB;
		cell->text = view_of((const char *)member->ip.bytes, sizeof(member->ip.bytes));
	}
}

static void make_boxes(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->count = patterns_of(context) ? patterns_of(context)->box_count : 0;
}

static void boxes_cell(const struct report_context *context, const struct rows *rows, size_t n,
		       int column, struct cell *cell)
{
	const struct family_box *box = &patterns_of(context)->boxes[n];

	(void)rows;
	switch (column) {
	case 0:
		cell_family(cell, context, box->family);
		break;
	case 1:
		cell_text(cell, view_string(box->address));
		break;
	case 2:
		cell_integer(cell, box->clients);
		break;
	case 3:
		cell_integer(cell, box->attempts);
		break;
	default:
		cell_time(cell, column == 4 ? box->first : box->last);
	}
}

const struct relation relations_families[] = {
	{
		.name = "family_list",
		.columns = "family text, label text, senders integer, recipients integer, "
			   "clients integer, sessions integer, sensors integer, first integer, "
			   "last integer, subject_tag text",
		.make = make_families,
		.cell = families_cell,
	},
	{
		.name = "family_members",
		.columns = "family text, client text, sessions integer, first integer, "
			   "last integer, name text, address blob",
		.make = make_members,
		.cell = members_cell,
	},
	{
		.name = "family_boxes",
		.columns = "family text, recipient text, clients integer, attempts integer, "
			   "first integer, last integer",
		.make = make_boxes,
		.cell = boxes_cell,
	},
	{0},
};
