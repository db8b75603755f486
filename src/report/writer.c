/* Rows of any query in the forms of reports: what `mxwatch sql` prints with. */
#include <sqlite3.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/writer.h"

struct table_writer {
	enum report_format format;
	FILE *out;
	struct report_table table;
	struct writer_style style;
	struct text_table *text;
	struct json_rows json;
	char *names[REPORT_COLUMNS_MAX];
	bool begun;
};

struct table_writer *table_writer_new(enum report_format format, FILE *out, unsigned int width)
{
	struct table_writer *writer = memory_get_zeroed(1, sizeof(*writer));

	writer->format = format;
	writer->out = out;
	writer->style.width = width;
	writer->json = (struct json_rows){
		.out = out, .table = &writer->table, .style = &writer->style, .indent = ""};
	return writer;
}

void table_writer_columns(struct table_writer *writer, int count, const char *const *names)
{
	struct report_table *table = &writer->table;

	table->column_count = count < REPORT_COLUMNS_MAX ? count : REPORT_COLUMNS_MAX;
	for (int i = 0; i < table->column_count; i++) {
		writer->names[i] = memory_get(strlen(names[i]) + 1);
		memcpy(writer->names[i], names[i], strlen(names[i]) + 1);
		table->columns[i] =
			(struct report_column){.name = writer->names[i], .label = writer->names[i]};
	}
	writer->begun = true;
	if (writer->format == REPORT_TEXT)
		writer->text = text_table_new(table, &writer->style);
	else if (writer->format == REPORT_JSON)
		json_rows_begin(&writer->json);
	else
		csv_names(writer->out, table);
}

static struct value value_of(const char *text, int length, int type)
{
	if (!text || type == SQLITE_NULL)
		return (struct value){.kind = VALUE_NULL};
	if (type == SQLITE_INTEGER)
		return (struct value){.kind = VALUE_INTEGER, .integer = strtoll(text, NULL, 10)};
	if (type == SQLITE_FLOAT)
		return (struct value){.kind = VALUE_REAL, .real = strtod(text, NULL)};
	return (struct value){.kind = VALUE_TEXT, .text = view_of(text, (size_t)length)};
}

void table_writer_row(struct table_writer *writer, int count, const char *const *values,
		      const int *lengths, const int *types)
{
	struct value row[REPORT_COLUMNS_MAX];

	if (count > writer->table.column_count)
		count = writer->table.column_count;
	for (int i = 0; i < count; i++)
		row[i] = value_of(values[i], lengths[i], types[i]);
	if (writer->format == REPORT_TEXT)
		text_table_row(writer->text, row, count);
	else if (writer->format == REPORT_JSON)
		json_rows_row(&writer->json, row, count);
	else
		csv_row(writer->out, &writer->table, &writer->style, row, count);
}

void table_writer_free(struct table_writer *writer)
{
	if (!writer)
		return;
	if (writer->begun && writer->format == REPORT_TEXT)
		text_table_end(writer->text, writer->out, false, 0);
	if (writer->begun && writer->format == REPORT_JSON) {
		json_rows_end(&writer->json);
		fputc('\n', writer->out);
	}
	for (int i = 0; i < writer->table.column_count; i++)
		free(writer->names[i]);
	free(writer);
}
