/*
 * Relations as SQLite's virtual tables.
 *
 * A table has no index; what it does itself is ordering: where a select orders
 * by columns alone, rows are walked in that order, and where it also has a
 * limit, only the best so many are looked for. Reports show the first twenty of
 * a million clients; SQLite's own sorter would fetch all of them by cells.
 */
#include "report/relation.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/digest.h"
#include "report/order.h"

#define MANY_ROWS 20000 /* of relay attempts, senders or clients: worth a thread */

static const struct relation *const families[] = {
	relations_slots,    relations_connections, relations_relay,    relations_addresses,
	relations_refusals, relations_retries,	   relations_auth,     relations_messageid,
	relations_trend,    relations_input,	   relations_patterns, relations_families,
};

/* A relation and its rows, once made. */
struct relation_table {
	const struct relation *relation;
	struct report_context *context;
	struct rows rows;
	bool made;
	bool used; /* named by a statement of the present report */
};

struct relation_tables {
	struct relation_table *tables;
	size_t count;
	atomic_uint next_work; /* enum relation_work */
};

struct vtab {
	sqlite3_vtab base;
	struct relation_table *table;
};

struct cursor {
	sqlite3_vtab_cursor base;
	struct relation_table *table;
	uint32_t *order; /* NULL: rows as they lie */
	size_t count, at;
};

static int table_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
			 sqlite3_vtab **ret_vtab, char **ret_err)
{
	struct relation_table *table = aux;
	char declaration[1024];
	struct vtab *vtab;
	int status;

	(void)argc, (void)argv, (void)ret_err;
	snprintf(declaration, sizeof(declaration), "create table x(%s)", table->relation->columns);
	status = sqlite3_declare_vtab(db, declaration);
	if (status != SQLITE_OK)
		return status;
	vtab = memory_get_zeroed(1, sizeof(*vtab));
	vtab->table = table;
	*ret_vtab = &vtab->base;
	return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *vtab)
{
	free(vtab);
	return SQLITE_OK;
}

/* Writes the order that is asked for into ret_terms; false if it is not by columns. */
static bool plan_order(const sqlite3_index_info *info, int ret_terms[ORDER_MAX])
{
	if (info->nOrderBy == 0 || info->nOrderBy > ORDER_MAX)
		return false;
	for (int i = 0; i < info->nOrderBy; i++) {
		int column = info->aOrderBy[i].iColumn;

		if (column < 0)
			return false;
		ret_terms[i] = info->aOrderBy[i].desc ? -(column + 1) : column + 1;
	}
	return true;
}

/* The limit's place among the constraints, if nothing else filters rows; else -1. */
static int plan_limit(const sqlite3_index_info *info)
{
#ifdef SQLITE_INDEX_CONSTRAINT_LIMIT
	if (info->nConstraint == 1 && info->aConstraint[0].usable &&
	    info->aConstraint[0].op == SQLITE_INDEX_CONSTRAINT_LIMIT)
		return 0;
#endif
	(void)info;
	return -1;
}

static int table_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	int terms[ORDER_MAX] = {0};
	int limit;

	((struct vtab *)base)->table->used = true;
	info->estimatedCost = 1e6;
	if (!plan_order(info, terms))
		return SQLITE_OK;
	/* The bytes of the terms are the plan that table_filter gets. */
	info->idxStr = sqlite3_malloc(sizeof(terms));
	if (!info->idxStr)
		return SQLITE_NOMEM;
	memcpy(info->idxStr, terms, sizeof(terms));
	info->needToFreeIdxStr = 1;
	info->idxNum = 1;
	info->orderByConsumed = 1;
	limit = plan_limit(info);
	if (limit >= 0)
		info->aConstraintUsage[limit].argvIndex = 1;
	return SQLITE_OK;
}

static int table_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret_cursor)
{
	struct cursor *cursor = memory_get_zeroed(1, sizeof(*cursor));

	cursor->table = ((struct vtab *)vtab)->table;
	*ret_cursor = &cursor->base;
	return SQLITE_OK;
}

static int table_close(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	free(cursor->order);
	free(cursor);
	return SQLITE_OK;
}

static void make_rows(struct relation_table *table)
{
	if (table->made)
		return;
	table->relation->make(table->context, &table->rows);
	table->made = true;
}

static int table_filter(sqlite3_vtab_cursor *base, int plan, const char *terms, int argc,
			sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;
	struct relation_table *table = cursor->table;
	struct row_order order = {
		.relation = table->relation, .context = table->context, .rows = &table->rows};
	int64_t limit;

	make_rows(table);
	free(cursor->order);
	cursor->order = NULL;
	cursor->at = 0;
	cursor->count = table->rows.count;
	if (plan == 0)
		return SQLITE_OK;
	memcpy(order.terms, terms, sizeof(order.terms));
	limit = argc > 0 ? sqlite3_value_int64(argv[0]) : -1;
	cursor->order = order_rows(&order, limit < 0 ? SIZE_MAX : (size_t)limit, &cursor->count);
	return SQLITE_OK;
}

static int table_next(sqlite3_vtab_cursor *base)
{
	((struct cursor *)base)->at++;
	return SQLITE_OK;
}

