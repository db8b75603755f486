/*
 * What else a line may begin with: connections, AUTH, STARTTLS, debugging at
 * high LogLevels, and what the daemon says about itself.
 *
 * A table of beginnings in byte order, none of which begins another, is searched
 * in halves. Where it gives no reader, the line is known and says nothing that
 * counts (conf.c, daemon.c, deliver.c, main.c, milter.c, queue.c, tls.c …). Lines that begin
 * with the client ("name [address] did not issue …") are told by what follows.
 *
 * The client's text stands behind the client (command=…) or is shut in between
 * fixed words (AUTH's user name, HELO's argument); each reader says which end
 * it trusts.
 */
#include "format/classify.h"
#include "format/sendmail.h"

/* A user's name is taken as it is: it may begin with "<". */
static void tell_user(struct event *event, struct view user)
{
	word_set(&event->sender, user);
	event->flags |= EVENT_HAS_SENDER;
}

/* Cuts off what stands behind the last MARK. */
static bool split_last(struct view *text, struct view mark, struct view *ret_after)
{
	size_t at = view_find_last(*text, mark);

	if (at == VIEW_NONE)
		return false;
	*ret_after = view_from(*text, at + mark.len);
	text->len = at;
	return true;
}

/* A refusal of the whole connection, after which it is closed. */
static enum parsed refuse_and_close(struct event *event, enum reason reason, enum stage stage,
				    uint16_t code)
{
	event->code = code;
	event->flags |= EVENT_ENDS_SESSION;
	return sendmail_refuse(event, reason, stage);
}

/* "NOQUEUE: connect from R", LogLevel 13 (daemon.c). */
static enum parsed read_connect(struct sendmail *line)
{
	sendmail_relay(line->rest, line->event);
	return sendmail_tell(line->event, EVENT_CONNECT);
}

/* 8.11 and before: a client that sent no MAIL. */
static enum parsed read_null_connection(struct sendmail *line)
{
	sendmail_relay(line->rest, line->event);
	return sendmail_tell(line->event, EVENT_DISCONNECT);
}

/* "lost input channel from R to DAEMON after COMMAND" (srvrsmtp.c). */
static enum parsed read_lost(struct sendmail *line)
{
	struct view relay;

	if (!sendmail_split(&line->rest, VIEW(" to "), &relay))
		return PARSED_UNKNOWN;
	sendmail_relay(relay, line->event);
	return sendmail_tell(line->event, EVENT_LOST);
}

/* "timeout waiting for input from R during WHAT" (util.c, sfgets). The server hangs
   up without a word, so nothing was refused; other reads are those of a client. */
static enum parsed read_timeout(struct sendmail *line)
{
	struct view what;

	if (!split_last(&line->rest, VIEW(" during "), &what) ||
	    !view_eat(&line->rest, VIEW("from ")))
		return PARSED_NOTHING;
	if (!view_is(what, VIEW("server cmd read")) && !view_is(what, VIEW("message collect")))
		return PARSED_NOTHING;
	sendmail_relay(line->rest, line->event);
	line->event->reason = REASON_TIMEOUT;
	return sendmail_tell(line->event, EVENT_LOST);
}

/* "rejecting commands from R due to pre-greeting traffic after N seconds" and
   "rejecting server HELO from R due to traffic before response"; other things
   that are rejected are the daemon's. */
static enum parsed read_rejecting(struct sendmail *line)
{
	bool greeting = view_starts(line->rest, VIEW("commands from "));
	struct view what, relay;

	if (!sendmail_split(&line->rest, VIEW(" from "), &what) ||
	    !sendmail_split(&line->rest, VIEW(" due to "), &relay))
		return PARSED_NOTHING;
	sendmail_relay(view_trim(relay), line->event);
	sendmail_tell_text(line->event, line->rest);
	line->event->code = 554;
	return sendmail_refuse(line->event, REASON_PREGREET, greeting ? STAGE_CONNECT : STAGE_HELO);
}

