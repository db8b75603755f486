/*
 * Which log is which. A log is known by its content: the hash of its first
 * HEAD_MAX bytes (fewer while it was shorter) and the hash of the bytes before
 * the place up to which it was read. So a log that was renamed, compressed or
 * copied goes on where it was left, and one that was truncated and begun anew
 * is a new one, whatever its name and inode.
 *
 * Two logs of one run never get one number: the second of two equal files is
 * a log of its own, whose lines are recognised one by one.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/memory.h"
#include "source/source.h"
#include "store/internal.h"

#define HEAD_MAX 1024

struct log {
	uint32_t number;
	bool begun;  /* in this run */
	bool stored; /* its row is in the store */
	char *path;
	uint64_t device, inode;
	uint32_t head_len; /* 0: not a file, never recognised */
	uint64_t head_hash;
	uint64_t offset, tail_hash;
	int64_t last_time;
};

/* The begin of the log at hand, its hashes by length as they are asked for. */
struct head {
	char bytes[HEAD_MAX];
	size_t len;
	size_t hashed_len;
	uint64_t hash;
};

static struct log *log_append(struct logs *logs)
{
	ARRAY_GROW(logs->logs, logs->count, logs->capacity);
	logs->logs[logs->count] = (struct log){0};
	return &logs->logs[logs->count++];
}

/* Logs that are no checkpoints have no rows, but lines that bear their numbers. */
static int last_number_load(struct store *store, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store, "select coalesce(max(log), 0) from line_hashes", &statement,
				 err);

	if (r < 0)
		return r;
	r = database_step(store, statement, err);
	if (r > 0 && (uint32_t)sqlite3_column_int64(statement, 0) > store->logs.last_number)
		store->logs.last_number = (uint32_t)sqlite3_column_int64(statement, 0);
	return r < 0 ? r : 0;
}

static int logs_load(struct store *store, struct err *err)
{
	struct logs *logs = &store->logs;
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r;

	if (logs->loaded)
		return 0;
	r = database_prepare(store,
			     "select number, path, device, inode, head_len, head_hash, offset, "
			     "tail_hash, last_time from logs order by number",
			     &statement, err);
	while (r >= 0 && (r = database_step(store, statement, err)) > 0) {
		const unsigned char *path = sqlite3_column_text(statement, 1);
		struct log *log = log_append(logs);

		log->number = (uint32_t)sqlite3_column_int64(statement, 0);
		log->stored = true;
		log->path = memory_string(path ? (const char *)path : "");
		log->device = (uint64_t)sqlite3_column_int64(statement, 2);
		log->inode = (uint64_t)sqlite3_column_int64(statement, 3);
		log->head_len = (uint32_t)sqlite3_column_int64(statement, 4);
		log->head_hash = (uint64_t)sqlite3_column_int64(statement, 5);
		log->offset = (uint64_t)sqlite3_column_int64(statement, 6);
		log->tail_hash = (uint64_t)sqlite3_column_int64(statement, 7);
		log->last_time = sqlite3_column_int64(statement, 8);
		logs->last_number = log->number;
	}
	if (r >= 0)
		r = last_number_load(store, err);
	logs->loaded = r >= 0;
	return r;
}

uint32_t logs_number(const struct store *store, size_t n)
{
	return store->logs.logs[n].number;
}

int64_t logs_last_time(const struct store *store, size_t n)
{
	const struct log *log = &store->logs.logs[n];

	return log->last_time ? log->last_time : INT64_MAX;
}

void logs_release(struct store *store)
{
	for (size_t i = 0; i < store->logs.count; i++)
		free(store->logs.logs[i].path);
	free(store->logs.logs);
	store->logs = (struct logs){0};
}

static void source_close_p(struct source **source)
{
	if (*source)
		source_close(*source);
}

/* Reads until BUFFER is full or the log ends. A damaged end is an end here: the
   reader of the log will tell of it. */
static size_t read_full(struct source *source, char *buffer, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = source_read(source, buffer + len, size - len, NULL)) > 0)
		len += (size_t)n;
	return len;
}

static bool head_is(struct head *head, const struct log *log)
{
	if (log->head_len == 0 || log->head_len > head->len)
		return false;
	if (head->hashed_len != log->head_len) {
		head->hash = hash64(head->bytes, log->head_len);
		head->hashed_len = log->head_len;
	}
	return head->hash == log->head_hash;
}

/* Whether the log at PATH has, before LOG's offset, what was read there.
   Returns 1 or 0 and whether anything comes after it, or a negative errno. */
static int tail_is(const char *path, const struct log *log, bool *ret_more, struct err *err)
{
	_cleanup_(source_close_p) struct source *source = NULL;
	size_t tail_len = log->offset < KEEPER_TAIL ? (size_t)log->offset : KEEPER_TAIL;
	char tail[KEEPER_TAIL], more;
	int r = source_open(path, &source, err);

	if (r < 0)
		return r;
	if (source_skip(source, log->offset - tail_len, NULL) < 0 ||
	    read_full(source, tail, tail_len) < tail_len ||
	    hash64(tail, tail_len) != log->tail_hash)
		return 0;
	*ret_more = source_read(source, &more, 1, err) != 0;
	return 1;
}

