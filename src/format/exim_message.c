/*
 * Lines about one message: "<=" took it in (receive.c), "=>", "->", ">>", "**",
 * "==" and "*>" are what became of its recipients (deliver.c: delivery_log,
 * deferral_log, failure_log), "Completed" is its end.
 *
 *	<= sender R=id H=host U=ident P=protocol X=… A=… S=size id=… T="…" from <…> for …
 *	=> recipient (parent) <original> F=<…> P=<…> R=router T=transport S=… H=host …
 *
 * Items come in this order. Reading stops where other people's words begin: at
 * the size of a message taken in, at the host of one delivered.
 *
 * All else that has an id is said about a message's way through the queue, by
 * routers, transports, filters and retry rules, in words without number; nothing
 * of it is counted, but for refusals that come when the message was there (they
 * begin with H=, F= or "rejected") and connections that end with it.
 */
#include "base/scan.h"
#include "format/exim.h"

/* Cuts an address as Exim writes it off *text, and the blank behind it. */
static struct view eat_plain_address(struct view *text)
{
	const char *stop = text->ptr + text->len;
	const char *at = scan_three(text->ptr, stop, ' ', '"', '\\');
	size_t end = (size_t)(at - text->ptr);
	struct view address;

	if (at < stop && *at != ' ') {
		for (end = 0; end < text->len && text->ptr[end] != ' ';) {
			size_t part = exim_address_end(view_from(*text, end));

			end += part + (end + part < text->len && text->ptr[end + part] == '>');
		}
	}
	address = view_to(*text, end);
	*text = view_from(*text, end + 1);
	return address;
}

/* The protocols of clients that have authenticated end in "a" (esmtpa, esmtpsa). */
static bool is_own_protocol(struct view protocol)
{
	return view_starts(protocol, VIEW("local")) ||
	       (protocol.len > 5 && protocol.ptr[protocol.len - 1] == 'a');
}

/* One "name=value" of a "<=" line; the blank behind it is cut off too. */
static struct view eat_item(struct view *rest)
{
	struct view item;
	size_t end;

	if (view_starts(*rest, VIEW("DN=\""))) {
		size_t close = view_find(*rest, VIEW("\" "));

		end = close == VIEW_NONE ? rest->len : close + 1;
	} else {
		end = view_find_byte(*rest, ' ');
		end = end == VIEW_NONE ? rest->len : end;
	}
	item = view_to(*rest, end);
	*rest = view_from(*rest, end + 1);
	return item;
}

/* Reads the items behind the sender until the size is known. */
static void read_received_items(struct view rest, struct event *event)
{
	while (rest.len > 2) {
		struct view item;

		if (rest.ptr[0] == 'H' && rest.ptr[1] == '=' &&
		    !(event->flags & EVENT_HAS_CLIENT)) {
			struct view host = view_from(rest, 2);

			if (exim_eat_host(&host, event)) {
				rest = view_from(host, 1);
				continue;
			}
		}
		item = eat_item(&rest);
		if (item.len < 2 || item.ptr[1] != '=')
			continue;
		switch (item.ptr[0]) {
		case 'P':
			if (is_own_protocol(view_from(item, 2)))
				event->flags |= EVENT_OUTBOUND;
			break;
		case 'A':
			event->flags |= EVENT_OUTBOUND;
			break;
		case 'R':
			event->flags |= EVENT_DSN;
			break;
		case 'S': {
			unsigned long long bytes;
			struct view size = view_from(item, 2);

			if (view_eat_number(&size, &bytes) && size.len == 0) {
				event->bytes = bytes;
				return;
			}
			break;
		}
		default:
			break;
		}
	}
}

static enum parsed parse_received(struct exim_line *line)
{
	struct event *event = line->event;
	struct view sender = eat_plain_address(&line->rest);

	event->kind = EVENT_RECEIVED;
	if (view_is(sender, VIEW("<>")))
		sender.len = 0;
	word_set(&event->sender, sender);
	event->flags |= EVENT_HAS_SENDER;
	read_received_items(line->rest, event);
	if (!(event->flags & EVENT_HAS_CLIENT))
		event->flags |= EVENT_OUTBOUND;
	/* R= names the message that a bounce is about, if it was made here. */
	if (sender.len || event->flags & EVENT_HAS_CLIENT)
		event->flags &= ~(uint32_t)EVENT_DSN;
	exim_set_session(event);
	return PARSED_EVENT;
}

/*
 * Cuts the recipient off: "final", "final <original>", "final (parent) <original>",
 * where final may be a mailbox, a file, a pipe's command or the addressee of a reply
 * made here (">address"). The original is what a client asked for.
 */
static struct view eat_recipient(struct view *rest)
{
	struct view final, original;

