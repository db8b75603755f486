/*
 * What is known of addresses beyond the facts: plain rows, since they are few
 * beside facts, change one by one, and people ask for them with SQL.
 */
#include <errno.h>

#include "store/internal.h"

#define STATE_MAX ENRICHMENT_FAILED

/* The text of a column; valid until the next step. */
static struct view column_text(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return text ? view_of(text, (size_t)sqlite3_column_bytes(statement, column)) : VIEW("");
}

static uint32_t column_word(sqlite3_stmt *statement, int column)
{
	int64_t value = sqlite3_column_int64(statement, column);

	return value < 0 || value > UINT32_MAX ? 0 : (uint32_t)value;
}

static uint8_t column_state(sqlite3_stmt *statement, int column)
{
	uint32_t value = column_word(statement, column);

	return value > STATE_MAX ? ENRICHMENT_UNKNOWN : (uint8_t)value;
}

static uint32_t column_string(sqlite3_stmt *statement, int column, struct enrichment *enrichment)
{
	return strings_add(enrichment->strings, column_text(statement, column));
}

/* The row of the address in column 0, added if new; NULL if that is no address. */
static struct enrichment_row *column_row(sqlite3_stmt *statement, struct enrichment *enrichment)
{
	struct ip ip;

	if (sqlite3_column_bytes(statement, 0) != (int)sizeof(ip.bytes))
		return NULL;
	memcpy(ip.bytes, sqlite3_column_blob(statement, 0), sizeof(ip.bytes));
	return enrichment_add(enrichment, &ip);
}

static int load_rows(struct store *store, struct enrichment *enrichment, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store,
				 "select address, name, ptr, confirmed, dynamic, asked, as_number, "
				 "organisation, country, network from enrichment",
				 &statement, err);

	while (r >= 0 && (r = database_step(store, statement, err)) > 0) {
		struct enrichment_row *row = column_row(statement, enrichment);
		struct view network = column_text(statement, 9);

		if (!row || (network.len > 0 && prefix_parse(network, &row->network, NULL) < 0))
			return database_damaged(store, "an address looked up", err);
		row->name = column_string(statement, 1, enrichment);
		row->ptr = column_state(statement, 2);
		row->confirmed = column_state(statement, 3);
		row->dynamic = column_word(statement, 4) != 0;
		row->asked = column_word(statement, 5);
		row->as_number = column_word(statement, 6);
		row->organisation = column_string(statement, 7, enrichment);
		row->country = column_string(statement, 8, enrichment);
	}
	return r;
}

static int load_listings(struct store *store, struct enrichment *enrichment, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	int r = database_prepare(store,
				 "select address, zone, listed, asked from listings order by zone",
				 &statement, err);

	while (r >= 0 && (r = database_step(store, statement, err)) > 0) {
		struct enrichment_row *row = column_row(statement, enrichment);
		int zone = enrichment_zone(enrichment, column_text(statement, 1));
		uint8_t state = column_state(statement, 2);

		if (!row)
			return database_damaged(store, "an address looked up", err);
		if (zone < 0)
			continue;
		row->zone_asked[zone] = column_word(statement, 3);
		if (state == ENRICHMENT_YES)
			row->listed |= UINT32_C(1) << zone;
		if (state == ENRICHMENT_NO)
			row->not_listed |= UINT32_C(1) << zone;
	}
	return r;
}

int store_load_enrichment(struct store *store, struct enrichment *enrichment, struct err *err)
{
	int r = load_rows(store, enrichment, err);

	return r < 0 ? r : load_listings(store, enrichment, err);
}

static void bind_string(sqlite3_stmt *statement, int parameter, const struct enrichment *enrichment,
			uint32_t id)
{
	struct view text = strings_get(enrichment->strings, id);

	sqlite3_bind_text(statement, parameter, text.ptr ? text.ptr : "", (int)text.len,
			  SQLITE_STATIC);
}

static void bind_address(sqlite3_stmt *statement, const struct enrichment_row *row)
{
	sqlite3_bind_blob(statement, 1, row->ip.bytes, sizeof(row->ip.bytes), SQLITE_STATIC);
}

static int save_row(struct store *store, sqlite3_stmt *statement,
		    const struct enrichment *enrichment, const struct enrichment_row *row,
		    struct err *err)
{
	char network[PREFIX_TEXT_MAX] = "";

	if (row->network.bits > 0)
		prefix_format_network(&row->network, network);
	bind_address(statement, row);
	bind_string(statement, 2, enrichment, row->name);
	sqlite3_bind_int(statement, 3, row->ptr);
	sqlite3_bind_int(statement, 4, row->confirmed);
	sqlite3_bind_int(statement, 5, row->dynamic);
	sqlite3_bind_int64(statement, 6, row->asked);
	sqlite3_bind_int64(statement, 7, row->as_number);
	bind_string(statement, 8, enrichment, row->organisation);
	bind_string(statement, 9, enrichment, row->country);
	sqlite3_bind_text(statement, 10, network, -1, SQLITE_STATIC);
	return database_run(store, statement, err);
}

static int save_listings(struct store *store, sqlite3_stmt *statement,
			 const struct enrichment *enrichment, const struct enrichment_row *row,
			 struct err *err)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < enrichment->zone_count; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if (row->zone_asked[i] == 0)
			continue;
		bind_address(statement, row);
		bind_string(statement, 2, enrichment, enrichment->zones[i]);
		sqlite3_bind_int(statement, 3,
				 row->listed & bit	 ? ENRICHMENT_YES
				 : row->not_listed & bit ? ENRICHMENT_NO
							 : ENRICHMENT_FAILED);
		sqlite3_bind_int64(statement, 4, row->zone_asked[i]);
		r = database_run(store, statement, err);
	}
	return r;
}

static int save_all(struct store *store, const struct enrichment *enrichment, const struct ip *list,
		    size_t count, struct err *err)
{
	_cleanup_(finalize_p) sqlite3_stmt *rows = NULL, *listings = NULL;
	int r = database_prepare(store,
				 "insert or replace into enrichment values "
				 "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				 &rows, err);

	if (r >= 0)
		r = database_prepare(store, "insert or replace into listings values (?, ?, ?, ?)",
				     &listings, err);
	for (size_t i = 0; r >= 0 && i < count; i++) {
		const struct enrichment_row *row = enrichment_find(enrichment, &list[i]);

		if (!row)
			continue;
		r = save_row(store, rows, enrichment, row, err);
		if (r >= 0)
			r = save_listings(store, listings, enrichment, row, err);
	}
	return r;
}

int store_save_enrichment(struct store *store, const struct enrichment *enrichment,
			  const struct ip *list, size_t count, struct err *err)
{
	int r = database_exec(store, "begin immediate", err);

	if (r < 0)
		return r;
	r = save_all(store, enrichment, list, count, err);
	if (r >= 0)
		r = database_exec(store, "commit", err);
	if (r < 0)
		sqlite3_exec(store->db, "rollback", NULL, NULL, NULL);
	return r;
}

int enrichment_forget(struct store *store, int64_t until, struct err *err)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "delete from listings where asked < %lld;"
		 "delete from enrichment where asked < %lld and not exists "
		 "(select 1 from listings where listings.address = enrichment.address)",
		 (long long)until, (long long)until);
	return database_exec(store, sql, err);
}
