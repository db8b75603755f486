/*
 * Lines about a connection rather than what was asked for in it: its begin and
 * end (daemon.c, smtp_in.c: smtp_get_connection_info()), what was wrong with the
 * client's SMTP, its TLS, its name.
 *
 * The daemon logs "SMTP connection from … (TCP/IP connection count = n)" and
 * "Connection from … refused", a child of its own the rest; the port, where it is
 * logged, ties them together.
 */
#include "format/classify.h"
#include "format/exim.h"

static void set_text(struct event *event, struct view text)
{
	event->text.ptr = text.ptr;
	event->text.len = (uint32_t)text.len;
}

static enum parsed tell(struct event *event, enum event_kind kind)
{
	event->kind = (uint8_t)kind;
	exim_set_session(event);
	return event->key == KEY_NONE ? PARSED_NOTHING : PARSED_EVENT;
}

/* A refusal that the line's own shape explains. */
static enum parsed refuse(struct event *event, enum stage stage, enum reason reason, uint16_t code,
			  struct view text)
{
	event->kind = EVENT_REFUSAL;
	event->stage = (uint8_t)stage;
	event->reason = (uint8_t)reason;
	event->code = code;
	set_text(event, text);
	exim_set_session(event);
	return PARSED_EVENT;
}

/* The end of a connection that the server broke off. */
static enum parsed drop(struct event *event, enum stage stage, enum reason reason, uint16_t code,
			struct view text)
{
	event->flags |= EVENT_ENDS_SESSION;
	return refuse(event, stage, reason, code, text);
}

/* Reads " D=time" wherever it may stand between here and the end's words. */
static void eat_duration(struct view *rest, struct event *event)
{
	size_t end;

	if (!view_eat(rest, VIEW(" D=")))
		return;
	end = view_find_byte(*rest, ' ');
	end = end == VIEW_NONE ? rest->len : end;
	event->delay_s = exim_seconds(view_to(*rest, end));
	*rest = view_from(*rest, end);
}

/* Cuts " TFO" or " TFO*" off: the client used TCP fast open. */
static void eat_fast_open(struct view *rest)
{
	if (view_eat(rest, VIEW(" TFO")))
		view_eat(rest, VIEW("*"));
}

/* "SMTP connection from host" and what happened to it. */
static enum parsed parse_smtp_connection(struct exim_line *line)
{
	struct event *event = line->event;
	struct view *rest = &line->rest;

	if (!exim_eat_host(rest, event))
		/* Of a local user ("SMTP connection from root closed by QUIT"). */
		return view_find_byte(*rest, '[') == VIEW_NONE ? PARSED_NOTHING : PARSED_UNKNOWN;
	eat_fast_open(rest);
	eat_duration(rest, event);
	if (rest->len == 0 || view_starts(*rest, VIEW(" (TCP/IP connection count")) ||
	    view_starts(*rest, VIEW(" (via inetd)")) ||
	    view_starts(*rest, VIEW(" (ODMR customer)")))
		return tell(event, EVENT_CONNECT);
	if (view_eat(rest, VIEW(" lost"))) {
		if (view_starts(*rest, VIEW(" (error: ")))
			*rest = view_from(*rest, view_find_last_byte(*rest, ')') + 1);
		eat_duration(rest, event);
		return tell(event, EVENT_LOST);
	}
	if (view_starts(*rest, VIEW(" closed ")))
		return tell(event, EVENT_DISCONNECT);
	if (view_starts(*rest, VIEW(" ident")) || view_starts(*rest, VIEW(" TLS")))
		return tell(event, EVENT_ACTIVITY);
	return PARSED_UNKNOWN;
}

/* The commands in "C=EHLO,MAIL,QUIT", the last item of a line; "..." stands for
   those before the last twenty. */
