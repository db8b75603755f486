/* Counts by the quarter of an hour; roles by the day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feed.h"

#define QUARTER INT64_C(900000)
#define SMTPD(pid_) .key = KEY_PROCESS, .pid = pid_, .client = "192.0.2.1"

/* A session is booked where it ends, as pflogsumm does. */
static void test_booked_at_end(void **state)
{
	struct feed *feed = feed_new(NULL);
	struct slot first, last;

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SMTPD(1)});
	feed_line(feed, (struct line){0, EVENT_REFUSAL, SMTPD(1), .reason = REASON_RELAY_DENIED});
	feed_line(feed, (struct line){QUARTER, EVENT_CONNECT, SMTPD(2)});
	feed_line(feed, (struct line){QUARTER + 500, EVENT_DISCONNECT, SMTPD(2)});
	feed_line(feed, (struct line){QUARTER + 700, EVENT_DISCONNECT, SMTPD(1)});
	feed_finish(feed);
	first = feed_slot(feed, 0);
	last = feed_slot(feed, QUARTER);
	assert_int_equal(first.connections, 0);
	assert_int_equal(first.relay_attempts, 1);
	assert_int_equal(first.probes, 0);
	assert_int_equal(last.connections, 2);
	assert_int_equal(last.sessions_exact, 2);
	assert_int_equal(last.connected_ms, 500 + QUARTER + 700);
	assert_int_equal(last.max_ms, QUARTER + 700);
	assert_int_equal(last.probes, 1);
	feed_free(feed);
}

/* Inferred sessions are connections, too, but nobody knows how long. */
static void test_inferred(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_ACTIVITY, KEY_CLIENT, .client = "192.0.2.1"});
	feed_line(feed, (struct line){9000, EVENT_ACTIVITY, KEY_CLIENT, .client = "192.0.2.1"});
	feed_finish(feed);
	assert_int_equal(feed_sum(feed).connections, 1);
	assert_int_equal(feed_sum(feed).sessions_exact, 0);
	assert_int_equal(feed_sum(feed).connected_ms, 0);
	assert_int_equal(feed_sum(feed).peak_concurrent, 0);
	feed_free(feed);
}

/* However far apart or mixed the quarters are, none is lost. */
static void test_many_quarters(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	for (int64_t i = 0; i < 300; i++)
		feed_line(feed, (struct line){i * 7 % 100 * QUARTER, .kind = EVENT_RECEIVED});
	feed_finish(feed);
	assert_int_equal(feed->slot_count, 100);
	for (int64_t i = 0; i < 100; i++)
		assert_int_equal(feed_slot(feed, i * QUARTER).received, 3);
	feed_free(feed);
}

static void test_rejected_of_any_kind(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, .kind = EVENT_DELIVERY, .delivery = DELIVERY_HELD,
				      .flags = EVENT_REJECTED, .repeat = 4});
	feed_line(feed, (struct line){0, .kind = EVENT_REFUSAL, .flags = EVENT_REJECTED});
	feed_line(feed, (struct line){0, .kind = EVENT_REFUSAL});
	feed_finish(feed);
	assert_int_equal(feed_sum(feed).rejected, 5);
	assert_int_equal(feed_sum(feed).held, 4);
	assert_int_equal(feed->attempt_count, 2);
	feed_free(feed);
}

static void deliver(struct feed *feed, int64_t at_ms, const char *recipient)
{
	feed_line(feed, (struct line){at_ms, .kind = EVENT_DELIVERY, .delivery = DELIVERY_SENT,
				      .recipient = recipient, .flags = EVENT_LOCAL});
}

/* Each role once a day, whatever the order around midnight. */
static void test_roles(void **state)
{
	const int64_t day = INT64_C(86400) * 1000;
	struct feed *feed = feed_new(NULL);

	(void)state;
	for (int i = 0; i < 5; i++) {
		deliver(feed, i, "a@X.Example");
		deliver(feed, day + i, "a@x.EXAMPLE");
		deliver(feed, i, "no-domain");
		deliver(feed, i, "");
		deliver(feed, i, "ends@");
	}
	sessions_flush(feed->sessions);
	assert_int_equal(feed_roles(feed, "x.example", ROLE_LOCAL_DOMAIN), 2);
	assert_int_equal(feed_roles(feed, "a@X.Example", ROLE_MAIL_RECIPIENT), 1);
	assert_int_equal(feed_roles(feed, "a@x.EXAMPLE", ROLE_MAIL_RECIPIENT), 1);
	assert_int_equal(feed->role_count, 6);
	deliver(feed, 2 * day, "a@X.Example");
	sessions_flush(feed->sessions);
	assert_int_equal(feed_roles(feed, "a@X.Example", ROLE_MAIL_RECIPIENT), 2);
	feed_free(feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_booked_at_end),	     cmocka_unit_test(test_inferred),
		cmocka_unit_test(test_many_quarters),	     cmocka_unit_test(test_roles),
		cmocka_unit_test(test_rejected_of_any_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
