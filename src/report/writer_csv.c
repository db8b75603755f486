#include <inttypes.h>

#include "base/safe.h"
#include "report/writer.h"

void csv_names(FILE *out, const struct report_table *table)
{
	for (int i = 0; i < table->column_count; i++) {
		if (i)
			fputc(',', out);
		safe_csv(out, view_string(table->columns[i].name));
	}
	/* RFC 4180 ends lines so. */
	fputs("\r\n", out);
}

static void write_value(FILE *out, enum column_format format, const struct writer_style *style,
			const struct value *value)
{
	char text[CIVIL_TEXT_MAX];

	switch (value->kind) {
	case VALUE_NULL:
		break;
	case VALUE_INTEGER:
		if (format == COLUMN_TIME || format == COLUMN_PERIOD) {
			civil_format_rfc3339(value->integer, style->zone, text);
			fputs(text, out);
		} else {
			fprintf(out, "%" PRId64, value->integer);
		}
		break;
	case VALUE_REAL:
		fprintf(out, "%.15g", value->real);
		break;
	case VALUE_TEXT:
		safe_csv(out, value->text);
		break;
	}
}

void csv_row(FILE *out, const struct report_table *table, const struct writer_style *style,
	     const struct value *values, int count)
{
	for (int i = 0; i < count; i++) {
		if (i)
			fputc(',', out);
		write_value(out, table->columns[i].format, style, &values[i]);
	}
	fputs("\r\n", out);
}
