/* A world of clients made by hand, judged. */
#ifndef MXWATCH_TESTS_VERDICT_WORLD_H
#define MXWATCH_TESTS_VERDICT_WORLD_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "verdict/verdict.h"

#define NOON 1700049600u /* 2023-11-15 12:00:00 UTC */
#define DAY 86400u

struct world {
	struct directory directory;
	struct detection *detection;
	struct fact_sink sink;
	struct findings findings;
	struct enrichment enrichment;
	struct verdicts verdicts;
	struct text text; /* what was said last */
	struct err err;
	uint32_t session;
};

static inline void world_init(struct world *world)
{
	const struct detect_options options = {.until = UINT32_MAX};

	*world = (struct world){0};
	directory_init(&world->directory);
	enrichment_init(&world->enrichment);
	assert_int_equal(detection_new(&world->directory, &options, &world->detection, &world->err),
			 0);
	world->sink = detection_sink(world->detection);
}

static inline void world_release(struct world *world)
{
	verdicts_release(&world->verdicts);
	findings_release(&world->findings);
	detection_free(world->detection);
	enrichment_release(&world->enrichment);
	directory_release(&world->directory);
	text_release(&world->text);
}

/* NAME: NULL for none; with '?' in front: not confirmed. */
static inline uint32_t world_client(struct world *world, const char *address, const char *name)
{
	struct ip ip;
	uint32_t id;

	assert_true(ip_parse(view_string(address), &ip));
	id = directory_client(&world->directory, &ip);
	if (name) {
		bool unsure = name[0] == '?';
		struct word word;

		word_set(&word, view_string(name + unsure));
		directory_name_client(&world->directory, id, word, unsure);
	}
	return id;
}

static inline uint32_t world_origin(struct world *world, const char *address)
{
	struct prefix prefix;
	struct ip ip;

	assert_true(ip_parse(view_string(address), &ip));
	prefix = origin_prefix(&ip);
	return origins_find(detection_context(world->detection)->origins, &prefix);
}

/* A session of a second at TIME that brought MESSAGES; one that brought none was refused. */
static inline void world_session(struct world *world, uint32_t client, uint32_t time,
				 uint16_t messages)
{
	const struct session_fact session = {
		.number = ++world->session,
		.client = client,
		.start = time,
		.end = time + 1,
		.refusals = messages == 0,
		.accepted = messages,
	};
	const struct attempt attempt = {
		.time = time,
		.session = world->session,
		.client = client,
		.count = 1,
		.code = 550,
		.reason = REASON_UNKNOWN_RECIPIENT,
	};

	if (messages == 0)
		world->sink.attempt(world->sink.context, &attempt);
	world->sink.session(world->sink.context, &session);
}

static inline struct finding *world_finding(struct world *world, const char *address,
					    const char *pattern, enum grade grade, uint32_t time)
{
	struct finding *finding =
		findings_add(&world->findings, pattern, world_origin(world, address), grade);

	finding->since = time - 10;
	finding->until = time + 10;
	finding->decided = time;
	finding_count(finding, "recipients", 21);
	finding_count(finding, "attempts", 21);
	return finding;
}

static inline int world_judge(struct world *world, const struct guard_options *options)
{
	static const struct guard_options presets;

	findings_sort(&world->findings);
	return verdicts_make(world->detection, &world->findings, &world->enrichment,
			     options ? options : &presets, &world->verdicts, &world->err);
}

static inline struct verdict world_verdict(struct world *world, const char *address)
{
	return verdicts_of(&world->verdicts, world_origin(world, address));
}

static inline const char *world_because(struct world *world, const char *address)
{
	struct verdict verdict = world_verdict(world, address);

	text_clear(&world->text);
	verdict_because(&world->verdicts, &verdict, &world->text);
	return text_string(&world->text);
}

static inline const char *world_against(struct world *world, const char *address, enum guard guard)
{
	struct verdict verdict = world_verdict(world, address);

	text_clear(&world->text);
	verdict_against(&world->verdicts, &verdict, guard, &world->text);
	return text_string(&world->text);
}

#endif
