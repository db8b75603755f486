#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "relaying.h"

static const char pattern[] = "one-mail-many-clients";

/* A mail refused for what it is, as an evening's log once had it. */
static struct attempt *refused(struct scene *scene, uint32_t client, uint32_t time)
{
	struct attempt *attempt =
		denied(scene, client, time, "5140ghxc@aci.example", "LENNON@onlinerock.example");

	attempt->reason = REASON_MESSAGE_ID;
	attempt->code = 553;
	attempt->stage = STAGE_BODY;
	return attempt;
}

static struct patterns pairs_of(struct scene *scene)
{
	struct detection *detection = scene_detect(scene);
	struct patterns patterns;
	struct findings none = {0};

	detection_tell(detection, &none, &patterns);
	detection_free(detection);
	return patterns;
}

static void an_evening(void **data)
{
	static const char *const addresses[] = {"61.77.232.38", "165.246.189.33", "61.77.232.38",
						"211.209.23.36", "12.237.128.54"};
	static const uint32_t seconds[] = {45, 58, 67, 78, 87};
	struct scene scene;
	struct patterns patterns;
	uint32_t clients[5];

	(void)data;
	scene_init(&scene);
	for (int i = 0; i < 5; i++) {
		clients[i] =
			scene_client(&scene, addresses[i],
				     i == 4 ? "12-237-128-54.client.attbi.example" : "", i == 4);
		refused(&scene, clients[i], SCENE_START + seconds[i]);
	}
	for (int i = 0; i < 5; i++) {
		struct seen seen = scene_see(&scene, pattern, clients[i]);

		assert_true(seen.found);
		assert_int_equal(seen.grade, GRADE_STRONG);
		assert_non_null(strstr(seen.sentence, "is an apparent open relay"));
		assert_non_null(strstr(seen.sentence, "4 independent clients within 42 s"));
	}
	patterns = pairs_of(&scene);
	assert_int_equal(patterns.pair_count, 1);
	assert_int_equal(patterns.pairs[0].clients, 4);
	assert_int_equal(patterns.pairs[0].sources, 4);
	assert_int_equal(patterns.pairs[0].attempts, 5);
	assert_int_equal(patterns.pairs[0].first, SCENE_START + 45);
	assert_int_equal(patterns.pairs[0].last, SCENE_START + 87);
	assert_int_equal(patterns.clients[0], clients[0]);
	assert_int_equal(patterns.clients[1], clients[1]);
	assert_int_equal(patterns.clients[2], clients[3]);
	assert_int_equal(patterns.clients[3], clients[4]);
	patterns_release(&patterns);
	scene_release(&scene);
}

/* CLIENT and OTHERS far from it and each other, STEP seconds apart. */
static struct attempt *through(struct scene *scene, uint32_t client, uint32_t others, uint32_t step)
{
	for (uint32_t i = 1; i <= others; i++)
		refused(scene, scene_stranger(scene, 70000 * i), SCENE_START + i * step);
	return refused(scene, client, SCENE_START);
}

static void three(struct scene *scene, uint32_t client)
{
	through(scene, client, 2, 200);
}

/* CLIENT and OTHERS, which have names. */
static void named(struct scene *scene, uint32_t client, uint32_t others)
{
	for (uint32_t i = 1; i <= others; i++) {
		char address[32], name[64];

		snprintf(address, sizeof(address), "198.%u.7.9", i);
		snprintf(name, sizeof(name), "mail.forwarder%u.example", i);
		refused(scene, scene_client(scene, address, name, true), SCENE_START + i);
	}
	refused(scene, client, SCENE_START);
}

static void forwarders(struct scene *scene, uint32_t client)
{
	named(scene, client, 3);
}

static void many_with_names(struct scene *scene, uint32_t client)
{
	named(scene, client, 4);
}

static void two(struct scene *scene, uint32_t client)
{
	through(scene, client, 1, 200);
}

static void too_far_apart(struct scene *scene, uint32_t client)
{
	through(scene, client, 5, 400);
}

static void same_client(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 50; i++)
		refused(scene, client, SCENE_START + i * 10);
	two(scene, client);
}

static void one_network(struct scene *scene, uint32_t client)
{
	through(scene, client, 1, 100);
	for (uint32_t i = 0; i < 20; i++)
		refused(scene, scene_stranger(scene, 70000 + i), SCENE_START + i);
}

static void one_site(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 20; i++) {
		char address[32], name[64];

		snprintf(address, sizeof(address), "203.%u.7.9", i);
		snprintf(name, sizeof(name), "out-%u.mail%u.provider.example", i, i % 3);
		refused(scene, scene_client(scene, address, name, true), SCENE_START + i);
	}
	refused(scene, client, SCENE_START + 30);
}

