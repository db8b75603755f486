/*
 * postscreen: what happens to clients before smtpd takes them over
 * (postscreen.c, postscreen_early.c, postscreen_smtpd.c, postscreen_tests.c).
 *
 * One process serves all; clients are "[address]:port". What a test finds
 * (PREGREET, DNSBL rank …) is not itself a refusal: where the configuration says so,
 * "reject:" follows, and where not, nothing was refused. The limits on commands are:
 * behind them postscreen hangs up.
 */
#include "format/classify.h"
#include "format/postfix.h"

static bool eat_client(struct view *text, struct event *event)
{
	struct view name;

	return text->len && text->ptr[0] == '[' && postfix_eat_client(text, event, &name) &&
	       (event->flags & EVENT_HAS_CLIENT);
}

static enum parsed set_kind(struct view text, enum event_kind kind, struct event *event)
{
	if (!eat_client(&text, event))
		return PARSED_UNKNOWN;
	event->kind = (uint8_t)kind;
	return PARSED_EVENT;
}

/* What a test found: shows life only. */
static enum parsed set_found(struct view text, enum reason reason, struct event *event)
{
	event->reason = (uint8_t)reason;
	return set_kind(text, EVENT_ACTIVITY, event);
}

/* "from [address]:port after STAGE": cut off. */
static enum parsed set_cut_off(struct view text, enum reason reason, uint16_t code,
			       struct view words, struct event *event)
{
	if (!view_eat(&text, VIEW("from ")) || !eat_client(&text, event))
		return PARSED_UNKNOWN;
	event->kind = EVENT_REFUSAL;
	event->reason = (uint8_t)reason;
	event->code = code;
	event->flags |= EVENT_ENDS_SESSION;
	if (view_eat(&text, VIEW(" after ")))
		event->stage = (uint8_t)classify_command(view_to(text, view_find_byte(text, ':')));
	event->text.ptr = words.ptr;
	event->text.len = (uint32_t)words.len;
	return PARSED_EVENT;
}

/* "PREGREET 20 after 0.1 from [address]:port: …", "HANGUP after 0 from [address]:port in …" */
static enum parsed parse_after(struct view text, enum event_kind kind, enum reason reason,
			       struct event *event)
{
	size_t from = view_find(view_to(text, 60), VIEW(" from ["));

	if (from == VIEW_NONE)
		return PARSED_UNKNOWN;
	event->reason = (uint8_t)reason;
	return set_kind(view_from(text, from + 6), kind, event);
}

static enum parsed parse_command(struct view text, struct event *event)
{
	if (view_eat(&text, VIEW("TIME LIMIT ")))
		return set_cut_off(text, REASON_TIMEOUT, 421, VIEW("command time limit exceeded"),
				   event);
	if (view_eat(&text, VIEW("COUNT LIMIT ")))
		return set_cut_off(text, REASON_TOO_MANY_ERRORS, 421, VIEW("too many commands"),
				   event);
	if (view_eat(&text, VIEW("LENGTH LIMIT ")))
		return set_cut_off(text, REASON_PROTOCOL, 421,
				   VIEW("command length limit exceeded"), event);
	if (view_eat(&text, VIEW("PIPELINING from ")))
		return set_found(text, REASON_PROTOCOL, event);
	return PARSED_UNKNOWN;
}

static enum parsed parse_listed(struct view message, struct event *event)
{
	if (view_eat(&message, VIEW("DENYLISTED ")) || view_eat(&message, VIEW("BLACKLISTED ")))
		return set_found(message, REASON_ACCESS, event);
	if (view_eat(&message, VIEW("ALLOWLISTED ")) || view_eat(&message, VIEW("WHITELISTED ")) ||
	    view_eat(&message, VIEW("ALLOWLIST VETO ")) ||
	    view_eat(&message, VIEW("WHITELIST VETO ")))
		return set_kind(message, EVENT_ACTIVITY, event);
	return PARSED_UNKNOWN;
}

/* "[address]:port: all screening ports busy" behind "reject: connect from ", as Postfix
   may have it without NOQUEUE. */
static enum parsed set_busy(struct view text, struct event *event)
{
	if (!eat_client(&text, event) || !view_eat(&text, VIEW(": ")))
		return PARSED_UNKNOWN;
	event->kind = EVENT_REFUSAL;
	event->stage = STAGE_CONNECT;
	event->reason = REASON_RESOURCE;
	event->flags |= EVENT_REJECTED | EVENT_ENDS_SESSION;
	event->code = 421;
	event->text.ptr = text.ptr;
	event->text.len = (uint32_t)text.len;
	return PARSED_EVENT;
}

static enum parsed parse_test(struct view message, struct event *event)
{
	if (view_eat(&message, VIEW("PASS NEW ")) || view_eat(&message, VIEW("PASS OLD ")))
		return set_kind(message, EVENT_HANDOVER, event);
	if (view_eat(&message, VIEW("PREGREET ")))
		return parse_after(message, EVENT_ACTIVITY, REASON_PREGREET, event);
	if (view_eat(&message, VIEW("HANGUP after ")))
		return parse_after(message, EVENT_LOST, REASON_OTHER, event);
	if (view_eat(&message, VIEW("DNSBL rank "))) {
		size_t client = view_find_byte(message, '[');

		return client == VIEW_NONE
			       ? PARSED_UNKNOWN
			       : set_found(view_from(message, client), REASON_DNSBL, event);
	}
	if (view_eat(&message, VIEW("NON-SMTP COMMAND ")))
		return set_cut_off(message, REASON_PROTOCOL, 521, VIEW("non-SMTP command"), event);
	if (view_eat(&message, VIEW("BARE NEWLINE from ")))
		return set_found(message, REASON_PROTOCOL, event);
	if (view_eat(&message, VIEW("COMMAND ")))
		return parse_command(message, event);
	if (view_eat(&message, VIEW("DATA without valid RCPT from ")) ||
	    view_eat(&message, VIEW("BDAT without valid RCPT from ")))
		return set_found(message, REASON_PROTOCOL, event);
	if (view_eat(&message, VIEW("reject: connect from ")))
		return set_busy(message, event);
	return parse_listed(message, event);
}

enum parsed postfix_parse_postscreen(struct view message, struct event *event)
{
	struct view id;
	enum parsed parsed;

	event->key = KEY_CLIENT_PORT;
	if (view_eat(&message, VIEW("CONNECT from ")))
		return set_kind(message, EVENT_CONNECT, event);
	if (view_eat(&message, VIEW("DISCONNECT ")))
		return set_kind(message, EVENT_DISCONNECT, event);
	if (view_eat(&message, VIEW("NOQUEUE: ")))
		return postfix_parse_action(message, event);
	parsed = parse_test(message, event);
	if (parsed != PARSED_UNKNOWN)
		return parsed;
	if (postfix_is_diagnostic(message) || view_starts(message, VIEW("cache ")) ||
	    view_starts(message, VIEW("entering STRESS")) ||
	    view_starts(message, VIEW("leaving STRESS")) || view_starts(message, VIEW("close ")) ||
	    postfix_eat_queue_id(&message, &id))
		return PARSED_NOTHING;
	return PARSED_UNKNOWN;
}
