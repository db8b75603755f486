/*
 * Tables of a command that is no report, printed as a report's are: text, or JSON with
 * name, period, input and tables, or CSV of one table.
 *
 *     tables_check, tables_begin, for each table: tables_table, tables_row …; tables_end
 */
#ifndef MXWATCH_CMD_TABLES_H
#define MXWATCH_CMD_TABLES_H

#include "report/writer.h"

struct tables {
	struct report report; /* its name and title only */
	const struct report_options *options;
	FILE *out;
	struct writer_style style;
	const struct report_table *table; /* at hand; NULL: none, or one that is not wanted */
	struct text_table *text;
	struct json_rows json;
	uint32_t limit, rows; /* of it; limit 0: all */
	bool any;
};

/* Whether --table names one of TABLES (COUNT of them) and is there where CSV needs it; -EINVAL with
 *err filled if not. */
must_check int tables_check(const struct report_options *options, const struct report_table *tables,
			    size_t count, struct err *err);
/* INPUT: what was read; NULL: nothing was. FROM > TO: there is no period. */
void tables_begin(struct tables *tables, const char *name, const char *title,
		  const struct report_options *options, const struct input_totals *input,
		  int64_t from, int64_t to, FILE *out);
/* The rows that follow are of TABLE, whose column_count is told. */
void tables_table(struct tables *tables, const struct report_table *table);
/* Rows of the table at hand behind LIMIT (0: none) are left out. */
static inline void tables_limit(struct tables *tables, uint32_t limit)
{
	tables->limit = limit;
}
/* VALUES: one for each column. */
void tables_row(struct tables *tables, const struct value *values);
void tables_end(struct tables *tables);

static inline struct value value_number(uint64_t number)
{
	return (struct value){.kind = VALUE_INTEGER, .integer = (int64_t)number};
}

static inline struct value value_text(const char *text)
{
	return (struct value){.kind = VALUE_TEXT, .text = view_string(text)};
}

static inline struct value value_view(struct view text)
{
	return (struct value){.kind = VALUE_TEXT, .text = text};
}

/* A share; nothing of nothing is no share. */
struct value value_share(uint64_t part, uint64_t whole);
/* A time, for COLUMN_TIME; 0: none. */
struct value value_time(uint32_t time);

#endif
