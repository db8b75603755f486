/*
 * What Postfix refuses, holds, discards or only warns of.
 *
 * smtpd_check.c: log_whatsup() and postscreen_smtpd.c write
 *
 *	ACTION: STAGE from CLIENT: REPLY; [from=<S> ][to=<R> ]proto=P[ helo=<H>]
 *
 * (postscreen with commas between), where REPLY is "554 5.7.1 <WHAT>: words". S, R, H
 * and WHAT are the client's and may hold anything, "; from=<" and all, though WHAT
 * repeats one of the others or the client. So a line is read as plain first: at the
 * first "; " before a key, each value to its first '>', and the last '>' must be the
 * line's end. A line made to look otherwise can't satisfy that, since the true
 * tail's brackets come behind the forged one. If it does not fit, all ways to
 * cut the line are tried, by quotes (RFC 5321) and by WHAT's being repeated.
 */
#include "base/scan.h"
#include "format/classify.h"
#include "format/postfix.h"

#define TRIES 8 /* places of a kind that are tried in a line that is not plain */

/* What stands behind the server's reply. */
struct tail {
	struct view sender, recipient, helo;
	bool has_sender, has_recipient;
};

/* "; from=<", "; to=<", "; proto=": AT is behind the semicolon. */
static bool tail_begins(const char *at, const char *end)
{
	return end - at > 6 && *at == ' ' &&
	       (memcmp(at + 1, "from=<", 6) == 0 || memcmp(at + 1, "to=<", 4) == 0 ||
		memcmp(at + 1, "proto=", 6) == 0);
}

/* The next semicolon from AT on that a tail follows; NULL if none. */
static const char *find_tail(const char *at, const char *end)
{
	while (at < end) {
		const char *semicolon = scan_byte(at, end, ';');

		if (semicolon == end)
			return NULL;
		at = semicolon + 1;
		if (tail_begins(at, end))
			return semicolon;
	}
	return NULL;
}

/* Skips " " or ", " between keys. */
static const char *skip_separator(const char *at, const char *end)
{
	if (at < end && *at == ',')
		at++;
	if (at < end && *at == ' ')
		at++;
	return at;
}

/* Cuts "KEY" and its value to the first '>' off *at. */
static inline bool eat_plain(const char **at, const char *end, struct view key,
			     struct view *ret_value)
{
	const char *p = skip_separator(*at, end), *close;

	if ((size_t)(end - p) < key.len || memcmp(p, key.ptr, key.len) != 0)
		return false;
	p += key.len;
	close = scan_byte(p, end, '>');
	if (close == end)
		return false;
	*ret_value = view_of(p, (size_t)(close - p));
	*at = close + 1;
	return true;
}

/* Cuts "proto=ESMTP" off *at, if it is there. */
static void eat_protocol(const char **at, const char *end)
{
	const char *p = skip_separator(*at, end);

	if (end - p < 6 || memcmp(p, "proto=", 6) != 0)
		return;
	for (p += 6; p < end && *p >= 'A' && *p <= 'Z'; p++)
		;
	*at = p;
}

/* Reads a tail at AT each of whose values ends at the first '>'; false if the line's
   end is not the tail's. */
static bool read_plain_tail(const char *at, const char *end, struct tail *tail)
{
	tail->has_sender = eat_plain(&at, end, VIEW("from=<"), &tail->sender);
	tail->has_recipient = eat_plain(&at, end, VIEW("to=<"), &tail->recipient);
	eat_protocol(&at, end);
	eat_plain(&at, end, VIEW("helo=<"), &tail->helo);
	return at == end;
}

/* Whether P stands before KEY, separated. */
static bool key_follows(const char *p, const char *end, struct view key)
{
	const char *at = skip_separator(p, end);

	return at > p && (size_t)(end - at) > key.len && memcmp(at, key.ptr, key.len) == 0;
}

/*
 * The places at which a value that begins at AT may end: each '>' before one of
 * the keys that may follow or, for cleanup, the server's words. Where the value is quoted, not
 * inside of the quotes.
 */
