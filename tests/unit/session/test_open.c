/* Open sessions: begun, ended, told apart, expired. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feed.h"

#define SMTPD .key = KEY_PROCESS, .pid = 100
#define A "192.0.2.1"
#define B "192.0.2.2"

struct expected {
	const char *client;
	uint32_t start, end; /* seconds after FEED_START */
	uint32_t duration_ms;
	uint32_t flags;
	uint16_t refusals, accepted;
};

struct lines_case {
	const char *what;
	struct line lines[8];
	struct expected expected[4];
};

static const struct lines_case cases[] = {
	{"connect to disconnect is exact",
	 {{0, EVENT_CONNECT, SMTPD, .client = A}, {2500, EVENT_DISCONNECT, SMTPD, .client = A}},
	 {{A, 0, 2, 2500, 0, 0, 0}}},
	{"a session with an unknown client still is one",
	 {{0, EVENT_CONNECT, SMTPD}, {1000, EVENT_DISCONNECT, SMTPD}},
	 {{"none", 0, 1, 1000, 0, 0, 0}}},
	{"lost, then disconnect: the disconnect is the end",
	 {{0, EVENT_CONNECT, SMTPD, .client = A},
	  {1000, EVENT_LOST, SMTPD, .client = A},
	  {1500, EVENT_DISCONNECT, SMTPD, .client = A}},
	 {{A, 0, 1, 1500, SESSION_LOST, 0, 0}}},
	{"lost and nothing more: that was the end",
	 {{0, EVENT_CONNECT, SMTPD, .client = A},
	  {1000, EVENT_LOST, SMTPD, .client = A},
	  {90000, EVENT_CONNECT, .key = KEY_PROCESS, .pid = 7, .client = B},
	  {91000, EVENT_DISCONNECT, .key = KEY_PROCESS, .pid = 7, .client = B}},
	 {{A, 0, 1, 1000, SESSION_LOST, 0, 0}, {B, 90, 91, 1000, 0, 0, 0}}},
	{"a new connect of the process ends what it served before",
	 {{0, EVENT_CONNECT, SMTPD, .client = A},
	  {1000, EVENT_ACTIVITY, SMTPD, .client = A},
	  {5000, EVENT_CONNECT, SMTPD, .client = A},
	  {6000, EVENT_DISCONNECT, SMTPD, .client = A}},
	 {{A, 0, 1, 1000, SESSION_INFERRED | SESSION_EXPIRED, 0, 0}, {A, 5, 6, 1000, 0, 0, 0}}},
	{"another client in the same process is another session",
	 {{0, EVENT_ACTIVITY, SMTPD, .client = A}, {1000, EVENT_DISCONNECT, SMTPD, .client = B}},
	 {{A, 0, 0, 0, SESSION_INFERRED | SESSION_EXPIRED, 0, 0},
	  {B, 1, 1, 0, SESSION_INFERRED, 0, 0}}},
	{"the same process number on another machine",
	 {{0, EVENT_CONNECT, SMTPD, .client = A, .host = "mx1"},
	  {0, EVENT_CONNECT, SMTPD, .client = A, .host = "mx2"},
	  {1000, EVENT_DISCONNECT, SMTPD, .client = A, .host = "mx1"},
	  {3000, EVENT_DISCONNECT, SMTPD, .client = A, .host = "mx2"}},
	 {{A, 0, 1, 1000, 0, 0, 0}, {A, 0, 3, 3000, 0, 0, 0}}},
	{"client and port tell sessions of one client apart",
	 {{0, EVENT_CONNECT, KEY_CLIENT_PORT, .client = A, .port = 1},
	  {0, EVENT_CONNECT, KEY_CLIENT_PORT, .client = A, .port = 2},
	  {1000, EVENT_DISCONNECT, KEY_CLIENT_PORT, .client = A, .port = 2},
	  {2000, EVENT_DISCONNECT, KEY_CLIENT_PORT, .client = A, .port = 1}},
	 {{A, 0, 1, 1000, 0, 0, 0}, {A, 0, 2, 2000, 0, 0, 0}}},
	{"inferred: lines of a client, no more than the gap apart",
	 {{0, EVENT_ACTIVITY, KEY_CLIENT, .client = A},
	  {60000, EVENT_REFUSAL, KEY_CLIENT, .client = A},
	  {121000, EVENT_ACTIVITY, KEY_CLIENT, .client = A}},
	 {{A, 0, 60, 60000, SESSION_INFERRED, 1, 0}, {A, 121, 121, 0, SESSION_INFERRED, 0, 0}}},
	{"inferred: what comes after a lost connection is another session",
	 {{0, EVENT_REFUSAL, KEY_CLIENT, .client = A},
	  {1000, EVENT_LOST, KEY_CLIENT, .client = A},
	  {1000, EVENT_ACTIVITY, KEY_CLIENT, .client = A, .flags = EVENT_KEEPALIVE_ONLY},
	  {2000, EVENT_REFUSAL, KEY_CLIENT, .client = A}},
	 {{A, 0, 1, 1000, SESSION_INFERRED | SESSION_LOST, 1, 0},
	  {A, 2, 2, 0, SESSION_INFERRED, 1, 0}}},
	{"clients alone: connections that overlap, each with its end",
	 {{0, EVENT_CONNECT, KEY_CLIENT, .client = A, .mta = MTA_EXIM},
	  {1000, EVENT_CONNECT, KEY_CLIENT, .client = A, .mta = MTA_EXIM},
	  {2000, EVENT_DISCONNECT, KEY_CLIENT, .client = A, .mta = MTA_EXIM},
	  {4000, EVENT_DISCONNECT, KEY_CLIENT, .client = A, .mta = MTA_EXIM}},
	 {{A, 0, 2, 2000, 0, 0, 0}, {A, 1, 4, 3000, 0, 0, 0}}},
	{"a line that is no start of a session starts none",
	 {{0, EVENT_ACTIVITY, KEY_CLIENT, .client = A, .flags = EVENT_KEEPALIVE_ONLY},
	  {0, EVENT_DISCONNECT, KEY_CLIENT, .client = A, .flags = EVENT_KEEPALIVE_ONLY}},
	 {{0}}},
	{"Exim's D= tells the begin",
	 {{5000, EVENT_LOST, KEY_CLIENT_PORT, .client = A, .port = 9, .delay_s1 = 4}},
	 {{A, 2, 5, 3000, SESSION_LOST, 0, 0}}},
	{"a process whose client is told late",
	 {{0, EVENT_ACTIVITY, SMTPD, .mta = MTA_SENDMAIL},
	  {1000, EVENT_RECEIVED, SMTPD, .mta = MTA_SENDMAIL, .client = A, .sender = "a@b"}},
	 {{A, 0, 1, 1000, SESSION_INFERRED | SESSION_EXPIRED, 0, 1}}},
	{"a process that serves no client is none",
	 {{0, EVENT_ACTIVITY, SMTPD, .mta = MTA_SENDMAIL}},
	 {{0}}},
	{"a local submission is no connection",
	 {{0, EVENT_RECEIVED, SMTPD, .mta = MTA_SENDMAIL, .sender = "root@here"}},
	 {{"none", 0, 0, 0, SESSION_INFERRED | SESSION_EXPIRED | SESSION_UNTIMED, 0, 1}}},
	{"authenticated clients are marked",
	 {{0, EVENT_CONNECT, SMTPD, .client = A},
	  {10, EVENT_AUTH_OK, SMTPD, .client = A, .sender = "alice"},
	  {1000, EVENT_DISCONNECT, SMTPD, .client = A}},
	 {{A, 0, 1, 1000, SESSION_OUTBOUND, 0, 0}}},
	{"dropped by the server",
	 {{0, EVENT_CONNECT, SMTPD, .client = A},
	  {10, EVENT_REFUSAL, SMTPD, .client = A, .flags = EVENT_ENDS_SESSION},
	  {20, EVENT_DISCONNECT, SMTPD, .client = A}},
	 {{A, 0, 0, 20, SESSION_DROPPED, 1, 0}}},
};

