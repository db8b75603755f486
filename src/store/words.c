/*
 * The directory in the store: strings as the bytes that base/strings.h gives,
 * in pieces of up to a chunk; clients in pieces of CLIENTS_A_PIECE. Both only
 * grow; the last piece of strings is written again while it is small, a piece
 * of clients when the name of one in it changed.
 */
#include <assert.h>
#include <errno.h>

#include "base/memory.h"
#include "store/internal.h"

#define STRINGS_LEVEL 3
#define PIECE_SMALL ((uint64_t)1 << 20) /* a last piece below this is extended */
#define PIECE_MAX ((int64_t)16 << 20)	/* bytes; no more can stand in one */
#define CLIENTS_A_PIECE 8192

struct client_row {
	uint32_t ip[4];
	uint32_t name;
	uint8_t unsure;
};

static const struct column client_columns[] = {
	COLUMN(struct client_row, ip[0], NATURE_PLAIN),
	COLUMN(struct client_row, ip[1], NATURE_PLAIN),
	COLUMN(struct client_row, ip[2], NATURE_PLAIN),
	COLUMN(struct client_row, ip[3], NATURE_PLAIN),
	COLUMN(struct client_row, name, NATURE_STRING),
	COLUMN(struct client_row, unsure, NATURE_PLAIN),
};

static const struct column_table client_table = {
	client_columns,
	sizeof(client_columns) / sizeof(client_columns[0]),
	sizeof(struct client_row),
};

/* What the strings' bytes are said to be in all; whether they are shows when all are read. */
static int strings_declared(struct store *store, uint32_t *ret_last, struct err *err)
{
	int64_t bytes;
	int r = database_number(store, "select max(start + raw_bytes) from string_pieces", 0,
				&bytes, err);

	*ret_last = bytes > 4 ? (uint32_t)(bytes / 4 - 1) : 0;
	return r;
}

/* The piece that the statement stands at. */
static int piece_read(struct store *store, struct err *err)
{
	struct words *words = &store->words;
	int64_t start = sqlite3_column_int64(words->reading, 1);
	int64_t len = sqlite3_column_int64(words->reading, 2);
	struct view packed;
	char *bytes;

	if (start < 0 || (uint64_t)start != words->strings_saved || len <= 0 || len > PIECE_MAX ||
	    !database_column_sealed(words->reading, 3, &packed))
		return database_damaged(store, "strings", err);
	bytes = strings_room(words->directory.strings, (uint64_t)start, (size_t)len);
	if (!bytes || unpack_bytes(store->packer, packed, bytes, (size_t)len) < 0 ||
	    strings_load(words->directory.strings, bytes, (size_t)len) < 0)
		return database_damaged(store, "strings", err);
	words->piece = sqlite3_column_int64(words->reading, 0);
	words->piece_start = (uint64_t)start;
	words->strings_saved = (uint64_t)start + (uint64_t)len;
	return 0;
}

static void client_add(struct map *clients, const struct client_row *row, bool indexed)
{
	struct client client = {.name = row->name, .unsure = row->unsure};
	struct client *at;

	memcpy(&client.ip, row->ip, sizeof(client.ip));
	if (indexed) {
		at = map_at(clients, &client.ip);
		*at = client;
		return;
	}
	/* Rows without slots: enough for reading by number. */
	if (clients->count == clients->capacity) {
		size_t old = (size_t)clients->capacity * clients->row_size;

		clients->capacity = clients->capacity ? clients->capacity * 2 : CLIENTS_A_PIECE;
		clients->rows = memory_grow_table(clients->rows, old,
						  (size_t)clients->capacity * clients->row_size);
	}
	memcpy(map_row(clients, clients->count++), &client, sizeof(client));
}

