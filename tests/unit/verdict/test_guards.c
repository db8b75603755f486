/* Guards: each for what it guards, and not for what only looks like it. */
#include "world.h"

#define BIT(guard) (1u << (guard))

/* Clients by address and name, and the guards that stand for each. */
struct row {
	const char *address, *name;
	uint16_t messages; /* taken in yesterday; 0: refused */
	uint32_t guards;
};

static void judge_rows(const struct row *rows, size_t count, const struct guard_options *options)
{
	struct world world;

	world_init(&world);
	for (size_t i = 0; i < count; i++)
		world_session(&world, world_client(&world, rows[i].address, rows[i].name),
			      NOON - DAY, rows[i].messages);
	assert_int_equal(world_judge(&world, options), 0);
	for (size_t i = 0; i < count; i++) {
		uint32_t found =
			guards_of(world.verdicts.guards, world_origin(&world, rows[i].address));

		if (found != rows[i].guards)
			fail_msg("%s: %x, not %x", rows[i].address, found, rows[i].guards);
	}
	world_release(&world);
}

static void allowed(void **state)
{
	static const char *const allow[] = {"192.0.2.7",	"198.51.100.0/24", "2001:db8:1::5",
					    "Partner.Example.", "*.net.example",   NULL};
	static const struct row rows[] = {
		{"192.0.2.7", NULL, 0, BIT(GUARD_ALLOWED)},
		{"192.0.2.8", NULL, 0, 0},
		{"198.51.100.255", NULL, 0, BIT(GUARD_ALLOWED)},
		{"198.51.101.0", NULL, 0, 0},
		/* The /64 is judged, and an allowed address lies in it. */
		{"2001:db8:1::99", NULL, 0, BIT(GUARD_ALLOWED)},
		{"2001:db8:2::5", NULL, 0, 0},
		{"203.0.113.1", "mail.PARTNER.example", 0, BIT(GUARD_ALLOWED)},
		{"203.0.113.2", "partner.example", 0, BIT(GUARD_ALLOWED)},
		{"203.0.113.3", "?mail.partner.example", 0, 0},
		{"203.0.113.4", "mail.notpartner.example", 0, 0},
		{"203.0.113.5", "partner.example.evil.test", 0, 0},
		{"203.0.113.6", "a.net.example", 0, BIT(GUARD_ALLOWED)},
	};
	const struct guard_options options = {.allow = allow};

	(void)state;
	judge_rows(rows, sizeof(rows) / sizeof(rows[0]), &options);
}

