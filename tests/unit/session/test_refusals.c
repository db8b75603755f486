/* Refusals become attempts; what waits for its sender; who gave up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feed.h"

#define A "192.0.2.1"
#define B "192.0.2.2"
#define SMTPD .key = KEY_PROCESS, .pid = 100, .client = A
#define CHILD .key = KEY_PROCESS, .pid = 200, .mta = MTA_SENDMAIL
#define DENIED .reason = REASON_RELAY_DENIED, .stage = STAGE_RCPT, .code = 554

static void test_fields(void **state)
{
	static const struct line line = {7000,
					 EVENT_REFUSAL,
					 SMTPD,
					 DENIED,
					 .flags = EVENT_REJECTED,
					 .repeat = 5,
					 .helo = "win",
					 .sender = "a@b",
					 .recipient = "c@d",
					 .text = "Relay access denied"};

	(void)state;
	for (int keep = 0; keep < 2; keep++) {
		struct session_options options = {.words = keep ? WORDS_ALL : WORDS_NONE};
		struct feed *feed = feed_new(&options);
		const struct attempt *attempt = &feed->attempts[0];

		feed_line(feed, line);
		feed_finish(feed);
		assert_int_equal(feed->attempt_count, 1);
		assert_int_equal(attempt->time, FEED_START + 7);
		assert_int_equal(attempt->session, feed->facts[0].number);
		assert_string_equal(feed_client(feed, attempt->client), A);
		assert_string_equal(feed_string(feed, attempt->sender), "a@b");
		assert_string_equal(feed_string(feed, attempt->recipient), "c@d");
		assert_string_equal(feed_string(feed, attempt->helo), keep ? "win" : "");
		assert_string_equal(feed_string(feed, attempt->text),
				    keep ? "Relay access denied" : "");
		assert_int_equal(attempt->count, 5);
		assert_int_equal(attempt->code, 554);
		assert_int_equal(attempt->reason, REASON_RELAY_DENIED);
		assert_int_equal(attempt->stage, STAGE_RCPT);
		assert_int_equal(attempt->flags,
				 ATTEMPT_HAS_SENDER | ATTEMPT_HAS_RECIPIENT | ATTEMPT_REJECTED);
		assert_int_equal(strings_count(feed->directory.strings), keep ? 4 : 2);
		assert_int_equal(feed_sum(feed).rejected, 5);
		assert_int_equal(feed_sum(feed).relay_attempts, 5);
		assert_int_equal(feed_sum(feed).probes, 1);
		feed_free(feed);
	}
}

/* Whom VRFY asks for stands in the text alone. */
static void test_words_to_judge_by(void **state)
{
	struct session_options options = {.words = WORDS_JUDGED};
	struct feed *feed = feed_new(&options);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_REFUSAL, SMTPD, DENIED, .helo = "win",
				      .text = "Relay access denied"});
	feed_line(feed, (struct line){0, EVENT_REFUSAL, SMTPD, .stage = STAGE_COMMAND,
				      .text = "VRFY root@here"});
	feed_finish(feed);
	assert_string_equal(feed_string(feed, feed->attempts[0].helo), "win");
	assert_string_equal(feed_string(feed, feed->attempts[0].text), "");
	assert_string_equal(feed_string(feed, feed->attempts[1].text), "VRFY root@here");
	feed_free(feed);
}

static void test_null_sender_and_none(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_REFUSAL, SMTPD, DENIED, .sender = ""});
	feed_line(feed, (struct line){0, EVENT_REFUSAL, SMTPD, .stage = STAGE_CONNECT});
	feed_line(feed, (struct line){0, EVENT_AUTH_FAILED, SMTPD, .sender = "info"});
	assert_int_equal(feed->attempts[0].flags, ATTEMPT_HAS_SENDER);
	assert_int_equal(feed->attempts[0].sender, 0);
	assert_int_equal(feed->attempts[1].flags, 0);
	assert_string_equal(feed_string(feed, feed->attempts[2].sender), "info");
	feed_free(feed);
}

