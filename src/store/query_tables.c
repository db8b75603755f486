/*
 * One module for all tables. A table is a list of columns, each told by what it
 * shows (enum show) of which column of the facts; clients and strings come from
 * the directory instead.
 *
 * Queries that name a time (time_unix, or time as text), a client or a reason
 * skip what cannot match: by segment for times, by row for the rest. SQLite
 * checks every condition again, so skipping need not be exact.
 */
#include "store/query_tables.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/civil.h"
#include "base/memory.h"

enum show {
	SHOW_NUMBER,
	SHOW_TIME,	  /* as RFC 3339 text in UTC */
	SHOW_DAY,	  /* as 2026-11-22 */
	SHOW_CLIENT,	  /* its address */
	SHOW_CLIENT_NAME, /* NULL if none was told */
	SHOW_STRING,	  /* NULL if empty */
	SHOW_TOLD,	  /* the string where the flag ARGUMENT is set or it is not empty */
	SHOW_FLAG,	  /* 1 if the bit ARGUMENT is set, else 0 */
	SHOW_NO_FLAG,	  /* the reverse */
	SHOW_REASON,
	SHOW_REASONS, /* of a set, with commas */
	SHOW_STAGE,
	SHOW_ROLE,
	SHOW_SECONDS, /* of milliseconds */
	SHOW_CODE     /* NULL if 0 */
};

struct shown {
	const char *declaration;
	uint8_t show;	/* enum show */
	uint8_t column; /* of the part */
	uint8_t flags;	/* SHOW_TOLD: column of the flags */
	uint32_t argument;
};

/* Numbers of the columns in store/facts.c. */
enum {
	ATTEMPT_TIME,
	ATTEMPT_SESSION,
	ATTEMPT_CLIENT,
	ATTEMPT_HELO,
	ATTEMPT_SENDER,
	ATTEMPT_RECIPIENT,
	ATTEMPT_TEXT,
	ATTEMPT_COUNT,
	ATTEMPT_CODE,
	ATTEMPT_REASON,
	ATTEMPT_STAGE,
	ATTEMPT_FLAGS
};
enum {
	SESSION_NUMBER,
	SESSION_END,
	SESSION_START,
	SESSION_CLIENT,
	SESSION_HELO,
	SESSION_DURATION,
	SESSION_REASONS,
	SESSION_REFUSALS,
	SESSION_RELAY_REFUSALS,
	SESSION_ACCEPTED,
	SESSION_FLAGS,
	SESSION_COMMANDS,
	SESSION_COMMANDS_REFUSED,
	SESSION_USERS_FAILED
};
enum { ROLE_DAY, ROLE_STRING, ROLE_ROLE };

/* The first two columns of each are its time; time_unix is looked at by plans. */
static const struct shown attempt_shown[] = {
	{"time text", SHOW_TIME, ATTEMPT_TIME, 0, 0},
	{"time_unix integer", SHOW_NUMBER, ATTEMPT_TIME, 0, 0},
	{"session integer", SHOW_NUMBER, ATTEMPT_SESSION, 0, 0},
	{"client text", SHOW_CLIENT, ATTEMPT_CLIENT, 0, 0},
	{"name text", SHOW_CLIENT_NAME, ATTEMPT_CLIENT, 0, 0},
	{"helo text", SHOW_STRING, ATTEMPT_HELO, 0, 0},
	{"sender text", SHOW_TOLD, ATTEMPT_SENDER, ATTEMPT_FLAGS, ATTEMPT_HAS_SENDER},
	{"recipient text", SHOW_TOLD, ATTEMPT_RECIPIENT, ATTEMPT_FLAGS, ATTEMPT_HAS_RECIPIENT},
	{"reason text", SHOW_REASON, ATTEMPT_REASON, 0, 0},
	{"stage text", SHOW_STAGE, ATTEMPT_STAGE, 0, 0},
	{"code integer", SHOW_CODE, ATTEMPT_CODE, 0, 0},
	{"reply text", SHOW_STRING, ATTEMPT_TEXT, 0, 0},
	{"count integer", SHOW_NUMBER, ATTEMPT_COUNT, 0, 0},
	{"rejected integer", SHOW_FLAG, ATTEMPT_FLAGS, 0, ATTEMPT_REJECTED},
};