/* "invalid domain name (HELO) from R". */
static enum parsed read_invalid_domain(struct sendmail *line)
{
	struct event *event = line->event;
	struct view relay;

	if (!split_last(&line->rest, VIEW(") from "), &relay))
		return PARSED_UNKNOWN;
	sendmail_relay(relay, event);
	if (!view_is(line->rest, VIEW("too long")))
		word_set(&event->helo, line->rest);
	sendmail_tell_text(event, view_to(line->message, VIEW("invalid domain name").len));
	event->code = 501;
	return sendmail_refuse(event, REASON_HELO, STAGE_HELO);
}

/* "\"wiz\" command from R (address)". */
static enum parsed read_bogus_command(struct sendmail *line)
{
	struct view address;

	split_last(&line->rest, VIEW(" ("), &address);
	sendmail_relay(line->rest, line->event);
	line->event->code = 500;
	return sendmail_refuse(line->event, REASON_PROTOCOL, STAGE_COMMAND);
}

/* "AUTH failure (MECHANISM): why[, user=NAME], relay=R": the name is the client's,
   the last ", relay=" is not. */
static enum parsed read_auth_failure(struct sendmail *line)
{
	struct event *event = line->event;
	struct view rest = line->rest, relay, mechanism, why;

	if (!line->cut && split_last(&rest, VIEW(", relay="), &relay))
		sendmail_relay(relay, event);
	sendmail_split(&rest, VIEW("): "), &mechanism);
	if (sendmail_split(&rest, VIEW(", user="), &why))
		tell_user(event, rest);
	else
		why = rest;
	sendmail_tell_text(event, why);
	event->code = 535;
	event->stage = STAGE_AUTH;
	event->reason = REASON_AUTH_FAILED;
	return sendmail_tell(event, EVENT_AUTH_FAILED);
}

/* "AUTH decode64 error [N for "…"], relay=R". */
static enum parsed read_auth_garbled(struct sendmail *line)
{
	struct view relay;

	if (!line->cut && split_last(&line->rest, VIEW(", relay="), &relay))
		sendmail_relay(relay, line->event);
	line->event->code = 501;
	return sendmail_refuse(line->event, REASON_PROTOCOL, STAGE_AUTH);
}

/* "AUTH=server, relay=R, authid=NAME, mech=MECHANISM, bits=N". */
static enum parsed read_auth_ok(struct sendmail *line)
{
	struct event *event = line->event;
	struct view relay, mechanism;

	if (!sendmail_split(&line->rest, VIEW(", authid="), &relay))
		return PARSED_UNKNOWN;
	sendmail_relay(relay, event);
	split_last(&line->rest, VIEW(", mech="), &mechanism);
	tell_user(event, line->rest);
	event->stage = STAGE_AUTH;
	event->flags |= EVENT_OUTBOUND;
	return sendmail_tell(event, EVENT_AUTH_OK);
}

/* "STARTTLS=server, relay=R, version=…" or "STARTTLS=server, error: accept failed=-1,
   reason=…, …, relay=R" (tls.c). */
static enum parsed read_starttls(struct sendmail *line)
{
	struct event *event = line->event;
	struct view rest = line->rest, relay, reason;

	if (view_eat(&rest, VIEW("relay="))) {
		if (!sendmail_split(&rest, VIEW(", "), &relay))
			return PARSED_NOTHING;
		sendmail_relay(relay, event);
		return sendmail_tell(event, EVENT_ACTIVITY);
	}
	if (!view_starts(rest, VIEW("error: accept failed")) ||
	    !split_last(&rest, VIEW(", relay="), &relay))
		return PARSED_NOTHING;
	sendmail_relay(relay, event);
	if (sendmail_split(&rest, VIEW(", reason="), &reason) &&
	    sendmail_split(&rest, VIEW(", "), &reason))
		sendmail_tell_text(event, reason);
	return sendmail_refuse(event, REASON_TLS, STAGE_STARTTLS);
}

