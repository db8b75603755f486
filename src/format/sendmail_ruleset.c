/*
 * Refusals: by a ruleset (srvrsmtp.c and envelope.c through rscheck(), which
 * writes "ruleset=NAME, arg1=…[, arg2=…][, relay=…], reject=…"), by a milter
 * (srvrsmtp.c, MILTER_REPLY) and by Sendmail itself (err.c: usrerr() with
 * LogUsrErrs, "<address>... why").
 *
 * arg1 is the client's text and stands in front of relay=; the reply repeats
 * client text behind it. Both may hold ", relay=[192.0.2.1], reject=550". The
 * argument of a rule about addresses was parsed by Sendmail, so the first ", "
 * that is not quoted ends it. The argument of other rules (a header's value,
 * VRFY's) is free text: there the split is taken after which the reply repeats
 * the longest argument, or else the last one that fits.
 */
#include "format/classify.h"
#include "format/sendmail.h"

/* What a ruleset is asked about, in arg1 and arg2. */
enum about {
	ABOUT_RECIPIENT,
	ABOUT_SENDER,
	ABOUT_BOTH,   /* the sender, then the recipient */
	ABOUT_CLIENT, /* name, then address */
	ABOUT_NUMBERS,
	ABOUT_TEXT,   /* anything */
	ABOUT_NOTHING /* Sendmail's own asking as a client; or nothing is refused */
};

static const struct ruleset {
	struct view name;
	enum stage stage;
	enum about about;
} rulesets[] = {
	{VIEW("check_rcpt"), STAGE_RCPT, ABOUT_RECIPIENT},
	{VIEW("check_relay"), STAGE_CONNECT, ABOUT_CLIENT},
	{VIEW("check_mail"), STAGE_MAIL, ABOUT_SENDER},
	{VIEW("check_eoh"), STAGE_HEADER, ABOUT_NUMBERS},
	{VIEW("check_data"), STAGE_DATA, ABOUT_NUMBERS},
	{VIEW("check_eom"), STAGE_BODY, ABOUT_NUMBERS},
	{VIEW("check_compat"), STAGE_RCPT, ABOUT_BOTH},
	{VIEW("check_vrfy"), STAGE_COMMAND, ABOUT_TEXT},
	{VIEW("check_expn"), STAGE_COMMAND, ABOUT_TEXT},
	{VIEW("check_etrn"), STAGE_COMMAND, ABOUT_TEXT},
	{VIEW("check_helo"), STAGE_HELO, ABOUT_TEXT},
	{VIEW("tls_client"), STAGE_STARTTLS, ABOUT_TEXT},
	{VIEW("srv_features"), STAGE_CONNECT, ABOUT_TEXT},
	{VIEW("greet_pause"), STAGE_CONNECT, ABOUT_TEXT},
	{VIEW("trust_auth"), STAGE_UNKNOWN, ABOUT_NOTHING},
	{VIEW("tls_server"), STAGE_UNKNOWN, ABOUT_NOTHING},
	{VIEW("tls_rcpt"), STAGE_UNKNOWN, ABOUT_NOTHING},
	{VIEW("try_tls"), STAGE_UNKNOWN, ABOUT_NOTHING},
	{VIEW("clt_features"), STAGE_UNKNOWN, ABOUT_NOTHING},
};

/* Any other one is a header's (H…: $>Name), but for check_… of somebody's own. */
static const struct ruleset header_ruleset = {VIEW(""), STAGE_HEADER, ABOUT_TEXT};
static const struct ruleset own_ruleset = {VIEW("check_"), STAGE_UNKNOWN, ABOUT_TEXT};

static const struct ruleset *find_ruleset(struct view name)
{
	for (size_t i = 0; i < sizeof(rulesets) / sizeof(rulesets[0]); i++)
		if (view_is(name, rulesets[i].name))
			return &rulesets[i];
	return view_starts(name, own_ruleset.name) ? &own_ruleset : &header_ruleset;
}

