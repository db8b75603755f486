/*
 * Exim's way to write who the client is, and what Exim quotes of the client's
 * words: addresses, arguments, times.
 *
 * The address in brackets is the one thing in a host that can be relied on
 * (Exim's specification, chapter "Log files"), and only when it is found from
 * the front: name is a DNS name and has no blank; helo is in parentheses and
 * may hold any address literal, so that "([203.0.113.9]) [198.51.100.3]" is
 * 198.51.100.3. Unless helo_accept_junk_hosts lets a helo have blanks and
 * parentheses, ") [" first ends it.
 */
#include "base/scan.h"
#include "format/exim.h"

#define ARGUMENT_MAX 100 /* smtp_in.c: smtp_handle_acl_fail(), "%s %.*s" */

/*
 * Reads "[address]:port" at P; returns where it ends, NULL if that is not what stands
 * there. What is behind must not go on with a word.
 */
static const char *read_address(const char *p, const char *end, struct ip *ret_ip,
				uint16_t *ret_port)
{
	const char *stop = end - p > IP_TEXT_MAX + 2 ? p + IP_TEXT_MAX + 2 : end;
	const char *close;
	unsigned port = 0;

	if (p == end || *p != '[')
		return NULL;
	close = scan_byte(p, stop, ']');
	if (close == stop)
		return NULL;
	p++;
	if (!ip_parse(view_of(p, (size_t)(close - p)), ret_ip))
		return NULL;
	p = close + 1;
	if (end - p > 1 && *p == ':' && p[1] >= '0' && p[1] <= '9') {
		stop = end - p > 6 ? p + 6 : end;
		for (p++; p < stop && *p >= '0' && *p <= '9'; p++)
			port = port * 10 + (unsigned)(*p - '0');
	}
	if ((p < end && *p != ' ' && *p != ':') || port > UINT16_MAX)
		return NULL;
	*ret_port = (uint16_t)port;
	return p;
}

/* Reads "(helo) [address]:port" at P in the same way. */
static const char *read_helo_address(const char *p, const char *end, struct view *ret_helo,
				     struct ip *ret_ip, uint16_t *ret_port)
{
	const char *begin = ++p;

	for (; (p = scan_byte(p, end, ')')) < end; p++) {
		const char *after;

		if (end - p < 4 || p[1] != ' ' || p[2] != '[')
			continue;
		after = read_address(p + 2, end, ret_ip, ret_port);
		if (after) {
			*ret_helo = view_of(begin, (size_t)(p - begin));
			return after;
		}
	}
	return NULL;
}