static enum parsed read_tls_features(struct sendmail *line)
{
	struct view relay;

	if (!split_last(&line->rest, VIEW(", relay="), &relay))
		return PARSED_NOTHING;
	sendmail_relay(relay, line->event);
	return sendmail_tell(line->event, EVENT_ACTIVITY);
}

/* What ended a message half-way (collect.c). Up to 8.13: "WHY on connection from
   R, from=<…>"; since: "premature EOM: WHY" and "relay=NAME, from=<…>, info=WHY". */
static enum parsed read_collect(struct sendmail *line)
{
	struct event *event = line->event;
	struct view rest = line->rest, why, relay;
	bool timeout = view_ends(rest, VIEW(", info=read timeout"));

	if (view_starts(rest, VIEW("Cannot write ")))
		return refuse_and_close(event, REASON_RESOURCE, STAGE_BODY, 421);
	if (sendmail_split(&rest, VIEW(" on connection from "), &why)) {
		if (!sendmail_split(&rest, VIEW(", "), &relay))
			relay = rest;
		sendmail_relay(relay, event);
		timeout = view_is(why, VIEW("read timeout"));
	} else if (!view_starts(rest, VIEW("premature EOM")) &&
		   !view_starts(rest, VIEW("relay="))) {
		return PARSED_NOTHING;
	}
	if (timeout)
		return refuse_and_close(event, REASON_TIMEOUT, STAGE_BODY, 421);
	return sendmail_tell(event, EVENT_LOST);
}

/* "SYSERR(user): …"; the command's user, not the client. */
static enum parsed read_system_error(struct sendmail *line)
{
	struct view user;

	if (!sendmail_split(&line->rest, VIEW("): "), &user) ||
	    !view_eat(&line->rest, VIEW("collect: ")))
		return PARSED_NOTHING;
	return read_collect(line);
}

/* "SMTP MAIL command (ARGUMENT) from R tempfailed (due to previous checks)". */
static enum parsed read_tempfailed(struct sendmail *line)
{
	struct event *event = line->event;
	struct view rest = line->rest, relay, command;

	if (!view_ends(rest, VIEW(" tempfailed (due to previous checks)")))
		return PARSED_NOTHING;
	rest.len -= VIEW(" tempfailed (due to previous checks)").len;
	if (!sendmail_split(&rest, VIEW(" "), &command) ||
	    !split_last(&rest, VIEW(") from "), &relay))
		return PARSED_UNKNOWN;
	sendmail_relay(relay, event);
	event->code = 454;
	event->flags |= EVENT_REJECTED;
	return sendmail_refuse(event, REASON_OTHER, classify_command(command));
}

/* "tcpwrappers (name, address) rejection". */
static enum parsed read_tcpwrappers(struct sendmail *line)
{
	struct event *event = line->event;
	struct view name, address;

	if (!sendmail_split(&line->rest, VIEW(", "), &name) ||
	    !sendmail_split(&line->rest, VIEW(")"), &address))
		return PARSED_UNKNOWN;
	sendmail_relay(name, event);
	if (ip_parse(address, &event->client))
		event->flags |= EVENT_HAS_CLIENT;
	event->flags |= EVENT_REJECTED;
	event->code = 550;
	return sendmail_refuse(event, REASON_ACCESS, STAGE_CONNECT);
}

/* "setsender: sender: invalid or unparsable, received from R" (envelope.c); R is the
   user's name and the host for one of ours. */
static enum parsed read_set_sender(struct sendmail *line)
{
	struct view relay, why = view_to(line->rest, 0);

