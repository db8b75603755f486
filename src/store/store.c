/*
 * Opening and closing; who may write.
 *
 * A writer holds a lock (flock) on PATH.lock from store_open to store_close,
 * since what it knows of the store (ids of strings, logs read) must not change
 * under it. The kernel drops the lock with the process, however that ends; the
 * process number inside is only for telling people. Readers need no lock: they
 * see the store as of one transaction, their first.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "source/trouble.h"
#include "store/internal.h"

#define IN_MEMORY ":memory:"
#define LOCK_STEP_MS 50

/* What the system said was wrong (errno) about DOING something with PATH. */
static int system_error(const char *doing, const char *path, struct err *err)
{
	char words[TROUBLE_WORDS_MAX];
	int code = errno;

	return err_set(err, -code, "can't %s '%s': %s%s", doing, path, trouble_words(code, words),
		       code == EACCES || code == EPERM ? "; run as the owner of the store" : "");
}

static bool in_memory(const struct store *store)
{
	return strcmp(store->path, IN_MEMORY) == 0;
}

/* Makes the folders that PATH lies in. */
static int make_folders(const char *path, struct err *err)
{
	char folder[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(folder))
		return err_set(err, -ENAMETOOLONG, "can't use store '%s': path too long", path);
	for (size_t i = 1; i < len; i++) {
		if (path[i] != '/')
			continue;
		memcpy(folder, path, i);
		folder[i] = '\0';
		if (mkdir(folder, 0750) < 0 && errno != EEXIST)
			return system_error("make folder", folder, err);
	}
	return 0;
}

/* The process that says it holds the lock; 0 if it does not say. */
static long lock_holder(int lock)
{
	char text[32] = "";
	ssize_t len = pread(lock, text, sizeof(text) - 1, 0);

	return len > 0 ? strtol(text, NULL, 10) : 0;
}

static void lock_sign(int lock)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	/* Only for people: a full disk must not keep the store shut. */
	if (ftruncate(lock, 0) < 0 || pwrite(lock, text, (size_t)len, 0) < 0)
		return;
}

static int lock_take(struct store *store, struct err *err)
{
	const struct timespec step = {0, LOCK_STEP_MS * 1000000L};
	char path[PATH_MAX];
	long holder;

	if ((size_t)snprintf(path, sizeof(path), "%s.lock", store->path) >= sizeof(path))
		return err_set(err, -ENAMETOOLONG, "can't use store '%s': path too long",
			       store->path);
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (store->lock < 0)
		return system_error("open", path, err);
	for (int waited_ms = 0; flock(store->lock, LOCK_EX | LOCK_NB) < 0;
	     waited_ms += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return system_error("lock", path, err);
		if (waited_ms >= STORE_BUSY_MS) {
			holder = lock_holder(store->lock);
			return err_set(
				err, -EBUSY,
				"can't write the store '%s': process %ld is writing it; wait "
				"for it to end",
				store->path, holder);
		}
		nanosleep(&step, NULL);
	}
	lock_sign(store->lock);
	return 0;
}

/* A store holds what the logs hold: others than the group are not to read it.
   SQLite gives its other files the same mode; if it fails here, SQLite says why. */
static void make_private(const char *path)
{
	int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (file >= 0)
		close(file);
}

static int open_for_writing(struct store *store, struct err *err)
{
	int r = 0;

	if (!in_memory(store)) {
		r = make_folders(store->path, err);
		if (r >= 0)
			r = lock_take(store, err);
	}
	if (r < 0)
		return r;
	if (!in_memory(store))
		make_private(store->path);
	if (sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) != SQLITE_OK)
		return database_error(store, "open", err);
	sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
	r = database_exec(store, "pragma page_size = 8192", err);
	if (r >= 0)
		r = schema_ready(store, err);
	if (r >= 0)
		r = database_exec(store,
				  "pragma journal_mode = wal; pragma synchronous = normal;"
				  "pragma journal_size_limit = 67108864",
				  err);
	if (r >= 0)
		r = facts_resume(store, err);
	return r;
}

