/* mxwatch ingest: logs into the store, each line once. */
#include "base/number.h"
#include "cmd/command.h"

static void say(const struct options *options, const struct input_totals *totals)
{
	char lines[NUMBER_TEXT_MAX], bytes[NUMBER_TEXT_MAX];

	if (options->quiet)
		return;
	number_grouped((int64_t)totals->lines, lines);
	number_bytes(totals->bytes, bytes);
	printf("%s new line%s, %s\n", lines, totals->lines == 1 ? "" : "s", bytes);
	fflush(stdout);
	logs_say_unknown(options, totals);
}

static int ingest(struct options *options, char **logs, size_t count, struct store *store)
{
	struct err err;
	struct input_totals totals;
	struct directory *directory = store_directory(store, true, &err);
	struct fact_sink sink;
	struct keeper keeper;
	int status;

	if (!directory)
		return fail(EXIT_STORE, &err);
	sink = store_sink(store);
	keeper = store_keeper(store);
	status = logs_read(options, logs, count, directory, &sink, &keeper, &totals);
	if (status == EXIT_STORE)
		return status;
	say(options, &totals);
	if (options->keep_s > 0 && store_keep(store, options->keep_s, &err) < 0)
		return fail(EXIT_STORE, &err);
	return status;
}

static int run(struct options *options, char **args, size_t count)
{
	struct store *store;
	struct err err;
	uint32_t from, until;
	int status;

	if (count == 0 && options->journal_count == 0 && options->keep_s == 0)
		return fail_with(EXIT_USAGE,
				 "no log named; try 'mxwatch ingest /var/log/mail.log*'");
	if (options_finish(options, &from, &until, &err) < 0)
		return fail(EXIT_USAGE, &err);
	status = store_asked_for(options, STORE_WRITE, &store);
	if (status)
		return status;
	if (count > 0 || options->journal_count > 0)
		status = ingest(options, args, count, store);
	else if (store_keep(store, options->keep_s, &err) < 0)
		status = fail(EXIT_STORE, &err);
	store_close(store);
	return status;
}

const struct command command_ingest = {
	.name = "ingest",
	.synopsis = "LOG...",
	.summary = "read logs into the store, each line once",
	.text = "Reads the LOGs into the store. However often a log is read again, grown, renamed, "
		"rotated, truncated after a copy, compressed or copied, each line counts once: run "
		"it from cron on everything there is. Stopped at any moment, even by kill -9, it "
		"goes on at the next run where the last complete step ended.",
	.examples = "mxwatch ingest /var/log/mail.log*\tall there is; again: only what is new\n"
		    "mxwatch ingest --keep 400d /var/log/mail.log\tand forget what is older\n",
	.groups = GROUP_INPUT | GROUP_STORE | GROUP_INGEST,
	.run = run,
};
