/* A plan made by hand: every kind of prefix, and sentences that strangers had a hand in. */
#ifndef MXWATCH_TESTS_BLOCK_SAMPLE_PLAN_H
#define MXWATCH_TESTS_BLOCK_SAMPLE_PLAN_H

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "block/form.h"

#define SAMPLE_LONG (1 << 20)

static const char *const sample_hostile[] = {
	"plain words",
	"quotes \" ' ` and \"more\"",
	"100% of %s %n %m $1 $ $$ ${HOME} $(id)",
	"new\nline\r\nand\ttab\v\f\b\a\033[31m",
	"# hash ; semicolon : colon, comma {brace} [bracket] (paren) <angle> \\ back\\\\slash",
	"Gr\xc3\xbc\xc3\x9f \xe2\x80\xa6 \xff\xfe bad \xc3",
	"\"; flush ruleset; add element inet x y { 1.2.3.4 } #",
	" leading and trailing   ",
	"",
};
#define SAMPLE_HOSTILE (sizeof(sample_hostile) / sizeof(sample_hostile[0]))

static inline char *sample_copy(const char *text)
{
	return memcpy(memory_get(strlen(text) + 1), text, strlen(text) + 1);
}

static inline void sample_add(struct plan *plan, const char *prefix, const char *because)
{
	struct block block = {
		.pattern = "relay-probe",
		.because = sample_copy(because),
		.evidence = sample_copy("{\"pattern\": \"relay-probe\"}"),
		.id = 0x2a + (uint32_t)plan->count,
		.ttl_s = 3600,
		.lasts_s = 86400,
		.origins = 1,
	};

	if (prefix_parse(view_string(prefix), &block.prefix, NULL) < 0)
		abort();
	ARRAY_GROW(plan->blocks, plan->count, plan->capacity);
	plan->blocks[plan->count++] = block;
}

/* Blocks lie apart and are in order. */
static inline struct plan sample_plan(void)
{
	char *long_text = memory_get(SAMPLE_LONG + 1);
	struct plan plan = {.now = 1700000000};
	char prefix[64];

	for (size_t i = 0; i < SAMPLE_HOSTILE; i++) {
		snprintf(prefix, sizeof(prefix), "192.0.2.%zu", i + 1);
		sample_add(&plan, prefix, sample_hostile[i]);
	}
	for (size_t i = 0; i < SAMPLE_LONG; i++)
		long_text[i] = "ab\"c%\n"[i % 6];
	long_text[SAMPLE_LONG] = '\0';
	sample_add(&plan, "192.0.2.64/26", "a quarter of a network");
	sample_add(&plan, "198.51.100.0/24", "a network \"quoted\" 50%");
	sample_add(&plan, "203.0.113.7", long_text);
	sample_add(&plan, "2001:db8::7", "one address");
	sample_add(&plan, "2001:db8:0:1::/64", "a /64: \"six\" %\nnew line");
	sample_add(&plan, "2001:db8:0:4::/62", "four of them");
	sample_add(&plan, "2001:db8:1::/48", "a site");
	free(long_text);
	return plan;
}

#endif
