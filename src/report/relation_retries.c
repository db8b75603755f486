/*
 * How often refused clients come back. Looked at are clients that connected at
 * least twice, --gap seconds or more apart; counted are, of each, its sessions
 * refused for a reason: as the table of 2006 on the persistence of zombies.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "report/relation.h"

enum tries { TRIES_1, TRIES_2, TRIES_3, TRIES_4, TRIES_5_10, TRIES_MORE, TRIES_MAX };

/* Classes are the reasons, and behind them these. */
enum { CLASS_ALL = REASON_MAX, CLASS_TEMPORARY, CLASS_PERMANENT, CLASSES };

struct retry_row {
	uint32_t class;
	uint64_t clients;
	uint64_t tries[TRIES_MAX];
};

static bool came_back(const struct report_context *context, const struct client_totals *totals)
{
	return totals->sessions >= 2 && totals->last_start - totals->first_start >= context->gap_s;
}

/* A client of the class that was refused in so many sessions. */
static void count_client(struct retry_row *row, uint32_t sessions)
{
	if (sessions == 0)
		return;
	row->clients++;
	if (sessions <= 4)
		row->tries[sessions - 1]++;
	else
		row->tries[sessions <= 10 ? TRIES_5_10 : TRIES_MORE]++;
}

static void make_classes(struct report_context *context, struct rows *ret_rows)
{
	const struct ledger *ledger = context->ledger;
	struct retry_row classes[CLASSES] = {0};
	struct retry_row *rows = memory_get_zeroed(CLASSES, sizeof(*rows));

	for (size_t i = 1; i <= ledger->client_count; i++) {
		const struct client_totals *totals = &ledger->clients[i];

		if (!came_back(context, totals))
			continue;
		count_client(&classes[CLASS_ALL], totals->refused_sessions);
		count_client(&classes[CLASS_TEMPORARY], totals->temporary_sessions);
		count_client(&classes[CLASS_PERMANENT], totals->permanent_sessions);
	}
	for (size_t i = 0; i < ledger->reason_count; i++) {
		const struct client_reason *row = &ledger->reasons[i];

		if (row->client && row->client <= ledger->client_count &&
		    row->reason < REASON_MAX && came_back(context, &ledger->clients[row->client]))
			count_client(&classes[row->reason], row->sessions);
	}
	for (uint32_t i = 0; i < CLASSES; i++) {
		classes[i].class = i;
		if (classes[i].clients)
			rows[ret_rows->count++] = classes[i];
	}
	ret_rows->data = rows;
}

static struct view class_name(uint32_t class)
{
	switch (class) {
	case CLASS_ALL:
		return VIEW("all");
	case CLASS_TEMPORARY:
		return VIEW("temporary");
	case CLASS_PERMANENT:
		return VIEW("permanent");
	default:
		return view_string(reason_name((enum reason) class));
	}
}

static struct view class_kind(uint32_t class)
{
	if (class == CLASS_ALL)
		return VIEW("all");
	return class < REASON_MAX ? VIEW("reason") : VIEW("reply");
}

/* The columns that all relations here end with. */
static void counts_cell(const struct retry_row *row, int column, struct cell *cell)
{
	if (column == 2)
		cell_integer(cell, row->clients);
	else
		cell_integer(cell, row->tries[column - 3]);
}

static void classes_cell(const struct report_context *context, const struct rows *rows, size_t n,
			 int column, struct cell *cell)
{
	const struct retry_row *row = (const struct retry_row *)rows->data + n;

	(void)context;
	if (column == 0)
		cell_text(cell, class_name(row->class));
	else if (column == 1)
		cell_text(cell, class_kind(row->class));
	else
		counts_cell(row, column, cell);
}

/*
 * By block list: for each list that clients were looked up in, those listed and those
 * not listed, as of the look-up. Class 2 * n: listed in zone n; 2 * n + 1: not listed.
 */
static void make_listings(struct report_context *context, struct rows *ret_rows)
{
	const struct ledger *ledger = context->ledger;
	const struct enrichment *enrichment = context->options->enrichment;
	uint32_t classes = enrichment ? 2 * enrichment->zone_count : 0;
	struct retry_row *rows = memory_get_zeroed(classes + 1, sizeof(*rows));

	for (uint32_t i = 1; classes > 0 && i <= ledger->client_count; i++) {
		const struct client_totals *totals = &ledger->clients[i];
		const struct ip *ip = &directory_client_at(ledger->directory, i)->ip;
		const struct enrichment_row *row = enrichment_find(enrichment, ip);

		if (!row || !came_back(context, totals))
			continue;
		for (uint32_t zone = 0; zone < enrichment->zone_count; zone++) {
			if (row->listed >> zone & 1)
				count_client(&rows[2 * zone], totals->refused_sessions);
			if (row->not_listed >> zone & 1)
				count_client(&rows[2 * zone + 1], totals->refused_sessions);
		}
	}
	for (uint32_t i = 0; i < classes; i++) {
		rows[i].class = i;
		if (rows[i].clients)
			rows[ret_rows->count++] = rows[i];
	}
	ret_rows->data = rows;
}

static void listings_cell(const struct report_context *context, const struct rows *rows, size_t n,
			  int column, struct cell *cell)
{
	const struct retry_row *row = (const struct retry_row *)rows->data + n;
	const struct enrichment *enrichment = context->options->enrichment;

	if (column == 0)
		cell_text(cell,
			  strings_get(enrichment->strings, enrichment->zones[row->class / 2]));
	else if (column == 1)
		cell_text(cell, row->class % 2 ? VIEW("not listed") : VIEW("listed"));
	else
		counts_cell(row, column, cell);
}

#define RETRY_COLUMNS                                                                \
	"class text, kind text, clients integer, tries_1 integer, tries_2 integer, " \
	"tries_3 integer, tries_4 integer, tries_5_10 integer, tries_more integer"

const struct relation relations_retries[] = {
	{
		.name = "retries",
		.columns = RETRY_COLUMNS,
		.of_report = true,
		.work = WORK_REASONS,
		.make = make_classes,
		.cell = classes_cell,
	},
	{
		.name = "retries_by_list",
		.columns = RETRY_COLUMNS,
		.of_report = true,
		.make = make_listings,
		.cell = listings_cell,
	},
	{0},
};
