/*
 * Forgetting. Segments that are wholly too old go, those that reach across the
 * limit are written again without their old rows. Then the clients and strings
 * that nothing names any more go as well, if they are worth it: everything that
 * holds ids is written again with new ones. All that is one transaction; the
 * room is given back to the file system after it.
 *
 * Checkpoints of logs stay, so that an old log that is still there is not read
 * again; the hashes of its lines go with its facts.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/internal.h"

/* Words go when they would free at least this part of what there is. */
#define WASTE_SHARE 16

struct segment_ids {
	int64_t *ids;
	size_t count, capacity;
};

/* The segments of a part that begin before UNTIL; ids are freed by the caller. */
static int list_segments(struct store *store, enum part part, int64_t until,
			 struct segment_ids *ret, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(
		store, "select id from segments where part = ? and time_from < ? order by id",
		&statement, err);

	if (r < 0)
		return r;
	sqlite3_bind_int(statement, 1, (int)part);
	sqlite3_bind_int64(statement, 2, until);
	while ((r = database_step(store, statement, err)) > 0) {
		ARRAY_GROW(ret->ids, ret->count, ret->capacity);
		ret->ids[ret->count++] = sqlite3_column_int64(statement, 0);
	}
	return r;
}

static int delete_segment(struct store *store, int64_t id, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store, "delete from segments where id = ?", &statement, err);

	if (r < 0)
		return r;
	sqlite3_bind_int64(statement, 1, id);
	return database_run(store, statement, err);
}

/* Moves the rows that end at CUTOFF or later to the front; returns how many. */
static size_t rows_since(enum part part, char *rows, size_t count, int64_t cutoff)
{
	size_t row_size = fact_part(part)->table.row_size, kept = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t from, until;

		facts_span(part, rows + i * row_size, 1, &from, &until);
		if (until >= cutoff)
			memmove(rows + kept++ * row_size, rows + i * row_size, row_size);
	}
	return kept;
}

static int trim_segment(struct store *store, enum part part, int64_t id, int64_t cutoff, char *rows,
			struct err *err)
{
	size_t count, kept;
	int r = facts_get_segment(store, part, id, rows, &count, err);

	if (r < 0)
		return r;
	kept = rows_since(part, rows, count, cutoff);
	if (kept == count)
		return 0;
	return kept ? facts_put_segment(store, part, id, rows, kept, err)
		    : delete_segment(store, id, err);
}

/* Calls EACH for the segments of all parts that begin before UNTIL, with room for one. */
static int each_segment(struct store *store, int64_t until,
			int (*each)(struct store *store, enum part part, int64_t id, char *rows,
				    void *context, struct err *err),
			void *context, struct err *err)
{
	int r = 0;

	for (enum part part = 0; part < PART_MAX && r >= 0; part++) {
		_cleanup_free_ char *rows =
			memory_get_zeroed(SEGMENT_ROWS, fact_part(part)->table.row_size);
		struct segment_ids segments = {0};

		r = list_segments(store, part, until, &segments, err);
		for (size_t i = 0; i < segments.count && r >= 0; i++)
			r = each(store, part, segments.ids[i], rows, context, err);
		free(segments.ids);
	}
	return r;
}

static int trim(struct store *store, enum part part, int64_t id, char *rows, void *context,
		struct err *err)
{
	return trim_segment(store, part, id, *(int64_t *)context, rows, err);
}

static int trim_all(struct store *store, int64_t cutoff, struct err *err)
{
	char sql[320];
	int r = each_segment(store, cutoff, trim, &cutoff, err);

	if (r < 0)
		return r;
	snprintf(sql, sizeof(sql),
		 "delete from slots where start + %d <= %lld;"
		 "delete from line_hashes where (hour + 1) * 3600 <= %lld;"
		 "update totals set first_time = %lld where first_time < %lld and first_time <> 0",
		 SLOT_S, (long long)cutoff, (long long)cutoff, (long long)cutoff,
		 (long long)cutoff);
	return database_exec(store, sql, err);
}

/* Old ids and what becomes of them: 0 unused, 1 used, later the new id. */
struct renumbering {
	uint32_t *clients; /* by id; [0] stays 0 */
	uint32_t *strings; /* by id */
	size_t clients_bytes, strings_bytes;
	struct directory *from;
	struct directory *to; /* NULL while marking */
};