static void not_allowed(void **state)
{
	static const struct {
		const char *entry, *words;
	} rows[] = {
		{"192.0.2.7/24", "the network is 192.0.2.0/24"},
		{"192.0.2.0/33", "the length of the network"},
		{"not a name", "neither an address, nor a network"},
		{"", "neither an address, nor a network"},
		{"a..b", "neither an address, nor a network"},
		{"user@example.org", "neither an address, nor a network"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *allow[] = {rows[i].entry, NULL};
		const struct guard_options options = {.allow = allow};
		struct world world;

		world_init(&world);
		assert_int_equal(world_judge(&world, &options), -EINVAL);
		assert_non_null(strstr(world.err.text, rows[i].words));
		world_release(&world);
	}
}

static void ours(void **state)
{
	static const char *const own[] = {"203.0.113.0/28", NULL};
	static const struct row rows[] = {
		{"127.0.0.1", NULL, 0, BIT(GUARD_OURS)},
		{"::1", NULL, 0, BIT(GUARD_OURS)},
		{"10.1.2.3", NULL, 0, BIT(GUARD_OURS)},
		{"172.16.0.1", NULL, 0, BIT(GUARD_OURS)},
		{"172.31.255.1", NULL, 0, BIT(GUARD_OURS)},
		{"172.32.0.1", NULL, 0, 0},
		{"192.168.4.4", NULL, 0, BIT(GUARD_OURS)},
		{"169.254.9.9", NULL, 0, BIT(GUARD_OURS)},
		{"fd00::1", NULL, 0, BIT(GUARD_OURS)},
		{"fe80::1", NULL, 0, BIT(GUARD_OURS)},
		{"fec0::1", NULL, 0, 0},
		{"203.0.113.15", NULL, 0, BIT(GUARD_OURS)},
		{"203.0.113.16", NULL, 0, 0},
	};
	const struct guard_options options = {.own = own};

	(void)state;
	judge_rows(rows, sizeof(rows) / sizeof(rows[0]), &options);
}

static void providers(void **state)
{
	static const struct row rows[] = {
		{"192.0.2.1", "mail-ej1-f41.google.com", 0, BIT(GUARD_PROVIDER)},
		{"192.0.2.2", "?mail-ej1-f42.google.com", 0, 0},
		{"192.0.2.3", "google.com.evil.test", 0, 0},
		{"192.0.2.4", "notgoogle.com", 0, 0},
		{"192.0.2.5", "mout.kundenserver.de", 0, BIT(GUARD_PROVIDER)},
		{"192.0.2.6", "relay.big.example", 0, BIT(GUARD_PROVIDER)},
		/* Rented machines of a company with a large mail service. */
		{"192.0.2.8", "8.2.0.192.bc.googleusercontent.com", 0, 0},
	};
	const struct guard_options options = {
		.providers = VIEW("# ours\r\nbig.example # the big one\r\n\n!!nonsense!!\n")};

	(void)state;
	judge_rows(rows, sizeof(rows) / sizeof(rows[0]), &options);
}

static void pools(void **state)
{
	static const struct row rows[] = {
		{"192.0.2.1", "out1.pool.example", 3, BIT(GUARD_WANTED)},
		{"192.0.2.2", "out2.pool.example", 0, BIT(GUARD_POOL)},
		{"192.0.2.3", "?out3.pool.example", 0, 0},
		/* Two that both sent wanted mail guard each other too. */
		{"192.0.2.11", "a.two.example", 1, BIT(GUARD_WANTED) | BIT(GUARD_POOL)},
		{"192.0.2.12", "b.two.example", 1, BIT(GUARD_WANTED) | BIT(GUARD_POOL)},
		/* The registered domain counts, not what is above it. */
		{"192.0.2.21", "mx.one.co.uk", 1, BIT(GUARD_WANTED)},
		{"192.0.2.22", "mx.other.co.uk", 0, 0},
		/* Home lines and rented machines are no pool with the mail servers. */
		{"192.0.2.31", "mail.isp.example", 1, BIT(GUARD_WANTED)},
		{"192.0.2.32", "dsl-192-0-2-32.dynamic.isp.example", 0, 0},
		{"192.0.2.33", "static.33.2.0.192.isp.example", 0, 0},
		{"192.0.2.34", "smtp3.isp.example", 0, BIT(GUARD_POOL)},
	};

	(void)state;
	judge_rows(rows, sizeof(rows) / sizeof(rows[0]), NULL);
}

static void look_back(void **state)
{
	static const struct {
		uint32_t ago, look_back_s;
		bool guarded;
	} rows[] = {
		{DAY, 0, true},	       {29 * DAY, 0, true},
		{32 * DAY, 0, false},  {32 * DAY, 90 * DAY, true},
		{2 * DAY, DAY, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct guard_options options = {.look_back_s = rows[i].look_back_s};
		struct world world;

		world_init(&world);
		world_session(&world, world_client(&world, "192.0.2.1", "a.pool.example"),
			      NOON - rows[i].ago, 5);
		world_session(&world, world_client(&world, "192.0.2.2", "b.pool.example"), NOON, 0);
		assert_int_equal(world_judge(&world, &options), 0);
		assert_int_equal(guards_of(world.verdicts.guards, 1),
				 rows[i].guarded ? BIT(GUARD_WANTED) : 0);
		assert_int_equal(guards_of(world.verdicts.guards, 2),
				 rows[i].guarded ? BIT(GUARD_POOL) : 0);
		world_release(&world);
	}
}

static void outbound(void **state)
{
	struct session_fact session = {
		.number = 1, .start = NOON, .end = NOON, .flags = SESSION_OUTBOUND};
	struct world world;

	(void)state;
	world_init(&world);
	session.client = world_client(&world, "192.0.2.1", NULL);
	world.sink.session(world.sink.context, &session);
	assert_int_equal(world_judge(&world, NULL), 0);
	assert_int_equal(guards_of(world.verdicts.guards, 1), BIT(GUARD_OUTBOUND));
	world_release(&world);
}

/* A name that a look-up confirmed is as good as one of the log. */
static void looked_up(void **state)
{
	struct enrichment_row *row;
	struct world world;
	struct ip ip;

	(void)state;
	world_init(&world);
	world_session(&world, world_client(&world, "192.0.2.1", NULL), NOON, 0);
	assert_true(ip_parse(VIEW("192.0.2.1"), &ip));
	row = enrichment_add(&world.enrichment, &ip);
	row->name = strings_add(world.enrichment.strings, VIEW("mx1.google.com"));
	row->confirmed = ENRICHMENT_YES;
	assert_int_equal(world_judge(&world, NULL), 0);
	assert_int_equal(guards_of(world.verdicts.guards, 1), BIT(GUARD_PROVIDER));
	assert_true(
		view_is(guards_confirmed_name(world.verdicts.guards, 1), VIEW("mx1.google.com")));
	world_release(&world);
}

/* A /64 has the guards of each address in it. */
static void one_of_a_network(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world_session(&world, world_client(&world, "2001:db8::1", NULL), NOON, 0);
	world_session(&world, world_client(&world, "2001:db8::2", "x.example"), NOON, 0);
	world_session(&world, world_client(&world, "2001:db8::3", "mx.google.com"), NOON, 0);
	assert_int_equal(world_judge(&world, NULL), 0);
	assert_int_equal(guards_of(world.verdicts.guards, 1), BIT(GUARD_PROVIDER));
	assert_string_equal(world_against(&world, "2001:db8::1", GUARD_PROVIDER),
			    "is a large provider's by its confirmed name mx.google.com, under "
			    "google.com");
	world_release(&world);
}

static void inside(void **state)
{
	static const char *const allow[] = {"198.51.100.7", NULL};
	static const struct {
		const char *network;
		bool guarded;
	} rows[] = {
		{"192.0.2.0/30", true},	   {"192.0.2.1", true},	      {"192.0.2.2", false},
		{"192.0.2.2/31", false},   {"198.51.100.0/24", true}, {"198.51.100.8/29", false},
		{"198.51.100.0/29", true}, {"10.0.0.0/24", true},     {"0.0.0.0/0", true},
		{"2001:db8::/32", false},
	};
	const struct guard_options options = {.allow = allow};
	struct world world;

	(void)state;
	world_init(&world);
	world_session(&world, world_client(&world, "192.0.2.1", NULL), NOON, 2);
	world_session(&world, world_client(&world, "192.0.2.2", NULL), NOON, 0);
	assert_int_equal(world_judge(&world, &options), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct prefix prefix;

		assert_int_equal(prefix_parse(view_string(rows[i].network), &prefix, NULL), 0);
		if (guards_inside(world.verdicts.guards, &prefix) != rows[i].guarded)
			fail_msg("%s", rows[i].network);
	}
	world_release(&world);
}

static void words(void **state)
{
	static const char *const allow[] = {"192.0.2.0/28", "partner.example", NULL};
	static const struct {
		const char *address;
		enum guard guard;
		const char *words;
	} rows[] = {
		{"192.0.2.1", GUARD_ALLOWED, "is allowed (192.0.2.0/28)"},
		{"203.0.113.1", GUARD_ALLOWED,
		 "is allowed by its confirmed name mx.partner.example, under partner.example"},
		{"10.0.0.9", GUARD_OURS, "is in a network of ours (10.0.0.0/8)"},
		{"203.0.113.9", GUARD_WANTED,
		 "sent 12 messages that were taken in, the last on 2023-11-14"},
		{"203.0.113.10", GUARD_POOL,
		 "is one of 2 hosts under pool.example by its confirmed name; 1 of the others "
		 "sent mail that was taken in"},
	};
	const struct guard_options options = {.allow = allow};
	struct world world;

	(void)state;
	world_init(&world);
	world_session(&world, world_client(&world, "192.0.2.1", NULL), NOON, 0);
	world_session(&world, world_client(&world, "203.0.113.1", "mx.partner.example"), NOON, 0);
	world_session(&world, world_client(&world, "10.0.0.9", NULL), NOON, 0);
	world_session(&world, world_client(&world, "203.0.113.9", "a.pool.example"), NOON - DAY,
		      12);
	world_session(&world, world_client(&world, "203.0.113.10", "b.pool.example"), NOON, 0);
	assert_int_equal(world_judge(&world, &options), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(world_against(&world, rows[i].address, rows[i].guard),
				    rows[i].words);
	world_release(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allowed),  cmocka_unit_test(not_allowed),
		cmocka_unit_test(ours),	    cmocka_unit_test(providers),
		cmocka_unit_test(pools),    cmocka_unit_test(look_back),
		cmocka_unit_test(outbound), cmocka_unit_test(looked_up),
		cmocka_unit_test(inside),   cmocka_unit_test(one_of_a_network),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
