/* Forms of recipients: see relay_form.h. */
#include "detect/relay_form.h"

#include "detect/detector.h"

/* Rewritten senders (SRS, BATV) hold domains, and none of it is a trick. */
static bool is_rewritten(struct view local)
{
	return local.len > 5 &&
	       (strncasecmp(local.ptr, "SRS", 3) == 0 || strncasecmp(local.ptr, "prvs=", 5) == 0);
}

static bool has_dot(struct view text)
{
	size_t dot = view_find_byte(text, '.');

	return dot != VIEW_NONE && dot > 0 && dot + 1 < text.len;
}

static unsigned int local_forms(struct view local)
{
	size_t percent = view_find_last_byte(local, '%');
	size_t bang = view_find_byte(local, '!');
	unsigned int forms = 0;

	if (percent != VIEW_NONE && percent > 0 && has_dot(view_from(local, percent + 1)))
		forms |= FORM_PERCENT;
	if (bang != VIEW_NONE && has_dot(view_to(local, bang)))
		forms |= FORM_BANG;
	if (view_find_byte(local, '@') != VIEW_NONE)
		forms |= FORM_QUOTED;
	return forms;
}

/* "elsewhere.example!user", "\"user@elsewhere.example\"": without a domain behind it. */
static bool is_bare(struct view address)
{
	size_t at = view_find_last_byte(address, '@');

	return at == VIEW_NONE || view_find_byte(view_from(address, at), '"') != VIEW_NONE;
}

unsigned int relay_form(struct view address)
{
	struct view domain = detect_domain(address);
	struct view local = is_bare(address) ? address : detect_user(address);

	if (view_starts(address, VIEW("@")) && view_find_byte(address, ':') != VIEW_NONE)
		return FORM_ROUTE;
	if (is_rewritten(local))
		return 0;
	return local_forms(local) | (view_starts(domain, VIEW("[")) ? FORM_LITERAL : 0u);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* An address at the front of *text, four numbers with one kind of mark between them. */
static bool eat_address(struct view *text, struct ip *ret_ip)
{
	unsigned char *bytes = ret_ip->bytes + 12;
	struct view rest = *text;
	unsigned long long number;
	char mark = 0;

	*ret_ip = (struct ip){{[10] = 0xff, [11] = 0xff}};
	for (int n = 0; n < 4; n++) {
		if (n > 0) {
			if (rest.len == 0 || (rest.ptr[0] != '.' && rest.ptr[0] != '-') ||
			    (mark && rest.ptr[0] != mark))
				return false;
			mark = rest.ptr[0];
			rest = view_from(rest, 1);
		}
		if (!view_eat_number(&rest, &number) || number > 255)
			return false;
		bytes[n] = (unsigned char)number;
	}
	*text = rest;
	return true;
}

bool relay_names_address(struct view address, const struct ip *client)
{
	struct view rest = detect_user(address);

	while (rest.len >= 7) {
		struct ip ip;
		size_t digits = 0;

		if (eat_address(&rest, &ip)) {
			if (!ip_equal(&ip, client))
				return true;
			continue;
		}
		while (digits < rest.len && is_digit(rest.ptr[digits]))
			digits++;
		rest = view_from(rest, digits ? digits : 1);
	}
	return false;
}