/* The parts of a ruleset's line. */
struct verdict {
	struct view arg1, arg2, relay, reject;
	enum { VERDICT_NONE, VERDICT_REJECT, VERDICT_DISCARD, VERDICT_QUARANTINE } kind;
};

/* Reads "reject=…", "discard" or "quarantine=…". */
static bool read_verdict(struct view text, struct verdict *ret)
{
	if (view_eat(&text, VIEW("reject="))) {
		ret->kind = VERDICT_REJECT;
		ret->reject = text;
	} else if (view_is(text, VIEW("discard"))) {
		ret->kind = VERDICT_DISCARD;
	} else if (view_eat(&text, VIEW("quarantine="))) {
		ret->kind = VERDICT_QUARANTINE;
		ret->reject = text;
	} else {
		return false;
	}
	return true;
}

/* Reads what follows arg1: "[arg2=…, ][relay=…, ]verdict". */
static bool read_tail(struct view text, struct verdict *ret)
{
	struct view value;

	if (view_eat(&text, VIEW("arg2="))) {
		size_t end = sendmail_unquoted(text, ',', ' ');

		if (end == VIEW_NONE)
			return false;
		ret->arg2 = view_to(text, end);
		text = view_from(text, end + 2);
	}
	view_eat(&text, VIEW("... "));
	if (view_eat(&text, VIEW("relay="))) {
		if (!sendmail_split(&text, VIEW(", "), &value))
			return false;
		ret->relay = value;
	}
	return read_verdict(text, ret);
}

/* TEXT begins behind "arg1=": an address ends where the first blank is that is
   not quoted. */
static bool read_address_line(struct view text, struct verdict *ret)
{
	size_t end = sendmail_unquoted(text, ',', ' ');

	if (end == VIEW_NONE)
		return false;
	ret->arg1 = view_to(text, end);
	return read_tail(view_from(text, end + 2), ret);
}

/* Whether the reply says ARGUMENT again, as rules do that quote what they refuse. */
static bool repeats(struct view reply, struct view argument)
{
	argument = view_trim(argument);
	return argument.len > 1 && view_find(reply, argument) != VIEW_NONE;
}

/* Sendmail's lines have some 1000 bytes; longer ones are not its own, and are not
   to cost more. */
#define FREE_TEXT_TRIES 64

/* The same for free text: tries each ", relay=" from the last to the first. */
static bool read_free_line(struct view text, struct verdict *ret)
{
	struct view left = text;
	bool found = false;

	for (int tries = 0; tries < FREE_TEXT_TRIES; tries++) {
		size_t at = view_find_last(left, VIEW(", relay="));
		struct verdict tried = {.arg1 = view_to(text, at)};

		if (at == VIEW_NONE)
			break;
		left = view_to(text, at);
		if (!read_tail(view_from(text, at + 2), &tried) || !sendmail_is_relay(tried.relay))
			continue;
		if (!found || repeats(tried.reject, tried.arg1))
			*ret = tried;
		if (repeats(tried.reject, tried.arg1))
			return true;
		found = true;
	}
	return found;
}

/* Without relay= (nobody is connected): the verdict alone ends the argument. */
static bool read_line_without_relay(struct view text, struct verdict *ret)
{
	size_t at = view_find_last(text, VIEW(", reject="));

	if (at == VIEW_NONE)
		return false;
	ret->arg1 = view_to(text, at);
	return read_verdict(view_from(text, at + 2), ret);
}

static bool read_line(struct view text, const struct ruleset *ruleset, bool cut,
		      struct verdict *ret)
{
	/* As printed where people shorten a log: "ruleset=check_eoh, ... relay=…". */
	if (!view_eat(&text, VIEW("arg1=")))
		return read_tail(text, ret);
	if (ruleset->about != ABOUT_TEXT && read_address_line(text, ret))
		return true;
	*ret = (struct verdict){0};
	if (cut)
		return false;
	return read_free_line(text, ret) || read_line_without_relay(text, ret);
}

