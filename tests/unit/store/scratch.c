#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "scratch.h"

void scratch_init(struct scratch *scratch)
{
	const char *parent = getenv("TMPDIR");

	*scratch = (struct scratch){0};
	snprintf(scratch->folder, sizeof(scratch->folder), "%s/mxwatch-store-XXXXXX",
		 parent ? parent : "/tmp");
	assert_non_null(mkdtemp(scratch->folder));
	snprintf(scratch->store, sizeof(scratch->store), "%.*s/sub/store.db", PATH_MAX - 16,
		 scratch->folder);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

void scratch_release(struct scratch *scratch)
{
	scratch_close(scratch);
	nftw(scratch->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void scratch_open(struct scratch *scratch)
{
	const struct session_options options = {.words = WORDS_ALL};
	struct err err = {""};
	int r = store_open(scratch->store, STORE_WRITE, &scratch->opened, &err);

	if (r < 0)
		fail_msg("%s", err.text);
	scratch->directory = store_directory(scratch->opened, true, &err);
	if (!scratch->directory)
		fail_msg("%s", err.text);
	scratch->sink = store_sink(scratch->opened);
	scratch->keeper = store_keeper(scratch->opened);
	scratch->sessions = sessions_new(&options, scratch->directory, &scratch->sink);
	r = scratch->keeper.restore(scratch->keeper.context, scratch->sessions, &err);
	if (r < 0)
		fail_msg("%s", err.text);
}

void scratch_close(struct scratch *scratch)
{
	sessions_free(scratch->sessions);
	scratch->sessions = NULL;
	store_close(scratch->opened);
	scratch->opened = NULL;
}

int scratch_commit(struct scratch *scratch, const struct keeper_progress *progress, size_t count,
		   struct err *err)
{
	const struct input_totals totals = {.files = 1, .lines = 10, .bytes = 1000};

	return scratch->keeper.commit(scratch->keeper.context, progress, count, &totals,
				      scratch->sessions, err);
}

const char *scratch_path(struct scratch *scratch, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - 256, scratch->folder, name);
	return path;
}

void scratch_write(struct scratch *scratch, const char *name, const char *bytes, size_t len)
{
	FILE *file = fopen(scratch_path(scratch, name), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static int keep_first(void *context, int count, const char *const *values, const int *lengths,
		      const int *types)
{
	char **value = context;

	(void)count;
	(void)types;
	*value = values[0] ? strndup(values[0], (size_t)lengths[0]) : strdup("NULL");
	return 1;
}

char *scratch_value(struct store *store, const char *query)
{
	char *value = NULL;
	struct store_sql sql = {.context = &value, .row = keep_first};
	struct err err = {""};

	if (store_query(store, query, &sql, &err) < 0)
		fail_msg("%s: %s", query, err.text);
	return value ? value : strdup("no row");
}

void scratch_expect(struct store *store, const char *query, const char *value)
{
	char *got = scratch_value(store, query);

	if (strcmp(got, value) != 0)
		fail_msg("%s\ngives  %s\nnot    %s", query, got, value);
	free(got);
}

static uint32_t word(struct directory *directory, const char *before, uint32_t n, const char *after)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%u%s", before, n, after);
	return strings_add(directory->strings, view_string(text));
}

static uint32_t client_of(uint32_t n, struct directory *directory)
{
	struct ip ip;
	char text[64], name[64];
	struct word known = {0};
	uint32_t id;

	if (n % 7 == 3)
		snprintf(text, sizeof(text), "2001:db8::%x:%x", n >> 16, n & 0xffff);
	else
		snprintf(text, sizeof(text), "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
	assert_true(ip_parse(view_string(text), &ip));
	id = directory_client(directory, &ip);
	snprintf(name, sizeof(name), "host%u.example.net", n);
	word_set(&known, view_string(name));
	if (n % 3)
		directory_name_client(directory, id, known, n % 2);
	return id;
}

struct attempt fact_attempt(uint32_t n, struct directory *directory)
{
	return (struct attempt){
		.time = FACTS_BEGIN + n / 3,
		.session = 1 + n / 2,
		.client = client_of(n % 5000, directory),
		.helo = word(directory, "helo", n % 100, ""),
		.sender = n % 5 ? word(directory, "sender", n, "@example.com") : 0,
		.recipient = n % 4 ? word(directory, "recipient", n % 1000, "@example.org") : 0,
		.text = word(directory, "reply ", n % 9, ""),
		.count = 1 + n % 3,
		.code = n % 2 ? 550 : 450,
		.reason = (uint8_t)(n % REASON_MAX),
		.stage = (uint8_t)(n % STAGE_MAX),
		.flags = (n % 5 != 1 ? ATTEMPT_HAS_SENDER : 0u) |
			 (n % 4 ? ATTEMPT_HAS_RECIPIENT : 0u) | (n % 2 ? ATTEMPT_REJECTED : 0u),
	};
}

struct session_fact fact_session(uint32_t n, struct directory *directory)
{
	return (struct session_fact){
		.number = n + 1,
		.client = client_of(n % 5000, directory),
		.helo = word(directory, "helo", n % 100, ""),
		.start = FACTS_BEGIN + n / 3,
		.end = FACTS_BEGIN + n / 3 + n % 50,
		.duration_ms = n % 50 * 1000 + n % 1000,
		.reasons = 1u << n % REASON_MAX | (n % 2 ? SESSION_TEMPORARY : SESSION_PERMANENT),
		.refusals = (uint16_t)(n % 3),
		.relay_refusals = (uint16_t)(n % 2),
		.accepted = (uint16_t)(n * 7),
		.flags = (uint16_t)(n % 256),
		.commands = (uint16_t)(n % 40),
		.commands_refused = (uint16_t)(n % 4),
		.users_failed = n % 11 ? 0 : n * 2654435761u,
	};
}

struct role_fact fact_role(uint32_t n, struct directory *directory)
{
	return (struct role_fact){
		.day = FACTS_BEGIN / 86400 + n / 1000,
		.string = word(directory, "sender", n, "@example.com"),
		.role = 1u << n % 3,
	};
}

struct slot fact_slot(uint32_t n)
{
	return (struct slot){
		.start = (FACTS_BEGIN / SLOT_S + n) * SLOT_S,
		.peak_concurrent = n,
		.max_ms = 1000 - n,
		.sessions_exact = 3,
		.received = n,
		.delivered = 2 * (uint64_t)n,
		.bytes_received = UINT64_C(5000000000),
		.connections = 4,
		.connected_ms = 8000,
		.warnings = 1,
	};
}