static const struct shown session_shown[] = {
	{"time text", SHOW_TIME, SESSION_START, 0, 0},
	{"time_unix integer", SHOW_NUMBER, SESSION_START, 0, 0},
	{"end text", SHOW_TIME, SESSION_END, 0, 0},
	{"end_unix integer", SHOW_NUMBER, SESSION_END, 0, 0},
	{"session integer", SHOW_NUMBER, SESSION_NUMBER, 0, 0},
	{"client text", SHOW_CLIENT, SESSION_CLIENT, 0, 0},
	{"name text", SHOW_CLIENT_NAME, SESSION_CLIENT, 0, 0},
	{"helo text", SHOW_STRING, SESSION_HELO, 0, 0},
	{"seconds real", SHOW_SECONDS, SESSION_DURATION, 0, 0},
	{"exact integer", SHOW_NO_FLAG, SESSION_FLAGS, 0, SESSION_INFERRED},
	{"refusals integer", SHOW_NUMBER, SESSION_REFUSALS, 0, 0},
	{"relay_refusals integer", SHOW_NUMBER, SESSION_RELAY_REFUSALS, 0, 0},
	{"reasons text", SHOW_REASONS, SESSION_REASONS, 0, 0},
	{"temporary integer", SHOW_FLAG, SESSION_REASONS, 0, SESSION_TEMPORARY},
	{"permanent integer", SHOW_FLAG, SESSION_REASONS, 0, SESSION_PERMANENT},
	{"accepted integer", SHOW_NUMBER, SESSION_ACCEPTED, 0, 0},
	{"auth_failures integer", SHOW_NUMBER, SESSION_USERS_FAILED, 0, 0},
	{"commands integer", SHOW_NUMBER, SESSION_COMMANDS, 0, 0},
	{"commands_refused integer", SHOW_NUMBER, SESSION_COMMANDS_REFUSED, 0, 0},
	{"gave_up integer", SHOW_FLAG, SESSION_FLAGS, 0, SESSION_GAVE_UP},
	{"lost integer", SHOW_FLAG, SESSION_FLAGS, 0, SESSION_LOST},
	{"dropped integer", SHOW_FLAG, SESSION_FLAGS, 0, SESSION_DROPPED},
	{"expired integer", SHOW_FLAG, SESSION_FLAGS, 0, SESSION_EXPIRED},
	{"outbound integer", SHOW_FLAG, SESSION_FLAGS, 0, SESSION_OUTBOUND},
};

static const struct shown role_shown[] = {
	{"day text", SHOW_DAY, ROLE_DAY, 0, 0},
	{"day_number integer", SHOW_NUMBER, ROLE_DAY, 0, 0},
	{"text text", SHOW_STRING, ROLE_STRING, 0, 0},
	{"role text", SHOW_ROLE, ROLE_ROLE, 0, 0},
};

static const struct shown client_shown[] = {
	{"client text", SHOW_CLIENT, 0, 0, 0},
	{"name text", SHOW_CLIENT_NAME, 0, 0, 0},
	{"confirmed integer", SHOW_NO_FLAG, 0, 0, 0},
};

static const struct shown string_shown[] = {
	{"id integer", SHOW_NUMBER, 0, 0, 0},
	{"text text", SHOW_STRING, 0, 0, 0},
};

/* Which facts, or what of the directory. */
enum origin { ORIGIN_PART, ORIGIN_CLIENTS, ORIGIN_STRINGS };

struct query_table {
	const char *name;
	const struct shown *shown;
	int count;
	enum origin origin;
	enum part part;
	int time_text, time_number; /* columns shown; -1: none */
	int client, reason;
};

#define SHOWN(list) list, (int)(sizeof(list) / sizeof((list)[0]))

static const struct query_table tables[] = {
	{"attempts", SHOWN(attempt_shown), ORIGIN_PART, PART_ATTEMPTS, 0, 1, 3, 8},
	{"sessions", SHOWN(session_shown), ORIGIN_PART, PART_SESSIONS, 0, 1, 5, -1},
	{"roles", SHOWN(role_shown), ORIGIN_PART, PART_ROLES, -1, -1, -1, -1},
	{"clients", SHOWN(client_shown), ORIGIN_CLIENTS, 0, -1, -1, -1, -1},
	{"strings", SHOWN(string_shown), ORIGIN_STRINGS, 0, -1, -1, -1, -1},
};

struct query_vtab {
	sqlite3_vtab base;
	struct store *store;
	const struct query_table *table;
};

