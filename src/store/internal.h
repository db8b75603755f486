/*
 * What the modules of the store share: the open store and the calls by which
 * one transaction is made of their parts. Whoever has something to write keeps
 * it in memory until <module>_write, inside the transaction, and forgets it at
 * <module>_written, after the transaction stands; if it failed, nothing was
 * forgotten.
 */
#ifndef MXWATCH_STORE_INTERNAL_H
#define MXWATCH_STORE_INTERNAL_H

#include <sqlite3.h>

#include "base/cleanup.h"
#include "store/columns.h"
#include "store/lines.h"
#include "store/store.h"

#define STORE_APPLICATION_ID 1836611377 /* "mxw1" */
#define STORE_PAGE_BYTES 8192
#define STORE_BUSY_MS 10000

/* Facts that are kept in segments; numbers are written into stores. */
enum part { PART_ATTEMPTS, PART_SESSIONS, PART_ROLES, PART_MAX };

#define SEGMENT_ROWS COLUMNS_ROWS_MAX
#define SEGMENT_SMALL (SEGMENT_ROWS / 4) /* a last segment below this is extended */

/* A packed segment that waits for the next commit. */
struct segment {
	int64_t id; /* of the segment that it takes the place of; 0: new */
	uint32_t rows;
	int64_t from, until;
	char *bytes;
	size_t len;
};

/* Facts of one part that wait for the next commit. Roles come from another thread than
   attempts and sessions do, so each part packs by itself. */
struct fact_batch {
	struct packer *packer; /* NULL until first used */
	char *rows;	       /* the last, unfinished segment, up to SEGMENT_ROWS rows */
	size_t count;
	bool changed;		/* since the last commit */
	int64_t id;		/* of the segment that holds ROWS as of the last commit; 0: none */
	int64_t id_written;	/* by the transaction under way */
	struct segment *packed; /* full ones */
	size_t packed_count, packed_capacity;
};

/* Facts of one part that no segment holds: those of sessions that are still open. */
struct open_facts {
	char *rows;
	size_t count, capacity;
};

struct words {
	struct directory directory;
	bool loaded, indexed;
	sqlite3_stmt *reading;	/* the pieces of strings, where loading is under way */
	uint64_t strings_saved; /* bytes of strings in the store, */
	uint64_t piece_start;	/* the last piece's begin */
	int64_t piece;		/* and its number; -1: none */
	uint32_t clients_saved;
	uint64_t piece_start_written, strings_written; /* by the transaction under way */
	int64_t piece_written;
};

struct log;

struct logs {
	struct log *logs;
	size_t count, capacity;
	bool loaded;
	uint32_t last_number;
};

struct store {
	sqlite3 *db;
	char *path;
	enum store_mode mode;
	int lock; /* of the file that keeps other writers out; -1: none */
	bool views_made;
	struct packer *packer;
	struct fact_batch batches[PART_MAX];
	struct map slots; /* struct slot */
	struct open_facts open_facts[PART_MAX];
	struct words words;
	struct logs logs;
	struct lines lines;
};

/* database.c: SQLite, with errors in the house's way. */

/* Fills *err with what SQLite said about DOING ("read", "write"), and returns the errno. */
int database_error(struct store *store, const char *doing, struct err *err);
/* -EBADMSG with *err filled: WHAT in the store is not as it was written. */
int database_damaged(struct store *store, const char *what, struct err *err);
must_check int database_exec(struct store *store, const char *sql, struct err *err);
/* Finalize with sqlite3_finalize (_cleanup_(finalize_p)). */
must_check int database_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement,
				struct err *err);
/* Returns 1 for a row, 0 at the end, or a negative errno. */
must_check int database_step(struct store *store, sqlite3_stmt *statement, struct err *err);
/* Steps a statement that gives no rows and makes it ready for use again. */
must_check int database_run(struct store *store, sqlite3_stmt *statement, struct err *err);
/* The first column of the first row of SQL as a number; OTHERWISE if there is none or NULL. */
must_check int database_number(struct store *store, const char *sql, int64_t otherwise,
			       int64_t *ret_number, struct err *err);
/* Blobs carry a hash of themselves as their last 8 bytes. */
must_check int database_bind_sealed(sqlite3_stmt *statement, int parameter, const char *bytes,
				    size_t len);
