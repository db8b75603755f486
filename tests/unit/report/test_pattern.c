/* Patterns of refused senders. */
#include "fixture.h"

static const char *const people[] = {
	"anna",	 "bob",	  "carol",   "dave",   "erin",	 "frank",  "grace",   "heidi",
	"ivan",	 "judy",  "mallory", "marion", "martin", "maria",  "mark",    "matt",
	"oscar", "peggy", "ralph",   "sybil",  "trent",	 "ursula", "victor",  "walter",
	"xena",	 "yves",  "zoe",     "niaj",   "olga",	 "paul",   "quentin", "rupert",
	"joan",	 "john",  "jose",    "johann", "joseph", "info",   "sales",   "office",
};
#define PEOPLE (sizeof(people) / sizeof(*people))

static void add_people(struct fixture *f, uint32_t client, const char *domain)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		char sender[100];

		snprintf(sender, sizeof(sender), "%s@%s", people[i], domain);
		fixture_refusal(f, client, NOON, REASON_DNSBL, sender, "me@lab.example");
	}
}

/* PREFIX and a random tail, COUNT times. */
static void add_flood(struct fixture *f, uint32_t client, const char *prefix, const char *domain,
		      unsigned int count, enum reason reason)
{
	uint64_t seed = 7;

	for (unsigned int i = 0; i < count; i++) {
		char sender[200];
		int tail;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		tail = (int)(seed >> 33) % 100000;
		snprintf(sender, sizeof(sender), "%s%c%d%u@%s", prefix, 'a' + (char)(seed >> 60),
			 tail, i, domain);
		fixture_refusal(f, client, NOON, reason, sender, "you@far.example");
	}
}

static void flood_among_people(void **state)
{
	struct fixture f;
	uint32_t one, other;

	(void)state;
	fixture_init(&f);
	one = fixture_client(&f, "192.0.2.1", "", true);
	other = fixture_client(&f, "192.0.2.2", "", true);
	add_people(&f, one, "hotmail.com");
	add_people(&f, one, "lab.example");
	add_flood(&f, one, "ny", "hotmail.com", 300, REASON_SENDER_VERIFY);
	add_flood(&f, other, "Ny", "HotMail.com", 20, REASON_RELAY_DENIED);
	assert_int_equal(fixture_print(&f, "refusals"), 0);
	fixture_expect(&f, "\"sender_patterns\": [\n      {\"pattern\": \"ny*@hotmail.com\", "
			   "\"senders\": 320, \"refusals\": 320, \"clients\": 2}\n    ]");
	fixture_release(&f);
}

static void people_alone(void **state)
{
	struct fixture f;
	uint32_t client;

	(void)state;
	fixture_init(&f);
	client = fixture_client(&f, "192.0.2.1", "", true);
	add_people(&f, client, "one.example");
	add_people(&f, client, "two.example");
	add_flood(&f, client, "ny", "few.example", 7, REASON_HELO);
	assert_int_equal(fixture_print(&f, "refusals"), 0);
	fixture_expect(&f, "\"sender_patterns\": []");
	fixture_release(&f);
}

static void long_and_hostile(void **state)
{
	char prefix[120];
	struct fixture f;
	uint32_t client;

	(void)state;
	fixture_init(&f);
	client = fixture_client(&f, "192.0.2.1", "", true);
	add_flood(&f, client, "bounce-list-7-", "news.example", 50, REASON_HELO);
	memset(prefix, 'q', sizeof(prefix));
	prefix[sizeof(prefix) - 1] = 0;
	add_flood(&f, client, prefix, "long.example", 10, REASON_HELO);
	add_flood(&f, client, "\033[2J", "esc.example", 10, REASON_HELO);
	for (int i = 0; i < 20; i++)
		fixture_refusal(&f, client, NOON, REASON_HELO, "@", "me@lab.example");
	assert_int_equal(fixture_print(&f, "refusals"), 0);
	fixture_expect(&f, "{\"pattern\": \"bounce-list-7-*@news.example\", \"senders\": 50,");
	fixture_expect(&f, "qqq*@long.example\", \"senders\": 10,");
	fixture_expect(&f, "*@esc.example\", \"senders\": 10,");
	fixture_expect_not(&f, "\033");
	f.options.format = REPORT_TEXT;
	assert_int_equal(fixture_print(&f, "refusals"), 0);
	fixture_expect(&f, "\\x1b[2j*@esc.example");
	fixture_expect_not(&f, "\033");
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flood_among_people),
		cmocka_unit_test(people_alone),
		cmocka_unit_test(long_and_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
