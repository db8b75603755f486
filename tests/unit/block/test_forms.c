/* What forms write, byte by byte; the owners' tools are asked in tests/block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "block/wording.h"
#include "sample_plan.h"

static char *written(const char *name, const struct plan *plan, const struct form_options *options)
{
	const struct block_form *form = block_form_find(view_string(name));
	struct err err = {""};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(form);
	assert_int_equal(form->write(plan, options, out, &err), 0);
	fclose(out);
	return text;
}

static struct plan small_plan(void)
{
	struct plan plan = {0};

	sample_add(&plan, "192.0.2.7", "tried \"21\" at 100%:\n$x");
	sample_add(&plan, "192.0.2.128/25", "half");
	sample_add(&plan, "2001:db8:0:1::/64", "six");
	return plan;
}

static void lines_are_as_their_owners_want_them(void **state)
{
	static const struct {
		const char *form, *line;
	} rows[] = {
		{"postfix",
		 "192.0.2.7/32\tREJECT e=0000002a relay-probe: tried \"21\" at 100%: $x\n"},
		{"postfix", "192.0.2.128/25\tREJECT e=0000002b relay-probe: half\n"},
		{"postfix", "2001:db8:0:1::/64\tREJECT e=0000002c relay-probe: six\n"},
		{"postscreen", "# e=0000002a relay-probe: tried \"21\" at 100%: $x\n"
			       "192.0.2.7/32\treject\n"},
		{"exim", "192.0.2.7: e=0000002a relay-probe: tried \"21\" at 100%: $x\n"},
		{"exim", "\"2001:db8:0:1::/64\": e=0000002c relay-probe: six\n"},
		{"sendmail",
		 "Connect:192.0.2.7\tERROR:5.7.1:550 e=0000002a relay-probe tried 21 at "
		 "100 x\n"},
		{"sendmail", "Connect:192.0.2.255\tERROR:5.7.1:550 e=0000002b relay-probe half\n"},
		{"sendmail", "Connect:IPv6:2001:db8:0:1\tERROR:5.7.1:550 e=0000002c relay-probe "
			     "six\n"},
		{"rbldnsd", "\n192.0.2.7 :127.0.0.2:e=0000002a relay-probe: tried \"21\" at 100%: "
			    "$$x why=$\n"},
		{"rbldnsd", "$DATASET ip6trie @\n:127.0.0.2:e=00000000 test: RFC 5782\n"
			    "::FFFF:7F00:2\n!::FFFF:7F00:1\n2001:db8:0:1::/64 :127.0.0.2:"},
		{"rbldnsd", "\n127.0.0.2\n!127.0.0.1\n192.0.2.7 "},
		{"route", "\nroute replace blackhole 192.0.2.128/25 proto 250 metric 250\n"},
		{"nft",
		 "\t\t\t192.0.2.7 timeout 3600s comment \"e=0000002a relay-probe: tried '21' "
		 "at 100%: $x\",\n"},
		{"nft", "\t\ttcp dport { 25, 2525 } ip saddr @b4 counter drop\n"},
		{"nft", "ip saddr & 255.255.255.128 @b4_25 counter drop\n"},
		{"nft", "ip6 saddr & ffff:ffff:ffff:ffff:: @b6_64 counter drop\n"},
		{"plain", "192.0.2.128/25\t3600\thalf\n"},
		{"plain", "192.0.2.7\t3600\ttried \"21\" at 100%:\\x0a$x\n"},
		{"json", "{\"client\": \"192.0.2.7\", \"id\": \"0000002a\", \"pattern\": "
			 "\"relay-probe\", \"because\": \"tried \\\"21\\\" at 100%:\\n$x\", "
			 "\"ttl_seconds\": 3600, \"evidence\": {\"pattern\": \"relay-probe\"}}"},
	};
	const struct form_options options = {.url = "why=$", .ports = {25, 2525}};
	struct plan plan = small_plan();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = written(rows[i].form, &plan, &options);

		if (!strstr(text, rows[i].line))
			fail_msg("%s does not write:\n%s\nbut:\n%s", rows[i].form, rows[i].line,
				 text);
		free(text);
	}
	plan_release(&plan);
}

static void every_form_is_one_line_a_block_and_ascii(void **state)
{
	const struct form_options options = {0};
	struct plan plan = sample_plan();

	(void)state;
	for (size_t i = 0; block_forms[i]; i++) {
		char *text = written(block_forms[i]->name, &plan, &options);
		bool utf8 = strcmp(block_forms[i]->name, "plain") == 0 ||
			    strcmp(block_forms[i]->name, "json") == 0;

		for (const char *c = text; *c; c++)
			if ((*c < ' ' && *c != '\n' && *c != '\t') || *c == 0x7f)
				assert_true(utf8 && *c < 0);
		free(text);
	}
	plan_release(&plan);
}

static void an_empty_plan_is_a_whole_file(void **state)
{
	const struct form_options options = {0};
	const struct plan plan = {0};

	(void)state;
	for (size_t i = 0; block_forms[i]; i++) {
		char *text = written(block_forms[i]->name, &plan, &options);

		if (strcmp(block_forms[i]->name, "json") == 0)
			assert_string_equal(text, "[]\n");
		else if (strcmp(block_forms[i]->name, "plain") != 0)
			assert_true(strlen(text) > 0);
		free(text);
	}
}

static void names_of_zones_are_checked(void **state)
{
	static const char *const bad[] = {"", ".", ".x", "a b", "x\ny", "$x", "a/b"};
	const struct block_form *form = block_form_find(VIEW("rbldnsd"));
	const struct plan plan = {0};
	FILE *out = fopen("/dev/null", "w");

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct form_options zone = {.zone = bad[i]};
		struct err err = {""};

		assert_true(form->write(&plan, &zone, out, &err) < 0);
		assert_non_null(strstr(err.text, "--zone"));
	}
	fclose(out);
}

static void ids_are_found_in_replies(void **state)
{
	static const struct {
		const char *text;
		bool found;
		uint32_t id;
	} rows[] = {
		{"e=0123abcd", true, 0x0123abcd},
		{"Client host rejected: e=0123abcd relay-probe: x", true, 0x0123abcd},
		{"<e=0123abcd>", true, 0x0123abcd},
		{"e=0123abc", false, 0},
		{"e=0123abcde", false, 0},
		{"e=0123ABCD", false, 0},
		{"size=0123abcd", false, 0},
		{"e= 0123abcd", false, 0},
		{"e=xyz e=00000001 more", true, 1},
		{"", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t id = 0;
		bool found = block_find_id(view_string(rows[i].text), &id);

		if (found != rows[i].found || id != rows[i].id)
			fail_msg("'%s'", rows[i].text);
	}
}

static void words_are_cut_to_their_room(void **state)
{
	static const char sentence[] = "0123456789012345678901234567890123456789";
	struct plan plan = {0};

	(void)state;
	sample_add(&plan, "192.0.2.1", sentence);
	for (size_t max = 24; max < 70; max++) {
		struct text text = {0};

		block_wording(&plan, &plan.blocks[0], "", max, &text);
		assert_true(text.len <= max);
		if (max > 27 && !strstr(text.ptr, sentence))
			assert_string_equal(text.ptr + text.len - 3, "...");
		text_release(&text);
	}
	plan_release(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_as_their_owners_want_them),
		cmocka_unit_test(every_form_is_one_line_a_block_and_ascii),
		cmocka_unit_test(an_empty_plan_is_a_whole_file),
		cmocka_unit_test(names_of_zones_are_checked),
		cmocka_unit_test(ids_are_found_in_replies),
		cmocka_unit_test(words_are_cut_to_their_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