	if (line->cut || !split_last(&line->rest, VIEW(", received from "), &relay) ||
	    view_find_byte(relay, '[') == VIEW_NONE ||
	    !split_last(&line->rest, VIEW(": invalid or unparsable"), &why))
		return PARSED_NOTHING;
	sendmail_relay(relay, line->event);
	sendmail_tell_text(line->event, VIEW("invalid or unparsable sender"));
	line->event->code = 553;
	return sendmail_refuse(line->event, REASON_PROTOCOL, STAGE_MAIL);
}

/* "unauthorized PIPELINING, sleeping, relay=R" */
static enum parsed read_pipelining(struct sendmail *line)
{
	if (line->cut || !view_eat(&line->rest, VIEW("sleeping, relay=")))
		return PARSED_NOTHING;
	sendmail_relay(line->rest, line->event);
	line->event->reason = REASON_PROTOCOL;
	return sendmail_tell(line->event, EVENT_ACTIVITY);
}

static enum parsed refuse_message(struct sendmail *line, enum reason reason, enum stage stage,
				  uint16_t code)
{
	sendmail_tell_text(line->event, line->message);
	line->event->code = code;
	line->event->flags |= EVENT_REJECTED;
	return sendmail_refuse(line->event, reason, stage);
}

/* "message size (N) exceeds maximum (N)". */
static enum parsed read_too_large(struct sendmail *line)
{
	return refuse_message(line, REASON_SIZE, STAGE_BODY, 552);
}

/* "headers too large (N max) from R during message collect". */
static enum parsed read_headers_too_large(struct sendmail *line)
{
	struct view relay, size;

	if (sendmail_split(&line->rest, VIEW(") from "), &size) &&
	    sendmail_split(&line->rest, VIEW(" during "), &relay))
		sendmail_relay(relay, line->event);
	return refuse_message(line, REASON_SIZE, STAGE_HEADER, 552);
}

static enum parsed read_too_many_recipients(struct sendmail *line)
{
	return refuse_message(line, REASON_RATE, STAGE_RCPT, 452);
}

/* "Too many hops N (N max): from … via …, to …". */
static enum parsed read_too_many_hops(struct sendmail *line)
{
	return refuse_message(line, REASON_PROTOCOL, STAGE_BODY, 554);
}

/* "Syntax error in mailbox address "…" (why)". */
static enum parsed read_bad_address(struct sendmail *line)
{
	return refuse_message(line, REASON_PROTOCOL, STAGE_UNKNOWN, 501);
}

static bool is_too_many(struct view reply)
{
	return view_ends(reply, VIEW("Too many bad commands; closing connection")) ||
	       view_ends(reply, VIEW("Too many bad recipients; closing connection"));
}

/* "--- 421 4.7.0 …": replies, LogLevel 12; those that no other line tells. */
static enum parsed read_reply(struct sendmail *line)
{
	struct event *event = line->event;
	struct view rest = line->rest;
	bool too_many = view_starts(rest, VIEW("421 ")) && is_too_many(rest);

	if (!too_many && !view_starts(rest, VIEW("500 5.5.1 ")) &&
	    !view_starts(rest, VIEW("502 5.")) && !view_starts(rest, VIEW("503 5.")))
		return PARSED_NOTHING;
	event->stage = STAGE_COMMAND;
	sendmail_reply(rest, event);
	return sendmail_refuse(event, too_many ? REASON_TOO_MANY_ERRORS : REASON_PROTOCOL,
			       STAGE_COMMAND);
}

/* "<-- EHLO name": commands, LogLevel 12. */
static enum parsed read_command(struct sendmail *line)
{
	struct view verb = view_to(line->rest, 5);

	if (!view_is_nocase(verb, VIEW("EHLO ")) && !view_is_nocase(verb, VIEW("HELO ")))
		return PARSED_NOTHING;
	word_set(&line->event->helo, view_trim(view_from(line->rest, 5)));
	return sendmail_tell(line->event, EVENT_ACTIVITY);
}

/* "R: possible SMTP attack: command=AUTH, count=5": slowed down, not refused. Of
   AUTH it is the only trace of failures at LogLevel 9 before 8.16. */
