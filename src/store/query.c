/*
 * SQL for people: the packed facts as tables (query_tables.c), views over them,
 * and a guard that lets nothing through but reading.
 *
 * The views are temporary: they belong to the program, not to the file, so
 * they always fit the version that runs.
 */
#include <ctype.h>
#include <errno.h>

#include "base/memory.h"
#include "store/query_tables.h"

#define ALL_SLOTS "(select * from main.slots union all select * from open_slots) "

static const char views[] =
	"create temp table open_slots as select * from main.slots where 0;"
	"create temp view refusals as select * from attempts;"
	"create temp view relay_attempts as select * from attempts where reason = 'relay-denied';"
	"create temp view blocks as select prefix as client, form, pattern, because, "
	"strftime('%Y-%m-%dT%H:%M:%SZ', since, 'unixepoch') as since, "
	"strftime('%Y-%m-%dT%H:%M:%SZ', until, 'unixepoch') as until, by, "
	"case when undone > 0 then strftime('%Y-%m-%dT%H:%M:%SZ', undone, 'unixepoch') end as "
	"undone, undone_by, printf('%08x', evidence_id) as id, evidence, "
	"since as since_unix, until as until_unix from block_trail;"
	"create temp view traffic as select "
	"strftime('%Y-%m-%dT%H:%M:%SZ', start - start % 3600, 'unixepoch') as hour, "
	"start - start % 3600 as hour_unix, sum(received) as received, "
	"sum(delivered) as delivered, sum(forwarded) as forwarded, sum(deferred) as deferred, "
	"sum(bounced) as bounced, sum(rejected) as rejected, sum(held) as held, "
	"sum(discarded) as discarded, sum(bytes_received) as bytes_received, "
	"sum(bytes_delivered) as bytes_delivered "
	"from " ALL_SLOTS "group by start - start % 3600;"
	"create temp view connections as select "
	"strftime('%Y-%m-%dT%H:%M:%SZ', start - start % 3600, 'unixepoch') as hour, "
	"start - start % 3600 as hour_unix, sum(connections) as connections, "
	"sum(connected_ms) / 1000.0 as seconds, "
	"case when sum(sessions_exact) > 0 then sum(connected_ms) / 1000.0 / sum(sessions_exact) "
	"end as avg_seconds, max(max_ms) / 1000.0 as max_seconds, "
	"max(peak_concurrent) as peak_concurrent "
	"from " ALL_SLOTS "group by start - start % 3600;";

static int views_make(struct store *store, struct err *err)
{
	int r;

	if (store->views_made)
		return 0;
	if (query_tables_register(store) != SQLITE_OK)
		return database_error(store, "read", err);
	r = database_exec(store, views, err);
	store->views_made = r >= 0;
	return r;
}

static int only_reading(void *context, int action, const char *first, const char *second,
			const char *database, const char *trigger)
{
	(void)context;
	(void)database;
	(void)trigger;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return second && strcasecmp(second, "load_extension") == 0 ? SQLITE_DENY
									   : SQLITE_OK;
	case SQLITE_UPDATE:
		/* SQLite asks for this when it meets a virtual table for the first time. What
		   writes is still found out: sqlite3_stmt_readonly. */
		return first && strcmp(first, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

/* Whether only blanks, semicolons and comments follow. */
static bool is_over(sqlite3 *db, const char *rest)
{
	sqlite3_stmt *more = NULL;
	bool over;

	while (isspace((unsigned char)*rest) || *rest == ';')
		rest++;
	if (!*rest)
		return true;
	/* A comment prepares to nothing at all. */
	over = sqlite3_prepare_v2(db, rest, -1, &more, NULL) == SQLITE_OK && !more;
	sqlite3_finalize(more);
	return over;
}

static int query_prepare(struct store *store, const char *query, sqlite3_stmt **ret_statement,
			 struct err *err)
{
	const char *rest;
	int code = sqlite3_prepare_v2(store->db, query, -1, ret_statement, &rest);

	if (code == SQLITE_AUTH)
		return err_set(err, -EACCES,
			       "can't run the query: only statements that read may be used");
	if (code == SQLITE_ERROR)
		return err_set(err, -EINVAL, "can't run the query: %s", sqlite3_errmsg(store->db));
	if (code != SQLITE_OK)
		return database_error(store, "read", err);
	if (*ret_statement && !sqlite3_stmt_readonly(*ret_statement))
		return err_set(err, -EACCES,
			       "can't run the query: only statements that read may be used");
	if (!is_over(store->db, rest))
		return err_set(err, -EINVAL, "can't run the query: give one statement at a time");
	return 0;
}

static int query_step(struct store *store, sqlite3_stmt *statement, struct err *err)
{
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	if ((code & 0xff) == SQLITE_ERROR || (code & 0xff) == SQLITE_TOOBIG ||
	    (code & 0xff) == SQLITE_MISMATCH)
		return err_set(err, -EINVAL, "can't run the query: %s", sqlite3_errmsg(store->db));
	return database_error(store, "read", err);
}

static int query_rows(struct store *store, sqlite3_stmt *statement, const struct store_sql *sql,
		      struct err *err)
{
	int count = sqlite3_column_count(statement), r;
	size_t room = (size_t)count + 1;
	_cleanup_free_ const char **values = memory_get(room * sizeof(*values));
	_cleanup_free_ int *lengths = memory_get(room * sizeof(*lengths));
	_cleanup_free_ int *types = memory_get(room * sizeof(*types));

	for (int i = 0; i < count; i++)
		values[i] = sqlite3_column_name(statement, i);
	if (sql->columns)
		sql->columns(sql->context, count, values);
	while ((r = query_step(store, statement, err)) > 0) {
		for (int i = 0; i < count; i++) {
			types[i] = sqlite3_column_type(statement, i);
			values[i] = (const char *)sqlite3_column_text(statement, i);
			lengths[i] = sqlite3_column_bytes(statement, i);
		}
		if (sql->row(sql->context, count, values, lengths, types))
			return 0;
	}
	return r;
}

int store_query(struct store *store, const char *query, const struct store_sql *sql,
		struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = words_load(store, false, err);

	if (r >= 0)
		r = views_make(store, err);
	if (r >= 0)
		r = open_facts_load(store, err);
	if (r < 0)
		return r;
	sqlite3_set_authorizer(store->db, only_reading, NULL);
	r = query_prepare(store, query, &statement, err);
	/* The tables prepare statements of their own while the query runs. */
	sqlite3_set_authorizer(store->db, NULL, NULL);
	if (r >= 0 && statement)
		r = query_rows(store, statement, sql, err);
	return r;
}
