/*
 * POSIX TZ rules. To place a moment, the changes of its year and of the years
 * beside it are listed in order: southern summers span two years, and a change
 * may lie up to a week outside of its own (RFC 9636, 3.3.1).
 */
#include "base/zone_rule.h"

#include "base/civil.h"

#define HOURS_MAX 167 /* RFC 9636, 3.3.1: what POSIX holds to 24 */

/* A name: three or more letters, or anything between < and >. */
static bool eat_name(struct view *text)
{
	size_t n = 0;

	if (view_starts(*text, VIEW("<"))) {
		n = view_find_byte(*text, '>');
		if (n == VIEW_NONE)
			return false;
		*text = view_from(*text, n + 1);
		return true;
	}
	while (n < text->len && ((text->ptr[n] >= 'A' && text->ptr[n] <= 'Z') ||
				 (text->ptr[n] >= 'a' && text->ptr[n] <= 'z')))
		n++;
	*text = view_from(*text, n);
	return n >= 3;
}

static bool eat_number(struct view *text, int least, int most, int *ret_number)
{
	unsigned long long number;

	if (!view_eat_number(text, &number) || number > (unsigned)most || (int)number < least)
		return false;
	*ret_number = (int)number;
	return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool eat_clock(struct view *text, int32_t *ret_seconds)
{
	int hours, minutes = 0, seconds = 0;
	bool negative = view_eat(text, VIEW("-"));

	if (!negative)
		view_eat(text, VIEW("+"));
	if (!eat_number(text, 0, HOURS_MAX, &hours))
		return false;
	if (view_eat(text, VIEW(":"))) {
		if (!eat_number(text, 0, 59, &minutes))
			return false;
		if (view_eat(text, VIEW(":")) && !eat_number(text, 0, 59, &seconds))
			return false;
	}
	*ret_seconds = (negative ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
	return true;
}

/* ,Mm.w.d or ,Jn or ,n, with /time behind it perhaps. */
static bool eat_change(struct view *text, struct zone_change *change)
{
	bool right;

	change->clock = 2 * 3600;
	if (!view_eat(text, VIEW(",")))
		return false;
	if (view_eat(text, VIEW("M"))) {
		change->kind = 'M';
		right = eat_number(text, 1, 12, &change->month) && view_eat(text, VIEW(".")) &&
			eat_number(text, 1, 5, &change->week) && view_eat(text, VIEW(".")) &&
			eat_number(text, 0, 6, &change->day);
	} else if (view_eat(text, VIEW("J"))) {
		change->kind = 'J';
		right = eat_number(text, 1, 365, &change->day);
	} else {
		change->kind = 'N';
		right = eat_number(text, 0, 365, &change->day);
	}
	return right && (!view_eat(text, VIEW("/")) || eat_clock(text, &change->clock));
}

bool zone_rule_parse(struct view text, struct zone_rule *ret_rule)
{
	struct zone_rule rule = {0};
	int32_t west; /* POSIX counts offsets from local time to UTC */

	if (!eat_name(&text) || !eat_clock(&text, &west))
		return false;
	rule.standard_offset = -west;
	if (text.len > 0) {
		rule.has_summer = true;
		rule.summer_offset = rule.standard_offset + 3600;
		if (!eat_name(&text))
			return false;
		if (text.len > 0 && text.ptr[0] != ',') {
			if (!eat_clock(&text, &west))
				return false;
			rule.summer_offset = -west;
		}
		if (text.len == 0) /* what glibc takes when nothing is told */
			text = VIEW(",M3.2.0,M11.1.0");
		if (!eat_change(&text, &rule.begin) || !eat_change(&text, &rule.end))
			return false;
	}
	if (text.len > 0)
		return false;
	*ret_rule = rule;
	return true;
}

/* When CHANGE happens in YEAR, in seconds as the clock that ends shows them. */
static int64_t change_at(const struct zone_change *change, int year)
{
	int64_t days, first = civil_days(year, 1, 1);
	int weekday, length;

	if (change->kind == 'N') {
		days = first + change->day;
	} else if (change->kind == 'J') {
		bool leap_day_before = change->day > 59 && civil_month_days(year, 2) == 29;

		days = first + change->day - 1 + leap_day_before;
	} else {
		first = civil_days(year, change->month, 1);
		length = civil_month_days(year, change->month);
		weekday = (civil_weekday(first * CIVIL_DAY_S) + 1) % 7; /* 0 is Sunday */
		days = (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
		days = first + (days < length ? days : days - 7);
	}
	return days * CIVIL_DAY_S + change->clock;
}

/* Moves the last of COUNT events to its place; equal ones keep their order, so
   that summer time which ends when the next begins lasts all year. */
static void sort_last(struct zone_stretch *events, int count)
{
	struct zone_stretch last = events[count - 1];
	int i = count - 1;

	for (; i > 0 && events[i - 1].from > last.from; i--)
		events[i] = events[i - 1];
	events[i] = last;
}

struct zone_stretch zone_rule_at(const struct zone_rule *rule, int64_t utc)
{
	struct zone_stretch events[6], found = {INT64_MIN, INT64_MAX, rule->standard_offset};
	int year = civil_from_seconds(utc).year;
	int count = 0;

	if (!rule->has_summer)
		return found;
	for (int y = year - 1; y <= year + 1; y++) {
		events[count].from = change_at(&rule->begin, y) - rule->standard_offset;
		events[count].offset = rule->summer_offset;
		sort_last(events, ++count);
		events[count].from = change_at(&rule->end, y) - rule->summer_offset;
		events[count].offset = rule->standard_offset;
		sort_last(events, ++count);
	}
	for (int i = 0; i < count; i++) {
		if (events[i].from > utc) {
			found.until = events[i].from;
			break;
		}
		found.from = events[i].from;
		found.offset = events[i].offset;
	}
	return found;
}
