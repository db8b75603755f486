/*
 * Folding facts into tables.
 *
 * Attempts and sessions are most of the work: each touches two or three tables
 * that do not fit a cache. They wait until some hundreds are together; then each table is
 * gone through with the slots and rows of attempts further on already asked
 * for, so that the waits for memory overlap.
 */
#include "ledger/ledger.h"

#include <stdlib.h>

#include "base/memory.h"

#define WAITING_MAX 1024
#define AHEAD_SLOT 24
#define AHEAD_ROW 12

void ledger_init(struct ledger *ledger, struct directory *directory, uint32_t parts, uint32_t from,
		 uint32_t until)
{
	uint32_t past_until = until % SLOT_S;

	*ledger = (struct ledger){.directory = directory, .parts = parts, .first = UINT32_MAX};
	ledger->from = from - from % SLOT_S;
	ledger->until = until;
	if (past_until && until <= UINT32_MAX - SLOT_S)
		ledger->until = until - past_until + SLOT_S;
	map_init(&ledger->slots, sizeof(struct slot), sizeof(uint32_t));
	map_init(&ledger->client_reasons, sizeof(struct client_reason), 2 * sizeof(uint32_t));
	map_init(&ledger->pairs, sizeof(struct refused_pair), 3 * sizeof(uint32_t));
	map_init(&ledger->users, sizeof(struct user_totals), sizeof(uint32_t));
	map_init(&ledger->client_days, sizeof(struct client_day), 2 * sizeof(uint32_t));
	ledger->waiting = memory_get(WAITING_MAX * sizeof(*ledger->waiting));
	ledger->waiting_sessions = memory_get(WAITING_MAX * sizeof(*ledger->waiting_sessions));
}

void ledger_release(struct ledger *ledger)
{
	map_release(&ledger->slots);
	map_release(&ledger->client_reasons);
	map_release(&ledger->pairs);
	map_release(&ledger->users);
	map_release(&ledger->client_days);
	free(ledger->clients);
	free(ledger->waiting);
	free(ledger->waiting_sessions);
	*ledger = (struct ledger){0};
}

static bool in_period(const struct ledger *ledger, uint32_t time)
{
	return time >= ledger->from && time < ledger->until;
}

static void widen(uint32_t *first, uint32_t *last, uint32_t from, uint32_t to)
{
	if (from < *first)
		*first = from;
	if (to > *last)
		*last = to;
}

/* As widen, for rows whose times are still zero when COUNT is. */
static void widen_row(uint32_t count, uint32_t *first, uint32_t *last, uint32_t time)
{
	if (count == 0)
		*first = time;
	widen(first, last, time, time);
}

static struct client_totals *totals_of(struct ledger *ledger, uint32_t client)
{
	size_t old = ledger->client_count;

	if (client > old) {
		while (client > ledger->client_capacity)
			ARRAY_GROW(ledger->clients, ledger->client_capacity,
				   ledger->client_capacity);
		ledger->client_count = client;
		memset(ledger->clients + old, 0, (client - old) * sizeof(*ledger->clients));
	}
	return &ledger->clients[client - 1];
}

/* Attempts: client and reason. */
static void fold_reasons(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	struct map *map = &ledger->client_reasons;
	uint64_t hashes[WAITING_MAX];

	for (size_t i = 0; i < count; i++)
		hashes[i] = map_hash(map, (uint32_t[]){attempts[i].client, attempts[i].reason});
	for (size_t i = 0; i < count; i++) {
		const struct attempt *attempt = &attempts[i];
		struct client_reason *row;

		if (i + AHEAD_SLOT < count)
			map_prefetch_slot(map, hashes[i + AHEAD_SLOT]);
		if (i + AHEAD_ROW < count)
			map_prefetch_row(map, hashes[i + AHEAD_ROW]);
		row = map_add(map, (uint32_t[]){attempt->client, attempt->reason}, hashes[i], NULL);
		widen_row(row->refusals, &row->first, &row->last, attempt->time);
		row->refusals += attempt->count;
		if (attempt->flags & ATTEMPT_MESSAGE_ID_MISSING)
			row->detail += attempt->count;
	}
}

static bool is_pair(const struct attempt *attempt)
{
	if (attempt->reason == REASON_AUTH_FAILED)
		return false;
	if (attempt->reason == REASON_RELAY_DENIED)
		return attempt->flags & ATTEMPT_HAS_RECIPIENT;
	return attempt->flags & ATTEMPT_HAS_SENDER;
}