static void test_warning_refuses_nothing(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_REFUSAL, SMTPD, DENIED,
				      .flags = EVENT_WARNING | EVENT_REJECTED});
	feed_finish(feed);
	assert_int_equal(feed->attempt_count, 0);
	assert_int_equal(feed->facts[0].refusals, 0);
	assert_int_equal(feed_sum(feed).warnings, 1);
	assert_int_equal(feed_sum(feed).rejected, 1);
	assert_int_equal(feed_sum(feed).relay_attempts, 0);
	feed_free(feed);
}

/* Postfix's cleanup names a message by its queue id: the session is that which brought it. */
static void test_by_queue_id(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_CONNECT, SMTPD});
	feed_line(feed, (struct line){0, EVENT_RECEIVED, SMTPD, .id = "AB1"});
	feed_line(feed, (struct line){0, EVENT_REFUSAL, KEY_NONE, .client = A, .id = "AB1",
				      .stage = STAGE_HEADER, .reason = REASON_MESSAGE_ID,
				      .sender = "a@b", .flags = EVENT_MESSAGE_ID_MISSING});
	feed_line(feed, (struct line){0, EVENT_REFUSAL, KEY_NONE, .id = "AB1", .stage = STAGE_BODY,
				      .reason = REASON_CONTENT});
	feed_line(feed, (struct line){9, EVENT_DISCONNECT, SMTPD});
	feed_line(feed, (struct line){10, EVENT_REFUSAL, KEY_NONE, .id = "AB1"});
	feed_finish(feed);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(feed_client(feed, feed->attempts[i].client), A);
		assert_int_equal(feed->attempts[i].session, feed->facts[0].number);
	}
	assert_int_equal(feed->attempts[0].flags, ATTEMPT_HAS_SENDER | ATTEMPT_MESSAGE_ID_MISSING);
	assert_string_equal(feed_client(feed, feed->attempts[2].client), A);
	assert_int_equal(feed->fact_count, 1);
	assert_int_equal(feed->facts[0].refusals, 2);
	assert_int_equal(feed->facts[0].accepted, 0); /* taken back */
	feed_free(feed);
}

/* Sendmail's sender stands on a later line of the same queue id. */
static void test_sender_comes_later(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	for (int i = 0; i < 3; i++)
		feed_line(feed, (struct line){i, EVENT_REFUSAL, CHILD, DENIED, .client = A,
					      .id = "q1", .recipient = "far@x"});
	feed_line(feed, (struct line){5, EVENT_REFUSAL, CHILD, DENIED, .client = A, .id = "q2",
				      .recipient = "other@x"});
	assert_int_equal(feed->attempt_count, 0);
	feed_line(feed,
		  (struct line){9, EVENT_QUEUED, CHILD, .client = A, .id = "q1", .sender = "me@y"});
	assert_int_equal(feed->attempt_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(feed_string(feed, feed->attempts[i].sender), "me@y");
		assert_true(feed->attempts[i].flags & ATTEMPT_HAS_SENDER);
	}
	feed_finish(feed);
	assert_int_equal(feed->attempt_count, 4);
	assert_string_equal(feed_string(feed, feed->attempts[3].recipient), "other@x");
	assert_false(feed->attempts[3].flags & ATTEMPT_HAS_SENDER);
	assert_int_equal(feed->attempts[3].session, feed->facts[0].number);
	feed_free(feed);
}

