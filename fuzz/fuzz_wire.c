/* Any bytes as a message of the DNS: what is read of it is host names and addresses of the
   length that they have, and the walk ends. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

#include "enrich/answers.h"
#include "model/dynamic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
	if (!right)
		abort();
}

static void check_name(const char *name)
{
	size_t len = strnlen(name, WIRE_NAME_MAX);

	check(len < WIRE_NAME_MAX);
	for (size_t i = 0; i < len; i++)
		check(islower((unsigned char)name[i]) || isdigit((unsigned char)name[i]) ||
		      strchr("-_.", name[i]));
	check(len == 0 || wire_is_domain(view_of(name, len)));
}

static void walk(struct view message, enum wire_type type)
{
	struct wire_reader reader;
	struct wire_record record;
	uint32_t records = 0;

	if (wire_begin(&reader, message, type) < 0)
		return;
	while (wire_next(&reader, &record) > 0) {
		records++;
		check_name(record.name);
		check(type == WIRE_PTR || !record.name[0]);
	}
	check(records <= UINT16_MAX);
}

static void check_names(struct view message)
{
	struct names names;

	answer_names(message, &names);
	check(names.count <= NAMES_MAX);
	for (uint32_t i = 0; i < names.count; i++) {
		check_name(names.list[i]);
		check(i == 0 || strcmp(names.list[i - 1], names.list[i]) < 0);
	}
}

/* Logs tell names that never went through a resolver. */
static void judge_name(struct view name)
{
	const struct ip four = {{[10] = 0xff, 0xff, 192, 0, 2, 7}}, six = {{0x20, 1, [15] = 1}};

	dynamic_name(name, &four);
	dynamic_name(name, &six);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view message = view_of((const char *)data, size);
	bool refused;

	walk(message, WIRE_A);
	walk(message, WIRE_AAAA);
	walk(message, WIRE_PTR);
	check_names(message);
	judge_name(message);
	check(answer_listing(message, &refused) != ENRICHMENT_YES || !refused);
	return 0;
}
