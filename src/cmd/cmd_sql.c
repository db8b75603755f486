/* mxwatch sql: read-only SQL over the store, or over a log. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/command.h"

static void columns(void *context, int count, const char *const *names)
{
	table_writer_columns(context, count, names);
}

static int row(void *context, int count, const char *const *values, const int *lengths,
	       const int *types)
{
	table_writer_row(context, count, values, lengths, types);
	return 0;
}

static int query(const struct options *options, struct store *store, const char *text)
{
	struct table_writer *writer =
		table_writer_new(options->report.format, stdout, options->report.width);
	struct store_sql sql = {writer, columns, row};
	struct err err;
	int r = store_query(store, text, &sql, &err);

	table_writer_free(writer);
	fflush(stdout);
	return r < 0 ? fail(EXIT_USAGE, &err) : EXIT_DONE;
}

/* One statement a line, or several lines up to a semicolon. */
static int prompt(const struct options *options, struct store *store)
{
	_cleanup_free_ char *line = NULL, *text = NULL;
	size_t size = 0, len = 0;
	bool ask = isatty(STDIN_FILENO);
	ssize_t n;
	int status = EXIT_DONE;

	for (;;) {
		if (ask)
			fputs(len ? "   ...> " : "mxwatch> ", stderr);
		n = getline(&line, &size, stdin);
		if (n < 0) {
			if (ask)
				fputc('\n', stderr);
			break;
		}
		text = realloc(text, len + (size_t)n + 1);
		if (!text)
			return fail_with(EXIT_USAGE, "out of memory");
		memcpy(text + len, line, (size_t)n + 1);
		len += (size_t)n;
		if (!memchr(line, ';', (size_t)n))
			continue;
		status = query(options, store, text);
		len = 0;
	}
	if (len > 0 && text[strspn(text, " \t\r\n")])
		status = query(options, store, text);
	return ask ? EXIT_DONE : status;
}

static int run_on(const struct options *options, struct store *store, char **args, size_t count)
{
	return count > 0 ? query(options, store, args[0]) : prompt(options, store);
}

/* A store for this one query, of the log alone. */
static int fill(struct options *options, struct store *store)
{
	struct err err;
	struct input_totals totals;
	struct directory *directory = store_directory(store, true, &err);
	struct fact_sink sink = store_sink(store);
	struct keeper keeper = store_keeper(store);
	char *logs[] = {(char *)options->log};

	if (!directory)
		return fail(EXIT_STORE, &err);
	return logs_read(options, logs, 1, directory, &sink, &keeper, &totals);
}

static void remove_store(const char *folder)
{
	static const char *const files[] = {"store.db", "store.db-wal", "store.db-shm",
					    "store.db.lock"};
	char path[4096];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

static int run_on_log(struct options *options, char **args, size_t count)
{
	const char *base = getenv("TMPDIR");
	char folder[4096 - 16], path[4096];
	struct store *store;
	struct err err;
	int status;

	snprintf(folder, sizeof(folder), "%s/mxwatch-sql-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(folder))
		return fail_with(EXIT_STORE, "can't make a folder '%s': %m; set TMPDIR", folder);
	snprintf(path, sizeof(path), "%s/store.db", folder);
	if (store_open(path, STORE_WRITE, &store, &err) < 0) {
		remove_store(folder);
		return fail(EXIT_STORE, &err);
	}
	status = fill(options, store);
	if (status != EXIT_STORE) {
		int asked = run_on(options, store, args, count);

		status = asked ? asked : status;
	}
	store_close(store);
	remove_store(folder);
	return status;
}

static int run(struct options *options, char **args, size_t count)
{
	struct store *store;
	struct err err;
	uint32_t from, until;
	int status;

	if (count > 1)
		return fail_with(EXIT_USAGE, "more than one query; put it in quotes");
	if (options_finish(options, &from, &until, &err) < 0)
		return fail(EXIT_USAGE, &err);
	if (options->log)
		return run_on_log(options, args, count);
	status = store_asked_for(options, STORE_READ, &store);
	if (status)
		return status;
	status = run_on(options, store, args, count);
	store_close(store);
	return status;
}

const struct command command_sql = {
	.name = "sql",
	.synopsis = "[QUERY]",
	.summary = "run read-only SQL on the store or on a log",
	.text = "Runs one SQL statement over the store's tables (SQLite's dialect) and prints the "
		"rows. Nothing can be changed. Without a QUERY reads statements from the standard "
		"input, each ended by a semicolon.\n\n"
		"Tables: relay_attempts, refusals, sessions, clients, connections, traffic. "
		"'select * from refusals limit 5' shows the columns; docs/store.md tells them.",
	.examples =
		"mxwatch sql 'select client, count(*) n from refusals group by client order by n "
		"desc limit 10'\tthe ten most refused\n"
		"mxwatch sql --log mail.log 'select * from relay_attempts'\twithout a store\n",
	.groups = GROUP_INPUT | GROUP_STORE | GROUP_SQL | GROUP_ROWS,
	.run = run,
};
