/* Times as sentences tell them: see words.h. */
#include "verdict/words.h"

#define DAY_LENGTH 10	 /* "2026-11-22" */
#define MINUTE_LENGTH 16 /* "2026-11-22 01:11" */

static void add(struct text *text, uint32_t time, struct zone *zone, size_t from, size_t until)
{
	char plain[CIVIL_TEXT_MAX];
	size_t len = civil_format_plain(time, zone, plain);

	text_add(text, view_from(view_to(view_of(plain, len), until), from));
}

void words_day(struct text *text, uint32_t time, struct zone *zone)
{
	add(text, time, zone, 0, DAY_LENGTH);
}

void words_time(struct text *text, uint32_t time, struct zone *zone)
{
	add(text, time, zone, 0, CIVIL_TEXT_MAX);
}

static bool same_day(uint32_t since, uint32_t until, struct zone *zone)
{
	int64_t a = (int64_t)since + zone_offset_at(zone, since);
	int64_t b = (int64_t)until + zone_offset_at(zone, until);

	return a / CIVIL_DAY_S == b / CIVIL_DAY_S;
}

void words_period(struct text *text, uint32_t since, uint32_t until, struct zone *zone)
{
	if (!same_day(since, until, zone)) {
		text_add(text, VIEW("between "));
		add(text, since, zone, 0, MINUTE_LENGTH);
		text_add(text, VIEW(" and "));
		add(text, until, zone, 0, MINUTE_LENGTH);
		return;
	}
	text_add(text, VIEW("on "));
	words_day(text, since, zone);
	text_add(text, since == until ? VIEW(" at ") : VIEW(" between "));
	add(text, since, zone, DAY_LENGTH + 1, CIVIL_TEXT_MAX);
	if (since == until)
		return;
	text_add(text, VIEW(" and "));
	add(text, until, zone, DAY_LENGTH + 1, CIVIL_TEXT_MAX);
}
