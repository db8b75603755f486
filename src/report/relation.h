/*
 * Relations: what a report's SQL selects from.
 *
 * A relation is a table that exists only while it is asked: rows come out of
 * the ledger, made by C on first use, and SQLite sees them as an eponymous
 * virtual table. One file (relation_*.c) holds a family of relations and
 * exports it as one array; relation.c lists the families.
 */
#ifndef MXWATCH_REPORT_RELATION_H
#define MXWATCH_REPORT_RELATION_H

#include <sqlite3.h>

#include "base/ip.h"
#include "report/context.h"

enum cell_kind { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT, CELL_BLOB };

/* One value. Text and blobs live as long as the relation's rows, or lie in buffer. */
struct cell {
	enum cell_kind kind;
	int64_t integer;
	double real;
	struct view text;
	char buffer[IP_TEXT_MAX + 2];
};

static inline void cell_integer(struct cell *cell, uint64_t value)
{
	cell->kind = CELL_INTEGER;
	cell->integer = (int64_t)value;
}

static inline void cell_text(struct cell *cell, struct view text)
{
	cell->kind = CELL_TEXT;
	cell->text = text;
}

/* A time, for columns of the format time: Unix seconds. */
static inline void cell_time(struct cell *cell, uint32_t time)
{
	cell_integer(cell, time);
}

/* The string of ID. */
void cell_string(struct cell *cell, const struct report_context *context, uint32_t id);
/* The canonical address of client ID; "unknown" for 0. */
void cell_client(struct cell *cell, const struct report_context *context, uint32_t id);
/* The 16 bytes of its address, which sort as addresses do. */
void cell_address(struct cell *cell, const struct report_context *context, uint32_t id);
/* The name a server told for it; empty if none. */
void cell_name(struct cell *cell, const struct report_context *context, uint32_t id);

/* What a make function returns: rows, and how many. */
struct rows {
	size_t count;
	void *data;
};

/* Pieces of work that two threads share, the longest first: rows that a report will ask for
   are made ahead. Each is done by one thread. */
enum relation_work {
	WORK_NONE, /* made when it is asked for */
	WORK_SENDERS,
	WORK_HOSTS,
	WORK_RECIPIENTS,
	WORK_PAIRS,
	WORK_CLIENTS,
	WORK_REASONS,
	WORK_MAX
};

struct relation {
	const char *name;
	const char *columns; /* as in "create table": "client text, attempts integer" */
	/* Depends on the options of the report (--by and the like), not on the
	   ledger alone: rows are made anew for every report. */
	bool of_report;
	void (*make)(struct report_context *context, struct rows *ret_rows);
	enum relation_work work;
	/* Does what make needs of a piece of work; may be NULL. */
	void (*ahead)(struct report_context *context, enum relation_work work);
	void (*cell)(const struct report_context *context, const struct rows *rows, size_t row,
		     int column, struct cell *ret_cell);
	/* Releases rows->data; NULL for free(). */
	void (*release)(struct rows *rows);
};

/* The families, each ended by a relation without name. */
extern const struct relation relations_slots[], relations_connections[], relations_relay[],
	relations_addresses[], relations_refusals[], relations_retries[], relations_auth[],
	relations_messageid[], relations_trend[], relations_input[], relations_patterns[],
	relations_families[];

/* All relations over one context, as tables of a database. */
struct relation_tables;

/* Makes every relation known to DB. Returns 0, or -ENOMEM with *err filled.
   Free with relation_tables_free after the database has been closed. */
must_check int relation_tables_new(sqlite3 *db, struct report_context *context,
				   struct relation_tables **ret_tables, struct err *err);
void relation_tables_free(struct relation_tables *tables);
/* Forgets the rows that depend on options of a report, and which relations are used. */
void relation_tables_new_report(struct relation_tables *tables);
/* Makes rows of the relations that statements prepared since then name, on two threads
   where there are many. */
void relation_tables_make(struct relation_tables *tables);

#endif
