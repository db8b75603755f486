/*
 * smtpd: connections, what goes wrong in them, AUTH, messages taken in
 * (smtpd.c, smtpd_peer.c, smtpd_sasl_glue.c, smtpd_check.c).
 *
 * A process serves one client at a time, so its pid tells the session. Since 3.10
 * "lost connection", "timeout" and "too many errors" may stand behind a queue id.
 */
#include "base/scan.h"
#include "format/classify.h"
#include "format/postfix.h"

/* For readers of the most frequent lines: a call hands the text over in registers.
   Inlined, gcc writes it to memory in halves and loads it whole at once, for which a
   processor waits longer than for the call. */
#define OWN_CALL __attribute__((noinline)) static

static void set_text(struct event *event, struct view text)
{
	event->text.ptr = text.ptr;
	event->text.len = (uint32_t)text.len;
}

static void set_refusal(struct event *event, enum reason reason, enum stage stage, uint16_t code)
{
	event->kind = EVENT_REFUSAL;
	event->reason = (uint8_t)reason;
	event->stage = (uint8_t)stage;
	event->code = code;
}

static uint16_t saturate(unsigned int count)
{
	return count > UINT16_MAX ? UINT16_MAX : (uint16_t)count;
}

/* Reads "3" (all accepted) or "3/4" (accepted of all) at P. */
static const char *read_count(const char *p, const char *end, uint16_t *ret_accepted,
			      uint16_t *ret_refused)
{
	unsigned int accepted = 0, all;

	for (; p < end && *p >= '0' && *p <= '9'; p++)
		accepted = accepted * 10 + (unsigned int)(*p - '0');
	all = accepted;
	if (p < end && *p == '/')
		for (p++, all = 0; p < end && *p >= '0' && *p <= '9'; p++)
			all = all * 10 + (unsigned int)(*p - '0');
	*ret_accepted = saturate(accepted);
	*ret_refused = saturate(all > accepted ? all - accepted : 0);
	return p;
}

/* "ehlo=1 mail=1 rcpt=0/1 data=0/1 quit=1 commands=3/5" (since 3.0) */
static void read_commands(struct view text, struct commands *commands)
{
	const char *p = text.ptr, *end = text.ptr + text.len;

	while (p < end) {
		uint16_t accepted, refused;

		if (*p == 'c' && end - p > 9 && memcmp(p, "commands=", 9) == 0) {
			p = read_count(p + 9, end, &commands->accepted, &commands->refused);
		} else if (end - p > 5 &&
			   (memcmp(p, "data=", 5) == 0 || memcmp(p, "bdat=", 5) == 0)) {
			p = read_count(p + 5, end, &accepted, &refused);
			commands->messages = saturate((unsigned int)commands->messages + accepted);
		}
		p = scan_byte(p, end, ' ') + 1;
	}
}

OWN_CALL enum parsed parse_connect(struct view text, struct event *event)
{
	struct view name;

	if (!postfix_eat_client(&text, event, &name))
		return PARSED_UNKNOWN;
	event->kind = EVENT_CONNECT;
	postfix_set_name(event, name);
	return PARSED_EVENT;
}

OWN_CALL enum parsed parse_disconnect(struct view text, struct event *event)
{
	struct view name;

	if (!postfix_eat_client(&text, event, &name))
		return PARSED_UNKNOWN;
	event->kind = EVENT_DISCONNECT;
	if (text.len)
		read_commands(view_from(text, 1), &event->commands);
	return PARSED_EVENT;
}

/*
 * Cuts "STAGE from name[address]" off the front of *text. The stage is the server's
 * own word, so the first " from " ends it: "CONNECT", "DATA (0 bytes)",
 * "sending message body".
 */