static enum parsed read_attack(struct view rest, struct event *event)
{
	if (view_starts(rest, VIEW("AUTH,"))) {
		event->stage = STAGE_AUTH;
		event->reason = REASON_AUTH_FAILED;
		return sendmail_tell(event, EVENT_AUTH_FAILED);
	}
	event->flags |= EVENT_WARNING;
	return sendmail_refuse(event, REASON_TOO_MANY_ERRORS, STAGE_COMMAND);
}

static enum parsed read_flood(struct view rest, struct event *event)
{
	if (view_starts(rest, VIEW("shutting down")))
		return refuse_and_close(event, REASON_TOO_MANY_ERRORS, STAGE_RCPT, 421);
	event->flags |= EVENT_WARNING;
	return sendmail_refuse(event, REASON_TOO_MANY_ERRORS, STAGE_RCPT);
}

/* "R: VRFY address[ [rejected]]". */
static enum parsed read_inquiry(struct view rest, struct event *event)
{
	struct view verb = view_to(rest, 5);

	if (!view_is_nocase(verb, VIEW("VRFY ")) && !view_is_nocase(verb, VIEW("EXPN ")) &&
	    !view_is_nocase(verb, VIEW("ETRN ")))
		return PARSED_UNKNOWN;
	if (!view_ends(rest, VIEW(" [rejected]")))
		return sendmail_tell(event, EVENT_ACTIVITY);
	sendmail_tell_text(event, rest);
	event->flags |= EVENT_REJECTED;
	event->code = 502;
	return sendmail_refuse(event, REASON_POLICY, STAGE_COMMAND);
}

/* What is said of a client, behind "R: ". */
static enum parsed read_of_client(struct view rest, struct event *event)
{
	sendmail_tell_text(event, rest);
	if (view_eat(&rest, VIEW("probable open proxy: ")))
		return refuse_and_close(event, REASON_PROTOCOL, STAGE_COMMAND, 421);
	if (view_eat(&rest, VIEW("possible SMTP attack: command=")))
		return read_attack(rest, event);
	if (view_eat(&rest, VIEW("Possible SMTP RCPT flood, ")))
		return read_flood(rest, event);
	if (view_starts(rest, VIEW("SMTP violation, input too long")))
		return refuse_and_close(event, REASON_PROTOCOL, STAGE_COMMAND, 421);
	if (view_starts(rest, VIEW("SMTP ")))
		return PARSED_NOTHING; /* another server's protocol error */
	return read_inquiry(rest, event);
}

/* "R did not issue MAIL/EXPN/VRFY/ETRN during connection to DAEMON", the last word
   on a connection without mail. */
static enum parsed read_silent(struct view relay, struct event *event)
{
	sendmail_relay(relay, event);
	return sendmail_tell(event, EVENT_DISCONNECT);
}

#define SILENT VIEW(" did not issue MAIL/EXPN/VRFY/ETRN")

/* Cuts off "[name ][address][ (may be forged)]", as most lines about a client
   begin. */
static bool eat_client(struct view *text, struct view *ret_relay)
{
	size_t close = view_find_byte(*text, ']');
	struct view rest;

	if (close == VIEW_NONE)
		return false;
	rest = view_from(*text, close + 1);
	view_eat(&rest, VIEW(" (may be forged)"));
	*ret_relay = view_to(*text, (size_t)(rest.ptr - text->ptr));
	*text = rest;
	return true;
}

/* Lines that begin with a name: a client, an address, a file. */
static enum parsed read_named(struct sendmail *line)
{
	struct view rest = line->message, name;

