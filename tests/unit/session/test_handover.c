/* Sessions that one process begins and another goes on with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feed.h"

#define A "192.0.2.1"
#define B "192.0.2.2"
#define SCREEN(client_, port_) .key = KEY_CLIENT_PORT, .client = client_, .port = port_
#define SMTPD(client_, pid_) .key = KEY_PROCESS, .client = client_, .pid = pid_

static void test_joined(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SCREEN(A, 5)});
	feed_line(feed, (struct line){1000, EVENT_REFUSAL, SCREEN(A, 5), .code = 450,
				      .reason = REASON_DNSBL});
	feed_line(feed, (struct line){6000, EVENT_HANDOVER, SCREEN(A, 5)});
	feed_line(feed, (struct line){6100, EVENT_CONNECT, SMTPD(A, 1)});
	feed_line(feed, (struct line){6200, EVENT_REFUSAL, SMTPD(A, 1), .code = 550});
	feed_line(feed, (struct line){7000, EVENT_DISCONNECT, SMTPD(A, 1)});
	feed_finish(feed);
	assert_int_equal(feed->fact_count, 1);
	assert_int_equal(feed->facts[0].duration_ms, 7000);
	assert_int_equal(feed->facts[0].refusals, 2);
	assert_int_equal(feed->facts[0].flags, 0);
	assert_int_equal(feed_sum(feed).connections, 1);
	assert_int_equal(feed_sum(feed).peak_concurrent, 1);
	feed_free(feed);
}

/* Whose connection was handed over without a CONNECT line. */
static void test_begin_not_seen(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_HANDOVER, SCREEN(A, 5)});
	feed_line(feed, (struct line){100, EVENT_CONNECT, SMTPD(A, 1)});
	feed_line(feed, (struct line){900, EVENT_DISCONNECT, SMTPD(A, 1)});
	assert_int_equal(feed->fact_count, 1);
	assert_int_equal(feed->facts[0].duration_ms, 900);
	feed_free(feed);
}

static void test_other_clients_are_not_taken(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SCREEN(A, 5)});
	feed_line(feed, (struct line){0, EVENT_HANDOVER, SCREEN(A, 5)});
	feed_line(feed, (struct line){500, EVENT_CONNECT, SMTPD(B, 1)});
	feed_line(feed, (struct line){500, EVENT_CONNECT, SMTPD(A, 2), .host = "mx2"});
	feed_line(feed, (struct line){1000, EVENT_DISCONNECT, SMTPD(B, 1)});
	feed_line(feed, (struct line){1000, EVENT_DISCONNECT, SMTPD(A, 2), .host = "mx2"});
	assert_int_equal(feed->facts[0].duration_ms, 500);
	assert_int_equal(feed->facts[1].duration_ms, 500);
	feed_finish(feed);
	assert_int_equal(feed->fact_count, 3);
	feed_free(feed);
}

/* First handed over, first taken; nobody takes the third, and it ends where it was. */
static void test_order_and_nobody(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	for (uint16_t port = 1; port <= 3; port++) {
		feed_line(feed, (struct line){port * 1000, EVENT_CONNECT, SCREEN(A, port)});
		feed_line(feed, (struct line){port * 1000 + 10, EVENT_HANDOVER, SCREEN(A, port)});
	}
	for (uint32_t pid = 1; pid <= 2; pid++)
		feed_line(feed, (struct line){4000, EVENT_CONNECT, SMTPD(A, pid)});
	for (uint32_t pid = 1; pid <= 2; pid++)
		feed_line(feed, (struct line){5000, EVENT_DISCONNECT, SMTPD(A, pid)});
	assert_int_equal(feed->facts[0].duration_ms, 4000);
	assert_int_equal(feed->facts[1].duration_ms, 3000);
	feed_line(feed, (struct line){103000, .kind = EVENT_REMOVED});
	assert_int_equal(feed->fact_count, 2);
	feed_line(feed, (struct line){105000, .kind = EVENT_REMOVED});
	assert_int_equal(feed->fact_count, 3);
	assert_int_equal(feed->facts[2].duration_ms, 10);
	assert_int_equal(feed->facts[2].flags, SESSION_INFERRED | SESSION_EXPIRED);
	feed_free(feed);
}

