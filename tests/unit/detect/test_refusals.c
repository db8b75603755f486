#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scene.h"

static void refuse(struct scene *scene, uint32_t client, uint32_t count, uint32_t every,
		   enum reason reason, uint16_t code)
{
	for (uint32_t i = 0; i < count; i++)
		scene_refusal(scene, client, SCENE_START + i * every, reason, code, NULL);
}

static void take_in(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 20; i++)
		scene_session(scene, client, SCENE_START + i * HOUR, 1);
}

static void early_once(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 1, 1, REASON_PREGREET, 554);
}

static void early_often(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 6, HOUR, REASON_PREGREET, 554);
}

static void early_with_mail(struct scene *scene, uint32_t client)
{
	early_often(scene, client);
	take_in(scene, client);
}

static void early_users(struct scene *scene, uint32_t client)
{
	early_often(scene, client);
	scene_session(scene, client, SCENE_START, 1)->flags = SESSION_OUTBOUND;
}

static void listed_once(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 1, 1, REASON_DNSBL, 554);
}

static void listed_often(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 9, HOUR, REASON_DNSBL, 554);
}

static void listed_in_a_burst(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 30, 2, REASON_DNSBL, 554);
}

static void no_name(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 500, 600, REASON_NO_PTR, 550);
}

static void home_line(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 500, 600, REASON_DYNAMIC, 550);
}

static void no_message_id(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 500, 600, REASON_MESSAGE_ID, 550);
}

static void too_fast(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 40, MINUTE, REASON_RATE, 421);
}

static void too_fast_for_days(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 7, 5 * HOUR, REASON_RATE, 421);
}

static void too_fast_once(struct scene *scene, uint32_t client)
{
	refuse(scene, client, 3, MINUTE, REASON_RATE, 421);
}

static void too_fast_with_mail(struct scene *scene, uint32_t client)
{
	too_fast(scene, client);
	take_in(scene, client);
}

static const struct {
	const char *pattern;
	struct scene_case one;
} cases[] = {
	{"pregreet", {"once", early_once, NOTED, NULL}},
	{"pregreet", {"often", early_often, SURE, NULL}},
	{"pregreet", {"with mail", early_with_mail, HINTED, NULL}},
	{"pregreet", {"users of ours", early_users, NOTED, NULL}},
	{"listed", {"once", listed_once, NOTED, NULL}},
	{"listed", {"often", listed_often, SURE, NULL}},
	{"listed", {"often, named", listed_often, HINTED, "mail.company.example"}},
	{"listed", {"in a burst", listed_in_a_burst, HINTED, NULL}},
	{"listed", {"no name", no_name, NOTED, NULL}},
	{"listed", {"a home line", home_line, NOTED, NULL}},
	{"listed", {"not at all", early_often, NOTHING, NULL}},
	{"message-id", {"many", no_message_id, NOTED, NULL}},
	{"rate", {"often", too_fast, HINTED, NULL}},
	{"rate", {"for days", too_fast_for_days, HINTED, NULL}},
	{"rate", {"once", too_fast_once, NOTED, NULL}},
	{"rate", {"with mail", too_fast_with_mail, NOTED, NULL}},
};

static void grades(void **data)
{
	(void)data;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		scene_play(cases[i].pattern, &cases[i].one, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(grades)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
