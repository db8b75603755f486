/*
 * Postfix: which daemon wrote the record, and what all daemons' lines have in
 * common.
 *
 * A program is "syslog_name/daemon": "postfix/smtpd", "postfix-in/smtpd",
 * "postfix/submission/smtpd". What counts is the last part. A syslog that takes
 * programs' names only as far as the first slash leaves "postfix"; then the
 * message's shape tells who wrote it.
 */
#include "format/postfix.h"

#include "base/scan.h"

#define CLIENT_NAME_MAX 256
#define CLIENT_ADDRESS_MAX 64

struct daemon_name {
	struct view name;
	enum postfix_daemon daemon;
};

static const struct daemon_name daemon_names[] = {
	{VIEW("postscreen"), DAEMON_POSTSCREEN},
	{VIEW("anvil"), DAEMON_QUIET},
	{VIEW("bounce"), DAEMON_QUIET},
	{VIEW("lmtp"), DAEMON_LMTP},
	{VIEW("pipe"), DAEMON_DELIVERY},
	{VIEW("virtual"), DAEMON_LOCAL},
	{VIEW("error"), DAEMON_DELIVERY},
	{VIEW("retry"), DAEMON_DELIVERY},
	{VIEW("discard"), DAEMON_DELIVERY},
	{VIEW("relay"), DAEMON_DELIVERY},
	{VIEW("pickup"), DAEMON_QUEUE},
	{VIEW("postsuper"), DAEMON_QUEUE},
	{VIEW("nqmgr"), DAEMON_QUEUE},
	{VIEW("oqmgr"), DAEMON_QUEUE},
	{VIEW("qmqpd"), DAEMON_SMTPD},
	{VIEW("dnsblog"), DAEMON_QUIET},
	{VIEW("tlsproxy"), DAEMON_QUIET},
	{VIEW("tlsmgr"), DAEMON_QUIET},
	{VIEW("scache"), DAEMON_QUIET},
	{VIEW("trivial-rewrite"), DAEMON_QUIET},
	{VIEW("verify"), DAEMON_QUIET},
	{VIEW("master"), DAEMON_QUIET},
	{VIEW("defer"), DAEMON_QUIET},
	{VIEW("trace"), DAEMON_QUIET},
	{VIEW("flush"), DAEMON_QUIET},
	{VIEW("showq"), DAEMON_QUIET},
	{VIEW("spawn"), DAEMON_QUIET},
	{VIEW("proxymap"), DAEMON_QUIET},
	{VIEW("proxywrite"), DAEMON_QUIET},
	{VIEW("postlogd"), DAEMON_QUIET},
	{VIEW("postlog"), DAEMON_QUIET},
	{VIEW("postdrop"), DAEMON_QUIET},
	{VIEW("postqueue"), DAEMON_QUIET},
	{VIEW("postmap"), DAEMON_QUIET},
	{VIEW("postalias"), DAEMON_QUIET},
	{VIEW("postconf"), DAEMON_QUIET},
	{VIEW("postcat"), DAEMON_QUIET},
	{VIEW("postmulti"), DAEMON_QUIET},
	{VIEW("postfix"), DAEMON_QUIET},
	{VIEW("postfix-script"), DAEMON_QUIET},
	{VIEW("postfix-tls-script"), DAEMON_QUIET},
	{VIEW("sendmail"), DAEMON_QUIET},
	{VIEW("smtp-sink"), DAEMON_QUIET},
	{VIEW("set-permissions"), DAEMON_QUIET},
};

static enum postfix_daemon find_daemon(struct view name)
{
	/* Those that write most lines, each compared without a call. */
	if (view_is(name, VIEW("smtpd")))
		return DAEMON_SMTPD;
	if (view_is(name, VIEW("qmgr")))
		return DAEMON_QUEUE;
	if (view_is(name, VIEW("cleanup")))
		return DAEMON_CLEANUP;
	if (view_is(name, VIEW("smtp")))
		return DAEMON_DELIVERY;
	if (view_is(name, VIEW("local")))
		return DAEMON_LOCAL;
	for (size_t i = 0; i < sizeof(daemon_names) / sizeof(daemon_names[0]); i++)
		if (view_is(name, daemon_names[i].name))
			return daemon_names[i].daemon;
	return DAEMON_NONE;
}

