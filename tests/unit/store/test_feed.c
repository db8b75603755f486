/* A ledger filled from the store is the ledger that the same facts fill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "scratch.h"

#define FACTS 150000u

static void give(const struct fact_sink *sink, struct directory *directory)
{
	for (uint32_t n = 0; n < FACTS; n++) {
		struct attempt attempt = fact_attempt(n, directory);
		struct session_fact session = fact_session(n, directory);

		sink->attempt(sink->context, &attempt);
		sink->session(sink->context, &session);
		if (n < 1000) {
			struct role_fact role = fact_role(n, directory);

			sink->role(sink->context, &role);
		}
		if (n < 100) {
			struct slot slot = fact_slot(n);

			sink->slot(sink->context, &slot);
		}
	}
}

/* The same rows, in any order. */
static void expect_same_map(const struct map *one, const struct map *other)
{
	assert_int_equal(one->count, other->count);
	for (uint32_t i = 0; i < one->count; i++) {
		const void *row = map_row(one, i);
		const void *match = map_find(other, row, map_hash(other, row));

		assert_non_null(match);
		assert_memory_equal(row, match, one->row_size);
	}
}

static void expect_same(const struct ledger *one, const struct ledger *other)
{
	expect_same_map(&one->slots, &other->slots);
	expect_same_map(&one->client_reasons, &other->client_reasons);
	expect_same_map(&one->pairs, &other->pairs);
	expect_same_map(&one->users, &other->users);
	expect_same_map(&one->client_days, &other->client_days);
	assert_int_equal(one->client_count, other->client_count);
	assert_memory_equal(one->clients, other->clients,
			    one->client_count * sizeof(*one->clients));
	assert_int_equal(one->mail_senders, other->mail_senders);
	assert_int_equal(one->mail_recipients, other->mail_recipients);
	assert_int_equal(one->first, other->first);
	assert_int_equal(one->last, other->last);
}

static void the_ledger_is_the_same(void **state)
{
	static const struct {
		uint32_t parts, from, until;
	} cases[] = {
		{LEDGER_ALL, 0, UINT32_MAX},
		{LEDGER_SLOTS, 0, UINT32_MAX},
		{LEDGER_SESSIONS, 0, UINT32_MAX},
		{LEDGER_ATTEMPTS | LEDGER_PAIRS, 0, UINT32_MAX},
		{LEDGER_ROLES, 0, UINT32_MAX},
		{LEDGER_ALL, FACTS_BEGIN + 9000, FACTS_BEGIN + 18000},
		{LEDGER_ALL, FACTS_BEGIN + 40000, UINT32_MAX},
		{LEDGER_ALL, 0, FACTS_BEGIN},
		{LEDGER_ALL, FACTS_BEGIN + 9000000, UINT32_MAX},
	};
	struct scratch scratch;
	struct err err = {""};

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	give(&scratch.sink, scratch.directory);
	assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ledger direct, stored;
		struct directory directory;
		struct fact_sink sink;
		struct store *reader;

		directory_init(&directory);
		ledger_init(&direct, &directory, cases[i].parts, cases[i].from, cases[i].until);
		sink = ledger_sink(&direct);
		give(&sink, &directory);
		ledger_settle(&direct);
		assert_int_equal(store_open(scratch.store, STORE_READ, &reader, &err), 0);
		ledger_init(&stored, store_directory(reader, false, &err), cases[i].parts,
			    cases[i].from, cases[i].until);
		assert_int_equal(store_feed(reader, &stored, &err), 0);
		ledger_settle(&stored);
		expect_same(&direct, &stored);
		ledger_release(&direct);
		ledger_release(&stored);
		directory_release(&directory);
		store_close(reader);
	}
	scratch_release(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ledger_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
