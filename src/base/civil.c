/*
 * Days, dates and what users write for them. The calendar is the proleptic
 * Gregorian one; the arithmetic is that of eras of 400 years which begin on
 * March 1st, so that a leap day is the last of its year.
 */
#include "base/civil.h"

#include <errno.h>
#include <stdio.h>

#define HOUR_S 3600
#define MINUTE_S 60
#define DAYS_OF_ERA 146097		  /* 400 years */
#define DAYS_TO_1970 719468		  /* from 0000-03-01 */
#define SECONDS_MIN INT64_C(-62167219200) /* 0000-01-01T00:00:00Z */
#define SECONDS_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
/* Longer spans are refused: taken from the present, they must not overflow. */
#define SPAN_MAX (INT64_MAX / 4)

static int64_t divide_down(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t civil_days(int year, int month, int day)
{
	int64_t march_year = (int64_t)year - (month <= 2);
	int64_t era = divide_down(march_year, 400);
	int64_t year_of_era = march_year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_OF_ERA + day_of_era - DAYS_TO_1970;
}

int64_t civil_to_seconds(const struct civil *civil)
{
	return civil_days(civil->year, civil->month, civil->day) * CIVIL_DAY_S +
	       (int64_t)civil->hour * HOUR_S + (int64_t)civil->minute * MINUTE_S + civil->second;
}

struct civil civil_from_seconds(int64_t seconds)
{
	int64_t days, era, day_of_era, year_of_era, day_of_year, month_from_march;
	int second_of_day;

	seconds = seconds < SECONDS_MIN ? SECONDS_MIN : seconds;
	seconds = seconds > SECONDS_MAX ? SECONDS_MAX : seconds;
	days = divide_down(seconds, CIVIL_DAY_S);
	second_of_day = (int)(seconds - days * CIVIL_DAY_S);
	days += DAYS_TO_1970;
	era = divide_down(days, DAYS_OF_ERA);
	day_of_era = days - era * DAYS_OF_ERA;
	year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month_from_march = (5 * day_of_year + 2) / 153;
	return (struct civil){
		.year = (int)(year_of_era + era * 400 + (month_from_march >= 10)),
		.month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9),
		.day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
		.hour = second_of_day / HOUR_S,
		.minute = second_of_day / MINUTE_S % 60,
		.second = second_of_day % 60,
	};
}

int civil_weekday(int64_t seconds)
{
	int64_t days = divide_down(seconds, CIVIL_DAY_S) + 3; /* 1970-01-01: Thursday */

	return (int)(days - divide_down(days, 7) * 7);
}

