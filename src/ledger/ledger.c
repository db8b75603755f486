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
#define CLIENTS_FIRST 64
#define KEY_WORDS 3 /* at most */
/* Look-ups ahead of the one whose turn it is; of each, first the slot is asked
   for, then the row. */
#define AHEAD_SLOT 32
#define AHEAD_ROW 16

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
	memory_free_table(ledger->clients, ledger->client_capacity * sizeof(*ledger->clients));
	memory_free_table(ledger->recent, ledger->client_capacity * sizeof(*ledger->recent));
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

/* Makes room in the tables by client. */
static void have_client(struct ledger *ledger, uint32_t client)
{
	size_t old = ledger->client_capacity, capacity = old ? old : CLIENTS_FIRST;

	while (capacity <= client)
		capacity *= 2;
	if (capacity == old)
		return;
	ledger->clients = memory_grow_table(ledger->clients, old * sizeof(*ledger->clients),
					    capacity * sizeof(*ledger->clients));
	ledger->recent = memory_grow_table(ledger->recent, old * sizeof(*ledger->recent),
					   capacity * sizeof(*ledger->recent));
	ledger->client_capacity = capacity;
}

/* Most clients are refused for one reason: the row used last is mostly the one. */
static struct client_reason *reason_row(struct ledger *ledger, uint32_t client, uint32_t reason)
{
	struct map *map = &ledger->client_reasons;
	uint32_t *recent = &ledger->recent[client].reason_row;
	struct client_reason *row;

	if (*recent) {
		row = map_row(map, *recent - 1);
		if (row->reason == reason)
			return row;
	}
	row = map_at(map, (uint32_t[]){client, reason});
	*recent = (uint32_t)(row - (struct client_reason *)map->rows) + 1;
	return row;
}

static void prefetch_reason(const struct ledger *ledger, uint32_t client)
{
	uint32_t recent = ledger->recent[client].reason_row;

	if (recent)
		__builtin_prefetch(map_row(&ledger->client_reasons, recent - 1));
}

/* Attempts: client and reason. */
static void fold_reasons(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct attempt *attempt = &attempts[i];
		struct client_reason *row;

		if (i + AHEAD_SLOT < count)
			__builtin_prefetch(&ledger->recent[attempts[i + AHEAD_SLOT].client]);
		if (i + AHEAD_ROW < count)
			prefetch_reason(ledger, attempts[i + AHEAD_ROW].client);
		row = reason_row(ledger, attempt->client, attempt->reason);
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

/* Look-ups in one table, gathered so that they can overlap. */
struct lookups {
	struct map *map;
	size_t count;
	uint32_t keys[WAITING_MAX][KEY_WORDS];
	uint64_t hashes[WAITING_MAX];
	uint32_t guesses[WAITING_MAX];
	const struct attempt *attempts[WAITING_MAX];
};

/* The next one's key, to be filled in before lookups_add. */
static uint32_t *lookups_key(struct lookups *lookups)
{
	return lookups->keys[lookups->count];
}

static void lookups_add(struct lookups *lookups, const struct attempt *attempt)
{
	size_t n = lookups->count++;

	lookups->hashes[n] = map_hash(lookups->map, lookups->keys[n]);
	lookups->guesses[n] = 0;
	lookups->attempts[n] = attempt;
}

/* The row of number N; to be called for each in order. */
static void *lookups_row(struct lookups *lookups, size_t n)
{
	size_t far = n + AHEAD_SLOT, near = n + AHEAD_ROW;

	if (far < lookups->count)
		map_prefetch_slot(lookups->map, lookups->hashes[far]);
	if (near < lookups->count)
		lookups->guesses[near] = map_prefetch_row(lookups->map, lookups->hashes[near]);
	return map_add_guessed(lookups->map, lookups->keys[n], lookups->hashes[n],
			       lookups->guesses[n]);
}

/* Attempts: client, sender, recipient. */
static void fold_pairs(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	struct lookups lookups;

	lookups.map = &ledger->pairs;
	lookups.count = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t *key = lookups_key(&lookups);

		if (!is_pair(&attempts[i]))
			continue;
		key[0] = attempts[i].client;
		key[1] = attempts[i].sender;
		key[2] = attempts[i].reason == REASON_RELAY_DENIED ? attempts[i].recipient
								   : PAIR_ANY_RECIPIENT;
		lookups_add(&lookups, &attempts[i]);
	}
	for (size_t i = 0; i < lookups.count; i++) {
		struct refused_pair *row = lookups_row(&lookups, i);
		const struct attempt *attempt = lookups.attempts[i];

		widen_row(row->count, &row->first, &row->last, attempt->time);
		row->count += attempt->count;
	}
}