/* 8.9 and before have no relay=; arg2 is the address, but may be what a DNS list
   answered. */
static void tell_client(const struct verdict *verdict, struct event *event)
{
	if (ip_parse(verdict->arg2, &event->client) && !ip_is_loopback(&event->client))
		event->flags |= EVENT_HAS_CLIENT;
	sendmail_relay(verdict->arg1, event);
}

static void tell_arguments(const struct verdict *verdict, enum about about, struct event *event)
{
	if (verdict->relay.len)
		sendmail_relay(verdict->relay, event);
	else if (about == ABOUT_CLIENT)
		tell_client(verdict, event);
	if (about == ABOUT_RECIPIENT)
		sendmail_tell_recipient(event, verdict->arg1);
	if (about == ABOUT_SENDER || about == ABOUT_BOTH)
		sendmail_tell_sender(event, verdict->arg1);
	if (about == ABOUT_BOTH)
		sendmail_tell_recipient(event, verdict->arg2);
}

static enum parsed tell_delivery(struct event *event, enum delivery delivery, struct view why)
{
	event->delivery = (uint8_t)delivery;
	sendmail_tell_text(event, why);
	return sendmail_tell(event, EVENT_DELIVERY);
}

/* A line whose parts are not to be had: something was refused all the same. */
static enum parsed tell_cut(struct sendmail *line, const struct ruleset *ruleset)
{
	if (!line->cut)
		return PARSED_UNKNOWN;
	line->event->flags |= EVENT_REJECTED;
	return sendmail_refuse(line->event, REASON_OTHER, ruleset->stage);
}

enum parsed sendmail_ruleset(struct sendmail *line)
{
	struct event *event = line->event;
	struct verdict verdict = {0};
	struct view rest = line->rest, name;
	const struct ruleset *ruleset;

	if (!sendmail_split(&rest, VIEW(", "), &name))
		return PARSED_UNKNOWN;
	ruleset = find_ruleset(name);
	if (ruleset->about == ABOUT_NOTHING)
		return PARSED_NOTHING;
	if (!read_line(rest, ruleset, line->cut, &verdict))
		return tell_cut(line, ruleset);
	tell_arguments(&verdict, ruleset->about, event);
	event->stage = (uint8_t)ruleset->stage;
	if (verdict.kind == VERDICT_DISCARD)
		return tell_delivery(event, DELIVERY_DISCARDED, verdict.reject);
	if (verdict.kind == VERDICT_QUARANTINE)
		return tell_delivery(event, DELIVERY_HELD, verdict.reject);
	sendmail_reply(verdict.reject, event);
	event->flags |= EVENT_REJECTED;
	if (event->reason == REASON_UNKNOWN_RECIPIENT && (event->flags & EVENT_HAS_RECIPIENT))
		event->flags |= EVENT_LOCAL;
	return sendmail_refuse(event, event->reason, event->stage);
}

/* "Milter: connect: host=NAME, addr=IP, rejecting commands". */
static enum parsed read_milter_connect(struct view rest, struct event *event)
{
	struct view host, address;

	if (!view_eat(&rest, VIEW("host=")) || !sendmail_split(&rest, VIEW(", addr="), &host) ||
	    !sendmail_split(&rest, VIEW(", "), &address))
		return PARSED_NOTHING; /* "Milter: connect to filters" */
	if (ip_parse(address, &event->client))
		event->flags |= EVENT_HAS_CLIENT;
	sendmail_relay(host, event);
	event->code = view_starts(rest, VIEW("temp")) ? 451 : 554;
	event->flags |= EVENT_REJECTED;
	return sendmail_refuse(event, REASON_POLICY, STAGE_CONNECT);
}

