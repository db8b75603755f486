#include "store/lines.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/hashes.h"
#include "store/internal.h"

#define HOUR_S 3600
#define SEVERAL 0 /* no log has this number */

struct hour_cover {
	uint32_t hour; /* key */
	uint32_t log;  /* the only one that reaches into it, or SEVERAL */
};

struct line_batch {
	uint32_t log, hour; /* key */
	uint64_t *keys;
	size_t count, capacity;
};

struct line_run {
	uint32_t log; /* key */
	bool asked;
	int64_t before; /* the time up to which it was read in earlier runs */
	int64_t first;	/* the time of the first line asked for in this run */
};

struct line_noted {
	uint64_t line; /* key */
	uint64_t count;
};

struct line_by_log {
	uint64_t line, log; /* key */
	uint32_t noted, answered;
};

void lines_init(struct lines *lines, struct store *store)
{
	lines->store = store;
	map_init(&lines->covers, sizeof(struct hour_cover), sizeof(uint32_t));
	map_init(&lines->runs, sizeof(struct line_run), sizeof(uint32_t));
	map_init(&lines->batches, sizeof(struct line_batch), 2 * sizeof(uint32_t));
}

static void index_release(struct hour_index *index)
{
	if (index->used) {
		map_release(&index->noted);
		map_release(&index->by_log);
	}
	index->used = false;
}

static void batches_clear(struct lines *lines)
{
	for (uint32_t i = 0; i < lines->batches.count; i++)
		free(((struct line_batch *)map_row(&lines->batches, i))->keys);
	map_clear(&lines->batches);
	lines->last_log = 0;
}

void lines_release(struct lines *lines)
{
	batches_clear(lines);
	map_release(&lines->batches);
	map_release(&lines->covers);
	map_release(&lines->runs);
	for (size_t i = 0; i < LINES_INDEXED_HOURS; i++)
		index_release(&lines->indexes[i]);
}

/* Keeps the first failure for the next write, as answers cannot tell of it. */
static void lines_fail(struct lines *lines, int r)
{
	if (r < 0 && !lines->failure)
		lines->failure = r;
}

static uint32_t hour_of(int64_t time_s)
{
	return time_s < 0 ? 0 : (uint32_t)(time_s / HOUR_S);
}

static uint64_t key_of(int64_t time_s, uint64_t line_hash)
{
	uint64_t second = time_s < 0 ? 0 : (uint64_t)(time_s % HOUR_S);

	return second << 32 | (uint32_t)(line_hash ^ line_hash >> 32);
}

static void cover_add(struct lines *lines, uint32_t log, uint32_t hour)
{
	bool fresh;
	struct hour_cover *cover =
		map_add(&lines->covers, &hour, map_hash(&lines->covers, &hour), &fresh);

	if (fresh)
		cover->log = log;
	else if (cover->log != log)
		cover->log = SEVERAL;
	lines->single_log = 0;
}

static int covers_load(struct lines *lines, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(lines->store, "select log, hour from line_hashes", &statement,
				 err);

	while (r >= 0 && (r = database_step(lines->store, statement, err)) > 0)
		cover_add(lines, (uint32_t)sqlite3_column_int64(statement, 0),
			  (uint32_t)sqlite3_column_int64(statement, 1));
	return r;
}

static void index_add(struct hour_index *index, uint64_t log, uint64_t line)
{
	struct line_noted *noted = map_at(&index->noted, &line);
	struct line_by_log *own = map_at(&index->by_log, (uint64_t[]){line, log});

	noted->count++;
	own->noted++;
}

/* The keys of a row of line_hashes whose columns COLUMN and COLUMN + 1 are lines
   and data; freed by the caller. NULL if damaged. */
static uint64_t *keys_read(sqlite3_stmt *statement, int column, size_t *ret_count)
{
	int64_t count = sqlite3_column_int64(statement, column);
	struct view packed;
	uint64_t *keys;

	if (!database_column_sealed(statement, column + 1, &packed) || count <= 0 ||
	    (size_t)count > packed.len * 8)
		return NULL;
	keys = memory_get((size_t)count * sizeof(*keys));
	if (hashes_unpack(packed, (size_t)count, keys) < 0) {
		free(keys);
		return NULL;
	}
	*ret_count = (size_t)count;
	return keys;
}

static struct line_run *run_of(const struct lines *lines, uint32_t log)
{
	return map_find(&lines->runs, &log, map_hash(&lines->runs, &log));
}