/* What a query wants; bits of a plan, in the order of xFilter's arguments. */
enum wish {
	WISH_FROM = 1,
	WISH_UNTIL = 2,
	WISH_CLIENT = 4,
	WISH_REASON = 8,
	WISH_FROM_TEXT = 16, /* the time is compared as text */
	WISH_UNTIL_TEXT = 32
};
#define WISHES 4 /* that have an argument */

struct query_cursor {
	sqlite3_vtab_cursor base;
	struct fact_cursor facts;
	bool facts_open, end;
	size_t row;	 /* of the segment; or the directory's id */
	int64_t number;	 /* of the row in the query */
	uint32_t client; /* only this one; UINT32_MAX: all */
	int reason;	 /* only this one; -1: all */
};

static int vtab_fail(sqlite3_vtab *vtab, const struct err *err)
{
	sqlite3_free(vtab->zErrMsg);
	vtab->zErrMsg = sqlite3_mprintf("%s", err->text);
	return SQLITE_ERROR;
}

static int vtab_connect(sqlite3 *db, void *context, int argc, const char *const *argv,
			sqlite3_vtab **ret_vtab, char **ret_message)
{
	struct store *store = context;
	char declaration[2048] = "create table x(";
	size_t len = strlen(declaration);
	struct query_vtab *vtab;
	int r;

	(void)ret_message;
	vtab = sqlite3_malloc(sizeof(*vtab));
	if (!vtab)
		return SQLITE_NOMEM;
	*vtab = (struct query_vtab){.store = store};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (argc > 0 && strcmp(argv[0], tables[i].name) == 0)
			vtab->table = &tables[i];
	for (int i = 0; vtab->table && i < vtab->table->count; i++)
		len += (size_t)snprintf(declaration + len, sizeof(declaration) - len, "%s%s",
					i ? ", " : "", vtab->table->shown[i].declaration);
	snprintf(declaration + len, sizeof(declaration) - len, ")");
	r = sqlite3_declare_vtab(db, declaration);
	if (r != SQLITE_OK) {
		sqlite3_free(vtab);
		return r;
	}
	*ret_vtab = &vtab->base;
	return SQLITE_OK;
}

static int vtab_disconnect(sqlite3_vtab *vtab)
{
	sqlite3_free(vtab);
	return SQLITE_OK;
}

/* The wish that a condition fulfils, 0 if none. */
static int wish_of(const struct query_table *table, int column, int operation)
{
	bool equal = operation == SQLITE_INDEX_CONSTRAINT_EQ;

	if (column < 0)
		return 0;
	if (column == table->client)
		return equal ? WISH_CLIENT : 0;
	if (column == table->reason)
		return equal ? WISH_REASON : 0;
	if (column != table->time_text && column != table->time_number)
		return 0;
	if (operation == SQLITE_INDEX_CONSTRAINT_GE || operation == SQLITE_INDEX_CONSTRAINT_GT)
		return WISH_FROM;
	if (operation == SQLITE_INDEX_CONSTRAINT_LE || operation == SQLITE_INDEX_CONSTRAINT_LT)
		return WISH_UNTIL;
	return 0;
}

/* The columns of the facts that the columns asked for are made of. */
static uint32_t mask_of(const struct query_table *table, uint64_t used, int wishes)
{
	uint32_t mask = 0;

	for (int i = 0; i < table->count; i++) {
		const struct shown *shown = &table->shown[i];
		bool filtered = (wishes & WISH_CLIENT && i == table->client) ||
				(wishes & WISH_REASON && i == table->reason);

		if (!(used >> i & 1) && !filtered)
			continue;
		mask |= 1u << shown->column;
		if (shown->show == SHOW_TOLD)
			mask |= 1u << shown->flags;
	}
	return mask;
}

static int vtab_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const struct query_table *table = ((struct query_vtab *)base)->table;
	int place[WISHES] = {-1, -1, -1, -1}, wishes = 0, argument = 0;

	for (int i = 0; i < info->nConstraint; i++) {
		int column = info->aConstraint[i].iColumn;
		int wish = wish_of(table, column, info->aConstraint[i].op);

		if (!wish || !info->aConstraint[i].usable || wishes & wish)
			continue;
		wishes |= wish;
		if (column == table->time_text)
			wishes |= wish == WISH_FROM ? WISH_FROM_TEXT : WISH_UNTIL_TEXT;
		place[__builtin_ctz((unsigned int)wish)] = i;
	}
	for (int wish = 0; wish < WISHES; wish++)
		if (place[wish] >= 0)
			info->aConstraintUsage[place[wish]].argvIndex = ++argument;
	info->idxNum = wishes;
	info->idxStr = sqlite3_mprintf("%u", mask_of(table, info->colUsed, wishes));
	if (!info->idxStr)
		return SQLITE_NOMEM;
	info->needToFreeIdxStr = 1;
	info->estimatedCost = 1e7 / (1 + 9 * argument);
	info->estimatedRows = 1000000 / (1 + 9 * argument);
	return SQLITE_OK;
}

