/*
 * Messages: the sender's line (envelope.c, logsender), the recipients' lines
 * (deliver.c, logdelivery), and what becomes of a queue id.
 *
 * "from=ADDRESS, size=N, class=N, nrcpts=N[, msgid=…][, proto=…][, daemon=…], relay=…"
 * is logged once for every MAIL command that was accepted, even if nothing
 * came of it: a message has a size and a recipient. The others are EVENT_QUEUED
 * without bytes, for they tell the sender of what was refused before. ADDRESS and msgid
 * are the client's: the first ends where a ", " is not quoted, the second lies
 * between numbers and the last ", ".
 *
 * A message is counted where it enters the queue that delivers it. The line of
 * the submission program (relay=user@localhost), whose message is handed to
 * the daemon at once and logged again there, is EVENT_QUEUED; its handing over
 * is no delivery.
 *
 * Recipients of what was not taken in after all have lines too, without mailer=
 * (srvrsmtp.c, logundelrcpts): EVENT_NOT_TAKEN.
 */
#include "format/sendmail.h"

/* Eats ", NAME=number"; NAME holds comma, blank and equals sign. */
static bool eat_number_field(struct view *text, struct view name, unsigned long long *ret_number)
{
	struct view rest = *text;

	if (!view_eat(&rest, name))
		return false;
	view_eat(&rest, VIEW("-")); /* class= may be negative */
	if (!view_eat_number(&rest, ret_number))
		return false;
	*text = rest;
	return true;
}

static bool eat_numbers(struct view *text, struct event *event)
{
	unsigned long long number, size;
	struct view rest = *text;

	if (!eat_number_field(&rest, VIEW(", size="), &size))
		return false;
	event->bytes = size;
	*text = rest;
	if (!eat_number_field(&rest, VIEW(", class="), &number))
		return true;
	eat_number_field(&rest, VIEW(", pri="), &number); /* 8.11 and before */
	if (eat_number_field(&rest, VIEW(", nrcpts="), &number))
		event->nrcpt = number < UINT16_MAX ? (uint16_t)number : UINT16_MAX;
	*text = rest;
	return true;
}

/* Cuts the sender off; where its quotes do not close (it is cut to 200 bytes),
   it ends at the numbers. */
static bool eat_sender(struct view *text, struct event *event)
{
	size_t end = sendmail_unquoted(*text, ',', ' ');

	if (end == VIEW_NONE || !view_starts(view_from(*text, end), VIEW(", size=")))
		end = view_find(*text, VIEW(", size="));
	if (end == VIEW_NONE)
		return false;
	sendmail_tell_sender(event, view_to(*text, end));
	*text = view_from(*text, end);
	return true;
}

/* Cuts the last field off TEXT. */
static bool eat_last_field(struct view *text, struct view *ret_field)
{
	size_t comma = view_find_last_byte(*text, ',');

	if (comma == VIEW_NONE || comma + 1 >= text->len || text->ptr[comma + 1] != ' ')
		return false;
	*ret_field = view_from(*text, comma + 2);
	text->len = comma;
	return true;
}

/* Reads the fields at the end, from the last to proto=. */
static void read_connection(struct view text, struct event *event)
{
	struct view field;

	if (!eat_last_field(&text, &field) || !view_eat(&field, VIEW("relay=")))
		return;
	sendmail_relay(field, event);
	/* daemon=, tls_verify=, auth= (8.16 and later) stand between. */
	for (int i = 0; i < 8 && eat_last_field(&text, &field); i++) {
		if (!view_eat(&field, VIEW("proto=")))
			continue;
		if (view_ends(field, VIEW("A")))
			event->flags |= EVENT_OUTBOUND; /* RFC 3848: authenticated */
		return;
	}
}

enum parsed sendmail_from(struct sendmail *line)
{
	struct event *event = line->event;
	struct view rest = line->rest;

