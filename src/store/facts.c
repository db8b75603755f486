/*
 * Facts, part by part, in segments of up to SEGMENT_ROWS rows, packed column by
 * column. A segment is never changed, but for the last one of a part: while it
 * is small, the next commit writes it again with more rows, so that many small
 * commits do not leave many small segments. Its rows stay in memory for that.
 */
#include <assert.h>
#include <errno.h>

#include "base/memory.h"
#include "store/internal.h"

static const struct column attempt_columns[] = {
	COLUMN(struct attempt, time, NATURE_STEPS),
	COLUMN(struct attempt, session, NATURE_STEPS),
	COLUMN(struct attempt, client, NATURE_CLIENT),
	COLUMN(struct attempt, helo, NATURE_STRING),
	COLUMN(struct attempt, sender, NATURE_STRING),
	COLUMN(struct attempt, recipient, NATURE_STRING),
	COLUMN(struct attempt, text, NATURE_STRING),
	COLUMN(struct attempt, count, NATURE_PLAIN),
	COLUMN(struct attempt, code, NATURE_PLAIN),
	COLUMN(struct attempt, reason, NATURE_PLAIN),
	COLUMN(struct attempt, stage, NATURE_PLAIN),
	COLUMN(struct attempt, flags, NATURE_PLAIN),
};

static const struct column session_columns[] = {
	COLUMN(struct session_fact, number, NATURE_STEPS),
	COLUMN(struct session_fact, end, NATURE_STEPS),
	COLUMN_BEFORE(struct session_fact, start, 1),
	COLUMN(struct session_fact, client, NATURE_CLIENT),
	COLUMN(struct session_fact, helo, NATURE_STRING),
	COLUMN(struct session_fact, duration_ms, NATURE_PLAIN),
	COLUMN(struct session_fact, reasons, NATURE_PLAIN),
	COLUMN(struct session_fact, refusals, NATURE_PLAIN),
	COLUMN(struct session_fact, relay_refusals, NATURE_PLAIN),
	COLUMN(struct session_fact, accepted, NATURE_PLAIN),
	COLUMN(struct session_fact, flags, NATURE_PLAIN),
	COLUMN(struct session_fact, commands, NATURE_PLAIN),
	COLUMN(struct session_fact, commands_refused, NATURE_PLAIN),
	COLUMN(struct session_fact, users_failed, NATURE_PLAIN),
};

static const struct column role_columns[] = {
	COLUMN(struct role_fact, day, NATURE_STEPS),
	COLUMN(struct role_fact, string, NATURE_STRING),
	COLUMN(struct role_fact, role, NATURE_PLAIN),
};

#define TABLE(columns, type)                                                    \
	{                                                                       \
		(columns), sizeof(columns) / sizeof((columns)[0]), sizeof(type) \
	}

static const struct fact_part parts[PART_MAX] = {
	[PART_ATTEMPTS] = {"attempts", TABLE(attempt_columns, struct attempt), 0, 0, 1},
	[PART_SESSIONS] = {"sessions", TABLE(session_columns, struct session_fact), 2, 1, 1},
	[PART_ROLES] = {"roles", TABLE(role_columns, struct role_fact), 0, 0, 86400},
};

const struct fact_part *fact_part(enum part part)
{
	return &parts[part];
}

void facts_span(enum part part, const void *rows, size_t count, int64_t *ret_from,
		int64_t *ret_until)
{
	const struct column_table *table = &parts[part].table;
	size_t from_at = table->columns[parts[part].from].offset;
	size_t until_at = table->columns[parts[part].until].offset;
	uint32_t first = UINT32_MAX, last = 0;
	const char *row = rows;

	for (size_t i = 0; i < count; i++, row += table->row_size) {
		uint32_t from, until;

		memcpy(&from, row + from_at, sizeof(from));
		memcpy(&until, row + until_at, sizeof(until));
		first = from < first ? from : first;
		last = until > last ? until : last;
	}
	*ret_from = (int64_t)first * parts[part].time_unit_s;
	*ret_until = (int64_t)last * parts[part].time_unit_s + parts[part].time_unit_s - 1;
}

static struct segment segment_pack(struct store *store, enum part part, const void *rows,
				   size_t count)
{
	struct fact_batch *batch = &store->batches[part];
	struct segment segment = {.rows = (uint32_t)count};

	if (!batch->packer)
		batch->packer = packer_new();
	facts_span(part, rows, count, &segment.from, &segment.until);
	columns_pack(batch->packer, &parts[part].table, rows, count, &segment.bytes, &segment.len);
	return segment;
}

/* Packs the batch's rows, which are as many as fit into a segment. */
static void batch_seal(struct store *store, enum part part)
{
	struct fact_batch *batch = &store->batches[part];

	ARRAY_GROW(batch->packed, batch->packed_count, batch->packed_capacity);
	batch->packed[batch->packed_count] = segment_pack(store, part, batch->rows, batch->count);
	batch->packed[batch->packed_count++].id = batch->id;
	batch->id = 0;
	batch->count = 0;
	batch->changed = false;
}