static int clients_read(struct store *store, bool indexed, struct err *err)
{
	struct words *words = &store->words;
	struct map *clients = &words->directory.clients;
	_cleanup_(finalize_p) sqlite3_stmt *statement = NULL;
	_cleanup_free_ struct client_row *rows = memory_get(CLIENTS_A_PIECE * sizeof(*rows));
	int r = database_prepare(store, "select id, clients, data from client_pieces order by id",
				 &statement, err);

	while (r >= 0 && (r = database_step(store, statement, err)) > 0) {
		int64_t id = sqlite3_column_int64(statement, 0);
		int64_t count = sqlite3_column_int64(statement, 1);
		struct view packed;

		if (id * CLIENTS_A_PIECE != clients->count || count <= 0 ||
		    count > CLIENTS_A_PIECE || !database_column_sealed(statement, 2, &packed) ||
		    columns_unpack(store->packer, &client_table, packed, (size_t)count, COLUMNS_ALL,
				   rows) < 0)
			return database_damaged(store, "clients", err);
		for (int64_t i = 0; i < count; i++)
			client_add(clients, &rows[i], indexed);
	}
	words->clients_saved = clients->count;
	return r;
}

/* Gives clients that were read without slots theirs. */
static void clients_index(struct map *clients)
{
	struct map indexed;

	map_init(&indexed, sizeof(struct client), sizeof(struct ip));
	for (uint32_t i = 0; i < clients->count; i++) {
		const struct client *client = map_row(clients, i);
		struct client *at = map_at(&indexed, &client->ip);

		*at = *client;
	}
	map_release(clients);
	*clients = indexed;
}

void words_release(struct store *store)
{
	struct words *words = &store->words;

	sqlite3_finalize(words->reading);
	if (words->loaded || words->reading)
		directory_release(&words->directory);
	*words = (struct words){.piece = -1};
}

int words_begin(struct store *store, bool indexed, struct err *err)
{
	struct words *words = &store->words;
	uint32_t string_last = 0;
	int r;

	if (words->loaded || words->reading)
		return 0;
	r = database_prepare(store,
			     "select id, start, raw_bytes, data from string_pieces order by id",
			     &words->reading, err);
	if (r < 0)
		return r;
	directory_init(&words->directory);
	r = strings_declared(store, &string_last, err);
	packer_limit(store->packer, UINT32_MAX, string_last);
	if (r >= 0)
		r = clients_read(store, indexed, err);
	packer_limit(store->packer, words->directory.clients.count, string_last);
	if (r < 0)
		words_release(store);
	return r;
}

int words_next(struct store *store, struct err *err)
{
	struct words *words = &store->words;
	int r;

	if (words->loaded)
		return 0;
	r = database_step(store, words->reading, err);
	if (r > 0) {
		r = piece_read(store, err);
		if (r >= 0)
			return 1;
	} else if (r == 0 && words->strings_saved &&
		   words->strings_saved != strings_size(words->directory.strings)) {
		r = database_damaged(store, "strings", err);
	}
	if (r < 0) {
		words_release(store);
		return r;
	}
	sqlite3_finalize(words->reading);
	words->reading = NULL;
	words->loaded = true;
	return 0;
}

int words_load(struct store *store, bool indexed, struct err *err)
{
	struct words *words = &store->words;
	bool fresh = !words->loaded && !words->reading;
	int r = words_begin(store, indexed, err);

	if (r < 0)
		return r;
	while ((r = words_next(store, err)) > 0)
		;
	if (r < 0 || !indexed || words->indexed)
		return r;
	if (!fresh)
		clients_index(&words->directory.clients);
	strings_index(words->directory.strings);
	words->indexed = true;
	return 0;
}

static int piece_put(struct store *store, int64_t id, uint64_t start, struct view bytes,
		     sqlite3_stmt *insert, struct err *err)
{
	_cleanup_free_ char *packed = NULL;
	size_t len;

	pack_bytes(store->packer, bytes, STRINGS_LEVEL, &packed, &len);
	sqlite3_bind_int64(insert, 1, id);
	sqlite3_bind_int64(insert, 2, (int64_t)start);
	sqlite3_bind_int64(insert, 3, (int64_t)bytes.len);
	if (database_bind_sealed(insert, 4, packed, len) != SQLITE_OK)
		return database_error(store, "write", err);
	return database_run(store, insert, err);
}

