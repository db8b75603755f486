/* What one client does to relay: probes, many senders, forged senders, the null sender. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "relaying.h"

/* COUNT recipients, each in one of DOMAINS domains and of one of SENDERS senders. */
static void many(struct scene *scene, uint32_t client, uint32_t time, uint32_t step, uint32_t count,
		 uint32_t domains, uint32_t senders, const char *sender_domain)
{
	for (uint32_t i = 0; i < count; i++) {
		char sender[64], recipient[64];

		snprintf(sender, sizeof(sender), "s%u@%s", i % senders, sender_domain);
		snprintf(recipient, sizeof(recipient), "r%u@d%u.example", i, i % domains);
		denied(scene, client, time + i * step, sender, recipient);
	}
}

static void once(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 1, 1, 1, 1, "a.example");
}

static void three_in_an_hour(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 1200, 3, 3, 1, "a.example");
}

static void three_in_one_domain(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 60, 3, 1, 1, "a.example");
}

static void five_in_one_domain(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 60, 5, 1, 1, "a.example");
}

static void twenty_in_one_domain(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 10, 20, 1, 15, "a.example");
}

static void one_a_day(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, DAY, 9, 4, 1, "a.example");
}

static void two_a_day_apart(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, DAY, 2, 2, 1, "a.example");
}

/* A device that sends its report each day, denied. */
static void one_again_and_again(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 40; i++)
		denied(scene, client, SCENE_START + i * DAY, "scanner@lab.example",
		       "owner@elsewhere.example");
}

static void user_without_login(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 5, 6, 6, 1, "lab.example");
}

static void user_who_logs_in(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 5, 12, 6, 1, "a.example");
	scene_session(scene, client, SCENE_START + HOUR, 1)->flags = SESSION_OUTBOUND;
}

static void office(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 60, 12, 12, 4, "lab.example");
}

static const char *const forms[] = {"relay%far.example@lab.example",
				    "far.example!relay@lab.example",
				    "@lab.example:relay@far.example", "\"relay@far.example\""};

static void tricks(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 4; i++)
		denied(scene, client, SCENE_START + i, "a@b.example", forms[i])->reason =
			i % 2 ? REASON_UNKNOWN_RECIPIENT : REASON_PROTOCOL;
}

static void one_trick(struct scene *scene, uint32_t client)
{
	denied(scene, client, SCENE_START, "a@b.example", forms[0]);
}

static void literal(struct scene *scene, uint32_t client)
{
	denied(scene, client, SCENE_START, "a@b.example", "postmaster@[198.51.100.1]")->reason =
		REASON_UNKNOWN_RECIPIENT;
}

static void marked(struct scene *scene, uint32_t client)
{
	denied(scene, client, SCENE_START, "a@b.example", "198.51.100.1@far.example");
}

static void probes(void **data)
{
	static const struct scene_case cases[] = {
		{"once", once, NOTED, NULL},
		{"three in an hour", three_in_an_hour, SURE, NULL},
		{"three in an hour, three domains, named", three_in_an_hour, SURE,
		 "mail.firm.example"},
		{"three in one domain", three_in_one_domain, HINTED, NULL},
		{"five in one domain", five_in_one_domain, SURE, NULL},
		{"five in one domain, named", five_in_one_domain, NOTED, "mail.firm.example"},
		{"twenty in one domain, named", twenty_in_one_domain, NOTED, "mail.firm.example"},
		{"five in one domain, home line", five_in_one_domain, SURE,
		 "192-0-2-7.dsl.isp.example"},
		{"one a day", one_a_day, SURE, NULL},
		{"a machine of ours", one_a_day, NOTED, "www.lab.example"},
		{"two, days apart", two_a_day_apart, NOTED, NULL},
		{"one again and again", one_again_and_again, NOTED, NULL},
		{"a user without login", user_without_login, NOTED, NULL},
		{"a user who logs in", user_who_logs_in, NOTED, NULL},
		{"an office without login", office, HINTED, NULL},
		{"tricks", tricks, SURE, NULL},
		{"tricks, named", tricks, SURE, "scan.firm.example"},
		{"one trick", one_trick, HINTED, NULL},
		{"an address literal", literal, NOTHING, NULL},
		{"a marked recipient", marked, HINTED, NULL},
	};

	(void)data;
	scene_play("relay-probe", cases, sizeof(cases) / sizeof(*cases));
}

