/*
 * The client in Sendmail's words, and the grammar that keeps its text apart
 * from the client's own.
 *
 * Forms: "[192.0.2.1]", "name [192.0.2.1]", "name [IPv6:2001:db8::1]", with
 * " (may be forged)" behind where the name does not lead back to the address,
 * "user@name [192.0.2.1]" where ident answered, "name" where the address was
 * not to be had, "user@localhost" for the command line.
 */
#include "format/sendmail.h"

#define FORGED VIEW(" (may be forged)")

/* Takes the last "[address]" off the end of *relay. */
static bool eat_last_address(struct view *relay, struct ip *ret_ip)
{
	size_t open;

	if (!relay->len || relay->ptr[relay->len - 1] != ']')
		return false;
	open = view_find_last_byte(*relay, '[');
	if (open == VIEW_NONE)
		return false;
	if (!ip_parse(view_of(relay->ptr + open + 1, relay->len - open - 2), ret_ip))
		return false;
	relay->len = open;
	while (relay->len && relay->ptr[relay->len - 1] == ' ')
		relay->len--;
	return true;
}

static void tell_name(struct view name, struct event *event)
{
	size_t at = view_find_last_byte(name, '@');

	if (at != VIEW_NONE)
		name = view_from(name, at + 1);
	/* "[address] [address]": the name is the address again. */
	if (name.len && name.ptr[0] != '[')
		word_set(&event->name, name);
}

bool sendmail_relay(struct view relay, struct event *event)
{
	if (view_ends(relay, FORGED)) {
		relay.len -= FORGED.len;
		event->flags |= EVENT_NAME_UNSURE;
	}
	if (eat_last_address(&relay, &event->client)) {
		event->flags |= EVENT_HAS_CLIENT;
		if (ip_is_loopback(&event->client))
			event->flags |= EVENT_OUTBOUND;
		tell_name(relay, event);
		return true;
	}
	if (view_find_byte(relay, '[') != VIEW_NONE)
		return false; /* cut within the address: not even the name is sure */
	tell_name(relay, event);
	if (view_is(word_view(event->name), VIEW("localhost")))
		event->flags |= EVENT_OUTBOUND;
	return false;
}

bool sendmail_is_relay(struct view text)
{
	struct ip ip;

	if (view_ends(text, FORGED))
		text.len -= FORGED.len;
	if (eat_last_address(&text, &ip))
		return view_find(text, VIEW(", ")) == VIEW_NONE;
	return text.len && view_find_byte(text, ' ') == VIEW_NONE;
}

/* Skips what a backslash quotes. As logged, one backslash of the client's is
   two; \t and \ooo are single characters in themselves. */
static const char *skip_quoted_pair(const char *at, const char *end)
{
	if (at + 1 >= end || at[1] != '\\')
		return at + 2;
	at += 2;
	return at < end && *at == '\\' ? at + 2 : at + 1;
}

/* Behind the quoted string or comment that begins at AT. */
static const char *skip_delimited(const char *at, const char *end)
{
	bool comment = *at == '(';
	int depth = 1;

	for (at++; at < end;) {
		if (*at == '\\') {
			at = skip_quoted_pair(at, end);
			continue;
		}
		if (comment && *at == '(')
			depth++;
		else if (*at == (comment ? ')' : '"') && --depth == 0)
			return at + 1;
		at++;
	}
	return end;
}

/* The bytes at which sendmail_unquoted() has to look twice. */
static const bool telling[256] = {
	['"'] = true, ['('] = true, ['\\'] = true, [','] = true, ['.'] = true};

size_t sendmail_unquoted(struct view text, char first, char second)
{
	const char *at = text.ptr, *end = text.ptr + text.len;

	while (at < end) {
		char c = *at;

		if (!telling[(unsigned char)c])
			at++;
		else if (c == '"' || c == '(')
			at = skip_delimited(at, end);
		else if (c == '\\')
			at = skip_quoted_pair(at, end);
		else if (c == first && (!second || (at + 1 < end && at[1] == second)))
			return (size_t)(at - text.ptr);
		else
			at++;
	}
	return VIEW_NONE;
}

bool sendmail_split(struct view *text, struct view mark, struct view *ret_before)
{
	size_t at = view_find(*text, mark);

	if (at == VIEW_NONE)
		return false;
	*ret_before = view_to(*text, at);
	*text = view_from(*text, at + mark.len);
	return true;
}

#define QUEUE_ID_MIN 8
#define QUEUE_ID_MAX 24
#define QUEUE_ID_DIGITS 5

enum { LETTER = 1, DIGIT = 2 };
static const unsigned char classes[256] = {
	['0' ... '9'] = DIGIT,
	['A' ... 'Z'] = LETTER,
	['a' ... 'z'] = LETTER,
};

static unsigned char class_of(char c)
{
	return classes[(unsigned char)c];
}

/* The length of the queue id at the front, or 0. Since 8.12: eight characters of
   time and the process id in six digits or more (queue.c, assign_queueid);
   before: five digits at the end. */
static size_t queue_id_length(struct view text)
{
	size_t length = 0, limit = text.len < QUEUE_ID_MAX ? text.len : QUEUE_ID_MAX;

	while (length < limit && class_of(text.ptr[length]))
		length++;
	if (length < QUEUE_ID_MIN)
		return 0;
	for (size_t i = length - QUEUE_ID_DIGITS; i < length; i++)
		if (class_of(text.ptr[i]) != DIGIT)
			return 0;
	return length;
}

bool sendmail_eat_queue_id(struct view *text, struct view *ret_id, unsigned int *ret_part)
{
	size_t length = queue_id_length(*text);
	struct view rest;
	unsigned long long part = 0;

	if (!length)
		return false;
	rest = view_from(*text, length);
	if (view_eat(&rest, VIEW("[")) &&
	    (!view_eat_number(&rest, &part) || !view_eat(&rest, VIEW("]"))))
		return false;
	if (!view_eat(&rest, VIEW(": ")))
		return false;
	*ret_id = view_to(*text, length);
	*ret_part = part > 1 ? 2 : (unsigned int)part;
	*text = rest;
	return true;
}

struct view sendmail_bare(struct view address)
{
	size_t open;

	if (!address.len)
		return address;
	if (address.ptr[0] == '<') {
		address = view_from(address, 1);
		/* One that was shortened for the log may lack its end. */
		if (address.len && address.ptr[address.len - 1] == '>')
			address.len--;
		return address;
	}
	/* The submission program takes addresses from headers: "Name <address>". */
	open = address.ptr[address.len - 1] == '>' ? view_find_last_byte(address, '<') : VIEW_NONE;
	return open == VIEW_NONE ? address
				 : view_of(address.ptr + open + 1, address.len - open - 2);
}