	if (!eat_sender(&rest, event) || !eat_numbers(&rest, event))
		return PARSED_UNKNOWN;
	if (view_is(rest, VIEW(", ..."))) /* shortened by a human */
		return sendmail_tell(event, EVENT_QUEUED);
	if (!line->cut)
		read_connection(rest, event);
	if (!(event->flags & EVENT_HAS_CLIENT) && (event->flags & EVENT_OUTBOUND)) {
		event->kind = EVENT_QUEUED;
		return PARSED_EVENT;
	}
	if (event->bytes && event->nrcpt)
		return sendmail_tell(event, EVENT_RECEIVED);
	event->bytes = 0; /* what MAIL's SIZE= promised */
	return sendmail_tell(event, EVENT_QUEUED);
}

/* What a recipient's line tells beside its addresses. */
struct fate {
	struct view mailer, relay, dsn, stat;
};

/* The value at the front of *text, up to the next ", ". */
static struct view eat_value(struct view *text)
{
	size_t end = view_find(*text, VIEW(", "));
	struct view value = view_to(*text, end == VIEW_NONE ? text->len : end);

	*text = end == VIEW_NONE ? view_from(*text, text->len) : view_from(*text, end + 2);
	return value;
}

/* Reads the fields behind the addresses, in the order that logdelivery() keeps. */
static bool read_fate(struct view text, struct fate *ret)
{
	while (text.len) {
		struct view ignored;

		if (view_eat(&text, VIEW("stat="))) {
			ret->stat = text;
			return true;
		}
		if (view_eat(&text, VIEW("reply="))) {
			/* The other server's words: only ", stat=" ends them. */
			if (!sendmail_split(&text, VIEW(", stat="), &ignored))
				return false;
			ret->stat = text;
			return true;
		}
		if (view_eat(&text, VIEW("ctladdr="))) {
			size_t end = sendmail_unquoted(text, ',', ' ');

			text = end == VIEW_NONE ? view_from(text, text.len)
						: view_from(text, end + 2);
		} else if (view_eat(&text, VIEW("mailer="))) {
			ret->mailer = eat_value(&text);
		} else if (view_eat(&text, VIEW("relay="))) {
			ret->relay = eat_value(&text);
		} else if (view_eat(&text, VIEW("dsn="))) {
			ret->dsn = eat_value(&text);
		} else {
			eat_value(&text); /* delay=, xdelay=, pri=, [more], … */
		}
	}
	return false;
}

/* Where the first address of LIST ends: at a comma outside of quotes and, as
   source routes have some (RFC 5321, appendix C), of angle brackets. */
static size_t address_length(struct view list)
{
	size_t from = 0;

	for (;;) {
		size_t comma = sendmail_unquoted(view_from(list, from), ',', '\0');

		if (comma == VIEW_NONE)
			return list.len;
		from += comma;
		if (list.ptr[0] != '<' || (from && list.ptr[from - 1] == '>'))
			return from;
		from++;
	}
}

/* Cuts the addresses off, which have commas without blanks between them: the
   event is about the first and stands for all. */
static void eat_recipients(struct view *text, struct event *event)
{
	size_t end = sendmail_unquoted(*text, ',', ' ');
	struct view list = view_to(*text, end == VIEW_NONE ? text->len : end);
	size_t length = address_length(list);
	uint32_t count = 1;

	*text = view_from(*text, list.len + 2);
	sendmail_tell_recipient(event, view_to(list, length));
	for (list = view_from(list, length + 1); list.len; count++)
		list = view_from(list, address_length(list) + 1);
	event->repeat *= count;
}

