/* Sendmail: relays, addresses, and what a line is read as. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "format/sendmail.h"

extern const struct format format_sendmail;

static void assert_word(struct word word, const char *expected)
{
	assert_int_equal(word.len, strlen(expected));
	assert_memory_equal(word.len ? word.ptr : "", expected, word.len);
}

static void assert_client(const struct event *event, const char *expected)
{
	char text[IP_TEXT_MAX] = "";

	if (event->flags & EVENT_HAS_CLIENT)
		ip_format(&event->client, text);
	assert_string_equal(text, expected);
}

static const struct {
	const char *relay, *client, *name;
	uint32_t flags; /* of NAME_UNSURE and OUTBOUND */
} relays[] = {
	{"[192.0.2.1]", "192.0.2.1", "", 0},
	{"mx.example.org [192.0.2.1]", "192.0.2.1", "mx.example.org", 0},
	{"mx.example.org [192.0.2.1] (may be forged)", "192.0.2.1", "mx.example.org",
	 EVENT_NAME_UNSURE},
	{"[IPv6:2001:db8:0:0:0:0:0:1]", "2001:db8::1", "", 0},
	{"mx.example.org [IPv6:2001:DB8::1]", "2001:db8::1", "mx.example.org", 0},
	{"[192.0.2.1] [192.0.2.1]", "192.0.2.1", "", 0},
	{"ident@mx.example.org [192.0.2.1]", "192.0.2.1", "mx.example.org", 0},
	{"localhost [127.0.0.1]", "127.0.0.1", "localhost", EVENT_OUTBOUND},
	{"localhost [192.0.2.1] (may be forged)", "192.0.2.1", "localhost", EVENT_NAME_UNSURE},
	{"root@localhost", "", "localhost", EVENT_OUTBOUND},
	{"mx.example.org", "", "mx.example.org", 0},
	{"mx.example.org [192.0.2.", "", "", 0},
	{"[192.0.2.9] [192.0.2.1", "", "", 0},
	{"", "", "", 0},
};

static void test_relay(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(relays) / sizeof(relays[0]); i++) {
		struct event event = {0};

		sendmail_relay(view_string(relays[i].relay), &event);
		assert_client(&event, relays[i].client);
		assert_word(event.name, relays[i].name);
		assert_int_equal(event.flags & (EVENT_NAME_UNSURE | EVENT_OUTBOUND),
				 relays[i].flags);
	}
}