static void spam(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 3000, 60, 7, 23, "a.example");
}

static void five_senders(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 3000, 10, 2, 5, "a.example");
}

static void two_senders(struct scene *scene, uint32_t client)
{
	many(scene, client, SCENE_START, 3000, 60, 7, 2, "a.example");
}

static void senders(void **data)
{
	static const struct scene_case cases[] = {
		{"spam", spam, SURE, NULL},
		{"five senders", five_senders, HINTED, NULL},
		{"two senders", two_senders, NOTHING, NULL},
		{"the mail of one domain", twenty_in_one_domain, NOTED, "mail.firm.example"},
		{"the mail of one domain, nameless", twenty_in_one_domain, NOTED, NULL},
		{"an office without login", office, NOTED, NULL},
	};

	(void)data;
	scene_play("many-senders", cases, sizeof(cases) / sizeof(*cases));
}

static void forge(struct scene *scene, uint32_t client, uint32_t count, bool one_recipient,
		  bool administrative)
{
	static const char *const names[] = {"root", "info", "Admin", "postmaster", "test"};

	for (uint32_t i = 0; i < count; i++) {
		char sender[64], recipient[64];

		snprintf(sender, sizeof(sender), "%s%s@LAB.example", names[i % 5],
			 administrative ? "" : "son");
		snprintf(recipient, sizeof(recipient), "box%u@far.example", one_recipient ? 0 : i);
		denied(scene, client, SCENE_START + i * 30, sender, recipient);
	}
}

static void administrators(struct scene *scene, uint32_t client)
{
	forge(scene, client, 5, true, true);
}

static void two_administrators(struct scene *scene, uint32_t client)
{
	forge(scene, client, 2, true, true);
}

static void colleagues(struct scene *scene, uint32_t client)
{
	forge(scene, client, 5, false, true);
}

static void three_people(struct scene *scene, uint32_t client)
{
	forge(scene, client, 3, true, false);
}

static void forgeries(void **data)
{
	static const struct scene_case cases[] = {
		{"administrators", administrators, SURE, NULL},
		{"two administrators", two_administrators, HINTED, NULL},
		{"each to his own", colleagues, NOTED, NULL},
		{"people to one recipient", three_people, NOTED, NULL},
		{"a user without login", user_without_login, NOTED, NULL},
		{"senders of others", spam, NOTHING, NULL},
	};

	(void)data;
	scene_play("forged-local", cases, sizeof(cases) / sizeof(*cases));
}

static void bounces(struct scene *scene, uint32_t client, uint32_t count, uint32_t domains)
{
	for (uint32_t i = 0; i < count; i++) {
		char recipient[64];

		snprintf(recipient, sizeof(recipient), "r%u@d%u.example", i, i % domains);
		denied(scene, client, SCENE_START + i * 30, "", recipient);
	}
}

static void null_probe(struct scene *scene, uint32_t client)
{
	bounces(scene, client, 3, 2);
}

static void stray_bounce(struct scene *scene, uint32_t client)
{
	bounces(scene, client, 1, 1);
}

static void bounces_to_one_domain(struct scene *scene, uint32_t client)
{
	bounces(scene, client, 12, 1);
}

static void null_senders(void **data)
{
	static const struct scene_case cases[] = {
		{"several", null_probe, HINTED, NULL},
		{"several, named", null_probe, NOTED, "mail.firm.example"},
		{"a stray bounce", stray_bounce, NOTED, NULL},
		{"to one domain", bounces_to_one_domain, NOTED, NULL},
		{"none", spam, NOTHING, NULL},
	};

	(void)data;
	scene_play("null-sender", cases, sizeof(cases) / sizeof(*cases));
}

static void words(void **data)
{
	struct scene scene;
	struct seen seen;
	uint32_t client;

	(void)data;
	scene_init(&scene);
	client = scene_stranger(&scene, 1);
	many(&scene, client, SCENE_START, 60, 21, 2, 1, "a.example");
	seen = scene_see(&scene, "relay-probe", client);
	assert_non_null(strstr(seen.sentence, "to 21 recipients in 2 domains"));
	assert_int_equal(seen.decided, SCENE_START + 120);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probes),    cmocka_unit_test(senders),
		cmocka_unit_test(forgeries), cmocka_unit_test(null_senders),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