	if (eat_client(&rest, &name) && view_starts(rest, SILENT))
		return read_silent(name, line->event);
	rest = line->message;
	if (sendmail_split(&rest, VIEW(": "), &name) && sendmail_is_relay(name)) {
		if (view_find(rest, VIEW(" aliases, longest ")) != VIEW_NONE)
			return PARSED_NOTHING;
		sendmail_relay(name, line->event);
		return read_of_client(rest, line->event);
	}
	rest = line->message;
	if (sendmail_split(&rest, SILENT, &name))
		return read_silent(name, line->event);
	if (view_ends(line->message, VIEW("(possible attack)")))
		return PARSED_NOTHING;
	return sendmail_user_error(line);
}

static const struct beginning {
	struct view words;
	sendmail_reader *read; /* NULL: says nothing that counts */
} beginnings[] = {
	{VIEW("\"debug\" command from "), read_bogus_command},
	{VIEW("\"showq\" command from "), read_bogus_command},
	{VIEW("\"wiz\" command from "), read_bogus_command},
	{VIEW("--- "), read_reply},
	{VIEW("8-bit character in mailbox address "), read_bad_address},
	{VIEW("<-- "), read_command},
	{VIEW("AUTH decode64 error"), read_auth_garbled},
	{VIEW("AUTH encode64 error"), NULL},
	{VIEW("AUTH error"), NULL},
	{VIEW("AUTH failure ("), read_auth_failure},
	{VIEW("AUTH warning"), NULL},
	{VIEW("AUTH: "), NULL},
	{VIEW("AUTH=client, "), NULL},
	{VIEW("AUTH=server, relay="), read_auth_ok},
	{VIEW("AUTH_"), NULL},
	{VIEW("Aborting queue run"), NULL},
	{VIEW("Alias file "), NULL},
	{VIEW("Attempt to forward"), NULL},
	{VIEW("Authentication-Results: "), NULL},
	{VIEW("Authentication-Warning: "), NULL},
	{VIEW("Can't "), NULL},
	{VIEW("Cannot "), NULL},
	{VIEW("Closing connection to "), NULL},
	{VIEW("Connection timed out"), NULL},
	{VIEW("DEBUG: "), NULL},
	{VIEW("DIGEST-MD5 "), NULL},
	{VIEW("Daemon "), NULL},
	{VIEW("Diffie-Hellman"), NULL},
	{VIEW("Dropped invalid comments"), NULL},
	{VIEW("ERROR: "), NULL},
	{VIEW("FIPS"), NULL},
	{VIEW("File descriptors missing"), NULL},
	{VIEW("Fixed MIME "), NULL},
	{VIEW("Header "), NULL},
	{VIEW("Losing "), NULL},
	{VIEW("MX list for "), NULL},
	{VIEW("Milter "), NULL},
	{VIEW("Milter: "), sendmail_milter},
	{VIEW("My unqualified host name "), NULL},
	{VIEW("Null connection from "), read_null_connection},
	{VIEW("POSSIBLE ATTACK from "), NULL},
	{VIEW("Quarantined "), NULL},
	{VIEW("Received-SPF: "), NULL},
	{VIEW("SECURITY ALERT"), NULL},
	{VIEW("SMTP "), read_tempfailed},
	{VIEW("SSL_CTX"), NULL},
	{VIEW("STARTTLS: "), NULL},
	{VIEW("STARTTLS=client, "), NULL},
	{VIEW("STARTTLS=client: "), NULL},
	{VIEW("STARTTLS=init, "), NULL},
	{VIEW("STARTTLS=read"), NULL},
	{VIEW("STARTTLS=server, "), read_starttls},
	{VIEW("STARTTLS=server: "), NULL},
	{VIEW("STARTTLS=write"), NULL},
	{VIEW("SYSERR("), read_system_error},
	{VIEW("SYSERR: "), NULL},
	{VIEW("Saved message in "), NULL},
	{VIEW("Sending \""), NULL},
	{VIEW("Skipping queue run"), NULL},
	{VIEW("Syntax error in mailbox address "), read_bad_address},
	{VIEW("TLSA="), NULL},
	{VIEW("Timeout.to_aconnect"), NULL},
	{VIEW("Too many hops "), read_too_many_hops},
	{VIEW("Too many recipients"), read_too_many_recipients},
	{VIEW("Truncated MIME "), NULL},
	{VIEW("Truncated long MIME "), NULL},
	{VIEW("WARNING: "), NULL},
	{VIEW("Warning: "), NULL},
	{VIEW("accepting connections again"), NULL},
	{VIEW("accepting new messages"), NULL},
	{VIEW("alias "), NULL},
	{VIEW("aliases: "), NULL},
	{VIEW("aliasing/forwarding loop"), NULL},
	{VIEW("assigned id "), NULL},
	{VIEW("auth="), NULL},
	{VIEW("bogus "), NULL},
	{VIEW("btree map "), NULL},
	{VIEW("can not "), NULL},
	{VIEW("can't "), NULL},
	{VIEW("cannot "), NULL},
	{VIEW("changed"), NULL},
	{VIEW("client "), NULL},
	{VIEW("clone "), NULL},
	{VIEW("clone: "), NULL},
	{VIEW("clt_features="), NULL},
	{VIEW("collect: "), read_collect},
	{VIEW("connect from "), read_connect},
	{VIEW("connection rate control"), NULL},
	{VIEW("control: "), NULL},
	{VIEW("could not "), NULL},
	{VIEW("daemon "), NULL},
	{VIEW("dangerous "), NULL},
	{VIEW("dbm map "), NULL},
	{VIEW("dbopen("), NULL},
	{VIEW("deferring connections on daemon "), NULL},
	{VIEW("delaying"), NULL},
	{VIEW("deliver: "), NULL},
	{VIEW("discarded"), sendmail_finished},
	{VIEW("disconnect level "), NULL},
	{VIEW("dns "), NULL},
	{VIEW("done; delay="), sendmail_finished},
	{VIEW("dowork"), NULL},
	{VIEW("drop"), NULL},
	{VIEW("engine="), NULL},
	{VIEW("error connecting to filter"), NULL},
	{VIEW("error: "), NULL},
	{VIEW("expand "), NULL},
	{VIEW("fcntl("), NULL},
	{VIEW("filesys"), NULL},
	{VIEW("finis"), NULL},
	{VIEW("fixed MIME "), NULL},
	{VIEW("forward "), NULL},
	{VIEW("forward: "), NULL},
	{VIEW("gethostby"), NULL},
	{VIEW("grew WorkList"), NULL},
	{VIEW("haproxy: "), NULL},
	{VIEW("hash map "), NULL},
	{VIEW("have been rejecting connections on daemon "), NULL},
	{VIEW("header overflow"), NULL},
	{VIEW("headers too large "), read_headers_too_large},
	{VIEW("hesiod "), NULL},
	{VIEW("ident"), NULL},
	{VIEW("in background"), NULL},
	{VIEW("include "), NULL},
	{VIEW("inet"), NULL},
	{VIEW("inittls"), NULL},
	{VIEW("interrupt"), NULL},
	{VIEW("invalid domain name ("), read_invalid_domain},
	{VIEW("ldap"), NULL},
	{VIEW("locked"), NULL},
	{VIEW("lost input channel from "), read_lost},
	{VIEW("low on space "), NULL},
	{VIEW("main: where="), NULL},
	{VIEW("makeconnection "), NULL},
	{VIEW("map "), NULL},
	{VIEW("mci_"), NULL},
	{VIEW("message size ("), read_too_large},
	{VIEW("milter="), sendmail_milter_action},
	{VIEW("milter_"), NULL},
	{VIEW("null host "), NULL},
	{VIEW("opendaemonsocket: "), NULL},
	{VIEW("openmailer"), NULL},
	{VIEW("orderq"), NULL},
	{VIEW("ownership change"), NULL},
	{VIEW("persistent queue runner"), NULL},
	{VIEW("ph_map_"), NULL},
	{VIEW("possible spam from "), NULL},
	{VIEW("poststats"), NULL},
	{VIEW("problem creating SMTP socket"), NULL},
	{VIEW("putbody"), NULL},
	{VIEW("putoutmsg"), NULL},
	{VIEW("quarantine="), NULL},
	{VIEW("queue"), NULL},
	{VIEW("rcpt="), NULL},
	{VIEW("readaliases"), NULL},
	{VIEW("readqf"), NULL},
	{VIEW("rejecting "), read_rejecting},
	{VIEW("reply"), NULL},
	{VIEW("res_init()"), NULL},
	{VIEW("restarting "), NULL},
	{VIEW("return to sender"), NULL},
	{VIEW("runner"), NULL},
	{VIEW("runqueue"), NULL},
	{VIEW("sasl"), NULL},
	{VIEW("savemail"), NULL},
	{VIEW("sendenvelope"), NULL},
	{VIEW("sender notify"), NULL},
	{VIEW("server="), NULL},
	{VIEW("setrlimit"), NULL},
	{VIEW("setsender: "), read_set_sender},
	{VIEW("shared memory"), NULL},
	{VIEW("shm"), NULL},
	{VIEW("smtp"), NULL},
	{VIEW("split: "), NULL},
	{VIEW("srv_features: "), NULL},
	{VIEW("stab"), NULL},
	{VIEW("started as: "), NULL},
	{VIEW("starting daemon "), NULL},
	{VIEW("stopping daemon"), NULL},
	{VIEW("sync_dir"), NULL},
	{VIEW("sysexits"), NULL},
	{VIEW("tcpwrappers ("), read_tcpwrappers},
	{VIEW("text map "), NULL},
	{VIEW("timeout connecting "), NULL},
	{VIEW("timeout waiting for input "), read_timeout},
	{VIEW("tls_clt_features="), NULL},
	{VIEW("tls_srv_features="), read_tls_features},
	{VIEW("too young ("), NULL},
	{VIEW("trackhost"), NULL},
	{VIEW("truncated "), NULL},
	{VIEW("unable to "), NULL},
	{VIEW("unauthorized PIPELINING, "), read_pipelining},
	{VIEW("unknown "), NULL},
	{VIEW("unlink"), NULL},
	{VIEW("unlock"), NULL},
	{VIEW("unquarantine"), NULL},
	{VIEW("unsafe "), NULL},
	{VIEW("usrerr"), NULL},
	{VIEW("waiting "), NULL},
	{VIEW("warning: "), NULL},
	{VIEW("writ"), NULL},
	{VIEW("x-connect"), NULL},
};