static int by_offset_down(const void *a, const void *b)
{
	const struct log *const *one = a, *const *other = b;

	if ((*one)->offset != (*other)->offset)
		return (*one)->offset < (*other)->offset ? 1 : -1;
	return (*one)->number < (*other)->number ? -1 : (*one)->number > (*other)->number;
}

/* Finds what the log with this head was known as: *ret_log is NULL if nothing. */
static int log_find(struct logs *logs, const char *path, struct head *head, struct log **ret_log,
		    bool *ret_more, struct err *err)
{
	_cleanup_free_ struct log **matches = memory_get(logs->count * sizeof(struct log *));
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; i < logs->count; i++)
		if (logs->logs[i].stored && head_is(head, &logs->logs[i]))
			matches[count++] = &logs->logs[i];
	qsort(matches, count, sizeof(struct log *), by_offset_down);
	*ret_log = NULL;
	for (size_t i = 0; i < count && r == 0; i++) {
		r = tail_is(path, matches[i], ret_more, err);
		if (r > 0)
			*ret_log = matches[i];
	}
	return r < 0 ? r : 0;
}

static void log_describe(struct log *log, const char *path, const struct source_identity *identity,
			 const struct head *head)
{
	free(log->path);
	log->path = memory_string(path);
	log->device = identity->device;
	log->inode = identity->inode;
	if (head->len > log->head_len) {
		log->head_len = (uint32_t)head->len;
		log->head_hash = hash64(head->bytes, head->len);
	}
	log->begun = true;
}

static bool same_file(const struct log *log, const struct source_identity *identity)
{
	return log->inode && log->device == identity->device && log->inode == identity->inode;
}

static struct log *log_new(struct logs *logs)
{
	struct log *log = log_append(logs);

	log->number = ++logs->last_number;
	return log;
}

/* Reading a pipe or a terminal to see what it is would lose what was read. */
static bool can_look(const char *path)
{
	struct stat status;

	return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int begin_file(struct store *store, const char *path, struct log **ret_log, struct err *err)
{
	struct logs *logs = &store->logs;
	_cleanup_(source_close_p) struct source *source = NULL;
	struct head head = {.len = 0};
	struct log *log, known;
	bool more = true;
	int r = source_open(path, &source, err);

	if (r < 0)
		return r;
	head.len = read_full(source, head.bytes, sizeof(head.bytes));
	if (head.len == 0)
		return 1;
	r = log_find(logs, path, &head, &log, &more, err);
	if (r < 0)
		return r;
	if (!log || (log->begun && !same_file(log, source_identity(source)))) {
		known = log ? *log : (struct log){0};
		log = log_new(logs);
		log->offset = known.offset;
		log->tail_hash = known.tail_hash;
		log->last_time = known.last_time;
	}
	log_describe(log, path, source_identity(source), &head);
	*ret_log = log;
	return more ? 0 : 1;
}

int logs_begin(struct store *store, const char *path, uint64_t *ret_offset, uint32_t *ret_log,
	       int64_t *ret_last_time, struct err *err)
{
	struct log *log;
	int r = logs_load(store, err);

	if (r < 0)
		return r;
	if (can_look(path)) {
		r = begin_file(store, path, &log, err);
		if (r)
			return r;
	} else {
		log = log_new(&store->logs);
		log->path = memory_string(path);
		log->begun = true;
	}
	lines_begin(&store->lines, log->number, log->last_time);
	*ret_offset = log->offset;
	*ret_log = log->number;
	*ret_last_time = log->last_time;
	return 0;
}

static struct log *log_numbered(struct logs *logs, uint32_t number)
{
	for (size_t i = 0; i < logs->count; i++)
		if (logs->logs[i].number == number)
			return &logs->logs[i];
	return NULL;
}

static void log_bind(const struct log *log, sqlite3_stmt *statement)
{
	sqlite3_bind_int64(statement, 1, log->number);
	sqlite3_bind_text(statement, 2, log->path, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, (int64_t)log->device);
	sqlite3_bind_int64(statement, 4, (int64_t)log->inode);
	sqlite3_bind_int64(statement, 5, log->head_len);
	sqlite3_bind_int64(statement, 6, (int64_t)log->head_hash);
	sqlite3_bind_int64(statement, 7, (int64_t)log->offset);
	sqlite3_bind_int64(statement, 8, (int64_t)log->tail_hash);
	sqlite3_bind_int64(statement, 9, log->last_time);
}

int logs_write(struct store *store, const struct keeper_progress *progress, size_t count,
	       struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store,
				 "insert or replace into logs values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
				 &statement, err);

	for (size_t i = 0; i < count && r >= 0; i++) {
		struct log *log = log_numbered(&store->logs, progress[i].log);

		assert(log);
		log->offset = progress[i].offset;
		log->tail_hash = progress[i].tail_hash;
		log->last_time = progress[i].last_time;
		/* A log known by nothing, or of which nothing was read, is no checkpoint. */
		if (log->head_len == 0 || log->offset == 0)
			continue;
		log_bind(log, statement);
		r = database_run(store, statement, err);
		log->stored = true;
	}
	return r;
}