static bool eat_stage_and_client(struct view *text, struct event *event)
{
	struct view stage = view_to(*text, 80), name;
	size_t from = 0, end = VIEW_NONE;

	for (;;) {
		size_t blank = view_find_byte(view_from(stage, from), ' ');

		if (blank == VIEW_NONE)
			return false;
		from += blank;
		if (view_starts(view_from(stage, from), VIEW(" from ")))
			break;
		if (end == VIEW_NONE && view_starts(view_from(stage, from), VIEW(" (")))
			end = from;
		from++;
	}
	*text = view_from(*text, from + 6);
	event->stage = (uint8_t)classify_command(view_to(stage, end < from ? end : from));
	return postfix_eat_client(text, event, &name);
}

/*
 * "lost connection after …", "timeout after …", "too many errors after …" and, since
 * 3.9, "bare <LF> received after …". REASON_OTHER: the client went by itself.
 */
OWN_CALL enum parsed parse_end(struct view text, enum reason reason, struct event *event)
{
	if (!eat_stage_and_client(&text, event))
		return PARSED_UNKNOWN;
	if (reason == REASON_OTHER) {
		event->kind = EVENT_LOST;
		return PARSED_EVENT;
	}
	set_refusal(event, reason, (enum stage)event->stage, reason == REASON_PROTOCOL ? 521 : 421);
	event->flags |= EVENT_ENDS_SESSION;
	set_text(event, reason == REASON_TIMEOUT    ? VIEW("timeout exceeded")
			: reason == REASON_PROTOCOL ? VIEW("bare <LF> received")
						    : VIEW("too many errors"));
	return PARSED_EVENT;
}

/* Text that shows nothing but life, the client first. */
static enum parsed parse_activity(struct view text, struct event *event)
{
	struct view name;

	if (!postfix_eat_client(&text, event, &name))
		return PARSED_NOTHING;
	event->kind = EVENT_ACTIVITY;
	return PARSED_EVENT;
}

/* "improper command pipelining after STAGE from client: …": noted, not refused. */
static enum parsed parse_pipelining(struct view text, struct event *event)
{
	if (!eat_stage_and_client(&text, event))
		return PARSED_UNKNOWN;
	event->kind = EVENT_ACTIVITY;
	return PARSED_EVENT;
}

/* "SSL_accept error from client: -1" */
static enum parsed parse_tls_error(struct view text, struct event *event)
{
	struct view name;

	if (!postfix_eat_client(&text, event, &name))
		return PARSED_UNKNOWN;
	set_refusal(event, REASON_TLS, STAGE_STARTTLS, 0);
	set_text(event, VIEW("SSL_accept error"));
	return PARSED_EVENT;
}

/* "abort: TLS from name[address]: No client certificate presented". */
static enum parsed parse_tls_abort(struct view text, struct event *event)
{
	struct view name;

	if (!postfix_eat_client(&text, event, &name) || !view_eat(&text, VIEW(": ")))
		return PARSED_UNKNOWN;
	set_refusal(event, REASON_TLS, STAGE_STARTTLS, 421);
	set_text(event, text);
	event->flags |= EVENT_ENDS_SESSION;
	return PARSED_EVENT;
}

/* "client=name[address], sasl_method=PLAIN, sasl_username=alice" */
OWN_CALL enum parsed parse_received(struct view text, struct event *event)
{
	struct view name;

	if (!postfix_eat_client(&text, event, &name))
		return PARSED_UNKNOWN;
	event->kind = EVENT_RECEIVED;
	postfix_set_name(event, name);
	if (view_starts(text, VIEW(", sasl_")) ||
	    ((event->flags & EVENT_HAS_CLIENT) && ip_is_loopback(&event->client)))
		event->flags |= EVENT_OUTBOUND;
	return PARSED_EVENT;
}

/* "hostname NAME does not resolve to address IP[: cause]", before the client connects. */
static enum parsed parse_unresolved(struct view text, struct event *event)
{
	struct view name = text, address;
	size_t blank = view_find_byte(text, ' ');