static int strings_write(struct store *store, struct err *err)
{
	struct words *words = &store->words;
	const struct strings *strings = words->directory.strings;
	_cleanup_(finalize_p) sqlite3_stmt *insert = NULL;
	uint64_t at = words->strings_saved;
	int64_t piece = words->piece + 1;
	int r;

	words->piece_written = words->piece;
	words->piece_start_written = words->piece_start;
	words->strings_written = strings_size(strings);
	if (words->strings_written == at)
		return 0;
	if (words->piece >= 0 && at - words->piece_start < PIECE_SMALL) {
		piece = words->piece;
		at = words->piece_start;
	}
	r = database_prepare(store, "insert or replace into string_pieces values (?, ?, ?, ?)",
			     &insert, err);
	while (r >= 0) {
		size_t len;
		const char *bytes = strings_bytes(strings, at, &len);

		if (len == 0)
			break;
		r = piece_put(store, piece, at, view_of(bytes, len), insert, err);
		words->piece_written = piece++;
		words->piece_start_written = at;
		at += len;
	}
	return r;
}

static bool piece_changed(const struct words *words, uint32_t from, uint32_t until)
{
	if (until > words->clients_saved)
		return true;
	for (uint32_t i = from; i < until; i++)
		if (directory_client_at(&words->directory, i + 1)->dirty)
			return true;
	return false;
}

static int clients_write(struct store *store, struct err *err)
{
	const struct words *words = &store->words;
	uint32_t count = words->directory.clients.count;
	_cleanup_free_ struct client_row *rows = memory_get_zeroed(CLIENTS_A_PIECE, sizeof(*rows));
	_cleanup_(finalize_p) sqlite3_stmt *insert = NULL;
	int r = database_prepare(store, "insert or replace into client_pieces values (?, ?, ?)",
				 &insert, err);

	for (uint32_t from = 0; from < count && r >= 0; from += CLIENTS_A_PIECE) {
		uint32_t until = from + CLIENTS_A_PIECE < count ? from + CLIENTS_A_PIECE : count;
		_cleanup_free_ char *packed = NULL;
		size_t len;

		if (!piece_changed(words, from, until))
			continue;
		for (uint32_t i = from; i < until; i++) {
			const struct client *client = directory_client_at(&words->directory, i + 1);
			struct client_row *row = &rows[i - from];

			memcpy(row->ip, &client->ip, sizeof(row->ip));
			row->name = client->name;
			row->unsure = client->unsure;
		}
		columns_pack(store->packer, &client_table, rows, until - from, &packed, &len);
		sqlite3_bind_int64(insert, 1, from / CLIENTS_A_PIECE);
		sqlite3_bind_int64(insert, 2, until - from);
		if (database_bind_sealed(insert, 3, packed, len) != SQLITE_OK)
			return database_error(store, "write", err);
		r = database_run(store, insert, err);
	}
	return r;
}

int words_write(struct store *store, struct err *err)
{
	int r;

	if (!store->words.loaded)
		return 0;
	r = strings_write(store, err);
	return r < 0 ? r : clients_write(store, err);
}

void words_written(struct store *store)
{
	struct words *words = &store->words;

	if (!words->loaded)
		return;
	words->piece = words->piece_written;
	words->piece_start = words->piece_start_written;
	words->strings_saved = words->strings_written;
	words->clients_saved = words->directory.clients.count;
	for (uint32_t i = 0; i < words->clients_saved; i++)
		directory_client_at(&words->directory, i + 1)->dirty = 0;
	packer_limit(store->packer, words->clients_saved, (uint32_t)(words->strings_saved / 4 - 1));
}
