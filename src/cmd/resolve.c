/* Looking up addresses for a command: see resolve.h. */
#include "cmd/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "enrich/enrich.h"

struct ranked {
	uint32_t client, refused, sessions;
};

static int by_refusals(const void *a, const void *b)
{
	const struct ranked *first = a, *second = b;

	if (first->refused != second->refused)
		return first->refused < second->refused ? 1 : -1;
	if (first->sessions != second->sessions)
		return first->sessions < second->sessions ? 1 : -1;
	return first->client < second->client ? -1 : first->client > second->client;
}

size_t resolve_clients(const struct ledger *ledger, bool even_taken, size_t most,
		       struct ip **ret_list)
{
	struct ranked *ranked = memory_get((ledger->client_count + 1) * sizeof(*ranked));
	struct ip *list;
	size_t count = 0;

	for (size_t i = 1; i <= ledger->client_count; i++) {
		const struct client_totals *totals = &ledger->clients[i];

		if (totals->refused_sessions > 0 || (even_taken && totals->sessions > 0))
			ranked[count++] = (struct ranked){(uint32_t)i, totals->refused_sessions,
							  totals->sessions};
	}
	qsort(ranked, count, sizeof(*ranked), by_refusals);
	if (most > 0 && count > most)
		count = most;
	list = memory_get((count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = directory_client_at(ledger->directory, ranked[i].client)->ip;
	free(ranked);
	*ret_list = list;
	return count;
}

int resolve_store_path(const struct options *options, char *path, size_t size, struct err *err)
{
	if (!options->store)
		return store_default_path(path, size, err);
	if ((size_t)snprintf(path, size, "%s", options->store) >= size)
		return err_set(err, -ENAMETOOLONG, "can't use store '%s': path too long",
			       options->store);
	return 0;
}

struct telling {
	const char *store; /* to keep answers in; NULL: none */
	bool quiet, shown;
	bool store_failed; /* the last error was the store's */
};

static void wipe(struct telling *telling)
{
	if (telling->shown)
		fputs("\r\033[K", stderr);
	telling->shown = false;
}

static void on_progress(void *context, uint64_t done, uint64_t all)
{
	struct telling *telling = context;
	char done_text[NUMBER_TEXT_MAX], all_text[NUMBER_TEXT_MAX];

	number_grouped((int64_t)done, done_text);
	number_grouped((int64_t)all, all_text);
	fprintf(stderr, "\r\033[Klooked up %s of %s", done_text, all_text);
	telling->shown = true;
}

static void on_note(void *context, const struct err *words)
{
	struct telling *telling = context;

	wipe(telling);
	if (!telling->quiet)
		fail(EXIT_DONE, words);
}

/* The store's lock is held for no longer than it takes to save. */
static int keep(void *context, const struct enrichment *enrichment, const struct ip *changed,
		size_t count, struct err *err)
{
	struct telling *telling = context;
	struct store *store = NULL;
	int r = store_open(telling->store, STORE_WRITE, &store, err);

	if (r == 0)
		r = store_save_enrichment(store, enrichment, changed, count, err);
	store_close(store);
	telling->store_failed = r < 0;
	return r;
}

static struct enrich_options enrich_options(const struct options_of_lookups *asked)
{
	return (struct enrich_options){
		.servers = asked->dns.values,
		.zones = asked->dnsbl.values,
		.networks = asked->mmdb.values,
		.max_age_s = asked->max_age_s,
		.rate = asked->rate,
	};
}

int resolve_addresses(const struct options *options, struct enrichment *enrichment,
		      const struct ip *list, size_t count, const char *keep_in)
{
	struct telling telling = {.store = keep_in, .quiet = options->quiet};
	const struct enrich_options enrich = enrich_options(&options->lookups);
	const struct enrich_listener listener = {
		.context = &telling,
		.progress = !options->quiet && isatty(STDERR_FILENO) ? on_progress : NULL,
		.note = on_note,
		.keep = keep_in ? keep : NULL,
	};
	struct err err;
	int r = enrich_addresses(enrichment, list, count, &enrich, &listener, &err);

	wipe(&telling);
	if (r == 0)
		return EXIT_DONE;
	return fail(telling.store_failed ? EXIT_STORE
		    : r == -EINVAL	 ? EXIT_USAGE
					 : EXIT_INPUT,
		    &err);
}

int resolve_check(const struct options *options)
{
	struct enrichment nothing;
	int status;

	enrichment_init(&nothing);
	status = resolve_addresses(options, &nothing, NULL, 0, NULL);
	enrichment_release(&nothing);
	return status;
}