/* The commands a milter judges, as they stand behind "Milter: ". */
static bool eat_milter_command(struct view *rest, struct event *event, bool *ret_address)
{
	*ret_address = true;
	if (view_eat(rest, VIEW("to="))) {
		event->stage = STAGE_RCPT;
	} else if (view_eat(rest, VIEW("from="))) {
		event->stage = STAGE_MAIL;
	} else {
		*ret_address = false;
		if (view_eat(rest, VIEW("helo=")))
			event->stage = STAGE_HELO;
		else if (view_eat(rest, VIEW("data, ")))
			event->stage = STAGE_BODY;
		else if (view_eat(rest, VIEW("cmd=data, ")))
			event->stage = STAGE_DATA;
		else
			return false;
	}
	return true;
}

/* Cuts the command's argument off *rest. */
static bool eat_milter_argument(struct view *rest, struct event *event, bool is_address)
{
	size_t end;
	struct view argument;

	if (event->stage == STAGE_BODY || event->stage == STAGE_DATA)
		return true;
	end = is_address ? sendmail_unquoted(*rest, ',', ' ') : VIEW_NONE;
	if (end == VIEW_NONE)
		end = view_find_last(*rest, VIEW(", reject="));
	if (end == VIEW_NONE)
		end = view_find_last(*rest, VIEW(", discard"));
	if (end == VIEW_NONE)
		return false;
	argument = view_to(*rest, end);
	if (event->stage == STAGE_RCPT)
		sendmail_tell_recipient(event, argument);
	else if (event->stage == STAGE_MAIL)
		sendmail_tell_sender(event, argument);
	else
		word_set(&event->helo, argument);
	*rest = view_from(*rest, end + 2);
	return true;
}

enum parsed sendmail_milter(struct sendmail *line)
{
	struct event *event = line->event;
	struct view rest = line->rest;
	struct verdict verdict = {0};
	bool is_address;

	if (view_eat(&rest, VIEW("connect: ")))
		return read_milter_connect(rest, event);
	if (!eat_milter_command(&rest, event, &is_address))
		return PARSED_NOTHING;
	if (!eat_milter_argument(&rest, event, is_address) || !read_verdict(rest, &verdict))
		return PARSED_NOTHING;
	if (verdict.kind == VERDICT_DISCARD)
		return tell_delivery(event, DELIVERY_DISCARDED, verdict.reject);
	sendmail_reply(verdict.reject, event);
	if (event->reason == REASON_OTHER || event->reason == REASON_ACCESS)
		event->reason = REASON_POLICY;
	event->flags |= EVENT_REJECTED;
	return sendmail_refuse(event, event->reason, event->stage);
}

/* "milter=NAME, quarantine=…"; the other verdicts are told by "Milter: …" too,
   which is logged at a lower MilterLogLevel (milter.c, srvrsmtp.c). */
enum parsed sendmail_milter_action(struct sendmail *line)
{
	struct view rest = line->rest, name;

	if (!sendmail_split(&rest, VIEW(", "), &name) || !view_eat(&rest, VIEW("quarantine=")))
		return PARSED_NOTHING;
	return tell_delivery(line->event, DELIVERY_HELD, rest);
}

/* "<address>... why": err.c puts the recipient in front of a message of its own. */
enum parsed sendmail_user_error(struct sendmail *line)
{
	struct event *event = line->event;
	size_t end = sendmail_unquoted(line->message, '.', ' ');
	struct view why;

	if (end == VIEW_NONE || end < 3 || memcmp(line->message.ptr + end - 2, "...", 3) != 0)
		return PARSED_UNKNOWN;
	sendmail_tell_recipient(event, view_to(line->message, end - 2));
	event->stage = STAGE_RCPT;
	why = view_from(line->message, end + 2);
	sendmail_reply(why, event);
	if (!event->code)
		event->code = event->reason == REASON_UNKNOWN_RECIPIENT ? 550 : 553;
	event->flags |= EVENT_REJECTED;
	if (event->reason == REASON_UNKNOWN_RECIPIENT)
		event->flags |= EVENT_LOCAL;
	return sendmail_refuse(event, event->reason, STAGE_RCPT);
}
