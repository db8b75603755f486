#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scene.h"

static void greet(struct scene *scene, uint32_t client, uint32_t count, const char *helo,
		  enum reason reason)
{
	for (uint32_t i = 0; i < count; i++)
		scene_refusal(scene, client, SCENE_START + i * HOUR, reason, 554, NULL)->helo =
			scene_string(scene, helo);
}

static void our_domain(struct scene *scene, uint32_t client)
{
	greet(scene, client, 6, "LAB.example.", REASON_UNKNOWN_RECIPIENT);
}

static void our_domain_once(struct scene *scene, uint32_t client)
{
	greet(scene, client, 1, "lab.example", REASON_UNKNOWN_RECIPIENT);
}

static void our_host(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "mx1.lab.example", REASON_HELO);
}

static void like_ours(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "notlab.example", REASON_UNKNOWN_RECIPIENT);
}

static void program(struct scene *scene, uint32_t client)
{
	greet(scene, client, 5, "ylmf-pc", REASON_AUTH_FAILED);
}

static void localhost(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "localhost.localdomain", REASON_UNKNOWN_RECIPIENT);
}

static void telephone(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "localhost", REASON_AUTH_FAILED);
}

static void bare_address(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "203.0.113.9", REASON_UNKNOWN_RECIPIENT);
}

static void foreign_literal(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "[203.0.113.1]", REASON_HELO);
}

static void own_literal(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "[192.0.2.7]", REASON_UNKNOWN_RECIPIENT);
}

static void own_six(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "[IPv6:2001:db8::7]", REASON_UNKNOWN_RECIPIENT);
}

static void own_bare_address(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "192.0.2.7", REASON_UNKNOWN_RECIPIENT);
}

static void literal(struct scene *scene, uint32_t client)
{
	greet(scene, client, 9, "[192.168.178.20]", REASON_UNKNOWN_RECIPIENT);
}

static void unfit_for_ever(struct scene *scene, uint32_t client)
{
	greet(scene, client, 20, "exchange.firma.local", REASON_HELO);
}

static void monitor(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 99; i++)
		scene_session(scene, client, SCENE_START + i * HOUR, 0)->helo =
			scene_string(scene, "localhost");
}

static void unfit(struct scene *scene, uint32_t client)
{
	greet(scene, client, 3, "exchange.firma.local", REASON_HELO);
}

static void proper(struct scene *scene, uint32_t client)
{
	greet(scene, client, 20, "mail.company.example", REASON_UNKNOWN_RECIPIENT);
}

static void brings_mail(struct scene *scene, uint32_t client)
{
	for (uint32_t i = 0; i < 9; i++)
		scene_session(scene, client, SCENE_START + i, 1)->helo =
			scene_string(scene, "lab.example");
	greet(scene, client, 9, "lab.example", REASON_UNKNOWN_RECIPIENT);
}

static void many_names(struct scene *scene, uint32_t client)
{
	greet(scene, client, 2, "mx1.lab.example", REASON_UNKNOWN_RECIPIENT);
	greet(scene, client, 3, "lab.example", REASON_UNKNOWN_RECIPIENT);
	greet(scene, client, 3, "Lab.Example", REASON_UNKNOWN_RECIPIENT);
	greet(scene, client, 8, "localhost", REASON_UNKNOWN_RECIPIENT);
}

static const struct scene_case cases[] = {
	{"our domain", our_domain, SURE, NULL},
	{"our domain, once", our_domain_once, NOTED, NULL},
	{"our domain in two spellings, and other names", many_names, SURE, NULL},
	{"a host of ours", our_host, HINTED, NULL},
	{"an attack program", program, SURE, NULL},
	{"localhost", localhost, HINTED, NULL},
	{"another's bare address", bare_address, HINTED, NULL},
	{"our second mail exchanger", our_host, HARMLESS, "mx2.lab.example"},
	{"a name that ends alike", like_ours, NOTHING, NULL},
	{"a mail program of a person", telephone, HARMLESS, NULL},
	{"its own bare address", own_bare_address, NOTED, NULL},
	{"another's address in brackets", foreign_literal, HINTED, NULL},
	{"a private address in brackets", literal, NOTHING, NULL},
	{"its own address in brackets", own_literal, NOTHING, NULL},
	{"its other address", own_six, NOTHING, NULL},
	{"unfit, as some servers'", unfit, NOTED, NULL},
	{"unfit, for ever", unfit_for_ever, HINTED, NULL},
	{"a monitor", monitor, NOTHING, NULL},
	{"its own name", proper, NOTHING, "mail.company.example"},
	{"a customer's server that brings mail", brings_mail, HINTED, NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void grades(void **data)
{
	(void)data;
	scene_play("helo", cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
