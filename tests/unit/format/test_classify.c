/* Server's words and the reasons that they give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "format/classify.h"

static const struct {
	const char *text;
	unsigned int code;
	enum stage stage;
	enum reason reason;
} cases[] = {
	/* Postfix */
	{"Relay access denied", 554, STAGE_RCPT, REASON_RELAY_DENIED},
	{"Recipient address rejected: User unknown in virtual mailbox table", 550, STAGE_RCPT,
	 REASON_UNKNOWN_RECIPIENT},
	{"Recipient address rejected: Domain not found", 450, STAGE_RCPT, REASON_UNKNOWN_RECIPIENT},
	{"Recipient address rejected: need fully-qualified address", 504, STAGE_RCPT,
	 REASON_PROTOCOL},
	{"Recipient address rejected: Greylisted, see http://postgrey.example/", 450, STAGE_RCPT,
	 REASON_GREYLIST},
	{"Recipient address rejected: Access denied", 554, STAGE_RCPT, REASON_POLICY},
	{"Recipient address rejected: Please see http://www.openspf.net/Why?x", 550, STAGE_RCPT,
	 REASON_POLICY},
	{"Sender address rejected: Domain not found", 450, STAGE_RCPT, REASON_UNKNOWN_SENDER},
	{"Sender address rejected: need fully-qualified address", 504, STAGE_RCPT,
	 REASON_UNKNOWN_SENDER},
	{"Sender address rejected: Domain x.example does not accept mail (nullMX)", 550, STAGE_RCPT,
	 REASON_UNKNOWN_SENDER},
	{"Sender address rejected: unverified address: x", 450, STAGE_RCPT, REASON_SENDER_VERIFY},
	{"Sender address rejected: Sender blocked here", 554, STAGE_RCPT, REASON_ACCESS},
	{"Helo command rejected: Host not found", 450, STAGE_RCPT, REASON_HELO},
	{"Helo command rejected: need fully-qualified hostname", 504, STAGE_HELO, REASON_HELO},
	{"Client host rejected: cannot find your hostname, [192.0.2.1]", 450, STAGE_RCPT,
	 REASON_BAD_PTR},
	{"Client host rejected: cannot find your reverse hostname, [192.0.2.1]", 450, STAGE_RCPT,
	 REASON_NO_PTR},
	{"Client host rejected: Access denied", 554, STAGE_CONNECT, REASON_ACCESS},
	{"Client host rejected: Dynamic address, use your provider", 554, STAGE_RCPT,
	 REASON_DYNAMIC},
	{"Service unavailable; Client host [192.0.2.1] blocked using bl.example; Dynamic IP", 554,
	 STAGE_RCPT, REASON_DNSBL},
	{"Message size exceeds fixed limit", 552, STAGE_MAIL, REASON_SIZE},
	{"Insufficient system storage", 452, STAGE_MAIL, REASON_RESOURCE},
	{"Must issue a STARTTLS command first", 530, STAGE_MAIL, REASON_TLS},
	{"Protocol error", 550, STAGE_RCPT, REASON_PREGREET},
	{"all screening ports busy", 0, STAGE_CONNECT, REASON_RESOURCE},
	{"Message-ID must be an addr-spec", 550, STAGE_HEADER, REASON_MESSAGE_ID},
	{"message content rejected", 550, STAGE_HEADER, REASON_CONTENT},
	{"anything at all", 550, STAGE_HEADER, REASON_CONTENT},
	{"Blocked by SpamAssassin", 550, STAGE_BODY, REASON_CONTENT},
	/* Exim */
	{"relay not permitted", 550, STAGE_RCPT, REASON_RELAY_DENIED},
	{"Unrouteable address", 550, STAGE_RCPT, REASON_UNKNOWN_RECIPIENT},
	{"Unknown user", 550, STAGE_RCPT, REASON_UNKNOWN_RECIPIENT},
	{"Sender verify failed", 550, STAGE_RCPT, REASON_SENDER_VERIFY},
	{"192.0.2.1 is listed at bl.example: Listed", 550, STAGE_RCPT, REASON_DNSBL},
	{"restricted characters in address", 550, STAGE_RCPT, REASON_PROTOCOL},
	{"too many connections from that IP address", 0, STAGE_CONNECT, REASON_RATE},
	{"Unidentified messages are not acceptable here", 550, STAGE_BODY, REASON_MESSAGE_ID},
	{"This message contains a virus (Eicar)", 550, STAGE_BODY, REASON_CONTENT},
	/* Sendmail */
	{"Relaying denied. Proper authentication required.", 550, STAGE_RCPT, REASON_RELAY_DENIED},
	{"Relaying denied. IP name lookup failed [192.0.2.1]", 550, STAGE_RCPT,
	 REASON_RELAY_DENIED},
	{"Relaying denied. IP name possibly forged [192.0.2.1]", 550, STAGE_RCPT,
	 REASON_RELAY_DENIED},
	{"Rejected 192.0.2.1 found in bl.example", 554, STAGE_RCPT, REASON_DNSBL},
	{"Domain of sender address x@y.example does not exist", 553, STAGE_MAIL,
	 REASON_UNKNOWN_SENDER},
	{"Domain name required for sender address x", 553, STAGE_MAIL, REASON_UNKNOWN_SENDER},
	{"Fix reverse DNS for 192.0.2.1", 550, STAGE_RCPT, REASON_NO_PTR},
	{"Possibly forged hostname for 192.0.2.1", 451, STAGE_RCPT, REASON_BAD_PTR},
	{"Client IP address 192.0.2.1 does not resolve", 451, STAGE_RCPT, REASON_NO_PTR},
	{"Connection rate limit exceeded.", 421, STAGE_CONNECT, REASON_RATE},
	{"Too many open connections.", 421, STAGE_CONNECT, REASON_RATE},
	{"User unknown", 550, STAGE_RCPT, REASON_UNKNOWN_RECIPIENT},
	{"bogus HELO name used: win-0", 550, STAGE_RCPT, REASON_HELO},
	{"Message exceeds maximum fixed size (1000000)", 552, STAGE_BODY, REASON_SIZE},
	/* by circumstance */
	{"", 0, STAGE_UNKNOWN, REASON_OTHER},
	{"hm", 535, STAGE_AUTH, REASON_AUTH_FAILED},
	{"hm", 552, STAGE_BODY, REASON_SIZE},
	{"hm", 501, STAGE_RCPT, REASON_PROTOCOL},
	{"hm", 554, STAGE_CONNECT, REASON_ACCESS},
	{"hm", 550, STAGE_RCPT, REASON_OTHER},
	/* whole words only */
	{"disspamming overspam", 550, STAGE_RCPT, REASON_OTHER},
	{"ADSL", 550, STAGE_RCPT, REASON_OTHER},
};

static void gives_reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum reason reason =
			classify(view_string(cases[i].text), cases[i].code, cases[i].stage);

		if (reason != cases[i].reason)
			fail_msg("'%s': got %s, want %s", cases[i].text, reason_name(reason),
				 reason_name(cases[i].reason));
	}
}

static void tells_missing_from_malformed(void **state)
{
	(void)state;
	assert_true(classify_message_id_missing(VIEW("Message-ID is empty")));
	assert_true(
		classify_message_id_missing(VIEW("Unidentified messages are not acceptable here")));
	assert_false(classify_message_id_missing(VIEW("Message-ID must be an addr-spec")));
}

static void reads_commands(void **state)
{
	(void)state;
	assert_int_equal(classify_command(VIEW("RCPT")), STAGE_RCPT);
	assert_int_equal(classify_command(VIEW("ehlo")), STAGE_HELO);
	assert_int_equal(classify_command(VIEW("END-OF-MESSAGE")), STAGE_BODY);
	assert_int_equal(classify_command(VIEW("VRFY")), STAGE_COMMAND);
	assert_int_equal(classify_command(VIEW("")), STAGE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_reasons),
		cmocka_unit_test(tells_missing_from_malformed),
		cmocka_unit_test(reads_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