/* Whether WORDS stands before TEXT, or begins it, in byte order. */
static bool is_not_behind(struct view words, struct view text)
{
	size_t length = words.len < text.len ? words.len : text.len;
	int order;

	if (length && words.ptr[0] != text.ptr[0])
		return (unsigned char)words.ptr[0] < (unsigned char)text.ptr[0];
	order = memcmp(words.ptr, text.ptr, length);
	return order < 0 || (order == 0 && words.len <= text.len);
}

/* The last of the beginnings that is not behind TEXT in byte order. */
static const struct beginning *find_beginning(struct view text)
{
	size_t low = 0, high = sizeof(beginnings) / sizeof(beginnings[0]);

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (is_not_behind(beginnings[middle].words, text))
			low = middle;
		else
			high = middle;
	}
	return &beginnings[low];
}

enum parsed sendmail_session(struct sendmail *line)
{
	const struct beginning *beginning;

	if (!line->message.len)
		return PARSED_UNKNOWN;
	if (line->message.ptr[0] == '[')
		return read_named(line);
	beginning = find_beginning(line->message);
	if (!view_starts(line->message, beginning->words))
		return read_named(line);
	if (!beginning->read)
		return PARSED_NOTHING;
	line->rest = view_from(line->message, beginning->words.len);
	return beginning->read(line);
}