/* Whether TEXT is what Exim writes behind a host and its ident. */
static bool is_after_ident(struct view text)
{
	static const struct view starts[] = {
		VIEW("F=<"),
		VIEW("P="),
		VIEW("X="),
		VIEW("rejected "),
		VIEW("temporarily rejected "),
		VIEW("Warning: "),
		VIEW("incomplete transaction"),
		VIEW("sender verify "),
		VIEW("closed by "),
		VIEW("dropped: "),
		VIEW("refused: "),
		VIEW("D="),
		VIEW("Ci="),
		VIEW("dropped by "),
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (view_starts(text, starts[i]))
			return true;
	return false;
}

/* Cuts " U=ident" off. The ident is what the client's ident server (RFC 1413)
   said, up to 127 bytes of anything, or our own user's name. */
static void eat_ident(struct view *rest)
{
	size_t at = 3;

	while (at < rest->len && rest->ptr[at] != ':') {
		if (rest->ptr[at] == ' ' && is_after_ident(view_from(*rest, at + 1)))
			break;
		at++;
	}
	*rest = view_from(*rest, at);
}

/* Cuts " I=[address]:port" off. */
static void eat_interface(struct view *rest)
{
	size_t close = view_find_byte(view_to(*rest, IP_TEXT_MAX + 5), ']');
	struct view after;

	if (close == VIEW_NONE)
		return;
	after = view_from(*rest, close + 1);
	if (after.len > 0 && after.ptr[0] == ':') {
		size_t n = 1;

		while (n < after.len && after.ptr[n] >= '0' && after.ptr[n] <= '9')
			n++;
		if (n > 1)
			after = view_from(after, n);
	}
	*rest = after;
}

static bool is_base62(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Cuts " Ci=number" off, the connection's (+connection_id, since Exim 4.98). */
static void eat_connection_id(struct view *rest)
{
	size_t at = 4;

	while (at < rest->len && is_base62(rest->ptr[at]))
		at++;
	if (at == rest->len || rest->ptr[at] == ' ' || rest->ptr[at] == ':')
		*rest = view_from(*rest, at);
}

bool exim_eat_host(struct view *rest, struct event *event)
{
	const char *p = rest->ptr, *end = p + rest->len;
	struct view name = {0}, helo = {0};
	struct ip ip;
	uint16_t port;

	if (p == end)
		return false;
	if (*p != '[' && *p != '(') {
		const char *blank = scan_byte(p, end, ' ');

		if (blank == end || blank == p)
			return false;
		name = view_of(p, (size_t)(blank - p));
		p = blank + 1;
	}
	if (p < end && *p == '(')
		p = read_helo_address(p, end, &helo, &ip, &port);
	else
		p = read_address(p, end, &ip, &port);
	if (!p)
		return false;
	*rest = view_of(p, (size_t)(end - p));
	if (end - p > 5 && p[1] == 'I' && view_starts(*rest, VIEW(" I=[")))
		eat_interface(rest);
	if (rest->len > 3 && rest->ptr[1] == 'U' && view_starts(*rest, VIEW(" U=")))
		eat_ident(rest);
	if (rest->len > 4 && rest->ptr[1] == 'C' && view_starts(*rest, VIEW(" Ci=")))
		eat_connection_id(rest);
	event->client = ip;
	event->port = port;
	event->flags |= EVENT_HAS_CLIENT;
	if (name.len)
		word_set(&event->name, name);
	if (helo.len)
		word_set(&event->helo, helo);
	return true;
}

void exim_set_session(struct event *event)
{
	if (!(event->flags & EVENT_HAS_CLIENT)) {
		event->key = KEY_NONE;
		return;
	}
	if (ip_is_loopback(&event->client))
		event->flags |= EVENT_OUTBOUND;
	if (event->port)
		event->key = KEY_CLIENT_PORT;
	else
		event->key = event->pid ? KEY_PROCESS : KEY_CLIENT;
}

/* The place behind the quoted string that begins at AT; TEXT's length if it
   does not end. */
static size_t quoted_end(struct view text, size_t at)
{
	for (at++; at < text.len; at++) {
		if (text.ptr[at] == '\\')
			at++;
		else if (text.ptr[at] == '"')
			return at + 1;
	}
	return text.len;
}

size_t exim_address_end(struct view text)
{
	size_t at = 0;

	while (at < text.len) {
		switch (text.ptr[at]) {
		case '"':
			at = quoted_end(text, at);
			break;
		case '\\':
			at += 2;
			break;
		case ' ':
		case '>':
			return at;
		default:
			at++;
		}
	}
	return text.len;
}

/* Where '>' stands in TEXT, or before it what quotes or escapes; TEXT's length if neither. */
static size_t plain_end(struct view text)
{
	return (size_t)(scan_three(text.ptr, text.ptr + text.len, '>', '"', '\\') - text.ptr);
}

bool exim_eat_bracketed(struct view *text, struct view *ret_address)
{
	struct view inner;
	size_t end;

	if (text->len < 2 || text->ptr[0] != '<')
		return false;
	inner = view_from(*text, 1);
	end = plain_end(inner);
	if (end < inner.len && inner.ptr[end] == '>') {
		*ret_address = view_to(inner, end);
		*text = view_from(inner, end + 1);
		return true;
	}
	end = view_find_byte(inner, '>');
	if (end == VIEW_NONE)
		return false;
	/* Exim itself lets unquoted blanks in only from what is not an address. */
	for (end = exim_address_end(inner); end < inner.len && inner.ptr[end] == ' ';)
		end += 1 + exim_address_end(view_from(inner, end + 1));
	if (end >= inner.len)
		end = view_find_byte(inner, '>');
	*ret_address = view_to(inner, end);
	*text = view_from(inner, end + 1);
	return true;
}

/*
 * Where the argument ends that TEXT begins with: at the first ": ", or colon at
 * the end, outside quoted strings, comments and brackets; VIEW_NONE if there is
 * none. (RFC 5321, 4.1.2; RFC 5322, 3.2.2 for the comments that Exim allows.)
 */
static size_t argument_end(struct view text)
{
	size_t at = 0;
	unsigned brackets = 0, comments = 0;

	while (at < text.len) {
		switch (text.ptr[at]) {
		case '"':
			at = quoted_end(text, at);
			continue;
		case '\\':
			at++;
			break;
		case '<':
			brackets = 1;
			break;
		case '>':
			brackets = 0;
			break;
		case '(':
			comments++;
			break;
		case ')':
			comments -= comments > 0;
			break;
		case ':':
			if (!brackets && !comments &&
			    (at + 1 == text.len || text.ptr[at + 1] == ' '))
				return at;
			break;
		}
		at++;
	}
	return VIEW_NONE;
}

/* The same for an argument that is cut off, or is no address: by its length, or
   at the first ": ". */
static size_t loose_argument_end(struct view text)
{
	const char *end = text.ptr + text.len, *colon = text.ptr;

	if (text.len > ARGUMENT_MAX && text.ptr[ARGUMENT_MAX] == ':')
		return ARGUMENT_MAX;
	if (text.len == 0 || text.ptr[0] == '"')
		return text.len;
	while ((colon = memchr(colon, ':', (size_t)(end - colon))) != NULL) {
		if (end - colon > 1 && colon[1] == ' ')
			return (size_t)(colon - text.ptr);
		colon++;
	}
	return text.len;
}

/* Cuts the common argument off, "<address>" without anything odd, and ": ". */
static bool eat_plain_argument(struct view *text, struct view *ret_argument)
{
	struct view inner, rest;
	size_t close;

	if (text->len == 0 || text->ptr[0] != '<')
		return false;
	inner = view_of(text->ptr + 1, text->len - 1);
	close = plain_end(inner);
	if (close >= ARGUMENT_MAX - 1 || close == inner.len || inner.ptr[close] != '>' ||
	    scan_byte(inner.ptr, inner.ptr + close, '(') < inner.ptr + close)
		return false;
	rest = view_of(inner.ptr + close + 1, inner.len - close - 1);
	if (rest.len > 0 && rest.ptr[0] != ':')
		return false;
	*text = view_trim(view_from(rest, 1));
	*ret_argument = view_of(inner.ptr, close);
	return true;
}

void exim_eat_argument(struct view *text, bool is_address, struct view *ret_argument)
{
	struct view argument, inner;
	size_t end;

	if (is_address && eat_plain_argument(text, ret_argument))
		return;
	end = is_address ? argument_end(*text) : VIEW_NONE;
	if (end == VIEW_NONE || end > ARGUMENT_MAX) {
		size_t loose = loose_argument_end(*text);

		end = end == VIEW_NONE || loose == ARGUMENT_MAX ? loose : end;
	}
	argument = view_to(*text, end);
	*text = view_from(*text, end);
	if (text->len > 0 && text->ptr[0] == ':')
		*text = view_trim(view_from(*text, 1));
	*ret_argument = view_trim(argument);
	if (!is_address || argument.len == 0)
		return;
	/* "phrase <address>", "<address> parameter": the brackets count; of a cut
	   one what is left of it. */
	inner = argument;
	if (argument.ptr[0] != '<') {
		size_t open = view_find_last_byte(argument, '<');

		if (open == VIEW_NONE || !view_ends(argument, VIEW(">")))
			return;
		inner = view_from(argument, open);
	}
	if (view_ends(inner, VIEW(">")))
		*ret_argument = view_of(inner.ptr + 1, inner.len - 2);
	else if (!exim_eat_bracketed(&inner, ret_argument))
		*ret_argument = view_from(inner, 1);
}

uint32_t exim_seconds(struct view text)
{
	unsigned long long sum = 0, number;

	if (text.len == 0)
		return UINT32_MAX;
	while (view_eat_number(&text, &number)) {
		if (number > UINT32_MAX)
			return UINT32_MAX;
		if (view_eat(&text, VIEW("."))) {
			unsigned long long fraction;

			view_eat_number(&text, &fraction);
		}
		switch (text.len ? text.ptr[0] : 0) {
		case 'w':
			sum += number * 604800;
			break;
		case 'd':
			sum += number * 86400;
			break;
		case 'h':
			sum += number * 3600;
			break;
		case 'm':
			sum += number * 60;
			break;
		case 's':
			sum += number;
			break;
		default:
			return UINT32_MAX;
		}
		text = view_from(text, 1);
	}
	return text.len == 0 && sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}
