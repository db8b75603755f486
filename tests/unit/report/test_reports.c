/* Each report's JSON over one small ledger; options, periods, several at once. */
#include <errno.h>

#include "fixture.h"

#define RELAY (1u << REASON_RELAY_DENIED)

static void relay_facts(struct fixture *f, uint32_t probe, uint32_t other)
{
	uint32_t local = fixture_string(f, "lab.example");
	struct role_fact role = {.day = NOON / 86400, .string = local, .role = ROLE_LOCAL_DOMAIN};
	struct session_fact session = {
		.number = ++f->session,
		.client = probe,
		.start = NOON,
		.end = NOON + 2,
		.duration_ms = 2000,
		.reasons = RELAY | SESSION_PERMANENT,
		.refusals = 1,
		.relay_refusals = 1,
		.flags = SESSION_GAVE_UP,
	};

	f->sink.role(f->sink.context, &role);
	f->sink.session(f->sink.context, &session);
	fixture_session(f, other, NOON + 60, 4, RELAY | SESSION_PERMANENT);
	fixture_refusal(f, probe, NOON, REASON_RELAY_DENIED, "root@Lab.Example", "a@yahoo.com");
	fixture_refusal(f, other, NOON + 60, REASON_RELAY_DENIED, "", "b@yahoo.com");
	fixture_refusal(f, other, NOON + 61, REASON_RELAY_DENIED, "x@spam.example", "b@YAHOO.com");
	fixture_refusal(f, other, NOON + 62, REASON_RELAY_DENIED, "root@Lab.Example",
			"a@yahoo.com");
	fixture_refusal(f, other, NOON + 63, REASON_RELAY_DENIED, "x@spam.example", "c@aol.com");
}

static void other_facts(struct fixture *f, uint32_t client, uint32_t guesser)
{
	struct attempt attempt = {
		.time = NOON + 100,
		.client = client,
		.count = 2,
		.code = 553,
		.reason = REASON_MESSAGE_ID,
		.flags = ATTEMPT_MESSAGE_ID_MISSING,
	};

	fixture_session(f, client, NOON + 100, 1, 1u << REASON_MESSAGE_ID | SESSION_PERMANENT);
	f->sink.attempt(f->sink.context, &attempt);
	attempt.flags = ATTEMPT_MESSAGE_ID_MALFORMED;
	attempt.count = 1;
	f->sink.attempt(f->sink.context, &attempt);
	fixture_session(f, guesser, NOON + 200, 9, 1u << REASON_AUTH_FAILED | SESSION_PERMANENT);
	fixture_refusal(f, guesser, NOON + 201, REASON_AUTH_FAILED, "admin", NULL);
	fixture_refusal(f, guesser, NOON + 208, REASON_AUTH_FAILED, "admin", NULL);
	fixture_refusal(f, guesser, NOON + 208, REASON_AUTH_FAILED, "", NULL);
}

static void small_ledger(struct fixture *f)
{
	struct slot slot = {
		.start = NOON / SLOT_S * SLOT_S,
		.received = 3,
		.delivered = 4,
		.rejected = 9,
		.connections = 4,
		.sessions_exact = 4,
		.connected_ms = 15500,
		.max_ms = 9000,
		.peak_concurrent = 2,
		.relay_attempts = 5,
		.probes = 2,
		.bytes_received = 12345,
	};
	uint32_t probe, other, client, guesser;

	fixture_init(f);
	probe = fixture_client(f, "192.0.2.9", "h9.dyn.isp.co.uk", false);
	other = fixture_client(f, "192.0.2.10", "h10.dyn.isp.co.uk", false);
	client = fixture_client(f, "2001:db8::1", "forged.example", true);
	guesser = fixture_client(f, "198.51.100.7", "", true);
	relay_facts(f, probe, other);
	other_facts(f, client, guesser);
	f->sink.slot(f->sink.context, &slot);
	f->input =
		(struct input_totals){.files = 2, .lines = 50, .bytes = 6000, .not_understood = 1};
}