/* Whether a line that the store has was noted before this run. */
static bool noted_before(const struct lines *lines, uint32_t log, uint32_t hour, uint64_t key)
{
	const struct line_run *run = run_of(lines, log);

	return !run || (int64_t)hour * HOUR_S + (int64_t)(key >> 32) <= run->before;
}

static int index_load(struct lines *lines, struct hour_index *index, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(lines->store,
				 "select log, lines, data from line_hashes where hour = ?",
				 &statement, err);

	if (r < 0)
		return r;
	sqlite3_bind_int64(statement, 1, index->hour);
	while ((r = database_step(lines->store, statement, err)) > 0) {
		uint64_t log = (uint64_t)sqlite3_column_int64(statement, 0);
		size_t count = 0;
		_cleanup_free_ uint64_t *keys = keys_read(statement, 1, &count);

		if (!keys)
			return database_damaged(lines->store, "line hashes", err);
		for (size_t i = 0; i < count; i++)
			if (noted_before(lines, (uint32_t)log, index->hour, keys[i]))
				index_add(index, log, keys[i]);
	}
	return r;
}

static struct hour_index *index_find(struct lines *lines, uint32_t hour)
{
	for (size_t i = 0; i < LINES_INDEXED_HOURS; i++)
		if (lines->indexes[i].used && lines->indexes[i].hour == hour) {
			lines->indexes[i].touched = ++lines->clock;
			return &lines->indexes[i];
		}
	return NULL;
}

/* The index of an hour, made in place of the one that was not used for longest. */
static struct hour_index *index_make(struct lines *lines, uint32_t hour)
{
	struct hour_index *index = &lines->indexes[0];

	for (size_t i = 1; i < LINES_INDEXED_HOURS; i++)
		if (lines->indexes[i].touched < index->touched)
			index = &lines->indexes[i];
	index_release(index);
	*index = (struct hour_index){.used = true, .hour = hour, .touched = ++lines->clock};
	map_init(&index->noted, sizeof(struct line_noted), sizeof(uint64_t));
	map_init(&index->by_log, sizeof(struct line_by_log), 2 * sizeof(uint64_t));
	lines_fail(lines, index_load(lines, index, &lines->err));
	return index;
}

static uint64_t noted_in(const struct hour_index *index, uint64_t log, uint64_t line)
{
	const uint64_t key[] = {line, log};
	const struct line_by_log *row =
		map_find(&index->by_log, key, map_hash(&index->by_log, key));

	return row ? row->noted : 0;
}

/* How often the logs that LOG follows noted the line, when TIME is LOG's begin. */
static uint64_t noted_by_predecessors(const struct lines *lines, const struct hour_index *index,
				      uint32_t log, int64_t time_s, uint64_t line)
{
	const struct line_run *run = run_of(lines, log);
	uint64_t count = 0;

	if (!run || run->first != time_s)
		return 0;
	for (size_t i = 0; i < lines->store->logs.count; i++)
		if (logs_last_time(lines->store, i) <= time_s)
			count += noted_in(index, logs_number(lines->store, i), line);
	return count;
}

static bool index_answer(const struct lines *lines, struct hour_index *index, uint32_t log,
			 int64_t time_s, uint64_t line)
{
	const struct line_noted *noted =
		map_find(&index->noted, &line, map_hash(&index->noted, &line));
	struct line_by_log *own;

	if (!noted)
		return false;
	own = map_at(&index->by_log, (uint64_t[]){line, log});
	if (own->answered + noted_by_predecessors(lines, index, log, time_s, line) >=
	    noted->count - own->noted)
		return false;
	own->answered++;
	return true;
}

void lines_begin(struct lines *lines, uint32_t log, int64_t last_time)
{
	struct line_run *run = map_at(&lines->runs, &log);

	run->before = last_time;
}

/* Remembers when the log's lines of this run begin. */
static void run_begins(struct lines *lines, uint32_t log, int64_t time_s)
{
	struct line_run *run = run_of(lines, log);

	if (run && !run->asked) {
		run->asked = true;
		run->first = time_s;
	}
	lines->asked_log = log;
}

