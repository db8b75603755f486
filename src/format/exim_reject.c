/*
 * Refusals: what smtp_in.c, receive.c and verify.c write when a client, its
 * sender, its recipient or its message is not wanted.
 *
 *	H=host X=cipher F=<sender> A=user [temporarily ]rejected WHAT: text
 *
 * (smtp_handle_acl_fail), where WHAT is "RCPT <recipient>", "MAIL <sender>",
 * "EHLO or HELO name", "after DATA", "connection in "connect" ACL" and so on.
 * The parts come in this order and each is read where it must stand.
 *
 * Exim seldom logs the reply code. A line that says "rejected" got the code of
 * its stage (globals.c: acl_wherecodes, 550 for most), "temporarily rejected"
 * 451; where the text begins with a code, that one was sent.
 */
#include "format/classify.h"
#include "format/exim.h"

/* Cuts "name=value" and the blank before it off: to the next blank, or, where the
   value is quoted, behind its closing quote. */
static void eat_item(struct view *rest)
{
	size_t at = 1;

	while (at < rest->len && rest->ptr[at] != ' ') {
		if (rest->ptr[at] == '"') {
			for (at++; at < rest->len && rest->ptr[at] != '"'; at++)
				at += rest->ptr[at] == '\\';
		}
		at++;
	}
	*rest = view_from(*rest, at);
}

/* Cuts off what stands between host and F= or "rejected": TLS, PROXY, fast open. */
static void eat_items(struct view *rest)
{
	static const struct view items[] = {
		VIEW(" X="),   VIEW(" CV="), VIEW(" DN=\""), VIEW(" SNI="),
		VIEW(" PRX="), VIEW(" DS "), VIEW(" TFO "),  VIEW(" TFO* "),
		VIEW(" P="),   VIEW(" A="),  VIEW(" RG="),
	};
	bool found = true;

	while (found && rest->len > 3 && rest->ptr[1] != 'F' && rest->ptr[1] != 'r') {
		found = false;
		for (size_t i = 0; i < sizeof(items) / sizeof(items[0]) && !found; i++)
			found = view_starts(*rest, items[i]);
		if (found)
			eat_item(rest);
	}
}