/* Attempts: client, sender, recipient. */
static void fold_pairs(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	struct map *map = &ledger->pairs;
	uint64_t hashes[WAITING_MAX];
	uint32_t keys[WAITING_MAX][3];
	const struct attempt *pairs[WAITING_MAX];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct attempt *attempt = &attempts[i];

		if (!is_pair(attempt))
			continue;
		keys[n][0] = attempt->client;
		keys[n][1] = attempt->sender;
		keys[n][2] = attempt->reason == REASON_RELAY_DENIED ? attempt->recipient
								    : PAIR_ANY_RECIPIENT;
		hashes[n] = map_hash(map, keys[n]);
		pairs[n++] = attempt;
	}
	for (size_t i = 0; i < n; i++) {
		struct refused_pair *row;

		if (i + AHEAD_SLOT < n)
			map_prefetch_slot(map, hashes[i + AHEAD_SLOT]);
		if (i + AHEAD_ROW < n)
			map_prefetch_row(map, hashes[i + AHEAD_ROW]);
		row = map_add(map, keys[i], hashes[i], NULL);
		widen_row(row->count, &row->first, &row->last, pairs[i]->time);
		row->count += pairs[i]->count;
	}
}

static void fold_user(struct ledger *ledger, const struct attempt *attempt)
{
	struct user_totals *row = map_at(&ledger->users, &attempt->sender);

	widen_row(row->failures, &row->first, &row->last, attempt->time);
	row->failures += attempt->count;
}

static void fold(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		widen(&ledger->first, &ledger->last, attempts[i].time, attempts[i].time);
		if (attempts[i].reason == REASON_AUTH_FAILED)
			fold_user(ledger, &attempts[i]);
	}
	fold_reasons(ledger, attempts, count);
	if (ledger->parts & LEDGER_PAIRS)
		fold_pairs(ledger, attempts, count);
}

/* Refused sessions of a client for a reason: collected, then counted together. */
struct session_reasons {
	uint32_t keys[WAITING_MAX][2];
	uint64_t hashes[WAITING_MAX];
	size_t count;
};

static void count_session_reasons(struct ledger *ledger, struct session_reasons *met)
{
	struct map *map = &ledger->client_reasons;

	for (size_t i = 0; i < met->count; i++) {
		struct client_reason *row;

		if (i + AHEAD_SLOT < met->count)
			map_prefetch_slot(map, met->hashes[i + AHEAD_SLOT]);
		if (i + AHEAD_ROW < met->count)
			map_prefetch_row(map, met->hashes[i + AHEAD_ROW]);
		row = map_add(map, met->keys[i], met->hashes[i], NULL);
		row->sessions++;
	}
	met->count = 0;
}

static void fold_session_reasons(struct ledger *ledger, const struct session_fact *sessions,
				 size_t count)
{
	struct session_reasons met = {.count = 0};

	for (size_t i = 0; i < count; i++) {
		uint32_t reasons = sessions[i].reasons & SESSION_REASON_BITS;

		if (met.count + REASON_MAX > WAITING_MAX)
			count_session_reasons(ledger, &met);
		for (; reasons; reasons &= reasons - 1) {
			uint32_t *key = met.keys[met.count];

			key[0] = sessions[i].client;
			key[1] = (uint32_t)__builtin_ctz(reasons);
			met.hashes[met.count++] = map_hash(&ledger->client_reasons, key);
		}
	}
	count_session_reasons(ledger, &met);
}

static void fold_totals(struct client_totals *totals, const struct session_fact *session)
{
	widen_row(totals->sessions, &totals->first_start, &totals->last_start, session->start);
	if (totals->sessions == 0)
		totals->first = session->start;
	widen(&totals->first, &totals->last, session->start, session->end);
	totals->sessions++;
	totals->accepted += session->accepted;
	totals->refused_sessions += session->reasons != 0;
	totals->temporary_sessions += (session->reasons & SESSION_TEMPORARY) != 0;
	totals->permanent_sessions += (session->reasons & SESSION_PERMANENT) != 0;
	if (session->relay_refusals) {
		totals->relay_sessions++;
		totals->gave_up_sessions += (session->flags & SESSION_GAVE_UP) != 0;
	}
	if (session->flags & SESSION_UNTIMED)
		return;
	totals->connections++;
	if (session->flags & SESSION_INFERRED)
		return;
	totals->timed++;
	totals->connected_ms += session->duration_ms;
	if (session->duration_ms > totals->max_ms)
		totals->max_ms = session->duration_ms;
}

