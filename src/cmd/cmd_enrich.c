/* mxwatch enrich: what the DNS and network tables say of clients. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/text.h"
#include "cmd/resolve.h"
#include "cmd/tables.h"

#define TOP_OF_LOGS 1000

static const struct report_table tables[] = {
	{
		.name = "summary",
		.title = "Clients looked up",
		.layout = LAYOUT_LIST,
		.columns = {{"clients", "clients", "looked up, now or before", COLUMN_COUNT, 0},
			    {"confirmed", "with a confirmed name",
			     "a name leads back to the address", COLUMN_COUNT, 0},
			    {"unconfirmed", "with another name", "no name leads back", COLUMN_COUNT,
			     0},
			    {"unnamed", "without a name", "there is no PTR", COLUMN_COUNT, 0},
			    {"failed", "that could not be looked up",
			     "no answer, or a server's failure", COLUMN_COUNT, 0},
			    {"dynamic", "with the name of a home line", "by its form", COLUMN_COUNT,
			     0},
			    {"located", "in a known network", "by the MMDB files", COLUMN_COUNT,
			     0}},
		.column_count = 7,
	},
	{
		.name = "lists",
		.title = "DNS block lists",
		.empty = "no list was asked; see --dnsbl",
		.columns = {{"list", "list", "the zone", COLUMN_TEXT, 0},
			    {"listed", "listed", "clients", COLUMN_COUNT, 0},
			    {"not_listed", "not listed", "clients", COLUMN_COUNT, 0},
			    {"failed", "failed", "clients that it gave no answer for", COLUMN_COUNT,
			     0},
			    {"first", "first", "time of the oldest look-up", COLUMN_TIME, 0},
			    {"last", "last", "time of the newest look-up", COLUMN_TIME, 0}},
		.column_count = 6,
	},
	{
		.name = "clients",
		.title = "Clients, the most often refused first",
		.empty = "nobody was refused",
		.columns = {{"client", "client", "address", COLUMN_CLIENT, 0},
			    {"name", "name", "its PTR, the confirmed one first", COLUMN_TEXT, 0},
			    {"confirmed", "confirmed",
			     "yes; no: no name, or it leads elsewhere; failed; empty: not asked",
			     COLUMN_PLAIN, 0},
			    {"dynamic", "dynamic", "1: the name of a home line", COLUMN_FLAG, 0},
			    {"network", "network", "as it is announced or registered", COLUMN_TEXT,
			     0},
			    {"as_number", "AS", "number of the autonomous system", COLUMN_PLAIN, 0},
			    {"organisation", "organisation", "that runs it", COLUMN_TEXT, 0},
			    {"country", "country", "its code (ISO 3166)", COLUMN_TEXT, 0},
			    {"listed", "listed in", "lists, divided by blanks", COLUMN_TEXT, 0},
			    {"asked", "asked", "time of the look-up of its name", COLUMN_TIME, 0}},
		.column_count = 10,
	},
};
enum { TABLE_SUMMARY, TABLE_LISTS, TABLE_CLIENTS, TABLES };

struct run {
	struct options *options;
	struct enrichment enrichment;
	struct ip *list; /* whom to look up */
	size_t count;
	struct input_totals totals;
	uint32_t first, last;	/* times of the first and last fact */
	char keep_in[PATH_MAX]; /* the store; empty: from LOGs */
};

/* Whom to look up, of a ledger. */
static void choose(struct run *run, const struct ledger *ledger)
{
	const struct options *options = run->options;
	size_t most = options->report.top;

	if (most == 0 && !options->lookups.all && !run->keep_in[0])
		most = TOP_OF_LOGS;
	run->first = ledger->first;
	run->last = ledger->last;
	run->count = resolve_clients(ledger, options->lookups.all, most, &run->list);
}

static int choose_of_logs(struct run *run, char **logs, size_t count, uint32_t from, uint32_t until)
{
	struct directory directory;
	struct ledger ledger;
	struct fact_sink sink;
	int status;

	directory_init(&directory);
	ledger_init(&ledger, &directory, LEDGER_SESSIONS, from, until);
	sink = ledger_sink(&ledger);
	status = logs_read(run->options, logs, count, &directory, &sink, NULL, &run->totals);
	choose(run, &ledger);
	ledger_release(&ledger);
	directory_release(&directory);
	return status;
}

