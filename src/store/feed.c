/* From the store back into a ledger; totals and the period. */
#include <assert.h>
#include <errno.h>

#include "store/ahead.h"

/* Columns of PART_ATTEMPTS that no ledger looks at: helo and text. */
#define ATTEMPT_COLUMNS (COLUMNS_ALL & ~(1u << 3 | 1u << 6))
/* Of PART_SESSIONS: helo. */
#define SESSION_COLUMNS (COLUMNS_ALL & ~(1u << 4))

static void feed_rows(struct ledger *ledger, const struct fact_sink *sink, enum part part,
		      const void *rows, size_t count)
{
	const struct role_fact *roles = rows;

	switch (part) {
	case PART_ATTEMPTS:
		ledger_take_attempts(ledger, rows, count);
		break;
	case PART_SESSIONS:
		ledger_take_sessions(ledger, rows, count);
		break;
	case PART_ROLES:
		for (size_t i = 0; i < count; i++)
			sink->role(sink->context, &roles[i]);
		break;
	case PART_MAX:
		assert(false);
	}
}

static int feed_facts(struct store *store, struct ledger *ledger, struct err *err)
{
	const struct fact_sink sink = ledger_sink(ledger);
	int64_t until = ledger->until == UINT32_MAX ? INT64_MAX : ledger->until;
	struct ahead_part parts[PART_MAX];
	struct ahead *ahead;
	enum part part;
	const void *rows;
	size_t count = 0;
	int r;

	if (ledger->parts & LEDGER_SESSIONS)
		parts[count++] = (struct ahead_part){PART_SESSIONS, SESSION_COLUMNS};
	if (ledger->parts & (LEDGER_ATTEMPTS | LEDGER_PAIRS))
		parts[count++] = (struct ahead_part){PART_ATTEMPTS, ATTEMPT_COLUMNS};
	/* Last: only roles look at strings. */
	if (ledger->parts & LEDGER_ROLES)
		parts[count++] = (struct ahead_part){PART_ROLES, COLUMNS_ALL};
	if (count == 0)
		return words_load(store, false, err);
	r = ahead_start(store, parts, count, ledger->from, until, &ahead, err);
	if (r < 0)
		return r;
	while ((r = ahead_next(ahead, &part, &rows, &count, err)) > 0)
		feed_rows(ledger, &sink, part, rows, count);
	ahead_stop(ahead);
	return r;
}

static struct slot slot_read(sqlite3_stmt *statement)
{
	struct slot slot = {
		.start = (uint32_t)sqlite3_column_int64(statement, 0),
		.peak_concurrent = (uint32_t)sqlite3_column_int64(statement, 1),
		.max_ms = (uint32_t)sqlite3_column_int64(statement, 2),
		.sessions_exact = (uint32_t)sqlite3_column_int64(statement, 3),
	};
	uint64_t *const counts[] = {&slot.received,	  &slot.delivered,	 &slot.forwarded,
				    &slot.deferred,	  &slot.bounced,	 &slot.rejected,
				    &slot.bytes_received, &slot.bytes_delivered, &slot.connections,
				    &slot.connected_ms,	  &slot.relay_attempts,	 &slot.probes,
				    &slot.held,		  &slot.discarded,	 &slot.warnings};

	for (int i = 0; i < (int)(sizeof(counts) / sizeof(counts[0])); i++)
		*counts[i] = (uint64_t)sqlite3_column_int64(statement, 4 + i);
	return slot;
}

static int feed_slots(struct store *store, struct ledger *ledger, struct err *err)
{
	const struct fact_sink sink = ledger_sink(ledger);
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store, "select * from slots where start >= ? and start < ?",
				 &statement, err);

	if (r < 0)
		return r;
	sqlite3_bind_int64(statement, 1, ledger->from);
	sqlite3_bind_int64(statement, 2, ledger->until);
	while ((r = database_step(store, statement, err)) > 0) {
		struct slot slot = slot_read(statement);

		sink.slot(sink.context, &slot);
	}
	return r;
}

int feed_open_sessions(struct store *store, const struct fact_sink *sink, struct err *err)
{
	const struct session_options options = {0};
	_cleanup_free_ char *bytes = NULL;
	struct sessions *sessions;
	size_t len;
	int r = state_read(store, &bytes, &len, err);

	if (r < 0 || !bytes)
		return r;
	sessions = sessions_new(&options, &store->words.directory, sink);
	r = sessions_restore(sessions, bytes, len);
	if (r < 0)
		r = database_damaged(store, "open sessions", err);
	else
		sessions_finish(sessions);
	sessions_free(sessions);
	return r;
}

int store_feed(struct store *store, struct ledger *ledger, struct err *err)
{
	const struct fact_sink sink = ledger_sink(ledger);
	int r = words_begin(store, false, err);

	if (r >= 0 && ledger->parts & LEDGER_SLOTS)
		r = feed_slots(store, ledger, err);
	if (r >= 0)
		r = feed_facts(store, ledger, err);
	return r < 0 ? r : feed_open_sessions(store, &sink, err);
}

static int samples_read(struct store *store, struct input_totals *totals, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(
		store, "select program, line, lines from samples order by lines desc, program",
		&statement, err);

	while (r >= 0 && totals->sample_count < PIPELINE_SAMPLES &&
	       (r = database_step(store, statement, err)) > 0) {
		struct input_sample *sample = &totals->samples[totals->sample_count++];
		struct view program = {(const char *)sqlite3_column_text(statement, 0),
				       (size_t)sqlite3_column_bytes(statement, 0)};
		struct view line = {sqlite3_column_blob(statement, 1),
				    (size_t)sqlite3_column_bytes(statement, 1)};

		program = view_to(program, sizeof(sample->program) - 1);
		line = view_to(line, sizeof(sample->line));
		if (program.len)
			memcpy(sample->program, program.ptr, program.len);
		if (line.len)
			memcpy(sample->line, line.ptr, line.len);
		sample->line_len = (uint16_t)line.len;
		sample->count = (uint64_t)sqlite3_column_int64(statement, 2);
	}
	return r < 0 ? r : 0;
}

int store_totals(struct store *store, struct input_totals *ret_totals, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	struct input_totals totals = {0};
	int r = database_prepare(store,
				 "select files, lines, bytes, other_programs, not_understood, "
				 "first_time, last_time from totals",
				 &statement, err);

	if (r < 0)
		return r;
	r = database_step(store, statement, err);
	if (r < 0)
		return r;
	if (r > 0) {
		totals.files = (uint64_t)sqlite3_column_int64(statement, 0);
		totals.lines = (uint64_t)sqlite3_column_int64(statement, 1);
		totals.bytes = (uint64_t)sqlite3_column_int64(statement, 2);
		totals.other_programs = (uint64_t)sqlite3_column_int64(statement, 3);
		totals.not_understood = (uint64_t)sqlite3_column_int64(statement, 4);
		totals.first_time = sqlite3_column_int64(statement, 5);
		totals.last_time = sqlite3_column_int64(statement, 6);
	}
	r = samples_read(store, &totals, err);
	if (r >= 0)
		*ret_totals = totals;
	return r;
}

int store_period(struct store *store, int64_t *ret_from, int64_t *ret_until, struct err *err)
{
	int64_t from, until;
	int r = database_number(store, "select first_time from totals", 0, &from, err);

	if (r >= 0)
		r = database_number(store, "select last_time from totals", 0, &until, err);
	if (r < 0)
		return r;
	*ret_from = from;
	*ret_until = until;
	return 0;
}