static bool is_local_mailer(struct view mailer)
{
	static const struct view names[] = {
		VIEW("local"),	  VIEW("lmtp"),	   VIEW("prog"),    VIEW("*file*"),
		VIEW("cyrus"),	  VIEW("cyrusv2"), VIEW("cyrusbb"), VIEW("procmail"),
		VIEW("maildrop"), VIEW("dovecot"), VIEW("mailman"), VIEW("usenet"),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (view_is(mailer, names[i]))
			return true;
	return false;
}

/* The class of the enhanced status code tells; the words only where it is missing. */
static enum delivery delivery_of(const struct fate *fate)
{
	char class = fate->dsn.len ? fate->dsn.ptr[0] : '\0';

	if (view_is(fate->mailer, VIEW("discard")))
		return DELIVERY_DISCARDED;
	if (class == '2' || (!class && view_starts(fate->stat, VIEW("Sent"))))
		return DELIVERY_SENT;
	if (class == '4' && view_starts(fate->dsn, VIEW("4.4.7")) &&
	    !view_starts(fate->stat, VIEW("Deferred")))
		return DELIVERY_EXPIRED;
	if (class == '4' || (!class && view_starts(fate->stat, VIEW("Deferred"))))
		return DELIVERY_DEFERRED;
	return DELIVERY_BOUNCED;
}

/* Whether the message only went from the submission program to the daemon. */
static bool is_hand_over(const struct fate *fate)
{
	return view_is(fate->mailer, VIEW("relay")) &&
	       (view_find(fate->relay, VIEW("[127.0.0.1]")) != VIEW_NONE ||
		view_find(fate->relay, VIEW("[IPv6:::1]")) != VIEW_NONE ||
		view_find(fate->relay, VIEW("[IPv6:0:0:0:0:0:0:0:1]")) != VIEW_NONE);
}

static enum parsed tell_not_taken(struct event *event, struct view why)
{
	sendmail_tell_text(event, why);
	event->flags |= EVENT_KEEPALIVE_ONLY;
	return sendmail_tell(event, EVENT_NOT_TAKEN);
}

/* The queue id is free; nothing else is to be said. */
static enum parsed tell_handed_over(struct event *event)
{
	event->delivery = DELIVERY_NONE;
	event->recipient = (struct word){0};
	event->flags &= ~(uint32_t)EVENT_HAS_RECIPIENT;
	event->repeat = 1;
	event->kind = EVENT_REMOVED;
	return PARSED_EVENT;
}

enum parsed sendmail_to(struct sendmail *line)
{
	struct event *event = line->event;
	struct view rest = line->rest;
	struct fate fate = {0};

	eat_recipients(&rest, event);
	if (view_is(rest, VIEW("..."))) /* shortened by a human */
		return tell_not_taken(event, view_from(rest, rest.len));
	if (!read_fate(rest, &fate))
		return line->cut ? PARSED_NOTHING : PARSED_UNKNOWN;
	if (view_is(fate.stat, VIEW("queued")))
		return PARSED_NOTHING;
	if (!fate.mailer.len && !fate.dsn.len && !view_starts(fate.stat, VIEW("Sent")) &&
	    !view_starts(fate.stat, VIEW("Deferred")))
		return tell_not_taken(event, fate.stat);
	event->delivery = (uint8_t)delivery_of(&fate);
	if (event->delivery == DELIVERY_SENT && is_hand_over(&fate))
		return tell_handed_over(event);
	if (is_local_mailer(fate.mailer))
		event->flags |= EVENT_LOCAL;
	sendmail_tell_text(event, fate.stat);
	event->kind = EVENT_DELIVERY;
	return PARSED_EVENT;
}

enum parsed sendmail_finished(struct sendmail *line)
{
	line->event->kind = EVENT_REMOVED;
	return line->event->queue_id.len ? PARSED_EVENT : PARSED_NOTHING;
}

/* "OLD: NEW: DSN: why", "OLD: NEW: clone: owner=ADDRESS" (savemail.c, envelope.c). */
enum parsed sendmail_offspring(struct sendmail *line, struct view queue_id)
{
	struct event *event = line->event;
	struct view rest = line->message, what;

	if (view_eat(&rest, VIEW("clone: owner="))) {
		word_set(&event->queue_id, queue_id);
		sendmail_tell_sender(event, rest);
		event->kind = EVENT_QUEUED;
		return PARSED_EVENT;
	}
	if (!sendmail_split(&rest, VIEW(": "), &what))
		return PARSED_UNKNOWN;
	if (view_starts(rest, VIEW("Cannot send message for "))) {
		event->kind = EVENT_DELIVERY;
		event->delivery = DELIVERY_EXPIRED;
		sendmail_tell_text(event, rest);
		return PARSED_EVENT;
	}
	if (!view_is(what, VIEW("DSN")) && !view_is(what, VIEW("return to sender")) &&
	    !view_is(what, VIEW("sender notify")) && !view_is(what, VIEW("postmaster notify")))
		return PARSED_UNKNOWN;
	word_set(&event->queue_id, queue_id);
	event->flags |= EVENT_HAS_SENDER | EVENT_DSN;
	event->kind = EVENT_QUEUED;
	return PARSED_EVENT;
}
