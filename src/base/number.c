/* Numbers as people read and write them; integer arithmetic throughout. */
#include "base/number.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

/* VALUE with a comma before every three digits, "-" first if NEGATIVE. */
static size_t put_grouped(uint64_t value, bool negative, char *to)
{
	char reversed[NUMBER_TEXT_MAX];
	size_t n = 0, len = 0;

	do {
		if (n % 4 == 3)
			reversed[n++] = ',';
		reversed[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	if (negative)
		reversed[n++] = '-';
	while (n > 0)
		to[len++] = reversed[--n];
	to[len] = '\0';
	return len;
}

/* The amount without its sign; -VALUE would overflow for the lowest one. */
static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

size_t number_grouped(int64_t value, char buffer[static NUMBER_TEXT_MAX])
{
	return put_grouped(magnitude(value), value < 0, buffer);
}

static uint64_t divide_rounded(uint64_t value, uint64_t divisor)
{
	return value / divisor + (value % divisor >= divisor / 2);
}

size_t number_bytes(uint64_t bytes, char buffer[static NUMBER_TEXT_MAX])
{
	static const char units[] = "GTPE";
	uint64_t hundredth = 10 * 1000 * 1000; /* of the unit */
	uint64_t tenths_mb = divide_rounded(bytes, 100 * 1000);
	uint64_t amount;
	size_t len, unit = 0;

	if (bytes < 1000 * 1000) {
		len = put_grouped(bytes, false, buffer);
		memcpy(buffer + len, " B", sizeof(" B"));
		return len + 2;
	}
	if (tenths_mb < 10 * 1000)
		return (size_t)snprintf(buffer, NUMBER_TEXT_MAX, "%u.%u MB",
					(unsigned)tenths_mb / 10, (unsigned)tenths_mb % 10);
	amount = divide_rounded(bytes, hundredth);
	while (amount >= 100 * 1000 && units[unit + 1]) {
		hundredth *= 1000;
		amount = divide_rounded(bytes, hundredth);
		unit++;
	}
	return (size_t)snprintf(buffer, NUMBER_TEXT_MAX, "%u.%02u %cB", (unsigned)amount / 100,
				(unsigned)amount % 100, units[unit]);
}

size_t number_hms(int64_t seconds, char buffer[static NUMBER_TEXT_MAX])
{
	uint64_t left = magnitude(seconds);

	return (size_t)snprintf(buffer, NUMBER_TEXT_MAX, "%s%02llu:%02u:%02u",
				seconds < 0 ? "-" : "", (unsigned long long)(left / 3600),
				(unsigned)(left / 60 % 60), (unsigned)(left % 60));
}

/* The factor of a unit: k, K, M, G, T (with or without iB) count by 1024, with
   B by 1000, as GNU coreutils have it. 0 if UNIT is none. */
static uint64_t unit_factor(struct view unit)
{
	static const char letters[] = "KMGT";
	uint64_t base = 1024, factor = 1;
	int power = 0;

	if (unit.len == 0 || view_is_nocase(unit, VIEW("B")))
		return 1;
	while (letters[power] && !view_is_nocase(view_to(unit, 1), view_of(letters + power, 1)))
		power++;
	if (!letters[power])
		return 0;
	unit = view_from(unit, 1);
	if (view_is_nocase(unit, VIEW("B")))
		base = 1000;
	else if (unit.len > 0 && !view_is_nocase(unit, VIEW("iB")))
		return 0;
	for (; power >= 0; power--)
		factor *= base;
	return factor;
}

int number_parse_size(struct view text, uint64_t *ret_bytes, struct err *err)
{
	struct view rest = view_trim(text);
	unsigned long long number;
	uint64_t factor, bytes;

	if (!view_eat_number(&rest, &number) || !(factor = unit_factor(view_trim(rest))))
		return err_set(err, -EINVAL,
			       "can't read size '%.*s': expected a number of bytes, or one with "
			       "k, M, G or T behind it",
			       (int)view_to(text, 100).len, text.ptr);
	if (__builtin_mul_overflow(number, factor, &bytes))
		return err_set(err, -EINVAL, "size '%.*s' is too large",
			       (int)view_to(text, 100).len, text.ptr);
	*ret_bytes = bytes;
	return 0;
}
