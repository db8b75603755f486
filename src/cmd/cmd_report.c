/* mxwatch report: tables from logs, or from the store. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/report_patterns.h"
#include "cmd/resolve.h"

#define REPORTS_AT_ONCE 32
#define LIST_INDENT 13

struct choice {
	struct report **all;
	size_t all_count;
	struct report *chosen[REPORTS_AT_ONCE];
	size_t count;
	uint32_t parts;
};

int reports_of_user(struct report ***ret_reports, size_t *ret_count)
{
	char folder[4096 - 16], path[4096];
	struct err err;

	config_folder(folder, sizeof(folder));
	snprintf(path, sizeof(path), "%s/reports", folder);
	if (reports_load(path, ret_reports, ret_count, &err) < 0)
		return fail(EXIT_USAGE, &err);
	return EXIT_DONE;
}

static struct report *find(const struct choice *choice, struct view name)
{
	for (size_t i = 0; i < choice->all_count; i++)
		if (view_is(name, view_string(report_name(choice->all[i]))))
			return choice->all[i];
	return NULL;
}

/* NAMES: one or more, divided by commas. */
static int choose(struct choice *choice, const char *names)
{
	struct view rest = view_string(names);

	while (rest.len > 0) {
		size_t comma = view_find_byte(rest, ',');
		struct view name = view_to(rest, comma == VIEW_NONE ? rest.len : comma);
		struct report *report = find(choice, name);

		if (!report)
			return fail_with(EXIT_USAGE,
					 "there is no report '%.*s'; 'mxwatch report' lists them",
					 (int)name.len, name.ptr);
		if (choice->count == REPORTS_AT_ONCE)
			return fail_with(EXIT_USAGE, "more than %d reports at once",
					 REPORTS_AT_ONCE);
		choice->chosen[choice->count++] = report;
		choice->parts |= report_parts(report);
		rest = view_from(rest, name.len + 1);
	}
	return EXIT_DONE;
}

static void first_sentence(const struct report *report, char *text, size_t size)
{
	const char *about = report_about(report);
	size_t len = 0;

	if (!*about)
		about = report_title(report);
	while (about[len] && !(about[len] == '.' && strchr(" \n", about[len + 1])))
		len++;
	snprintf(text, size, "%.*s", (int)len, about);
}

static int list(const struct choice *choice)
{
	for (size_t i = 0; i < choice->all_count; i++) {
		size_t len = (size_t)printf("%-12s", report_name(choice->all[i]));
		char text[512];

		first_sentence(choice->all[i], text, sizeof(text));
		help_wrap(stdout, text, LIST_INDENT, len);
	}
	puts("\n'mxwatch help report NAME' tells a report's tables and options.");
	return EXIT_DONE;
}

static bool any_takes(const struct choice *choice, const char *option)
{
	for (size_t i = 0; i < choice->count; i++)
		if (report_takes(choice->chosen[i], option, NULL))
			return true;
	return false;
}

/* What the store (NULL: none) knows of clients, and what --resolve asks for. */
static int enrich(struct options *options, const struct choice *choice, const struct ledger *ledger,
		  struct store *store, struct enrichment *enrichment)
{
	struct ip *list;
	struct err err;
	size_t count;
	int status = EXIT_DONE;

	if (!any_takes(choice, "resolve"))
		return EXIT_DONE;
	options->report.enrichment = enrichment;
	if (store && store_load_enrichment(store, enrichment, &err) < 0)
		return fail(EXIT_STORE, &err);
	if (!options->report.resolve)
		return EXIT_DONE;
	count = resolve_clients(ledger, false, 0, &list);
	status = resolve_addresses(options, enrichment, list, count, NULL);
	free(list);
	return status;
}

static int print_tables(const struct options *options, const struct choice *choice,
			struct ledger *ledger, const struct input_totals *totals)
{
	struct err err;
	int r = reports_print(choice->chosen, choice->count, &options->report, ledger, totals,
			      stdout, &err);
	if (r < 0)
		return fail(r == -EINVAL ? EXIT_USAGE : EXIT_INPUT, &err);
	if (options->report.format != REPORT_TEXT || options->verbose)
		logs_say_unknown(options, totals);
	return EXIT_DONE;
}

