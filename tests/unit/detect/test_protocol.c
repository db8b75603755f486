#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scene.h"

static void say(struct scene *scene, uint32_t client, uint32_t time, enum stage stage,
		uint16_t code)
{
	struct attempt *attempt;

	scene_refusal(scene, client, time, REASON_PROTOCOL, code, &attempt);
	attempt->stage = (uint8_t)stage;
}

static void http_once(struct scene *scene, uint32_t client)
{
	say(scene, client, SCENE_START, STAGE_COMMAND, 0);
}

static void http_twice(struct scene *scene, uint32_t client)
{
	say(scene, client, SCENE_START, STAGE_COMMAND, 0);
	say(scene, client, SCENE_START + 10, STAGE_COMMAND, 0);
}

static void again_and_again(struct scene *scene, uint32_t client)
{
	say(scene, client, SCENE_START, STAGE_COMMAND, 421);
	say(scene, client, SCENE_START + HOUR, STAGE_UNKNOWN, 501);
	say(scene, client, SCENE_START + DAY, STAGE_CONNECT, 521);
}

static void many_in_one_session(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 20; i++) {
		struct attempt *attempt;

		scene_refusal(scene, client, SCENE_START + i, REASON_PROTOCOL, 500, &attempt);
		attempt->stage = STAGE_COMMAND;
		attempt->session = 1;
	}
}

static void too_many_errors(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 4; i++) {
		struct attempt *attempt;

		scene_refusal(scene, client, SCENE_START + i * HOUR, REASON_TOO_MANY_ERRORS, 421,
			      &attempt);
		attempt->stage = STAGE_COMMAND;
	}
}

static void too_many_recipients(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 4; i++)
		scene_refusal(scene, client, SCENE_START + i, REASON_TOO_MANY_ERRORS, 421, NULL);
}

static void clumsy(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 9; i++) {
		say(scene, client, SCENE_START + i * HOUR, STAGE_RCPT, 501);
		say(scene, client, SCENE_START + i * HOUR, STAGE_MAIL, 503);
		say(scene, client, SCENE_START + i * HOUR, STAGE_AUTH, 504);
		say(scene, client, SCENE_START + i * HOUR, STAGE_COMMAND, 504);
	}
}

static const struct scene_case cases[] = {
	{"a port scanner", http_once, NOTED, NULL},
	{"twice", http_twice, HINTED, NULL},
	{"again and again", again_and_again, SURE, NULL},
	{"many commands in one session", many_in_one_session, NOTED, NULL},
	{"too many errors", too_many_errors, SURE, NULL},
	{"too many recipients", too_many_recipients, NOTHING, NULL},
	{"clumsy", clumsy, NOTHING, NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void grades(void **data)
{
	(void)data;
	scene_play("protocol", cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
