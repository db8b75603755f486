/*
 * Lines about queued messages: qmgr, pickup, postsuper, and the delivery agents
 * (qmgr_active.c, pickup.c, global/log_adhoc.c).
 *
 * A delivery's line begins with the recipient, so it is read from the front, the
 * address by RFC 5321's quoting; what the other side said stands last. The
 * queue manager's line ends with fixed words, so it is read from the back.
 */
#include "format/postfix.h"

#include "base/scan.h"

/* Cuts the decimal number off the end of *text; false, nothing changed, if none is there. */
static bool eat_number_at_end(struct view *text, uint64_t *ret_number)
{
	uint64_t value = 0, unit = 1;
	size_t n = text->len;

	while (n > 0 && text->len - n < 18 && text->ptr[n - 1] >= '0' && text->ptr[n - 1] <= '9') {
		value += unit * (uint64_t)(text->ptr[--n] - '0');
		unit *= 10;
	}
	if (n == text->len)
		return false;
	text->len = n;
	*ret_number = value;
	return true;
}

static bool eat_at_end(struct view *text, struct view end)
{
	if (!view_ends(*text, end))
		return false;
	text->len -= end.len;
	return true;
}

static void set_sender(struct event *event, struct view sender)
{
	word_set(&event->sender, sender);
	event->flags |= EVENT_HAS_SENDER;
}

/* "sender>, size=649, nrcpt=4 (queue active)" */
static enum parsed parse_queued(struct view text, struct event *event)
{
	uint64_t nrcpt, size;

	if (eat_at_end(&text, VIEW(", status=expired, returned to sender")) ||
	    eat_at_end(&text, VIEW(", status=force-expired, returned to sender"))) {
		event->kind = EVENT_DELIVERY;
		event->delivery = DELIVERY_EXPIRED;
		if (eat_at_end(&text, VIEW(">")))
			set_sender(event, text);
		return PARSED_EVENT;
	}
	if (!eat_at_end(&text, VIEW(" (queue active)")) || !eat_number_at_end(&text, &nrcpt) ||
	    !eat_at_end(&text, VIEW(", nrcpt=")) || !eat_number_at_end(&text, &size) ||
	    !eat_at_end(&text, VIEW(">, size=")))
		return PARSED_UNKNOWN;
	event->kind = EVENT_QUEUED;
	event->bytes = size;
	event->nrcpt = nrcpt > UINT16_MAX ? UINT16_MAX : (uint16_t)nrcpt;
	set_sender(event, text);
	return PARSED_EVENT;
}

/* pickup's "uid=1000 from=<alice>" */
static enum parsed parse_pickup(struct view text, struct event *event)
{
	size_t from = view_find(text, VIEW(" from=<"));

	event->kind = EVENT_RECEIVED;
	event->flags |= EVENT_OUTBOUND;
	if (from != VIEW_NONE && view_ends(text, VIEW(">"))) {
		text.len--;
		set_sender(event, view_from(text, from + 7));
	}
	return PARSED_EVENT;
}

enum parsed postfix_parse_queue(struct view message, struct event *event)
{
	struct view id;

	if (!postfix_eat_queue_id(&message, &id))
		return postfix_is_diagnostic(message) || view_starts(message, VIEW("Deleted: ")) ||
				       view_starts(message, VIEW("Requeued: ")) ||
				       view_starts(message, VIEW("Placed on hold: ")) ||
				       view_starts(message, VIEW("Released from hold: ")) ||
				       view_starts(message, VIEW("Renamed ")) ||
				       view_starts(message, VIEW("Expired: "))
			       ? PARSED_NOTHING
			       : PARSED_UNKNOWN;
	word_set(&event->queue_id, id);
	if (view_eat(&message, VIEW("from=<")))
		return parse_queued(message, event);
	if (view_starts(message, VIEW("removed"))) {
		event->kind = EVENT_REMOVED;
		return PARSED_EVENT;
	}
	if (view_starts(message, VIEW("uid=")) || view_starts(message, VIEW("sender=")))
		return parse_pickup(message, event);
	if (view_starts(message, VIEW("to=")))
		return postfix_parse_delivery(
			view_of(id.ptr, (size_t)(message.ptr - id.ptr) + message.len),
			DAEMON_DELIVERY, event);
	return PARSED_NOTHING; /* skipped, placed on hold, released, requeued */
}

/* Cuts "address>, " off the front, the address quoted by RFC 5321; NEXT1 or NEXT2 must follow. */
static inline bool eat_address(struct view *text, struct view next1, struct view next2,
			       struct view *ret_address)
{
	size_t at = 0;

	if (text->len && text->ptr[0] == '"') {
		for (at = 1; at < text->len && text->ptr[at] != '"'; at++)
			if (text->ptr[at] == '\\')
				at++;
	}
	while (at < text->len) {
		const char *end = text->ptr + text->len;
		const char *close = scan_byte(text->ptr + at, end, '>');
		struct view rest = view_of(close, (size_t)(end - close));

		at = text->len - rest.len;
		if (view_eat(&rest, VIEW(">, ")) &&
		    (view_starts(rest, next1) || view_starts(rest, next2))) {
			*ret_address = view_to(*text, at);
			*text = rest;
			return true;
		}
		at++;
	}
	return false;
}