static void json_of_each(void **state)
{
	static const struct {
		const char *report, *want;
	} rows[] = {
		{"traffic", "{\n  \"report\": \"traffic\",\n"
			    "  \"period\": {\"from\": \"2023-11-14T22:13:20Z\", "
			    "\"to\": \"2023-11-14T22:16:49Z\"},\n"
			    "  \"input\": {\"files\": 2, \"lines\": 50, \"bytes\": 6000, "
			    "\"other_programs\": 0, \"not_understood\": 1},\n"
			    "  \"tables\": {\n    \"hourly\": [\n"
			    "      {\"hour\": \"2023-11-14T22:00:00Z\", \"received\": 3, "
			    "\"delivered\": 4, \"deferred\": 0, \"bounced\": 0, \"rejected\": 9, "
			    "\"spike\": false}\n    ],\n"},
		{"traffic", "\"bytes_received\": 12345, \"bytes_delivered\": 0, \"senders\": 0"},
		{"connections", "\"connections\": 4, \"spike\": false, \"seconds\": 16, "
				"\"avg_seconds\": 4, \"max_seconds\": 9, \"peak_concurrent\": 2}"},
		{"connections", "{\"connections\": 2, \"seconds\": 6, \"avg_seconds\": 3, "
				"\"max_seconds\": 4, \"client\": \"isp.co.uk\", \"name\": "
				"\"isp.co.uk\", \"addresses\": 2},\n"
				"      {\"connections\": 1, \"seconds\": 9, \"avg_seconds\": 9, "
				"\"max_seconds\": 9, \"client\": \"198.51.100.7\", \"name\": \"\""},
		{"connections", "\"client\": \"2001:db8::1\", \"name\": \"forged.example\""},
		{"relay", "{\"attempts\": 5, \"clients\": 2, \"clients_once\": 1, \"sessions\": 2, "
			  "\"senders\": 3, \"recipients\": 4, \"pairs\": 4, "
			  "\"repeated_pairs\": 1, \"triples\": 5, \"null_sender_attempts\": 1, "
			  "\"gave_up_sessions\": 1}"},
		{"relay", "{\"client\": \"192.0.2.10\", \"attempts\": 4, \"sessions\": 1, "
			  "\"senders\": 3, \"recipients\": 4, "
			  "\"first\": \"2023-11-14T22:14:20Z\", "
			  "\"last\": \"2023-11-14T22:14:23Z\", \"name\": \"h10.dyn.isp.co.uk\"},\n"
			  "      {\"client\": \"192.0.2.9\""},
		{"relay", "\"recipient_domains\": [\n"
			  "      {\"recipients\": 3, \"attempts\": 4, \"domain\": \"yahoo.com\"},\n"
			  "      {\"recipients\": 1, \"attempts\": 1, \"domain\": \"aol.com\"}\n"},
		{"relay", "\"sender_domains\": [\n"
			  "      {\"senders\": 1, \"attempts\": 2, \"domain\": \"lab.example\"},\n"
			  "      {\"senders\": 1, \"attempts\": 2, \"domain\": \"spam.example\"},\n"
			  "      {\"senders\": 1, \"attempts\": 1, \"domain\": \"\"}\n"},
		{"relay",
		 "\"repeated_pairs\": [\n"
		 "      {\"sender\": \"root@Lab.Example\", \"recipient\": \"a@yahoo.com\", "
		 "\"attempts\": 2, \"clients\": 2, \"first\": \"2023-11-14T22:13:20Z\", "
		 "\"last\": \"2023-11-14T22:14:22Z\"}\n    ]"},
		{"relay", "\"forged_local\": [\n"
			  "      {\"client\": \"192.0.2.9\", \"senders\": 1, \"recipients\": 1, "
			  "\"attempts\": 1, \"name\": \"h9.dyn.isp.co.uk\"},\n"
			  "      {\"client\": \"192.0.2.10\", \"senders\": 1"},
		{"refusals", "{\"reason\": \"relay-denied\", \"refusals\": 5, \"sessions\": 2, "
			     "\"clients\": 2, \"share\": 0.454545454545455},\n"
			     "      {\"reason\": \"auth-failed\", \"refusals\": 3,"},
		{"refusals", "{\"client\": \"198.51.100.7\", \"reason\": \"auth-failed\", "
			     "\"refusals\": 3, \"sessions\": 1, "},
		{"retries", "\"persistence\": []"},
		{"auth",
		 "\"users\": [\n      {\"user\": \"admin\", \"failures\": 2, "
		 "\"first\": \"2023-11-14T22:16:41Z\", \"last\": \"2023-11-14T22:16:48Z\"}\n"},
		{"auth", "{\"client\": \"198.51.100.7\", \"failures\": 3, \"sessions\": 1, "},
		{"messageid", "\"summary\": [\n"
			      "      {\"kind\": \"missing\", \"refusals\": 2, \"clients\": 1},\n"
			      "      {\"kind\": \"malformed\", \"refusals\": 1, \"clients\": 1}\n"},
		{"messageid", "{\"kind\": \"missing\", \"refusals\": 2, \"clients\": 1, "
			      "\"client\": \"2001:db8::1\", "},
		{"trend", "\"counts\": [\n      {\"period\": \"2023-11-13T00:00:00Z\", "
			  "\"attempts\": 5, \"clients\": 2, \"probes\": 2, \"connections\": 4, "
			  "\"rejected\": 9}\n    ]"},
		{"overview", "\"reasons\": [\n      {\"reason\": \"relay-denied\""},
	};
	struct fixture f;

	(void)state;
	small_ledger(&f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(fixture_print(&f, rows[i].report), 0);
		fixture_expect(&f, rows[i].want);
	}
	assert_int_equal(fixture_print(&f, "auth,trend"), 0);
	assert_memory_equal(f.out, "[{\n  \"report\": \"auth\"", 21);
	fixture_expect(&f, "\n},\n{\n  \"report\": \"trend\"");
	assert_string_equal(f.out + f.out_len - 3, "}]\n");
	fixture_release(&f);
}

