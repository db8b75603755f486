/* The reports there are: built in, and the user's own. */
#include "report/report.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/safe.h"
#include "report/builtin.h"
#include "report/spec.h"
#include "source/trouble.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)

struct list {
	struct report **reports;
	size_t count, capacity;
};

/* Adds a report; one of the same name gives way to it. */
static void list_put(struct list *list, struct report *report)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->reports[i]->name, report->name) == 0) {
			report_free(list->reports[i]);
			list->reports[i] = report;
			return;
		}
	}
	ARRAY_GROW(list->reports, list->count, list->capacity);
	list->reports[list->count++] = report;
}

static int read_file(const char *path, char **ret_text, size_t *ret_len, struct err *err)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	_cleanup_free_ char *text = NULL;
	char words[TROUBLE_WORDS_MAX];

	if (!file)
		return err_set(err, -errno, "can't open report '%s': %s", path,
			       trouble_words(errno, words));
	text = memory_get(FILE_BYTES_MAX);
	*ret_len = fread(text, 1, FILE_BYTES_MAX, file);
	if (ferror(file))
		return err_set(err, -EIO, "can't read report '%s': %s", path,
			       trouble_words(errno, words));
	if (*ret_len == FILE_BYTES_MAX)
		return err_set(err, -EFBIG, "can't use report '%s': larger than 1 MiB", path);
	*ret_text = text;
	text = NULL;
	return 0;
}

static int is_sql(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && view_ends(view_string(entry->d_name), VIEW(".sql"));
}

static int load_file(struct list *list, const char *folder, const char *name, struct err *err)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	size_t len = 0;
	int status;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return err_set(err, -ENOMEM, "can't name report '%s': out of memory", name);
	status = read_file(path, &text, &len, err);
	if (status == 0)
		list_put(list, report_parse(view_of(text, len), path));
	return status;
}

static int load_folder(struct list *list, const char *folder, struct err *err)
{
	char words[TROUBLE_WORDS_MAX];
	struct dirent **entries;
	int count = scandir(folder, &entries, is_sql, alphasort);
	int status = 0;

	if (count < 0)
		return errno == ENOENT || errno == EACCES
			       ? 0
			       : err_set(err, -errno, "can't list reports in '%s': %s", folder,
					 trouble_words(errno, words));
	for (int i = 0; i < count; i++) {
		if (status == 0)
			status = load_file(list, folder, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return status;
}

int reports_load(const char *folder, struct report ***ret_reports, size_t *ret_count,
		 struct err *err)
{
	struct list list = {0};
	int status = 0;

	for (size_t i = 0; i < builtin_report_count; i++)
		list_put(&list, report_parse(view_string(builtin_reports[i]), NULL));
	if (folder)
		status = load_folder(&list, folder, err);
	if (status < 0) {
		reports_free(list.reports, list.count);
		return status;
	}
	*ret_reports = list.reports;
	*ret_count = list.count;
	return 0;
}

void reports_free(struct report **reports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		report_free(reports[i]);
	free(reports);
}

const char *report_name(const struct report *report)
{
	return report->name;
}

const char *report_title(const struct report *report)
{
	return report->title;
}

const char *report_about(const struct report *report)
{
	return report->about ? report->about : "";
}

bool report_takes(const struct report *report, const char *name, const char *value)
{
	const struct report_option *option = report_option(report, name);

	return option && (!value || !option->choices || strstr(option->choices, value));
}

uint32_t report_parts(const struct report *report)
{
	return report->parts;
}

static void put_text(FILE *out, const char *text)
{
	safe_text(out, view_string(text ? text : ""));
}

static void describe_options(const struct report *report, FILE *out)
{
	if (report->option_count)
		fputs("\nOptions:\n", out);
	for (size_t i = 0; i < report->option_count; i++) {
		const struct report_option *option = &report->options[i];

		fputs("  --", out);
		put_text(out, option->name);
		fputs("  ", out);
		put_text(out, option->about);
		if (option->choices) {
			fputs(": ", out);
			put_text(out, option->choices);
		}
		if (option->preset) {
			fputs(" (default: ", out);
			put_text(out, option->preset);
			fputc(')', out);
		}
		fputc('\n', out);
	}
}

static void describe_table(const struct report_table *table, FILE *out)
{
	fputs("\nTable ", out);
	put_text(out, table->name);
	fputs(": ", out);
	put_text(out, table->title);
	fputc('\n', out);
	if (table->about) {
		fputs("  ", out);
		put_text(out, table->about);
		fputc('\n', out);
	}
	for (int i = 0; i < table->column_count; i++) {
		const struct report_column *column = &table->columns[i];

		fprintf(out, "  %-22s ", column->name);
		fprintf(out, "%-8s ", column_format_name(column->format));
		put_text(out, column->about);
		fputc('\n', out);
	}
}

void report_describe(const struct report *report, FILE *out)
{
	put_text(out, report->name);
	fputs(": ", out);
	put_text(out, report->title);
	fputc('\n', out);
	if (report->fault.text[0]) {
		put_text(out, report->fault.text);
		fputc('\n', out);
	}
	for (struct view rest = view_string(report->about ? report->about : ""); rest.len;) {
		size_t end = view_find_byte(rest, '\n');

		safe_text(out, view_to(rest, end));
		fputc('\n', out);
		rest = end == VIEW_NONE ? VIEW("") : view_from(rest, end + 1);
	}
	describe_options(report, out);
	for (size_t i = 0; i < report->table_count; i++)
		describe_table(&report->tables[i], out);
	if (report->example) {
		fputs("\nExample:\n  ", out);
		put_text(out, report->example);
		fputc('\n', out);
	}
}
