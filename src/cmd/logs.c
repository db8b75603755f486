/* Reading logs for a command: progress, complaints, what was not understood. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/safe.h"
#include "cmd/command.h"

#define PROGRESS_INTERVAL_NS 200000000L
#define NAME_WIDTH 30

struct progress {
	bool shown, wanted;
	struct timespec last;
	bool trouble; /* some log could not be read to its end */
};

static void wipe(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

static bool is_time(struct progress *progress)
{
	struct timespec now;
	long ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = (now.tv_sec - progress->last.tv_sec) * 1000000000L + now.tv_nsec -
	     progress->last.tv_nsec;
	if (ns < PROGRESS_INTERVAL_NS)
		return false;
	progress->last = now;
	return true;
}

static void on_progress(void *context, const char *name, uint64_t done, uint64_t all)
{
	struct progress *progress = context;
	const char *slash = strrchr(name, '/');
	char bytes[NUMBER_TEXT_MAX];

	if (!is_time(progress))
		return;
	number_bytes(done, bytes);
	fputs("\r\033[K", stderr);
	safe_text_cut(stderr, view_string(slash ? slash + 1 : name), NAME_WIDTH);
	if (all > 0 && done <= all)
		fprintf(stderr, "  %3u %%", (unsigned int)(done * 100 / all));
	fprintf(stderr, "  %s", bytes);
	progress->shown = true;
}

static void on_trouble(void *context, const struct err *err)
{
	struct progress *progress = context;

	wipe(progress);
	fail(0, err);
	progress->trouble = true;
}

/* The logs named and those of --journal, expanded. */
static int expand(struct options *options, char **names, size_t count, char ***ret_paths,
		  size_t *ret_count, struct err *err)
{
	char **paths = NULL;
	size_t n = 0;
	int r = 0;

	if (count > 0)
		r = source_expand((const char *const *)names, count, &paths, &n, err);
	if (r < 0)
		return r;
	paths = memory_resize(paths, n + options->journal_count, sizeof(*paths));
	for (size_t i = 0; i < options->journal_count; i++)
		paths[n++] = memory_string(options->journal[i]);
	*ret_paths = paths;
	*ret_count = n;
	return 0;
}

int logs_read(struct options *options, char **names, size_t count, struct directory *directory,
	      const struct fact_sink *sink, const struct keeper *keeper,
	      struct input_totals *ret_totals)
{
	struct progress progress = {.wanted = !options->quiet && isatty(STDERR_FILENO)};
	struct err err = {""};
	char **paths = NULL;
	size_t path_count = 0;
	int r;

	*ret_totals = (struct input_totals){0};
	r = expand(options, names, count, &paths, &path_count, &err);
	if (r < 0)
		return fail(EXIT_INPUT, &err);
	if (progress.wanted) {
		clock_gettime(CLOCK_MONOTONIC, &progress.last);
		options->pipeline.progress = on_progress;
		options->pipeline.progress_context = &progress;
	}
	options->pipeline.trouble = on_trouble;
	options->pipeline.trouble_context = &progress;
	if (keeper)
		options->pipeline.sessions.words = WORDS_ALL;
	r = pipeline_read(paths, path_count, &options->pipeline, directory, sink, keeper,
			  ret_totals, &err);
	wipe(&progress);
	source_paths_free(paths, path_count);
	if (r == -EIO && progress.trouble)
		return EXIT_INPUT;
	if (r < 0)
		return fail(keeper ? EXIT_STORE : EXIT_INPUT, &err);
	return progress.trouble ? EXIT_INPUT : EXIT_DONE;
}

void logs_say_unknown(const struct options *options, const struct input_totals *totals)
{
	char number[NUMBER_TEXT_MAX];
	size_t shown = options->verbose ? totals->sample_count : 1;

	if (options->quiet || totals->not_understood == 0)
		return;
	number_grouped((int64_t)totals->not_understood, number);
	fprintf(stderr, "mxwatch: %s line%s not understood", number,
		totals->not_understood == 1 ? "" : "s");
	for (size_t i = 0; i < shown && i < totals->sample_count; i++) {
		fputs(i ? "\n  " : ", e.g. ", stderr);
		safe_text_cut(stderr, view_of(totals->samples[i].line, totals->samples[i].line_len),
			      160);
	}
	fputc('\n', stderr);
}

void logs_say_foreign(const struct options *options, const struct input_totals *totals)
{
	char number[NUMBER_TEXT_MAX];

	if (options->quiet || totals->lines == 0 || totals->last_time != 0 ||
	    totals->not_understood > 0)
		return;
	number_grouped((int64_t)totals->lines, number);
	fprintf(stderr,
		"mxwatch: no mail server wrote any of the %s line%s; often they log to "
		"/var/log/mail.log, /var/log/maillog or /var/log/exim4/mainlog\n",
		number, totals->lines == 1 ? "" : "s");
}

int store_asked_for(const struct options *options, enum store_mode mode, struct store **ret_store)
{
	char path[4096];
	struct err err;
	int r = 0;

	if (options->store)
		snprintf(path, sizeof(path), "%s", options->store);
	else
		r = store_default_path(path, sizeof(path), &err);
	if (r == 0)
		r = store_open(path, mode, ret_store, &err);
	return r < 0 ? fail(EXIT_STORE, &err) : EXIT_DONE;
}