static void batch_add(struct store *store, enum part part, const void *row)
{
	struct fact_batch *batch = &store->batches[part];
	size_t row_size = parts[part].table.row_size;

	if (!batch->rows)
		batch->rows = memory_get(SEGMENT_ROWS * row_size);
	memcpy(batch->rows + batch->count * row_size, row, row_size);
	batch->changed = true;
	if (++batch->count == SEGMENT_ROWS)
		batch_seal(store, part);
}

static void take_attempt(void *context, const struct attempt *attempt)
{
	batch_add(context, PART_ATTEMPTS, attempt);
}

static void take_session(void *context, const struct session_fact *session)
{
	batch_add(context, PART_SESSIONS, session);
}

static void take_role(void *context, const struct role_fact *role)
{
	batch_add(context, PART_ROLES, role);
}

static void take_slot(void *context, const struct slot *slot)
{
	struct store *store = context;

	slot_add(map_at(&store->slots, &slot->start), slot);
}

struct fact_sink store_sink(struct store *store)
{
	return (struct fact_sink){
		.context = store,
		.attempt = take_attempt,
		.session = take_session,
		.slot = take_slot,
		.role = take_role,
	};
}

static int segment_put(struct store *store, enum part part, const struct segment *segment,
		       int64_t *ret_id, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store,
				 "insert or replace into segments (id, part, rows, time_from, "
				 "time_until, data) values (?, ?, ?, ?, ?, ?)",
				 &statement, err);

	if (r < 0)
		return r;
	if (segment->id)
		sqlite3_bind_int64(statement, 1, segment->id);
	sqlite3_bind_int(statement, 2, (int)part);
	sqlite3_bind_int64(statement, 3, segment->rows);
	sqlite3_bind_int64(statement, 4, segment->from);
	sqlite3_bind_int64(statement, 5, segment->until);
	if (database_bind_sealed(statement, 6, segment->bytes, segment->len) != SQLITE_OK)
		return database_error(store, "write", err);
	r = database_run(store, statement, err);
	if (r >= 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return r;
}

int facts_put_segment(struct store *store, enum part part, int64_t id, const void *rows,
		      size_t count, struct err *err)
{
	struct segment segment = segment_pack(store, part, rows, count);
	int r;

	segment.id = id;
	r = segment_put(store, part, &segment, &id, err);
	free(segment.bytes);
	return r;
}

static int batch_write(struct store *store, enum part part, struct err *err)
{
	struct fact_batch *batch = &store->batches[part];
	struct segment last;
	int64_t id;
	int r = 0;

	for (size_t i = 0; i < batch->packed_count && r >= 0; i++)
		r = segment_put(store, part, &batch->packed[i], &id, err);
	if (r < 0 || !batch->changed)
		return r;
	last = segment_pack(store, part, batch->rows, batch->count);
	last.id = batch->id;
	r = segment_put(store, part, &last, &batch->id_written, err);
	free(last.bytes);
	return r;
}

void slot_bind(sqlite3_stmt *statement, const struct slot *slot)
{
	const uint64_t values[] = {slot->start,		 slot->peak_concurrent,
				   slot->max_ms,	 slot->sessions_exact,
				   slot->received,	 slot->delivered,
				   slot->forwarded,	 slot->deferred,
				   slot->bounced,	 slot->rejected,
				   slot->bytes_received, slot->bytes_delivered,
				   slot->connections,	 slot->connected_ms,
				   slot->relay_attempts, slot->probes,
				   slot->held,		 slot->discarded,
				   slot->warnings};

	for (int c = 0; c < (int)(sizeof(values) / sizeof(values[0])); c++)
		sqlite3_bind_int64(statement, c + 1, (int64_t)values[c]);
}

static int slots_write(struct store *store, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(
		store,
		"insert into slots values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
		"?14, ?15, ?16, ?17, ?18, ?19) on conflict (start) do update set "
		"peak_concurrent = max(peak_concurrent, ?2), max_ms = max(max_ms, ?3), "
		"sessions_exact = sessions_exact + ?4, received = received + ?5, "
		"delivered = delivered + ?6, forwarded = forwarded + ?7, deferred = deferred + ?8, "
		"bounced = bounced + ?9, rejected = rejected + ?10, "
		"bytes_received = bytes_received + ?11, bytes_delivered = bytes_delivered + ?12, "
		"connections = connections + ?13, connected_ms = connected_ms + ?14, "
		"relay_attempts = relay_attempts + ?15, probes = probes + ?16, held = held + ?17, "
		"discarded = discarded + ?18, warnings = warnings + ?19",
		&statement, err);

	for (uint32_t i = 0; i < store->slots.count && r >= 0; i++) {
		slot_bind(statement, map_row(&store->slots, i));
		r = database_run(store, statement, err);
	}
	return r;
}

int facts_write(struct store *store, struct err *err)
{
	int r = 0;

	for (enum part part = 0; part < PART_MAX && r >= 0; part++)
		r = batch_write(store, part, err);
	return r < 0 ? r : slots_write(store, err);
}

static void packed_forget(struct fact_batch *batch)
{
	for (size_t i = 0; i < batch->packed_count; i++)
		free(batch->packed[i].bytes);
	batch->packed_count = 0;
}

