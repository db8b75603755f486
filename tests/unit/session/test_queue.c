/* Queue ids: received, sender and size, deliveries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feed.h"

#define SENT(id_, to_) \
	.kind = EVENT_DELIVERY, .delivery = DELIVERY_SENT, .id = id_, .recipient = to_
#define QMGR(id_, from_, bytes_) .kind = EVENT_QUEUED, .id = id_, .sender = from_, .bytes = bytes_

static void test_postfix_message(void **state)
{
	static const struct line lines[] = {
		{0, .kind = EVENT_RECEIVED, .id = "AB1"},
		{1, QMGR("AB1", "me@y", 1000)},
		{2, SENT("AB1", "alice@Lab.Example"), .flags = EVENT_LOCAL},
		{2, SENT("AB1", "bob@lab.example"), .flags = EVENT_LOCAL},
		{3, .kind = EVENT_DELIVERY, .delivery = DELIVERY_FORWARDED, .id = "AB1"},
		{3, .kind = EVENT_DELIVERY, .delivery = DELIVERY_DEFERRED, .id = "AB1"},
		{4, QMGR("AB1", "me@y", 1000)},
		{4, .kind = EVENT_DELIVERY, .delivery = DELIVERY_DEFERRED, .id = "AB1"},
		{5, .kind = EVENT_DELIVERY, .delivery = DELIVERY_BOUNCED, .id = "AB1"},
		{6, .kind = EVENT_REMOVED, .id = "AB1"},
		{7, SENT("AB1", "late@x")},
		{7, .kind = EVENT_DELIVERY, .delivery = DELIVERY_HELD},
		{7, .kind = EVENT_DELIVERY, .delivery = DELIVERY_DISCARDED, .repeat = 2},
	};
	struct feed *feed = feed_new(NULL);
	struct slot sum;

	(void)state;
	feed_lines(feed, lines, COUNT_OF(lines), 3);
	feed_finish(feed);
	sum = feed_sum(feed);
	assert_int_equal(sum.received, 1);
	assert_int_equal(sum.bytes_received, 1000);
	assert_int_equal(sum.delivered, 3);
	assert_int_equal(sum.bytes_delivered, 2000);
	assert_int_equal(sum.forwarded, 1);
	assert_int_equal(sum.deferred, 2);
	assert_int_equal(sum.bounced, 1);
	assert_int_equal(sum.held, 1);
	assert_int_equal(sum.discarded, 2);
	assert_int_equal(sum.connections, 0);
	assert_int_equal(feed_roles(feed, "me@y", ROLE_MAIL_SENDER), 1);
	assert_int_equal(feed_roles(feed, "alice@Lab.Example", ROLE_MAIL_RECIPIENT), 1);
	assert_int_equal(feed_roles(feed, "lab.example", ROLE_LOCAL_DOMAIN), 1);
	assert_int_equal(feed->role_count, 5);
	feed_free(feed);
}

/* A bounce made here is queued, but was never received. */
static void test_not_received(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, QMGR("AB1", "", 500)});
	feed_line(feed, (struct line){0, SENT("AB1", "x@y")});
	feed_line(feed, (struct line){0, QMGR("AB2", "fwd@y", 600)});
	feed_finish(feed);
	assert_int_equal(feed_sum(feed).received, 0);
	assert_int_equal(feed_sum(feed).bytes_received, 0);
	assert_int_equal(feed_sum(feed).bytes_delivered, 500);
	assert_int_equal(feed_roles(feed, "fwd@y", ROLE_MAIL_SENDER), 0);
	feed_free(feed);
}

/* Short queue ids are used again, here before the first was seen removed. */
static void test_id_used_again(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	for (uint64_t i = 1; i <= 3; i++) {
		feed_line(feed, (struct line){0, .kind = EVENT_RECEIVED, .id = "AB1"});
		feed_line(feed, (struct line){0, QMGR("AB1", i == 1 ? "one@y" : "two@y", i * 100)});
		feed_line(feed, (struct line){0, SENT("AB1", "x@y")});
	}
	feed_line(feed, (struct line){0, .kind = EVENT_RECEIVED, .id = "AB1", .host = "mx2"});
	feed_finish(feed);
	assert_int_equal(feed_sum(feed).received, 4);
	assert_int_equal(feed_sum(feed).bytes_received, 600);
	assert_int_equal(feed_sum(feed).bytes_delivered, 600);
	assert_int_equal(feed_roles(feed, "one@y", ROLE_MAIL_SENDER), 1);
	assert_int_equal(feed_roles(feed, "two@y", ROLE_MAIL_SENDER), 1);
	feed_free(feed);
}

/* Exim says all of it on one line. */
static void test_exim_message(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed,
		  (struct line){0, EVENT_RECEIVED, KEY_CLIENT, .client = "192.0.2.1", .id = "1xU",
				.sender = "me@y", .bytes = 900, .mta = MTA_EXIM});
	feed_line(feed, (struct line){0, SENT("1xU", "x@y"), .mta = MTA_EXIM});
	feed_line(feed, (struct line){0, SENT("1xU", "z@y"), .bytes = 950, .mta = MTA_EXIM});
	feed_finish(feed);
	assert_int_equal(feed_sum(feed).received, 1);
	assert_int_equal(feed_sum(feed).bytes_received, 900);
	/* S= of a delivery is what went out, with headers of its own. */
	assert_int_equal(feed_sum(feed).bytes_delivered, 1800);
	assert_int_equal(feed->facts[0].accepted, 1);
	feed_free(feed);
}

static void test_bound_and_expiry(void **state)
{
	struct session_options options = {.open_max = 10};
	struct feed *feed = feed_new(&options);
	char id[16];

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "Q%d", i);
		feed_line(feed, (struct line){0, QMGR(id, "a@b", 100)});
		if (i < 5)
			feed_line(feed, (struct line){0, SENT(id, "x@y")});
	}
	assert_int_equal(sessions_forgotten(feed->sessions), 5);
	feed_line(feed, (struct line){INT64_C(90000) * 1000, SENT("Q19", "x@y")});
	feed_finish(feed);
	assert_int_equal(feed_sum(feed).bytes_delivered, 500);
	feed_free(feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_postfix_message),	 cmocka_unit_test(test_not_received),
		cmocka_unit_test(test_id_used_again),	 cmocka_unit_test(test_exim_message),
		cmocka_unit_test(test_bound_and_expiry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
