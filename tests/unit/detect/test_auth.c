#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scene.h"

static void failure(struct scene *scene, uint32_t client, uint32_t time, const char *user)
{
	struct attempt *attempt;

	scene_refusal(scene, client, time, REASON_AUTH_FAILED, 535, &attempt);
	attempt->stage = STAGE_AUTH;
	attempt->sender = scene_string(scene, user);
	attempt->flags = user[0] ? ATTEMPT_HAS_SENDER : 0;
}

static void numbered(struct scene *scene, uint32_t client, uint32_t time, uint32_t number)
{
	char user[32];

	snprintf(user, sizeof(user), "person%c%c@lab.example", 'a' + (int)(number / 26 % 26),
		 'a' + (int)(number % 26));
	failure(scene, client, time, user);
}

static void success(struct scene *scene, uint32_t client, uint32_t time)
{
	scene_session(scene, client, time, 1)->flags = SESSION_OUTBOUND;
}

static void fast(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 60; i++)
		numbered(scene, client, SCENE_START + i * 10, i % 20);
}

static void slow(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 40; i++)
		numbered(scene, client, SCENE_START + i * 7 * HOUR, i % 25);
}

static void usual_names(struct scene *scene, uint32_t client)
{
	static const char *const users[] = {"test", "bob", "admin@lab.example"};

	for (uint32_t i = 0; i < 3; i++)
		failure(scene, client, SCENE_START + i, users[i]);
}

static void three_users(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 9; i++)
		numbered(scene, client, SCENE_START + i * 5 * HOUR, i % 3);
}

static void telephone(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 800; i++)
		failure(scene, client, SCENE_START + i * 300, i % 2 ? "anna" : "Anna@Lab.example");
	success(scene, client, SCENE_START + 4 * DAY);
}

static void telephone_for_ever(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 800; i++)
		failure(scene, client, SCENE_START + i * 300, "LAB\\anna");
}

static void hasty_telephone(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 3000; i++)
		failure(scene, client, SCENE_START + i * 4, "anna");
}

static void nobody_knows_whom(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 500; i++)
		failure(scene, client, SCENE_START + i * 5, "");
}

static void telephone_of_nobody(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 800; i++)
		failure(scene, client, SCENE_START + i * 300, "");
}

static void office(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 40; i++) {
		numbered(scene, client, SCENE_START + i * 6 * HOUR, i % 12);
		for (uint32_t n = 0; n < 5; n++)
			success(scene, client, SCENE_START + i * 6 * HOUR + 60 + n);
	}
	for (uint32_t i = 0; i < 60; i++) /* all have a new password */
		numbered(scene, client, SCENE_START + 3 * DAY + i * 60, i % 12);
}

static void broke_in(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 600; i++)
		numbered(scene, client, SCENE_START + i * 10, i % 200);
	success(scene, client, SCENE_START + 2 * HOUR);
}

static void once(struct scene *scene, uint32_t client)
{
	failure(scene, client, SCENE_START, "admin");
}

static const struct scene_case cases[] = {
	{"many users, fast", fast, SURE, NULL},
	{"many users, over days", slow, SURE, NULL},
	{"the names that are tried first", usual_names, SURE, NULL},
	{"three users over days", three_users, HINTED, NULL},
	{"a telephone with an old password", telephone, NOTED, NULL},
	{"a telephone that nobody looks at", telephone_for_ever, NOTED, NULL},
	{"a telephone in a hurry", hasty_telephone, HINTED, NULL},
	{"users not known, fast", nobody_knows_whom, SURE, NULL},
	{"users not known, a telephone's pace", telephone_of_nobody, HINTED, NULL},
	{"an office with slips of the finger", office, NOTED, NULL},
	{"a guesser who found one", broke_in, HINTED, NULL},
	{"one failure", once, NOTED, NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void grades(void **data)
{
	(void)data;
	scene_play("auth", cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