void facts_written(struct store *store)
{
	for (enum part part = 0; part < PART_MAX; part++) {
		struct fact_batch *batch = &store->batches[part];

		packed_forget(batch);
		if (!batch->changed)
			continue;
		batch->changed = false;
		batch->id = batch->id_written;
		if (batch->count >= SEGMENT_SMALL) {
			batch->count = 0;
			batch->id = 0;
		}
	}
	map_clear(&store->slots);
}

void facts_release(struct store *store)
{
	for (enum part part = 0; part < PART_MAX; part++) {
		packed_forget(&store->batches[part]);
		free(store->batches[part].packed);
		free(store->batches[part].rows);
		packer_free(store->batches[part].packer);
		store->batches[part] = (struct fact_batch){0};
	}
}

int fact_cursor_open(struct store *store, enum part part, int64_t from, int64_t until,
		     uint32_t mask, struct fact_cursor *ret_cursor, struct err *err)
{
	sqlite3_stmt *statement;
	int r = database_prepare(store,
				 "select rows, data from segments where part = ? and "
				 "time_until >= ? and time_from < ? order by time_from, id",
				 &statement, err);

	if (r < 0)
		return r;
	sqlite3_bind_int(statement, 1, (int)part);
	sqlite3_bind_int64(statement, 2, from);
	sqlite3_bind_int64(statement, 3, until);
	*ret_cursor = (struct fact_cursor){
		.store = store,
		.part = part,
		.mask = mask,
		.statement = statement,
		.rows = memory_get_zeroed(SEGMENT_ROWS, parts[part].table.row_size),
	};
	return 0;
}

/* Unpacks a row of segments whose columns from COLUMN on are rows and data. */
static int segment_unpack(struct store *store, enum part part, sqlite3_stmt *statement, int column,
			  uint32_t mask, void *rows, size_t *ret_count, struct err *err)
{
	int64_t count = sqlite3_column_int64(statement, column);
	struct view packed;

	if (count <= 0 || count > SEGMENT_ROWS ||
	    !database_column_sealed(statement, column + 1, &packed) ||
	    columns_unpack(store->packer, &parts[part].table, packed, (size_t)count, mask, rows) <
		    0)
		return database_damaged(store, parts[part].name, err);
	*ret_count = (size_t)count;
	return 0;
}

/* The next rows of open sessions: no more than a segment has. */
static int next_open(struct fact_cursor *cursor)
{
	const struct open_facts *open = &cursor->store->open_facts[cursor->part];
	size_t row_size = parts[cursor->part].table.row_size;
	size_t left = cursor->with_open ? open->count - cursor->open_given : 0;

	if (left == 0)
		return 0;
	cursor->count = left < SEGMENT_ROWS ? left : SEGMENT_ROWS;
	memcpy(cursor->rows, open->rows + cursor->open_given * row_size, cursor->count * row_size);
	cursor->open_given += cursor->count;
	return 1;
}

int fact_cursor_next(struct fact_cursor *cursor, struct err *err)
{
	int r;

	if (cursor->segments_over)
		return next_open(cursor);
	r = database_step(cursor->store, cursor->statement, err);
	if (r == 0) {
		cursor->segments_over = true;
		return next_open(cursor);
	}
	if (r < 0)
		return r;
	r = segment_unpack(cursor->store, cursor->part, cursor->statement, 0, cursor->mask,
			   cursor->rows, &cursor->count, err);
	return r < 0 ? r : 1;
}

void fact_cursor_close(struct fact_cursor *cursor)
{
	sqlite3_finalize(cursor->statement);
	free(cursor->rows);
	cursor->statement = NULL;
	cursor->rows = NULL;
}

int facts_get_segment(struct store *store, enum part part, int64_t id, void *rows,
		      size_t *ret_count, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store, "select rows, data from segments where id = ?", &statement,
				 err);

	if (r < 0)
		return r;
	sqlite3_bind_int64(statement, 1, id);
	r = database_step(store, statement, err);
	if (r < 0)
		return r;
	return segment_unpack(store, part, statement, 0, COLUMNS_ALL, rows, ret_count, err);
}

static int batch_resume(struct store *store, enum part part, struct err *err)
{
	struct fact_batch *batch = &store->batches[part];
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store,
				 "select id, rows, data from segments where part = ? order by id "
				 "desc limit 1",
				 &statement, err);

	if (r < 0)
		return r;
	sqlite3_bind_int(statement, 1, (int)part);
	r = database_step(store, statement, err);
	if (r <= 0 || sqlite3_column_int64(statement, 1) >= SEGMENT_SMALL)
		return r < 0 ? r : 0;
	batch->rows = memory_get(SEGMENT_ROWS * (size_t)parts[part].table.row_size);
	batch->id = sqlite3_column_int64(statement, 0);
	return segment_unpack(store, part, statement, 1, COLUMNS_ALL, batch->rows, &batch->count,
			      err);
}

int facts_resume(struct store *store, struct err *err)
{
	int r = 0;

	for (enum part part = 0; part < PART_MAX && r >= 0; part++)
		r = batch_resume(store, part, err);
	return r;
}