static void of_case(struct scene *scene, uint32_t client)
{
	struct attempt *attempt;
	uint32_t sender = scene_string(scene, "5140GHXC@ACI.EXAMPLE");

	three(scene, client);
	attempt = refused(scene, client, SCENE_START + 5);
	attempt->sender = sender;
	refused(scene, scene_stranger(scene, 90000), SCENE_START + 6)->sender = sender;
}

static void change(struct scene *scene, enum reason reason, uint16_t code)
{
	for (size_t i = 0; i < scene->count; i++)
		if (!scene->facts[i].is_session && scene->facts[i].attempt.count) {
			scene->facts[i].attempt.reason = (uint8_t)reason;
			scene->facts[i].attempt.code = code;
			scene->facts[i].attempt.stage = STAGE_RCPT;
		}
}

static void greylisted(struct scene *scene, uint32_t client)
{
	through(scene, client, 7, 60);
	change(scene, REASON_GREYLIST, 450);
}

static void no_ptr(struct scene *scene, uint32_t client)
{
	through(scene, client, 7, 60);
	change(scene, REASON_NO_PTR, 554);
}

static void to_come_again(struct scene *scene, uint32_t client)
{
	scene_client(scene, "192.0.9.9", "mail.other.example", true);
	through(scene, client, 7, 60);
	change(scene, REASON_UNKNOWN_SENDER, 450);
}

static void to_come_again_without_names(struct scene *scene, uint32_t client)
{
	through(scene, client, 7, 60);
	change(scene, REASON_UNKNOWN_SENDER, 450);
}

static void denied_for_now(struct scene *scene, uint32_t client)
{
	three(scene, client);
	change(scene, REASON_RELAY_DENIED, 454);
}

static void bounce(struct scene *scene, uint32_t client)
{
	three(scene, client);
	for (size_t i = 0; i < scene->count; i++)
		scene->facts[i].attempt.sender = 0;
}

static void logs_in(struct scene *scene, uint32_t client)
{
	three(scene, client);
	scene_session(scene, client, SCENE_START + DAY, 1)->flags = SESSION_OUTBOUND;
}

static void wanted_since(struct scene *scene, uint32_t client)
{
	through(scene, client, 5, 60);
	scene_session(scene, client, SCENE_START + DAY, 1);
}

static void who_is_a_relay(void **data)
{
	static const struct scene_case cases[] = {
		{"three", three, SURE, NULL},
		{"three, named", three, SURE, "mail.firm.example"},
		{"forwarders", forwarders, HINTED, "mail.firm.example"},
		{"forwarders, and one without a name", forwarders, SURE, NULL},
		{"many, with names", many_with_names, SURE, "mail.firm.example"},
		{"two", two, NOTHING, NULL},
		{"too far apart", too_far_apart, NOTHING, NULL},
		{"the same client", same_client, NOTHING, NULL},
		{"one network", one_network, NOTHING, NULL},
		{"one site", one_site, NOTHING, NULL},
		{"letter case", of_case, SURE, NULL},
		{"greylisted", greylisted, NOTHING, NULL},
		{"no PTR", no_ptr, NOTHING, NULL},
		{"to come again", to_come_again, SURE, NULL},
		{"to come again, named", to_come_again, NOTHING, "out.firm.example"},
		{"to come again, a log without names", to_come_again_without_names, NOTHING, NULL},
		{"denied to relay, for now", denied_for_now, SURE, NULL},
		{"bounces", bounce, NOTHING, NULL},
		{"logs in", logs_in, NOTHING, NULL},
		{"wanted mail since", wanted_since, NOTHING, NULL},
	};

	(void)data;
	scene_play(pattern, cases, sizeof(cases) / sizeof(*cases));
}

static void the_window_can_be_set(void **data)
{
	struct scene scene;
	uint32_t client;

	(void)data;
	scene_init(&scene);
	client = scene_stranger(&scene, 1);
	through(&scene, client, 2, 500);
	assert_false(scene_see(&scene, pattern, client).found);
	scene.settings[0] = "one-mail-many-clients.window=1000";
	assert_true(scene_see(&scene, pattern, client).found);
	scene.settings[1] = "one-mail-many-clients.sources=4";
	assert_false(scene_see(&scene, pattern, client).found);
	scene_release(&scene);
}