static int choose_of_open_store(struct run *run, struct store *store, uint32_t from, uint32_t until)
{
	struct err err;
	struct ledger ledger;
	struct directory *directory = store_directory(store, false, &err);
	int r;

	if (!directory)
		return fail(EXIT_STORE, &err);
	ledger_init(&ledger, directory, LEDGER_SESSIONS, from, until);
	r = store_totals(store, &run->totals, &err);
	if (r == 0)
		r = store_feed(store, &ledger, &err);
	if (r == 0)
		r = store_load_enrichment(store, &run->enrichment, &err);
	if (r == 0)
		choose(run, &ledger);
	ledger_release(&ledger);
	return r < 0 ? fail(EXIT_STORE, &err) : EXIT_DONE;
}

static int choose_of_store(struct run *run, uint32_t from, uint32_t until)
{
	struct store *store;
	struct err err;
	int status;

	if (resolve_store_path(run->options, run->keep_in, sizeof(run->keep_in), &err) < 0)
		return fail(EXIT_STORE, &err);
	status = store_asked_for(run->options, STORE_READ, &store);
	if (status)
		return status;
	status = choose_of_open_store(run, store, from, until);
	store_close(store);
	return status;
}

/* Printing */

static void print_summary(const struct run *run, struct tables *out)
{
	uint64_t confirmed = 0, named = 0, unnamed = 0, failed = 0, dynamic = 0, located = 0;

	for (size_t i = 0; i < run->count; i++) {
		const struct enrichment_row *row = enrichment_find(&run->enrichment, &run->list[i]);

		confirmed += row->confirmed == ENRICHMENT_YES;
		named += row->ptr == ENRICHMENT_YES && row->confirmed == ENRICHMENT_NO;
		unnamed += row->ptr == ENRICHMENT_NO;
		failed += row->ptr == ENRICHMENT_FAILED || row->confirmed == ENRICHMENT_FAILED;
		dynamic += row->dynamic;
		located += row->network.bits > 0;
	}
	const struct value values[] = {
		value_number(run->count), value_number(confirmed), value_number(named),
		value_number(unnamed),	  value_number(failed),	   value_number(dynamic),
		value_number(located),
	};

	tables_table(out, &tables[TABLE_SUMMARY]);
	tables_row(out, values);
}

static void print_list(const struct run *run, uint32_t zone, struct tables *out)
{
	const struct enrichment *enrichment = &run->enrichment;
	uint64_t listed = 0, not_listed = 0, failed = 0;
	uint32_t first = UINT32_MAX, last = 0;

	for (size_t i = 0; i < run->count; i++) {
		const struct enrichment_row *row = enrichment_find(enrichment, &run->list[i]);
		uint32_t asked = row->zone_asked[zone];

		if (asked == 0)
			continue;
		listed += row->listed >> zone & 1;
		not_listed += row->not_listed >> zone & 1;
		failed += !((row->listed | row->not_listed) >> zone & 1);
		first = asked < first ? asked : first;
		last = asked > last ? asked : last;
	}
	const struct value values[] = {
		value_view(strings_get(enrichment->strings, enrichment->zones[zone])),
		value_number(listed),
		value_number(not_listed),
		value_number(failed),
		value_time(last ? first : 0),
		value_time(last),
	};

	if (last)
		tables_row(out, values);
}

static void name_lists(const struct enrichment *enrichment, const struct enrichment_row *row,
		       struct text *text)
{
	text_clear(text);
	for (uint32_t zone = 0; zone < enrichment->zone_count; zone++) {
		if (!(row->listed >> zone & 1))
			continue;
		if (text->len > 0)
			text_add(text, VIEW(" "));
		text_add(text, strings_get(enrichment->strings, enrichment->zones[zone]));
	}
}

static void print_client(const struct run *run, const struct ip *ip, struct text *lists,
			 struct tables *out)
{
	static const char *const states[] = {"", "yes", "no", "failed"};
	const struct enrichment *enrichment = &run->enrichment;
	const struct enrichment_row *row = enrichment_find(enrichment, ip);
	char client[IP_TEXT_MAX], network[PREFIX_TEXT_MAX] = "";

