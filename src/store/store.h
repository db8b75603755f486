/*
 * The store: facts kept in one SQLite file.
 *
 * Facts lie in it column by column, some tens of thousands a row, packed with
 * zstd; strings and clients likewise, as the directory holds them in memory;
 * counts by the quarter of an hour are plain rows. That is a few per cent of
 * the logs' size, and a report unpacks a million facts in some milliseconds.
 * `mxwatch sql` shows all of it as ordinary tables (docs/store.md).
 *
 * Every change is one transaction with the checkpoints that it covers: killed
 * at any moment, the store is whole, and the next run goes on from there.
 */
#ifndef MXWATCH_STORE_STORE_H
#define MXWATCH_STORE_STORE_H

#include "base/err.h"
#include "ledger/ledger.h"
#include "model/directory.h"
#include "model/enrichment.h"
#include "model/fact.h"
#include "pipeline/keeper.h"
#include "pipeline/pipeline.h"

#define STORE_VERSION 2

enum store_mode {
	STORE_READ, /* never changes the file; works while another process writes */
	STORE_WRITE /* makes the file if need be; one writer at a time */
};

struct store;

/*
 * Opens the store at PATH. A writer waits up to 10 seconds for another one, then
 * fails with -EBUSY and *err naming the process that holds it. -ENOENT if there
 * is none to read; -EPROTO if a newer mxwatch wrote it. Older versions are
 * read as they are, and migrated by a writer. Close with store_close.
 */
must_check int store_open(const char *path, enum store_mode mode, struct store **ret_store,
			  struct err *err);
void store_close(struct store *store);

/* The store's clients and strings, loaded on the first call; owned by the
   store. INDEXED: also for adding (a writer needs it). NULL with *err filled on failure. */
struct directory *store_directory(struct store *store, bool indexed, struct err *err);
/* The same for a reader who looks at clients alone before store_feed, which loads the
   strings beside other work. */
struct directory *store_clients(struct store *store, struct err *err);

/* For writing: facts given to the sink are kept by the keeper's next commit. */
struct fact_sink store_sink(struct store *store);
struct keeper store_keeper(struct store *store);

/* Folds the store's facts of the ledger's period, and of its parts, into
   LEDGER, sessions that are still open included, as if their log ended here. */
must_check int store_feed(struct store *store, struct ledger *ledger, struct err *err);

/* Tells SINK the facts that touch [from, until) in the order of their times (roles first), open
   sessions as store_feed; slots are not told. Ids are of store_directory. */
must_check int store_replay(struct store *store, uint32_t from, uint32_t until,
			    const struct fact_sink *sink, struct err *err);

/*
 * Named bytes beside the facts, for what must outlive them. store_memory gives a copy to be
 * freed by the caller (*ret_bytes NULL: none); store_remember keeps it at once, in a
 * transaction of its own; NULL bytes forget it.
 */
must_check int store_memory(struct store *store, const char *name, char **ret_bytes,
			    size_t *ret_len, struct err *err);
must_check int store_remember(struct store *store, const char *name, const char *bytes, size_t len,
			      struct err *err);

/*
 * The audit trail of blocks: who was blocked when, why, until when, by whom, and who took it
 * back. Nothing in it is ever deleted. Times are of the clock, not of the log.
 */
struct block_record {
	const char *prefix; /* as text */
	const char *form;
	const char *pattern, *because, *evidence;
	uint32_t evidence_id;
	uint32_t since, until;
	const char *by;
	uint32_t undone; /* 0: it was not */
	const char *undone_by;
};
struct block_records {
	void *context;
	/* Gives the next one, valid until it is called again; false: there are no more. */
	bool (*next)(void *context, struct block_record *ret_record);
};
/*
 * Before blocks are put in force: those of RECORDS that are not in force already are added, so
 * that the trail tells of them whatever happens. Then store_blocks_put, or, if it came to
 * nothing, store_blocks_withdraw, which takes them out again. Transactions of their own.
 */
must_check int store_blocks_announce(struct store *store, const struct block_records *records,
				     uint32_t now, struct err *err);
must_check int store_blocks_withdraw(struct store *store, struct err *err);
/*
 * Notes that from NOW on the blocks of RECORDS, and no others, are in force in FORM:
 * those that were already, by the same evidence, are prolonged; others end as taken back by
 * UNDONE_BY. One transaction.
 */
must_check int store_blocks_put(struct store *store, const char *form,
				const struct block_records *records, uint32_t now,
				const char *undone_by, struct err *err);
/* Calls TAKE for each record, the latest first. What it is given is valid during the call. */
must_check int store_blocks_each(struct store *store,
				 void (*take)(void *context, const struct block_record *record),
				 void *context, struct err *err);

/*
 * What is known of addresses beyond the facts. Load adds it to ENRICHMENT; save writes the rows of
 * COUNT addresses of LIST at once, in a transaction of its own.
 */
must_check int store_load_enrichment(struct store *store, struct enrichment *enrichment,
				     struct err *err);
must_check int store_save_enrichment(struct store *store, const struct enrichment *enrichment,
				     const struct ip *list, size_t count, struct err *err);

/* What has been read into the store, all told. */
must_check int store_totals(struct store *store, struct input_totals *ret_totals, struct err *err);
/* The times of its first and last fact; 0, 0 if empty. */
must_check int store_period(struct store *store, int64_t *ret_from, int64_t *ret_until,
			    struct err *err);

/* The time before which store_keep would forget; 0: nothing. */
must_check int store_cutoff(struct store *store, int64_t keep_s, int64_t *ret_cutoff,
			    struct err *err);
/* Forgets what is older than KEEP_S seconds before the newest fact, strings and clients
   that nothing names any more included, and gives the room back to the file system. Not
   between facts and their commit; ids in the directory are new ones afterwards. What is
   to be known of it for longer goes into MEMORY under NAME (NULL: nothing), in the same
   transaction (store_memory). */
must_check int store_keep(struct store *store, int64_t keep_s, const char *name, struct view memory,
			  struct err *err);

/*
 * Runs one SQL statement that only reads, over the store's tables and views.
 * For each row ROW is called with the columns as text (NULL for SQL's NULL) and their lengths.
 */
struct store_sql {
	void *context;
	/* Once, before the rows. */
	void (*columns)(void *context, int count, const char *const *names);
	/* types: SQLite's fundamental types (SQLITE_INTEGER …). Returns nonzero to stop. */
	int (*row)(void *context, int count, const char *const *values, const int *lengths,
		   const int *types);
};
must_check int store_query(struct store *store, const char *query, const struct store_sql *sql,
			   struct err *err);

/* The default path: $XDG_STATE_HOME/mxwatch/store.db (~/.local/state/…) for users,
   /var/lib/mxwatch/store.db for root. PATH_MAX bytes. Returns 0 or a negative errno. */
must_check int store_default_path(char *ret_path, size_t size, struct err *err);

#endif