static void empty_ledger(void **state)
{
	static const char *const names[] = {"overview", "traffic",   "connections",
					    "relay",	"refusals",  "retries",
					    "auth",	"messageid", "trend"};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		f.options.format = REPORT_JSON;
		assert_int_equal(fixture_print(&f, names[i]), 0);
		fixture_expect(&f, "\"period\": {\"from\": null, \"to\": null}");
		f.options.format = REPORT_TEXT;
		assert_int_equal(fixture_print(&f, names[i]), 0);
		fixture_expect(&f, "Period: no events\n");
	}
	fixture_release(&f);
}

static void options_and_their_errors(void **state)
{
	struct fixture f;

	(void)state;
	small_ledger(&f);
	f.options.top = 1;
	assert_int_equal(fixture_print(&f, "relay"), 0);
	fixture_expect_not(&f, "{\"client\": \"192.0.2.9\", \"attempts\"");
	f.options.by = BY_DAY;
	assert_int_equal(fixture_print(&f, "relay"), -EINVAL);
	assert_string_equal(f.err.text, "report 'relay' takes no option '--by'");
	assert_int_equal(fixture_print(&f, "relay,traffic"), 0);
	fixture_expect(&f, "\"hour\": \"2023-11-14T00:00:00Z\"");
	f.options.by = BY_HOUR;
	assert_int_equal(fixture_print(&f, "trend"), -EINVAL);
	assert_string_equal(f.err.text,
			    "can't use --by hour with report 'trend': it takes day week month");
	f.options.by = BY_DEFAULT;
	f.options.by_address = true;
	assert_int_equal(fixture_print(&f, "connections"), 0);
	fixture_expect_not(&f, "\"client\": \"isp.co.uk\"");
	f.options.by_address = false;
	f.options.format = REPORT_CSV;
	assert_int_equal(fixture_print(&f, "auth"), -EINVAL);
	assert_non_null(strstr(f.err.text, "'auth' has clients, users"));
	f.options.table = "nothing";
	assert_int_equal(fixture_print(&f, "auth"), -EINVAL);
	f.options.table = "users";
	assert_int_equal(fixture_print(&f, "auth"), 0);
	assert_string_equal(f.out, "user,failures,first,last\r\n"
				   "admin,2,2023-11-14T22:16:41Z,2023-11-14T22:16:48Z\r\n");
	fixture_release(&f);
}

/* Our domains by --local alone, and none. */
static void local_domains(void **state)
{
	static const char *const local[] = {"SPAM.example", NULL};
	struct fixture f;

	(void)state;
	small_ledger(&f);
	f.options.local_domains = local;
	assert_int_equal(fixture_print(&f, "relay"), 0);
	fixture_expect(&f, "\"forged_local\": [\n"
			   "      {\"client\": \"192.0.2.10\", \"senders\": 2, \"recipients\": 3, "
			   "\"attempts\": 3,");
	fixture_release(&f);
}

static void asked_period(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.ledger.from = 1699920000;
	f.ledger.until = 1700006400;
	assert_int_equal(fixture_print(&f, "trend"), 0);
	fixture_expect(&f,
		       "{\"from\": \"2023-11-14T00:00:00Z\", \"to\": \"2023-11-15T00:00:00Z\"}");
	fixture_release(&f);
}

/* Weeks without anything have their rows, and marks their lines. */
static void trend_in_text(void **state)
{
	static const struct report_mark marks[] = {{NOON + 86400, "moved \033[31m"}};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	for (unsigned int week = 0; week < 4; week++) {
		struct slot slot = {.start = NOON / SLOT_S * SLOT_S + week * 7 * 86400,
				    .relay_attempts = week == 3 ? 1000 : 1};

		if (week != 2)
			f.sink.slot(f.sink.context, &slot);
	}
	f.options.format = REPORT_TEXT;
	f.options.marks = marks;
	f.options.mark_count = 1;
	assert_int_equal(fixture_print(&f, "trend"), 0);
	fixture_expect(&f, "The bars show attempts.\n");
	fixture_expect(&f, "  2023-W46         1        0       0            0         0  ▏\n"
			   "  ── 2023-11-15 Wed: moved \\x1b[31m\n");
	fixture_expect(&f, "\n  2023-W48         0        0       0            0         0\n");
	f.options.log_scale = true;
	assert_int_equal(fixture_print(&f, "trend"), 0);
	fixture_expect(&f, "on a logarithmic scale");
	fixture_expect(&f, "  2023-W46         1        0       0            0         0  ████▉\n");
	fixture_expect(&f, "\n  2023-W48         0        0       0            0         0\n");
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_of_each),
		cmocka_unit_test(empty_ledger),
		cmocka_unit_test(options_and_their_errors),
		cmocka_unit_test(local_domains),
		cmocka_unit_test(asked_period),
		cmocka_unit_test(trend_in_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