/* The path as a URI that says that nobody changes the file; freed by the caller. */
static char *uri_immutable(const char *path)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.";
	size_t size = strlen(path) * 3 + sizeof("file:?immutable=1");
	char *uri = memory_get(size);
	size_t len = (size_t)snprintf(uri, size, "file:");

	for (; *path; path++) {
		if (strchr(plain, *path))
			uri[len++] = *path;
		else
			len += (size_t)snprintf(uri + len, size - len, "%%%02X",
						(unsigned int)(unsigned char)*path);
	}
	snprintf(uri + len, size - len, "?immutable=1");
	return uri;
}

static int open_readable(struct store *store, const char *name, int flags, struct err *err)
{
	int r;

	sqlite3_close(store->db);
	store->db = NULL;
	if (sqlite3_open_v2(name, &store->db, SQLITE_OPEN_READONLY | flags, NULL) != SQLITE_OK)
		return database_error(store, "open", err);
	sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
	r = database_exec(store, "begin", err);
	return r < 0 ? r : schema_ready(store, err);
}

/* Whether a writer's journal lies beside the store. */
static bool has_journal(const struct store *store)
{
	_cleanup_free_ char *path = memory_get(strlen(store->path) + sizeof("-wal"));
	struct stat status;

	memcpy(path, store->path, strlen(store->path));
	memcpy(path + strlen(store->path), "-wal", sizeof("-wal"));
	return stat(path, &status) == 0 && status.st_size > 0;
}

static int open_for_reading(struct store *store, struct err *err)
{
	_cleanup_free_ char *uri = NULL;
	struct stat status;
	int r, code;

	if (stat(store->path, &status) < 0 && errno == ENOENT)
		return err_set(err, -ENOENT,
			       "there is no store at '%s'; make one with 'mxwatch ingest LOG'",
			       store->path);
	if (access(store->path, R_OK) < 0)
		return system_error("read the store", store->path, err);
	r = open_readable(store, store->path, 0, err);
	code = r < 0 ? sqlite3_errcode(store->db) & 0xff : SQLITE_OK;
	if ((code != SQLITE_CANTOPEN && code != SQLITE_READONLY) || has_journal(store))
		return r;
	/* SQLite's shared memory cannot be made in a folder that may not be written.
	   Where no journal is, the file alone is the store. */
	uri = uri_immutable(store->path);
	return open_readable(store, uri, SQLITE_OPEN_URI, err);
}

int store_open(const char *path, enum store_mode mode, struct store **ret_store, struct err *err)
{
	struct store *store = memory_get_zeroed(1, sizeof(*store));
	int r;

	store->path = memory_string(path);
	store->mode = mode;
	store->lock = -1;
	store->packer = packer_new();
	store->words.piece = -1;
	map_init(&store->slots, sizeof(struct slot), sizeof(uint32_t));
	lines_init(&store->lines, store);
	r = mode == STORE_WRITE ? open_for_writing(store, err) : open_for_reading(store, err);
	if (r < 0) {
		store_close(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	facts_release(store);
	open_facts_release(store);
	map_release(&store->slots);
	lines_release(&store->lines);
	logs_release(store);
	words_release(store);
	packer_free(store->packer);
	sqlite3_close(store->db);
	if (store->lock >= 0)
		close(store->lock);
	free(store->path);
	free(store);
}

struct directory *store_directory(struct store *store, bool indexed, struct err *err)
{
	return words_load(store, indexed, err) < 0 ? NULL : &store->words.directory;
}

struct directory *store_clients(struct store *store, struct err *err)
{
	return words_begin(store, false, err) < 0 ? NULL : &store->words.directory;
}

int store_default_path(char *ret_path, size_t size, struct err *err)
{
	const char *state = secure_getenv("XDG_STATE_HOME");
	const char *home = secure_getenv("HOME");
	int len;

	if (geteuid() == 0)
		len = snprintf(ret_path, size, "/var/lib/mxwatch/store.db");
	else if (state && state[0] == '/')
		len = snprintf(ret_path, size, "%s/mxwatch/store.db", state);
	else if (home && home[0] == '/')
		len = snprintf(ret_path, size, "%s/.local/state/mxwatch/store.db", home);
	else
		return err_set(err, -ENOENT,
			       "can't tell where the store is: HOME is not set; give --store");
	if (len < 0 || (size_t)len >= size)
		return err_set(err, -ENAMETOOLONG, "can't use the default store: path too long");
	return 0;
}
