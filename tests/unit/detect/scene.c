/* Scenes: see scene.h. */
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"

#define ORDERS 3

void scene_init(struct scene *scene)
{
	*scene = (struct scene){.random = 7};
	directory_init(&scene->directory);
}

void scene_release(struct scene *scene)
{
	directory_release(&scene->directory);
	free(scene->facts);
}

uint32_t scene_string(struct scene *scene, const char *text)
{
	return strings_add(scene->directory.strings, view_string(text));
}

uint32_t scene_client(struct scene *scene, const char *address, const char *name, bool named)
{
	struct ip ip;
	struct word word;
	uint32_t client;

	assert_true(ip_parse(view_string(address), &ip));
	client = directory_client(&scene->directory, &ip);
	word_set(&word, view_string(name));
	directory_name_client(&scene->directory, client, word, !named);
	return client;
}

uint32_t scene_stranger(struct scene *scene, uint32_t number)
{
	char address[32];

	snprintf(address, sizeof(address), "198.%u.%u.%u", 18 + number / 65536, number / 256 % 256,
		 number % 256);
	return scene_client(scene, address, "", false);
}

static struct scene_fact *add(struct scene *scene)
{
	ARRAY_GROW(scene->facts, scene->count, scene->capacity);
	scene->facts[scene->count] = (struct scene_fact){0};
	return &scene->facts[scene->count++];
}

struct session_fact *scene_session(struct scene *scene, uint32_t client, uint32_t time,
				   uint16_t accepted)
{
	struct scene_fact *fact = add(scene);

	fact->is_session = true;
	fact->session = (struct session_fact){
		.number = ++scene->sessions,
		.client = client,
		.start = time,
		.end = time,
		.accepted = accepted,
	};
	return &fact->session;
}

struct session_fact *scene_refusal(struct scene *scene, uint32_t client, uint32_t time,
				   enum reason reason, uint16_t code, struct attempt **ret_attempt)
{
	struct scene_fact *fact = add(scene);
	struct session_fact *session;
	size_t place = scene->count - 1;

	fact->attempt = (struct attempt){
		.time = time,
		.session = scene->sessions + 1,
		.client = client,
		.count = 1,
		.code = code,
		.reason = (uint8_t)reason,
		.stage = STAGE_RCPT,
	};
	session = scene_session(scene, client, time, 0);
	session->refusals = 1;
	session->reasons = 1u << reason | (code >= 500	 ? SESSION_PERMANENT
					   : code >= 400 ? SESSION_TEMPORARY
							 : 0);
	if (ret_attempt)
		*ret_attempt = &scene->facts[place].attempt;
	return session;
}

static int by_arrival(const void *a, const void *b)
{
	const struct scene_fact *x = a, *y = b;

	return (x->arrival > y->arrival) - (x->arrival < y->arrival);
}

static uint32_t time_of(const struct scene_fact *fact)
{
	return fact->is_session ? fact->session.end : fact->attempt.time;
}

void scene_order(struct scene *scene, uint32_t late)
{
	for (size_t i = 0; i < scene->count; i++) {
		scene->random = scene->random * 1664525 + 1013904223;
		scene->facts[i].arrival =
			time_of(&scene->facts[i]) + (late ? (scene->random >> 8) % late : 0);
	}
	if (scene->count)
		qsort(scene->facts, scene->count, sizeof(*scene->facts), by_arrival);
}

struct detection *scene_detect(struct scene *scene)
{
	const struct detect_options options = {
		.local_domains = scene->domains,
		.settings = scene->settings,
		.until = UINT32_MAX,
	};
	struct detection *detection;
	struct fact_sink sink;
	struct err err = {.text = ""};

	if (detection_new(&scene->directory, &options, &detection, &err) < 0)
		fail_msg("%s", err.text);
	sink = detection_sink(detection);
	for (size_t i = 0; i < scene->count; i++)
		if (scene->facts[i].is_session)
			sink.session(sink.context, &scene->facts[i].session);
		else
			sink.attempt(sink.context, &scene->facts[i].attempt);
	return detection;
}

static struct seen see(struct scene *scene, const char *pattern, uint32_t client)
{
	struct detection *detection = scene_detect(scene);
	const struct detect_context *context = detection_context(detection);
	struct prefix prefix = origin_prefix(&directory_client_at(&scene->directory, client)->ip);
	uint32_t origin = origins_find(context->origins, &prefix);
	struct seen seen = {0};
	struct findings findings;

	detection_find(detection, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *finding = &findings.list[i];
		struct text text = {0};

		if (finding->origin != origin || strcmp(finding->pattern, pattern) != 0)
			continue;
		assert_false(seen.found);
		detection_say(detection, finding, &text);
		seen = (struct seen){true, (enum grade)finding->grade, finding->decided, ""};
		snprintf(seen.sentence, sizeof(seen.sentence), "%s (%u to %u, %u sessions from %u)",
			 text_string(&text), finding->since, finding->until, finding->session_count,
			 finding->sessions[0]);
		text_release(&text);
	}
	findings_release(&findings);
	detection_free(detection);
	return seen;
}

struct seen scene_see(struct scene *scene, const char *pattern, uint32_t client)
{
	struct seen first;

	scene_order(scene, 0);
	first = see(scene, pattern, client);
	for (unsigned int i = 0; i < ORDERS; i++) {
		struct seen other;

		scene_order(scene, SCENE_LATENESS_S);
		other = see(scene, pattern, client);
		assert_int_equal(other.found, first.found);
		assert_int_equal(other.grade, first.grade);
		assert_int_equal(other.decided, first.decided);
		assert_string_equal(other.sentence, first.sentence);
	}
	return first;
}

static enum expected kind_of(const struct seen *seen)
{
	if (!seen->found)
		return NOTHING;
	return seen->grade == GRADE_STRONG ? SURE : seen->grade == GRADE_HINT ? HINTED : NOTED;
}

static void ordinary_mail(struct scene *scene)
{
	for (uint32_t n = 0; n < 20; n++) {
		uint32_t client = scene_stranger(scene, n);

		for (uint32_t i = 0; i < 3; i++)
			scene_session(scene, client, SCENE_START + n * 700 + i * 5000, 1);
	}
}

static void play(const char *pattern, const struct scene_case *one)
{
	struct scene scene;
	struct seen seen;
	enum expected kind;
	uint32_t client;

	scene_init(&scene);
	scene.domains[0] = "lab.example";
	ordinary_mail(&scene);
	client = scene_client(&scene, "192.0.2.7", one->client_name ? one->client_name : "",
			      one->client_name != NULL);
	one->play(&scene, client);
	seen = scene_see(&scene, pattern, client);
	kind = kind_of(&seen);
	if (kind != one->expected && !(one->expected == HARMLESS && kind <= NOTED))
		fail_msg("%s, %s: %d, not %d: %s", pattern, one->name, (int)kind,
			 (int)one->expected, seen.sentence);
	scene_release(&scene);
}

void scene_play(const char *pattern, const struct scene_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		play(pattern, &cases[i]);
}