/* Cuts "NAME" and its value up to the next ", " off the front of *text, if it is there. */
static inline bool eat_field(struct view *text, struct view name, struct view *ret_value)
{
	struct view rest = *text;
	const char *end = rest.ptr + rest.len, *comma;

	if (!view_eat(&rest, name))
		return false;
	comma = scan_byte(rest.ptr, end, ',');
	if (end - comma < 2 || comma[1] != ' ')
		return false;
	*ret_value = view_of(rest.ptr, (size_t)(comma - rest.ptr));
	*text = view_of(comma + 2, (size_t)(end - comma - 2));
	return true;
}

/* Whether a delivery to RELAY goes into a mailbox of this machine. */
static bool is_mailbox(enum postfix_daemon daemon, struct view relay)
{
	if (daemon == DAEMON_LOCAL)
		return true;
	if (daemon == DAEMON_LMTP)
		return view_ends(relay, VIEW(":24")) || view_find(relay, VIEW("[/")) != VIEW_NONE ||
		       view_find(relay, VIEW("[private/")) != VIEW_NONE;
	return view_is(relay, VIEW("local")) || view_is(relay, VIEW("virtual")) ||
	       view_is(relay, VIEW("dovecot")) || view_is(relay, VIEW("maildrop")) ||
	       view_is(relay, VIEW("cyrus")) || view_is(relay, VIEW("mailman"));
}

static enum parsed set_status(struct view text, struct event *event)
{
	if (view_eat(&text, VIEW("sent "))) {
		bool forwarded = view_starts(text, VIEW("(forwarded as "));

		event->delivery = forwarded ? DELIVERY_FORWARDED : DELIVERY_SENT;
		if (!forwarded)
			event->flags |= EVENT_FINAL_RECIPIENT;
	} else if (view_eat(&text, VIEW("deferred ")) || view_eat(&text, VIEW("SOFTBOUNCE "))) {
		event->delivery = DELIVERY_DEFERRED;
	} else if (view_eat(&text, VIEW("bounced "))) {
		event->delivery = DELIVERY_BOUNCED;
	} else if (view_eat(&text, VIEW("expired ")) || view_eat(&text, VIEW("force-expired "))) {
		event->delivery = DELIVERY_EXPIRED;
	} else if (view_starts(text, VIEW("deliverable")) ||
		   view_starts(text, VIEW("undeliverable"))) {
		return PARSED_NOTHING; /* an address probe, no mail */
	} else {
		return PARSED_UNKNOWN;
	}
	if (view_eat(&text, VIEW("(")) && view_ends(text, VIEW(")")))
		text.len--;
	event->text.ptr = text.ptr;
	event->text.len = (uint32_t)text.len;
	return PARSED_EVENT;
}

/*
 * "<address>, [orig_to=<…>, ]relay=…, [conn_use=…, ]delay=…, [delays=…, tls=…, dsn=…, ]status=…";
 * tls= since Postfix 3.11 (smtp_log_tls_feature_status).
 */
static enum parsed parse_recipient(struct view text, enum postfix_daemon daemon,
				   struct event *event)
{
	struct view recipient, relay, ignored;
	enum parsed parsed;

	/* Copies of logs have lost the brackets where they went through HTML. */
	if (view_eat(&text, VIEW("<"))
		    ? !eat_address(&text, VIEW("relay="), VIEW("orig_to=<"), &recipient)
		    : !eat_field(&text, VIEW(""), &recipient))
		return PARSED_UNKNOWN;
	if (view_eat(&text, VIEW("orig_to=<"))) {
		if (!eat_address(&text, VIEW("relay="), VIEW("relay="), &ignored))
			return PARSED_UNKNOWN;
	} else {
		eat_field(&text, VIEW("orig_to="), &ignored);
	}
	if (!eat_field(&text, VIEW("relay="), &relay))
		return PARSED_UNKNOWN;
	/* "conn_use=2 delay=…" has been seen, too. */
	if (!eat_field(&text, VIEW("conn_use="), &ignored) && !view_starts(text, VIEW("delay=")))
		return PARSED_UNKNOWN;
	eat_field(&text, VIEW("delay="), &ignored);
	eat_field(&text, VIEW("delays="), &ignored);
	eat_field(&text, VIEW("tls="), &ignored);
	eat_field(&text, VIEW("dsn="), &ignored);
	if (!view_eat(&text, VIEW("status=")))
		return PARSED_UNKNOWN;
	parsed = set_status(text, event);
	if (parsed != PARSED_EVENT)
		return parsed;
	event->kind = EVENT_DELIVERY;
	word_set(&event->recipient, recipient);
	event->flags |= EVENT_HAS_RECIPIENT;
	if (is_mailbox(daemon, relay))
		event->flags |= EVENT_LOCAL;
	return PARSED_EVENT;
}

enum parsed postfix_parse_delivery(struct view message, enum postfix_daemon daemon,
				   struct event *event)
{
	struct view id;

	if (postfix_eat_queue_id(&message, &id)) {
		if (!view_eat(&message, VIEW("to=")))
			return PARSED_NOTHING; /* host … said: …, enabling PIX workarounds … */
		word_set(&event->queue_id, id);
		return parse_recipient(message, daemon, event);
	}
	if (postfix_is_diagnostic(message) || view_starts(message, VIEW("connect to ")) ||
	    view_starts(message, VIEW("SSL_connect ")) ||
	    view_starts(message, VIEW("certificate ")) || view_starts(message, VIEW("Host ")) ||
	    view_starts(message, VIEW("host ")) || view_starts(message, VIEW("table ")) ||
	    view_starts(message, VIEW("server certificate ")) ||
	    view_find(view_to(message, 60), VIEW(" TLS connection ")) != VIEW_NONE)
		return PARSED_NOTHING;
	return PARSED_UNKNOWN;
}