/* Whether pairs are told when sender and recipient had their roles on DAYS after the refusals. */
static size_t told_with_roles(enum stage stage, const char *sender, enum reason reason,
			      uint32_t sent, uint32_t received)
{
	struct scene scene;
	struct detection *detection;
	struct fact_sink sink;
	struct findings none = {0};
	struct patterns patterns;
	uint32_t day = SCENE_START / DAY, from, to;
	size_t count;

	scene_init(&scene);
	scene.domains[0] = "lab.example";
	three(&scene, scene_stranger(&scene, 1));
	from = scene_string(&scene, sender);
	to = scene_string(&scene, "lennon@ONLINEROCK.example");
	for (size_t i = 0; i < scene.count; i++) {
		scene.facts[i].attempt.stage = (uint8_t)stage;
		scene.facts[i].attempt.sender = from;
		if (!scene.facts[i].is_session)
			scene.facts[i].attempt.reason = (uint8_t)reason;
	}
	detection = scene_detect(&scene);
	sink = detection_sink(detection);
	sink.role(sink.context, &(struct role_fact){day + sent, from, ROLE_MAIL_SENDER});
	sink.role(sink.context, &(struct role_fact){day + received, to, ROLE_MAIL_RECIPIENT});
	detection_tell(detection, &none, &patterns);
	assert_int_equal(patterns.pair_count, 1);
	count = !patterns.pairs[0].cleared;
	patterns_release(&patterns);
	detection_free(detection);
	scene_release(&scene);
	return count;
}

static void what_got_through(void **data)
{
	static const char far[] = "a@far.example", ours[] = "a@lab.example";

	(void)data;
	assert_int_equal(told_with_roles(STAGE_RCPT, far, REASON_DNSBL, 0, 0), 0);
	assert_int_equal(told_with_roles(STAGE_RCPT, far, REASON_DNSBL, 0, 1), 0);
	assert_int_equal(told_with_roles(STAGE_RCPT, far, REASON_DNSBL, 1, 1), 0);
	assert_int_equal(told_with_roles(STAGE_RCPT, far, REASON_DNSBL, 1, 0), 1);
	assert_int_equal(told_with_roles(STAGE_RCPT, far, REASON_DNSBL, 2, 2), 1);
	/* The server may have logged the message as received before it refused it. */
	assert_int_equal(told_with_roles(STAGE_BODY, far, REASON_CONTENT, 0, 0), 1);
	assert_int_equal(told_with_roles(STAGE_BODY, far, REASON_CONTENT, 1, 1), 0);
	/* Nobody but a user of ours gets through where relaying is denied. */
	assert_int_equal(told_with_roles(STAGE_RCPT, far, REASON_RELAY_DENIED, 0, 0), 1);
	assert_int_equal(told_with_roles(STAGE_RCPT, ours, REASON_RELAY_DENIED, 0, 0), 0);
}

/* Mails without end, each another one: what is old and was tried by one client is forgotten. */
static void a_long_stream(void **data)
{
	struct scene scene;
	struct detection *detection;
	struct fact_sink sink;
	struct patterns patterns;
	struct findings none = {0};
	uint32_t strings[2000], client;
	size_t most = 0, before;

	(void)data;
	scene_init(&scene);
	client = scene_stranger(&scene, 5);
	for (uint32_t i = 0; i < 2000; i++) {
		char text[32];

		snprintf(text, sizeof(text), "u%u@x.example", i);
		strings[i] = scene_string(&scene, text);
	}
	three(&scene, scene_stranger(&scene, 1));
	detection = scene_detect(&scene);
	sink = detection_sink(detection);
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	for (uint32_t n = 0; n < 1500000; n++) {
		struct attempt attempt = {
			.time = SCENE_START + 3 * DAY + n * 3,
			.client = client,
			.sender = strings[n / 2000 % 2000],
			.recipient = strings[n % 2000],
			.count = 1,
			.code = 550,
			.reason = REASON_CONTENT,
			.stage = STAGE_RCPT,
			.flags = ATTEMPT_HAS_SENDER | ATTEMPT_HAS_RECIPIENT,
		};
		size_t now;

		sink.attempt(sink.context, &attempt);
		if (n % 50000)
			continue;
		now = mallinfo2().uordblks + mallinfo2().hblkhd;
		most = now > before + most ? now - before : most;
	}
	assert_true(most < (size_t)16 << 20);
	detection_tell(detection, &none, &patterns);
	assert_int_equal(patterns.pair_count, 1);
	patterns_release(&patterns);
	detection_free(detection);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_evening),
		cmocka_unit_test(who_is_a_relay),
		cmocka_unit_test(the_window_can_be_set),
		cmocka_unit_test(what_got_through),
		cmocka_unit_test(a_long_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
