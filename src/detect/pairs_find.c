/*
 * The walk over all mails: a window slides over the refusals of each, and where
 * enough independent clients come together in it, they are found.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/hosts.h"
#include "detect/pairs.h"
#include "detect/rows.h"

#define TABLE_SOURCES 2
/* A user's mail may come over a few forwarders, all of them servers with names. */
#define NAMED_SOURCES 5

/* What is known of an origin that is part of the pattern. */
struct involved {
	uint32_t origin; /* the key */
	uint32_t mails, attempts;
	uint32_t first, last, decided;
	uint32_t sources, span_s; /* of the mail with the most sources */
	uint32_t sender, recipient;
	uint32_t sessions[FINDING_SESSIONS_MAX], session_count;
	uint32_t mail;	 /* number of the mail that was counted last */
	bool convincing; /* of one of its mails, at least, the sources are */
};

/* One walk over all mails. */
struct sweep {
	struct pairs *pairs;
	struct map *involved;	   /* struct involved; NULL: not asked for */
	struct patterns *patterns; /* NULL: not asked for */
	uint32_t mail;		   /* number of the present mail */
	bool tells_names;
	/* Of the present mail: its rows that count, in the order of time. */
	struct counted {
		const struct try *try;
		uint64_t source;
		bool in_table, found;
	} * rows;
	size_t count, capacity;
	struct map sources; /* struct in_window */
	struct map clients; /* seen */
	uint32_t most;	    /* sources in one window */
	uint32_t span_s;    /* how long that took */
	uint32_t decided;   /* when there were enough; 0: never */
	bool convincing;    /* some of them have no name, or they are many */
};

struct in_window {
	uint32_t source[2]; /* the key */
	uint32_t rows;
};

static uint32_t *window_rows(struct sweep *sweep, uint64_t source)
{
	const uint32_t key[] = {(uint32_t)(source >> 32), (uint32_t)source};

	return &((struct in_window *)map_at(&sweep->sources, key))->rows;
}

static int compare_counted(const void *a, const void *b, void *context)
{
	const struct directory *directory = context;
	const struct try *left = ((const struct counted *)a)->try;
	const struct try *right = ((const struct counted *)b)->try;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return ip_compare(&directory_client_at(directory, left->client)->ip,
			  &directory_client_at(directory, right->client)->ip);
}

/* Whether the log tells names of clients at all. */
static bool tells_names(const struct directory *directory)
{
	for (uint32_t id = 1; id <= directory->clients.count; id++) {
		const struct client *client = directory_client_at(directory, id);

		if (client->name && !client->unsure)
			return true;
	}
	return false;
}

/*
 * A client that logs in, or had mail taken in since, is no evidence. Weak refusals of servers with
 * a name may be those of a pool.
 */
static bool counts(const struct sweep *sweep, const struct try *try)
{
	const struct detect_context *context = sweep->pairs->context;
	const struct origin *origin =
		origins_at(context->origins, origins_of_client(context->origins, try->client));

	if (host_is_ours(context, try->client))
		return false;
	if (try->weak && (!sweep->tells_names || host_is_named(context, try->client)))
		return false;
	return !(origin->flags & ORIGIN_OUTBOUND) &&
	       !(origin->messages > 0 && origin->message_last >= try->time);
}

static uint64_t source_of(const struct pairs *pairs, const struct try *try)
{
	return try->weak ? host_wide_source(pairs->context, try->client)
			 : host_source(pairs->context, pairs->sites, try->client);
}

static void gather(struct sweep *sweep, size_t from, size_t until)
{
	struct pairs *pairs = sweep->pairs;

	sweep->count = 0;
	for (size_t i = from; i < until; i++) {
		const struct try *try = &pairs->tries[i];

		if (!counts(sweep, try))
			continue;
		ARRAY_GROW(sweep->rows, sweep->count, sweep->capacity);
		sweep->rows[sweep->count++] = (struct counted){
			.try = try,
			.source = source_of(pairs, try),
		};
	}
	if (sweep->count > 1)
		qsort_r(sweep->rows, sweep->count, sizeof(*sweep->rows), compare_counted,
			(void *)pairs->context->directory);
}

static void note_window(struct sweep *sweep, size_t from, size_t last, uint32_t distinct)
{
	uint32_t span_s = sweep->rows[last].try->time - sweep->rows[from].try->time;
	bool enough = distinct >= sweep->pairs->parameters[SOURCES];

	if (distinct > sweep->most) {
		sweep->most = distinct;
		sweep->span_s = span_s;
	}
	if (enough && !sweep->decided)
		sweep->decided = sweep->rows[last].try->time;
	/* Back to rows that an earlier window has marked so already. */
	for (size_t i = last + 1; distinct >= TABLE_SOURCES && i > from; i--) {
		struct counted *row = &sweep->rows[i - 1];

		if (row->in_table && (row->found || !enough))
			break;
		row->in_table = true;
		row->found |= enough;
	}
}

static void slide(struct sweep *sweep)
{
	uint32_t distinct = 0;
	size_t from = 0;

	map_clear(&sweep->sources);
	sweep->most = sweep->span_s = sweep->decided = 0;
	for (size_t i = 0; i < sweep->count; i++) {
		while (!pairs_is_near(sweep->pairs, sweep->rows[from].try, sweep->rows[i].try))
			distinct -= --*window_rows(sweep, sweep->rows[from++].source) == 0;
		distinct += (*window_rows(sweep, sweep->rows[i].source))++ == 0;
		note_window(sweep, from, i, distinct);
	}
}