	if (rest->len && (rest->ptr[0] == '|' || rest->ptr[0] == '/')) {
		size_t end = view_find(*rest, VIEW(" <"));

		if (end != VIEW_NONE) {
			final = view_to(*rest, end);
			*rest = view_from(*rest, end + 1);
		} else {
			final = eat_plain_address(rest);
		}
	} else {
		final = eat_plain_address(rest);
	}
	while (rest->len && rest->ptr[0] == '(') {
		size_t close = view_find(*rest, VIEW(") "));

		if (close == VIEW_NONE)
			break;
		*rest = view_from(*rest, close + 2);
	}
	if (rest->len && rest->ptr[0] == '<' && exim_eat_bracketed(rest, &original)) {
		/* "<original>: text" of a failure; else items follow. */
		if (rest->len && rest->ptr[0] == ' ')
			*rest = view_from(*rest, 1);
		return original;
	}
	/* "** address: text". */
	if (final.len && final.ptr[final.len - 1] == ':')
		final.len--;
	return final;
}

/* What the items of a delivery tell; the text is what follows them. */
struct route {
	struct view transport; /* its name; empty if none was needed */
	bool host;	       /* to another server */
	uint64_t bytes;
	struct view text;
};

/* Cuts " F=<…>" or " P=<…>" off behind their first letter. */
static void eat_address_item(struct view *rest)
{
	struct view at = view_from(*rest, 2), address;

	if (exim_eat_bracketed(&at, &address))
		*rest = view_from(at, at.len > 0 && at.ptr[0] == ' ');
	else
		eat_item(rest);
}

static void read_route(struct view rest, struct route *ret_route)
{
	struct route route = {0};

	while (rest.len > 2 && rest.ptr[1] == '=') {
		struct view item, value;
		unsigned long long bytes;

		if (rest.ptr[0] == 'F' || rest.ptr[0] == 'P') {
			eat_address_item(&rest);
			continue;
		}
		if (rest.ptr[0] != 'R' && rest.ptr[0] != 'T' && rest.ptr[0] != 'S')
			break;
		item = eat_item(&rest);
		value = view_from(item, 2);
		if (item.ptr[0] == 'T') {
			route.transport = value;
		} else if (item.ptr[0] == 'S' && view_eat_number(&value, &bytes)) {
			route.bytes = bytes;
		}
		/* "T=transport: text" and "R=router: text" of a failure. */
		if (item.ptr[item.len - 1] == ':')
			break;
	}
	route.host = view_starts(rest, VIEW("H="));
	while (rest.len > 0 && (rest.ptr[0] == ':' || rest.ptr[0] == ' '))
		rest = view_from(rest, 1);
	route.text = rest;
	*ret_route = route;
}

static enum parsed parse_delivery(struct exim_line *line, enum delivery delivery)
{
	struct event *event = line->event;
	struct route route;
	struct view recipient = eat_recipient(&line->rest);

	event->kind = EVENT_DELIVERY;
	event->delivery = (uint8_t)delivery;
	read_route(line->rest, &route);
	if (delivery == DELIVERY_SENT) {
		event->bytes = route.bytes;
		event->flags |= EVENT_FINAL_RECIPIENT;
		/* A server that speaks LMTP is a mailbox's. */
		if (!route.host || view_find(route.transport, VIEW("lmtp")) != VIEW_NONE)
			event->flags |= EVENT_LOCAL;
	} else {
		/* retry.c: what went wrong, if it is known, and ": retry timeout exceeded". */
		if (delivery == DELIVERY_BOUNCED &&
		    view_ends(route.text, VIEW("retry timeout exceeded")))
			event->delivery = DELIVERY_EXPIRED;
		event->text.ptr = route.text.ptr;
		event->text.len = (uint32_t)route.text.len;
	}
	if (recipient.len) {
		word_set(&event->recipient, recipient);
		event->flags |= EVENT_HAS_RECIPIENT;
	}
	return PARSED_EVENT;
}

/* "=> :blackhole: <r>", "=> discarded <r>", "=> discarded (system filter)", "=>
   blackhole (DATA ACL discarded recipients)": nobody got it. */
static bool is_discarded(struct view rest)
{
	return view_starts(rest, VIEW(":blackhole:")) || view_starts(rest, VIEW("discarded ")) ||
	       view_starts(rest, VIEW("blackhole ("));
}

static enum parsed parse_discarded(struct exim_line *line)
{
	struct event *event = line->event;
	size_t open = view_find(view_to(line->rest, 16), VIEW(" <"));
	struct view rest, recipient;