	ip_format(ip, client);
	if (row->network.bits > 0)
		prefix_format_network(&row->network, network);
	name_lists(enrichment, row, lists);
	const struct value values[] = {
		value_text(client),
		value_view(strings_get(enrichment->strings, row->name)),
		value_text(
			states[row->ptr == ENRICHMENT_FAILED ? ENRICHMENT_FAILED : row->confirmed]),
		value_number(row->dynamic),
		value_text(network),
		row->as_number ? value_number(row->as_number) : (struct value){.kind = VALUE_NULL},
		value_view(strings_get(enrichment->strings, row->organisation)),
		value_view(strings_get(enrichment->strings, row->country)),
		value_text(text_string(lists)),
		value_time(row->asked),
	};

	tables_row(out, values);
}

static void print(const struct run *run)
{
	const struct report_options *options = &run->options->report;
	struct text lists = {0};
	struct tables out;

	tables_begin(&out, "enrich", "Clients in the DNS", options, &run->totals, run->first,
		     run->last, stdout);
	print_summary(run, &out);
	tables_table(&out, &tables[TABLE_LISTS]);
	for (uint32_t zone = 0; zone < run->enrichment.zone_count; zone++)
		print_list(run, zone, &out);
	/* What the store keeps is there to be asked for; a screen is too small. */
	if (!run->keep_in[0] || options->format != REPORT_TEXT || options->table || options->top) {
		tables_table(&out, &tables[TABLE_CLIENTS]);
		for (size_t i = 0; i < run->count; i++)
			print_client(run, &run->list[i], &lists, &out);
	}
	tables_end(&out);
	text_release(&lists);
}

static int enrich(struct run *run, char **logs, size_t count)
{
	struct err err;
	uint32_t from, until;
	int status;

	if (options_finish(run->options, &from, &until, &err) < 0 ||
	    tables_check(&run->options->report, tables, TABLES, &err) < 0)
		return fail(EXIT_USAGE, &err);
	status = resolve_check(run->options);
	if (status)
		return status;
	status = count > 0 || run->options->journal_count > 0
			 ? choose_of_logs(run, logs, count, from, until)
			 : choose_of_store(run, from, until);
	if (status)
		return status;
	status = resolve_addresses(run->options, &run->enrichment, run->list, run->count,
				   run->keep_in[0] ? run->keep_in : NULL);
	if (status == EXIT_DONE)
		print(run);
	return status;
}

static int run_command(struct options *options, char **args, size_t count)
{
	struct run run = {.options = options};
	int status;

	enrichment_init(&run.enrichment);
	status = enrich(&run, args, count);
	enrichment_release(&run.enrichment);
	free(run.list);
	return status;
}

const struct command command_enrich = {
	.name = "enrich",
	.synopsis = "[LOG...]",
	.summary = "ask the DNS and network tables about clients",
	.text = "Looks up the clients that were refused, the most often refused first: the name of "
		"the address (PTR), whether that name leads back to it, whether it has the form "
		"of a home line's, whether DNS block lists hold the address (--dnsbl), and its "
		"network, autonomous system and country by MMDB files (--mmdb). Those of the "
		"store, where the answers are kept for reports, verdicts and later runs; or those "
		"of the LOGs, whose answers are only printed.\n\n"
		"What was answered within --max-age is not asked again, so a run that was stopped "
		"goes on where it was. An answer tells of the time of the look-up, not of the "
		"refusal; both are kept apart. A list that answers with error codes, lists "
		"everything or never answers is left alone, and said to be. Nothing else in "
		"mxwatch needs the network.\n\n"
		"Block lists have terms: ask them through a resolver of your own, not through a "
		"public one.",
	.examples = "mxwatch enrich --dnsbl zen.spamhaus.org\tall refused clients of the store\n"
		    "mxwatch enrich --top 20 --dns 127.0.0.1 mail.log\ttwenty clients of a log, by "
		    "the local resolver\n"
		    "mxwatch report retries --last 28d\tthen also split by block list\n",
	.groups = GROUP_INPUT | GROUP_STORE | GROUP_PERIOD | GROUP_ROWS | GROUP_ENRICH,
	.run = run_command,
};