static size_t list_ends(const char *at, const char *end, const char *ends[static TRIES])
{
	size_t count = 0;

	if (at < end && *at == '"') {
		const char *p = at + 1;

		while (p < end && *p != '"')
			p += *p == '\\' ? 2 : 1;
		if (p < end)
			at = p;
	}
	while (count < TRIES && at < end) {
		const char *close = memchr(at, '>', (size_t)(end - at));

		if (!close)
			break;
		at = close + 1;
		if (at == end || key_follows(at, end, VIEW("to=<")) ||
		    key_follows(at, end, VIEW("proto=")) ||
		    view_starts(view_of(at, (size_t)(end - at)), VIEW(": ")))
			ends[count++] = close;
	}
	return count;
}

/* "helo=<…>" to the line's last '>'; what Postfix may add behind it has none. */
static bool read_last_helo(const char *at, const char *end, struct tail *tail)
{
	const char *p, *close;

	eat_protocol(&at, end);
	if (at == end)
		return true;
	p = skip_separator(at, end);
	if (end - p < 6 || memcmp(p, "helo=<", 6) != 0)
		return end - p >= 5 && memcmp(p, "sasl_", 5) == 0;
	p += 6;
	close = memrchr(p, '>', (size_t)(end - p));
	if (!close || (close + 1 < end && !key_follows(close + 1, end, VIEW("sasl_"))))
		return false;
	tail->helo = view_of(p, (size_t)(close - p));
	return true;
}

/*
 * The length of "<VALUE>: " at the front of TEXT, 0 if it is not there. WHAT is in
 * Postfix's internal form, without the quotes and backslashes that VALUE may have.
 */
static size_t repeats(struct view text, struct view value)
{
	size_t at = 1, i = 0;

	if (!view_starts(text, VIEW("<")))
		return 0;
	if (value.len && view_starts(view_from(text, 1), value)) {
		at += value.len;
		i = value.len;
	}
	for (; i < value.len; i++) {
		if (value.ptr[i] == '"')
			continue;
		if (value.ptr[i] == '\\' && i + 1 < value.len)
			i++;
		if (at >= text.len || text.ptr[at++] != value.ptr[i])
			return 0;
	}
	return view_starts(view_from(text, at), VIEW(">: ")) ? at + 3 : 0;
}

/* The length of "<WHAT>: " at the front of REPLY, where WHAT is one of the values that
   TAIL has or the client; 0 if it is none of them. */
static size_t what_length(struct view reply, const struct tail *tail, struct view client)
{
	size_t length = 0;

	if (tail->has_recipient)
		length = repeats(reply, tail->recipient);
	if (!length && tail->has_sender)
		length = repeats(reply, tail->sender);
	if (!length)
		length = repeats(reply, client);
	return length ? length : repeats(reply, tail->helo);
}

/* Whether WHAT at the front of REPLY is told by TAIL, or there is none. */
static bool what_fits(struct view reply, const struct tail *tail, struct view client)
{
	return !view_starts(reply, VIEW("<")) || what_length(reply, tail, client);
}

/* Behind the sender: the recipient, if there is one, and the rest. */
static bool read_recipient_and_helo(const char *at, const char *end, struct view reply,
				    struct view client, struct tail *tail)
{
	const char *ends[TRIES], *p = skip_separator(at, end);
	size_t count;

	tail->has_recipient = end - p > 4 && memcmp(p, "to=<", 4) == 0;
	if (!tail->has_recipient)
		return read_last_helo(at, end, tail) && what_fits(reply, tail, client);
	count = list_ends(p + 4, end, ends);
	for (size_t i = 0; i < count; i++) {
		tail->recipient = view_of(p + 4, (size_t)(ends[i] - p - 4));
		if (read_last_helo(ends[i] + 1, end, tail) && what_fits(reply, tail, client))
			return true;
	}
	return false;
}

/* Reads a tail whose values may hold anything. */
static bool read_odd_tail(const char *at, const char *end, struct view reply, struct view client,
			  struct tail *tail)
{
	const char *ends[TRIES], *p = skip_separator(at, end);
	size_t count;

