/*
 * The audit trail of blocks: rows are added, prolonged and marked as taken back;
 * those alone are deleted that were announced and never put in force.
 */
#include "store/internal.h"

/* Where undone is 0 and until lies ahead, the block is in force. */
static const char find_sql[] =
	"select max(id) from main.block_trail where form = ?1 and prefix = ?2 and evidence_id = ?3 "
	"and undone = 0 and until > ?4";
static const char prolong_sql[] =
	"update main.block_trail set pattern = ?2, because = ?3, evidence = ?4, until = ?5 "
	"where id = ?1";
static const char add_sql[] =
	"insert into main.block_trail (form, prefix, evidence_id, pattern, because, evidence, "
	"since, "
	"until, by, undone, undone_by) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, '')";
static const char end_sql[] = "update main.block_trail set undone = ?2, undone_by = ?3 where form "
			      "= ?1 and undone = 0 and "
			      "until > ?2 and id not in (select id from blocks_kept)";
static const char list_sql[] =
	"select prefix, form, pattern, because, evidence, evidence_id, since, until, by, undone, "
	"undone_by from block_trail order by since desc, id desc";

struct statements {
	sqlite3_stmt *find, *prolong, *add, *keep;
};

static void statements_release(struct statements *statements)
{
	sqlite3_finalize(statements->find);
	sqlite3_finalize(statements->prolong);
	sqlite3_finalize(statements->add);
	sqlite3_finalize(statements->keep);
}

static int statements_prepare(struct store *store, struct statements *statements, struct err *err)
{
	int r = database_exec(store,
			      "create temp table if not exists blocks_kept (id integer primary "
			      "key); delete from blocks_kept",
			      err);

	if (r >= 0)
		r = database_prepare(store, find_sql, &statements->find, err);
	if (r >= 0)
		r = database_prepare(store, prolong_sql, &statements->prolong, err);
	if (r >= 0)
		r = database_prepare(store, add_sql, &statements->add, err);
	if (r >= 0)
		r = database_prepare(store, "insert or ignore into blocks_kept values (?)",
				     &statements->keep, err);
	return r;
}

static void bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
	sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
}

/* The row of the block as it is in force already; 0 if it is not. */
static int find(struct store *store, sqlite3_stmt *statement, const struct block_record *record,
		uint32_t now, int64_t *ret_id, struct err *err)
{
	int r;

	bind_text(statement, 1, record->form);
	bind_text(statement, 2, record->prefix);
	sqlite3_bind_int64(statement, 3, record->evidence_id);
	sqlite3_bind_int64(statement, 4, now);
	r = database_step(store, statement, err);
	if (r > 0)
		*ret_id = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return r < 0 ? r : 0;
}

static int prolong(struct store *store, sqlite3_stmt *statement, int64_t id,
		   const struct block_record *record, struct err *err)
{
	sqlite3_bind_int64(statement, 1, id);
	bind_text(statement, 2, record->pattern);
	bind_text(statement, 3, record->because);
	bind_text(statement, 4, record->evidence);
	sqlite3_bind_int64(statement, 5, record->until);
	return database_run(store, statement, err);
}

static int add(struct store *store, sqlite3_stmt *statement, const struct block_record *record,
	       struct err *err)
{
	bind_text(statement, 1, record->form);
	bind_text(statement, 2, record->prefix);
	sqlite3_bind_int64(statement, 3, record->evidence_id);
	bind_text(statement, 4, record->pattern);
	bind_text(statement, 5, record->because);
	bind_text(statement, 6, record->evidence);
	sqlite3_bind_int64(statement, 7, record->since);
	sqlite3_bind_int64(statement, 8, record->until);
	bind_text(statement, 9, record->by);
	return database_run(store, statement, err);
}

/* Remembers row ID in blocks_kept. */
static int keep(struct store *store, sqlite3_stmt *statement, int64_t id, struct err *err)
{
	sqlite3_bind_int64(statement, 1, id);
	return database_run(store, statement, err);
}