	if (blank == VIEW_NONE)
		return PARSED_NOTHING;
	name.len = blank;
	text = view_from(text, blank);
	if (!view_eat(&text, VIEW(" does not resolve to address ")))
		return PARSED_NOTHING;
	address = view_to(text, view_find(text, VIEW(": ")));
	if (!ip_parse(address, &event->client))
		return PARSED_NOTHING;
	event->kind = EVENT_ACTIVITY;
	event->flags |= EVENT_HAS_CLIENT | EVENT_NAME_UNSURE | EVENT_KEEPALIVE_ONLY;
	postfix_set_name(event, name);
	return PARSED_EVENT;
}

/* Postfix 2: "IP: hostname NAME verification failed: …", "IP: address not listed for
   hostname NAME". */
static enum parsed parse_unverified(struct view text, struct event *event)
{
	size_t colon = view_find(view_to(text, 48), VIEW(": "));
	struct view rest;

	if (colon == VIEW_NONE || !ip_parse(view_to(text, colon), &event->client))
		return PARSED_NOTHING;
	rest = view_from(text, colon + 2);
	if (!view_eat(&rest, VIEW("hostname ")) &&
	    !view_eat(&rest, VIEW("address not listed for hostname ")))
		return PARSED_NOTHING;
	event->kind = EVENT_ACTIVITY;
	event->flags |= EVENT_HAS_CLIENT | EVENT_NAME_UNSURE | EVENT_KEEPALIVE_ONLY;
	postfix_set_name(event, view_to(rest, view_find_byte(rest, ' ')));
	return PARSED_EVENT;
}

/* "non-SMTP command from name[address]: GET / HTTP/1.1": the server hangs up. */
static enum parsed parse_not_smtp(struct view text, struct event *event)
{
	struct view name;

	if (!postfix_eat_client(&text, event, &name))
		return PARSED_NOTHING;
	set_refusal(event, REASON_PROTOCOL, STAGE_COMMAND, 0);
	event->flags |= EVENT_ENDS_SESSION;
	set_text(event, VIEW("non-SMTP command"));
	return PARSED_EVENT;
}

/* "client: SASL LOGIN authentication failed: cause[, sasl_username=user]" */
OWN_CALL enum parsed parse_sasl(struct view text, struct event *event)
{
	static const struct view lost = VIEW("Connection lost to authentication server");
	struct view client = text, name, cause;
	size_t at;

	if (!postfix_eat_client(&text, event, &name))
		return PARSED_NOTHING;
	if (view_starts(text, VIEW(" sent message ")) &&
	    view_find(view_to(text, 50), VIEW(" instead of SMTP command: ")) != VIEW_NONE)
		return parse_not_smtp(client, event); /* before Postfix 2.6 */
	if (!view_eat(&text, VIEW(": SASL ")))
		return PARSED_NOTHING;
	at = view_find(text, VIEW(" authentication "));
	if (at == VIEW_NONE)
		return PARSED_NOTHING;
	cause = view_from(text, at + 16);
	if (!view_eat(&cause, VIEW("failed"))) {
		event->kind = EVENT_ACTIVITY; /* aborted by the client */
		return PARSED_EVENT;
	}
	view_eat(&cause, VIEW(": "));
	/* Our own server of passwords is away: nobody guessed wrong. */
	if (view_starts(cause, lost)) {
		set_refusal(event, REASON_RESOURCE, STAGE_AUTH, 454);
		set_text(event, lost);
		postfix_set_name(event, name);
		return PARSED_EVENT;
	}
	event->kind = EVENT_AUTH_FAILED;
	event->reason = REASON_AUTH_FAILED;
	event->stage = STAGE_AUTH;
	event->code = 535;
	postfix_set_name(event, name);
	at = view_find(cause, VIEW(", sasl_username="));
	if (at != VIEW_NONE) {
		struct view user = view_from(cause, at + 16);

		cause.len = at;
		if (!view_is(user, VIEW("(unavailable)"))) {
			word_set(&event->sender, user);
			event->flags |= EVENT_HAS_SENDER;
		}
	} else if (view_ends(cause, VIEW(", sasl_username"))) {
		cause.len -= 15;
	}
	set_text(event, cause);
	return PARSED_EVENT;
}