bool lines_told(struct lines *lines, uint32_t log, int64_t time_s, uint64_t line_hash)
{
	uint32_t hour = hour_of(time_s);
	const struct hour_cover *cover;
	struct hour_index *index;

	if (log != lines->asked_log)
		run_begins(lines, log, time_s);
	if (hour == lines->single_hour && log == lines->single_log)
		return false;
	if (!lines->loaded) {
		lines->loaded = true;
		lines_fail(lines, covers_load(lines, &lines->err));
	}
	cover = map_find(&lines->covers, &hour, map_hash(&lines->covers, &hour));
	if (!cover || cover->log == log) {
		lines->single_hour = hour;
		lines->single_log = log;
		return false;
	}
	index = index_find(lines, hour);
	if (!index)
		index = index_make(lines, hour);
	return index_answer(lines, index, log, time_s, key_of(time_s, line_hash));
}

static struct line_batch *batch_of(struct lines *lines, uint32_t log, uint32_t hour)
{
	const uint32_t key[] = {log, hour};
	struct line_batch *batch;

	if (lines->last_log == log && lines->last_hour == hour)
		return map_row(&lines->batches, lines->last_batch);
	batch = map_at(&lines->batches, key);
	lines->last_log = log;
	lines->last_hour = hour;
	lines->last_batch =
		(uint32_t)((size_t)((char *)batch - lines->batches.rows) / sizeof(*batch));
	return batch;
}

void lines_note(struct lines *lines, uint32_t log, int64_t time_s, uint64_t line_hash)
{
	uint32_t hour = hour_of(time_s);
	uint64_t key = key_of(time_s, line_hash);
	struct line_batch *batch = batch_of(lines, log, hour);

	ARRAY_GROW(batch->keys, batch->count, batch->capacity);
	batch->keys[batch->count++] = key;
}

/* The keys that the store has for the batch's log and hour, and the batch's
   behind them; freed by the caller. NULL on failure. */
static uint64_t *keys_joined(struct lines *lines, const struct line_batch *batch,
			     sqlite3_stmt *select, size_t *ret_count, struct err *err)
{
	uint64_t *keys = NULL;
	size_t count = 0;
	int r;

	sqlite3_bind_int64(select, 1, (int64_t)batch->log << 32 | batch->hour);
	r = database_step(lines->store, select, err);
	if (r > 0) {
		keys = keys_read(select, 0, &count);
		if (!keys)
			r = database_damaged(lines->store, "line hashes", err);
	}
	sqlite3_reset(select);
	if (r < 0)
		return NULL;
	keys = memory_resize(keys, count + batch->count, sizeof(*keys));
	memcpy(keys + count, batch->keys, batch->count * sizeof(*keys));
	*ret_count = count + batch->count;
	return keys;
}

static int batch_put(struct lines *lines, const struct line_batch *batch, sqlite3_stmt *select,
		     sqlite3_stmt *insert, struct err *err)
{
	size_t count = 0, len;
	_cleanup_free_ uint64_t *keys = keys_joined(lines, batch, select, &count, err);
	_cleanup_free_ uint64_t *spare = NULL;
	_cleanup_free_ char *bytes = NULL;

	if (!keys)
		return -EBADMSG;
	spare = memory_get(count * sizeof(*spare));
	hashes_sort(keys, spare, count);
	hashes_pack(keys, count, &bytes, &len);
	sqlite3_bind_int64(insert, 1, (int64_t)batch->log << 32 | batch->hour);
	sqlite3_bind_int64(insert, 2, batch->log);
	sqlite3_bind_int64(insert, 3, batch->hour);
	sqlite3_bind_int64(insert, 4, (int64_t)count);
	if (database_bind_sealed(insert, 5, bytes, len) != SQLITE_OK)
		return database_error(lines->store, "write", err);
	return database_run(lines->store, insert, err);
}

int lines_write(struct lines *lines, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *select = NULL;
	_cleanup_(finalize_p) sqlite3_stmt *insert = NULL;
	int r;

	if (lines->failure) {
		if (err)
			*err = lines->err;
		return lines->failure;
	}
	r = database_prepare(lines->store, "select lines, data from line_hashes where id = ?",
			     &select, err);
	if (r >= 0)
		r = database_prepare(lines->store,
				     "insert or replace into line_hashes values (?, ?, ?, ?, ?)",
				     &insert, err);
	for (uint32_t i = 0; i < lines->batches.count && r >= 0; i++)
		r = batch_put(lines, map_row(&lines->batches, i), select, insert, err);
	return r;
}

void lines_written(struct lines *lines)
{
	batches_clear(lines);
}
