/* Answers: see answers.h. */
#include "enrich/answers.h"

#include <string.h>

#include "model/dynamic.h"

#define FAILURE_PART 24 /* failures age that much faster */

/* Keeps NAME if it is among the first so far, each once. */
static void keep_name(struct names *names, const char *name)
{
	uint32_t at = 0;

	while (at < names->count && strcmp(names->list[at], name) < 0)
		at++;
	if (at == NAMES_MAX || (at < names->count && strcmp(names->list[at], name) == 0))
		return;
	if (names->count < NAMES_MAX)
		names->count++;
	memmove(names->list[at + 1 < NAMES_MAX ? at + 1 : at], names->list[at],
		(names->count - at - 1) * sizeof(*names->list));
	memcpy(names->list[at], name, sizeof(*names->list));
}

enum enrichment_state answer_names(struct view message, struct names *ret_names)
{
	enum enrichment_state state = ENRICHMENT_NO;
	struct wire_reader reader;
	struct wire_record record;
	int r = wire_begin(&reader, message, WIRE_PTR);

	ret_names->count = 0;
	while (r == 0 && (r = wire_next(&reader, &record)) > 0) {
		state = ENRICHMENT_YES;
		if (record.name[0])
			keep_name(ret_names, record.name);
		r = 0;
	}
	return r < 0 ? ENRICHMENT_FAILED : state;
}

enum enrichment_state answer_leads_to(struct view message, enum wire_type type, const struct ip *ip)
{
	struct wire_reader reader;
	struct wire_record record;
	int r = wire_begin(&reader, message, type);

	while (r == 0 && (r = wire_next(&reader, &record)) > 0) {
		if (ip_equal(&record.ip, ip))
			return ENRICHMENT_YES;
		r = 0;
	}
	return r < 0 ? ENRICHMENT_FAILED : ENRICHMENT_NO;
}

/*
 * Listed addresses have an A record in 127.0.0.0/8 (RFC 5782, 2.1). Several lists use
 * 127.255.255.0/24 to say that they do not answer: the question was malformed, came through a
 * public resolver, or there were too many. An address elsewhere is a parked domain, or a
 * resolver that invents answers.
 */
static enum enrichment_state listing_of(const unsigned char *quad, bool *ret_refused)
{
	if (quad[0] != 127)
		return ENRICHMENT_FAILED;
	*ret_refused = quad[1] == 255 && quad[2] == 255;
	return *ret_refused ? ENRICHMENT_FAILED : ENRICHMENT_YES;
}

enum enrichment_state answer_listing(struct view message, bool *ret_refused)
{
	enum enrichment_state state = ENRICHMENT_NO;
	struct wire_reader reader;
	struct wire_record record;
	int r = wire_begin(&reader, message, WIRE_A);

	*ret_refused = false;
	while (r == 0 && (r = wire_next(&reader, &record)) > 0) {
		if (state != ENRICHMENT_YES)
			state = listing_of(record.ip.bytes + 12, ret_refused);
		r = 0;
	}
	return r < 0 ? ENRICHMENT_FAILED : state;
}

static bool too_old(uint32_t asked, bool failed, uint32_t now, uint32_t max_age_s)
{
	uint32_t age = now > asked ? now - asked : 0;

	return asked == 0 || age >= (failed ? max_age_s / FAILURE_PART : max_age_s);
}

bool row_wants_names(const struct enrichment_row *row, uint32_t now, uint32_t max_age_s)
{
	return too_old(row->asked,
		       row->ptr == ENRICHMENT_FAILED || row->confirmed == ENRICHMENT_FAILED, now,
		       max_age_s);
}

bool row_wants_zone(const struct enrichment_row *row, int zone, uint32_t now, uint32_t max_age_s)
{
	uint32_t bit = UINT32_C(1) << zone;

	return too_old(row->zone_asked[zone], !((row->listed | row->not_listed) & bit), now,
		       max_age_s);
}

void row_note_names(struct enrichment *enrichment, struct enrichment_row *row, uint32_t now,
		    enum enrichment_state ptr, enum enrichment_state confirmed, struct view name)
{
	bool failed = ptr == ENRICHMENT_FAILED || confirmed == ENRICHMENT_FAILED;
	bool known = row->confirmed == ENRICHMENT_YES || row->confirmed == ENRICHMENT_NO;

	if (failed && known)
		return;
	row->ptr = (uint8_t)ptr;
	row->confirmed = (uint8_t)confirmed;
	row->name = strings_add(enrichment->strings, name);
	row->dynamic = name.len > 0 && dynamic_name(name, &row->ip);
	row->asked = now;
}

void row_note_zone(struct enrichment_row *row, int zone, uint32_t now, enum enrichment_state listed)
{
	uint32_t bit = UINT32_C(1) << zone;

	if (listed == ENRICHMENT_FAILED && ((row->listed | row->not_listed) & bit))
		return;
	row->listed = listed == ENRICHMENT_YES ? row->listed | bit : row->listed & ~bit;
	row->not_listed = listed == ENRICHMENT_NO ? row->not_listed | bit : row->not_listed & ~bit;
	row->zone_asked[zone] = now;
}