/* "User unknown" names the queue id alone; even the client is told later. */
static void test_client_comes_later(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_REFUSAL_BY_ID, CHILD, .id = "q1",
				      .reason = REASON_UNKNOWN_RECIPIENT, .stage = STAGE_RCPT,
				      .recipient = "john@here", .flags = EVENT_LOCAL});
	assert_int_equal(feed->attempt_count, 0);
	feed_line(feed,
		  (struct line){9, EVENT_QUEUED, CHILD, .client = B, .id = "q1", .sender = "me@y"});
	assert_int_equal(feed->attempt_count, 1);
	assert_string_equal(feed_client(feed, feed->attempts[0].client), B);
	assert_string_equal(feed_string(feed, feed->attempts[0].sender), "me@y");
	feed_finish(feed);
	assert_string_equal(feed_client(feed, feed->facts[0].client), B);
	assert_int_equal(feed->facts[0].refusals, 1);
	assert_int_equal(feed_roles(feed, "here", ROLE_LOCAL_DOMAIN), 1);
	feed_free(feed);
}

/* check_eoh refuses the message, from= tells the sender, to= the recipient. */
static void test_message_not_taken(void **state)
{
	struct feed *feed = feed_new(NULL);

	(void)state;
	feed_line(feed, (struct line){0, EVENT_REFUSAL, CHILD, .client = A, .id = "q1",
				      .stage = STAGE_HEADER, .reason = REASON_MESSAGE_ID});
	feed_line(feed, (struct line){1, EVENT_RECEIVED, CHILD, .client = A, .id = "q1",
				      .sender = "me@y", .bytes = 700});
	feed_line(feed, (struct line){2, EVENT_NOT_TAKEN, CHILD, .id = "q1", .recipient = "al@x"});
	feed_line(feed, (struct line){2, EVENT_NOT_TAKEN, CHILD, .id = "q1", .recipient = "bo@x"});
	assert_int_equal(feed->attempt_count, 1);
	assert_string_equal(feed_string(feed, feed->attempts[0].sender), "me@y");
	assert_string_equal(feed_string(feed, feed->attempts[0].recipient), "al@x");
	/* Another is refused without a line of its own before. */
	feed_line(feed, (struct line){5, EVENT_RECEIVED, CHILD, .client = A, .id = "q2",
				      .sender = "me@y", .bytes = 700});
	feed_line(feed, (struct line){6, EVENT_NOT_TAKEN, CHILD, .id = "q2", .recipient = "al@x"});
	feed_finish(feed);
	assert_int_equal(feed->facts[0].accepted, 0);
	assert_int_equal(feed_sum(feed).received, 0);
	assert_int_equal(feed_sum(feed).bytes_received, 0);
	feed_free(feed);
}

/* Lines shortened by people, without process and queue id: one after the other. */
static void test_shortened(void **state)
{
	static const char *const clients[] = {A, B, A};
	struct feed *feed = feed_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		feed_line(feed, (struct line){0, EVENT_REFUSAL, KEY_PROCESS, .mta = MTA_SENDMAIL,
					      .client = clients[i], .stage = STAGE_HEADER,
					      .reason = REASON_MESSAGE_ID});
		feed_line(feed, (struct line){0, EVENT_QUEUED, KEY_PROCESS, .mta = MTA_SENDMAIL,
					      .sender = "me@y", .bytes = 1762});
		feed_line(feed, (struct line){0, EVENT_NOT_TAKEN, KEY_PROCESS, .mta = MTA_SENDMAIL,
					      .recipient = "far@x"});
		assert_int_equal(feed->attempt_count, i + 1);
		assert_string_equal(feed_client(feed, feed->attempts[i].client), clients[i]);
		assert_string_equal(feed_string(feed, feed->attempts[i].sender), "me@y");
		assert_string_equal(feed_string(feed, feed->attempts[i].recipient), "far@x");
	}
	feed_finish(feed);
	assert_int_equal(feed->attempt_count, 3);
	assert_int_equal(feed->fact_count, 3);
	feed_free(feed);
}