static int vtab_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret_cursor)
{
	struct query_cursor *cursor = sqlite3_malloc(sizeof(*cursor));

	(void)vtab;
	if (!cursor)
		return SQLITE_NOMEM;
	*cursor = (struct query_cursor){.end = true};
	*ret_cursor = &cursor->base;
	return SQLITE_OK;
}

static void cursor_reset(struct query_cursor *cursor)
{
	if (cursor->facts_open)
		fact_cursor_close(&cursor->facts);
	cursor->facts_open = false;
}

static int vtab_close(sqlite3_vtab_cursor *base)
{
	struct query_cursor *cursor = (struct query_cursor *)base;

	cursor_reset(cursor);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static const struct query_vtab *vtab_of(const struct query_cursor *cursor)
{
	return (const struct query_vtab *)cursor->base.pVtab;
}

/* Whether the row at hand is one that was asked for. */
static bool row_fits(const struct query_cursor *cursor)
{
	const char *row;

	if (vtab_of(cursor)->table->part == PART_ATTEMPTS) {
		const struct attempt *attempt;

		row = cursor->facts.rows + cursor->row * sizeof(*attempt);
		attempt = (const struct attempt *)(const void *)row;
		return (cursor->client == UINT32_MAX || attempt->client == cursor->client) &&
		       (cursor->reason < 0 || attempt->reason == cursor->reason);
	}
	if (vtab_of(cursor)->table->part == PART_SESSIONS && cursor->client != UINT32_MAX) {
		const struct session_fact *session;

		row = cursor->facts.rows + cursor->row * sizeof(*session);
		session = (const struct session_fact *)(const void *)row;
		return session->client == cursor->client;
	}
	return true;
}

/* Goes on to the first row from cursor->row on that fits. */
static int facts_advance(struct query_cursor *cursor)
{
	struct err err;

	for (;;) {
		for (; cursor->row < cursor->facts.count; cursor->row++)
			if (row_fits(cursor))
				return SQLITE_OK;
		cursor->row = 0;
		switch (fact_cursor_next(&cursor->facts, &err)) {
		case 1:
			break;
		case 0:
			cursor->end = true;
			return SQLITE_OK;
		default:
			return vtab_fail(cursor->base.pVtab, &err);
		}
	}
}

static int vtab_next(sqlite3_vtab_cursor *base)
{
	struct query_cursor *cursor = (struct query_cursor *)base;
	const struct directory *directory = &vtab_of(cursor)->store->words.directory;

	cursor->number++;
	switch (vtab_of(cursor)->table->origin) {
	case ORIGIN_PART:
		cursor->row++;
		return facts_advance(cursor);
	case ORIGIN_CLIENTS:
		cursor->end = ++cursor->row > directory->clients.count;
		break;
	case ORIGIN_STRINGS:
		cursor->row = strings_next(directory->strings, (uint32_t)cursor->row);
		cursor->end = cursor->row == 0;
		break;
	}
	return SQLITE_OK;
}

/* Reads the day that TEXT begins with, exactly as SHOW_TIME writes it. */
static bool day_of(const char *text, int64_t *ret_seconds)
{
	static const char form[] = "dddd-dd-dd";
	struct civil civil = {0};
	int numbers[3] = {0}, at = 0;

	for (int i = 0; form[i]; i++) {
		if (form[i] == '-') {
			if (text[i] != '-')
				return false;
			at++;
		} else if (text[i] < '0' || text[i] > '9') {
			return false;
		} else {
			numbers[at] = numbers[at] * 10 + (text[i] - '0');
		}
	}
	civil.year = numbers[0];
	civil.month = numbers[1];
	civil.day = numbers[2];
	if (civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.day > 31)
		return false;
	*ret_seconds = civil_to_seconds(&civil);
	return true;
}

/* A moment not after (LATE: not before) what a condition on a time says, given as
   text or number as its column is. */
static int64_t bound_of(sqlite3_value *value, bool as_text, bool late)
{
	int type = sqlite3_value_type(value);
	int64_t seconds;

	if (!as_text && type == SQLITE_INTEGER) {
		seconds = sqlite3_value_int64(value);
		return late && seconds < INT64_MAX ? seconds + 1 : seconds;
	}
	if (as_text && type == SQLITE_TEXT &&
	    day_of((const char *)sqlite3_value_text(value), &seconds))
		return late ? seconds + CIVIL_DAY_S : seconds;
	return late ? INT64_MAX : 0;
}

/* The client that TEXT names; 0 if there is none. */
static uint32_t client_of(const struct directory *directory, sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);
	struct ip ip;

	if (!text || !ip_parse(view_string(text), &ip))
		return 0;
	for (uint32_t id = 1; id <= directory->clients.count; id++)
		if (ip_equal(&directory_client_at(directory, id)->ip, &ip))
			return id;
	return 0;
}

