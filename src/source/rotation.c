#include "source/rotation.h"

#include <stdio.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of N digits at PTR. */
static uint64_t digits(const char *ptr, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value * 10 + (uint64_t)(ptr[i] - '0');
	return value;
}

static struct view rotation_cut_compression(struct view name)
{
	static const struct view endings[] = {VIEW(".gz"),  VIEW(".xz"),   VIEW(".zst"),
					      VIEW(".bz2"), VIEW(".zstd"), VIEW(".Z"),
					      VIEW(".lzma")};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (name.len > endings[i].len && view_ends(name, endings[i]))
			return view_to(name, name.len - endings[i].len);
	return name;
}

#define DATE_DIGITS 14 /* YYYYMMDDhhmmss */

/*
 * Reads a date at the front of TEXT: YYYYMM, YYYYMMDD or with hhmmss, with - _
 * T . : between the parts or nothing. Returns the bytes it takes, 0 if none.
 */
static size_t rotation_date_at(struct view text, uint64_t *ret_date)
{
	char found[DATE_DIGITS + 1] = "00000000000000";
	size_t count = 0, end = 0;

	for (size_t i = 0; i < text.len && count < DATE_DIGITS; i++) {
		/* A separator stands after the year, or after two digits more. */
		bool between = count >= 4 && count % 2 == 0 && i == end;

		if (is_digit(text.ptr[i])) {
			found[count++] = text.ptr[i];
			end = i + 1;
		} else if (!between || !strchr("-_T.:", text.ptr[i])) {
			break;
		}
	}
	/* What ends within a pair is a number, not a date; so is a longer run. */
	if (count < 6 || count % 2 != 0 || (end < text.len && is_digit(text.ptr[end])))
		return 0;
	if (digits(found, 2) < 19 || digits(found, 2) > 20 || digits(found + 4, 2) - 1 > 11 ||
	    (count >= 8 && digits(found + 6, 2) - 1 > 30) || digits(found + 8, 2) > 23 ||
	    digits(found + 10, 2) > 59 || digits(found + 12, 2) > 60)
		return 0;
	*ret_date = digits(found, DATE_DIGITS);
	return end;
}

/* Seconds since 1970 (dateformat -%s): ten digits that are no date. */
static size_t rotation_epoch_at(struct view text, uint64_t *ret_date)
{
	size_t n = 0;

	while (n < text.len && is_digit(text.ptr[n]))
		n++;
	if (n != 10 || text.ptr[0] != '1')
		return 0;
	*ret_date = digits(text.ptr, n);
	return n;
}

/* Copies NAME without its bytes FROM to TO, and without the separator before
   them, into the base. */
static void rotation_set_base(struct rotation *rotation, struct view name, size_t from, size_t to)
{
	if (from > 0 && strchr("-_.", name.ptr[from - 1]))
		from--;
	snprintf(rotation->base, sizeof(rotation->base), "%.*s%.*s", (int)from, name.ptr,
		 (int)(name.len - to), name.ptr + to);
}

static bool rotation_parse_date(struct view name, struct rotation *rotation)
{
	for (size_t i = 0; i < name.len; i++) {
		struct view rest = view_from(name, i);
		size_t len;

		if ((i > 0 && is_digit(name.ptr[i - 1])) || !is_digit(name.ptr[i]))
			continue;
		len = rotation_date_at(rest, &rotation->date);
		if (len == 0)
			len = rotation_epoch_at(rest, &rotation->date);
		if (len == 0)
			continue;
		rotation_set_base(rotation, name, i, i + len);
		return true;
	}
	return false;
}

#define NUMBER_DIGITS_MAX 4

/* ".N" at the end, or before ".log"; ".old" is the first. */
static bool rotation_parse_number(struct view name, struct rotation *rotation)
{
	bool log = view_ends(name, VIEW(".log"));
	size_t end = log ? name.len - 4 : name.len;
	size_t begin = end;

	if (view_ends(name, VIEW(".old"))) {
		rotation->number = 1;
		rotation_set_base(rotation, name, name.len - 3, name.len);
		return true;
	}
	while (begin > 0 && is_digit(name.ptr[begin - 1]))
		begin--;
	if (begin == end || end - begin > NUMBER_DIGITS_MAX || begin < 2 ||
	    name.ptr[begin - 1] != '.')
		return false;
	/* newsyslog and busybox count from 0. */
	rotation->number = digits(name.ptr + begin, end - begin) + 1;
	rotation_set_base(rotation, name, begin, end);
	return true;
}

void rotation_parse(struct view name, struct rotation *ret_rotation)
{
	*ret_rotation = (struct rotation){0};
	name = view_to(rotation_cut_compression(name), ROTATION_BASE_MAX - 1);
	if (rotation_parse_number(name, ret_rotation)) {
		struct rotation dated = {0};

		/* mail.log-20260101.1: a second rotation on one day. */
		if (rotation_parse_date(view_string(ret_rotation->base), &dated)) {
			dated.number = ret_rotation->number;
			*ret_rotation = dated;
		}
		return;
	}
	if (!rotation_parse_date(name, ret_rotation))
		rotation_set_base(ret_rotation, name, name.len, name.len);
}

/* 0 for dated, 1 for numbered, 2 for the current one. */
static int rotation_rank(const struct rotation *rotation)
{
	return rotation->date ? 0 : rotation->number ? 1 : 2;
}

int rotation_compare(const struct rotation *a, const struct rotation *b)
{
	int rank = rotation_rank(a) - rotation_rank(b);

	if (rank != 0)
		return rank;
	if (a->date != b->date)
		return a->date < b->date ? -1 : 1;
	if (a->number != b->number)
		return a->number > b->number ? -1 : 1;
	return 0;
}