	*tail = (struct tail){0};
	if (end - p <= 6 || memcmp(p, "from=<", 6) != 0)
		return read_recipient_and_helo(at, end, reply, client, tail);
	tail->has_sender = true;
	count = list_ends(p + 6, end, ends);
	for (size_t i = 0; i < count; i++) {
		tail->sender = view_of(p + 6, (size_t)(ends[i] - p - 6));
		if (read_recipient_and_helo(ends[i] + 1, end, reply, client, tail))
			return true;
	}
	return false;
}

/* Cuts "554 " and "5.7.1 " off the front of *reply. */
static void eat_codes(struct view *reply, uint16_t *ret_code)
{
	const char *p = reply->ptr;
	size_t n = 1;

	if (reply->len > 4 && p[0] >= '2' && p[0] <= '5' && p[1] >= '0' && p[1] <= '9' &&
	    p[2] >= '0' && p[2] <= '9' && p[3] == ' ') {
		*ret_code = (uint16_t)((p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0'));
		*reply = view_from(*reply, 4);
		p = reply->ptr;
	}
	if (reply->len < 6 || p[0] < '2' || p[0] > '5' || p[1] != '.')
		return;
	while (n < reply->len && n < 10 && ((p[n] >= '0' && p[n] <= '9') || p[n] == '.'))
		n++;
	if (n == reply->len || p[n] != ' ')
		return;
	if (!*ret_code)
		*ret_code = p[0] == '4' ? 450 : p[0] == '5' ? 550 : 0;
	*reply = view_from(*reply, n + 1);
}

/* Splits REPLY, which goes to the line's end, into the server's words and the tail. */
static struct view split_tail(struct view reply, struct view client, struct tail *tail)
{
	const char *end = reply.ptr + reply.len;
	const char *first = find_tail(reply.ptr, end), *semicolon = first;

	*tail = (struct tail){0};
	if (!first)
		return view_ends(reply, VIEW(";")) ? view_to(reply, reply.len - 1) : reply;
	if (!read_plain_tail(first + 1, end, tail)) {
		for (int i = 0; i < TRIES && semicolon; i++) {
			if (read_odd_tail(semicolon + 1, end,
					  view_of(reply.ptr, (size_t)(semicolon - reply.ptr)),
					  client, tail))
				break;
			semicolon = find_tail(semicolon + 1, end);
			if (i + 1 == TRIES)
				semicolon = NULL;
		}
		if (!semicolon) {
			/* Cut short, or beyond reason: what the plain way gives. */
			*tail = (struct tail){0};
			semicolon = first;
			read_plain_tail(first + 1, end, tail);
		}
	}
	return view_of(reply.ptr, (size_t)(semicolon - reply.ptr));
}

/* Cuts "<WHAT>: " off the front of REPLY: the client's words, not the server's. */
static struct view skip_what(struct view reply, const struct tail *tail, struct view client)
{
	size_t length, close;

	if (!view_starts(reply, VIEW("<"))) {
		view_eat(&reply, VIEW(": ")); /* some log filters drop what is in brackets */
		return reply;
	}
	length = what_length(reply, tail, client);
	if (length)
		return view_from(reply, length);
	close = view_find(reply, VIEW(">: "));
	return close == VIEW_NONE ? reply : view_from(reply, close + 3);
}

/* Cuts from WORDS what differs from client to client, so that equal causes have equal
   words: "…, [192.0.2.1]", and all but "blocked using LIST". */
static struct view trim_words(struct view words)
{
	size_t at;

	if (view_starts(words, VIEW("Service unavailable; "))) {
		at = view_find(words, VIEW("blocked using "));
		if (at != VIEW_NONE) {
			words = view_from(words, at);
			return view_to(words, view_find_byte(words, ';'));
		}
	} else if (view_starts(words, VIEW("Client host rejected: cannot find your "))) {
		return view_to(words, view_find(words, VIEW(", [")));
	}
	return words;
}

static void set_addresses(struct event *event, const struct tail *tail)
{
	if (tail->has_sender) {
		word_set(&event->sender, tail->sender);
		event->flags |= EVENT_HAS_SENDER;
	}
	if (tail->has_recipient) {
		word_set(&event->recipient, tail->recipient);
		event->flags |= EVENT_HAS_RECIPIENT;
	}
	if (tail->helo.len)
		word_set(&event->helo, tail->helo);
}

/* Fills in the cause, told by the server's WORDS. */
static void set_cause(struct event *event, struct view words)
{
	event->text.ptr = words.ptr;
	event->text.len = (uint32_t)words.len;
	event->reason = (uint8_t)classify(words, event->code, (enum stage)event->stage);
	if (event->reason == REASON_MESSAGE_ID)
		event->flags |= classify_message_id_missing(words) ? EVENT_MESSAGE_ID_MISSING
								   : EVENT_MESSAGE_ID_MALFORMED;
	if (event->reason == REASON_UNKNOWN_RECIPIENT &&
	    view_find(words, VIEW("User unknown in ")) != VIEW_NONE)
		event->flags |= EVENT_LOCAL;
	if (event->code == 421 || event->code == 521)
		event->flags |= EVENT_ENDS_SESSION;
}

enum action { ACTION_NONE, ACTION_REJECT, ACTION_WARN, ACTION_HOLD, ACTION_DISCARD, ACTION_QUIET };

/* Cuts the action off the front of *text. *ret_counted: whether pflogsumm counts it. */
static enum action eat_action(struct view *text, bool *ret_counted)
{
	static const struct {
		struct view name;
		enum action action;
		bool counted;
	} actions[] = {
		{VIEW("reject: "), ACTION_REJECT, true},
		{VIEW("reject_warning: "), ACTION_WARN, true},
		{VIEW("milter-reject: "), ACTION_REJECT, false},
		{VIEW("proxy-reject: "), ACTION_REJECT, false},
		{VIEW("hold: "), ACTION_HOLD, true},
		{VIEW("milter-hold: "), ACTION_HOLD, false},
		{VIEW("quarantine: "), ACTION_HOLD, false},
		{VIEW("discard: "), ACTION_DISCARD, true},
		{VIEW("milter-discard: "), ACTION_DISCARD, false},
		{VIEW("warn: "), ACTION_QUIET, false},
		{VIEW("filter: "), ACTION_QUIET, false},
		{VIEW("redirect: "), ACTION_QUIET, false},
		{VIEW("replace: "), ACTION_QUIET, false},
		{VIEW("prepend: "), ACTION_QUIET, false},
		{VIEW("strip: "), ACTION_QUIET, false},
		{VIEW("info: "), ACTION_QUIET, false},
		{VIEW("pass: "), ACTION_QUIET, false},
		{VIEW("bcc: "), ACTION_QUIET, false},
		{VIEW("delay: "), ACTION_QUIET, false},
		{VIEW("permit: "), ACTION_QUIET, false},
		{VIEW("accept: "), ACTION_QUIET, false},
		{VIEW("trigger: "), ACTION_QUIET, false},
		{VIEW("dunno: "), ACTION_QUIET, false},
		{VIEW("ignore: "), ACTION_QUIET, false},
		{VIEW("proxy-accept: "), ACTION_QUIET, false},
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (view_eat(text, actions[i].name)) {
			*ret_counted = actions[i].counted;
			return actions[i].action;
		}
	return ACTION_NONE;
}

static void set_action(struct event *event, enum action action, bool counted)
{
	event->kind = EVENT_REFUSAL;
	if (counted)
		event->flags |= EVENT_REJECTED;
	if (action == ACTION_WARN)
		event->flags |= EVENT_WARNING;
	if (action == ACTION_HOLD || action == ACTION_DISCARD) {
		event->kind = EVENT_DELIVERY;
		event->delivery = action == ACTION_HOLD ? DELIVERY_HELD : DELIVERY_DISCARDED;
	}
}

/* Cuts "STAGE from client: " (or proxy's "STAGE: ") off the front of *text. *ret_client
   is the client as written, without port. */
static bool eat_stage(struct view *text, struct event *event, struct view *ret_client)
{
	struct view stage = *text, name;
	size_t from;

	if (view_eat(text, VIEW("RCPT from "))) {
		event->stage = STAGE_RCPT;
	} else {
		/* A proxy's reply may say "from", too. */
		size_t colon = view_find(view_to(*text, 40), VIEW(": "));

		from = view_find(view_to(*text, colon < 40 ? colon : 40), VIEW(" from "));
		if (from == VIEW_NONE) {
			if (colon == VIEW_NONE)
				return false;
			event->stage = (uint8_t)classify_command(view_to(stage, colon));
			*text = view_from(*text, colon + 2);
			*ret_client = view_of(text->ptr, 0);
			return true;
		}
		event->stage = (uint8_t)classify_command(view_to(stage, from));
		*text = view_from(*text, from + 6);
	}
	*ret_client = *text;
	if (!postfix_eat_client(text, event, &name))
		return false;
	ret_client->len = (size_t)(text->ptr - ret_client->ptr);
	postfix_set_name(event, name);
	return view_eat(text, VIEW(": "));
}

enum parsed postfix_parse_action(struct view text, struct event *event)
{
	struct view client, words;
	struct tail tail;
	bool counted = false;
	enum action action = eat_action(&text, &counted);

	if (action == ACTION_NONE)
		return PARSED_UNKNOWN;
	if (action == ACTION_QUIET)
		return PARSED_NOTHING;
	if (!eat_stage(&text, event, &client))
		return PARSED_UNKNOWN;
	eat_codes(&text, &event->code);
	words = split_tail(text, client, &tail);
	words = skip_what(words, &tail, client);
	set_action(event, action, counted);
	set_addresses(event, &tail);
	set_cause(event, trim_words(words));
	return PARSED_EVENT;
}

/* Cuts "name[address];" or "local;" off the front of *text, if a tail follows it. */
static bool eat_header_client(struct view *text, struct event *event)
{
	struct view rest = *text, name;

	/* "localhost[127.0.0.1]" is a client's name, too. */
	if (!view_eat(&rest, VIEW("local;")) &&
	    !(postfix_eat_client(&rest, event, &name) && view_eat(&rest, VIEW(";")))) {
		event->flags &= ~(uint32_t)EVENT_HAS_CLIENT;
		return false;
	}
	if (!tail_begins(rest.ptr, rest.ptr + rest.len)) {
		event->flags &= ~(uint32_t)EVENT_HAS_CLIENT;
		return false;
	}
	*text = rest;
	return true;
}

/*
 * Finds the last " from name[address]; from=<" in TEXT, whose front is a header line
 * that the client wrote, and leaves in *ret_rest what stands behind the semicolon.
 * If there are two such places either may be forged, by the header or by a HELO name;
 * then the event names no client, since the queue id tells it.
 */
static bool find_header_client(struct view text, struct event *event, struct view *ret_rest)
{
	struct view front = text;
	bool found = false;

	for (int i = 0; i < TRIES; i++) {
		struct event other = {0};
		struct view rest;
		size_t at = view_find_last(front, VIEW(" from "));

		if (at == VIEW_NONE)
			break;
		front.len = at;
		rest = view_from(text, at + 6);
		if (!eat_header_client(&rest, found ? &other : event))
			continue;
		if (found) {
			event->flags &= ~(uint32_t)EVENT_HAS_CLIENT;
			break;
		}
		found = true;
		*ret_rest = rest;
	}
	return found;
}

/* Cuts "KEY" and its value to the first end that a quoted address may have off *at. */
static bool eat_address(const char **at, const char *end, struct view key, struct view *ret_value)
{
	const char *ends[TRIES], *p = skip_separator(*at, end);

	if ((size_t)(end - p) < key.len || memcmp(p, key.ptr, key.len) != 0)
		return false;
	p += key.len;
	if (!list_ends(p, end, ends))
		return false;
	*ret_value = view_of(p, (size_t)(ends[0] - p));
	*at = ends[0] + 1;
	return true;
}

/* Reads "from=<S> to=<R> proto=P helo=<H>: 5.7.1 words" at AT; returns the words, which
   are the rule's own and may be missing (cleanup_message.c, cleanup_act_log). */
static struct view read_header_tail(const char *at, const char *end, struct tail *tail)
{
	struct view rest;

	*tail = (struct tail){0};
	tail->has_sender = eat_address(&at, end, VIEW("from=<"), &tail->sender);
	tail->has_recipient = eat_address(&at, end, VIEW("to=<"), &tail->recipient);
	eat_protocol(&at, end);
	rest = view_of(at, (size_t)(end - at));
	if (view_eat(&rest, VIEW(" helo=<"))) {
		size_t close = view_find(rest, VIEW(">: "));

		if (close == VIEW_NONE && view_ends(rest, VIEW(">")))
			close = rest.len - 1;
		tail->helo = view_to(rest, close);
		rest = view_from(rest, tail->helo.len + 1);
	}
	return view_eat(&rest, VIEW(": ")) ? rest : view_of(end, 0);
}

/* "header LINE from client; from=<S> to=<R> proto=P helo=<H>: 5.7.1 words"; and
   "mime-error WHAT: LINE from client; from=<S> to=<R>" (cleanup_mime_error_callback). */
static enum parsed parse_header(struct view text, enum action action, struct event *event)
{
	struct view rest = text, words;
	struct tail tail;

	/* "content": message_reject_characters, a line of either */
	event->stage = view_starts(text, VIEW("header ")) || view_starts(text, VIEW("mime-error "))
			       ? STAGE_HEADER
			       : STAGE_BODY;
	if (!find_header_client(text, event, &rest))
		return PARSED_UNKNOWN;
	words = read_header_tail(rest.ptr, rest.ptr + rest.len, &tail);
	if (view_eat(&text, VIEW("mime-error ")))
		words = view_to(text, view_find(text, VIEW(": ")));
	eat_codes(&words, &event->code);
	set_action(event, action, true);
	set_addresses(event, &tail);
	set_cause(event, words);
	return PARSED_EVENT;
}

enum parsed postfix_parse_cleanup(struct view message, struct event *event)
{
	struct view id, text;
	bool counted = false;
	enum action action;
	enum parsed parsed;

	if (!postfix_eat_queue_id(&message, &id))
		return postfix_is_diagnostic(message) || view_starts(message, VIEW("table "))
			       ? PARSED_NOTHING
			       : PARSED_UNKNOWN;
	if (view_starts(message, VIEW("message-id=")))
		return PARSED_NOTHING;
	if (view_starts(message, VIEW("to=<"))) /* cleanup_bounce.c */
		return postfix_parse_delivery(
			view_of(id.ptr, (size_t)(message.ptr - id.ptr) + message.len),
			DAEMON_DELIVERY, event);
	text = message;
	action = view_eat(&text, VIEW("warning: ")) ? ACTION_WARN : eat_action(&text, &counted);
	if (action == ACTION_QUIET || action == ACTION_NONE)
		return PARSED_NOTHING; /* resent-message-id= … */
	if (view_starts(text, VIEW("header ")) || view_starts(text, VIEW("body ")) ||
	    view_starts(text, VIEW("mime-error ")) || view_starts(text, VIEW("content "))) {
		parsed = parse_header(text, action, event);
	} else {
		if (action == ACTION_WARN)
			return PARSED_NOTHING;
		parsed = postfix_parse_action(message, event);
		if (parsed == PARSED_EVENT && event->stage == STAGE_BODY)
			event->flags |= EVENT_REJECTED;
	}
	if (parsed != PARSED_EVENT)
		return parsed;
	word_set(&event->queue_id, id);
	if (event->kind == EVENT_REFUSAL)
		event->kind = EVENT_REFUSAL_BY_ID;
	return PARSED_EVENT;
}