static uint16_t count_commands(struct view rest)
{
	size_t at = view_find_last(rest, VIEW(" C="));
	uint16_t count = 1;

	if (at == VIEW_NONE)
		return 0;
	for (at += 3; at < rest.len && count < UINT16_MAX; at++)
		count = (uint16_t)(count + (rest.ptr[at] == ','));
	return count;
}

/* "no MAIL in SMTP connection from host D=time X=… C=…": after the session's end,
   which has a line of its own only with +smtp_connection. With a port it is known
   whether that session is still open; without, the line may be all there is. */
static enum parsed parse_no_mail(struct exim_line *line)
{
	struct event *event = line->event;
	struct view rest = line->rest;
	size_t from = view_find(view_to(rest, 40), VIEW("SMTP connection from "));

	if (from == VIEW_NONE)
		return PARSED_UNKNOWN;
	rest = view_from(rest, from + 21);
	if (!exim_eat_host(&rest, event))
		return view_find_byte(rest, '[') == VIEW_NONE ? PARSED_NOTHING : PARSED_UNKNOWN;
	eat_duration(&rest, event);
	event->commands.accepted = count_commands(rest);
	if (event->port)
		event->flags |= EVENT_KEEPALIVE_ONLY;
	return tell(event, EVENT_DISCONNECT);
}

/* "SMTP call from host dropped: too many … (last was "…")". */
static enum parsed parse_smtp_call(struct exim_line *line)
{
	struct event *event = line->event;
	struct view text;
	size_t quote;
	uint16_t code = 500;

	if (!exim_eat_host(&line->rest, event))
		return view_find_byte(line->rest, '[') == VIEW_NONE ? PARSED_NOTHING
								    : PARSED_UNKNOWN;
	if (!view_eat(&line->rest, VIEW(" dropped: ")))
		return PARSED_UNKNOWN;
	text = line->rest;
	if (view_starts(text, VIEW("too many nonmail")))
		code = 554;
	else if (view_starts(text, VIEW("too many syntax")))
		code = 501;
	quote = view_find(text, VIEW(" (last "));
	event->flags |= EVENT_REJECTED | EVENT_MAY_BE_COPY;
	return drop(event, STAGE_COMMAND, REASON_TOO_MANY_ERRORS, code, view_to(text, quote));
}

#define HOSTS_MAX 16 /* places that read like a host in one line; more are a game */

/* How sure it is that a quoted command ends before REST. */
enum sureness { SURE_NOT, SURE_MAYBE, SURE_IT_IS };

/* What ONE and OTHER agree on, where either may be meant: the client, or nothing. */
static void keep_common(struct event *one, const struct event *other, const struct event *before)
{
	struct word none = {0};

	if (!ip_equal(&one->client, &other->client) || one->port != other->port) {
		*one = *before;
		return;
	}
	one->name = none;
	one->helo = none;
}

/*
 * What stands behind a quoted command: H= and a host. Exim does not escape quotes in
 * it, so a client may send one that reads as if it ended and a host followed. ENDS
 * tells by what follows the host; if several may be meant, the client cannot be told.
 */
static bool eat_quoted_command(struct view *rest, struct event *event,
			       enum sureness (*ends)(struct view command, struct view rest))
{
	const struct event before = *event;
	struct view at = *rest, after = {0};
	size_t quote, hosts = 0;
	bool any = false;

	while (hosts < HOSTS_MAX && (quote = view_find(at, VIEW("\" H="))) != VIEW_NONE) {
		struct view host = view_from(at, quote + 4);
		struct view command = view_to(*rest, (size_t)(at.ptr - rest->ptr) + quote);
		struct event other = before;
		enum sureness sureness;

		at = view_from(at, quote + 1);
		if (!exim_eat_host(&host, &other))
			continue;
		if (++hosts == HOSTS_MAX) {
			*event = before;
			break;
		}
		sureness = ends(command, host);
		if (sureness == SURE_NOT)
			continue;
		if (any && sureness != SURE_IT_IS)
			keep_common(event, &other, &before);
		else
			*event = other;
		after = host;
		any = true;
		if (sureness == SURE_IT_IS)
			break;
	}
	if (any)
		*rest = after;
	return any;
}

