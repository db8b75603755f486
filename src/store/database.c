/* SQLite with the house's errors, and blobs that tell when they were damaged. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "base/hash.h"
#include "base/memory.h"
#include "source/trouble.h"
#include "store/internal.h"

#define SEAL_BYTES 8
#define NEARLY_FULL ((uint64_t)1 << 20) /* bytes left */

/* SQLite does not always know why it could not write. */
static bool is_full(const struct store *store)
{
	struct statvfs status;
	struct rlimit limit;

	if (statvfs(store->path, &status) == 0 && status.f_bavail * status.f_frsize < NEARLY_FULL)
		return true;
	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

static int error_of_disk(struct store *store, const char *doing, int cause, struct err *err)
{
	char words[TROUBLE_WORDS_MAX];

	if (cause == ENOSPC || cause == EDQUOT || cause == EFBIG || (cause == 0 && is_full(store)))
		return err_set(
			err, -ENOSPC,
			"can't %s the store '%s': the disk is full; make room and run again, "
			"what was kept before is whole",
			doing, store->path);
	return err_set(err, cause ? -cause : -EIO, "can't %s the store '%s': %s", doing,
		       store->path,
		       cause ? trouble_words(cause, words) : sqlite3_errmsg(store->db));
}

int database_error(struct store *store, const char *doing, struct err *err)
{
	int code = sqlite3_extended_errcode(store->db);
	int cause = sqlite3_system_errno(store->db);

	switch (code & 0xff) {
	case SQLITE_FULL:
		return error_of_disk(store, doing, ENOSPC, err);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return error_of_disk(store, doing, cause, err);
	case SQLITE_NOTADB:
		return err_set(err, -EPROTO,
			       "can't %s '%s': it is not a store of mxwatch; name another path",
			       doing, store->path);
	case SQLITE_CORRUPT:
		return database_damaged(store, sqlite3_errmsg(store->db), err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, -EBUSY,
			       "can't %s the store '%s': another program holds it; try again later",
			       doing, store->path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return err_set(err, -EACCES,
			       "can't %s the store '%s': permission denied; run as its owner",
			       doing, store->path);
	case SQLITE_NOMEM:
		return err_set(err, -ENOMEM, "can't %s the store '%s': out of memory", doing,
			       store->path);
	default:
		return err_set(err, -EIO, "can't %s the store '%s': %s", doing, store->path,
			       sqlite3_errmsg(store->db));
	}
}

int database_damaged(struct store *store, const char *what, struct err *err)
{
	return err_set(err, -EBADMSG,
		       "the store '%s' is damaged (%s); move it away and ingest the logs again",
		       store->path, what);
}

int database_exec(struct store *store, const char *sql, struct err *err)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return database_error(store, store->mode == STORE_WRITE ? "write" : "read", err);
}

int database_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement,
		     struct err *err)
{
	if (sqlite3_prepare_v2(store->db, sql, -1, ret_statement, NULL) == SQLITE_OK)
		return 0;
	if ((sqlite3_errcode(store->db) & 0xff) == SQLITE_ERROR)
		return database_damaged(store, sqlite3_errmsg(store->db), err);
	return database_error(store, "read", err);
}

int database_step(struct store *store, sqlite3_stmt *statement, struct err *err)
{
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	return database_error(store, sqlite3_stmt_readonly(statement) ? "read" : "write", err);
}

int database_run(struct store *store, sqlite3_stmt *statement, struct err *err)
{
	int r = database_step(store, statement, err);

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return r < 0 ? r : 0;
}

int database_number(struct store *store, const char *sql, int64_t otherwise, int64_t *ret_number,
		    struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store, sql, &statement, err);

	if (r < 0)
		return r;
	r = database_step(store, statement, err);
	if (r < 0)
		return r;
	*ret_number = r > 0 && sqlite3_column_type(statement, 0) != SQLITE_NULL
			      ? sqlite3_column_int64(statement, 0)
			      : otherwise;
	return 0;
}

int database_bind_sealed(sqlite3_stmt *statement, int parameter, const char *bytes, size_t len)
{
	uint64_t seal = hash64(bytes, len);
	char *sealed = memory_get(len + SEAL_BYTES);

	if (len)
		memcpy(sealed, bytes, len);
	for (int i = 0; i < SEAL_BYTES; i++)
		sealed[len + (size_t)i] = (char)(seal >> 8 * i);
	return sqlite3_bind_blob64(statement, parameter, sealed, len + SEAL_BYTES, free);
}

bool database_column_sealed(sqlite3_stmt *statement, int column, struct view *ret_bytes)
{
	const char *sealed = sqlite3_column_blob(statement, column);
	size_t len = (size_t)sqlite3_column_bytes(statement, column);
	uint64_t seal = 0;

	if (!sealed || len < SEAL_BYTES)
		return false;
	len -= SEAL_BYTES;
	for (int i = 0; i < SEAL_BYTES; i++)
		seal |= (uint64_t)(unsigned char)sealed[len + (size_t)i] << 8 * i;
	*ret_bytes = view_of(sealed, len);
	return seal == hash64(sealed, len);
}
