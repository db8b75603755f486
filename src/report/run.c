/*
 * Running reports: one database in memory whose tables are the relations, one
 * select a table, and its rows to a writer.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "base/safe.h"
#include "report/head.h"
#include "report/period.h"
#include "report/relation.h"
#include "report/writer.h"
#include "source/trouble.h"

struct run {
	const struct report_options *options;
	struct ledger *ledger;
	const struct input_totals *input;
	FILE *out;
	struct err *err;
	sqlite3 *db;
	struct report_context context;
	struct relation_tables *tables;
	struct writer_style style;
	uint32_t first, last; /* of the facts; first > last: there are none */
	/* Of the present report. */
	const struct report *report;
	uint32_t top; /* 0: all rows */
	bool first_table;
};

/* Reports read; they do nothing else, whoever wrote them. */
static int authorize(void *context, int action, const char *a, const char *b, const char *c,
		     const char *d)
{
	(void)context, (void)b, (void)c, (void)d;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_UPDATE:
		/* Asked for when a relation is first named; SQLite lets nobody else do it. */
		return strcmp(a, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

static int open_database(struct run *run)
{
	if (sqlite3_open_v2(":memory:", &run->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		return err_set(run->err, -ENOMEM, "can't open a database in memory");
	sqlite3_set_authorizer(run->db, authorize, NULL);
	return relation_tables_new(run->db, &run->context, &run->tables, run->err);
}

/*
 * Sessions and refusals tell their times; mail that came without either is known
 * by the quarter of an hour alone.
 */
static void find_span(struct run *run)
{
	const struct map *slots = &run->ledger->slots;

	run->first = run->ledger->first;
	run->last = run->ledger->last;
	for (uint32_t i = 0; i < slots->count; i++) {
		uint32_t start = ((const struct slot *)map_row(slots, i))->start;

		if (run->first > run->last) {
			run->first = start;
			run->last = start + SLOT_S - 1;
		}
		if (start + SLOT_S <= run->first)
			run->first = start;
		if (start > run->last)
			run->last = start + SLOT_S - 1;
	}
}

/* What was asked for, else the first and the last fact. False if there is neither. */
static bool run_period(const struct run *run, int64_t *ret_from, int64_t *ret_to)
{
	const struct ledger *ledger = run->ledger;

	if (run->first > run->last && (ledger->from == 0 || ledger->until == UINT32_MAX))
		return false;
	*ret_from = ledger->from ? ledger->from : run->first;
	*ret_to = ledger->until != UINT32_MAX ? ledger->until : run->last;
	return true;
}

/* A length of rows that gives a screenful. */
static enum report_by by_length(const struct run *run)
{
	int64_t days = run->first <= run->last ? (run->last - run->first) / CIVIL_DAY_S : 0;

	if (days < 2)
		return BY_HOUR;
	if (days <= 45)
		return BY_DAY;
	return days <= 366 ? BY_WEEK : BY_MONTH;
}

static enum report_by choose_by(const struct run *run)
{
	const struct report_option *option = report_option(run->report, "by");
	int preset;

	if (!option)
		return BY_HOUR;
	if (run->options->by != BY_DEFAULT)
		return run->options->by;
	if (!option->preset || strcmp(option->preset, "auto") == 0)
		return by_length(run);
	preset = period_from_word(view_string(option->preset));
	return preset < 0 ? BY_HOUR : (enum report_by)preset;
}

static uint32_t choose_top(const struct run *run)
{
	const struct report_option *option = report_option(run->report, "top");
	struct view preset = view_string(option && option->preset ? option->preset : "");
	unsigned long long number = 0;

	if (run->options->top)
		return run->options->top;
	if (!view_eat_number(&preset, &number))
		return 0;
	if (run->options->format != REPORT_TEXT && !view_is(preset, VIEW(" always")))
		return 0;
	return (uint32_t)number;
}

static void begin_report(struct run *run, const struct report *report)
{
	struct zone *zone = run->options->zone;

	run->report = report;
	run->context.by = run->style.by = choose_by(run);
	run->style.with_date =
		run->first <= run->last &&
		period_start(run->first, BY_DAY, zone) != period_start(run->last, BY_DAY, zone);
	run->top = choose_top(run);
	run->first_table = true;
	relation_tables_new_report(run->tables);
}

static const char *file_of(const struct report *report)
{
	return report->file ? report->file : report->name;
}

static int sql_fault(const struct run *run, const struct report_table *table)
{
	const struct report *report = run->report;
	unsigned int line = table->sql_line;

#if SQLITE_VERSION_NUMBER >= 3038000
	for (int i = 0, at = sqlite3_error_offset(run->db); i < at && table->sql[i]; i++)
		line += table->sql[i] == '\n';
#endif
	return err_set(run->err, -EINVAL, "can't run report '%s' line %u: %s", file_of(report),
		       line, sqlite3_errmsg(run->db));
}

static void read_value(sqlite3_stmt *statement, int column, struct value *value)
{
	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_INTEGER:
		value->kind = VALUE_INTEGER;
		value->integer = sqlite3_column_int64(statement, column);
		break;
	case SQLITE_FLOAT:
		value->kind = VALUE_REAL;
		value->real = sqlite3_column_double(statement, column);
		break;
	case SQLITE_NULL:
		value->kind = VALUE_NULL;
		break;
	default:
		value->kind = VALUE_TEXT;
		value->text.ptr = sqlite3_column_blob(statement, column);
		value->text.len = (size_t)sqlite3_column_bytes(statement, column);
		break;
	}
}

/* The table with the columns of its select; the names live as long as the statement. */
static int name_columns(const struct run *run, sqlite3_stmt *statement, struct report_table *table)
{
	int count = sqlite3_column_count(statement);

	if (table->column_count && table->column_count != count)
		return err_set(run->err, -EINVAL,
			       "can't run report '%s' line %u: table '%s' tells of %d columns, "
			       "its select has %d",
			       file_of(run->report), table->sql_line, table->name,
			       table->column_count, count);
	if (table->column_count)
		return 0;
	table->column_count = count < REPORT_COLUMNS_MAX ? count : REPORT_COLUMNS_MAX;
	for (int i = 0; i < table->column_count; i++)
		table->columns[i] = (struct report_column){
			.name = sqlite3_column_name(statement, i),
			.label = sqlite3_column_name(statement, i),
			.about = "",
		};
	return 0;
}

/* The rows of STATEMENT, to the writer of the chosen format. */
static int write_rows(struct run *run, sqlite3_stmt *statement, const struct report_table *table)
{
	struct json_rows json = {
		.out = run->out, .table = table, .style = &run->style, .indent = "    "};
	struct text_table *text = NULL;
	struct value values[REPORT_COLUMNS_MAX];
	int status;

	if (run->options->format == REPORT_TEXT)
		text = text_table_new(table, &run->style);
	else if (run->options->format == REPORT_JSON)
		json_rows_begin(&json);
	else
		csv_names(run->out, table);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		for (int i = 0; i < table->column_count; i++)
			read_value(statement, i, &values[i]);
		if (text)
			text_table_row(text, values, table->column_count);
		else if (run->options->format == REPORT_JSON)
			json_rows_row(&json, values, table->column_count);
		else
			csv_row(run->out, table, &run->style, values, table->column_count);
	}
	if (text) {
		fputc('\n', run->out);
		text_table_end(text, run->out, true, run->top);
	} else if (run->options->format == REPORT_JSON) {
		json_rows_end(&json);
	}
	return status == SQLITE_DONE ? 0 : sql_fault(run, table);
}

static int run_statement(struct run *run, sqlite3_stmt *statement, const struct report_table *table)
{
	struct report_table named = *table;
	int top = sqlite3_bind_parameter_index(statement, ":top");
	int status;

	if (top)
		sqlite3_bind_int64(statement, top, run->top ? (int64_t)run->top : -1);
	status = name_columns(run, statement, &named);
	return status < 0 ? status : write_rows(run, statement, &named);
}

/* Whether all of a report's selects can be run, before anything is printed. */
static int try_report(struct run *run, const struct report *report)
{
	int status = 0;

	run->report = report;
	for (size_t i = 0; i < report->table_count && status == 0; i++) {
		const struct report_table *table = &report->tables[i];
		struct report_table named = *table;
		sqlite3_stmt *statement = NULL;

		if (sqlite3_prepare_v2(run->db, table->sql, -1, &statement, NULL) != SQLITE_OK)
			status = sql_fault(run, table);
		else if (!statement)
			status = err_set(run->err, -EINVAL,
					 "can't run report '%s' line %u: no statement",
					 file_of(report), table->sql_line);
		else
			status = name_columns(run, statement, &named);
		sqlite3_finalize(statement);
	}
	return status;
}

static int run_table(struct run *run, const struct report_table *table)
{
	sqlite3_stmt *statement = NULL;
	int status;

	if (run->options->table && strcmp(run->options->table, table->name) != 0)
		return 0;
	if (run->options->format == REPORT_JSON) {
		fputs(run->first_table ? "\n    " : ",\n    ", run->out);
		safe_json(run->out, view_string(table->name));
		fputs(": ", run->out);
	}
	run->first_table = false;
	if (sqlite3_prepare_v2(run->db, table->sql, -1, &statement, NULL) != SQLITE_OK)
		return sql_fault(run, table);
	status = run_statement(run, statement, table);
	sqlite3_finalize(statement);
	return status;
}

static void put_head(const struct run *run)
{
	struct report_head head = {
		.report = run->report,
		.options = run->options,
		.input = run->input,
		.asked = run->ledger->from || run->ledger->until != UINT32_MAX,
	};

	head.has_period = run_period(run, &head.from, &head.to);
	if (run->options->format == REPORT_JSON)
		head_json(&head, run->out);
	else if (run->options->format == REPORT_TEXT)
		head_text(&head, run->out);
}

static int run_report(struct run *run, const struct report *report)
{
	int status = 0;

	begin_report(run, report);
	/* Again, so that it is known which relations this report uses. */
	status = try_report(run, report);
	if (status < 0)
		return status;
	relation_tables_make(run->tables);
	put_head(run);
	for (size_t i = 0; i < report->table_count && status == 0; i++)
		status = run_table(run, &report->tables[i]);
	if (run->options->format == REPORT_JSON)
		fputs("\n  }\n}", run->out);
	return status;
}

static int run_all(struct run *run, struct report *const *reports, size_t count)
{
	bool array = run->options->format == REPORT_JSON && count > 1;
	int status = 0;

	for (size_t i = 0; i < count && status == 0; i++)
		status = try_report(run, reports[i]);
	if (status < 0)
		return status;
	if (array)
		fputs("[", run->out);
	for (size_t i = 0; i < count && status == 0; i++) {
		if (i && run->options->format != REPORT_CSV)
			fputs(array ? ",\n" : "\n", run->out);
		status = run_report(run, reports[i]);
	}
	if (array)
		fputs("]", run->out);
	if (run->options->format == REPORT_JSON)
		fputs("\n", run->out);
	return status;
}

int reports_print(struct report *const *reports, size_t count, const struct report_options *options,
		  struct ledger *ledger, const struct input_totals *input, FILE *out,
		  struct err *err)
{
	struct run run = {
		.options = options, .ledger = ledger, .input = input, .out = out, .err = err};
	char words[TROUBLE_WORDS_MAX];
	int status;

	if (count == 0)
		return err_set(err, -EINVAL, "no report is named");
	status = reports_check(reports, count, options, err);
	if (status < 0)
		return status;
	run.style = (struct writer_style){
		.zone = options->zone,
		.colour = options->colour,
		.log_scale = options->log_scale,
		.width = options->width,
		.marks = options->marks,
		.mark_count = options->mark_count,
	};
	find_span(&run);
	report_context_init(&run.context, ledger, input, options);
	status = open_database(&run);
	if (status == 0)
		status = run_all(&run, reports, count);
	sqlite3_close(run.db);
	relation_tables_free(run.tables);
	report_context_release(&run.context);
	if (status == 0 && ferror(out))
		return err_set(err, -EIO, "can't write the output: %s",
			       trouble_words(errno, words));
	return status;
}