static int reason_of(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);
	int reason = text ? reason_from_name(view_string(text)) : -1;

	return reason < 0 ? REASON_MAX : reason;
}

static int vtab_filter(sqlite3_vtab_cursor *base, int wishes, const char *mask, int argc,
		       sqlite3_value **argv)
{
	struct query_cursor *cursor = (struct query_cursor *)base;
	struct query_vtab *vtab = (struct query_vtab *)base->pVtab;
	int64_t from = 0, until = INT64_MAX;
	struct err err;

	(void)argc;
	cursor_reset(cursor);
	*cursor = (struct query_cursor){.base = cursor->base, .client = UINT32_MAX, .reason = -1};
	if (vtab->table->origin != ORIGIN_PART)
		return vtab_next(base);
	if (wishes & WISH_FROM)
		from = bound_of(*argv++, wishes & WISH_FROM_TEXT, false);
	if (wishes & WISH_UNTIL)
		until = bound_of(*argv++, wishes & WISH_UNTIL_TEXT, true);
	if (wishes & WISH_CLIENT)
		cursor->client = client_of(&vtab->store->words.directory, *argv++);
	if (wishes & WISH_REASON)
		cursor->reason = reason_of(*argv++);
	if (fact_cursor_open(vtab->store, vtab->table->part, from, until,
			     (uint32_t)strtoul(mask, NULL, 10), &cursor->facts, &err) < 0)
		return vtab_fail(base->pVtab, &err);
	cursor->facts_open = cursor->facts.with_open = true;
	return facts_advance(cursor);
}

static int vtab_eof(sqlite3_vtab_cursor *base)
{
	return ((struct query_cursor *)base)->end;
}

static int vtab_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_rowid)
{
	*ret_rowid = ((struct query_cursor *)base)->number;
	return SQLITE_OK;
}

static void result_view(sqlite3_context *context, struct view text)
{
	sqlite3_result_text64(context, text.ptr, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void result_name(sqlite3_context *context, const char *name)
{
	sqlite3_result_text(context, name, -1, SQLITE_STATIC);
}

static void result_string(sqlite3_context *context, const struct directory *directory, uint32_t id)
{
	if (id)
		result_view(context, strings_get(directory->strings, id));
}

static void result_time(sqlite3_context *context, int64_t seconds, bool day)
{
	struct civil civil = civil_from_seconds(seconds);
	char text[64];
	int len;

	if (day)
		len = snprintf(text, sizeof(text), "%04d-%02d-%02d", civil.year, civil.month,
			       civil.day);
	else
		len = snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", civil.year,
			       civil.month, civil.day, civil.hour, civil.minute, civil.second);
	sqlite3_result_text(context, text, len, SQLITE_TRANSIENT);
}

static void result_client(sqlite3_context *context, const struct directory *directory, uint32_t id,
			  bool name)
{
	char text[IP_TEXT_MAX];
	const struct client *client;

	if (id == 0)
		return;
	client = directory_client_at(directory, id);
	if (name)
		result_string(context, directory, client->name);
	else
		result_view(context, view_of(text, ip_format(&client->ip, text)));
}

static void result_reasons(sqlite3_context *context, uint32_t reasons)
{
	char text[1024];
	size_t len = 0;

	for (int reason = 0; reason < REASON_MAX; reason++)
		if (reasons >> reason & 1)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						len ? "," : "", reason_name((enum reason)reason));
	if (len)
		sqlite3_result_text(context, text, (int)len, SQLITE_TRANSIENT);
}

