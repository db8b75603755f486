/* Reports of the user's own: read from a folder, described, and what is wrong with them. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "report/spec.h"

static void good_header(void **state)
{
	struct report *report = report_parse(VIEW("-- report: mine\r\n"
						  "-- a comment\n"
						  "-- title: Mine: all\n"
						  "-- about: one\n"
						  "-- about: two\n"
						  "-- needs: slots pairs\n"
						  "-- option: by = week of day week; how long\n"
						  "-- option: log\n"
						  "\n"
						  "-- table: a\n"
						  "-- layout: picture n m\n"
						  "-- column: n count \"the n\" how many\n"
						  "-- column: m part(n)\n"
						  "select 1, 2; -- table: no\n"
						  "-- table: b\n"
						  "select\n 3;"),
					     "/x/y.sql");

	(void)state;
	assert_string_equal(report->fault.text, "");
	assert_string_equal(report->name, "mine");
	assert_string_equal(report->title, "Mine: all");
	assert_string_equal(report->about, "one\ntwo");
	assert_int_equal(report->parts, LEDGER_SLOTS | LEDGER_PAIRS);
	assert_string_equal(report_option(report, "by")->preset, "week");
	assert_string_equal(report_option(report, "by")->choices, "day week");
	assert_string_equal(report_option(report, "by")->about, "how long");
	assert_non_null(report_option(report, "log"));
	assert_null(report_option(report, "gap"));
	assert_int_equal(report->table_count, 2);
	assert_string_equal(report->tables[0].pictures[1], "m");
	assert_string_equal(report->tables[0].columns[0].label, "the n");
	assert_string_equal(report->tables[0].columns[0].about, "how many");
	assert_int_equal(report->tables[0].columns[1].format, COLUMN_PART);
	assert_string_equal(report->tables[1].sql, "select\n 3;");
	assert_int_equal(report->tables[1].sql_line, 16);
	report_free(report);
}

static void bad_headers(void **state)
{
	static const struct {
		const char *text, *fault;
	} rows[] = {
		{"", "line 1: no table in 'r'"},
		{"\nselect 1;", "line 2: no table begun before 'the select'"},
		{"-- needs: slots gold\n-- table: t\nselect 1;",
		 "line 1: no such part of the ledger: 'gold'"},
		{"-- table: t\n-- column: a colour\nselect 1;", "line 2: no such format: 'colour'"},
		{"-- table: t\n-- column: a part(b)\nselect 1;",
		 "line 2: part of no column above: 'b'"},
		{"-- table: t\n-- layout: circle\nselect 1;", "line 2: no such layout: 'circle'"},
		{"-- column: a count\n", "line 1: no table begun before"},
		{"-- about: a\n-- title: b\n-- about: c\n-- table: t\nselect 1;",
		 "line 3: 'about' lines stand apart: 'c'"},
		{"-- table: t\n-- title: no select\n", "no select for table 't'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct report *report = report_parse(view_string(rows[i].text), "r.sql");

		if (!strstr(report->fault.text, rows[i].fault))
			fail_msg("row %zu: '%s'", i, report->fault.text);
		report_free(report);
	}
}

struct folder {
	char path[64], file[96];
};

static void put_file(struct folder *folder, const char *text)
{
	FILE *out;

	snprintf(folder->path, sizeof(folder->path), "/tmp/mxwatch-test-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	snprintf(folder->file, sizeof(folder->file), "%s/own.sql", folder->path);
	out = fopen(folder->file, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static struct report *find(struct report **reports, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(report_name(reports[i]), name) == 0)
			return reports[i];
	return NULL;
}

/* Prints the report "own" of a file with TEXT; returns the status. */
static int print_own(struct fixture *f, const char *text)
{
	struct folder folder;
	struct report **reports, *own;
	size_t count;
	FILE *out;
	int status;

	put_file(&folder, text);
	assert_int_equal(reports_load(folder.path, &reports, &count, &f->err), 0);
	own = find(reports, count, "own");
	assert_non_null(own);
	free(f->out);
	out = open_memstream(&f->out, &f->out_len);
	status = reports_print(&own, 1, &f->options, &f->ledger, &f->input, out, &f->err);
	fclose(out);
	reports_free(reports, count);
	unlink(folder.file);
	rmdir(folder.path);
	return status;
}