/* A code that TEXT begins with ("550 …", "451-4.7.1 …"); 0 if it does not. */
static uint16_t leading_code(struct view text)
{
	const char *p = text.ptr;

	if (text.len < 4 || (p[0] != '4' && p[0] != '5') || p[1] < '0' || p[1] > '9' ||
	    p[2] < '0' || p[2] > '9' || (p[3] != ' ' && p[3] != '-'))
		return 0;
	return (uint16_t)((p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0'));
}

/*
 * Exim's own words, and those of the configurations it comes with: how a text begins.
 * What follows may quote the client (a header, an address), so it is not looked at.
 */
static const struct {
	struct view words;
	enum reason reason;
} own_words[] = {
	{VIEW("relay not permitted"), REASON_RELAY_DENIED},
	{VIEW("Unrouteable address"), REASON_UNKNOWN_RECIPIENT},
	{VIEW("Sender verify failed"), REASON_SENDER_VERIFY},
	{VIEW("Could not complete sender verify"), REASON_SENDER_VERIFY},
	/* verify.c; of a sender it would say "Sender verify failed" */
	{VIEW("Previous (cached) callout verification failure"), REASON_UNKNOWN_RECIPIENT},
	{VIEW("Could not complete recipient verify"), REASON_RESOURCE},
	{VIEW("host lookup failed (failed to find host name"), REASON_NO_PTR},
	{VIEW("host lookup failed ("), REASON_BAD_PTR},
	{VIEW("host lookup deferred"), REASON_BAD_PTR},
	{VIEW("restricted characters in address"), REASON_PROTOCOL},
	{VIEW("lookup of "), REASON_RESOURCE},
	{VIEW("response to \""), REASON_UNKNOWN_RECIPIENT}, /* of a call-out */
	{VIEW("header syntax"), REASON_CONTENT},
	{VIEW("syntax error in '"), REASON_CONTENT},
	{VIEW("no HELO/EHLO given"), REASON_PROTOCOL},
};

/* "192.0.2.1 is listed at …", "192.0.2.1 is in a black list at …": the words of the
   configuration that Exim comes with, and of many after it. */
static bool is_about_list(struct view text)
{
	size_t blank;

	if (text.ptr[0] < '0' || text.ptr[0] > '9')
		return false;
	blank = view_find_byte(view_to(text, IP_TEXT_MAX), ' ');
	if (blank == VIEW_NONE)
		return false;
	text = view_from(text, blank);
	return view_eat(&text, VIEW(" is ")) &&
	       (view_starts(text, VIEW("listed ")) || view_starts(text, VIEW("in a black")));
}

static enum reason reason_of(struct view text, unsigned int code, enum stage stage)
{
	if (text.len == 0)
		return classify(text, code, stage);
	for (size_t i = 0; i < sizeof(own_words) / sizeof(own_words[0]); i++)
		if (exim_starts(text, own_words[i].words))
			return own_words[i].reason;
	return is_about_list(text) ? REASON_DNSBL : classify(text, code, stage);
}

static uint16_t stage_code(enum stage stage)
{
	return stage == STAGE_AUTH ? 503 : 550;
}

void exim_set_refusal(struct event *event, enum stage stage, bool temporary, struct view text)
{
	uint16_t code = leading_code(text);

	event->kind = EVENT_REFUSAL;
	event->stage = (uint8_t)stage;
	event->flags |= EVENT_REJECTED | EVENT_MAY_BE_COPY;
	event->text.ptr = text.ptr;
	event->text.len = (uint32_t)text.len;
	event->code = code ? code : temporary ? 451 : stage_code(stage);
	if (code)
		text = view_from(text, 4);
	event->reason = (uint8_t)reason_of(text, code ? code : temporary ? 451 : 550, stage);
	if (event->reason == REASON_MESSAGE_ID)
		event->flags |= classify_message_id_missing(text) ? EVENT_MESSAGE_ID_MISSING
								  : EVENT_MESSAGE_ID_MALFORMED;
	/* Nobody asks whether a stranger's recipient elsewhere exists. */
	if (event->reason == REASON_UNKNOWN_RECIPIENT && stage == STAGE_RCPT &&
	    !(event->flags & EVENT_OUTBOUND))
		event->flags |= EVENT_LOCAL;
	if (event->code == 421)
		event->flags |= EVENT_ENDS_SESSION;
}

/* The text behind what was rejected: ": text", or nothing. */
static struct view text_behind(struct view rest)
{
	if (rest.len == 0 || rest.ptr[0] != ':')
		return view_to(rest, 0);
	return view_trim(view_from(rest, 1));
}

static void set_address(struct word *word, struct view address, struct event *event, uint32_t flag)
{
	word_set(word, view_is(address, VIEW("<>")) ? view_to(address, 0) : address);
	event->flags |= flag;
}

/* What was rejected, by the words behind "rejected ", the argument read by them. */
enum what { WHAT_RCPT, WHAT_MAIL, WHAT_HELO, WHAT_COMMAND, WHAT_PLAIN };
static const struct {
	struct view words;
	enum what what;
	enum stage stage;
} whats[] = {
	{VIEW("RCPT "), WHAT_RCPT, STAGE_RCPT},
	{VIEW("MAIL "), WHAT_MAIL, STAGE_MAIL},
	{VIEW("EHLO or HELO "), WHAT_HELO, STAGE_HELO},
	{VIEW("connection in \"connect\" ACL"), WHAT_PLAIN, STAGE_CONNECT},
	{VIEW("connection"), WHAT_COMMAND, STAGE_CONNECT},
	{VIEW("after DATA PRDR"), WHAT_PLAIN, STAGE_BODY},
	{VIEW("after DATA"), WHAT_PLAIN, STAGE_BODY},
	{VIEW("during MIME ACL checks"), WHAT_PLAIN, STAGE_BODY},
	{VIEW("DATA"), WHAT_PLAIN, STAGE_DATA},
	{VIEW("PREDATA"), WHAT_PLAIN, STAGE_DATA},
	{VIEW("by DATA ACL"), WHAT_PLAIN, STAGE_BODY},
	{VIEW("by local_scan()"), WHAT_PLAIN, STAGE_BODY},
	{VIEW("by non-SMTP ACL"), WHAT_PLAIN, STAGE_BODY},
	{VIEW("AUTH "), WHAT_COMMAND, STAGE_AUTH},
	{VIEW("STARTTLS"), WHAT_COMMAND, STAGE_STARTTLS},
	{VIEW("VRFY "), WHAT_COMMAND, STAGE_COMMAND},
	{VIEW("EXPN "), WHAT_COMMAND, STAGE_COMMAND},
	{VIEW("ETRN "), WHAT_COMMAND, STAGE_COMMAND},
	{VIEW("ATRN "), WHAT_COMMAND, STAGE_COMMAND},
	{VIEW("MAILAUTH "), WHAT_COMMAND, STAGE_MAIL},
	{VIEW("DKIM"), WHAT_COMMAND, STAGE_BODY},
	{VIEW("QUIT"), WHAT_COMMAND, STAGE_COMMAND},
	{VIEW("BDAT"), WHAT_COMMAND, STAGE_BODY},
	{VIEW("WELLKNOWN "), WHAT_COMMAND, STAGE_COMMAND},
	{VIEW(""), WHAT_COMMAND, STAGE_UNKNOWN},
};

/* Reads what stands behind "rejected ". */
static enum parsed parse_what(struct exim_line *line, bool temporary)
{
	struct event *event = line->event;
	struct view argument;
	size_t i = 0;

	while (whats[i].words.len && !exim_starts(line->rest, whats[i].words))
		i++;
	line->rest = view_from(line->rest, whats[i].words.len);
	switch (whats[i].what) {
	case WHAT_RCPT:
		exim_eat_argument(&line->rest, true, &argument);
		set_address(&event->recipient, argument, event, EVENT_HAS_RECIPIENT);
		break;
	case WHAT_MAIL:
		exim_eat_argument(&line->rest, true, &argument);
		set_address(&event->sender, argument, event, EVENT_HAS_SENDER);
		break;
	case WHAT_HELO:
		exim_eat_argument(&line->rest, false, &argument);
		word_set(&event->helo, argument);
		break;
	case WHAT_COMMAND:
		exim_eat_argument(&line->rest, false, &argument);
		break;
	case WHAT_PLAIN:
		line->rest = text_behind(line->rest);
		break;
	}
	exim_set_refusal(event, whats[i].stage, temporary, line->rest);
	if (whats[i].stage == STAGE_CONNECT)
		event->flags |= EVENT_ENDS_SESSION;
	if (whats[i].stage == STAGE_HELO && event->reason == REASON_OTHER)
		event->reason = REASON_HELO;
	exim_set_session(event);
	return PARSED_EVENT;
}

/* Cuts "rejected " or "temporarily rejected " off. */
static bool eat_rejected(struct view *rest, bool *ret_temporary)
{
	struct view at = *rest;
	bool temporary = exim_eat(&at, VIEW("temporarily "));

	if (!exim_eat(&at, VIEW("rejected ")))
		return false;
	*ret_temporary = temporary;
	*rest = at;
	return true;
}

/*
 * Cuts " A=authenticator:user" off, which may have blanks in it, up to "rejected":
 * the user is one of ours and has not said what follows.
 */
static void eat_authenticated(struct view *rest, struct event *event)
{
	struct view at;
	size_t n;

	if (!view_starts(*rest, VIEW(" A=")))
		return;
	event->flags |= EVENT_OUTBOUND;
	for (n = 3; n < rest->len; n++) {
		at = view_from(*rest, n);
		if (at.ptr[0] == ' ' && (view_starts(at, VIEW(" rejected ")) ||
					 view_starts(at, VIEW(" temporarily rejected "))))
			break;
	}
	*rest = view_from(*rest, n);
}

static enum parsed tell_activity(struct event *event)
{
	event->kind = EVENT_ACTIVITY;
	exim_set_session(event);
	return event->key == KEY_NONE ? PARSED_NOTHING : PARSED_EVENT;
}

/* "F=<s> RCPT <r>: discarded by RCPT ACL: text": accepted, then thrown away. */
static enum parsed parse_discarded(struct exim_line *line)
{
	struct event *event = line->event;
	struct view recipient;

	if (!exim_eat_bracketed(&line->rest, &recipient))
		exim_eat_argument(&line->rest, true, &recipient);
	view_eat(&line->rest, VIEW(": "));
	if (!view_eat(&line->rest, VIEW("discarded by ")))
		return PARSED_UNKNOWN;
	set_address(&event->recipient, recipient, event, EVENT_HAS_RECIPIENT);
	event->kind = EVENT_DELIVERY;
	event->delivery = DELIVERY_DISCARDED;
	event->flags |= EVENT_MAY_BE_COPY;
	exim_set_session(event);
	return PARSED_EVENT;
}

/* Behind " F=": the sender and what became of it. */
static enum parsed parse_sender(struct exim_line *line)
{
	struct event *event = line->event;
	struct view sender;
	bool temporary;

	if (!exim_eat_bracketed(&line->rest, &sender)) {
		/* Exim before 4.30 wrote no brackets. */
		sender = view_to(line->rest, exim_address_end(line->rest));
		line->rest = view_from(line->rest, sender.len);
	}
	set_address(&event->sender, sender, event, EVENT_HAS_SENDER);
	eat_authenticated(&line->rest, event);
	if (!view_eat(&line->rest, VIEW(" ")))
		return PARSED_UNKNOWN;
	if (eat_rejected(&line->rest, &temporary))
		return parse_what(line, temporary);
	if (view_eat(&line->rest, VIEW("RCPT ")))
		return parse_discarded(line);
	return tell_activity(event);
}

/* "Warning: text" of an ACL's warn. */
static enum parsed parse_warning(struct exim_line *line)
{
	struct event *event = line->event;
	struct view text = line->rest;

	if (view_starts(text, VIEW("ACL \"warn\" statement skipped")))
		return tell_activity(event);
	event->reason = (uint8_t)reason_of(text, 0, STAGE_UNKNOWN);
	event->text.ptr = text.ptr;
	event->text.len = (uint32_t)text.len;
	if (event->reason == REASON_OTHER)
		return tell_activity(event);
	event->kind = EVENT_REFUSAL;
	event->flags |= EVENT_WARNING;
	exim_set_session(event);
	return PARSED_EVENT;
}

/* "dropped by 'connect' ACL: text": of a client that began with TLS, which cannot be
   told so (smtp_in.c: log_connect_tls_drop()). */
static enum parsed parse_dropped(struct exim_line *line)
{
	exim_set_refusal(line->event, STAGE_CONNECT, false, text_behind(line->rest));
	line->event->flags |= EVENT_ENDS_SESSION;
	exim_set_session(line->event);
	return PARSED_EVENT;
}

enum parsed exim_parse_host_line(struct exim_line *line)
{
	struct event *event = line->event;
	struct view *rest = &line->rest;
	bool temporary;

	if (rest->len == 0)
		return PARSED_UNKNOWN;
	if (rest->ptr[0] != ' ')
		/* A server that we deliver to: "H=name [address]: what it said". */
		return rest->ptr[0] == ':' || line->id.len ? PARSED_NOTHING : PARSED_UNKNOWN;
	eat_items(rest);
	if (view_eat(rest, VIEW(" F=")))
		return parse_sender(line);
	view_eat(rest, VIEW(" "));
	if (eat_rejected(rest, &temporary))
		return parse_what(line, temporary);
	if (view_eat(rest, VIEW("Warning: ")))
		return parse_warning(line);
	if (view_eat(rest, VIEW("dropped by 'connect' ACL")))
		return parse_dropped(line);
	if (view_starts(*rest, VIEW("incomplete transaction (")) ||
	    view_starts(*rest, VIEW("sender verify ")))
		return tell_activity(event);
	return PARSED_NOTHING;
}

enum parsed exim_parse_local_line(struct exim_line *line)
{
	size_t blank = view_find_byte(line->rest, ' ');

	line->event->flags |= EVENT_OUTBOUND;
	line->rest = view_from(line->rest, blank == VIEW_NONE ? line->rest.len : blank);
	return line->rest.len ? exim_parse_host_line(line) : PARSED_NOTHING;
}

/* 'rejected "EHLO name" from host': helo_verify_hosts was not satisfied. */
static enum parsed parse_helo_unverified(struct exim_line *line, bool temporary)
{
	size_t quote = view_find_last(line->rest, VIEW("\" from "));
	size_t blank = view_find_byte(line->rest, ' ');
	struct view helo;

	if (quote == VIEW_NONE)
		return PARSED_UNKNOWN;
	helo = blank < quote ? view_from(view_to(line->rest, quote), blank + 1)
			     : view_to(line->rest, 0);
	line->rest = view_from(line->rest, quote + 7);
	if (!exim_eat_host(&line->rest, line->event))
		return PARSED_UNKNOWN;
	word_set(&line->event->helo, helo);
	exim_set_refusal(line->event, STAGE_HELO, temporary, view_to(line->rest, 0));
	line->event->reason = REASON_HELO;
	exim_set_session(line->event);
	return PARSED_EVENT;
}

/* "rejected EHLO from host: syntactically invalid argument(s): name". */
static enum parsed parse_helo_invalid(struct exim_line *line)
{
	struct event *event = line->event;
	struct view argument;

	if (!exim_eat_host(&line->rest, event) || !view_eat(&line->rest, VIEW(": ")))
		return PARSED_UNKNOWN;
	argument = line->rest;
	exim_set_refusal(event, STAGE_HELO, false, view_to(argument, 0));
	if (view_eat(&argument, VIEW("syntactically invalid argument(s): "))) {
		event->text.ptr = line->rest.ptr;
		event->text.len = (uint32_t)(argument.ptr - line->rest.ptr) - 2;
		event->code = 501;
		if (!view_is(argument, VIEW("(no argument given)")))
			word_set(&event->helo, argument);
	}
	event->reason = REASON_HELO;
	exim_set_session(event);
	return PARSED_EVENT;
}

/* "rejected MAIL from host: no HELO/EHLO given". */
static enum parsed parse_mail_from_host(struct exim_line *line)
{
	if (!exim_eat_host(&line->rest, line->event) || !view_eat(&line->rest, VIEW(": ")))
		return PARSED_UNKNOWN;
	exim_set_refusal(line->event, STAGE_MAIL, false, line->rest);
	line->event->code = 503;
	exim_set_session(line->event);
	return PARSED_EVENT;
}

/* "rejected MAIL FROM:<s> H=host: message too big: size=N max=N" and "rejected from
   <s> H=host U=ident: message too big: read=N max=N", too many Received lines. */
static enum parsed parse_too_big(struct exim_line *line, enum stage stage)
{
	struct event *event = line->event;
	struct view sender;

	if (!exim_eat_bracketed(&line->rest, &sender))
		return PARSED_UNKNOWN;
	set_address(&event->sender, sender, event, EVENT_HAS_SENDER);
	if (view_eat(&line->rest, VIEW(" H="))) {
		if (!exim_eat_host(&line->rest, event))
			return PARSED_UNKNOWN;
	}
	if (!view_eat(&line->rest, VIEW(": "))) {
		size_t colon = view_find(line->rest, VIEW(": "));

		line->rest = view_from(line->rest, colon == VIEW_NONE ? line->rest.len : colon + 2);
	}
	exim_set_refusal(event, stage, false, line->rest);
	if (view_starts(line->rest, VIEW("message too big"))) {
		event->reason = REASON_SIZE;
		event->code = 552;
	}
	exim_set_session(event);
	return PARSED_EVENT;
}

/* "rejected MAIL command H=host: too many messages in one connection". */
static enum parsed parse_mail_command(struct exim_line *line)
{
	view_eat(&line->rest, VIEW("H="));
	if (!exim_eat_host(&line->rest, line->event))
		return PARSED_UNKNOWN;
	exim_set_refusal(line->event, STAGE_MAIL, false, text_behind(line->rest));
	line->event->code = 421;
	line->event->reason = REASON_RATE;
	line->event->flags |= EVENT_ENDS_SESSION;
	exim_set_session(line->event);
	return PARSED_EVENT;
}

/* "rejected XCLIENT from host: what was wrong with it". */
static enum parsed parse_proxied(struct exim_line *line)
{
	if (!exim_eat_host(&line->rest, line->event))
		return PARSED_UNKNOWN;
	exim_set_refusal(line->event, STAGE_COMMAND, false, text_behind(line->rest));
	line->event->reason = REASON_PROTOCOL;
	exim_set_session(line->event);
	return PARSED_EVENT;
}

enum parsed exim_parse_rejected(struct exim_line *line)
{
	bool temporary;

	if (!eat_rejected(&line->rest, &temporary))
		return PARSED_OTHER;
	if (view_eat(&line->rest, VIEW("EHLO from ")) || view_eat(&line->rest, VIEW("HELO from ")))
		return parse_helo_invalid(line);
	if (view_eat(&line->rest, VIEW("MAIL FROM:")))
		return parse_too_big(line, STAGE_MAIL);
	if (view_eat(&line->rest, VIEW("MAIL from ")))
		return parse_mail_from_host(line);
	if (view_eat(&line->rest, VIEW("MAIL command ")))
		return parse_mail_command(line);
	if (view_eat(&line->rest, VIEW("from ")))
		return parse_too_big(line, STAGE_BODY);
	if (view_eat(&line->rest, VIEW("XCLIENT from ")))
		return parse_proxied(line);
	if (view_eat(&line->rest, VIEW("\"")))
		return parse_helo_unverified(line, temporary);
	return PARSED_UNKNOWN;
}

/* receive.c: "F=sender H=host P=… [temporarily ]rejected by local_scan(): text" and
   "F=<sender> rejected by non-SMTP ACL: text". */
enum parsed exim_parse_from_line(struct exim_line *line)
{
	struct view sender;

	if (line->rest.len > 0 && line->rest.ptr[0] == '<' &&
	    !view_starts(line->rest, VIEW("<> H=")) && !view_starts(line->rest, VIEW("<> U=")) &&
	    !view_starts(line->rest, VIEW("<> P="))) {
		line->event->flags |= EVENT_OUTBOUND;
		return parse_sender(line);
	}
	sender = view_to(line->rest, exim_address_end(line->rest));
	if (view_starts(line->rest, VIEW("<>")))
		sender = view_to(line->rest, 2);
	line->rest = view_from(line->rest, sender.len);
	set_address(&line->event->sender, sender, line->event, EVENT_HAS_SENDER);
	if (view_eat(&line->rest, VIEW(" H="))) {
		if (!exim_eat_host(&line->rest, line->event))
			return PARSED_UNKNOWN;
		return exim_parse_host_line(line);
	}
	line->event->flags |= EVENT_OUTBOUND;
	if (view_starts(line->rest, VIEW(" U=")))
		eat_item(&line->rest);
	return exim_parse_host_line(line);
}

/* "refused relay (why) to <recipient> from <sender> H=host", of Exim 3. */
enum parsed exim_parse_refused_relay(struct exim_line *line)
{
	struct event *event = line->event;
	size_t to = view_find(view_to(line->rest, 60), VIEW("to <"));
	struct view text = view_to(line->rest, 0), recipient, sender;

	if (to == VIEW_NONE)
		return PARSED_UNKNOWN;
	line->rest = view_from(line->rest, to + 3);
	if (!exim_eat_bracketed(&line->rest, &recipient) ||
	    !view_eat(&line->rest, VIEW(" from ")) || !exim_eat_bracketed(&line->rest, &sender) ||
	    !view_eat(&line->rest, VIEW(" H=")) || !exim_eat_host(&line->rest, event))
		return PARSED_UNKNOWN;
	set_address(&event->recipient, recipient, event, EVENT_HAS_RECIPIENT);
	set_address(&event->sender, sender, event, EVENT_HAS_SENDER);
	exim_set_refusal(event, STAGE_RCPT, false, text);
	event->reason = REASON_RELAY_DENIED;
	exim_set_session(event);
	return PARSED_EVENT;
}

enum parsed exim_parse_unqualified(struct exim_line *line)
{
	struct event *event = line->event;
	struct view address;
	enum stage stage = STAGE_COMMAND;
	enum reason reason = REASON_PROTOCOL;

	if (view_eat(&line->rest, VIEW("sender rejected: "))) {
		stage = STAGE_MAIL;
		reason = REASON_UNKNOWN_SENDER;
	} else if (view_eat(&line->rest, VIEW("recipient rejected: "))) {
		stage = STAGE_RCPT;
	} else if (!view_eat(&line->rest, VIEW("verify rejected: "))) {
		return PARSED_UNKNOWN;
	}
	if (!exim_eat_bracketed(&line->rest, &address))
		return PARSED_UNKNOWN;
	if (view_eat(&line->rest, VIEW(" H=")) && !exim_eat_host(&line->rest, event))
		return PARSED_UNKNOWN;
	if (stage == STAGE_MAIL)
		set_address(&event->sender, address, event, EVENT_HAS_SENDER);
	if (stage == STAGE_RCPT)
		set_address(&event->recipient, address, event, EVENT_HAS_RECIPIENT);
	exim_set_refusal(event, stage, false, view_to(line->rest, 0));
	event->code = 501;
	event->reason = (uint8_t)reason;
	exim_set_session(event);
	return PARSED_EVENT;
}

enum parsed exim_parse_too_many_recipients(struct exim_line *line)
{
	struct event *event = line->event;
	struct view sender;
	bool temporary = view_eat(&line->rest, VIEW("excess temporarily rejected: sender="));

	if (!temporary && !view_eat(&line->rest, VIEW("message rejected: sender=")))
		return PARSED_UNKNOWN;
	if (!exim_eat_bracketed(&line->rest, &sender))
		return PARSED_UNKNOWN;
	set_address(&event->sender, sender, event, EVENT_HAS_SENDER);
	if (view_eat(&line->rest, VIEW(" H=")) && !exim_eat_host(&line->rest, event))
		return PARSED_UNKNOWN;
	exim_set_refusal(event, STAGE_RCPT, temporary, view_to(line->rest, 0));
	event->code = temporary ? 452 : 552;
	event->reason = REASON_RATE;
	exim_set_session(event);
	return PARSED_EVENT;
}

/*
 * Cuts " (set_id=user)" off *text. The user is whatever the client said he is, to the
 * end of the line; only "435 …(set_id=user): why" has more.
 */
static struct view eat_failed_user(struct view *text)
{
	static const struct view usual = VIEW("535 Incorrect authentication data");
	size_t open = view_starts(*text, usual) ? usual.len : 0;
	struct view user = view_from(*text, open);
	size_t close = VIEW_NONE;

	if (!view_eat(&user, VIEW(" (set_id="))) {
		open = view_find(*text, VIEW(" (set_id="));
		if (open == VIEW_NONE)
			return view_to(*text, 0);
		user = view_from(*text, open + 9);
	}
	if (view_starts(*text, VIEW("4")))
		close = view_find(user, VIEW("): "));
	if (close == VIEW_NONE)
		close = view_find_last_byte(user, ')');
	*text = view_to(*text, open);
	return view_to(user, close);
}

#define AUTHENTICATOR_MAX 79 /* its name; Exim takes fewer: EXIM_DRIVERNAME_MAX is 64 */

enum parsed exim_parse_authenticator(struct exim_line *line)
{
	struct event *event = line->event;
	struct view rest = line->rest, user;
	size_t blank = view_find_byte(view_to(rest, AUTHENTICATOR_MAX + 1), ' ');

	if (blank == VIEW_NONE)
		return PARSED_OTHER;
	rest = view_from(rest, blank + 1);
	if (!view_eat(&rest, VIEW("authenticator ")))
		return PARSED_OTHER;
	if (view_starts(rest, VIEW("failed H=")) || view_starts(rest, VIEW("cancelled ")))
		return PARSED_NOTHING; /* ours, at another server */
	if (view_starts(rest, VIEW("(")))
		return PARSED_NOTHING; /* a library's words; the failure has its own line */
	if (!view_eat(&rest, VIEW("failed for ")))
		return PARSED_OTHER;
	view_eat(&rest, VIEW("H="));
	if (!exim_eat_host(&rest, event)) {
		/* A local client: only its user's name is told. */
		return line->id.len || view_find_byte(rest, '[') == VIEW_NONE ? PARSED_NOTHING
									      : PARSED_UNKNOWN;
	}
	view_eat(&rest, VIEW(": "));
	event->flags |= EVENT_MAY_BE_COPY;
	event->stage = STAGE_AUTH;
	event->code = leading_code(rest);
	if (event->code == 0)
		event->code = 535;
	/* With a code of 4 the fault is here: what was to be asked did not answer. */
	event->kind = event->code < 500 ? EVENT_REFUSAL : EVENT_AUTH_FAILED;
	event->reason = event->code < 500 ? REASON_RESOURCE : REASON_AUTH_FAILED;
	user = eat_failed_user(&rest);
	if (user.len)
		word_set(&event->sender, user);
	event->text.ptr = rest.ptr;
	event->text.len = (uint32_t)rest.len;
	exim_set_session(event);
	return PARSED_EVENT;
}
