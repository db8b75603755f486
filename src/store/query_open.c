/*
 * Sessions that are open, for queries: they end as at the end of a log, so that a
 * query sees what a report sees.
 *
 * Their facts are no part of the store. Rows go to store->open_facts, where
 * cursors find them behind the segments; counts go to a temporary table.
 */
#include <stdlib.h>

#include "store/internal.h"

#include "base/memory.h"
#include "session/session.h"

struct taker {
	struct store *store;
	sqlite3_stmt *statement; /* puts a slot into open_slots */
	struct err *err;
	int r; /* the first failure */
};

static void take(struct taker *taker, enum part part, const void *row)
{
	struct open_facts *open = &taker->store->open_facts[part];
	size_t size = fact_part(part)->table.row_size;

	if (open->count == open->capacity) {
		open->capacity = open->capacity ? open->capacity * 2 : 64;
		open->rows = memory_resize(open->rows, open->capacity, size);
	}
	memcpy(open->rows + open->count++ * size, row, size);
}

static void take_attempt(void *context, const struct attempt *attempt)
{
	take(context, PART_ATTEMPTS, attempt);
}

static void take_session(void *context, const struct session_fact *session)
{
	take(context, PART_SESSIONS, session);
}

static void take_role(void *context, const struct role_fact *role)
{
	take(context, PART_ROLES, role);
}

static void take_slot(void *context, const struct slot *slot)
{
	struct taker *taker = context;

	if (taker->r < 0)
		return;
	slot_bind(taker->statement, slot);
	taker->r = database_run(taker->store, taker->statement, taker->err);
}

static int finish(struct taker *taker, const char *state, size_t len)
{
	const struct fact_sink sink = {.context = taker,
				       .attempt = take_attempt,
				       .session = take_session,
				       .slot = take_slot,
				       .role = take_role};
	const struct session_options options = {0};
	struct sessions *sessions = sessions_new(&options, &taker->store->words.directory, &sink);
	int r = sessions_restore(sessions, state, len);

	if (r < 0)
		r = database_damaged(taker->store, "open sessions", taker->err);
	else
		sessions_finish(sessions);
	sessions_free(sessions);
	return r < 0 ? r : taker->r;
}

int open_facts_load(struct store *store, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	_cleanup_free_ char *state = NULL;
	struct taker taker = {.store = store, .err = err};
	size_t len;
	int r;

	for (enum part part = 0; part < PART_MAX; part++)
		store->open_facts[part].count = 0;
	r = database_exec(store, "delete from open_slots", err);
	if (r >= 0)
		r = state_read(store, &state, &len, err);
	if (r < 0 || !state)
		return r;
	r = database_prepare(store,
			     "insert into open_slots values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
			     "?, ?, ?, ?, ?, ?, ?)",
			     &statement, err);
	if (r < 0)
		return r;
	taker.statement = statement;
	return finish(&taker, state, len);
}

void open_facts_release(struct store *store)
{
	for (enum part part = 0; part < PART_MAX; part++) {
		free(store->open_facts[part].rows);
		store->open_facts[part] = (struct open_facts){0};
	}
}