static bool is_convincing(const struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->count; i++)
		if (sweep->rows[i].found &&
		    !host_is_named(sweep->pairs->context, sweep->rows[i].try->client))
			return true;
	return sweep->most >= NAMED_SOURCES;
}

static void put_pair(struct sweep *sweep, bool cleared)
{
	struct patterns *patterns = sweep->patterns;
	struct pair_pattern pair = {
		.sources = sweep->most,
		.cleared = cleared,
		.list = (uint32_t)patterns->client_count,
	};

	map_clear(&sweep->clients);
	for (size_t i = 0; i < sweep->count; i++) {
		const struct try *try = sweep->rows[i].try;
		bool is_new;

		if (!sweep->rows[i].in_table)
			continue;
		if (pair.attempts == 0) {
			pair.sender = try->sender;
			pair.recipient = try->recipient;
			pair.first = try->time;
		}
		pair.attempts += try->count;
		pair.last = try->time;
		map_add(&sweep->clients, &try->client, map_hash(&sweep->clients, &try->client),
			&is_new);
		if (!is_new)
			continue;
		ARRAY_GROW(patterns->clients, patterns->client_count, patterns->client_capacity);
		patterns->clients[patterns->client_count++] = try->client;
		pair.clients++;
	}
	ARRAY_GROW(patterns->pairs, patterns->pair_count, patterns->pair_capacity);
	patterns->pairs[patterns->pair_count++] = pair;
}

static void involve(struct sweep *sweep, const struct try *try)
{
	struct origins *origins = sweep->pairs->context->origins;
	uint32_t origin = origins_of_client(origins, try->client);
	struct involved *row = map_at(sweep->involved, &origin);
	uint32_t decided = try->time > sweep->decided ? try->time : sweep->decided;
	bool known = try->session == 0;

	row->first = row->attempts == 0 || try->time < row->first ? try->time : row->first;
	row->last = try->time > row->last ? try->time : row->last;
	row->decided = row->attempts == 0 || decided < row->decided ? decided : row->decided;
	row->attempts += try->count;
	row->mails += row->mail != sweep->mail;
	row->mail = sweep->mail;
	row->convincing |= sweep->convincing;
	if (sweep->most > row->sources) {
		row->sources = sweep->most;
		row->span_s = sweep->span_s;
		row->sender = try->sender;
		row->recipient = try->recipient;
	}
	for (uint32_t i = 0; i < row->session_count; i++)
		known |= row->sessions[i] == try->session;
	if (!known && row->session_count < FINDING_SESSIONS_MAX)
		row->sessions[row->session_count++] = try->session;
}

static void look_at_mail(struct sweep *sweep, size_t from, size_t until)
{
	bool cleared;

	if (!pairs_is_shared(sweep->pairs, from, until))
		return;
	cleared = pairs_got_through(sweep->pairs, &sweep->pairs->tries[from]) ||
		  pairs_got_through(sweep->pairs, &sweep->pairs->tries[until - 1]);
	sweep->mail++;
	gather(sweep, from, until);
	slide(sweep);
	sweep->convincing = is_convincing(sweep);
	if (sweep->patterns && sweep->most >= TABLE_SOURCES)
		put_pair(sweep, cleared);
	for (size_t i = 0; sweep->involved && !cleared && i < sweep->count; i++)
		if (sweep->rows[i].found)
			involve(sweep, sweep->rows[i].try);
}

static void sweep_all(struct pairs *pairs, struct map *involved, struct patterns *patterns)
{
	struct sweep sweep = {.pairs = pairs, .involved = involved, .patterns = patterns};

	sweep.tells_names = tells_names(pairs->context->directory);
	map_init(&sweep.sources, sizeof(struct in_window), 2 * sizeof(uint32_t));
	map_init(&sweep.clients, sizeof(uint32_t), sizeof(uint32_t));
	rows_sort(pairs->tries, pairs->count, sizeof(*pairs->tries));
	for (size_t from = 0, until; from < pairs->count; from = until) {
		until = pairs_mail_end(pairs, from);
		if (until - from > 1)
			look_at_mail(&sweep, from, until);
	}
	free(sweep.rows);
	map_release(&sweep.sources);
	map_release(&sweep.clients);
}

void pairs_find(void *data, struct findings *findings)
{
	struct map involved;

	map_init(&involved, sizeof(struct involved), sizeof(uint32_t));
	sweep_all(data, &involved, NULL);
	for (uint32_t i = 0; i < involved.count; i++) {
		const struct involved *row = map_row(&involved, i);
		struct finding *finding =
			findings_add(findings, "one-mail-many-clients", row->origin,
				     row->convincing ? GRADE_STRONG : GRADE_HINT);

		finding->since = row->first;
		finding->until = row->last;
		finding->decided = row->decided;
		finding_count(finding, "sources", row->sources);
		finding_seconds(finding, "span", row->span_s);
		finding_string(finding, "sender", row->sender);
		finding_string(finding, "recipient", row->recipient);
		finding_count(finding, "mails", row->mails);
		finding_count(finding, "attempts", row->attempts);
		finding->session_count = (uint8_t)row->session_count;
		memcpy(finding->sessions, row->sessions, sizeof(row->sessions));
	}
	map_release(&involved);
}

void pairs_tell(void *data, struct patterns *patterns)
{
	sweep_all(data, NULL, patterns);
}
