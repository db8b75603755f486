/* Judging for a command: see judge.h. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "cmd/judge.h"
#include "cmd/resolve.h"
#include "source/trouble.h"

static int open_store(struct judgement *judgement)
{
	int status = store_asked_for(judgement->options, STORE_READ, &judgement->store);
	struct err err;

	if (status)
		return status;
	judgement->directory = store_directory(judgement->store, false, &err);
	return judgement->directory ? EXIT_DONE : fail(EXIT_STORE, &err);
}

int judgement_recall(struct store *store, struct detection *detection)
{
	_cleanup_free_ char *bytes = NULL;
	struct err err;
	size_t len;

	if (store_memory(store, DETECTION_MEMORY, &bytes, &len, &err) < 0)
		return fail(EXIT_STORE, &err);
	if (bytes && detection_load(detection, view_of(bytes, len)) < 0)
		return fail_with(EXIT_STORE, "the store's memory of families is damaged; restore "
					     "the store from a copy");
	return EXIT_DONE;
}

/* The user's own list of large providers, beside the configuration. */
static int read_providers(struct judgement *judgement)
{
	char folder[PATH_MAX - 16], path[PATH_MAX], words[TROUBLE_WORDS_MAX];
	_cleanup_fclose_ FILE *file = NULL;
	size_t capacity = 0;
	ssize_t len;

	config_folder(folder, sizeof(folder));
	snprintf(path, sizeof(path), "%s/providers.txt", folder);
	file = fopen(path, "re");
	if (!file && (errno == ENOENT || errno == ENOTDIR))
		return EXIT_DONE;
	len = file ? getdelim(&judgement->providers, &capacity, '\0', file) : -1;
	if (len < 0 && !(file && feof(file)))
		return fail_with(EXIT_USAGE, "can't read '%s': %s", path,
				 trouble_words(errno, words));
	judgement->providers_len = len > 0 ? (size_t)len : 0;
	return EXIT_DONE;
}

int judgement_open(struct options *options, char **logs, size_t count, struct judgement *judgement)
{
	struct detect_options detect;
	struct err err;
	int status = EXIT_DONE;

	*judgement = (struct judgement){.options = options, .logs = logs, .log_count = count};
	enrichment_init(&judgement->enrichment);
	directory_init(&judgement->own);
	judgement->directory = &judgement->own;
	if (options_finish(options, &judgement->from, &judgement->until, &err) < 0)
		return fail(EXIT_USAGE, &err);
	status = options->report.resolve ? resolve_check(options) : EXIT_DONE;
	if (status == EXIT_DONE)
		status = read_providers(judgement);
	if (status == EXIT_DONE && count == 0 && options->journal_count == 0)
		status = open_store(judgement);
	if (status)
		return status;
	detect = (struct detect_options){
		.local_domains = options->local,
		.settings = options->settings,
		.from = judgement->from,
		.until = judgement->until,
	};
	if (detection_new(judgement->directory, &detect, &judgement->detection, &err) < 0)
		return fail(EXIT_USAGE, &err);
	return judgement->store ? judgement_recall(judgement->store, judgement->detection)
				: EXIT_DONE;
}

static int read_store(struct judgement *judgement, const struct fact_sink *sink)
{
	struct err err;

	if (store_totals(judgement->store, &judgement->totals, &err) < 0 ||
	    store_replay(judgement->store, judgement->from, judgement->until, sink, &err) < 0 ||
	    store_load_enrichment(judgement->store, &judgement->enrichment, &err) < 0)
		return fail(EXIT_STORE, &err);
	return EXIT_DONE;
}

int judgement_read(struct judgement *judgement, const struct fact_sink *also, size_t also_count,
		   enum session_words words)
{
	struct fact_fan fan = {.sinks = {detection_sink(judgement->detection)}, .count = 1};
	struct fact_sink sink = fact_fan_sink(&fan);

	for (size_t i = 0; i < also_count && fan.count < FACT_FAN_MAX; i++)
		fan.sinks[fan.count++] = also[i];
	if (judgement->store)
		return read_store(judgement, &sink);
	judgement->options->pipeline.sessions.words = words;
	judgement->options->pipeline.in_line = true;
	return logs_read(judgement->options, judgement->logs, judgement->log_count,
			 judgement->directory, &sink, NULL, &judgement->totals);
}

int judgement_resolve(struct judgement *judgement, const struct ip *list, size_t count)
{
	judgement->resolved = true;
	if (!judgement->options->report.resolve)
		return EXIT_DONE;
	return resolve_addresses(judgement->options, &judgement->enrichment, list, count, NULL);
}

/* The clients with findings that weigh something, each once. */
static int resolve_found(struct judgement *judgement)
{
	const struct findings *findings = &judgement->findings;
	const struct origins *origins = detection_context(judgement->detection)->origins;
	_cleanup_free_ struct ip *list = memory_get_zeroed(findings->count + 1, sizeof(struct ip));
	uint32_t last = 0;
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];
		uint32_t client = origins_at(origins, finding->origin)->client;

		if (finding->grade == GRADE_NOTE || finding->origin == last)
			continue;
		last = finding->origin;
		list[count++] = directory_client_at(judgement->directory, client)->ip;
	}
	return judgement_resolve(judgement, list, count);
}

int judgement_judge(struct judgement *judgement)
{
	const struct options *options = judgement->options;
	const struct guard_options guards = {
		.allow = options->allow,
		.own = options->own,
		.look_back_s = options->look_back_s,
		.providers = view_of(judgement->providers, judgement->providers_len),
	};
	struct err err;
	int status;

	detection_find(judgement->detection, &judgement->findings);
	status = judgement->resolved ? EXIT_DONE : resolve_found(judgement);
	if (status)
		return status;
	if (verdicts_make(judgement->detection, &judgement->findings, &judgement->enrichment,
			  &guards, &judgement->verdicts, &err) < 0)
		return fail(EXIT_USAGE, &err);
	judgement->verdicts.zone = options->report.zone;
	return EXIT_DONE;
}

void judgement_release(struct judgement *judgement)
{
	verdicts_release(&judgement->verdicts);
	findings_release(&judgement->findings);
	detection_free(judgement->detection);
	enrichment_release(&judgement->enrichment);
	directory_release(&judgement->own);
	free(judgement->providers);
	if (judgement->store)
		store_close(judgement->store);
}