	/* Each recipient's line told so already. */
	if (view_starts(line->rest, VIEW("blackhole (RCPT ACL ")) ||
	    view_starts(line->rest, VIEW("blackhole (MAIL ACL ")))
		return PARSED_NOTHING;
	event->kind = EVENT_DELIVERY;
	event->delivery = DELIVERY_DISCARDED;
	if (open == VIEW_NONE)
		return PARSED_EVENT;
	rest = view_from(line->rest, open + 1);
	if (exim_eat_bracketed(&rest, &recipient)) {
		word_set(&event->recipient, recipient);
		event->flags |= EVENT_HAS_RECIPIENT;
	}
	return PARSED_EVENT;
}

/* The lines with a flag of two characters. */
static enum parsed parse_flagged(struct exim_line *line, char first, char second)
{
	line->rest = view_from(line->rest, 3);
	switch (first) {
	case '<':
	case '(': /* "(=": taken in, though the client was told otherwise (fakereject) */
		if (second != '=')
			return PARSED_NOTHING;
		return parse_received(line);
	case '=':
		if (second == '=')
			return parse_delivery(line, DELIVERY_DEFERRED);
		if (second == '>' && is_discarded(line->rest))
			return parse_discarded(line);
		return parse_delivery(line, DELIVERY_SENT);
	case '-':
	case '>':
		return parse_delivery(line, DELIVERY_SENT);
	case '*':
		/* "*>" was held back by -N: neither tried nor delivered. */
		return second == '*' ? parse_delivery(line, DELIVERY_BOUNCED) : PARSED_NOTHING;
	default:
		return PARSED_NOTHING;
	}
}

static bool is_flag(struct view rest)
{
	static const struct view flags[] = {VIEW("<="), VIEW("=>"), VIEW("->"), VIEW(">>"),
					    VIEW("**"), VIEW("=="), VIEW("*>"), VIEW("(=")};

	if (rest.len < 3 || rest.ptr[2] != ' ')
		return false;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (memcmp(rest.ptr, flags[i].ptr, 2) == 0)
			return true;
	return false;
}

/*
 * SA-Exim's "SA: Action: what: score=… Message-Id: id). From <sender> (host=name [address])
 * for recipients": what became of spam. Where a sender or a recipient reads like the
 * host no client is told.
 */
static enum parsed parse_spam_action(struct view rest, struct event *event)
{
	static const struct view actions[] = {VIEW("flagged as Spam"), VIEW("silently tossed"),
					      VIEW("permanently rejected"),
					      VIEW("temporarily rejected"), VIEW("teergrubed")};
	size_t i = 0, host = view_find_last(rest, VIEW(" (host="));
	struct view address = view_from(rest, host);
	size_t open = view_find_byte(address, '['), close = view_find(address, VIEW("]) for "));

	while (i < sizeof(actions) / sizeof(actions[0]) && !view_starts(rest, actions[i]))
		i++;
	if (i == sizeof(actions) / sizeof(actions[0]) || host == VIEW_NONE ||
	    host != view_find(rest, VIEW(" (host=")) || close == VIEW_NONE || open > close ||
	    !ip_parse(view_from(view_to(address, close), open + 1), &event->client))
		return PARSED_NOTHING;
	event->kind = EVENT_ACTIVITY;
	event->reason = REASON_CONTENT;
	event->flags |= EVENT_HAS_CLIENT;
	return PARSED_EVENT;
}

static enum parsed parse_other(struct exim_line *line)
{
	enum parsed parsed;

	if (view_eat(&line->rest, VIEW("H=")) || exim_eat(&line->rest, VIEW(" DSH="))) {
		if (!exim_eat_host(&line->rest, line->event))
			return PARSED_NOTHING; /* "H=name [address]*", a server we deliver to */
		return exim_parse_host_line(line);
	}
	if (view_eat(&line->rest, VIEW("F=")))
		return exim_parse_from_line(line);
	if (view_eat(&line->rest, VIEW("U=")))
		return exim_parse_local_line(line);
	if (view_eat(&line->rest, VIEW("SA: Action: ")))
		return parse_spam_action(line->rest, line->event);
	parsed = exim_parse_rejected(line);
	if (parsed != PARSED_OTHER)
		return parsed;
	parsed = exim_parse_connection(line);
	return parsed == PARSED_OTHER ? PARSED_NOTHING : parsed;
}

enum parsed exim_parse_message(struct exim_line *line)
{
	struct view rest = line->rest;
	enum parsed parsed;

	word_set(&line->event->queue_id, line->id);
	if (is_flag(rest))
		return parse_flagged(line, rest.ptr[0], rest.ptr[1]);
	if (view_starts(rest, VIEW("Completed"))) {
		line->event->kind = EVENT_REMOVED;
		return PARSED_EVENT;
	}
	parsed = parse_other(line);
	return parsed == PARSED_UNKNOWN ? PARSED_NOTHING : parsed;
}