/*
 * An error's line ends with one of Exim's own sentences. Only "malformed address:
 * … may not follow …" (parse.c) quotes the client again, both times from the command.
 */
static enum sureness ends_in_error(struct view command, struct view rest)
{
	size_t end;

	if (view_find(rest, VIEW("\" H=")) == VIEW_NONE)
		return SURE_MAYBE;
	if (!view_eat(&rest, VIEW(" malformed address: ")))
		return SURE_NOT;
	end = view_find_last(rest, VIEW(" may not follow "));
	if (end == VIEW_NONE || view_find(command, view_to(rest, end)) == VIEW_NONE ||
	    view_find(command, view_from(rest, end + 16)) == VIEW_NONE)
		return SURE_NOT;
	return SURE_IT_IS;
}

static enum sureness ends_in_next_input(struct view command, struct view rest)
{
	(void)command;
	return view_starts(rest, VIEW(" next input=\"")) ? SURE_MAYBE : SURE_NOT;
}

static uint16_t command_code(struct view text)
{
	static const struct {
		struct view text;
		uint16_t code;
	} codes[] = {
		{VIEW("unrecognized command"), 500}, {VIEW("sender not yet given"), 503},
		{VIEW("sender already given"), 503}, {VIEW("valid RCPT command must"), 503},
		{VIEW("AUTH command used"), 503},    {VIEW("STARTTLS command used"), 503},
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (view_starts(text, codes[i].text))
			return codes[i].code;
	return view_ends(text, VIEW("mechanism not supported")) ? 504 : 501;
}

/* 'SMTP syntax error in "command" H=host what', "SMTP protocol error in …". */
static enum parsed parse_command_error(struct exim_line *line)
{
	struct event *event = line->event;
	struct view command = line->rest, *rest = &line->rest;
	enum stage stage;
	size_t end = 0;

	if (!eat_quoted_command(rest, event, ends_in_error))
		/* Of a local user, "U=", or cut off. */
		return view_find(*rest, VIEW("\" U=")) != VIEW_NONE ? PARSED_NOTHING
								    : PARSED_UNKNOWN;
	while (end < command.len && ((command.ptr[end] | 0x20) >= 'a') &&
	       ((command.ptr[end] | 0x20) <= 'z'))
		end++;
	stage = classify_command(view_to(command, end));
	view_eat(rest, VIEW(" "));
	/* "malformed address: …" quotes what the client wrote. */
	if (view_starts(*rest, VIEW("malformed address:")))
		rest->len = 17;
	return refuse(event, stage, REASON_PROTOCOL, command_code(*rest), *rest);
}

/* "SMTP protocol synchronization error (what): rejected connection from H=host
   input="…"" and "… rejected "command" H=host next input="…"". */
static enum parsed parse_synchronization(struct exim_line *line)
{
	struct event *event = line->event;
	struct view *rest = &line->rest, text = *rest;
	size_t close = view_find(*rest, VIEW("): rejected "));

	if (close == VIEW_NONE)
		return PARSED_UNKNOWN;
	text = view_to(text, close);
	*rest = view_from(*rest, close + 12);
	event->flags |= EVENT_REJECTED | EVENT_MAY_BE_COPY;
	if (view_eat(rest, VIEW("connection from "))) {
		view_eat(rest, VIEW("H="));
		if (!exim_eat_host(rest, event))
			return PARSED_UNKNOWN;
		return drop(event, STAGE_CONNECT, REASON_PREGREET, 554, text);
	}
	if (!view_eat(rest, VIEW("\"")) || !eat_quoted_command(rest, event, ends_in_next_input))
		return PARSED_UNKNOWN;
	return drop(event, STAGE_COMMAND, REASON_PROTOCOL, 554, text);
}

/* "SMTP command timeout on connection from host", "SMTP data timeout (message
   abandoned) on connection from host F=<sender>". */
static enum parsed parse_timeout(struct exim_line *line, enum stage stage, struct view words)
{
	struct event *event = line->event;
	struct view text = view_to(line->rest, words.len), sender;
	size_t from = view_find(view_to(line->rest, 80), VIEW(" connection from "));

	if (from == VIEW_NONE)
		return PARSED_UNKNOWN;
	line->rest = view_from(line->rest, from + 17);
	if (!exim_eat_host(&line->rest, event))
		return PARSED_NOTHING;
	if (view_eat(&line->rest, VIEW(" F=")) && exim_eat_bracketed(&line->rest, &sender)) {
		word_set(&event->sender, sender);
		event->flags |= EVENT_HAS_SENDER;
	}
	return drop(event, stage, REASON_TIMEOUT, 421, text);
}

/* "Connection from host refused: too many connections", "… load average = 9.99". */
static enum parsed parse_refused(struct exim_line *line)
{
	struct event *event = line->event;
	struct view text;
	enum reason reason = REASON_RATE;

	if (!exim_eat_host(&line->rest, event))
		return PARSED_UNKNOWN;
	if (!view_eat(&line->rest, VIEW(" refused")))
		return PARSED_UNKNOWN;
	view_eat(&line->rest, VIEW(":"));
	text = view_trim(line->rest);
	if (view_starts(text, VIEW("load average")))
		reason = REASON_RESOURCE;
	else if (!view_starts(text, VIEW("too many")))
		reason = REASON_ACCESS;
	event->flags |= EVENT_REJECTED;
	drop(event, STAGE_CONNECT, reason, 421, text);
	if (event->key == KEY_PROCESS)
		event->key = KEY_CLIENT; /* the process is the daemon */
	return PARSED_EVENT;
}

/* "refused connection from host (host_reject_connection)", "temporarily refused
   connection from host: not in reserve list: …". */
static enum parsed parse_refused_connection(struct exim_line *line, bool temporary)
{
	struct event *event = line->event;
	struct view text;
	enum reason reason = temporary ? REASON_RATE : REASON_ACCESS;

	view_eat(&line->rest, VIEW("H="));
	if (!exim_eat_host(&line->rest, event))
		return PARSED_UNKNOWN;
	text = line->rest;
	view_eat(&text, VIEW(":"));
	text = view_trim(text);
	if (view_find(text, VIEW("load average")) != VIEW_NONE)
		reason = REASON_RESOURCE;
	event->flags |= EVENT_REJECTED;
	return drop(event, STAGE_CONNECT, reason, temporary ? 421 : 554, text);
}

/* "unexpected disconnection while reading SMTP command from host (error: …) D=time". */
static enum parsed parse_unexpected(struct exim_line *line)
{
	struct event *event = line->event;
	struct view *rest = &line->rest;

	if (view_starts(*rest, VIEW("TFO")))
		*rest = view_from(*rest, view_find_byte(*rest, ' ') + 1);
	if (!exim_eat_host(rest, event))
		return PARSED_NOTHING;
	if (view_starts(*rest, VIEW(" (error: "))) {
		size_t close = view_find(*rest, VIEW(") D="));

		*rest = view_from(*rest, close == VIEW_NONE ? rest->len : close + 1);
	}
	eat_duration(rest, event);
	return tell(event, EVENT_LOST);
}

/* "TLS error on connection from host (function): what". The handshake's functions
   tell that it failed; others (recv, send) what came after it. */
static enum parsed parse_tls_error(struct exim_line *line)
{
	static const struct view handshake[] = {VIEW("(gnutls_handshake)"), VIEW("(SSL_accept"),
						VIEW("(certificate verif")};
	struct event *event = line->event;
	struct view text;

	view_eat(&line->rest, VIEW("H="));
	if (!exim_eat_host(&line->rest, event))
		return PARSED_NOTHING;
	text = view_trim(line->rest);
	for (size_t i = 0; i < sizeof(handshake) / sizeof(handshake[0]); i++)
		if (view_starts(text, handshake[i]))
			return refuse(event, STAGE_STARTTLS, REASON_TLS, 0, text);
	set_text(event, text);
	return tell(event, EVENT_ACTIVITY);
}

/*
 * What a look-up of the client's name said. Its port is not logged: with +pid it is
 * likely that other lines of the connection have it, so this one starts no session.
 */
static enum parsed tell_looked_up(struct exim_line *line)
{
	struct event *event = line->event;

	event->flags |= EVENT_NAME_UNSURE | (line->pid_selected ? EVENT_KEEPALIVE_ONLY : 0);
	return tell(event, EVENT_ACTIVITY);
}

/* "no host name found for IP address 192.0.2.1". */
static enum parsed parse_no_name(struct exim_line *line)
{
	if (!ip_parse(line->rest, &line->event->client))
		return PARSED_UNKNOWN;
	line->event->flags |= EVENT_HAS_CLIENT;
	return tell_looked_up(line);
}

/* "192.0.2.1 does not match any IP address for name". */
static enum parsed parse_mismatch(struct exim_line *line)
{
	struct view rest = line->rest;
	size_t blank = view_find_byte(view_to(rest, IP_TEXT_MAX + 1), ' ');

	if (blank == VIEW_NONE || !ip_parse(view_to(rest, blank), &line->event->client))
		return PARSED_OTHER;
	rest = view_from(rest, blank);
	if (!view_eat(&rest, VIEW(" does not match any IP address for ")))
		return PARSED_UNKNOWN;
	word_set(&line->event->name, rest);
	line->event->flags |= EVENT_HAS_CLIENT;
	return tell_looked_up(line);
}

/* "no IP address found for host name (during SMTP connection from host)". */
static enum parsed parse_no_address(struct exim_line *line)
{
	size_t during = view_find(line->rest, VIEW(" (during SMTP connection from "));
	struct view host;

	if (during == VIEW_NONE)
		return PARSED_NOTHING; /* of a server to deliver to */
	host = view_from(line->rest, during + 30);
	if (view_ends(host, VIEW(")")))
		host.len--;
	if (!exim_eat_host(&host, line->event))
		return PARSED_NOTHING;
	line->event->flags |= EVENT_NAME_UNSURE;
	return tell(line->event, EVENT_ACTIVITY);
}

/* "VRFY failed for address H=host". */
static enum parsed parse_vrfy(struct exim_line *line)
{
	size_t host = view_find_last(line->rest, VIEW(" H="));

	if (host == VIEW_NONE)
		return PARSED_NOTHING;
	line->rest = view_from(line->rest, host + 3);
	if (!exim_eat_host(&line->rest, line->event))
		return PARSED_UNKNOWN;
	return refuse(line->event, STAGE_COMMAND, REASON_UNKNOWN_RECIPIENT, 550,
		      view_to(line->rest, 0));
}

/* "SMTP connection lost after final dot H=host P=…", "unexpected …": no more follows. */
static enum parsed parse_lost_at_end(struct exim_line *line)
{
	view_eat(&line->rest, VIEW(" H="));
	if (!exim_eat_host(&line->rest, line->event))
		return PARSED_NOTHING;
	return tell(line->event, EVENT_LOST);
}

/* Cuts "connection Ci=number from " off (+connection_id). */
static bool eat_numbered_connection(struct view *rest)
{
	size_t from = view_find(view_to(*rest, 40), VIEW(" from "));

	if (from == VIEW_NONE || !view_starts(*rest, VIEW("connection Ci=")))
		return false;
	*rest = view_from(*rest, from + 6);
	return true;
}

/* "Error or EOF on input from H=host": the client went while it was looked whether it
   sends before its turn. */
static enum parsed parse_input_error(struct exim_line *line)
{
	view_eat(&line->rest, VIEW("H="));
	return exim_eat_host(&line->rest, line->event) ? tell(line->event, EVENT_LOST)
						       : PARSED_NOTHING;
}

static enum parsed parse_smtp(struct exim_line *line)
{
	struct view *rest = &line->rest;

	if (view_eat(rest, VIEW("connection from ")) || eat_numbered_connection(rest))
		return parse_smtp_connection(line);
	if (view_eat(rest, VIEW("connection lost after final dot")))
		return parse_lost_at_end(line);
	if (view_starts(*rest, VIEW("connection ident")) ||
	    view_starts(*rest, VIEW("connection outbound ")))
		return PARSED_NOTHING; /* cPanel's */
	if (view_eat(rest, VIEW("call from ")))
		return parse_smtp_call(line);
	if (view_eat(rest, VIEW("syntax error in \"")) ||
	    view_eat(rest, VIEW("protocol error in \"")))
		return parse_command_error(line);
	if (view_eat(rest, VIEW("protocol synchronization error (")) ||
	    view_eat(rest, VIEW("protocol violation: synchronization error (")))
		return parse_synchronization(line);
	if (view_starts(*rest, VIEW("command timeout")))
		return parse_timeout(line, STAGE_COMMAND, VIEW("command timeout"));
	if (view_starts(*rest, VIEW("data timeout")))
		return parse_timeout(line, STAGE_BODY, VIEW("data timeout"));
	return PARSED_UNKNOWN;
}

static enum parsed parse_n(struct exim_line *line)
{
	if (view_eat(&line->rest, VIEW("no host name found for IP address ")))
		return parse_no_name(line);
	if (view_eat(&line->rest, VIEW("no MAIL in ")))
		return parse_no_mail(line);
	if (view_eat(&line->rest, VIEW("no IP address found for host ")))
		return parse_no_address(line);
	return PARSED_OTHER;
}

enum parsed exim_parse_connection(struct exim_line *line)
{
	struct view *rest = &line->rest;

	if (rest->len < 4)
		return PARSED_OTHER;
	switch (rest->ptr[0]) {
	case 'S':
		return view_eat(rest, VIEW("SMTP ")) ? parse_smtp(line) : PARSED_OTHER;
	case 'n':
		return parse_n(line);
	case 'C':
	case 'c':
		if (view_eat(rest, VIEW("Connection from ")) ||
		    view_eat(rest, VIEW("connection from ")))
			return parse_refused(line);
		return PARSED_OTHER;
	case 'T':
		if (view_eat(rest, VIEW("TLS error on connection from ")))
			return parse_tls_error(line);
		if (view_eat(rest, VIEW("TLS error on ")) && eat_numbered_connection(rest))
			return parse_tls_error(line);
		return PARSED_OTHER;
	case 'E':
		if (view_eat(rest, VIEW("Error or EOF on input from ")))
			return parse_input_error(line);
		return PARSED_OTHER;
	case 'u':
		if (view_eat(rest,
			     VIEW("unexpected disconnection while reading SMTP command from ")))
			return parse_unexpected(line);
		return PARSED_OTHER;
	case 'r':
		if (view_eat(rest, VIEW("refused connection from ")))
			return parse_refused_connection(line, false);
		if (view_eat(rest, VIEW("refused relay ")))
			return exim_parse_refused_relay(line);
		return PARSED_OTHER;
	case 't':
		if (view_eat(rest, VIEW("temporarily refused connection from ")))
			return parse_refused_connection(line, true);
		return PARSED_OTHER;
	case 'V':
		return view_eat(rest, VIEW("VRFY failed for ")) ? parse_vrfy(line) : PARSED_OTHER;
	default:
		return parse_mismatch(line);
	}
}