static void own_reports(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.options.format = REPORT_TEXT;
	assert_int_equal(print_own(&f, "-- title: Own\n-- table: t\n"
				       "select 'a' as word, 12 as n union all select 'b', 3;\n"),
			 0);
	fixture_expect(&f, "\nt\n-\n  word   n\n  a     12\n  b      3\n");
	assert_int_equal(print_own(&f, "-- table: t\n\nselect 1,\n nowhere;\n"), -EINVAL);
	assert_non_null(strstr(f.err.text, "/own.sql' line 4: no such column: nowhere"));
	assert_string_equal(f.out, "");
	assert_int_equal(print_own(&f, "-- table: t\n-- column: a count\nselect 1, 2;\n"), -EINVAL);
	assert_non_null(strstr(f.err.text, "tells of 1 columns, its select has 2"));
	/* A report reads: it makes no files and no tables. */
	assert_int_equal(print_own(&f, "-- table: t\nattach 'x.db' as x;\n"), -EINVAL);
	assert_int_equal(print_own(&f, "-- table: t\ncreate table y(a);\n"), -EINVAL);
	assert_int_equal(print_own(&f, "-- table: t\ndelete from sqlite_master;\n"), -EINVAL);
	assert_int_equal(print_own(&f, "-- table: t\n;\n"), -EINVAL);
	assert_int_equal(print_own(&f, "-- layout: rows\n"), -EINVAL);
	fixture_release(&f);
}

/* The order and the limit that relations do themselves give what SQLite gives. */
static void order_by_columns(void **state)
{
	struct fixture f;
	char *sorted;

	(void)state;
	fixture_init(&f);
	f.options.format = REPORT_TEXT;
	for (unsigned int i = 0; i < 500; i++) {
		char address[40];
		uint32_t client;

		snprintf(address, sizeof(address), "192.0.%u.%u", i * 7 % 5, i * 101 % 251);
		client = fixture_client(&f, address, "", true);
		fixture_refusal(&f, client, NOON + i, REASON_HELO, NULL, NULL);
		if (i % 3 == 0)
			fixture_refusal(&f, client, NOON, REASON_DNSBL, NULL, NULL);
	}
	assert_int_equal(print_own(&f, "-- table: t\nselect client, reason from refusal_clients\n"
				       "order by refusals desc, reason, address limit 30;\n"),
			 0);
	sorted = f.out;
	f.out = NULL;
	assert_int_equal(print_own(&f,
				   "-- table: t\nselect client, reason from refusal_clients\n"
				   "order by refusals + 0 desc, reason || '', address limit 30;\n"),
			 0);
	assert_string_equal(sorted, f.out);
	assert_int_equal(print_own(&f, "-- table: t\nselect client, reason from refusal_clients\n"
				       "where refusals > 0 and reason <> 'dnsbl' "
				       "order by first desc limit 2 offset 1;\n"),
			 0);
	fixture_expect(&f, "192.0.1.");
	free(sorted);
	fixture_release(&f);
}

static void descriptions(void **state)
{
	struct report **reports;
	size_t count;
	struct err err;

	(void)state;
	assert_int_equal(reports_load("/nonexistent", &reports, &count, &err), 0);
	assert_int_equal(count, 11);
	for (size_t i = 0; i < count; i++) {
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		report_describe(reports[i], out);
		fclose(out);
		assert_non_null(strstr(text, report_title(reports[i])));
		assert_non_null(strstr(text, "\nTable "));
		assert_non_null(strstr(text, "\nExample:\n"));
		assert_true(report_parts(reports[i]) != 0);
		assert_string_equal(reports[i]->fault.text, "");
		free(text);
	}
	reports_free(reports, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_header),	cmocka_unit_test(bad_headers),
		cmocka_unit_test(own_reports),	cmocka_unit_test(order_by_columns),
		cmocka_unit_test(descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