static const char *role_name(uint32_t role)
{
	switch (role) {
	case ROLE_MAIL_SENDER:
		return "sender";
	case ROLE_MAIL_RECIPIENT:
		return "recipient";
	case ROLE_LOCAL_DOMAIN:
		return "local-domain";
	default:
		return "unknown";
	}
}

static uint32_t field(const char *row, const struct column *column)
{
	uint32_t value = 0;

	memcpy(&value, row + column->offset, column->width);
	return value;
}

static void result_fact(sqlite3_context *context, const struct query_vtab *vtab, const char *row,
			const struct shown *shown)
{
	const struct directory *directory = &vtab->store->words.directory;
	const struct column *columns = fact_part(vtab->table->part)->table.columns;
	uint32_t value = field(row, &columns[shown->column]);

	switch ((enum show)shown->show) {
	case SHOW_NUMBER:
		sqlite3_result_int64(context, value);
		break;
	case SHOW_TIME:
		result_time(context, value, false);
		break;
	case SHOW_DAY:
		result_time(context, (int64_t)value * CIVIL_DAY_S, true);
		break;
	case SHOW_CLIENT:
	case SHOW_CLIENT_NAME:
		result_client(context, directory, value, shown->show == SHOW_CLIENT_NAME);
		break;
	case SHOW_STRING:
		result_string(context, directory, value);
		break;
	case SHOW_TOLD:
		if (value || field(row, &columns[shown->flags]) & shown->argument)
			result_view(context, strings_get(directory->strings, value));
		break;
	case SHOW_FLAG:
		sqlite3_result_int(context, (value & shown->argument) != 0);
		break;
	case SHOW_NO_FLAG:
		sqlite3_result_int(context, (value & shown->argument) == 0);
		break;
	case SHOW_REASON:
		result_name(context, value < REASON_MAX ? reason_name(value) : NULL);
		break;
	case SHOW_REASONS:
		result_reasons(context, value);
		break;
	case SHOW_STAGE:
		result_name(context, value < STAGE_MAX ? stage_name(value) : NULL);
		break;
	case SHOW_ROLE:
		result_name(context, role_name(value));
		break;
	case SHOW_SECONDS:
		sqlite3_result_double(context, value / 1000.0);
		break;
	case SHOW_CODE:
		if (value)
			sqlite3_result_int64(context, value);
		break;
	}
}

static void result_entry(sqlite3_context *context, const struct query_vtab *vtab, uint32_t id,
			 const struct shown *shown)
{
	const struct directory *directory = &vtab->store->words.directory;

	switch (shown->show) {
	case SHOW_CLIENT:
	case SHOW_CLIENT_NAME:
		result_client(context, directory, id, shown->show == SHOW_CLIENT_NAME);
		break;
	case SHOW_NO_FLAG:
		if (directory_client_at(directory, id)->name)
			sqlite3_result_int(context, !directory_client_at(directory, id)->unsure);
		break;
	case SHOW_STRING:
		result_string(context, directory, id);
		break;
	default:
		sqlite3_result_int64(context, id);
	}
}

static int vtab_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	const struct query_cursor *cursor = (struct query_cursor *)base;
	const struct query_vtab *vtab = vtab_of(cursor);
	const struct shown *shown = &vtab->table->shown[column];

	if (vtab->table->origin == ORIGIN_PART)
		result_fact(context, vtab,
			    cursor->facts.rows +
				    cursor->row * fact_part(vtab->table->part)->table.row_size,
			    shown);
	else
		result_entry(context, vtab, (uint32_t)cursor->row, shown);
	return SQLITE_OK;
}

int query_tables_register(struct store *store)
{
	/* Eponymous: xCreate is NULL, the tables are there without being made. */
	static const sqlite3_module module = {
		.xConnect = vtab_connect,
		.xBestIndex = vtab_best_index,
		.xDisconnect = vtab_disconnect,
		.xOpen = vtab_open,
		.xClose = vtab_close,
		.xFilter = vtab_filter,
		.xNext = vtab_next,
		.xEof = vtab_eof,
		.xColumn = vtab_column,
		.xRowid = vtab_rowid,
	};
	int r = SQLITE_OK;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && r == SQLITE_OK; i++)
		r = sqlite3_create_module(store->db, tables[i].name, &module, store);
	return r;
}