/* Returns false if the seal is broken. The view is valid until the next step. */
bool database_column_sealed(sqlite3_stmt *statement, int column, struct view *ret_bytes);

static inline void finalize_p(sqlite3_stmt **statement)
{
	sqlite3_finalize(*statement);
}

/* schema.c */

/* Refuses files that are not stores of ours, or of a newer version; a writer
   makes or migrates the tables, for a reader those of later versions are empty. */
must_check int schema_ready(struct store *store, struct err *err);

/* facts.c */

struct fact_part {
	const char *name;
	struct column_table table;
	uint8_t from, until;  /* columns of the time */
	uint32_t time_unit_s; /* 1, or 86400 for days */
};
/* The table of a part; static. */
const struct fact_part *fact_part(enum part part);
/* The times that COUNT rows span. */
void facts_span(enum part part, const void *rows, size_t count, int64_t *ret_from,
		int64_t *ret_until);

/* Takes up the last, small segments so that they can be extended. */
must_check int facts_resume(struct store *store, struct err *err);
must_check int facts_write(struct store *store, struct err *err);
void facts_written(struct store *store);
void facts_release(struct store *store);
/* One segment's rows, read into room for SEGMENT_ROWS, and written. */
must_check int facts_get_segment(struct store *store, enum part part, int64_t id, void *rows,
				 size_t *ret_count, struct err *err);
must_check int facts_put_segment(struct store *store, enum part part, int64_t id, const void *rows,
				 size_t count, struct err *err);

/* The values of a slot in the order of the table's columns, bound to parameters 1 … 19. */
void slot_bind(sqlite3_stmt *statement, const struct slot *slot);

/* Walks the segments of a part that touch [from, until), the MASK columns unpacked; then,
   if with_open is set, what open_facts holds. */
struct fact_cursor {
	struct store *store;
	enum part part;
	uint32_t mask;
	sqlite3_stmt *statement;
	char *rows;
	size_t count;	/* rows of the segment at hand */
	bool with_open; /* set by the caller after opening */
	bool segments_over;
	size_t open_given;
};
must_check int fact_cursor_open(struct store *store, enum part part, int64_t from, int64_t until,
				uint32_t mask, struct fact_cursor *ret_cursor, struct err *err);
/* Returns 1 with cursor->rows filled, 0 at the end, or a negative errno. */
must_check int fact_cursor_next(struct fact_cursor *cursor, struct err *err);
void fact_cursor_close(struct fact_cursor *cursor);

/* query_open.c: sessions that are open end in open_facts and the temporary table
   open_slots, as at the end of a log; what these held before is forgotten. */
must_check int open_facts_load(struct store *store, struct err *err);
void open_facts_release(struct store *store);

/* feed.c: sessions that are open in the store end in SINK, as at the end of a log. */
must_check int feed_open_sessions(struct store *store, const struct fact_sink *sink,
				  struct err *err);

/* words.c */
must_check int words_load(struct store *store, bool indexed, struct err *err);
/* The same in steps: _begin loads the clients; ids can be unpacked from then on. Each _next
   loads a piece of the strings and returns 1, or 0 when all are there. */
must_check int words_begin(struct store *store, bool indexed, struct err *err);
must_check int words_next(struct store *store, struct err *err);
must_check int words_write(struct store *store, struct err *err);
void words_written(struct store *store);
void words_release(struct store *store);

/* logs.c */
/* The number of the Nth log known, and the time of its last line (INT64_MAX if it is
   not known, as of a pipe). */
uint32_t logs_number(const struct store *store, size_t n);
int64_t logs_last_time(const struct store *store, size_t n);
must_check int logs_begin(struct store *store, const char *path, uint64_t *ret_offset,
			  uint32_t *ret_log, int64_t *ret_last_time, struct err *err);
must_check int logs_write(struct store *store, const struct keeper_progress *progress, size_t count,
			  struct err *err);
void logs_release(struct store *store);

/* keeper.c: what sessions_save gave. *ret_bytes is freed by the caller; NULL if none. */
must_check int state_read(struct store *store, char **ret_bytes, size_t *ret_len, struct err *err);
must_check int state_write(struct store *store, const char *bytes, size_t len, struct err *err);

/* enrichment.c: forgets what was asked before UNTIL. */
must_check int enrichment_forget(struct store *store, int64_t until, struct err *err);

#endif