static void visit_id(struct renumbering *ids, bool client, uint32_t *id)
{
	uint32_t *entry = client ? &ids->clients[*id] : &ids->strings[*id];

	if (*id == 0)
		return;
	if (ids->to)
		*id = *entry;
	else
		*entry = 1;
}

static void visit_rows(struct renumbering *ids, enum part part, char *rows, size_t count)
{
	const struct column_table *table = &fact_part(part)->table;

	for (uint32_t c = 0; c < table->count; c++) {
		const struct column *column = &table->columns[c];

		if (column->nature != NATURE_CLIENT && column->nature != NATURE_STRING)
			continue;
		for (size_t i = 0; i < count; i++) {
			char *at = rows + i * table->row_size + column->offset;
			uint32_t id;

			memcpy(&id, at, sizeof(id));
			visit_id(ids, column->nature == NATURE_CLIENT, &id);
			memcpy(at, &id, sizeof(id));
		}
	}
}

static int visit_segment(struct store *store, enum part part, int64_t id, char *rows, void *context,
			 struct err *err)
{
	struct renumbering *ids = context;
	size_t count;
	int r = facts_get_segment(store, part, id, rows, &count, err);

	if (r < 0)
		return r;
	visit_rows(ids, part, rows, count);
	return ids->to ? facts_put_segment(store, part, id, rows, count, err) : 0;
}

static void visit_open(void *context, enum sessions_id kind, uint32_t *id)
{
	visit_id(context, kind == SESSIONS_CLIENT, id);
}

/* Marks, or renumbers, what is open. */
static int visit_state(struct store *store, struct renumbering *ids, struct err *err)
{
	const struct session_options options = {0};
	_cleanup_free_ char *bytes = NULL, *renumbered = NULL;
	struct sessions *sessions;
	size_t len;
	int r = state_read(store, &bytes, &len, err);

	if (r < 0 || !bytes)
		return r;
	/* What is open is checked against the clients that it names, the old ones. */
	sessions = sessions_new(&options, (struct directory *)(void *)(uintptr_t)ids->from,
				&fact_nowhere);
	r = sessions_restore(sessions, bytes, len);
	if (r < 0) {
		r = database_damaged(store, "open sessions", err);
	} else {
		sessions_each_id(sessions, visit_open, ids);
		if (ids->to) {
			sessions_save(sessions, &renumbered, &len);
			r = state_write(store, renumbered, len, err);
		}
	}
	sessions_free(sessions);
	return r;
}

static int visit_all(struct store *store, struct renumbering *ids, struct err *err)
{
	int r = each_segment(store, INT64_MAX, visit_segment, ids, err);

	return r < 0 ? r : visit_state(store, ids, err);
}

static void renumbering_init(struct renumbering *ids, struct directory *from)
{
	*ids = (struct renumbering){
		.clients_bytes = ((size_t)from->clients.count + 1) * sizeof(uint32_t),
		.strings_bytes = (size_t)strings_size(from->strings),
		.from = from,
	};
	/* An id is a place in units of 4 bytes, so one number a unit is as much again. */
	ids->clients = memory_get_table(ids->clients_bytes);
	ids->strings = memory_get_table(ids->strings_bytes);
}

static void renumbering_release(struct renumbering *ids)
{
	memory_free_table(ids->clients, ids->clients_bytes);
	memory_free_table(ids->strings, ids->strings_bytes);
}

/* Marks the names of clients in use. Returns whether enough is unused. */
static bool worth_it(struct renumbering *ids)
{
	const struct directory *from = ids->from;
	uint64_t strings = 0, strings_used = 0;
	uint32_t clients_used = 0;

	for (uint32_t id = 1; id <= from->clients.count; id++)
		if (ids->clients[id]) {
			clients_used++;
			ids->strings[directory_client_at(from, id)->name] = 1;
		}
	for (uint32_t id = 0; (id = strings_next(from->strings, id)); strings++)
		strings_used += ids->strings[id];
	return strings - strings_used > strings / WASTE_SHARE ||
	       from->clients.count - clients_used > from->clients.count / WASTE_SHARE;
}

