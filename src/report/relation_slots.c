/* Counts by the hour (or what --by says) and their sums: relations hours, totals. */
#include <stdlib.h>

#include "base/memory.h"
#include "report/period.h"
#include "report/relation.h"
#include "report/slots.h"
#include "report/spike.h"

#define GRID_MAX 1000000 /* hours between first and last that are looked at for a rhythm */
#define DAYS_FOR_WEEKENDS 21

static int compare_slots(const void *a, const void *b)
{
	const struct slot_row *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

struct slot_row *slot_rows(const struct report_context *context, enum report_by by,
			   size_t *ret_count)
{
	const struct map *slots = &context->ledger->slots;
	struct map periods;
	struct slot_row *rows;

	map_init(&periods, sizeof(struct slot_row), sizeof(int64_t));
	for (uint32_t i = 0; i < slots->count; i++) {
		const struct slot *slot = map_row(slots, i);
		int64_t start = period_start(slot->start, by, context->options->zone);
		struct slot_row *row = map_at(&periods, &start);

		slot_add(&row->sum, slot);
	}
	*ret_count = periods.count;
	rows = memory_get((periods.count + 1) * sizeof(*rows));
	if (periods.count)
		memcpy(rows, periods.rows, periods.count * sizeof(*rows));
	map_release(&periods);
	qsort(rows, *ret_count, sizeof(*rows), compare_slots);
	return rows;
}

/* A series of one count: its points, and the row that each is of (or none). */
struct series {
	struct spike_point *points;
	size_t *rows;
	size_t count, capacity;
};

static void series_add(struct series *series, double value, uint16_t phase, size_t row)
{
	if (series->count == series->capacity) {
		series->capacity = series->capacity ? 2 * series->capacity : 64;
		series->points =
			memory_resize(series->points, series->capacity, sizeof(*series->points));
		series->rows = memory_resize(series->rows, series->capacity, sizeof(*series->rows));
	}
	series->points[series->count] = (struct spike_point){.value = value, .phase = phase};
	series->rows[series->count++] = row;
}

static void series_release(struct series *series)
{
	free(series->points);
	free(series->rows);
}

/* Whether the rows span enough days to know a rhythm, idle periods included. */
static bool spans_days(const struct slot_row *rows, size_t count, enum report_by by, int64_t days)
{
	return count && by <= BY_DAY &&
	       rows[count - 1].start - rows[0].start >= days * CIVIL_DAY_S - 3600 &&
	       rows[count - 1].start - rows[0].start < (int64_t)GRID_MAX * 3600;
}

/* Every hour (or day) from first to last, with its phase. */
static void fill_grid(struct series *series, const struct slot_row *rows, size_t count,
		      enum report_by by, struct zone *zone, double (*value)(const struct slot *))
{
	bool weekends = spans_days(rows, count, by, DAYS_FOR_WEEKENDS);
	size_t row = 0;

	for (int64_t at = rows[0].start; row < count; at = period_next(at, by, zone)) {
		uint16_t phase = by == BY_DAY ? 0 : (uint16_t)period_hour(at, zone);

		if (weekends && period_is_weekend(at, zone))
			phase = (uint16_t)(phase + 24);
		/* A change of the clocks may leave a row between two steps. */
		while (row < count && rows[row].start < at)
			row++;
		if (row < count && rows[row].start == at) {
			series_add(series, value(&rows[row].sum), phase, row);
			row++;
		} else {
			series_add(series, 0, phase, SIZE_MAX);
		}
	}
}

/* A short log: the periods in which anything of the kind happened. */
static void fill_plain(struct series *series, const struct slot_row *rows, size_t count,
		       double (*value)(const struct slot *))
{
	for (size_t i = 0; i < count; i++)
		if (value(&rows[i].sum) > 0)
			/* Phases that occur once make no rhythm. */
			series_add(series, value(&rows[i].sum), (uint16_t)(i % SPIKE_PHASES), i);
}

static void find_series(struct series *series, const struct slot_row *rows, size_t count,
			const struct report_context *context, double (*value)(const struct slot *))
{
	*series = (struct series){0};
	if (spans_days(rows, count, context->by, context->by == BY_DAY ? DAYS_FOR_WEEKENDS : 3))
		fill_grid(series, rows, count, context->by, context->options->zone, value);
	else
		fill_plain(series, rows, count, value);
	spikes_find(series->points, series->count);
}

static double rejected_of(const struct slot *slot)
{
	return (double)slot->rejected;
}

static double connections_of(const struct slot *slot)
{
	return (double)slot->connections;
}

static double seconds_of(const struct slot *slot)
{
	return slot->connections ? (double)slot->connected_ms / 1000 : 0;
}

/*
 * Connections stand out by their number, or by the time that they hold the
 * server while there are no fewer of them than usual: a flood of slow clients.
 */
static void mark_spikes(struct slot_row *rows, size_t count, const struct report_context *context)
{
	struct series rejected, connections, seconds;

	find_series(&rejected, rows, count, context, rejected_of);
	find_series(&connections, rows, count, context, connections_of);
	find_series(&seconds, rows, count, context, seconds_of);
	for (size_t i = 0; i < rejected.count; i++)
		if (rejected.points[i].stands_out)
			rows[rejected.rows[i]].rejected_spike = true;
	for (size_t i = 0; i < connections.count; i++) {
		if (connections.rows[i] == SIZE_MAX)
			continue;
		rows[connections.rows[i]].connections_spike = connections.points[i].stands_out;
		rows[connections.rows[i]].connections_usual = connections.points[i].not_below;
	}
	for (size_t i = 0; i < seconds.count; i++)
		if (seconds.points[i].stands_out && rows[seconds.rows[i]].connections_usual &&
		    rows[seconds.rows[i]].sum.connections >= 20)
			rows[seconds.rows[i]].connections_spike = true;
	series_release(&rejected);
	series_release(&connections);
	series_release(&seconds);
}

static void make_hours(struct report_context *context, struct rows *ret_rows)
{
	struct slot_row *rows = slot_rows(context, context->by, &ret_rows->count);

	mark_spikes(rows, ret_rows->count, context);
	ret_rows->data = rows;
}

static void make_totals(struct report_context *context, struct rows *ret_rows)
{
	const struct map *slots = &context->ledger->slots;
	struct slot_row *row = memory_get_zeroed(1, sizeof(*row));

	for (uint32_t i = 0; i < slots->count; i++)
		slot_add(&row->sum, map_row(slots, i));
	ret_rows->data = row;
	ret_rows->count = 1;
}

uint64_t seconds_of_ms(uint64_t ms)
{
	return (ms + 500) / 1000;
}

uint64_t average_seconds(uint64_t ms, uint64_t count)
{
	return count ? (ms + 500 * count) / (1000 * count) : 0;
}

/* The columns from RECEIVED on are those of totals too. */
enum column {
	RECEIVED,
	DELIVERED,
	FORWARDED,
	DEFERRED,
	BOUNCED,
	REJECTED,
	HELD,
	DISCARDED,
	WARNINGS,
	BYTES_RECEIVED,
	BYTES_DELIVERED,
	CONNECTIONS,
	SECONDS,
	AVG_SECONDS,
	MAX_SECONDS,
	PEAK_CONCURRENT,
	RELAY_ATTEMPTS,
	PROBES,
	SUMS
};
#define SUM_COLUMNS                                                                              \
	"received integer, delivered integer, forwarded integer, deferred integer, "             \
	"bounced integer, rejected integer, held integer, discarded integer, warnings integer, " \
	"bytes_received integer, bytes_delivered integer, connections integer, "                 \
	"seconds integer, avg_seconds integer, max_seconds integer, peak_concurrent integer, "   \
	"relay_attempts integer, probes integer"

static uint64_t sum_value(const struct slot *sum, enum column column)
{
	uint64_t timed = sum->sessions_exact ? sum->sessions_exact : sum->connections;

	switch (column) {
	case RECEIVED:
		return sum->received;
	case DELIVERED:
		return sum->delivered;
	case FORWARDED:
		return sum->forwarded;
	case DEFERRED:
		return sum->deferred;
	case BOUNCED:
		return sum->bounced;
	case REJECTED:
		return sum->rejected;
	case HELD:
		return sum->held;
	case DISCARDED:
		return sum->discarded;
	case WARNINGS:
		return sum->warnings;
	case BYTES_RECEIVED:
		return sum->bytes_received;
	case BYTES_DELIVERED:
		return sum->bytes_delivered;
	case CONNECTIONS:
		return sum->connections;
	case SECONDS:
		return seconds_of_ms(sum->connected_ms);
	case AVG_SECONDS:
		return average_seconds(sum->connected_ms, timed);
	case MAX_SECONDS:
		return seconds_of_ms(sum->max_ms);
	case PEAK_CONCURRENT:
		return sum->peak_concurrent;
	case RELAY_ATTEMPTS:
		return sum->relay_attempts;
	case PROBES:
		return sum->probes;
	case SUMS:
		break;
	}
	return 0;
}

static void hours_cell(const struct report_context *context, const struct rows *rows, size_t n,
		       int column, struct cell *cell)
{
	const struct slot_row *row = (const struct slot_row *)rows->data + n;

	(void)context;
	if (column < SUMS)
		cell_integer(cell, sum_value(&row->sum, (enum column)column));
	else if (column == SUMS)
		cell_integer(cell, (uint64_t)row->start);
	else
		cell_integer(cell,
			     column == SUMS + 1 ? row->rejected_spike : row->connections_spike);
}

static void totals_cell(const struct report_context *context, const struct rows *rows, size_t n,
			int column, struct cell *cell)
{
	if (column == SUMS)
		cell_integer(cell, context->ledger->mail_senders);
	else if (column == SUMS + 1)
		cell_integer(cell, context->ledger->mail_recipients);
	else
		hours_cell(context, rows, n, column, cell);
}

const struct relation relations_slots[] = {
	{
		.name = "hours",
		.columns = SUM_COLUMNS ", start integer, rejected_spike integer, "
				       "connections_spike integer",
		.of_report = true,
		.make = make_hours,
		.cell = hours_cell,
	},
	{
		.name = "totals",
		.columns = SUM_COLUMNS ", senders integer, recipients integer",
		.make = make_totals,
		.cell = totals_cell,
	},
	{0},
};
