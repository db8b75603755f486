/*
 * Folding facts into tables.
 *
 * Attempts and sessions are most of the work: each touches two or three tables
 * that do not fit a cache. So they are folded many at a time, where they lie; each
 * table is gone through with the slots and rows of facts further on already asked
 * for, so that the waits for memory overlap.
 */
#include "ledger/ledger.h"

#include "base/memory.h"

#define LOOKUPS_MAX 512
#define CLIENTS_FIRST 64
#define REASONS_FIRST 64
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
	map_init(&ledger->relays, sizeof(struct relay_triple), 3 * sizeof(uint32_t));
	map_init(&ledger->users, sizeof(struct user_totals), sizeof(uint32_t));
}

void ledger_release(struct ledger *ledger)
{
	map_release(&ledger->slots);
	map_release(&ledger->relays);
	map_release(&ledger->users);
	uses_release(&ledger->senders);
	uses_release(&ledger->client_days);
	memory_free_table(ledger->clients, ledger->client_capacity * sizeof(*ledger->clients));
	memory_free_table(ledger->reasons, ledger->reason_capacity * sizeof(*ledger->reasons));
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

static void have_client(struct ledger *ledger, uint32_t client)
{
	size_t old = ledger->client_capacity, capacity = old ? old : CLIENTS_FIRST;

	while (capacity <= client)
		capacity *= 2;
	if (capacity == old)
		return;
	ledger->clients = memory_grow_table(ledger->clients, old * sizeof(*ledger->clients),
					    capacity * sizeof(*ledger->clients));
	ledger->client_capacity = capacity;
}

static struct client_reason *reason_add(struct ledger *ledger, uint32_t client, uint32_t reason)
{
	size_t old = ledger->reason_capacity;
	struct client_reason *row;

	if (ledger->reason_count == old) {
		ledger->reason_capacity = old ? old + old / 2 : REASONS_FIRST;
		ledger->reasons =
			memory_grow_table(ledger->reasons, old * sizeof(*ledger->reasons),
					  ledger->reason_capacity * sizeof(*ledger->reasons));
	}
	row = &ledger->reasons[ledger->reason_count++];
	*row = (struct client_reason){
		.client = client, .reason = reason, .next = ledger->clients[client].reason_row};
	ledger->clients[client].reason_row = (uint32_t)ledger->reason_count;
	return row;
}

/* Most clients are refused for one reason: there is little to walk along. */
static struct client_reason *reason_row(struct ledger *ledger, uint32_t client, uint32_t reason)
{
	uint32_t at = ledger->clients[client].reason_row;

	while (at) {
		struct client_reason *row = &ledger->reasons[at - 1];

		if (row->reason == reason)
			return row;
		at = row->next;
	}
	return reason_add(ledger, client, reason);
}

/* Asks for the client's rows, once the client itself is at hand. */
static void prefetch_rows(const struct ledger *ledger, uint32_t client)
{
	const struct client_totals *totals = &ledger->clients[client];

	if (totals->reason_row)
		__builtin_prefetch(&ledger->reasons[totals->reason_row - 1]);
	if (totals->sender_row)
		__builtin_prefetch(&ledger->senders.rows[totals->sender_row - 1]);
}

static bool is_sender_use(const struct attempt *attempt)
{
	return attempt->flags & ATTEMPT_HAS_SENDER && attempt->reason != REASON_AUTH_FAILED &&
	       attempt->reason != REASON_RELAY_DENIED;
}

/* Attempts: by client. */
static void fold_clients(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct attempt *attempt = &attempts[i];
		struct client_reason *row;

		if (i + AHEAD_SLOT < count)
			__builtin_prefetch(&ledger->clients[attempts[i + AHEAD_SLOT].client]);
		if (i + AHEAD_ROW < count)
			prefetch_rows(ledger, attempts[i + AHEAD_ROW].client);
		row = reason_row(ledger, attempt->client, attempt->reason);
		widen_row(row->refusals, &row->first, &row->last, attempt->time);
		row->refusals += attempt->count;
		if (attempt->flags & ATTEMPT_MESSAGE_ID_MISSING)
			row->detail += attempt->count;
		if (ledger->parts & LEDGER_PAIRS && is_sender_use(attempt))
			uses_add(&ledger->senders, &ledger->clients[attempt->client].sender_row,
				 attempt->client, attempt->sender, attempt->count);
	}
}

