#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scene.h"

/* COUNT refused connections, spread over SECONDS. */
static void refused(struct scene *scene, uint32_t client, uint32_t count, uint32_t seconds,
		    enum reason reason, uint16_t code)
{
	for (uint32_t i = 0; i < count; i++)
		scene_refusal(scene, client,
			      SCENE_START + (uint32_t)((uint64_t)i * seconds / count), reason, code,
			      NULL);
}

static void idle(struct scene *scene, uint32_t client, uint32_t count, uint32_t seconds)
{
	for (uint32_t i = 0; i < count; i++)
		scene_session(scene, client,
			      SCENE_START + (uint32_t)((uint64_t)i * seconds / count), 0);
}

static void six_thousand(struct scene *scene, uint32_t client)
{
	refused(scene, client, 6312, 9 * HOUR, REASON_SENDER_VERIFY, 450);
}

static void seven_hundred(struct scene *scene, uint32_t client)
{
	refused(scene, client, 700, 9 * HOUR, REASON_SENDER_VERIFY, 450);
}

static void hundred_in_an_hour(struct scene *scene, uint32_t client)
{
	refused(scene, client, 101, HOUR, REASON_SENDER_VERIFY, 450);
}

static void half_dropped(struct scene *scene, uint32_t client)
{
	idle(scene, client, 240, 600);
	refused(scene, client, 60, 600, REASON_RATE, 421);
}

static void fifty_eight(struct scene *scene, uint32_t client)
{
	refused(scene, client, 58, HOUR, REASON_SENDER_VERIFY, 450);
}

static void busy_and_wanted(struct scene *scene, uint32_t client)
{
	refused(scene, client, 2404, 9 * HOUR, REASON_SENDER_VERIFY, 450);
	for (uint32_t i = 0; i < 300; i++)
		scene_session(scene, client, SCENE_START + i * 100, 1);
}

static void smarthost(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 4000; i++)
		scene_session(scene, client, SCENE_START + i * 8, 1);
}

static void greylisted(struct scene *scene, uint32_t client)
{
	refused(scene, client, 900, 3 * HOUR, REASON_GREYLIST, 450);
}

static void monitor(struct scene *scene, uint32_t client)
{
	idle(scene, client, 17280, DAY);
}

static void hundreds_of_times(struct scene *scene, uint32_t client)
{
	idle(scene, client, 6312, 9 * HOUR);
}

static void breaks_off(struct scene *scene, uint32_t client)
{
	idle(scene, client, 600, 2 * HOUR);
}

/* At the rate of a table once published, at times that follow no clock. */
static void restless(struct scene *scene, uint32_t client)
{
	uint32_t random = 7;

	for (uint32_t i = 0; i < 700; i++) {
		random = random * 1664525 + 1013904223;
		scene_session(scene, client, SCENE_START + (random >> 8) % (9 * HOUR), 0);
	}
}

static void minute_by_minute(struct scene *scene, uint32_t client)
{
	idle(scene, client, 9 * 60, 9 * HOUR);
}

static void every_half_minute(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 5 * 120; i++)
		scene_session(scene, client, SCENE_START + 500 + i * 30, 0);
}

/* As Exim logs it by default: one session as long as no minute is silent. */
static void one_long_session(struct scene *scene, uint32_t client)
{
	struct session_fact *session = scene_refusal(scene, client, SCENE_START + 3 * HOUR,
						     REASON_SENDER_VERIFY, 550, NULL);

	session->start = SCENE_START;
	session->refusals = 1400;
	session->flags = SESSION_INFERRED;
}

static void many_recipients(struct scene *scene, uint32_t client)
{
	one_long_session(scene, client);
	scene->facts[scene->count - 1].session.start = SCENE_START + 3 * HOUR - 10;
}

static void lost_its_name(struct scene *scene, uint32_t client)
{
	refused(scene, client, 600, DAY, REASON_NO_PTR, 450);
}

static void telephone(struct scene *scene, uint32_t client)
{
	refused(scene, client, 1200, 4 * DAY, REASON_AUTH_FAILED, 535);
}