/* Fills TO with what is used, in the old order, and the new ids into IDS. */
static void fill_directory(struct renumbering *ids, struct directory *to)
{
	const struct directory *from = ids->from;

	for (uint32_t id = 0; (id = strings_next(from->strings, id));)
		if (ids->strings[id])
			ids->strings[id] = strings_add(to->strings, strings_get(from->strings, id));
	ids->strings[0] = 0;
	for (uint32_t id = 1; id <= from->clients.count; id++) {
		const struct client *old = directory_client_at(from, id);
		struct client *client;

		if (!ids->clients[id])
			continue;
		ids->clients[id] = directory_client(to, &old->ip);
		client = directory_client_at(to, ids->clients[id]);
		client->name = ids->strings[old->name];
		client->unsure = old->unsure;
	}
	ids->to = to;
}

/* Writes everything again with the words that are used only. */
static int renumber(struct store *store, struct renumbering *ids, struct words *words,
		    struct err *err)
{
	struct words old = store->words;
	int r;

	directory_init(&words->directory);
	fill_directory(ids, &words->directory);
	r = visit_all(store, ids, err);
	if (r >= 0)
		r = database_exec(store, "delete from string_pieces; delete from client_pieces",
				  err);
	if (r < 0)
		return r;
	store->words = *words;
	r = words_write(store, err);
	*words = store->words;
	store->words = old;
	return r;
}

/* WORDS becomes the new ones if there are any. */
static int forget(struct store *store, int64_t cutoff, struct words *words, struct err *err)
{
	int64_t changes = sqlite3_total_changes64(store->db);
	struct renumbering ids;
	int r = trim_all(store, cutoff, err);

	if (r < 0 || sqlite3_total_changes64(store->db) == changes)
		return r;
	renumbering_init(&ids, &store->words.directory);
	r = visit_all(store, &ids, err);
	if (r >= 0 && worth_it(&ids)) {
		*words = (struct words){.piece = -1, .loaded = true, .indexed = true};
		r = renumber(store, &ids, words, err);
	}
	renumbering_release(&ids);
	return r;
}

/* Takes over the new words and forgets what was known of the old segments. */
static int follow(struct store *store, const struct words *words, struct err *err)
{
	facts_release(store);
	if (words->loaded) {
		words_release(store);
		store->words = *words;
		words_written(store);
	}
	return facts_resume(store, err);
}

static bool is_committed(const struct store *store)
{
	for (enum part part = 0; part < PART_MAX; part++)
		if (store->batches[part].changed || store->batches[part].packed_count)
			return false;
	return store->slots.count == 0 && store->lines.batches.count == 0;
}

int store_cutoff(struct store *store, int64_t keep_s, int64_t *ret_cutoff, struct err *err)
{
	int64_t newest;
	int r = database_number(store, "select last_time from totals", 0, &newest, err);

	if (r < 0)
		return r;
	*ret_cutoff = keep_s < 0 || newest <= keep_s ? 0 : (newest - keep_s) / SLOT_S * SLOT_S;
	return 0;
}

int store_keep(struct store *store, int64_t keep_s, const char *name, struct view memory,
	       struct err *err)
{
	struct words words = {0};
	int64_t cutoff = 0, changes;
	int r = words_load(store, true, err);

	assert(store->mode == STORE_WRITE && is_committed(store));
	if (r >= 0)
		r = store_cutoff(store, keep_s, &cutoff, err);
	if (r < 0 || cutoff == 0)
		return r;
	changes = sqlite3_total_changes64(store->db);
	r = database_exec(store, "begin immediate", err);
	if (r < 0)
		return r;
	r = forget(store, cutoff, &words, err);
	if (r >= 0)
		r = enrichment_forget(store, cutoff, err);
	if (r >= 0 && name)
		r = store_remember(store, name, memory.ptr, memory.len, err);
	if (r >= 0)
		r = database_exec(store, "commit", err);
	if (r < 0) {
		sqlite3_exec(store->db, "rollback", NULL, NULL, NULL);
		if (words.loaded)
			directory_release(&words.directory);
		return r;
	}
	r = follow(store, &words, err);
	if (r < 0 || sqlite3_total_changes64(store->db) == changes)
		return r;
	return database_exec(store, "vacuum; pragma wal_checkpoint(truncate)", err);
}