/* Attempts: user names. */
static void fold_users(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	struct lookups lookups;

	lookups.map = &ledger->users;
	lookups.count = 0;
	for (size_t i = 0; i < count; i++) {
		if (attempts[i].reason != REASON_AUTH_FAILED)
			continue;
		*lookups_key(&lookups) = attempts[i].sender;
		lookups_add(&lookups, &attempts[i]);
	}
	for (size_t i = 0; i < lookups.count; i++) {
		struct user_totals *row = lookups_row(&lookups, i);
		const struct attempt *attempt = lookups.attempts[i];

		widen_row(row->failures, &row->first, &row->last, attempt->time);
		row->failures += attempt->count;
	}
}

static void fold(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		widen(&ledger->first, &ledger->last, attempts[i].time, attempts[i].time);
	fold_users(ledger, attempts, count);
	fold_reasons(ledger, attempts, count);
	if (ledger->parts & LEDGER_PAIRS)
		fold_pairs(ledger, attempts, count);
}

static void fold_session_reasons(struct ledger *ledger, const struct session_fact *session)
{
	uint32_t reasons = session->reasons & SESSION_REASON_BITS;

	for (; reasons; reasons &= reasons - 1)
		reason_row(ledger, session->client, (uint32_t)__builtin_ctz(reasons))->sessions++;
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

static void fold_day(struct ledger *ledger, uint32_t client, uint32_t day)
{
	uint32_t *recent = &ledger->recent[client].relay_day;

	if (*recent == day + 1)
		return;
	*recent = day + 1;
	map_at(&ledger->client_days, (uint32_t[]){client, day});
}

static void prefetch_session(const struct ledger *ledger, const struct session_fact *session)
{
	__builtin_prefetch(&ledger->clients[session->client - 1], 1);
	__builtin_prefetch(&ledger->recent[session->client]);
}

static void fold_sessions(struct ledger *ledger, const struct session_fact *sessions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct session_fact *session = &sessions[i];

		if (i + AHEAD_SLOT < count)
			prefetch_session(ledger, &sessions[i + AHEAD_SLOT]);
		if (i + AHEAD_ROW < count && sessions[i + AHEAD_ROW].reasons)
			prefetch_reason(ledger, sessions[i + AHEAD_ROW].client);
		if (session->client > ledger->client_count)
			ledger->client_count = session->client;
		widen(&ledger->first, &ledger->last, session->start, session->end);
		fold_totals(&ledger->clients[session->client - 1], session);
		fold_session_reasons(ledger, session);
		if (session->relay_refusals)
			fold_day(ledger, session->client, session->start / CIVIL_DAY);
	}
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
	have_client(ledger, attempt->client);
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
	have_client(ledger, session->client);
	ledger->waiting_sessions[ledger->waiting_session_count++] = *session;
	if (ledger->waiting_session_count == WAITING_MAX)
		ledger_settle(ledger);
}

static void take_slot(void *context, const struct slot *slot)
{
	struct ledger *ledger = context;

	if ((ledger->parts & LEDGER_SLOTS) && in_period(ledger, slot->start))
		slot_add(map_at(&ledger->slots, &slot->start), slot);
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