static void check_fact(const struct feed *feed, size_t i, const struct expected *expected)
{
	const struct session_fact *fact = &feed->facts[i];

	assert_string_equal(feed_client(feed, fact->client), expected->client);
	assert_int_equal(fact->start, FEED_START + expected->start);
	assert_int_equal(fact->end, FEED_START + expected->end);
	assert_int_equal(fact->duration_ms, expected->duration_ms);
	assert_int_equal(fact->flags, expected->flags);
	assert_int_equal(fact->refusals, expected->refusals);
	assert_int_equal(fact->accepted, expected->accepted);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t c = 0; c < COUNT_OF(cases); c++) {
		size_t lines = 0, facts = 0, timed = 0;

		while (lines < COUNT_OF(cases[c].lines) && cases[c].lines[lines].kind)
			lines++;
		while (facts < COUNT_OF(cases[c].expected) && cases[c].expected[facts].client)
			timed += !(cases[c].expected[facts++].flags & SESSION_UNTIMED);
		for (size_t chunk = 1; chunk <= lines; chunk++) {
			struct feed *feed = feed_new(NULL);

			print_message("%s\n", cases[c].what);
			feed_lines(feed, cases[c].lines, lines, chunk);
			feed_finish(feed);
			assert_int_equal(feed->fact_count, facts);
			for (size_t i = 0; i < facts; i++)
				check_fact(feed, i, &cases[c].expected[i]);
			assert_int_equal(feed_sum(feed).connections, timed);
			feed_free(feed);
		}
	}
}

