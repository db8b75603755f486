/* Tables of any query; what strangers typed does no harm in any form. */
#include <sqlite3.h>

#include "fixture.h"

static char *write_rows(enum report_format format, unsigned int width)
{
	static const char *const names[] = {"who", "n", "what"};
	static const char *const rows[][3] = {
		{"a\033[2Jb", "1234", "=cmd|'/c calc'!A1"},
		{"quote\",\n", "-5", NULL},
		{"", "7.5", "a very long text that goes on and on beyond the width of terminals"},
	};
	static const int types[][3] = {
		{SQLITE_TEXT, SQLITE_INTEGER, SQLITE_TEXT},
		{SQLITE_TEXT, SQLITE_INTEGER, SQLITE_NULL},
		{SQLITE_TEXT, SQLITE_FLOAT, SQLITE_TEXT},
	};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct table_writer *writer = table_writer_new(format, out, width);

	table_writer_columns(writer, 3, names);
	for (size_t i = 0; i < 3; i++) {
		int lengths[3];

		for (int j = 0; j < 3; j++)
			lengths[j] = rows[i][j] ? (int)strlen(rows[i][j]) : 0;
		table_writer_row(writer, 3, rows[i], lengths, types[i]);
	}
	table_writer_free(writer);
	fclose(out);
	return text;
}

static void rows_of_a_query(void **state)
{
	static const struct {
		enum report_format format;
		unsigned int width;
		const char *want;
	} rows[] = {
		{REPORT_TEXT, 40,
		 "  who             n  what\n"
		 "  a\\x1b[2Jb    1234  =cmd|'/c calc'!A1\n"
		 "  quote\",\\x0a    -5\n"
		 "                7.5  a very long text t…\n"},
		{REPORT_JSON, 0,
		 "[\n  {\"who\": \"a\\u001b[2Jb\", \"n\": 1234, \"what\": \"=cmd|'/c calc'!A1\"},\n"
		 "  {\"who\": \"quote\\\",\\n\", \"n\": -5, \"what\": null},\n"
		 "  {\"who\": \"\", \"n\": 7.5, \"what\": \"a very long text that goes on and on "
		 "beyond the width of terminals\"}\n]\n"},
		{REPORT_CSV, 0,
		 "who,n,what\r\na\\x1b[2Jb,1234,'=cmd|'/c calc'!A1\r\n\"quote\"\",\\x0a\",-5,\r\n"
		 ",7.5,a very long text that goes on and on beyond the width of terminals\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *text = write_rows(rows[i].format, rows[i].width);

		if (strcmp(text, rows[i].want) != 0)
			fail_msg("row %zu:\n%s\nnot:\n%s", i, text, rows[i].want);
		free(text);
	}
}

static void nothing_at_all(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct table_writer *writer = table_writer_new(REPORT_JSON, out, 0);

	(void)state;
	table_writer_columns(writer, 0, NULL);
	table_writer_free(writer);
	fclose(out);
	assert_string_equal(text, "[]\n");
	free(text);
}

/* Names, addresses and users of hostile clients, in every report and form. */
static void hostile_facts(void **state)
{
	static const char bad[] =
		"x\033]0;t\007\x80\r\n\"},{\"report\": \"forged\"@\033[31m.example";
	struct fixture f;
	uint32_t client;

	(void)state;
	fixture_init(&f);
	client = fixture_client(&f, "192.0.2.1", bad, false);
	fixture_session(&f, client, NOON, 5, 1u << REASON_RELAY_DENIED);
	fixture_session(&f, client, NOON + 50, 5, 1u << REASON_AUTH_FAILED);
	fixture_refusal(&f, client, NOON, REASON_RELAY_DENIED, bad, bad);
	fixture_refusal(&f, client, NOON, REASON_RELAY_DENIED, bad, bad);
	fixture_refusal(&f, client, NOON, REASON_AUTH_FAILED, bad, NULL);
	snprintf(f.input.samples[0].program, sizeof(f.input.samples[0].program), "\033[7mpostfix");
	f.input.sample_count = 1;
	for (int format = REPORT_TEXT; format <= REPORT_JSON; format++) {
		f.options.format = (enum report_format)format;
		assert_int_equal(
			fixture_print(&f,
				      "overview,traffic,connections,relay,refusals,retries,auth,"
				      "messageid,trend"),
			0);
		fixture_expect_not(&f, "\033");
		fixture_expect_not(&f, "\007");
		fixture_expect_not(&f, "\x80");
		if (f.options.format == REPORT_JSON)
			fixture_expect_not(&f, "\"report\": \"forged\"");
	}
	f.options.format = REPORT_CSV;
	f.options.table = "repeated_pairs";
	assert_int_equal(fixture_print(&f, "relay"), 0);
	fixture_expect_not(&f, "\033");
	fixture_release(&f);
}

/* On a narrow terminal the last column is not cut until nothing can be told from it. */
static void a_sentence_finds_room(void **state)
{
	static const char name[] = "a-host-of-many-words.in-a-region.of-a-provider.example";
	struct fixture f;
	uint32_t client;

	(void)state;
	fixture_init(&f);
	client = fixture_client(&f, "192.0.2.1", name, true);
	fixture_refusal(&f, client, NOON, REASON_RELAY_DENIED, "a@b.example", "c@d.example");
	f.options.table = "clients";
	f.options.format = REPORT_TEXT;
	f.options.width = 80;
	assert_int_equal(fixture_print(&f, "relay"), 0);
	fixture_expect(&f, "  recipients  first                last\n");
	fixture_expect(&f, "\n    a-host-of-many-words.in-a-region.of-a-provider.example\n");
	f.options.width = 400;
	assert_int_equal(fixture_print(&f, "relay"), 0);
	fixture_expect(&f, "  last                 name\n");
	fixture_expect_not(&f, "\n    a-host");
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_a_query),
		cmocka_unit_test(nothing_at_all),
		cmocka_unit_test(hostile_facts),
		cmocka_unit_test(a_sentence_finds_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