static int put(struct store *store, struct statements *statements,
	       const struct block_record *record, uint32_t now, struct err *err)
{
	int64_t id = 0;
	int r = find(store, statements->find, record, now, &id, err);

	if (r >= 0 && id)
		r = prolong(store, statements->prolong, id, record, err);
	else if (r >= 0)
		r = add(store, statements->add, record, err);
	if (r < 0)
		return r;
	return keep(store, statements->keep, id ? id : sqlite3_last_insert_rowid(store->db), err);
}

/* Keeps only those in mind that it adds. */
static int announce(struct store *store, struct statements *statements,
		    const struct block_record *record, uint32_t now, struct err *err)
{
	int64_t id = 0;
	int r = find(store, statements->find, record, now, &id, err);

	if (r < 0 || id)
		return r;
	r = add(store, statements->add, record, err);
	if (r < 0)
		return r;
	return keep(store, statements->keep, sqlite3_last_insert_rowid(store->db), err);
}

static int end_others(struct store *store, const char *form, uint32_t now, const char *undone_by,
		      struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store, end_sql, &statement, err);

	if (r < 0)
		return r;
	bind_text(statement, 1, form);
	sqlite3_bind_int64(statement, 2, now);
	bind_text(statement, 3, undone_by);
	return database_run(store, statement, err);
}

/* TAKE for each of RECORDS; then, if UNDONE_BY is told, the end of the others of FORM. */
static int change(struct store *store, const char *form, const struct block_records *records,
		  uint32_t now, const char *undone_by,
		  int (*take)(struct store *store, struct statements *statements,
			      const struct block_record *record, uint32_t now, struct err *err),
		  struct err *err)
{
	_cleanup_(statements_release) struct statements statements = {0};
	struct block_record record;
	int r = statements_prepare(store, &statements, err);

	if (r >= 0)
		r = database_exec(store, "begin immediate", err);
	if (r < 0)
		return r;
	while (r >= 0 && records->next(records->context, &record))
		r = take(store, &statements, &record, now, err);
	if (r >= 0 && undone_by)
		r = end_others(store, form, now, undone_by, err);
	if (r >= 0)
		r = database_exec(store, "commit", err);
	if (r < 0)
		sqlite3_exec(store->db, "rollback", NULL, NULL, NULL);
	return r;
}

int store_blocks_announce(struct store *store, const struct block_records *records, uint32_t now,
			  struct err *err)
{
	return change(store, NULL, records, now, NULL, announce, err);
}

int store_blocks_withdraw(struct store *store, struct err *err)
{
	return database_exec(
		store, "delete from main.block_trail where id in (select id from blocks_kept)",
		err);
}

int store_blocks_put(struct store *store, const char *form, const struct block_records *records,
		     uint32_t now, const char *undone_by, struct err *err)
{
	return change(store, form, records, now, undone_by, put, err);
}

static const char *text_at(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return text ? text : "";
}

static struct block_record record_of(sqlite3_stmt *statement)
{
	return (struct block_record){
		.prefix = text_at(statement, 0),
		.form = text_at(statement, 1),
		.pattern = text_at(statement, 2),
		.because = text_at(statement, 3),
		.evidence = text_at(statement, 4),
		.evidence_id = (uint32_t)sqlite3_column_int64(statement, 5),
		.since = (uint32_t)sqlite3_column_int64(statement, 6),
		.until = (uint32_t)sqlite3_column_int64(statement, 7),
		.by = text_at(statement, 8),
		.undone = (uint32_t)sqlite3_column_int64(statement, 9),
		.undone_by = text_at(statement, 10),
	};
}

int store_blocks_each(struct store *store,
		      void (*take)(void *context, const struct block_record *record), void *context,
		      struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store, list_sql, &statement, err);

	while (r >= 0 && (r = database_step(store, statement, err)) > 0) {
		struct block_record record = record_of(statement);

		take(context, &record);
	}
	return r;
}
