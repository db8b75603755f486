/*
 * The keeper: one transaction for the facts, the words they speak of, the lines
 * they came from, what is still open, and how far each log was read.
 */
#include <errno.h>

#include "base/memory.h"
#include "store/internal.h"

#define STATE_LEVEL 1
#define STATE_MAX ((int64_t)1 << 30)
#define SAMPLES_MAX 200 /* programs whose lines are sampled */

int state_read(struct store *store, char **ret_bytes, size_t *ret_len, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	struct view packed;
	int64_t len;
	char *bytes;
	int r = database_prepare(store, "select raw_bytes, data from open_sessions", &statement,
				 err);

	if (r < 0)
		return r;
	*ret_bytes = NULL;
	*ret_len = 0;
	r = database_step(store, statement, err);
	if (r <= 0)
		return r;
	len = sqlite3_column_int64(statement, 0);
	if (len < 0 || len > STATE_MAX || !database_column_sealed(statement, 1, &packed))
		return database_damaged(store, "open sessions", err);
	bytes = memory_get((size_t)len);
	if (unpack_bytes(store->packer, packed, bytes, (size_t)len) < 0) {
		free(bytes);
		return database_damaged(store, "open sessions", err);
	}
	*ret_bytes = bytes;
	*ret_len = (size_t)len;
	return 0;
}

int state_write(struct store *store, const char *bytes, size_t len, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	_cleanup_free_ char *packed = NULL;
	size_t packed_len;
	int r = database_prepare(store, "insert or replace into open_sessions values (1, ?, ?)",
				 &statement, err);

	if (r < 0)
		return r;
	pack_bytes(store->packer, view_of(bytes, len), STATE_LEVEL, &packed, &packed_len);
	sqlite3_bind_int64(statement, 1, (int64_t)len);
	if (database_bind_sealed(statement, 2, packed, packed_len) != SQLITE_OK)
		return database_error(store, "write", err);
	return database_run(store, statement, err);
}

static int totals_write(struct store *store, const struct input_totals *totals, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	const uint64_t values[] = {totals->files,
				   totals->lines,
				   totals->bytes,
				   totals->other_programs,
				   totals->not_understood,
				   (uint64_t)totals->first_time,
				   (uint64_t)totals->last_time};
	int r = database_prepare(
		store,
		"update totals set files = files + ?1, lines = lines + ?2, bytes = bytes + ?3, "
		"other_programs = other_programs + ?4, not_understood = not_understood + ?5, "
		"first_time = case when first_time = 0 then ?6 when ?6 = 0 then first_time "
		"else min(first_time, ?6) end, last_time = max(last_time, ?7)",
		&statement, err);

	if (r < 0)
		return r;
	for (int i = 0; i < (int)(sizeof(values) / sizeof(values[0])); i++)
		sqlite3_bind_int64(statement, i + 1, (int64_t)values[i]);
	return database_run(store, statement, err);
}

static int samples_write(struct store *store, const struct input_totals *totals, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store,
				 "insert into samples select ?1, ?2, ?3 where (select count(*) "
				 "from samples) < ?4 or "
				 "?1 in (select program from samples) "
				 "on conflict (program) do update set lines = lines + ?3",
				 &statement, err);

	for (size_t i = 0; i < totals->sample_count && r >= 0; i++) {
		const struct input_sample *sample = &totals->samples[i];

		if (sample->count == 0)
			continue;
		sqlite3_bind_text(statement, 1, sample->program, -1, SQLITE_STATIC);
		sqlite3_bind_blob(statement, 2, sample->line, sample->line_len, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 3, (int64_t)sample->count);
		sqlite3_bind_int(statement, 4, SAMPLES_MAX);
		r = database_run(store, statement, err);
	}
	return r;
}

static int keeper_begin(void *context, const char *path, uint64_t *ret_offset, uint32_t *ret_log,
			int64_t *ret_last_time, struct err *err)
{
	return logs_begin(context, path, ret_offset, ret_log, ret_last_time, err);
}

static bool keeper_told(void *context, uint32_t log, int64_t time_s, uint64_t line_hash)
{
	struct store *store = context;

	return lines_told(&store->lines, log, time_s, line_hash);
}

static void keeper_note(void *context, uint32_t log, int64_t time_s, uint64_t line_hash)
{
	struct store *store = context;

	lines_note(&store->lines, log, time_s, line_hash);
}

static int write_all(struct store *store, const struct keeper_progress *progress, size_t count,
		     const struct input_totals *totals, struct view state, struct err *err)
{
	int r = words_write(store, err);

	if (r >= 0)
		r = facts_write(store, err);
	if (r >= 0)
		r = lines_write(&store->lines, err);
	if (r >= 0)
		r = logs_write(store, progress, count, err);
	if (r >= 0)
		r = state_write(store, state.ptr, state.len, err);
	if (r >= 0)
		r = totals_write(store, totals, err);
	return r < 0 ? r : samples_write(store, totals, err);
}

static int keeper_commit(void *context, const struct keeper_progress *progress, size_t count,
			 const struct input_totals *totals, struct sessions *sessions,
			 struct err *err)
{
	struct store *store = context;
	_cleanup_free_ char *state = NULL;
	size_t state_len = 0;
	int r;

	sessions_save(sessions, &state, &state_len);
	r = database_exec(store, "begin immediate", err);
	if (r < 0)
		return r;
	r = write_all(store, progress, count, totals, view_of(state, state_len), err);
	if (r >= 0)
		r = database_exec(store, "commit", err);
	if (r < 0) {
		sqlite3_exec(store->db, "rollback", NULL, NULL, NULL);
		return r;
	}
	words_written(store);
	facts_written(store);
	lines_written(&store->lines);
	return 0;
}

static int keeper_restore(void *context, struct sessions *sessions, struct err *err)
{
	struct store *store = context;
	_cleanup_free_ char *bytes = NULL;
	size_t len;
	int r = state_read(store, &bytes, &len, err);

	if (r < 0 || !bytes)
		return r;
	r = sessions_restore(sessions, bytes, len);
	return r < 0 ? database_damaged(store, "open sessions", err) : 0;
}

struct keeper store_keeper(struct store *store)
{
	return (struct keeper){
		.context = store,
		.begin = keeper_begin,
		.told = keeper_told,
		.note = keeper_note,
		.commit = keeper_commit,
		.restore = keeper_restore,
	};
}
