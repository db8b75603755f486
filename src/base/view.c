#include "base/view.h"

#include <limits.h>

size_t view_find_last(struct view v, struct view needle)
{
	if (needle.len == 0 || needle.len > v.len)
		return VIEW_NONE;
	for (size_t at = v.len - needle.len + 1; at > 0;) {
		const char *hit = memrchr(v.ptr, needle.ptr[0], at);

		if (!hit)
			return VIEW_NONE;
		at = (size_t)(hit - v.ptr);
		if (memcmp(hit, needle.ptr, needle.len) == 0)
			return at;
	}
	return VIEW_NONE;
}

struct view view_trim(struct view v)
{
	while (v.len > 0 && (v.ptr[0] == ' ' || v.ptr[0] == '\t'))
		v = view_from(v, 1);
	while (v.len > 0 && (v.ptr[v.len - 1] == ' ' || v.ptr[v.len - 1] == '\t'))
		v.len--;
	return v;
}

bool view_eat_number(struct view *v, unsigned long long *ret_number)
{
	unsigned long long number = 0;
	size_t n = 0;

	while (n < v->len && v->ptr[n] >= '0' && v->ptr[n] <= '9') {
		unsigned int digit = (unsigned int)(v->ptr[n] - '0');

		if (number > (ULLONG_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
		n++;
	}
	if (n == 0)
		return false;
	*v = view_from(*v, n);
	*ret_number = number;
	return true;
}