/* However many wait, all come out. */
static void test_waiting_is_bounded(void **state)
{
	struct feed *feed = feed_new(NULL);
	size_t last;

	(void)state;
	for (uint32_t i = 0; i < 4100; i++) {
		if (feed->attempt_count == 4)
			break;
		feed_line(feed, (struct line){0, EVENT_REFUSAL, CHILD, DENIED, .client = A,
					      .id = "q1", .recipient = "far@x"});
	}
	assert_int_equal(feed->attempt_count, 4);
	assert_int_equal(sessions_forgotten(feed->sessions), 4);
	feed->attempt_count = 0;
	for (int round = 0; round < 2; round++) {
		feed_line(feed, (struct line){0, EVENT_QUEUED, CHILD, .client = A, .id = "q1",
					      .sender = "me@y"});
		last = feed->attempt_count;
		assert_int_equal(last, round ? 1 : 4096);
		feed->attempt_count = 0;
		feed_line(feed, (struct line){0, EVENT_REFUSAL, CHILD, DENIED, .client = A,
					      .id = "q1", .recipient = "far@x"});
	}
	feed_finish(feed);
	assert_int_equal(feed->attempt_count, 1);
	feed_free(feed);
}

struct gave_up_case {
	const char *what;
	struct line lines[5];
	bool gave_up;
};

static const struct gave_up_case gave_up_cases[] = {
	{"one denial, then QUIT", {{0, EVENT_REFUSAL, SMTPD, DENIED}}, true},
	{"refused for another reason before",
	 {{0, EVENT_REFUSAL, SMTPD, .reason = REASON_GREYLIST}, {1, EVENT_REFUSAL, SMTPD, DENIED}},
	 true},
	{"left without QUIT", {{0, EVENT_REFUSAL, SMTPD, DENIED}, {1, EVENT_LOST, SMTPD}}, true},
	{"two denials",
	 {{0, EVENT_REFUSAL, SMTPD, DENIED}, {1, EVENT_REFUSAL, SMTPD, DENIED}},
	 false},
	{"one denial, repeated", {{0, EVENT_REFUSAL, SMTPD, DENIED, .repeat = 2}}, false},
	{"went on with something else",
	 {{0, EVENT_REFUSAL, SMTPD, DENIED}, {1, EVENT_AUTH_FAILED, SMTPD}},
	 false},
	{"went on with a good message",
	 {{0, EVENT_REFUSAL, SMTPD, DENIED}, {1, EVENT_RECEIVED, SMTPD, .id = "A"}},
	 false},
	{"had sent a good message before",
	 {{0, EVENT_RECEIVED, SMTPD, .id = "A"}, {1, EVENT_REFUSAL, SMTPD, DENIED}},
	 false},
	{"was dropped", {{0, EVENT_REFUSAL, SMTPD, DENIED, .flags = EVENT_ENDS_SESSION}}, false},
	{"was never denied", {{0, EVENT_REFUSAL, SMTPD, .reason = REASON_DNSBL}}, false},
};

static void test_gave_up(void **state)
{
	(void)state;
	for (size_t c = 0; c < COUNT_OF(gave_up_cases); c++) {
		struct feed *feed = feed_new(NULL);

		print_message("%s\n", gave_up_cases[c].what);
		feed_line(feed, (struct line){0, EVENT_CONNECT, SMTPD});
		for (size_t i = 0; gave_up_cases[c].lines[i].kind; i++)
			feed_line(feed, gave_up_cases[c].lines[i]);
		feed_line(feed, (struct line){9, EVENT_DISCONNECT, SMTPD});
		assert_int_equal(feed->fact_count, 1);
		assert_int_equal((feed->facts[0].flags & SESSION_GAVE_UP) != 0,
				 gave_up_cases[c].gave_up);
		feed_free(feed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_words_to_judge_by),
		cmocka_unit_test(test_null_sender_and_none),
		cmocka_unit_test(test_warning_refuses_nothing),
		cmocka_unit_test(test_by_queue_id),
		cmocka_unit_test(test_sender_comes_later),
		cmocka_unit_test(test_client_comes_later),
		cmocka_unit_test(test_message_not_taken),
		cmocka_unit_test(test_shortened),
		cmocka_unit_test(test_waiting_is_bounded),
		cmocka_unit_test(test_gave_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
