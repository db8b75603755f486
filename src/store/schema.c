/*
 * The tables, and how a store of an older version becomes one of this.
 *
 * The file tells what it is by SQLite's application_id and the version by its
 * user_version. A migration is a function that makes version N + 1 of version N; it is
 * for writers. Readers, who may not change the file, see what it lacks as empty.
 */
#include <errno.h>

#include "store/internal.h"

/* Made by the build of schema_1.sql and schema_2.sql. */
extern const char schema_1_sql[], schema_2_sql[];

#define STRINGIFY(x) #x
#define TEXT_OF(x) STRINGIFY(x)

static int make_tables(struct store *store, struct err *err)
{
	int r = database_exec(store, schema_1_sql, err);

	if (r < 0)
		return r;
	return database_exec(store, "pragma application_id = " TEXT_OF(STORE_APPLICATION_ID), err);
}

static int add_learnt(struct store *store, struct err *err)
{
	return database_exec(store, schema_2_sql, err);
}

/* What version 2 added, as a reader of version 1 finds it: nothing. */
static const char learnt_nothing_sql[] =
	"create temp table memory (name, raw_bytes, data);"
	"create temp table enrichment (address, name, ptr, confirmed, dynamic, asked, as_number, "
	"organisation, country, network);"
	"create temp table listings (address, zone, listed, asked);"
	"create temp table block_trail (id, evidence_id, prefix, form, pattern, because, evidence, "
	"since, until, by, undone, undone_by);";

/* migrations[n] makes version n + 1. */
static int (*const migrations[STORE_VERSION])(struct store *store, struct err *err) = {
	make_tables,
	add_learnt,
};

static int migrate(struct store *store, int64_t version, struct err *err)
{
	int r = database_exec(store, "begin immediate", err);

	for (; r >= 0 && version < STORE_VERSION; version++)
		r = migrations[version](store, err);
	if (r >= 0)
		r = database_exec(store, "pragma user_version = " TEXT_OF(STORE_VERSION), err);
	if (r >= 0)
		r = database_exec(store, "commit", err);
	if (r < 0)
		sqlite3_exec(store->db, "rollback", NULL, NULL, NULL);
	return r;
}

int schema_ready(struct store *store, struct err *err)
{
	int64_t application, version, tables;
	int r = database_number(store, "pragma application_id", 0, &application, err);

	if (r >= 0)
		r = database_number(store, "pragma user_version", 0, &version, err);
	if (r >= 0)
		r = database_number(store, "select count(*) from sqlite_schema", 0, &tables, err);
	if (r < 0)
		return r;
	if (application == 0 && version == 0 && tables == 0) {
		if (store->mode == STORE_WRITE)
			return migrate(store, 0, err);
		return err_set(err, -ENOENT,
			       "the store '%s' is empty; fill it with 'mxwatch ingest LOG'",
			       store->path);
	}
	if (application != STORE_APPLICATION_ID || version < 1)
		return err_set(
			err, -EPROTO,
			"'%s' is a database of another program, not a store of mxwatch; name "
			"another path",
			store->path);
	if (version > STORE_VERSION)
		return err_set(
			err, -EPROTO,
			"the store '%s' was written by a newer mxwatch (version %lld, this one "
			"knows %d); install that or name another path",
			store->path, (long long)version, STORE_VERSION);
	if (version == STORE_VERSION)
		return 0;
	if (store->mode == STORE_WRITE)
		return migrate(store, version, err);
	return database_exec(store, learnt_nothing_sql, err);
}
