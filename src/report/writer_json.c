#include <inttypes.h>
#include <math.h>

#include "base/safe.h"
#include "report/writer.h"

void json_time(FILE *out, int64_t time, struct zone *zone)
{
	char text[CIVIL_TEXT_MAX];

	civil_format_rfc3339(time, zone, text);
	fprintf(out, "\"%s\"", text);
}

static void write_integer(const struct json_rows *json, enum column_format format, int64_t integer)
{
	switch (format) {
	case COLUMN_TIME:
	case COLUMN_PERIOD:
		json_time(json->out, integer, json->style->zone);
		break;
	case COLUMN_FLAG:
		fputs(integer ? "true" : "false", json->out);
		break;
	default:
		fprintf(json->out, "%" PRId64, integer);
	}
}

static void write_value(const struct json_rows *json, enum column_format format,
			const struct value *value)
{
	switch (value->kind) {
	case VALUE_INTEGER:
		write_integer(json, format, value->integer);
		return;
	case VALUE_TEXT:
		safe_json(json->out, value->text);
		return;
	case VALUE_REAL:
		/* JSON has no word for infinity. */
		if (isfinite(value->real)) {
			fprintf(json->out, "%.15g", value->real);
			return;
		}
		break;
	case VALUE_NULL:
		break;
	}
	fputs("null", json->out);
}

void json_rows_begin(struct json_rows *json)
{
	fputc('[', json->out);
}

void json_rows_row(struct json_rows *json, const struct value *values, int count)
{
	fprintf(json->out, "%s\n%s  {", json->count++ ? "," : "", json->indent);
	for (int i = 0; i < count; i++) {
		if (i)
			fputs(", ", json->out);
		safe_json(json->out, view_string(json->table->columns[i].name));
		fputs(": ", json->out);
		write_value(json, json->table->columns[i].format, &values[i]);
	}
	fputc('}', json->out);
}

void json_rows_end(struct json_rows *json)
{
	if (json->count)
		fprintf(json->out, "\n%s", json->indent);
	fputc(']', json->out);
}