static int print(struct options *options, const struct choice *choice, struct ledger *ledger,
		 const struct input_totals *totals, struct store *store)
{
	struct enrichment enrichment;
	int status;

	enrichment_init(&enrichment);
	status = enrich(options, choice, ledger, store, &enrichment);
	if (status == EXIT_DONE)
		status = print_tables(options, choice, ledger, totals);
	enrichment_release(&enrichment);
	return status;
}

static int from_logs(struct options *options, const struct choice *choice, uint32_t from,
		     uint32_t until, char **logs, size_t count)
{
	struct directory directory;
	struct ledger ledger;
	struct fact_sink sink;
	struct report_patterns patterns;
	struct input_totals totals = {0};
	int status, printed = EXIT_DONE;

	directory_init(&directory);
	ledger_init(&ledger, &directory, choice->parts & LEDGER_ALL, from, until);
	sink = ledger_sink(&ledger);
	status = report_patterns_begin(options, &directory, choice->parts, from, until, &sink,
				       &patterns);
	if (status == EXIT_DONE)
		status = logs_read(options, logs, count, &directory, &sink, NULL, &totals);
	if (status == EXIT_DONE || totals.lines > 0) {
		report_patterns_end(&patterns, options);
		printed = print(options, choice, &ledger, &totals, NULL);
	}
	if (status == EXIT_DONE && printed == EXIT_DONE)
		logs_say_foreign(options, &totals);
	report_patterns_release(&patterns);
	ledger_release(&ledger);
	directory_release(&directory);
	return status ? status : printed;
}

static int feed(struct options *options, const struct choice *choice, uint32_t from, uint32_t until,
		struct store *store)
{
	struct err err;
	struct input_totals totals;
	struct ledger ledger;
	struct fact_sink sink;
	struct report_patterns patterns;
	struct directory *directory = store_clients(store, &err);
	int status;

	if (!directory)
		return fail(EXIT_STORE, &err);
	ledger_init(&ledger, directory, choice->parts & LEDGER_ALL, from, until);
	sink = ledger_sink(&ledger);
	status = report_patterns_begin(options, directory, choice->parts, from, until, &sink,
				       &patterns);
	if (status == EXIT_DONE &&
	    (store_totals(store, &totals, &err) < 0 || store_feed(store, &ledger, &err) < 0))
		status = fail(EXIT_STORE, &err);
	if (status == EXIT_DONE)
		status = report_patterns_replay(&patterns, store, from, until);
	if (status == EXIT_DONE) {
		report_patterns_end(&patterns, options);
		status = print(options, choice, &ledger, &totals, store);
	}
	report_patterns_release(&patterns);
	ledger_release(&ledger);
	return status;
}

static int from_store(struct options *options, const struct choice *choice, uint32_t from,
		      uint32_t until)
{
	char path[4096];
	struct store *store;
	int status = store_asked_for(options, STORE_READ, &store);

	if (status)
		return status;
	if (!options->store && store_default_path(path, sizeof(path), NULL) < 0)
		path[0] = '\0';
	options->report.store = options->store ? options->store : path;
	status = feed(options, choice, from, until, store);
	store_close(store);
	return status;
}

static bool all_take(const struct choice *choice, const char *option, const char *value)
{
	bool any = false;

	for (size_t i = 0; i < choice->count; i++) {
		if (report_takes(choice->chosen[i], option, value))
			any = true;
		else if (report_takes(choice->chosen[i], option, NULL))
			return false;
	}
	return any;
}