int civil_month_days(int year, int month)
{
	static const signed char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static struct civil local_civil(int64_t utc, int32_t offset)
{
	utc = utc < SECONDS_MIN ? SECONDS_MIN : utc;
	return civil_from_seconds(utc > SECONDS_MAX ? SECONDS_MAX : utc + offset);
}

size_t civil_format_rfc3339(int64_t utc, struct zone *zone, char text[static CIVIL_TEXT_MAX])
{
	/* RFC 3339 knows no seconds in offsets; some of before 1972 have them. */
	int32_t offset = zone_offset_at(zone, utc) / MINUTE_S * MINUTE_S;
	struct civil c = local_civil(utc, offset);
	int minutes = (offset < 0 ? -offset : offset) / MINUTE_S;
	int len = snprintf(text, CIVIL_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month,
			   c.day, c.hour, c.minute, c.second);

	if (zone_is_utc(zone))
		len += snprintf(text + len, CIVIL_TEXT_MAX - (size_t)len, "Z");
	else
		len += snprintf(text + len, CIVIL_TEXT_MAX - (size_t)len, "%c%02d:%02d",
				offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
	return (size_t)len;
}

size_t civil_format_plain(int64_t utc, struct zone *zone, char text[static CIVIL_TEXT_MAX])
{
	struct civil c = local_civil(utc, zone_offset_at(zone, utc));

	return (size_t)snprintf(text, CIVIL_TEXT_MAX, "%04d-%02d-%02d %02d:%02d:%02d", c.year,
				c.month, c.day, c.hour, c.minute, c.second);
}

/* Cuts a number of exactly DIGITS digits off, if it is LEAST to MOST. */
static bool eat_digits(struct view *text, int digits, int least, int most, int *ret_number)
{
	int number = 0;

	if (text->len < (size_t)digits)
		return false;
	for (int i = 0; i < digits; i++) {
		if (text->ptr[i] < '0' || text->ptr[i] > '9')
			return false;
		number = number * 10 + (text->ptr[i] - '0');
	}
	if (number < least || number > most)
		return false;
	*text = view_from(*text, (size_t)digits);
	*ret_number = number;
	return true;
}

static bool eat_date(struct view *text, struct civil *civil)
{
	return eat_digits(text, 4, 0, 9999, &civil->year) && view_eat(text, VIEW("-")) &&
	       eat_digits(text, 2, 1, 12, &civil->month) && view_eat(text, VIEW("-")) &&
	       eat_digits(text, 2, 1, civil_month_days(civil->year, civil->month), &civil->day);
}

/* 00:34, 00:34:40, 00:34:40.25: the fraction is dropped, a leap second allowed. */
static bool eat_clock(struct view *text, struct civil *civil)
{
	if (!eat_digits(text, 2, 0, 23, &civil->hour) || !view_eat(text, VIEW(":")) ||
	    !eat_digits(text, 2, 0, 59, &civil->minute))
		return false;
	if (!view_eat(text, VIEW(":")))
		return true;
	if (!eat_digits(text, 2, 0, 60, &civil->second))
		return false;
	if (view_eat(text, VIEW(".")))
		while (text->len > 0 && text->ptr[0] >= '0' && text->ptr[0] <= '9')
			*text = view_from(*text, 1);
	return true;
}

/* Z, +01:00, +0100, the whole of TEXT. */
static bool read_offset(struct view text, int64_t *ret_offset)
{
	bool west;
	int hours, minutes;

	if (view_is_nocase(text, VIEW("Z"))) {
		*ret_offset = 0;
		return true;
	}
	west = view_starts(text, VIEW("-"));
	if (!west && !view_starts(text, VIEW("+")))
		return false;
	text = view_from(text, 1);
	if (!eat_digits(&text, 2, 0, 23, &hours))
		return false;
	view_eat(&text, VIEW(":"));
	if (!eat_digits(&text, 2, 0, 59, &minutes) || text.len > 0)
		return false;
	*ret_offset = (west ? -1 : 1) * (hours * HOUR_S + minutes * MINUTE_S);
	return true;
}

/* A date, with a time of day perhaps, with an offset perhaps. */
static bool read_moment(struct view text, struct zone *zone, int64_t *ret_utc)
{
	struct civil civil = {0};
	int64_t offset;

	if (!eat_date(&text, &civil))
		return false;
	if (text.len > 0) {
		if (text.ptr[0] != 'T' && text.ptr[0] != 't' && text.ptr[0] != ' ')
			return false;
		text = view_trim(view_from(text, 1));
		if (!eat_clock(&text, &civil))
			return false;
		text = view_trim(text);
	}
	if (text.len == 0) {
		*ret_utc = zone_to_utc(zone, civil_to_seconds(&civil));
		return true;
	}
	if (!read_offset(text, &offset))
		return false;
	*ret_utc = civil_to_seconds(&civil) - offset;
	return true;
}

/* When the day that lies DAYS from today began. */
static int64_t day_start(struct zone *zone, int64_t now, int days)
{
	int64_t today = divide_down(now + zone_offset_at(zone, now), CIVIL_DAY_S);

	return zone_to_utc(zone, (today + days) * CIVIL_DAY_S);
}

static bool read_span(struct view text, int64_t *ret_seconds)
{
	static const struct {
		struct view name;
		int seconds;
	} units[] = {
		{{"", 0}, 1},
		{{"s", 1}, 1},
		{{"m", 1}, MINUTE_S},
		{{"min", 3}, MINUTE_S},
		{{"h", 1}, HOUR_S},
		{{"d", 1}, CIVIL_DAY_S},
		{{"w", 1}, 7 * CIVIL_DAY_S},
		{{"mo", 2}, 30 * CIVIL_DAY_S},
		{{"y", 1}, 365 * CIVIL_DAY_S},
	};
	unsigned long long number;
	int64_t seconds;

	if (!view_eat_number(&text, &number))
		return false;
	text = view_trim(text);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (!view_is(text, units[i].name))
			continue;
		if (__builtin_mul_overflow(number, units[i].seconds, &seconds) ||
		    seconds > SPAN_MAX)
			return false;
		*ret_seconds = seconds;
		return true;
	}
	return false;
}

int civil_parse_user(struct view text, struct zone *zone, int64_t now, int64_t *ret_utc,
		     struct err *err)
{
	struct view trimmed = view_trim(text), span = trimmed;
	int64_t seconds;

	if (view_is_nocase(trimmed, VIEW("now")))
		*ret_utc = now;
	else if (view_is_nocase(trimmed, VIEW("today")))
		*ret_utc = day_start(zone, now, 0);
	else if (view_is_nocase(trimmed, VIEW("yesterday")))
		*ret_utc = day_start(zone, now, -1);
	else if (view_eat(&span, VIEW("-")) && read_span(span, &seconds))
		*ret_utc = now - seconds;
	else if (!read_moment(trimmed, zone, ret_utc))
		return err_set(err, -EINVAL,
			       "can't read time '%.*s': expected '2026-11-22', '2026-11-22 00:34', "
			       "RFC 3339, 'now', 'today', 'yesterday', or '-3h' for 3 hours ago",
			       (int)view_to(text, 100).len, text.ptr);
	return 0;
}

int civil_parse_span(struct view text, int64_t *ret_seconds, struct err *err)
{
	if (!read_span(view_trim(text), ret_seconds))
		return err_set(err, -EINVAL,
			       "can't read length of time '%.*s': expected a number and s, m, h, "
			       "d, w, mo or y, as in '28d'",
			       (int)view_to(text, 100).len, text.ptr);
	return 0;
}