/*
 * "Connection rate limit exceeded: 221 from name[address] for service smtp" and the
 * other limits that anvil keeps. Who exceeds a connection limit is cut off.
 */
static enum parsed parse_limit(struct view text, struct event *event)
{
	struct view words = text, name;
	size_t at = view_find(view_to(text, 80), VIEW(" limit exceeded: "));
	unsigned long long count;

	if (at == VIEW_NONE)
		return PARSED_NOTHING;
	words.len = at + 15;
	text = view_from(text, at + 17);
	if (!view_eat_number(&text, &count) || !view_eat(&text, VIEW(" from ")) ||
	    !postfix_eat_client(&text, event, &name))
		return PARSED_NOTHING;
	set_text(event, words);
	if (view_starts(words, VIEW("Connection ")) || view_starts(words, VIEW("New TLS "))) {
		set_refusal(event, REASON_RATE, STAGE_CONNECT, 421);
		event->flags |= EVENT_ENDS_SESSION;
	} else {
		set_refusal(event, REASON_RATE,
			    view_starts(words, VIEW("Message "))     ? STAGE_MAIL
			    : view_starts(words, VIEW("Recipient ")) ? STAGE_RCPT
								     : STAGE_AUTH,
			    450);
	}
	return PARSED_EVENT;
}

/* "Illegal address syntax from name[address] in RCPT command: <…>" */
static enum parsed parse_bad_address(struct view text, struct event *event)
{
	struct view name;

	if (!postfix_eat_client(&text, event, &name) || !view_eat(&text, VIEW(" in ")))
		return PARSED_NOTHING;
	set_refusal(event, REASON_PROTOCOL, classify_command(view_to(text, 4)), 501);
	set_text(event, VIEW("Illegal address syntax"));
	return PARSED_EVENT;
}

OWN_CALL enum parsed parse_warning(struct view text, struct event *event)
{
	struct view id;

	switch (text.len ? text.ptr[0] : 0) {
	case 'h':
		if (view_eat(&text, VIEW("hostname ")))
			return parse_unresolved(text, event);
		break;
	case 'n':
		if (view_eat(&text, VIEW("non-SMTP command from ")))
			return parse_not_smtp(text, event);
		break;
	case 'I':
		if (view_eat(&text, VIEW("Illegal address syntax from ")))
			return parse_bad_address(text, event);
		break;
	case 'C':
	case 'M':
	case 'N':
	case 'R':
	case 'A': {
		enum parsed parsed = parse_limit(text, event);

		if (parsed != PARSED_NOTHING)
			return parsed;
		break;
	}
	default:
		break;
	}
	if (text.len && ((text.ptr[0] >= '0' && text.ptr[0] <= '9') || text.ptr[0] == ':')) {
		enum parsed parsed = parse_unverified(text, event);

		if (parsed != PARSED_NOTHING)
			return parsed;
	}
	if (postfix_eat_queue_id(&text, &id)) {
		if (!view_is(text, VIEW("queue file size limit exceeded")))
			return PARSED_NOTHING;
		word_set(&event->queue_id, id);
		set_refusal(event, REASON_SIZE, STAGE_BODY, 552);
		set_text(event, text);
		return PARSED_EVENT;
	}
	return parse_sasl(text, event);
}

