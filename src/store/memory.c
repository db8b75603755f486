/* Named bytes beside the facts. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "store/internal.h"

#define MEMORY_MAX ((int64_t)1 << 30)
#define MEMORY_LEVEL 3 /* of zstd */

int store_memory(struct store *store, const char *name, char **ret_bytes, size_t *ret_len,
		 struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	_cleanup_free_ char *bytes = NULL;
	struct view packed;
	int64_t len;
	int r = database_prepare(store, "select raw_bytes, data from memory where name = ?",
				 &statement, err);

	if (r < 0)
		return r;
	*ret_bytes = NULL;
	*ret_len = 0;
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	r = database_step(store, statement, err);
	if (r <= 0)
		return r;
	len = sqlite3_column_int64(statement, 0);
	if (len < 0 || len > MEMORY_MAX || !database_column_sealed(statement, 1, &packed))
		return database_damaged(store, name, err);
	bytes = memory_get((size_t)len);
	if (unpack_bytes(store->packer, packed, bytes, (size_t)len) < 0)
		return database_damaged(store, name, err);
	*ret_bytes = bytes;
	*ret_len = (size_t)len;
	bytes = NULL;
	return 0;
}

static int forget(struct store *store, const char *name, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store, "delete from memory where name = ?", &statement, err);

	if (r < 0)
		return r;
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	return database_run(store, statement, err);
}

int store_remember(struct store *store, const char *name, const char *bytes, size_t len,
		   struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	_cleanup_free_ char *packed = NULL;
	size_t packed_len;
	int r;

	if (!bytes)
		return forget(store, name, err);
	r = database_prepare(store, "insert or replace into memory values (?, ?, ?)", &statement,
			     err);
	if (r < 0)
		return r;
	pack_bytes(store->packer, view_of(bytes, len), MEMORY_LEVEL, &packed, &packed_len);
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, (int64_t)len);
	if (database_bind_sealed(statement, 3, packed, packed_len) != SQLITE_OK)
		return database_error(store, "write", err);
	return database_run(store, statement, err);
}