static void test_details(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SMTPD, .client = A, .name = "mail.example",
				      .flags = EVENT_NAME_UNSURE});
	feed_line(feed, (struct line){1, EVENT_ACTIVITY, SMTPD, .client = A, .helo = "first"});
	feed_line(feed, (struct line){2, EVENT_REFUSAL, SMTPD, .client = A, .helo = "second",
				      .reason = REASON_GREYLIST, .code = 450, .repeat = 3});
	feed_line(feed, (struct line){3, EVENT_REFUSAL, SMTPD, .client = A, .code = 550,
				      .reason = REASON_DNSBL});
	feed_line(feed, (struct line){4, EVENT_AUTH_FAILED, SMTPD, .client = A, .sender = "info",
				      .reason = REASON_AUTH_FAILED, .code = 535});
	feed_line(feed, (struct line){5, EVENT_DISCONNECT, SMTPD, .client = A,
				      .commands = {.accepted = 3, .refused = 5}});
	assert_int_equal(feed->fact_count, 1);
	assert_string_equal(feed_string(feed, feed->facts[0].helo), "second");
	assert_int_equal(feed->facts[0].refusals, 5);
	assert_int_equal(feed->facts[0].users_failed, 1);
	assert_int_equal(feed->facts[0].flags, SESSION_NAME_UNSURE);
	assert_int_equal(feed->facts[0].commands, 8);
	assert_int_equal(feed->facts[0].commands_refused, 5);
	assert_int_equal(feed->facts[0].reasons, 1u << REASON_GREYLIST | 1u << REASON_DNSBL |
							 1u << REASON_AUTH_FAILED |
							 SESSION_TEMPORARY | SESSION_PERMANENT);
	assert_string_equal(feed_string(feed, directory_client_at(&feed->directory, 1)->name),
			    "mail.example");
	feed_free(feed);
}

static void test_counts_saturate(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SMTPD, .client = A});
	for (int i = 0; i < 3; i++)
		feed_line(feed, (struct line){0, EVENT_REFUSAL, SMTPD, .client = A,
					      .repeat = UINT32_MAX, .reason = REASON_RELAY_DENIED});
	feed_finish(feed);
	assert_int_equal(feed->facts[0].refusals, UINT16_MAX);
	assert_int_equal(feed->facts[0].relay_refusals, UINT16_MAX);
	feed_free(feed);
}

static void test_expire(void **state)
{
	struct session_options options = {.gap_s = 10, .expire_s = 100};
	struct feed *feed = feed_new(&options);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SMTPD, .client = A});
	feed_line(feed, (struct line){50000, EVENT_ACTIVITY, SMTPD, .client = A});
	feed_line(feed, (struct line){140000, EVENT_ACTIVITY, KEY_CLIENT, .client = B});
	assert_int_equal(feed->fact_count, 0);
	feed_line(feed, (struct line){150000, .kind = EVENT_REMOVED});
	assert_int_equal(feed->fact_count, 0);
	feed_line(feed, (struct line){151000, .kind = EVENT_REMOVED});
	assert_int_equal(feed->fact_count, 2);
	assert_int_equal(feed->facts[0].duration_ms, 50000);
	assert_int_equal(feed->facts[0].flags, SESSION_INFERRED | SESSION_EXPIRED);
	assert_int_equal(feed->facts[1].flags, SESSION_INFERRED);
	feed_free(feed);
}

/* The clock is set back by hours: what is open stays, and ends where it ends. */
static void test_clock_back(void **state)
{
	const int64_t hour = 3600 * 1000;
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){5 * hour, EVENT_CONNECT, SMTPD, .client = A});
	feed_line(feed, (struct line){2 * hour, EVENT_CONNECT, .key = KEY_PROCESS, .pid = 2,
				      .client = B});
	feed_line(feed, (struct line){2 * hour + 1000, EVENT_DISCONNECT, SMTPD, .client = A});
	feed_line(feed, (struct line){2 * hour + 3000, EVENT_DISCONNECT, .key = KEY_PROCESS,
				      .pid = 2, .client = B});
	assert_int_equal(feed->fact_count, 2);
	assert_int_equal(feed->facts[0].duration_ms, 0);
	assert_int_equal(feed->facts[0].start, feed->facts[0].end);
	assert_int_equal(feed->facts[1].duration_ms, 3000);
	/* Silence is measured by the new time. */
	feed_line(feed, (struct line){3 * hour, EVENT_CONNECT, SMTPD, .client = A});
	feed_line(feed, (struct line){4 * hour, .kind = EVENT_REMOVED});
	assert_int_equal(feed->fact_count, 2);
	feed_line(feed, (struct line){4 * hour + 1000, .kind = EVENT_REMOVED});
	assert_int_equal(feed->fact_count, 3);
	feed_free(feed);
}

