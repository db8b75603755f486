/*
 * Writers: one table of values at a time, as text, JSON or CSV.
 *
 * Text is held until the table's end, because columns are as wide as their
 * widest value; JSON and CSV are written row by row. All text goes through
 * base/safe.h.
 */
#ifndef MXWATCH_REPORT_WRITER_H
#define MXWATCH_REPORT_WRITER_H

#include "report/spec.h"

enum value_kind { VALUE_NULL, VALUE_INTEGER, VALUE_REAL, VALUE_TEXT };

struct value {
	enum value_kind kind;
	int64_t integer;
	double real;
	struct view text; /* valid during the call that it is given to */
};

/* How things are to look; all that writers know of the run. */
struct writer_style {
	struct zone *zone;
	enum report_by by; /* of COLUMN_PERIOD */
	bool with_date;	   /* periods of an hour need one */
	bool colour, log_scale;
	unsigned int width; /* 0: do not cut */
	const struct report_mark *marks;
	size_t mark_count;
};

/* Text. */
struct text_table;
struct text_table *text_table_new(const struct report_table *table,
				  const struct writer_style *style);
void text_table_row(struct text_table *text, const struct value *values, int count);
/* Prints the table, with its title if TITLED, and frees it. A table of LIMIT rows (if not 0)
   says that these are the top ones. */
void text_table_end(struct text_table *text, FILE *out, bool titled, uint32_t limit);

/* JSON: the rows of a table as an array of objects, indented by INDENT. */
struct json_rows {
	FILE *out;
	const struct report_table *table;
	const struct writer_style *style;
	const char *indent;
	uint64_t count;
};
void json_rows_begin(struct json_rows *json);
void json_rows_row(struct json_rows *json, const struct value *values, int count);
void json_rows_end(struct json_rows *json);
/* A time as a JSON string. */
void json_time(FILE *out, int64_t time, struct zone *zone);

/* CSV, with a line of names first. */
void csv_names(FILE *out, const struct report_table *table);
void csv_row(FILE *out, const struct report_table *table, const struct writer_style *style,
	     const struct value *values, int count);

/* The bar of VALUE, at most CELLS wide, drawn so that HIGHEST fills them; returns how
   many columns it took. */
unsigned int picture_bar(FILE *out, double value, double highest, unsigned int cells,
			 bool log_scale);

#endif
