/* A ledger filled from the store is the ledger that the same facts fill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
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

/* The same sums, in any order and any pieces. */
static void expect_same_uses(struct uses *one, struct uses *other)
{
	uses_join(one);
	uses_join(other);
	assert_int_equal(one->count, other->count);
	if (one->count)
		assert_memory_equal(one->rows, other->rows, one->count * sizeof(*one->rows));
}

static const struct client_reason *reason_of(const struct ledger *ledger, size_t client,
					     uint32_t reason)
{
	uint32_t at = ledger->clients[client].reason_row;

	while (at && ledger->reasons[at - 1].reason != reason)
		at = ledger->reasons[at - 1].next;
	return at ? &ledger->reasons[at - 1] : NULL;
}

static void expect_same_reasons(const struct ledger *one, const struct ledger *other)
{
	assert_int_equal(one->reason_count, other->reason_count);
	for (size_t i = 0; i < one->reason_count; i++) {
		struct client_reason row = one->reasons[i];
		const struct client_reason *match = reason_of(other, row.client, row.reason);

		assert_non_null(match);
		row.next = match->next;
		assert_memory_equal(&row, match, sizeof(row));
	}
}

static void expect_same_clients(const struct ledger *one, const struct ledger *other)
{
	assert_int_equal(one->client_count, other->client_count);
	for (size_t i = 0; i <= one->client_count && one->client_count; i++) {
		struct client_totals totals = one->clients[i];

		totals.reason_row = other->clients[i].reason_row;
		totals.sender_row = other->clients[i].sender_row;
		totals.day_row = other->clients[i].day_row;
		assert_memory_equal(&totals, &other->clients[i], sizeof(totals));
	}
}

static void expect_same(struct ledger *one, struct ledger *other)
{
	expect_same_map(&one->slots, &other->slots);
	expect_same_map(&one->relays, &other->relays);
	expect_same_map(&one->users, &other->users);
	expect_same_uses(&one->senders, &other->senders);
	expect_same_uses(&one->client_days, &other->client_days);
	expect_same_reasons(one, other);
	expect_same_clients(one, other);
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
		assert_int_equal(store_open(scratch.store, STORE_READ, &reader, &err), 0);
		ledger_init(&stored, store_directory(reader, false, &err), cases[i].parts,
			    cases[i].from, cases[i].until);
		assert_int_equal(store_feed(reader, &stored, &err), 0);
		expect_same(&direct, &stored);
		ledger_release(&direct);
		ledger_release(&stored);
		directory_release(&directory);
		store_close(reader);
	}
	scratch_release(&scratch);
}

#define SIDE_FACTS 200000u /* several segments */

struct side {
	const struct fact_sink *sink;
	const struct attempt *attempts;
};

static void *give_attempts(void *context)
{
	const struct side *side = context;

	for (uint32_t n = 0; n < SIDE_FACTS; n++)
		side->sink->attempt(side->sink->context, &side->attempts[n]);
	return NULL;
}

/* As when a log is read: one thread hands on attempts while another tells roles. */
static void facts_of_two_threads(void **state)
{
	struct scratch scratch;
	struct attempt *attempts = calloc(SIDE_FACTS, sizeof(*attempts));
	struct side side = {.attempts = attempts};
	pthread_t thread;
	struct err err;

	(void)state;
	scratch_init(&scratch);
	scratch_open(&scratch);
	for (uint32_t n = 0; n < SIDE_FACTS; n++)
		attempts[n] = fact_attempt(n, scratch.directory);
	side.sink = &scratch.sink;
	assert_int_equal(pthread_create(&thread, NULL, give_attempts, &side), 0);
	for (uint32_t n = 0; n < SIDE_FACTS; n++) {
		struct role_fact role = {.day = n / 1000, .string = attempts[n].sender, .role = 1};

		scratch.sink.role(scratch.sink.context, &role);
	}
	pthread_join(thread, NULL);
	assert_int_equal(scratch_commit(&scratch, NULL, 0, &err), 0);
	scratch_expect(scratch.opened, "select count(*) from attempts", "200000");
	scratch_expect(scratch.opened, "select count(*) from roles", "200000");
	free(attempts);
	scratch_close(&scratch);
	scratch_release(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_of_two_threads),
		cmocka_unit_test(the_ledger_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