/* Two logs two hours apart, line by line: nothing expires for that. */
static void test_clock_zigzag(void **state)
{
	const int64_t apart = 7200 * 1000;
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){apart, EVENT_CONNECT, SMTPD, .client = A});
	feed_line(feed, (struct line){0, EVENT_CONNECT, SMTPD, .client = B, .host = "mx2"});
	for (int64_t i = 1; i < 1000; i++) {
		feed_line(feed,
			  (struct line){apart + i * 1000, EVENT_ACTIVITY, SMTPD, .client = A});
		feed_line(feed, (struct line){i * 1000, EVENT_ACTIVITY, SMTPD, .client = B,
					      .host = "mx2"});
	}
	assert_int_equal(feed->fact_count, 0);
	feed_finish(feed);
	assert_int_equal(feed->facts[0].duration_ms, 999000);
	assert_int_equal(feed->facts[1].duration_ms, 999000);
	feed_free(feed);
}

/* Times that no log should have. */
static void test_clock_extremes(void **state)
{
	const int64_t times[] = {0, -FEED_START * INT64_C(1000) - 5000, INT64_C(10) << 40, 5000,
				 INT64_C(1) << 50};
	struct feed *feed = feed_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		struct event event = feed_event(
			&(struct line){0, EVENT_CONNECT, SMTPD, .client = A, .host = "x"});

		event.time_s = times[i] / 1000;
		event.pid = (uint32_t)i;
		sessions_take(feed->sessions, &event, 1);
	}
	feed_finish(feed);
	assert_int_equal(feed->fact_count, COUNT_OF(times));
	feed_free(feed);
}

static void test_bound(void **state)
{
	struct session_options options = {.open_max = 50};
	struct feed *feed = feed_new(&options);

	(void)state;
	for (uint32_t pid = 1; pid <= 200; pid++)
		feed_line(feed, (struct line){pid, EVENT_CONNECT, .key = KEY_PROCESS, .pid = pid,
					      .client = A});
	assert_int_equal(feed->fact_count, 150);
	assert_int_equal(sessions_forgotten(feed->sessions), 150);
	assert_int_equal(feed->facts[0].number, 1);
	assert_int_equal(sessions_last_number(feed->sessions), 200);
	feed_finish(feed);
	assert_int_equal(feed->fact_count, 200);
	feed_free(feed);
}

static void test_peak(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	/* The quarter ends 320 s after the start. */
	for (uint32_t pid = 1; pid <= 3; pid++)
		feed_line(feed, (struct line){pid * 10, EVENT_CONNECT, .key = KEY_PROCESS,
					      .pid = pid, .client = A});
	feed_line(feed,
		  (struct line){1000, EVENT_DISCONNECT, .key = KEY_PROCESS, .pid = 1, .client = A});
	feed_line(feed, (struct line){2000, EVENT_CONNECT, .key = KEY_PROCESS, .pid = 9,
				      .client = A, .mta = MTA_SENDMAIL});
	feed_line(feed, (struct line){1000000, EVENT_DISCONNECT, .key = KEY_PROCESS, .pid = 2,
				      .client = A});
	feed_line(feed, (struct line){2000000, .kind = EVENT_REMOVED});
	feed_line(feed,
		  (struct line){3000000, EVENT_LOST, .key = KEY_PROCESS, .pid = 3, .client = A});
	feed_line(feed, (struct line){4000000, .kind = EVENT_REMOVED});
	feed_finish(feed);
	assert_int_equal(feed_slot(feed, 0).peak_concurrent, 3);
	assert_int_equal(feed_slot(feed, 1000000).peak_concurrent, 2);
	assert_int_equal(feed_slot(feed, 2000000).peak_concurrent, 1);
	assert_int_equal(feed_slot(feed, 4000000).peak_concurrent, 0);
	feed_free(feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_counts_saturate),
		cmocka_unit_test(test_expire),
		cmocka_unit_test(test_clock_back),
		cmocka_unit_test(test_clock_zigzag),
		cmocka_unit_test(test_clock_extremes),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_peak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
