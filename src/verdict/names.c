/* Sets of names: see names.h. */
#include "verdict/names.h"
#include "detect/site.h"

void names_init(struct names *names)
{
	names->set = strings_new();
}

void names_release(struct names *names)
{
	strings_free(names->set);
}

static bool is_name(struct view name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		/* Underscores stand in names of real hosts; bytes above ASCII in IDNs. */
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr("-._", c) &&
		    !(c & 0x80))
			return false;
		if (c == '.' && (i == 0 || name.ptr[i - 1] == '.'))
			return false;
	}
	return name.len > 0;
}

bool names_add(struct names *names, struct view name)
{
	char buffer[SITE_NAME_MAX + 1];
	struct view plain;

	view_eat(&name, VIEW("*"));
	view_eat(&name, VIEW("."));
	plain = site_plain_name(name, buffer);
	if (!is_name(plain))
		return false;
	strings_add(names->set, plain);
	return true;
}

void names_add_list(struct names *names, struct view list)
{
	while (list.len > 0) {
		size_t end = view_find_byte(list, '\n');
		struct view line = view_to(list, end == VIEW_NONE ? list.len : end);
		size_t comment = view_find_byte(line, '#');

		list = view_from(list, line.len + 1);
		line = view_to(line, comment == VIEW_NONE ? line.len : comment);
		if (view_ends(line, VIEW("\r")))
			line.len--;
		/* A line that is no name covers nobody: nothing is lost by passing it over. */
		names_add(names, view_trim(line));
	}
}

struct view names_covering(const struct names *names, struct view plain_name)
{
	struct view name = plain_name;

	while (name.len > 0 && strings_find(names->set, name) == UINT32_MAX) {
		size_t dot = view_find_byte(name, '.');

		name = view_from(name, dot == VIEW_NONE ? name.len : dot + 1);
	}
	return name;
}

#define OCTETS 4

static bool are_octets(const unsigned long long *numbers, const unsigned char *octets,
		       bool backwards)
{
	for (int i = 0; i < OCTETS; i++)
		if (numbers[i] != octets[backwards ? OCTETS - 1 - i : i])
			return false;
	return true;
}

bool name_spells_address(struct view name, const struct ip *ip)
{
	const unsigned char *octets = ip->bytes + sizeof(ip->bytes) - OCTETS;
	unsigned long long numbers[OCTETS] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};

	if (!ip_is_v4(ip))
		return false;
	while (name.len > 0) {
		unsigned long long number;

		if (!view_eat_number(&name, &number)) {
			name = view_from(name, 1);
			continue;
		}
		memmove(numbers, numbers + 1, (OCTETS - 1) * sizeof(*numbers));
		numbers[OCTETS - 1] = number;
		if (are_octets(numbers, octets, false) || are_octets(numbers, octets, true))
			return true;
	}
	return false;
}
