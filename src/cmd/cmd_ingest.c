/* mxwatch ingest: logs into the store, each line once. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "cmd/command.h"
#include "detect/detection.h"

/* What detectors must know of facts that go now, beside what they knew of earlier ones. */
static int digest_old(struct store *store, struct detection *detection, int64_t cutoff,
		      struct text *digest, struct err *err)
{
	const struct fact_sink sink = detection_sink(detection);
	_cleanup_free_ char *bytes = NULL;
	size_t len;
	int r = store_memory(store, DETECTION_MEMORY, &bytes, &len, err);

	if (r >= 0 && bytes && detection_load(detection, view_of(bytes, len)) < 0)
		r = err_set(err, -EBADMSG,
			    "the store's memory of families is damaged; restore the "
			    "store from a copy");
	if (r >= 0)
		r = store_replay(store, 0, (uint32_t)cutoff, &sink, err);
	if (r >= 0)
		detection_save(detection, digest);
	return r;
}

/* Forgets what is older than --keep, but not the history of families. */
static int keep(const struct options *options, struct store *store)
{
	struct detect_options detect = {.local_domains = options->local};
	struct detection *detection = NULL;
	struct directory *directory;
	struct text digest = {0};
	struct err err;
	int64_t cutoff, from, until;
	int r = store_cutoff(store, options->keep_s, &cutoff, &err);

	if (r >= 0)
		r = store_period(store, &from, &until, &err);
	if (r >= 0 && from < cutoff) {
		detect.until = (uint32_t)cutoff;
		directory = store_directory(store, true, &err);
		r = directory ? detection_new(directory, &detect, &detection, &err) : -EIO;
		if (r >= 0)
			r = digest_old(store, detection, cutoff, &digest, &err);
		detection_free(detection);
	}
	if (r >= 0)
		r = store_keep(store, options->keep_s, digest.len ? DETECTION_MEMORY : NULL,
			       view_of(text_string(&digest), digest.len), &err);
	text_release(&digest);
	return r < 0 ? fail(EXIT_STORE, &err) : EXIT_DONE;
}

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
	if (options->keep_s > 0 && keep(options, store) != EXIT_DONE)
		return EXIT_STORE;
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
	else
		status = keep(options, store);
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
