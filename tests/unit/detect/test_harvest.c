#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scene.h"

static void ask(struct scene *scene, uint32_t client, uint32_t time, const char *sender,
		const char *recipient)
{
	struct attempt *attempt;

	scene_refusal(scene, client, time, REASON_UNKNOWN_RECIPIENT, 550, &attempt);
	attempt->sender = scene_string(scene, sender);
	attempt->recipient = scene_string(scene, recipient);
	attempt->flags = ATTEMPT_HAS_SENDER | ATTEMPT_HAS_RECIPIENT;
}

static void ask_many(struct scene *scene, uint32_t client, uint32_t count, uint32_t every,
		     const char *sender)
{
	for (uint32_t i = 0; i < count; i++) {
		char recipient[40];

		snprintf(recipient, sizeof(recipient), "q%cx%c.%u@lab.example", 'a' + (int)(i % 26),
			 'a' + (int)(i / 26), i);
		ask(scene, client, SCENE_START + i * every, sender, recipient);
	}
}

static void take_in(struct scene *scene, uint32_t client, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		scene_session(scene, client, SCENE_START + i * 600, 1);
}

static void random_names(struct scene *scene, uint32_t client)
{
	ask_many(scene, client, 30, 5, "h@evil.example");
}

static void slow(struct scene *scene, uint32_t client)
{
	ask_many(scene, client, 40, 5 * HOUR, "h@evil.example");
}

static void dictionary(struct scene *scene, uint32_t client)
{
	static const char *const names[] = {"aaron", "abby", "Adam", "alan",
					    "anna",  "bob2", "sales"};

	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char recipient[40];

		snprintf(recipient, sizeof(recipient), "%s@lab.example", names[i]);
		ask(scene, client, SCENE_START + i, "h@evil.example", recipient);
	}
}

static void some(struct scene *scene, uint32_t client)
{
	ask_many(scene, client, 6, MINUTE, "h@evil.example");
}

static void the_same(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 300; i++)
		ask(scene, client, SCENE_START + i * HOUR, "a@list.example",
		    i % 2 ? "Gone@lab.example" : "gone@LAB.example");
}

static void newsletter(struct scene *scene, uint32_t client)
{
	ask_many(scene, client, 30, 10, "news@list.example");
	take_in(scene, client, 400);
}

static void most_are_gone(struct scene *scene, uint32_t client)
{
	ask_many(scene, client, 12, 10, "news@list.example");
}

static void dead_readers(struct scene *scene, uint32_t client)
{
	static const char *const names[] = {"aaron", "abby", "adam", "alan", "anna", "bob"};

	for (uint32_t i = 0; i < 60; i++) {
		char recipient[40];

		snprintf(recipient, sizeof(recipient), "%s%u@lab.example", names[i % 6], i / 6);
		ask(scene, client, SCENE_START + i * 8 * HOUR, "bounce-17@list.example", recipient);
	}
}

static void callouts(struct scene *scene, uint32_t client)
{
	ask_many(scene, client, 400, 100, "");
}

static void postfix_callouts(struct scene *scene, uint32_t client)
{
	ask_many(scene, client, 400, 100, "double-bounce@mx.company.example");
}

static void verify(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 14; i++) {
		struct attempt *attempt;

		scene_refusal(scene, client, SCENE_START + i, REASON_POLICY, 502, &attempt);
		attempt->stage = STAGE_COMMAND;
	}
}

static void far_more_than_mail(struct scene *scene, uint32_t client)
{
	ask_many(scene, client, 400, 10, "h@evil.example");
	take_in(scene, client, 2);
}

static const struct scene_case cases[] = {
	{"thirty names in minutes", random_names, SURE, NULL},
	{"forty names over days", slow, SURE, NULL},
	{"seven names of a dictionary", dictionary, SURE, NULL},
	{"VRFY", verify, SURE, NULL},
	{"six names", some, HINTED, NULL},
	{"far more than mail", far_more_than_mail, HINTED, NULL},
	{"a mailbox that is gone", the_same, NOTHING, "mail.company.example"},
	{"a newsletter", newsletter, NOTED, "out1.list.example"},
	{"a newsletter of which all readers are gone", most_are_gone, HINTED, "out1.list.example"},
	{"dead readers with common names", dead_readers, HINTED, "out1.list.example"},
	{"the same without a name", dead_readers, SURE, NULL},
	{"call-outs", callouts, NOTHING, NULL},
	{"call-outs of Postfix", postfix_callouts, NOTHING, NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void grades(void **data)
{
	(void)data;
	scene_play("harvest", cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