/* What the configuration says for all reports is for those that take it. */
static void drop_untaken(struct options *options, const struct choice *choice)
{
	struct report_options *now = &options->report;
	const struct report_options *configured = &options->configured;

	if (now->by == configured->by && !all_take(choice, "by", option_by_names[now->by]))
		now->by = BY_DEFAULT;
	if (now->gap_s == configured->gap_s && !all_take(choice, "gap", NULL))
		now->gap_s = UINT32_MAX;
	if (configured->by_address && !all_take(choice, "by-address", NULL))
		now->by_address = false;
	if (configured->log_scale && !all_take(choice, "log", NULL))
		now->log_scale = false;
	if (configured->resolve && !all_take(choice, "resolve", NULL))
		now->resolve = false;
	if (options->mark_count == configured->mark_count && !all_take(choice, "mark", NULL))
		options->mark_count = 0;
}

static int run_reports(struct options *options, const char *names, char **logs, size_t count)
{
	struct choice choice = {0};
	struct err err;
	uint32_t from = 0, until = UINT32_MAX;
	int status = reports_of_user(&choice.all, &choice.all_count);

	if (status)
		return status;
	if (!names)
		status = list(&choice);
	else if (!(status = choose(&choice, names))) {
		drop_untaken(options, &choice);
		if (options_finish(options, &from, &until, &err) < 0)
			status = fail(EXIT_USAGE, &err);
		else if (options->report.resolve)
			status = resolve_check(options);
		if (status == EXIT_DONE)
			status = count > 0 || options->journal_count > 0
					 ? from_logs(options, &choice, from, until, logs, count)
					 : from_store(options, &choice, from, until);
	}
	reports_free(choice.all, choice.all_count);
	return status;
}

static int run(struct options *options, char **args, size_t count)
{
	return run_reports(options, count > 0 ? args[0] : NULL, args + 1,
			   count > 0 ? count - 1 : 0);
}

/* "mxwatch relay LOG", "mxwatch -q ingest LOG": a word that is no log. */
static int misplaced(const char *word)
{
	struct choice choice = {0};
	int status = EXIT_DONE;

	if (command_find(word))
		return fail_with(EXIT_USAGE, "the command comes first: 'mxwatch %s [OPTION...]'",
				 word);
	if (access(word, F_OK) == 0)
		return EXIT_DONE;
	if (reports_of_user(&choice.all, &choice.all_count) == EXIT_DONE &&
	    find(&choice, view_string(word)))
		status = fail_with(EXIT_USAGE, "'%s' is a report: 'mxwatch report %s [LOG...]'",
				   word, word);
	reports_free(choice.all, choice.all_count);
	return status;
}

static int run_overview(struct options *options, char **args, size_t count)
{
	int status = count > 0 ? misplaced(args[0]) : EXIT_DONE;

	if (status)
		return status;
	return run_reports(options, "overview", args, count);
}

#define REPORT_GROUPS (GROUP_INPUT | GROUP_STORE | GROUP_REPORT | GROUP_PERIOD | GROUP_ROWS)

const struct command command_report = {
	.name = "report",
	.synopsis = "NAME[,NAME...] [LOG...]",
	.summary = "print reports, from logs or from the store",
	.text = "Prints the tables of the reports named: from the LOGs if any are given, else "
		"from the store. A LOG is a file, a folder (the mail logs in it), a compressed "
		"file, or - for the standard input; rotated sets are read oldest first, several "
		"logs are merged by time, and a line that stands in two of them counts once.\n\n"
		"Without a NAME lists the reports.",
	.examples =
		"mxwatch report traffic,connections /var/log/mail.log\t"
		"traffic and connections per hour\n"
		"mxwatch report relay --last 28d\trelay attempts of four weeks, from the store\n"
		"mxwatch report refusals -f csv --table clients mail.log\tone table for a "
		"spreadsheet\n",
	.groups = REPORT_GROUPS,
	.run = run,
};

const struct command command_overview = {
	.name = "LOG...",
	.synopsis = "",
	.summary = "the overview of logs: the first screen a postmaster wants",
	.text = "",
	.examples = "",
	.groups = REPORT_GROUPS,
	.run = run_overview,
};