static void fold_sessions(struct ledger *ledger, const struct session_fact *sessions, size_t count)
{
	/* No row moves from here on. */
	for (size_t i = 0; i < count; i++)
		totals_of(ledger, sessions[i].client);
	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD_ROW < count)
			__builtin_prefetch(&ledger->clients[sessions[i + AHEAD_ROW].client - 1]);
		widen(&ledger->first, &ledger->last, sessions[i].start, sessions[i].end);
		fold_totals(&ledger->clients[sessions[i].client - 1], &sessions[i]);
		if (sessions[i].relay_refusals)
			map_at(&ledger->client_days,
			       (uint32_t[]){sessions[i].client, sessions[i].start / CIVIL_DAY});
	}
	fold_session_reasons(ledger, sessions, count);
}

void ledger_settle(struct ledger *ledger)
{
	fold(ledger, ledger->waiting, ledger->waiting_count);
	ledger->waiting_count = 0;
	fold_sessions(ledger, ledger->waiting_sessions, ledger->waiting_session_count);
	ledger->waiting_session_count = 0;
}

static void take_attempt(void *context, const struct attempt *attempt)
{
	struct ledger *ledger = context;

	if (!(ledger->parts & LEDGER_ATTEMPTS) || !in_period(ledger, attempt->time))
		return;
	ledger->waiting[ledger->waiting_count++] = *attempt;
	if (ledger->waiting_count == WAITING_MAX)
		ledger_settle(ledger);
}

void ledger_take_attempts(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		take_attempt(ledger, &attempts[i]);
}

static void take_session(void *context, const struct session_fact *session)
{
	struct ledger *ledger = context;

	if (!(ledger->parts & LEDGER_SESSIONS) || !in_period(ledger, session->end) ||
	    session->client == 0)
		return;
	ledger->waiting_sessions[ledger->waiting_session_count++] = *session;
	if (ledger->waiting_session_count == WAITING_MAX)
		ledger_settle(ledger);
}

static void take_slot(void *context, const struct slot *slot)
{
	struct ledger *ledger = context;
	struct slot *row;

	if (!(ledger->parts & LEDGER_SLOTS) || !in_period(ledger, slot->start))
		return;
	row = map_at(&ledger->slots, &slot->start);
	if (slot->peak_concurrent > row->peak_concurrent)
		row->peak_concurrent = slot->peak_concurrent;
	if (slot->max_ms > row->max_ms)
		row->max_ms = slot->max_ms;
	row->sessions_exact += slot->sessions_exact;
	row->received += slot->received;
	row->delivered += slot->delivered;
	row->forwarded += slot->forwarded;
	row->deferred += slot->deferred;
	row->bounced += slot->bounced;
	row->rejected += slot->rejected;
	row->bytes_received += slot->bytes_received;
	row->bytes_delivered += slot->bytes_delivered;
	row->connections += slot->connections;
	row->connected_ms += slot->connected_ms;
	row->relay_attempts += slot->relay_attempts;
	row->probes += slot->probes;
	row->held += slot->held;
	row->discarded += slot->discarded;
	row->warnings += slot->warnings;
}

static void take_role(void *context, const struct role_fact *role)
{
	struct ledger *ledger = context;
	uint32_t time = role->day * CIVIL_DAY;
	uint8_t fresh;

	/* A role is known by its day: it counts if any of the day is asked for. */
	if (!(ledger->parts & LEDGER_ROLES) || time + CIVIL_DAY <= ledger->from ||
	    time >= ledger->until)
		return;
	if (role->string == 0) {
		ledger->mail_senders += !ledger->null_sender;
		ledger->null_sender = true;
		return;
	}
	fresh = strings_set_roles(ledger->directory->strings, role->string,
				  LEDGER_ROLE(role->role));
	ledger->mail_senders += (fresh & LEDGER_ROLE(ROLE_MAIL_SENDER)) != 0;
	ledger->mail_recipients += (fresh & LEDGER_ROLE(ROLE_MAIL_RECIPIENT)) != 0;
}

struct fact_sink ledger_sink(struct ledger *ledger)
{
	return (struct fact_sink){ledger, take_attempt, take_session, take_slot, take_role};
}
