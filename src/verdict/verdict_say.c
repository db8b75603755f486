/*
 * Verdicts in words. What strangers wrote (names, and what findings quote) is
 * made harmless; the lengths are bounded, since sentences go into block lists.
 */
#include "model/dynamic.h"
#include "verdict/verdict.h"
#include "verdict/words.h"

#define NAME_WIDTH 100	/* columns of a name */
#define FINDINGS_SAID 3 /* the weightiest; the others are counted */
#define LISTS_SAID 5

static const struct origin *origin_of(const struct verdicts *verdicts, uint32_t number)
{
	return origins_at(detection_context(verdicts->detection)->origins, number);
}

void verdict_subject(const struct verdicts *verdicts, uint32_t number, struct text *text)
{
	const struct origin *origin = origin_of(verdicts, number);
	struct view confirmed = guards_confirmed_name(verdicts->guards, number);
	char prefix[PREFIX_TEXT_MAX];
	bool unused;
	struct view told =
		origin_name(detection_context(verdicts->detection)->origins, origin, &unused);

	prefix_format(&origin->prefix, prefix);
	text_format(text, "%s (", prefix);
	if (confirmed.len > 0) {
		text_safe(text, confirmed, NAME_WIDTH);
	} else if (told.len > 0) {
		text_safe(text, told, NAME_WIDTH);
		text_add(text, VIEW(", unconfirmed"));
	} else {
		text_add(text, VIEW("unknown"));
	}
	text_add(text, VIEW(")"));
}

/* How many of its findings make up the verdict: the notes, last in order, only where there is
   nothing else. */
static size_t telling(const struct verdict *verdict)
{
	size_t count = 0;

	while (count < verdict->finding_count && verdict->findings[count].grade != GRADE_NOTE)
		count++;
	return count > 0 ? count : verdict->finding_count;
}

static void say_findings(const struct verdicts *verdicts, const struct verdict *verdict,
			 size_t count, struct text *text)
{
	size_t said = count > FINDINGS_SAID ? FINDINGS_SAID : count;

	for (size_t i = 0; i < said; i++) {
		text_add(text, i == 0 ? VIEW(" ") : VIEW("; it also "));
		detection_say(verdicts->detection, &verdict->findings[i], text);
	}
	if (count > said) {
		text_add(text, VIEW("; it fits "));
		text_counted(text, count - said, "other pattern");
		text_add(text, VIEW(" too"));
	}
}

static void say_period(const struct verdicts *verdicts, const struct verdict *verdict, size_t count,
		       struct text *text)
{
	uint32_t since = UINT32_MAX, until = 0;

	for (size_t i = 0; i < count; i++) {
		const struct finding *finding = &verdict->findings[i];

		since = finding->since < since ? finding->since : since;
		until = finding->until > until ? finding->until : until;
	}
	text_add(text, VIEW(", "));
	words_period(text, since, until, verdicts->zone);
}

static void say_lists(const struct verdicts *verdicts, const struct enrichment_row *row,
		      struct text *text)
{
	const struct enrichment *enrichment = verdicts->enrichment;
	uint32_t said = 0, asked = 0;

	for (uint32_t i = 0; i < enrichment->zone_count && said < LISTS_SAID; i++) {
		if (!(row->listed & 1u << i))
			continue;
		text_add(text, said++ == 0 ? VIEW("; it is listed in ") : VIEW(", "));
		text_safe(text, strings_get(enrichment->strings, enrichment->zones[i]), NAME_WIDTH);
		asked = row->zone_asked[i] > asked ? row->zone_asked[i] : asked;
	}
	if (said == 0)
		return;
	text_add(text, VIEW(" (asked on "));
	words_day(text, asked, verdicts->zone);
	text_add(text, VIEW(")"));
}

static void say_enrichment(const struct verdicts *verdicts, const struct verdict *verdict,
			   struct text *text)
{
	const struct detect_context *context = detection_context(verdicts->detection);
	const struct origin *origin = origin_of(verdicts, verdict->origin);
	const struct client *client = directory_client_at(context->directory, origin->client);
	const struct enrichment_row *row =
		verdicts->enrichment ? enrichment_find(verdicts->enrichment, &client->ip) : NULL;
	struct view name = strings_get(context->directory->strings, client->name);

	if (name.len == 0 && row)
		name = strings_get(verdicts->enrichment->strings, row->name);
	if (name.len > 0 && dynamic_name(name, &client->ip))
		text_add(text, VIEW("; its name is that of a home line"));
	if (row)
		say_lists(verdicts, row, text);
}

/* For one with no findings at all. */
static void say_nothing_found(const struct verdicts *verdicts, const struct verdict *verdict,
			      struct text *text)
{
	const struct origin *origin = origin_of(verdicts, verdict->origin);

	text_add(text, VIEW(" had "));
	text_counted(text, origin->sessions, "session");
	text_add(text, VIEW(" and "));
	text_counted(text, origin->attempts, "refusal");
	text_add(text, VIEW(", sent "));
	text_counted(text, origin->messages, "message");
	text_add(text, VIEW(" that we took in, and fits no pattern of abuse"));
}

void verdict_because(const struct verdicts *verdicts, const struct verdict *verdict,
		     struct text *text)
{
	size_t count = telling(verdict);

	verdict_subject(verdicts, verdict->origin, text);
	if (count == 0) {
		say_nothing_found(verdicts, verdict, text);
		return;
	}
	say_findings(verdicts, verdict, count, text);
	say_period(verdicts, verdict, count, text);
	say_enrichment(verdicts, verdict, text);
	if (verdict->kind == VERDICT_CLEAR)
		text_add(text, VIEW("; this is only noted, and no reason to block"));
	else if (verdict->decided == 0)
		text_add(text, VIEW("; this alone is no reason to block"));
}

void verdict_against(const struct verdicts *verdicts, const struct verdict *verdict,
		     enum guard guard, struct text *text)
{
	guards_say(verdicts->guards, verdict->origin, guard, verdicts->zone, text);
}