/* Where nothing needs a test, postscreen says no word between its CONNECT and smtpd's. */
static void test_silent(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SCREEN(A, 4)});
	feed_line(feed, (struct line){0, EVENT_REFUSAL, SCREEN(A, 4)});
	feed_line(feed, (struct line){1000, EVENT_CONNECT, SCREEN(A, 5)});
	feed_line(feed, (struct line){1500, EVENT_ACTIVITY, SCREEN(A, 5)});
	feed_line(feed, (struct line){2000, EVENT_CONNECT, SMTPD(A, 1)});
	feed_line(feed, (struct line){3000, EVENT_CONNECT, SMTPD(A, 2)});
	feed_line(feed, (struct line){4000, EVENT_DISCONNECT, SMTPD(A, 1)});
	feed_line(feed, (struct line){4000, EVENT_DISCONNECT, SMTPD(A, 2)});
	feed_line(feed, (struct line){5000, EVENT_DISCONNECT, SCREEN(A, 4)});
	feed_finish(feed);
	assert_int_equal(feed->fact_count, 3);
	assert_int_equal(feed->facts[0].duration_ms, 3000);
	assert_int_equal(feed->facts[1].duration_ms, 1000);
	assert_int_equal(feed->facts[2].duration_ms, 5000);
	feed_free(feed);
}

/* After deep protocol tests a client has passed, but must come again. */
static void test_passed_but_not_forwarded(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SCREEN(A, 5)});
	feed_line(feed, (struct line){6000, EVENT_HANDOVER, SCREEN(A, 5)});
	feed_line(feed, (struct line){6500, EVENT_DISCONNECT, SCREEN(A, 5)});
	feed_line(feed, (struct line){7000, EVENT_CONNECT, SMTPD(A, 1)});
	feed_line(feed, (struct line){8000, EVENT_DISCONNECT, SMTPD(A, 1)});
	feed_finish(feed);
	assert_int_equal(feed->fact_count, 2);
	assert_int_equal(feed->facts[0].duration_ms, 6500);
	assert_int_equal(feed->facts[1].duration_ms, 1000);
	assert_int_equal(feed->facts[0].flags | feed->facts[1].flags, 0);
	feed_free(feed);
}

/* One client, hand-overs that no smtpd takes: each line costs the same. */
static void test_flood(void **state)
{
	struct session_options options = {.open_max = 1000000};
	struct feed *feed = feed_new(&options);
	const uint32_t floods = 60000;

	(void)state;
	for (uint32_t i = 0; i < floods; i++) {
		uint16_t port = (uint16_t)(i + 1);

		feed_line(feed, (struct line){0, EVENT_CONNECT, SCREEN(A, port)});
		feed_line(feed, (struct line){0, EVENT_HANDOVER, SCREEN(A, port)});
	}
	for (uint32_t i = 0; i < 1000; i++)
		feed_line(feed, (struct line){1000, EVENT_CONNECT, SMTPD(A, i)});
	for (uint32_t i = 0; i < 1000; i++)
		feed_line(feed, (struct line){2000, EVENT_DISCONNECT, SMTPD(A, i)});
	assert_int_equal(feed->fact_count, 1000);
	assert_int_equal(feed_sum(feed).peak_concurrent, 0); /* not handed out yet */
	sessions_flush(feed->sessions);
	assert_int_equal(feed_sum(feed).peak_concurrent, floods);
	feed_free(feed);
}

/* Exim's daemon logs connections, its children what follows. */
static void test_exim_daemon(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SMTPD(A, 10), .mta = MTA_EXIM});
	feed_line(feed, (struct line){500, EVENT_CONNECT, SMTPD(B, 10), .mta = MTA_EXIM});
	feed_line(feed, (struct line){600, EVENT_ACTIVITY, SMTPD(A, 11), .mta = MTA_EXIM});
	feed_line(feed, (struct line){1000, EVENT_DISCONNECT, SMTPD(B, 12), .mta = MTA_EXIM});
	feed_line(feed, (struct line){2000, EVENT_DISCONNECT, SMTPD(A, 11), .mta = MTA_EXIM});
	feed_finish(feed);
	assert_int_equal(feed->fact_count, 2);
	assert_int_equal(feed->facts[0].duration_ms, 500);
	assert_int_equal(feed->facts[1].duration_ms, 2000);
	assert_int_equal(feed->facts[0].flags | feed->facts[1].flags, 0);
	assert_int_equal(feed_sum(feed).peak_concurrent, 2);
	feed_free(feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_begin_not_seen),
		cmocka_unit_test(test_other_clients_are_not_taken),
		cmocka_unit_test(test_order_and_nobody),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_passed_but_not_forwarded),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_exim_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