/* Look-ups in one table, gathered so that they can overlap. */
struct lookups {
	struct map *map;
	size_t count;
	uint32_t keys[LOOKUPS_MAX][KEY_WORDS];
	uint64_t hashes[LOOKUPS_MAX];
	uint32_t guesses[LOOKUPS_MAX];
	const struct attempt *attempts[LOOKUPS_MAX];
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

static void settle_relays(struct lookups *lookups)
{
	for (size_t i = 0; i < lookups->count; i++) {
		struct relay_triple *row = lookups_row(lookups, i);
		const struct attempt *attempt = lookups->attempts[i];

		widen_row(row->count, &row->first, &row->last, attempt->time);
		row->count += attempt->count;
	}
	lookups->count = 0;
}

/* Attempts to relay: client, sender, recipient. */
static void fold_relays(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	struct lookups lookups;

	lookups.map = &ledger->relays;
	lookups.count = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t *key = lookups_key(&lookups);

		if (attempts[i].reason != REASON_RELAY_DENIED ||
		    !(attempts[i].flags & ATTEMPT_HAS_RECIPIENT))
			continue;
		key[0] = attempts[i].client;
		key[1] = attempts[i].sender;
		key[2] = attempts[i].recipient;
		lookups_add(&lookups, &attempts[i]);
		if (lookups.count == LOOKUPS_MAX)
			settle_relays(&lookups);
	}
	settle_relays(&lookups);
}

static void settle_users(struct lookups *lookups)
{
	for (size_t i = 0; i < lookups->count; i++) {
		struct user_totals *row = lookups_row(lookups, i);
		const struct attempt *attempt = lookups->attempts[i];

		widen_row(row->failures, &row->first, &row->last, attempt->time);
		row->failures += attempt->count;
	}
	lookups->count = 0;
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
		if (lookups.count == LOOKUPS_MAX)
			settle_users(&lookups);
	}
	settle_users(&lookups);
}

static void fold_attempts(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	uint32_t client_last = 0;

	for (size_t i = 0; i < count; i++) {
		widen(&ledger->first, &ledger->last, attempts[i].time, attempts[i].time);
		client_last = attempts[i].client > client_last ? attempts[i].client : client_last;
	}
	have_client(ledger, client_last);
	fold_clients(ledger, attempts, count);
	fold_users(ledger, attempts, count);
	if (ledger->parts & LEDGER_PAIRS)
		fold_relays(ledger, attempts, count);
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
	totals->sessions++;
	totals->accepted += session->accepted;
	totals->refused_sessions += session->reasons != 0;
	totals->temporary_sessions += (session->reasons & SESSION_TEMPORARY) != 0;
	totals->permanent_sessions += (session->reasons & SESSION_PERMANENT) != 0;
	if (session->relay_refusals)
		totals->gave_up_sessions += (session->flags & SESSION_GAVE_UP) != 0;
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
	for (size_t i = 0; i < count; i++) {
		widen(&ledger->first, &ledger->last, sessions[i].start, sessions[i].end);
		if (sessions[i].client > ledger->client_count)
			ledger->client_count = sessions[i].client;
	}
	have_client(ledger, (uint32_t)ledger->client_count);
	for (size_t i = 0; i < count; i++) {
		const struct session_fact *session = &sessions[i];
		struct client_totals *totals = &ledger->clients[session->client];

		if (i + AHEAD_SLOT < count)
			__builtin_prefetch(&ledger->clients[sessions[i + AHEAD_SLOT].client], 1);
		if (i + AHEAD_ROW < count && sessions[i + AHEAD_ROW].reasons)
			prefetch_rows(ledger, sessions[i + AHEAD_ROW].client);
		fold_totals(totals, session);
		fold_session_reasons(ledger, session);
		if (session->relay_refusals)
			uses_add(&ledger->client_days, &totals->day_row, session->client,
				 session->start / CIVIL_DAY, 1);
	}
}

/* Folds the wanted among many where they lie: from one that is not to the next. */
void ledger_take_attempts(struct ledger *ledger, const struct attempt *attempts, size_t count)
{
	size_t from = 0;

	if (!(ledger->parts & LEDGER_ATTEMPTS))
		return;
	for (size_t i = 0; i < count; i++) {
		if (in_period(ledger, attempts[i].time))
			continue;
		fold_attempts(ledger, attempts + from, i - from);
		from = i + 1;
	}
	fold_attempts(ledger, attempts + from, count - from);
}

void ledger_take_sessions(struct ledger *ledger, const struct session_fact *sessions, size_t count)
{
	size_t from = 0;

	if (!(ledger->parts & LEDGER_SESSIONS))
		return;
	for (size_t i = 0; i < count; i++) {
		if (sessions[i].client && in_period(ledger, sessions[i].end))
			continue;
		fold_sessions(ledger, sessions + from, i - from);
		from = i + 1;
	}
	fold_sessions(ledger, sessions + from, count - from);
}

static void take_attempts(void *context, const struct attempt *attempts, size_t count)
{
	ledger_take_attempts(context, attempts, count);
}

static void take_sessions(void *context, const struct session_fact *sessions, size_t count)
{
	ledger_take_sessions(context, sessions, count);
}

static void take_attempt(void *context, const struct attempt *attempt)
{
	ledger_take_attempts(context, attempt, 1);
}

static void take_session(void *context, const struct session_fact *session)
{
	ledger_take_sessions(context, session, 1);
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
	return (struct fact_sink){
		ledger,	   take_attempt,  take_session,	 take_slot,
		take_role, take_attempts, take_sessions,
	};
}
