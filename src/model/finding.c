/* Findings: see finding.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/finding.h"

const char *grade_name(enum grade grade)
{
	static const char *const names[] = {"note", "hint", "strong"};

	return names[grade];
}

static void add(struct finding *finding, const char *name, enum evidence_kind kind, uint64_t number)
{
	struct evidence *evidence;

	if (finding->evidence_count == EVIDENCE_MAX)
		return;
	evidence = &finding->evidence[finding->evidence_count++];
	evidence->name = name;
	evidence->kind = kind;
	evidence->number = number;
}

void finding_count(struct finding *finding, const char *name, uint64_t count)
{
	add(finding, name, EVIDENCE_COUNT, count);
}

void finding_seconds(struct finding *finding, const char *name, uint64_t seconds)
{
	add(finding, name, EVIDENCE_SECONDS, seconds);
}

void finding_time(struct finding *finding, const char *name, uint32_t time)
{
	add(finding, name, EVIDENCE_TIME, time);
}

void finding_per_mille(struct finding *finding, const char *name, uint64_t share)
{
	add(finding, name, EVIDENCE_PER_MILLE, share);
}

void finding_string(struct finding *finding, const char *name, uint32_t string)
{
	add(finding, name, EVIDENCE_STRING, string);
}

void finding_client(struct finding *finding, const char *name, uint32_t client)
{
	add(finding, name, EVIDENCE_CLIENT, client);
}

void finding_words(struct finding *finding, const char *name, const char *words)
{
	if (finding->evidence_count == EVIDENCE_MAX)
		return;
	add(finding, name, EVIDENCE_WORDS, 0);
	finding->evidence[finding->evidence_count - 1].words = words;
}

uint64_t finding_number(const struct finding *finding, const char *name)
{
	for (unsigned int i = 0; i < finding->evidence_count; i++)
		if (finding->evidence[i].kind != EVIDENCE_WORDS &&
		    strcmp(finding->evidence[i].name, name) == 0)
			return finding->evidence[i].number;
	return 0;
}

const char *finding_told(const struct finding *finding, const char *name)
{
	for (unsigned int i = 0; i < finding->evidence_count; i++)
		if (finding->evidence[i].kind == EVIDENCE_WORDS &&
		    strcmp(finding->evidence[i].name, name) == 0)
			return finding->evidence[i].words;
	return "";
}

struct finding *findings_add(struct findings *findings, const char *pattern, uint32_t origin,
			     enum grade grade)
{
	ARRAY_GROW(findings->list, findings->count, findings->capacity);
	findings->list[findings->count] = (struct finding){
		.pattern = pattern,
		.origin = origin,
		.grade = (uint8_t)grade,
	};
	return &findings->list[findings->count++];
}

static int compare(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;

	if (left->origin != right->origin)
		return left->origin < right->origin ? -1 : 1;
	if (left->grade != right->grade)
		return left->grade > right->grade ? -1 : 1;
	if (left->decided != right->decided)
		return left->decided < right->decided ? -1 : 1;
	return strcmp(left->pattern, right->pattern);
}

void findings_sort(struct findings *findings)
{
	if (findings->count > 1)
		qsort(findings->list, findings->count, sizeof(*findings->list), compare);
}

void findings_release(struct findings *findings)
{
	free(findings->list);
	*findings = (struct findings){0};
}
