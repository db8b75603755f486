/* A plan played against history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "block/history.h"
#include "sample_plan.h"

#define T 1700000000u
#define HOUR 3600u

struct past {
	struct directory directory;
	struct history history;
	struct plan plan;
	struct effect effect;
	struct block_effect effects[4];
	struct lost_list lost;
};

static void past_init(struct past *past)
{
	*past = (struct past){0};
	directory_init(&past->directory);
	history_init(&past->history, 0, UINT32_MAX);
}

static void past_release(struct past *past)
{
	free(past->lost.list);
	plan_release(&past->plan);
	history_release(&past->history);
	directory_release(&past->directory);
}

static void session(struct past *past, const char *address, uint32_t start, uint32_t length,
		    uint16_t refusals, uint16_t accepted)
{
	struct fact_sink sink = history_sink(&past->history);
	struct session_fact fact = {
		.start = start, .end = start + length, .refusals = refusals, .accepted = accepted};
	struct ip ip;

	assert_true(ip_parse(view_string(address), &ip));
	fact.client = directory_client(&past->directory, &ip);
	sink.session(sink.context, &fact);
}

static void block(struct past *past, const char *prefix, uint32_t decided, uint32_t lasts_s)
{
	sample_add(&past->plan, prefix, "why");
	past->plan.blocks[past->plan.count - 1].decided = decided;
	past->plan.blocks[past->plan.count - 1].lasts_s = lasts_s;
}

static void play(struct past *past, uint32_t ttl_s)
{
	free(past->lost.list);
	memset(past->effects, 0, sizeof(past->effects));
	history_play(&past->history, &past->plan, &past->directory, ttl_s, &past->effect,
		     past->effects, &past->lost);
}

/* A client that comes once an hour for 40 hours and is always refused twice. */
static void time_to_live(void **state)
{
	static const struct {
		uint32_t ttl_s;
		uint64_t stopped;
		uint32_t times;
	} rows[] = {
		/* Decided at the first visit, hour 0. In force for 1 h, then 2 h, 4 h, …: visits
		   at 2, 5, 10, 19, 36 come through. */
		{HOUR, 34, 6},
		{6 * HOUR, 37, 3}, /* through at 7, 20 */
		{40 * HOUR, 39, 1},
		{0, 37, 3}, /* the plan's own */
	};
	struct past past;

	(void)state;
	past_init(&past);
	for (uint32_t hour = 0; hour < 40; hour++)
		session(&past, "192.0.2.7", T + hour * HOUR, 0, 2, 0);
	session(&past, "198.51.100.1", T + 5, 3, 1, 0);
	block(&past, "192.0.2.0/28", T, 6 * HOUR);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		play(&past, rows[i].ttl_s);
		assert_int_equal(past.effect.connections_total, 41);
		assert_int_equal(past.effect.refusals_total, 81);
		assert_int_equal(past.effect.connections_stopped, rows[i].stopped);
		assert_int_equal(past.effect.refusals_saved, 2 * rows[i].stopped);
		assert_int_equal(past.effects[0].connections_stopped, rows[i].stopped);
		assert_int_equal(past.effects[0].times, rows[i].times);
		assert_int_equal(past.effect.clients, 1);
		assert_int_equal(past.effect.wanted_messages_lost, 0);
	}
	past_release(&past);
}

/* What is not refused does not put a block in force again, and is told if it is lost. */
static void wanted_mail_is_told(void **state)
{
	struct past past;

	(void)state;
	past_init(&past);
	session(&past, "192.0.2.7", T, 1, 1, 0);
	session(&past, "192.0.2.7", T + 60, 1, 0, 3);
	session(&past, "192.0.2.7", T + 600, 1, 0, 2);
	session(&past, "192.0.2.7", T + 2 * HOUR, 1, 0, 5);
	session(&past, "192.0.2.7", T + 2 * HOUR + 60, 1, 0, 5);
	block(&past, "192.0.2.7", T, HOUR);
	play(&past, 0);
	assert_int_equal(past.effect.connections_stopped, 2);
	assert_int_equal(past.effect.wanted_messages_lost, 5);
	assert_int_equal(past.lost.count, 1);
	assert_int_equal(past.lost.list[0].messages, 5);
	assert_int_equal(past.lost.list[0].first, T + 60);
	assert_int_equal(past.lost.list[0].last, T + 600);
	past_release(&past);
}

/* 100 and more at once, some 20 of them wanted. Every bot holds its connection for half a minute
   and comes back; each is decided after ten minutes. */
static void a_flood_frees_processes(void **state)
{
	struct past past;
	char address[32];

	(void)state;
	past_init(&past);
	for (uint32_t bot = 0; bot < 4; bot++)
		for (uint32_t at = 0; at < 2 * HOUR; at += 30)
			for (uint32_t n = 0; n < 20; n++) {
				snprintf(address, sizeof(address), "192.0.2.%u", bot + 1);
				session(&past, address, T + at, 31, 1, 0);
			}
	for (uint32_t at = 0; at < 2 * HOUR; at += 60)
		for (uint32_t n = 0; n < 22; n++) {
			snprintf(address, sizeof(address), "198.51.100.%u", n + 1);
			session(&past, address, T + at, 20, 0, 1);
		}
	for (uint32_t bot = 0; bot < 4; bot++) {
		snprintf(address, sizeof(address), "192.0.2.%u", bot + 1);
		block(&past, address, T + 600, 86400);
	}
	play(&past, 0);
	assert_in_range(past.effect.peak_before, 100, 200);
	assert_in_range(past.effect.peak_after, 20, 25);
	assert_int_equal(past.effect.peak_with_onset, past.effect.peak_before);
	assert_int_equal(past.effect.wanted_messages_lost, 0);
	past_release(&past);
}

static void at_once(void **state)
{
	static const struct {
		uint32_t sessions[4][2]; /* start, length */
		uint32_t peak;
	} rows[] = {
		{{{0, 0}}, 1},
		{{{0, 5}, {5, 5}, {10, 5}, {15, 5}}, 1},
		{{{0, 6}, {5, 6}, {10, 6}, {15, 6}}, 2},
		{{{0, 20}, {1, 0}, {2, 0}, {3, 0}}, 2},
		{{{0, 20}, {0, 20}, {0, 20}, {0, 20}}, 4},
		{{{0, 20}, {5, 3}, {6, 1}, {9, 1}}, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct past past;

		past_init(&past);
		for (size_t n = 0; n < 4; n++)
			if (n == 0 || rows[i].sessions[n][0])
				session(&past, "192.0.2.1", T + rows[i].sessions[n][0],
					rows[i].sessions[n][1], 0, 0);
			else if (rows[i].sessions[n][1])
				session(&past, "192.0.2.2", T, rows[i].sessions[n][1], 0, 0);
		play(&past, 0);
		if (past.effect.peak_before != rows[i].peak)
			fail_msg("row %zu: %u", i, past.effect.peak_before);
		assert_int_equal(past.effect.peak_after, rows[i].peak);
		past_release(&past);
	}
}

static void nothing_at_all(void **state)
{
	struct past past;

	(void)state;
	past_init(&past);
	play(&past, 0);
	assert_int_equal(past.effect.peak_before, 0);
	assert_int_equal(past.effect.connections_total, 0);
	past_release(&past);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_to_live),
		cmocka_unit_test(wanted_mail_is_told),
		cmocka_unit_test(a_flood_frees_processes),
		cmocka_unit_test(at_once),
		cmocka_unit_test(nothing_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