static enum postfix_daemon program_daemon(struct view program)
{
	size_t slash;

	if (view_is(program, VIEW("postfix/smtpd")))
		return DAEMON_SMTPD;
	slash = view_find_last_byte(program, '/');
	if (slash != VIEW_NONE)
		return find_daemon(view_from(program, slash + 1));
	if (view_is(program, VIEW("postfix-script")) || view_is(program, VIEW("postlog")))
		return DAEMON_QUIET;
	return view_starts(program, VIEW("postfix")) ? DAEMON_GUESS : DAEMON_NONE;
}

static bool claims(const struct record *record)
{
	struct view program = record->program;
	size_t slash;

	if (view_starts(program, VIEW("postfix")))
		return true;
	slash = view_find_last_byte(program, '/');
	return slash != VIEW_NONE && slash > 0 && program.ptr[0] != '/' &&
	       !view_starts(program, VIEW("dovecot")) && !view_starts(program, VIEW("postfwd")) &&
	       find_daemon(view_from(program, slash + 1)) != DAEMON_NONE;
}

/*
 * Letters of queue ids: capital hexadecimal for short ones, digits and consonants
 * of both cases for long ones (mail_queue.h, base 52). So no plain word is one.
 */
static const bool id_letters[256] = {
	['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1,	    ['4'] = 1, ['5'] = 1, ['6'] = 1,
	['7'] = 1, ['8'] = 1, ['9'] = 1, ['A' ... 'Z'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1,
	['f'] = 1, ['g'] = 1, ['h'] = 1, ['j'] = 1,	    ['k'] = 1, ['l'] = 1, ['m'] = 1,
	['n'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1,	    ['s'] = 1, ['t'] = 1, ['v'] = 1,
	['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
};

bool postfix_eat_queue_id(struct view *text, struct view *ret_id)
{
	size_t n = 0;

	if (view_eat(text, VIEW("NOQUEUE: "))) {
		*ret_id = view_of(text->ptr, 0);
		return true;
	}
	while (n < text->len && n < 32 && id_letters[(unsigned char)text->ptr[n]])
		n++;
	if (n < 5 || n + 2 > text->len || text->ptr[n] != ':' || text->ptr[n + 1] != ' ')
		return false;
	*ret_id = view_to(*text, n);
	*text = view_from(*text, n + 2);
	return true;
}

/* Where a search of at most MAX bytes from AT on stops. */
static inline const char *nearer(const char *at, const char *end, size_t max)
{
	return (size_t)(end - at) < max ? end : at + max;
}

bool postfix_eat_client(struct view *text, struct event *event, struct view *ret_name)
{
	const char *end = text->ptr + text->len, *stop, *open, *close;
	struct view address, rest;
	unsigned long long port;

	/* Names have passed Postfix's valid_hostname(): no blank, no bracket. */
	stop = nearer(text->ptr, end, CLIENT_NAME_MAX);
	open = scan_two(text->ptr, stop, '[', ' ');
	if (open == stop || *open != '[')
		return false;
	stop = nearer(open, end, CLIENT_ADDRESS_MAX);
	close = scan_byte(open, stop, ']');
	if (close == stop)
		return false;
	address = view_of(open + 1, (size_t)(close - open - 1));
	if (ip_parse(address, &event->client))
		event->flags |= EVENT_HAS_CLIENT;
	else if (!view_is(address, VIEW("unknown")))
		return false;
	ret_name->ptr = text->ptr;
	ret_name->len = (size_t)(open - text->ptr);
	if (view_is(*ret_name, VIEW("unknown")))
		ret_name->len = 0;
	text->ptr = close + 1;
	text->len = (size_t)(end - close - 1);
	if (end - close > 2 && close[1] == ':' && close[2] != ' ') {
		rest = view_of(close + 2, (size_t)(end - close - 2));
		if (view_eat_number(&rest, &port) && port <= UINT16_MAX) {
			event->port = (uint16_t)port;
			*text = rest;
		}
	}
	return true;
}

void postfix_set_name(struct event *event, struct view name)
{
	if (name.len)
		word_set(&event->name, name);
}

bool postfix_is_diagnostic(struct view message)
{
	return view_starts(message, VIEW("warning: ")) || view_starts(message, VIEW("fatal: ")) ||
	       view_starts(message, VIEW("error: ")) || view_starts(message, VIEW("panic: ")) ||
	       view_starts(message, VIEW("info: ")) || view_starts(message, VIEW("statistics: ")) ||
	       view_starts(message, VIEW("> ")) || view_starts(message, VIEW("< ")) ||
	       view_starts(message, VIEW("TLS connection established ")) ||
	       view_starts(message, VIEW("Host offered STARTTLS")) ||
	       view_starts(message, VIEW("Unverified: ")) ||
	       view_starts(message, VIEW("Verified: ")) ||
	       view_starts(message, VIEW("cannot load ")) ||
	       view_starts(message, VIEW("looking for plugins")) ||
	       view_starts(message, VIEW("unable to dlopen "));
}

struct shape {
	struct view beginning;
	enum postfix_daemon daemon;
};

static enum postfix_daemon find_shape(const struct shape *shapes, size_t count, struct view text)
{
	for (size_t i = 0; i < count; i++)
		if (view_starts(text, shapes[i].beginning))
			return shapes[i].daemon;
	return DAEMON_NONE;
}

/* Who wrote "action: stage from client: …" behind a queue id. */
static enum postfix_daemon guess_by_action(struct view text)
{
	size_t colon = view_find_byte(view_to(text, 20), ':');
	struct view rest = colon == VIEW_NONE ? view_of(text.ptr, 0) : view_from(text, colon + 2);
	size_t from;

	if (view_starts(rest, VIEW("header ")) || view_starts(rest, VIEW("body ")) ||
	    view_starts(rest, VIEW("mime")) || view_starts(rest, VIEW("content ")) ||
	    (view_starts(rest, VIEW("END-OF-MESSAGE ")) && !view_starts(text, VIEW("reject"))))
		return DAEMON_CLEANUP;
	from = view_find(view_to(rest, 40), VIEW(" from ["));
	return from != VIEW_NONE ? DAEMON_POSTSCREEN : DAEMON_SMTPD;
}

/* Who wrote MESSAGE, if only "postfix" was told. */
static enum postfix_daemon guess_daemon(struct view message)
{
	static const struct shape with_id[] = {
		{VIEW("client="), DAEMON_SMTPD},
		{VIEW("from=<"), DAEMON_QUEUE},
		{VIEW("uid="), DAEMON_QUEUE},
		{VIEW("sender="), DAEMON_QUEUE},
		{VIEW("removed"), DAEMON_QUEUE},
		{VIEW("to=<"), DAEMON_DELIVERY},
		{VIEW("message-id="), DAEMON_CLEANUP},
		{VIEW("resent-message-id="), DAEMON_CLEANUP},
		{VIEW("sender "), DAEMON_QUIET},
		{VIEW("postmaster "), DAEMON_QUIET},
		{VIEW("host "), DAEMON_QUIET},
		{VIEW("skipped, "), DAEMON_QUIET},
		{VIEW("conversation with "), DAEMON_QUIET},
		{VIEW("lost connection with "), DAEMON_QUIET},
	};
	static const struct shape plain[] = {
		{VIEW("connect from "), DAEMON_SMTPD},
		{VIEW("disconnect from "), DAEMON_SMTPD},
		{VIEW("lost connection after "), DAEMON_SMTPD},
		{VIEW("timeout after "), DAEMON_SMTPD},
		{VIEW("too many errors after "), DAEMON_SMTPD},
		{VIEW("improper command "), DAEMON_SMTPD},
		{VIEW("warning: "), DAEMON_SMTPD},
		{VIEW("SSL_accept "), DAEMON_SMTPD},
		{VIEW("CONNECT from ["), DAEMON_POSTSCREEN},
		{VIEW("DISCONNECT ["), DAEMON_POSTSCREEN},
		{VIEW("PASS "), DAEMON_POSTSCREEN},
		{VIEW("PREGREET "), DAEMON_POSTSCREEN},
		{VIEW("HANGUP "), DAEMON_POSTSCREEN},
		{VIEW("DNSBL rank "), DAEMON_POSTSCREEN},
		{VIEW("NON-SMTP COMMAND "), DAEMON_POSTSCREEN},
		{VIEW("BARE NEWLINE "), DAEMON_POSTSCREEN},
		{VIEW("COMMAND "), DAEMON_POSTSCREEN},
		{VIEW("DATA without "), DAEMON_POSTSCREEN},
		{VIEW("DENYLISTED ["), DAEMON_POSTSCREEN},
		{VIEW("BLACKLISTED ["), DAEMON_POSTSCREEN},
		{VIEW("ALLOWLISTED ["), DAEMON_POSTSCREEN},
		{VIEW("WHITELISTED ["), DAEMON_POSTSCREEN},
		{VIEW("ALLOWLIST VETO ["), DAEMON_POSTSCREEN},
		{VIEW("WHITELIST VETO ["), DAEMON_POSTSCREEN},
		{VIEW("entering STRESS"), DAEMON_QUIET},
		{VIEW("leaving STRESS"), DAEMON_QUIET},
		{VIEW("connect to "), DAEMON_QUIET},
		{VIEW("addr "), DAEMON_QUIET},
		{VIEW("cache "), DAEMON_QUIET},
		{VIEW("daemon started"), DAEMON_QUIET},
		{VIEW("reload "), DAEMON_QUIET},
		{VIEW("terminating on "), DAEMON_QUIET},
		{VIEW("starting the "), DAEMON_QUIET},
		{VIEW("stopping the "), DAEMON_QUIET},
		{VIEW("refreshing the "), DAEMON_QUIET},
		{VIEW("waiting for the "), DAEMON_QUIET},
		{VIEW("Postfix is "), DAEMON_QUIET},
		{VIEW("table "), DAEMON_QUIET},
		{VIEW("SSL_connect "), DAEMON_QUIET},
		{VIEW("certificate "), DAEMON_QUIET},
	};
	struct view id, rest = message;
	enum postfix_daemon daemon;

	daemon = find_shape(plain, sizeof(plain) / sizeof(plain[0]), message);
	if (daemon != DAEMON_NONE)
		return daemon;
	if (postfix_is_diagnostic(message))
		return DAEMON_QUIET;
	if (postfix_eat_queue_id(&rest, &id)) {
		daemon = find_shape(with_id, sizeof(with_id) / sizeof(with_id[0]), rest);
		return daemon != DAEMON_NONE ? daemon : guess_by_action(rest);
	}
	return view_find(view_to(message, 60), VIEW(" TLS connection established ")) != VIEW_NONE
		       ? DAEMON_SMTPD
		       : DAEMON_NONE;
}

/* "reject_rbl_client: …": a function's name with '_' in it, as with -v. */
static bool is_trace(struct view message)
{
	bool underscore = false;
	size_t n = 0;

	for (; n < message.len && message.ptr[n] != ':'; n++) {
		if (message.ptr[n] == '_')
			underscore = true;
		else if (message.ptr[n] < 'a' || message.ptr[n] > 'z')
			return false;
	}
	return underscore && view_starts(view_from(message, n), VIEW(": "));
}

/* What stands behind the "name[address]:port: " that MESSAGE begins with; all of it if it
   does not. */
static struct view skip_peer(struct view message)
{
	struct view head = view_to(message, CLIENT_NAME_MAX + CLIENT_ADDRESS_MAX);
	size_t blank = view_find_byte(head, ' ');
	size_t open = view_find_byte(view_to(head, blank), '[');

	if (open == VIEW_NONE || blank == VIEW_NONE || message.ptr[blank - 1] != ':')
		return message;
	return view_from(message, blank + 1);
}

/* Lines that say nothing that is counted, of any daemon: of TLS before Postfix 2.5 or
   with a high smtpd_tls_loglevel, of SASL's plug-ins, of -v. */
static bool is_chatter(struct view message)
{
	static const struct view starts[] = {
		VIEW("SSL"),
		VIEW("TLS "),
		VIEW("Peer "),
		VIEW("Server certificate "),
		VIEW("No client certificate"),
		VIEW("Reusing old session"),
		VIEW("Issuing session ticket"),
		VIEW("Decrypting session ticket"),
		VIEW("Trusted: "),
		VIEW("Untrusted: "),
		VIEW("Matched "),
		VIEW("matched peername"),
		VIEW("subject_CN="),
		VIEW("cert has expired"),
		VIEW("certificate "),
		VIEW("verify error:"),
		VIEW("issuer="),
		VIEW("subject="),
		VIEW("depth="),
		VIEW("fingerprint="),
		VIEW("initializing the "),
		VIEW("starting TLS engine"),
		VIEW("setting up TLS connection to "),
		VIEW("setting up session"),
		VIEW("looking up session"),
		VIEW("looking for session"),
		VIEW("reloaded session"),
		VIEW("remove session"),
		VIEW("save session"),
		VIEW("re-using session with "),
		VIEW("read from "),
		VIEW("write to "),
		VIEW("0000 "),
		VIEW("discarding EHLO keywords"),
		VIEW("replacing command "),
		VIEW("using backwards-compatible default"),
		VIEW("skipping address family"),
		VIEW("SMTPS wrappermode "),
		VIEW("table "),
		VIEW("cache "),
		VIEW("begin transaction"),
		VIEW("commit transaction"),
		VIEW("sql plugin"),
		VIEW("sql auxprop"),
		VIEW("ldapdb"),
		VIEW("OTP unavailable"),
		VIEW("unable to open Berkeley"),
		VIEW("gethostby"),
		VIEW("idle timeout -- exiting"),
		VIEW(">>> "),
		VIEW("<<< "),
		VIEW("send attr "),
		VIEW("input attribute "),
	};
	struct view rest = skip_peer(message);

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (view_starts(rest, starts[i]))
			return true;
	return is_trace(message);
}

static enum parsed parse_daemon(const struct record *record, struct event *event)
{
	enum postfix_daemon daemon = program_daemon(record->program);

	if (daemon == DAEMON_GUESS) {
		daemon = guess_daemon(record->message);
		if (daemon == DAEMON_NONE && view_is(record->program, VIEW("postfix")))
			return PARSED_UNKNOWN;
	}
	switch (daemon) {
	case DAEMON_SMTPD:
		return postfix_parse_smtpd(record->message, event);
	case DAEMON_POSTSCREEN:
		return postfix_parse_postscreen(record->message, event);
	case DAEMON_CLEANUP:
		return postfix_parse_cleanup(record->message, event);
	case DAEMON_QUEUE:
		return postfix_parse_queue(record->message, event);
	case DAEMON_DELIVERY:
	case DAEMON_LOCAL:
	case DAEMON_LMTP:
		return postfix_parse_delivery(record->message, daemon, event);
	case DAEMON_QUIET:
		return PARSED_NOTHING;
	case DAEMON_GUESS:
	case DAEMON_NONE:
		break;
	}
	return PARSED_OTHER;
}

static enum parsed parse(const struct record *record, struct event *event)
{
	enum parsed parsed = parse_daemon(record, event);

	return parsed == PARSED_UNKNOWN && is_chatter(record->message) ? PARSED_NOTHING : parsed;
}

const struct format format_postfix = {
	.name = "postfix",
	.summary = "Postfix 2 and 3, by syslog or maillog_file",
	.mta = MTA_POSTFIX,
	.claims = claims,
	.parse = parse,
};
