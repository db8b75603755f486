#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scene.h"

static void tries(struct scene *scene, uint32_t client, uint32_t count, uint32_t every,
		  enum reason reason, uint16_t code)
{
	for (uint32_t i = 0; i < count; i++)
		scene_refusal(scene, client, SCENE_START + i * every, reason, code, NULL);
}

static void listed_for_days(struct scene *scene, uint32_t client)
{
	tries(scene, client, 20, 5 * HOUR, REASON_DNSBL, 554);
}

static void home_line(struct scene *scene, uint32_t client)
{
	tries(scene, client, 14, HOUR, REASON_DYNAMIC, 550);
}

static void some_times(struct scene *scene, uint32_t client)
{
	tries(scene, client, 5, 2 * HOUR, REASON_ACCESS, 554);
}

static void barred_for_days(struct scene *scene, uint32_t client)
{
	tries(scene, client, 20, 5 * HOUR, REASON_ACCESS, 554);
}

static void twice(struct scene *scene, uint32_t client)
{
	tries(scene, client, 2, DAY, REASON_DNSBL, 554);
}

static void many_at_once(struct scene *scene, uint32_t client)
{
	tries(scene, client, 40, MINUTE, REASON_DNSBL, 554);
}

static void queue(struct scene *scene, uint32_t client)
{
	tries(scene, client, 200, 30 * MINUTE, REASON_NO_PTR, 450);
}

static void greylisted(struct scene *scene, uint32_t client)
{
	tries(scene, client, 60, HOUR, REASON_GREYLIST, 450);
}

static void moved_domain(struct scene *scene, uint32_t client)
{
	tries(scene, client, 60, 5 * HOUR, REASON_RELAY_DENIED, 554);
}

static void gone_user(struct scene *scene, uint32_t client)
{
	tries(scene, client, 60, 5 * HOUR, REASON_UNKNOWN_RECIPIENT, 550);
}

static void badly_kept(struct scene *scene, uint32_t client)
{
	tries(scene, client, 60, 5 * HOUR, REASON_NO_PTR, 550);
}

static void listed_for_a_day(struct scene *scene, uint32_t client)
{
	tries(scene, client, 30, 40 * MINUTE, REASON_DNSBL, 554);
	for (uint32_t i = 0; i < 12; i++)
		scene_session(scene, client, SCENE_START + 5 * DAY + i * HOUR, 1);
}

static const struct scene_case cases[] = {
	{"listed, comes for days", listed_for_days, SURE, NULL},
	{"a home line", home_line, SURE, "dsl-192-0-2-7.dynamic.example"},
	{"some times", some_times, HINTED, NULL},
	{"a confirmed name", listed_for_days, NOTED, "mail.company.example"},
	{"barred, a confirmed name", barred_for_days, HINTED, "mail.company.example"},
	{"twice", twice, NOTHING, NULL},
	{"many within an hour", many_at_once, NOTHING, NULL},
	{"a queue tries after 4yz", queue, NOTHING, NULL},
	{"greylisted", greylisted, NOTHING, NULL},
	{"mail for a domain that has moved", moved_domain, NOTHING, NULL},
	{"mail for a user who is gone", gone_user, NOTHING, NULL},
	{"no name, each mail in vain", badly_kept, HINTED, NULL},
	{"listed for a day, then taken in", listed_for_a_day, HARMLESS, "mail.company.example"},
};

/* A message COUNT times, and the next. */
static void bring(struct scene *scene, uint32_t client, uint32_t messages, uint32_t count,
		  enum reason reason)
{
	for (uint32_t i = 0; i < messages * count; i++) {
		struct attempt *attempt;
		char sender[40];

		snprintf(sender, sizeof(sender), "s%u@far.example", i / count);
		scene_refusal(scene, client, SCENE_START + i * 50 * MINUTE, reason, 450, &attempt);
		attempt->sender = scene_string(scene, sender);
		attempt->recipient = scene_string(scene, i % 2 ? "A@lab.example" : "a@lab.example");
		attempt->flags = ATTEMPT_HAS_SENDER | ATTEMPT_HAS_RECIPIENT;
	}
}

static void never_again(struct scene *scene, uint32_t client)
{
	bring(scene, client, 30, 1, REASON_BAD_PTR);
}

static void again(struct scene *scene, uint32_t client)
{
	bring(scene, client, 30, 2, REASON_BAD_PTR);
}

static void not_yet_again(struct scene *scene, uint32_t client)
{
	bring(scene, client, 6, 1, REASON_BAD_PTR);
}

static void greylisted_only(struct scene *scene, uint32_t client)
{
	bring(scene, client, 30, 1, REASON_GREYLIST);
}

static const struct scene_case later[] = {
	{"never comes again", never_again, HINTED, NULL},
	{"comes again", again, NOTHING, NULL},
	{"has not come again so far", not_yet_again, NOTHING, NULL},
	{"greylisted", greylisted_only, NOTHING, NULL},
	{"named", never_again, NOTHING, "mail.company.example"},
};

static void told_to_come_later(void **data)
{
	(void)data;
	scene_play("no-retry", later, sizeof(later) / sizeof(later[0]));
}

/* Twelve tries in six hours: there with the twelfth, whatever comes later. */
static void when_it_was_enough(void **data)
{
	struct scene scene;
	struct seen seen;
	uint32_t client;

	(void)data;
	scene_init(&scene);
	client = scene_stranger(&scene, 1);
	tries(&scene, client, 400, 6 * HOUR, REASON_DNSBL, 554);
	seen = scene_see(&scene, "retries", client);
	assert_int_equal(seen.decided, SCENE_START + 11 * 6 * HOUR + HOUR);
	scene_release(&scene);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void grades(void **data)
{
	(void)data;
	scene_play("retries", cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grades),
		cmocka_unit_test(when_it_was_enough),
		cmocka_unit_test(told_to_come_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