static void queue_of_the_nameless(struct scene *scene, uint32_t client)
{
	refused(scene, client, 9000, 3 * DAY, REASON_NO_PTR, 450);
}

static void our_users(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 900; i++)
		scene_session(scene, client, SCENE_START + i * 10, 0)->flags = SESSION_OUTBOUND;
}

static const struct scene_case cases[] = {
	{"6312 connections in nine hours", six_thousand, SURE, NULL},
	{"700 connections in nine hours", seven_hundred, SURE, NULL},
	{"101 in an hour", hundred_in_an_hour, SURE, NULL},
	{"300 in ten minutes, most dropped", half_dropped, SURE, NULL},
	{"58 in an hour, without a name", fifty_eight, HINTED, NULL},
	{"58 in an hour, named", fifty_eight, HARMLESS, "mail.ee.example"},
	{"a named large sender, not a message taken in", six_thousand, HINTED, "mx1.plala.example"},
	{"a home line's name is none", six_thousand, SURE, "dsl-192-0-2-7.dynamic.example"},
	{"a named large sender with wanted mail", busy_and_wanted, HARMLESS, "mx1.plala.example"},
	{"a sender with wanted mail, without a name", busy_and_wanted, HARMLESS, NULL},
	{"a smarthost that delivers", smarthost, HARMLESS, NULL},
	{"greylisted", greylisted, HARMLESS, NULL},
	{"what looks like one long session", one_long_session, SURE, NULL},
	{"a session with many recipients", many_recipients, NOTHING, NULL},
	{"6312 connections that did nothing", hundreds_of_times, SURE, NULL},
	{"600 connections that did nothing, named", breaks_off, HARMLESS, "probe.company.example"},
	{"connections that break off", breaks_off, SURE, NULL},
	{"700 connections that did nothing, in nine hours", restless, SURE, NULL},
	{"the same, named", restless, HARMLESS, "mx1.plala.example"},
	{"a monitor, every minute for nine hours", minute_by_minute, HINTED, NULL},
	{"a monitor, twice a minute for five hours", every_half_minute, HINTED, NULL},
	{"a monitor, every five seconds", monitor, HARMLESS, NULL},
	{"a server that lost its name tries again", lost_its_name, HARMLESS, NULL},
	{"a telephone with an old password", telephone, NOTHING, NULL},
	{"a long queue of a server that lost its name", queue_of_the_nameless, NOTED, NULL},
	{"our own users", our_users, HARMLESS, NULL},
};

/* Where everybody connects as often, nobody floods; the one far above does. */
static void what_is_usual(void **data)
{
	struct scene scene;
	struct seen usual, far;

	(void)data;
	scene_init(&scene);
	for (uint32_t n = 0; n < 80; n++)
		refused(&scene, scene_stranger(&scene, n), n == 79 ? 2500 : 120, HOUR,
			REASON_SENDER_VERIFY, 450);
	usual = scene_see(&scene, "flood", scene_stranger(&scene, 3));
	far = scene_see(&scene, "flood", scene_stranger(&scene, 79));
	assert_false(usual.found);
	assert_true(far.found);
	assert_int_equal(far.grade, GRADE_STRONG);
	/* 100 connections were made after two and a half minutes: in the first quarter. */
	assert_int_equal(far.decided, SCENE_START + 900);
	scene_release(&scene);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void grades(void **data)
{
	(void)data;
	scene_play("flood", cases, COUNT(cases));
}

/* Whom nothing was refused to is not told to have been "refused in 0". */
static void none_is_a_word(void **state)
{
	struct scene scene;
	uint32_t client;

	(void)state;
	scene_init(&scene);
	client = scene_client(&scene, "192.0.2.7", "", false);
	idle(&scene, client, 700, HOUR);
	assert_non_null(strstr(scene_see(&scene, "flood", client).sentence,
			       "and was refused in none of these connections"));
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grades),
		cmocka_unit_test(what_is_usual),
		cmocka_unit_test(none_is_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