/* What may stand with and without a queue id; PARSED_UNKNOWN if TEXT is none of it. */
static enum parsed parse_common(struct view text, struct event *event)
{
	switch (text.len ? text.ptr[0] : 0) {
	case 'b':
		if (view_eat(&text, VIEW("bare <LF> received after ")))
			return parse_end(text, REASON_PROTOCOL, event);
		break;
	case 'l':
		if (view_eat(&text, VIEW("lost connection after ")))
			return parse_end(text, REASON_OTHER, event);
		break;
	case 't':
		if (view_eat(&text, VIEW("timeout after ")))
			return parse_end(text, REASON_TIMEOUT, event);
		if (view_eat(&text, VIEW("too many errors after ")))
			return parse_end(text, REASON_TOO_MANY_ERRORS, event);
		break;
	case 'i':
		if (view_eat(&text, VIEW("improper command pipelining after ")))
			return parse_pipelining(text, event);
		if (view_starts(text, VIEW("initializing ")))
			return PARSED_NOTHING;
		break;
	case 'n':
		if (view_eat(&text, VIEW("non-SMTP command from ")))
			return parse_not_smtp(text, event);
		break;
	case 's':
		if (view_eat(&text, VIEW("setting up TLS connection from ")))
			return parse_activity(text, event);
		break;
	case 'w':
		if (view_eat(&text, VIEW("warning: ")))
			return parse_warning(text, event);
		break;
	case 'S':
		if (view_eat(&text, VIEW("SSL_accept error from ")))
			return parse_tls_error(text, event);
		break;
	default:
		break;
	}
	return PARSED_UNKNOWN;
}

static enum parsed parse_with_id(struct view text, struct event *event)
{
	enum parsed parsed;

	if (view_eat(&text, VIEW("client=")))
		return parse_received(text, event);
	parsed = postfix_parse_action(text, event);
	if (parsed == PARSED_UNKNOWN)
		parsed = parse_common(text, event);
	if (parsed == PARSED_UNKNOWN && view_eat(&text, VIEW("abort: TLS from ")))
		return parse_tls_abort(text, event);
	if (parsed == PARSED_UNKNOWN && event->kind == EVENT_NONE &&
	    view_find(text, VIEW(": SASL ")) != VIEW_NONE)
		parsed = parse_sasl(text, event);
	return parsed;
}

/* Lines of no fixed beginning. */
static enum parsed parse_rest(struct view message, struct event *event)
{
	size_t at = view_find(view_to(message, 60), VIEW(" TLS connection established from "));

	if (at != VIEW_NONE)
		return parse_activity(view_from(message, at + 33), event);
	if (view_eat(&message, VIEW("TLS connection established from "))) /* before 2.5 */
		return parse_activity(message, event);
	/* Before Postfix 2.1 without NOQUEUE; a proxy's without a client, too. */
	if (view_starts(message, VIEW("reject")) || view_starts(message, VIEW("proxy-")))
		return postfix_parse_action(message, event);
	if (postfix_is_diagnostic(message) || view_starts(message, VIEW("table ")))
		return PARSED_NOTHING; /* table … has changed: restarting */
	if (view_find(message, VIEW(": SASL ")) != VIEW_NONE &&
	    parse_sasl(message, event) == PARSED_EVENT)
		return PARSED_EVENT;
	return PARSED_UNKNOWN;
}

enum parsed postfix_parse_smtpd(struct view message, struct event *event)
{
	struct view id;
	enum parsed parsed;

	event->key = KEY_PROCESS;
	if (view_eat(&message, VIEW("connect from ")))
		return parse_connect(message, event);
	if (view_eat(&message, VIEW("disconnect from ")))
		return parse_disconnect(message, event);
	if (postfix_eat_queue_id(&message, &id)) {
		if (id.len)
			word_set(&event->queue_id, id);
		parsed = parse_with_id(message, event);
		if (parsed == PARSED_UNKNOWN && id.len &&
		    (view_starts(message, VIEW("to=<")) || view_starts(message, VIEW("from=<")))) {
			/* Another daemon's, as in logs that were put together. */
			event->key = KEY_NONE;
			return postfix_parse_queue(
				view_of(id.ptr, (size_t)(message.ptr - id.ptr) + message.len),
				event);
		}
		return parsed;
	}
	parsed = parse_common(message, event);
	return parsed == PARSED_UNKNOWN ? parse_rest(message, event) : parsed;
}
