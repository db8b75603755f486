/* Tables of commands: see tables.h. */
#include <errno.h>

#include "base/safe.h"
#include "cmd/tables.h"
#include "report/head.h"

struct value value_share(uint64_t part, uint64_t whole)
{
	if (whole == 0)
		return (struct value){.kind = VALUE_NULL};
	return (struct value){.kind = VALUE_REAL, .real = (double)part / (double)whole};
}

struct value value_time(uint32_t time)
{
	return time ? value_number(time) : (struct value){.kind = VALUE_NULL};
}

static bool is_wanted(const struct report_options *options, const struct report_table *table)
{
	return !options->table || strcmp(options->table, table->name) == 0;
}

int tables_check(const struct report_options *options, const struct report_table *tables,
		 size_t count, struct err *err)
{
	char names[256] = "";
	size_t len = 0;
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		found |= is_wanted(options, &tables[i]);
		if (len < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						i ? ", " : "", tables[i].name);
	}
	if (!found)
		return err_set(err, -EINVAL, "there is no table '%s' here; there are: %s",
			       options->table, names);
	if (options->format == REPORT_CSV && !options->table && count > 1)
		return err_set(err, -EINVAL, "--format csv needs --table with one of: %s", names);
	return 0;
}

static void put_head(const struct tables *tables, const struct input_totals *input, int64_t from,
		     int64_t to)
{
	static const struct input_totals nothing = {0};
	struct report_head head = {
		.report = &tables->report,
		.options = tables->options,
		.input = input ? input : &nothing,
		.has_period = from <= to,
		.from = from,
		.to = to,
	};

	if (tables->options->format == REPORT_JSON)
		head_json(&head, tables->out);
	else if (tables->options->format == REPORT_TEXT && input)
		head_text(&head, tables->out);
}

void tables_begin(struct tables *tables, const char *name, const char *title,
		  const struct report_options *options, const struct input_totals *input,
		  int64_t from, int64_t to, FILE *out)
{
	*tables = (struct tables){
		.report = {.name = name, .title = title},
		.options = options,
		.out = out,
		.style = {.zone = options->zone,
			  .colour = options->colour,
			  .width = options->width},
		.any = input != NULL,
	};
	put_head(tables, input, from, to);
	if (options->format == REPORT_JSON)
		tables->any = false;
}

static void end_table(struct tables *tables)
{
	if (tables->text)
		text_table_end(tables->text, tables->out, true, tables->limit);
	else if (tables->table && tables->options->format == REPORT_JSON)
		json_rows_end(&tables->json);
	tables->text = NULL;
	tables->table = NULL;
}

void tables_table(struct tables *tables, const struct report_table *table)
{
	FILE *out = tables->out;

	end_table(tables);
	if (!is_wanted(tables->options, table))
		return;
	tables->table = table;
	tables->limit = 0;
	tables->rows = 0;
	if (tables->options->format == REPORT_TEXT) {
		fputs(tables->any ? "\n" : "", out);
		tables->text = text_table_new(table, &tables->style);
	} else if (tables->options->format == REPORT_JSON) {
		fprintf(out, "%s    \"%s\": ", tables->any ? ",\n" : "\n", table->name);
		tables->json = (struct json_rows){
			.out = out, .table = table, .style = &tables->style, .indent = "    "};
		json_rows_begin(&tables->json);
	} else {
		csv_names(out, table);
	}
	tables->any = true;
}

void tables_row(struct tables *tables, const struct value *values)
{
	if (!tables->table || (tables->limit && tables->rows == tables->limit))
		return;
	tables->rows++;
	if (tables->text)
		text_table_row(tables->text, values, tables->table->column_count);
	else if (tables->options->format == REPORT_JSON)
		json_rows_row(&tables->json, values, tables->table->column_count);
	else
		csv_row(tables->out, tables->table, &tables->style, values,
			tables->table->column_count);
}

void tables_end(struct tables *tables)
{
	end_table(tables);
	if (tables->options->format == REPORT_JSON)
		fputs("\n  }\n}\n", tables->out);
}