static int table_eof(sqlite3_vtab_cursor *base)
{
	const struct cursor *cursor = (struct cursor *)base;

	return cursor->at >= cursor->count;
}

static size_t row_of(const struct cursor *cursor)
{
	return cursor->order ? cursor->order[cursor->at] : cursor->at;
}

static int table_column(sqlite3_vtab_cursor *base, sqlite3_context *result, int column)
{
	const struct cursor *cursor = (struct cursor *)base;
	const struct relation_table *table = cursor->table;
	struct cell cell;
	void (*lifetime)(void *) = SQLITE_STATIC;

	table->relation->cell(table->context, &table->rows, row_of(cursor), column, &cell);
	if ((cell.kind == CELL_TEXT || cell.kind == CELL_BLOB) && cell.text.ptr == cell.buffer)
		lifetime = SQLITE_TRANSIENT;
	switch (cell.kind) {
	case CELL_NULL:
		sqlite3_result_null(result);
		break;
	case CELL_INTEGER:
		sqlite3_result_int64(result, cell.integer);
		break;
	case CELL_REAL:
		sqlite3_result_double(result, cell.real);
		break;
	case CELL_TEXT:
		sqlite3_result_text(result, cell.text.ptr, (int)cell.text.len, lifetime);
		break;
	case CELL_BLOB:
		sqlite3_result_blob(result, cell.text.ptr, (int)cell.text.len, lifetime);
		break;
	}
	return SQLITE_OK;
}

static int table_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_rowid)
{
	*ret_rowid = (sqlite3_int64)row_of((const struct cursor *)base);
	return SQLITE_OK;
}

/* No xCreate: the table is there under its module's name. */
static const sqlite3_module module = {
	.xConnect = table_connect,
	.xBestIndex = table_best_index,
	.xDisconnect = table_disconnect,
	.xOpen = table_open,
	.xClose = table_close,
	.xFilter = table_filter,
	.xNext = table_next,
	.xEof = table_eof,
	.xColumn = table_column,
	.xRowid = table_rowid,
};

static void forget_rows(struct relation_table *table)
{
	if (!table->made)
		return;
	if (table->relation->release)
		table->relation->release(&table->rows);
	else
		free(table->rows.data);
	table->rows = (struct rows){0};
	table->made = false;
}

static struct relation_tables *list_relations(struct report_context *context)
{
	struct relation_tables *tables = memory_get_zeroed(1, sizeof(*tables));
	size_t capacity = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		for (const struct relation *relation = families[i]; relation->name; relation++) {
			ARRAY_GROW(tables->tables, tables->count, capacity);
			tables->tables[tables->count++] =
				(struct relation_table){.relation = relation, .context = context};
		}
	}
	return tables;
}

int relation_tables_new(sqlite3 *db, struct report_context *context,
			struct relation_tables **ret_tables, struct err *err)
{
	struct relation_tables *tables = list_relations(context);

	for (size_t i = 0; i < tables->count; i++) {
		struct relation_table *table = &tables->tables[i];

		if (sqlite3_create_module_v2(db, table->relation->name, &module, table, NULL) !=
		    SQLITE_OK) {
			relation_tables_free(tables);
			return err_set(err, -ENOMEM, "can't make table '%s': %s",
				       table->relation->name, sqlite3_errmsg(db));
		}
	}
	*ret_tables = tables;
	return 0;
}

void relation_tables_free(struct relation_tables *tables)
{
	if (!tables)
		return;
	for (size_t i = 0; i < tables->count; i++)
		forget_rows(&tables->tables[i]);
	free(tables->tables);
	free(tables);
}

void relation_tables_new_report(struct relation_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++) {
		tables->tables[i].used = false;
		if (tables->tables[i].relation->of_report)
			forget_rows(&tables->tables[i]);
	}
}

static void make_work(struct relation_tables *tables, enum relation_work work)
{
	for (size_t i = 0; i < tables->count; i++) {
		struct relation_table *table = &tables->tables[i];

		if (!table->used)
			continue;
		if (table->relation->ahead)
			table->relation->ahead(table->context, work);
		if (table->relation->work == work)
			make_rows(table);
	}
}

/* Does what work nobody has begun yet, piece by piece. */
static void *make_ahead(void *context)
{
	struct relation_tables *tables = context;
	unsigned int work;

	while ((work = atomic_fetch_add(&tables->next_work, 1)) < WORK_MAX)
		make_work(tables, (enum relation_work)work);
	return NULL;
}

void relation_tables_make(struct relation_tables *tables)
{
	struct report_context *context = tables->tables[0].context;
	const struct ledger *ledger = context->ledger;
	pthread_t thread;

	if (ledger->relays.count < MANY_ROWS && ledger->senders.count < MANY_ROWS &&
	    ledger->client_count < MANY_ROWS)
		return;
	digest_begin(context);
	atomic_init(&tables->next_work, WORK_NONE + 1);
	/* Without a second thread, rows are made when they are asked for. */
	if (pthread_create(&thread, NULL, make_ahead, tables) != 0)
		return;
	make_ahead(tables);
	pthread_join(thread, NULL);
}