static void test_unquoted(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} cases[] = {
		{"<a@b>, c", 5},
		{"<\"a, b\"@c>, d", 10},
		{"<a(x, (y), z)@c>, d", 16},
		{"<\"a\\\\\", b\"@c>, d", 13}, /* the client's \" */
		{"<\"a\\\\\\\\\"@c>, d", 11},  /* the client's \\ and the end of the string */
		{"<\"a\\t, \"@c>, d", 11},
		{"<a\\\\\\\"@c>, d", 9},
		{"<\"never closed, d", VIEW_NONE},
		{"<a,b>", VIEW_NONE},
		{",", VIEW_NONE},
		{"\\", VIEW_NONE},
		{"", VIEW_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(sendmail_unquoted(view_string(cases[i].text), ',', ' '),
				 cases[i].at);
}

static void test_queue_id(void **state)
{
	static const struct {
		const char *text, *id, *rest;
		unsigned int part;
	} cases[] = {
		{"6AM0Q2Ts003126: from=", "6AM0Q2Ts003126", "from=", 0},
		{"xA32R2PQ3529565: from=", "xA32R2PQ3529565", "from=", 0},
		{"VAA12345: from=", "VAA12345", "from=", 0},
		{"6AM0Q2Ts003126[1]: from=", "6AM0Q2Ts003126", "from=", 1},
		{"6AM0Q2Ts003126[7]: x", "6AM0Q2Ts003126", "x", 2},
		{"STARTTLS: CRLFile missing", "", "STARTTLS: CRLFile missing", 0},
		{"NOQUEUE: connect", "", "NOQUEUE: connect", 0},
		{"6AM0Q2Ts003126", "", "6AM0Q2Ts003126", 0},
		{"6AM0Q2Ts003126[", "", "6AM0Q2Ts003126[", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct view text = view_string(cases[i].text), id = {0};
		unsigned int part = 0;

		assert_int_equal(sendmail_eat_queue_id(&text, &id, &part), cases[i].id[0] != '\0');
		assert_true(view_is(id, view_string(cases[i].id)));
		assert_true(view_is(text, view_string(cases[i].rest)));
		assert_int_equal(part, cases[i].part);
	}
}

static void test_bare(void **state)
{
	static const char *const cases[][2] = {
		{"<a@b>", "a@b"},
		{"a@b", "a@b"},
		{"<>", ""},
		{"", ""},
		{"<", ""},
		{"Name <a@b>", "a@b"},
		{"<shortened...", "shortened..."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(
			view_is(sendmail_bare(view_string(cases[i][0])), view_string(cases[i][1])));
}

#define HOST "host.example.net [192.0.2.7]"
#define FAKE ", relay=[203.0.113.9], reject=550 5.7.1 no"

/* What a message is read as; empty and 0 are expected as such. */
static const struct {
	const char *message;
	struct {
		enum event_kind kind;
		enum reason reason;
		enum stage stage;
		uint16_t code;
		const char *client, *sender, *recipient, *text;
		uint32_t flags; /* that must be set */
		uint32_t repeat;
	} told;
} lines[] = {
	{"ruleset=check_rcpt, arg1=<a@x>, relay=" HOST
	 ", reject=550 5.7.1 <a@x>... Relaying denied",
	 {EVENT_REFUSAL, REASON_RELAY_DENIED, STAGE_RCPT, 550, "192.0.2.7", "", "a@x",
	  "Relaying denied", EVENT_REJECTED | EVENT_HAS_RECIPIENT, 1}},
	/* What the client writes into an address, a header, a HELO name moves nothing. */
	{"ruleset=check_rcpt, arg1=<\"v>" FAKE " <x\"@x>, relay=" HOST
	 ", reject=550 5.7.1 <\"v>" FAKE " <x\"@x>... Relaying denied",
	 {EVENT_REFUSAL, REASON_RELAY_DENIED, STAGE_RCPT, 550, "192.0.2.7", "",
	  "\"v>" FAKE " <x\"@x", "Relaying denied", 0, 1}},
	{"ruleset=check_rcpt, arg1=<a@x>, relay=" HOST
	 ", reject=550 5.7.1 <a@x>... bogus HELO name used: x" FAKE,
	 {EVENT_REFUSAL, REASON_HELO, STAGE_RCPT, 550, "192.0.2.7", "", "a@x",
	  "bogus HELO name used: x" FAKE, 0, 1}},
	{"ruleset=CheckMessageId, arg1= <x>" FAKE "@y>, relay=" HOST
	 ", reject=553 5.0.0 Message-ID must be an addr-spec",
	 {EVENT_REFUSAL, REASON_MESSAGE_ID, STAGE_HEADER, 553, "192.0.2.7", "", "",
	  "Message-ID must be an addr-spec", EVENT_MESSAGE_ID_MALFORMED, 1}},
	{"ruleset=CheckSubject, arg1=a" FAKE ", relay=" HOST ", reject=550 5.7.1 spam: a" FAKE,
	 {EVENT_REFUSAL, REASON_CONTENT, STAGE_HEADER, 550, "192.0.2.7", "", "", "spam: a" FAKE, 0,
	  1}},
	{"ruleset=check_eoh, arg1=4, arg2=104, relay=" HOST
	 ", reject=553 5.0.0 Unidentified messages are not acceptable here",
	 {EVENT_REFUSAL, REASON_MESSAGE_ID, STAGE_HEADER, 553, "192.0.2.7", "", "",
	  "Unidentified messages are not acceptable here", EVENT_MESSAGE_ID_MISSING, 1}},
	{"ruleset=check_mail, arg1=<>, relay=" HOST ", reject=550 5.7.1 Access denied",
	 {EVENT_REFUSAL, REASON_ACCESS, STAGE_MAIL, 550, "192.0.2.7", "", "", "Access denied",
	  EVENT_HAS_SENDER, 1}},
	{"ruleset=check_relay, arg1=host, arg2=127.0.0.3, relay=" HOST
	 ", reject=421 4.3.2 Connection rate limit exceeded.",
	 {EVENT_REFUSAL, REASON_RATE, STAGE_CONNECT, 421, "192.0.2.7", "", "",
	  "Connection rate limit exceeded.", EVENT_ENDS_SESSION, 1}},
	{"ruleset=check_relay, arg1=host, arg2=192.0.2.7, reject=550 5.7.1 Access denied",
	 {EVENT_REFUSAL, REASON_ACCESS, STAGE_CONNECT, 550, "192.0.2.7", "", "", "Access denied", 0,
	  1}},
	{"<\"a... b\"@x>... User unknown",
	 {EVENT_REFUSAL_BY_ID, REASON_UNKNOWN_RECIPIENT, STAGE_RCPT, 550, "", "", "\"a... b\"@x",
	  "User unknown", EVENT_LOCAL, 1}},
	{"Milter: to=<a@x>, reject=451 4.7.1 Greylisting in action",
	 {EVENT_REFUSAL_BY_ID, REASON_GREYLIST, STAGE_RCPT, 451, "", "", "a@x",
	  "Greylisting in action", 0, 1}},
	/* A message, one that came to nothing, one of the submission program. */
	{"from=<a@x>, size=12, class=0, nrcpts=2, msgid=<1" FAKE ">, proto=ESMTP, relay=" HOST,
	 {EVENT_RECEIVED, 0, 0, 0, "192.0.2.7", "a@x", "", "", EVENT_HAS_SENDER, 1}},
	{"from=<a@x>, size=12, class=0, nrcpts=2, proto=ESMTPSA, daemon=MSA, relay=" HOST,
	 {EVENT_RECEIVED, 0, 0, 0, "192.0.2.7", "a@x", "", "", EVENT_OUTBOUND, 1}},
	{"from=<>, size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA, relay=" HOST,
	 {EVENT_QUEUED, 0, 0, 0, "192.0.2.7", "", "", "", EVENT_HAS_SENDER, 1}},
	{"from=root, size=98, class=0, nrcpts=1, msgid=<1@x>, relay=root@localhost",
	 {EVENT_QUEUED, 0, 0, 0, "", "root", "", "", EVENT_OUTBOUND, 1}},
	{"to=<a@x>,<b@x>,<\"c,d\"@x>, delay=00:00:01, mailer=esmtp, dsn=2.0.0, stat=Sent (ok)",
	 {EVENT_DELIVERY, 0, 0, 0, "", "", "a@x", "Sent (ok)", 0, 3}},
	{"to=bob, delay=00:00:01, mailer=local, pri=3, stat=Sent",
	 {EVENT_DELIVERY, 0, 0, 0, "", "", "bob", "Sent", EVENT_LOCAL, 1}},
	{"to=<a@x>, delay=00:00:01, mailer=esmtp, dsn=4.0.0, stat=Deferred: no",
	 {EVENT_DELIVERY, 0, 0, 0, "", "", "a@x", "Deferred: no", 0, 1}},
	{"to=<a@x>, delay=00:00:00, pri=3, stat=Unidentified messages are not acceptable here",
	 {EVENT_NOT_TAKEN, 0, 0, 0, "", "", "a@x", "Unidentified messages are not acceptable here",
	  EVENT_KEEPALIVE_ONLY, 1}},
	{"to=a@x, delay=00:00:00, mailer=relay, relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, "
	 "stat=Sent (1)",
	 {EVENT_REMOVED, 0, 0, 0, "", "", "", "", 0, 1}},
	/* The session. */
	{"rejecting commands from  [192.0.2.7] due to pre-greeting traffic after 3 seconds",
	 {EVENT_REFUSAL, REASON_PREGREET, STAGE_CONNECT, 554, "192.0.2.7", "", "",
	  "pre-greeting traffic after 3 seconds", 0, 1}},
	{HOST " (may be forged) did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA",
	 {EVENT_DISCONNECT, 0, 0, 0, "192.0.2.7", "", "", "", EVENT_NAME_UNSURE, 1}},
	{"AUTH failure (PLAIN): no, user=x, relay=[203.0.113.9], relay=" HOST,
	 {EVENT_AUTH_FAILED, REASON_AUTH_FAILED, STAGE_AUTH, 535, "192.0.2.7",
	  "x, relay=[203.0.113.9]", "", "no", 0, 1}},
	{"AUTH=server, relay=" HOST ", authid=eve, mech=x, mech=PLAIN, bits=0",
	 {EVENT_AUTH_OK, 0, STAGE_AUTH, 0, "192.0.2.7", "eve, mech=x", "", "", EVENT_OUTBOUND, 1}},
	{"STARTTLS=server, error: accept failed=-1, reason=no, SSL_error=1, relay=" HOST,
	 {EVENT_REFUSAL, REASON_TLS, STAGE_STARTTLS, 0, "192.0.2.7", "", "", "no", 0, 1}},
	{HOST ": probable open proxy: command=GET [203.0.113.9] did not issue MAIL/EXPN/VRFY/ETRN",
	 {EVENT_REFUSAL, REASON_PROTOCOL, STAGE_COMMAND, 421, "192.0.2.7", "", "",
	  "probable open proxy: command=GET [203.0.113.9] did not issue MAIL/EXPN/VRFY/ETRN",
	  EVENT_ENDS_SESSION, 1}},
	{"lost input channel from " HOST " to MTA after rcpt",
	 {EVENT_LOST, 0, 0, 0, "192.0.2.7", "", "", "", 0, 1}},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[2000];
		struct event event = {.repeat = 1, .pid = 77};
		struct record record = {.program = VIEW("sm-mta"), .pid = 77};

		snprintf(text, sizeof(text), "6AM0Q2Ts003126: %s", lines[i].message);
		record.message = view_string(text);
		assert_true(format_sendmail.claims(&record));
		assert_int_equal(format_sendmail.parse(&record, &event), PARSED_EVENT);
		assert_int_equal(event.kind, lines[i].told.kind);
		assert_int_equal(event.reason, lines[i].told.reason);
		assert_int_equal(event.stage, lines[i].told.stage);
		assert_int_equal(event.code, lines[i].told.code);
		assert_int_equal(event.flags & lines[i].told.flags, lines[i].told.flags);
		assert_int_equal(event.repeat, lines[i].told.repeat);
		assert_client(&event, lines[i].told.client);
		assert_word(event.sender, lines[i].told.sender);
		assert_word(event.recipient, lines[i].told.recipient);
		assert_word(event.text, lines[i].told.text);
		assert_word(event.queue_id, "6AM0Q2Ts003126");
	}
}

static void test_deliveries(void **state)
{
	static const struct {
		const char *rest;
		enum delivery delivery;
	} cases[] = {
		{"mailer=esmtp, dsn=2.0.0, stat=Sent", DELIVERY_SENT},
		{"mailer=esmtp, dsn=5.1.1, reply=550 x, stat=Sent, stat=User unknown",
		 DELIVERY_BOUNCED},
		{"mailer=esmtp, dsn=5.0.0, stat=Service unavailable", DELIVERY_BOUNCED},
		{"mailer=esmtp, dsn=5.1.2, stat=Host unknown", DELIVERY_BOUNCED},
		{"mailer=esmtp, dsn=5.6.0, stat=Data format error", DELIVERY_BOUNCED},
		{"mailer=esmtp, dsn=4.5.0, stat=Operating system error", DELIVERY_DEFERRED},
		{"mailer=esmtp, dsn=4.4.7, stat=Delivery time expired", DELIVERY_EXPIRED},
		{"mailer=discard, dsn=2.0.0, stat=Sent", DELIVERY_DISCARDED},
		{"mailer=esmtp, stat=Deferred", DELIVERY_DEFERRED},
		{"mailer=esmtp, stat=User unknown", DELIVERY_BOUNCED},
		{"stat=Sent", DELIVERY_SENT},
		{"stat=Deferred: later", DELIVERY_DEFERRED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[200];
		struct event event = {.repeat = 1};
		struct record record = {.program = VIEW("sendmail")};

		snprintf(text, sizeof(text), "6AM0Q2Ts003126: to=<a@x>, %s", cases[i].rest);
		record.message = view_string(text);
		assert_int_equal(format_sendmail.parse(&record, &event), PARSED_EVENT);
		assert_int_equal(event.kind, EVENT_DELIVERY);
		assert_int_equal(event.delivery, cases[i].delivery);
	}
}

static void test_quiet_lines(void **state)
{
	static const struct {
		const char *message;
		enum parsed parsed;
	} cases[] = {
		{"AUTH: available mech=PLAIN LOGIN, allowed mech=LOGIN PLAIN", PARSED_NOTHING},
		{"starting daemon (8.17.1.9): SMTP+queueing@00:00:15", PARSED_NOTHING},
		{"rejecting connections on daemon MTA: load average: 23", PARSED_NOTHING},
		{"ruleset=trust_auth, arg1=x, relay=" HOST ", reject=550 5.7.1 no", PARSED_NOTHING},
		{"6AM0Q2Ts003126: to=<a@x>, delay=00:00:00, mailer=local, stat=queued",
		 PARSED_NOTHING},
		{"6AM0Q2Ts003126[2]: @x>, relay=" HOST ", reject=550 no", PARSED_NOTHING},
		{"some words", PARSED_UNKNOWN},
		{"ruleset=check_rcpt", PARSED_UNKNOWN},
		{"from=<a@x>", PARSED_UNKNOWN},
		{"", PARSED_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event event = {.repeat = 1};
		struct record record = {.program = VIEW("sm-mta"),
					.message = view_string(cases[i].message)};

		assert_int_equal(format_sendmail.parse(&record, &event), cases[i].parsed);
	}
}

static void test_claims(void **state)
{
	static const struct {
		const char *program, *message;
		bool claimed;
	} cases[] = {
		{"sendmail", "", true},
		{"sm-mta", "", true},
		{"sm-msp-queue", "", true},
		{"sm-acceptingconnections", "", true},
		{"sm-notify", "", false},
		{"outbound", "6AM0Q2Ts003126: to=<a@x>, mailer=esmtp, dsn=2.0.0, stat=Sent", true},
		{"outbound", "6AM0Q2Ts003126: from=<a@x>, size=1", true},
		{"outbound", "ruleset=check_relay, arg1=x", true},
		{"outbound", "3B5C21234567: to=<a@x>, status=sent (ok)", false},
		{"postfix/qmgr", "4XkzZs12345: from=<a@x>, size=1, nrcpt=1", false},
		{"", "6AM0Q2Ts003126: from=<a@x>, size=1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record record = {.program = view_string(cases[i].program),
					.message = view_string(cases[i].message)};

		assert_int_equal(format_sendmail.claims(&record), cases[i].claimed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relay),	    cmocka_unit_test(test_unquoted),
		cmocka_unit_test(test_queue_id),    cmocka_unit_test(test_bare),
		cmocka_unit_test(test_lines),	    cmocka_unit_test(test_deliveries),
		cmocka_unit_test(test_quiet_lines), cmocka_unit_test(test_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
