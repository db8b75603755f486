/* What happened week by week, idle weeks included: relation trend_periods. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/radix.h"
#include "report/period.h"
#include "report/relation.h"
#include "report/slots.h"

#define PERIODS_MAX 20000 /* beyond, idle periods are left out: a log with a wild date in it */

struct trend_row {
	int64_t start;
	struct slot sum;
	uint32_t clients;
};

/* Rows for all periods from the first to the last. */
static struct trend_row *fill(const struct slot_row *slots, size_t slot_count, enum report_by by,
			      struct zone *zone, size_t *ret_count)
{
	struct trend_row *rows = NULL;
	size_t count = 0, capacity = 0;

	for (size_t i = 0; i < slot_count; i++) {
		int64_t at = count ? period_next(rows[count - 1].start, by, zone) : slots[i].start;

		for (; at < slots[i].start && count < PERIODS_MAX; at = period_next(at, by, zone)) {
			ARRAY_GROW(rows, count, capacity);
			rows[count++] = (struct trend_row){.start = at};
		}
		ARRAY_GROW(rows, count, capacity);
		rows[count++] = (struct trend_row){.start = slots[i].start, .sum = slots[i].sum};
	}
	*ret_count = count;
	return rows;
}

/* The row whose period TIME lies in, or SIZE_MAX. */
static size_t row_at(const struct trend_row *rows, size_t count, int64_t start)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && rows[low].start == start ? low : SIZE_MAX;
}

/* Distinct clients a period, from the days on which each was seen. */
static void count_clients(const struct report_context *context, struct trend_row *rows,
			  size_t count)
{
	const struct uses *days = &context->ledger->client_days;
	uint64_t *keys = memory_get((days->count + 1) * sizeof(*keys));
	uint32_t known_day = UINT32_MAX;
	size_t known_row = SIZE_MAX, n = 0;

	for (size_t i = 0; i < days->count; i++) {
		uint32_t day = days->rows[i].what;

		if (day != known_day) {
			/* Days are in UTC: noon is in the right local day almost everywhere. */
			int64_t noon = (int64_t)day * CIVIL_DAY_S + CIVIL_DAY_S / 2;

			known_day = day;
			known_row = row_at(rows, count,
					   period_start(noon, context->by, context->options->zone));
		}
		if (known_row != SIZE_MAX)
			keys[n++] = (uint64_t)known_row << 32 | days->rows[i].client;
	}
	radix_sort(keys, n);
	n = radix_unique(keys, n);
	for (size_t i = 0; i < n; i++)
		rows[keys[i] >> 32].clients++;
	free(keys);
}

static void make_periods(struct report_context *context, struct rows *ret_rows)
{
	size_t slot_count;
	struct slot_row *slots = slot_rows(context, context->by, &slot_count);
	struct trend_row *rows =
		fill(slots, slot_count, context->by, context->options->zone, &ret_rows->count);

	count_clients(context, rows, ret_rows->count);
	ret_rows->data = rows;
	free(slots);
}

static void periods_cell(const struct report_context *context, const struct rows *rows, size_t n,
			 int column, struct cell *cell)
{
	const struct trend_row *row = (const struct trend_row *)rows->data + n;
	const uint64_t values[] = {(uint64_t)row->start, row->sum.relay_attempts, row->clients,
				   row->sum.probes,	 row->sum.connections,	  row->sum.rejected,
				   row->sum.received,	 row->sum.delivered};

	(void)context;
	cell_integer(cell, values[column]);
}

const struct relation relations_trend[] = {
	{
		.name = "trend_periods",
		.columns = "start integer, attempts integer, clients integer, probes integer, "
			   "connections integer, rejected integer, received integer, "
			   "delivered integer",
		.of_report = true,
		.make = make_periods,
		.cell = periods_cell,
	},
	{0},
};
