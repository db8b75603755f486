/*
 * Exim 4.x: its main and reject log, and the same lines by syslog.
 *
 * Exim's lines have no daemon's name to go by: what a line is shows in its first
 * words, after the stamp, pid and message id, if it has them. By syslog the stamp
 * may stand there once more (syslog_timestamp), "[pid]" too (+pid), and an entry of
 * several lines, or one over 870 bytes, comes in parts "[1\13]", "[1/3]" (log.c), of
 * which the first says all that is read here.
 *
 * What a line says is read by exim_message.c (lines with an id), exim_reject.c
 * (lines that name a host first) and exim_connection.c (most others).
 */
#include "format/exim.h"

extern const struct format format_exim;

#define STAMP_LENGTH 19 /* "2026-11-22 00:26:01" */

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether the 16 bytes at P may stand in an id: looked at all at once. */
static bool all_of_id(const char *p)
{
	unsigned char foreign = 0;

	for (size_t i = 0; i < 16; i++) {
		unsigned char c = (unsigned char)p[i], digit = (unsigned char)(c - '0');
		unsigned char letter = (unsigned char)((c | 0x20) - 'a');

		foreign |= (unsigned char)((digit > 9) & (letter > 25) & (c != '-'));
	}
	return foreign == 0;
}

size_t exim_id_length(struct view text)
{
	const char *p = text.ptr;
	size_t len;

	if (text.len < 16 || p[6] != '-')
		return 0;
	if (p[13] == '-' && (text.len == 16 || p[16] == ' '))
		len = 16;
	else if (text.len >= 23 && p[18] == '-' && (text.len == 23 || p[23] == ' '))
		len = 23;
	else
		return 0;
	return all_of_id(p) && (len == 16 || all_of_id(p + len - 16)) ? len : 0;
}

/* "X Name: value", as a header line is dumped; X is its type, or a blank, or '*' if it
   was removed. */
static bool is_dumped_header(struct view line)
{
	if (line.len < 4 || line.ptr[1] != ' ' ||
	    !(line.ptr[0] == ' ' || line.ptr[0] == '*' ||
	      (line.ptr[0] >= 'A' && line.ptr[0] <= 'Z')))
		return false;
	for (size_t i = 2; i < line.len; i++) {
		if (line.ptr[i] == ':')
			return i > 2;
		if (line.ptr[i] <= ' ')
			return false;
	}
	return false;
}

bool exim_is_continuation(struct view line)
{
	static const struct view starts[] = {VIEW("Envelope-from: "), VIEW("Envelope-to: "),
					     VIEW("Recipients: "), VIEW("----")};

	if (line.len == 0 || line.ptr[0] == ' ' || line.ptr[0] == '\t' || line.ptr[0] == '\r')
		return true;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (view_starts(line, starts[i]))
			return true;
	return is_dumped_header(line);
}

/*
 * Cuts "[n\m] " or "[n/m] " off. Returns whether the part is another than the first.
 */
static bool eat_part(struct view *rest)
{
	struct view at = *rest;
	unsigned long long part, of;

	if (!view_eat(&at, VIEW("[")) || !view_eat_number(&at, &part) || at.len == 0 ||
	    (at.ptr[0] != '\\' && at.ptr[0] != '/'))
		return false;
	at = view_from(at, 1);
	if (!view_eat_number(&at, &of) || !view_eat(&at, VIEW("]")))
		return false;
	view_eat(&at, VIEW(" "));
	*rest = at;
	return part > 1;
}

/* Cuts "2026-11-22 00:26:01[.123][ +0000] " off. */
static void eat_stamp(struct view *rest)
{
	struct view at = *rest;

	if (at.len < STAMP_LENGTH + 1 || at.ptr[4] != '-' || at.ptr[7] != '-' ||
	    at.ptr[10] != ' ' || at.ptr[13] != ':' || at.ptr[16] != ':' || !is_digit(at.ptr[0]))
		return;
	at = view_from(at, STAMP_LENGTH);
	if (at.ptr[0] == '.') {
		size_t n = 1;

		while (n < at.len && is_digit(at.ptr[n]))
			n++;
		at = view_from(at, n);
	}
	if (!view_eat(&at, VIEW(" ")))
		return;
	if (at.len > 6 && (at.ptr[0] == '+' || at.ptr[0] == '-') && is_digit(at.ptr[1]) &&
	    at.ptr[5] == ' ')
		at = view_from(at, 6);
	*rest = at;
}

/* Cuts "[pid] " off. */
static bool eat_pid(struct view *rest, uint32_t *ret_pid)
{
	struct view at = *rest;
	unsigned long long pid;

	if (at.len < 4 || at.ptr[0] != '[' || !is_digit(at.ptr[1]))
		return false;
	at = view_from(at, 1);
	if (!view_eat_number(&at, &pid) || pid > UINT32_MAX || !view_eat(&at, VIEW("] ")))
		return false;
	*ret_pid = (uint32_t)pid;
	*rest = at;
	return true;
}

/* First words of lines that say nothing that is counted: the daemon, the queue
   runner, retries, look-ups and whatever is wrong with the configuration. */
static const struct view quiet_words[] = {VIEW("Start queue run"),
					  VIEW("Start '"),
					  VIEW("End queue run"),
					  VIEW("End '"),
					  VIEW("Abandon queue run"),
					  VIEW("exim "),
					  VIEW("Exim "),
					  VIEW("daemon"),
					  VIEW("pid "),
					  VIEW("cwd="),
					  VIEW("REJECT ["),
					  VIEW("DENY"),
					  VIEW("ACCEPT"),
					  VIEW("DROP"),
					  VIEW("ETRN "),
					  VIEW("ident connection to "),
					  VIEW("DNS list lookup"),
					  VIEW("DKIM: "),
					  VIEW("DMARC"),
					  VIEW("SPF"),
					  VIEW("ARC"),
					  VIEW("DANE"),
					  VIEW("TLS "),
					  VIEW("OCSP"),
					  VIEW("SSL "),
					  VIEW("SIGHUP"),
					  VIEW("SIGTERM"),
					  VIEW("socket "),
					  VIEW("listening "),
					  VIEW("no immediate delivery"),
					  VIEW("host name alias list truncated"),
					  VIEW("host lookup"),
					  VIEW("lookup of host"),
					  VIEW("LOG: "),
					  VIEW("Warning: "),
					  VIEW("warning: "),
					  VIEW("WARNING"),
					  VIEW("Failed "),
					  VIEW("failed "),
					  VIEW("Cannot "),
					  VIEW("Could not "),
					  VIEW("ACL "),
					  VIEW("error in "),
					  VIEW("queue_only"),
					  VIEW("queue_smtp"),
					  VIEW("ignoring AUTH="),
					  VIEW("unable to "),
					  VIEW("malware acl condition"),
					  VIEW("spam acl condition"),
					  VIEW("clam"),
					  VIEW("demime"),
					  VIEW("sqlite"),
					  VIEW("spamassassin"),
					  VIEW("spam"),
					  VIEW("sender verify"),
					  VIEW("Sender identification "),
					  VIEW("Removed "),
					  VIEW("Message "),
					  VIEW("message "),
					  VIEW("Spool "),
					  VIEW("spool "),
					  VIEW("Process "),
					  VIEW("re-exec"),
					  VIEW("restart"),
					  VIEW("inetd"),
					  VIEW("proxy"),
					  VIEW("slow lookup"),
					  VIEW("Long "),
					  VIEW("long "),
					  VIEW("local_scan() "),
					  VIEW("process "),
					  VIEW("queue "),
					  VIEW("retry "),
					  VIEW("Retry "),
					  VIEW("Berkeley DB"),
					  VIEW("database"),
					  VIEW("overlong message header"),
					  VIEW("ridiculously long message header"),
					  VIEW("timed out while reading"),
					  VIEW("tls"),
					  VIEW("ALERT"),
					  VIEW("taint"),
					  VIEW("Tainted"),
					  VIEW("attempt to use"),
					  VIEW("Too many"),
					  VIEW("ATRN "),
					  VIEW("Ci="),
					  VIEW("Connection aborted"),
					  VIEW("Couldn't "),
					  VIEW("DCC: "),
					  VIEW("Header modification "),
					  VIEW("MIME acl condition"),
					  VIEW("PRDR "),
					  VIEW("Received TLS cert"),
					  VIEW("Required TLS cert"),
					  VIEW("Rewrite of "),
					  VIEW("SIGSEGV"),
					  VIEW("SSL_write"),
					  VIEW("Server certificate "),
					  VIEW("Setting IPV6_V6ONLY"),
					  VIEW("CNAME loop"),
					  VIEW("acl_smtp_mime"),
					  VIEW("arc: "),
					  VIEW("bind of ["),
					  VIEW("cannot accept message"),
					  VIEW("could not stat "),
					  VIEW("dmarc: "),
					  VIEW("dnslist"),
					  VIEW("dnssec fail"),
					  VIEW("expansion of "),
					  VIEW("failure to "),
					  VIEW("getsockname()"),
					  VIEW("getsockopt()"),
					  VIEW("listen backlog "),
					  VIEW("notify triggered"),
					  VIEW("regex acl condition"),
					  VIEW("mime_regex acl condition"),
					  VIEW("setrlimit("),
					  VIEW("setsockopt("),
					  VIEW("smtp-wait database"),
					  VIEW("unknown item in dnslist"),
					  VIEW("unknown log name"),
					  VIEW("unknown named"),
					  VIEW("\"")};

static bool is_quiet(struct view rest)
{
	for (size_t i = 0; i < sizeof(quiet_words) / sizeof(quiet_words[0]); i++)
		if (exim_starts(rest, quiet_words[i]))
			return true;
	return false;
}

/* "[192.0.2.1] SSL verify error: …" and the like: an address first. */
static bool is_about_address(struct view rest)
{
	size_t close = view_find_byte(view_to(rest, IP_TEXT_MAX + 2), ']');
	struct ip ip;

	return close != VIEW_NONE && rest.ptr[0] == '[' &&
	       ip_parse(view_of(rest.ptr + 1, close - 1), &ip);
}

/* A line without id that begins with a host. */
static enum parsed parse_host(struct exim_line *line)
{
	if (!exim_eat_host(&line->rest, line->event))
		return PARSED_UNKNOWN;
	return exim_parse_host_line(line);
}

/* A line without id that does not begin with a host. */
static enum parsed parse_bare(struct exim_line *line)
{
	struct view rest = line->rest;
	enum parsed parsed;

	/* +dnssec, where the client's name was signed: no blank before H= (smtp_in.c) */
	if (exim_eat(&line->rest, VIEW(" DSH=")) || exim_eat(&line->rest, VIEW("DSH=")))
		return parse_host(line);
	parsed = exim_parse_connection(line);
	if (parsed != PARSED_OTHER)
		return parsed;
	if (exim_eat(&line->rest, VIEW("unqualified ")))
		return exim_parse_unqualified(line);
	if (exim_eat(&line->rest, VIEW("too many recipients: ")))
		return exim_parse_too_many_recipients(line);
	if (exim_eat(&line->rest, VIEW("F=")))
		return exim_parse_from_line(line);
	if (exim_eat(&line->rest, VIEW("U=")))
		return exim_parse_local_line(line);
	parsed = exim_parse_rejected(line);
	if (parsed != PARSED_OTHER)
		return parsed;
	parsed = exim_parse_authenticator(line);
	if (parsed != PARSED_OTHER)
		return parsed;
	if (is_quiet(rest) || is_about_address(rest) || exim_is_continuation(rest))
		return PARSED_NOTHING;
	return PARSED_UNKNOWN;
}

static enum parsed parse_line(struct exim_line *line)
{
	size_t id;

	if (line->rest.len > 2 && line->rest.ptr[0] == 'H' && line->rest.ptr[1] == '=') {
		line->rest = view_from(line->rest, 2);
		return parse_host(line);
	}
	id = exim_id_length(line->rest);
	if (id) {
		line->id = view_to(line->rest, id);
		line->rest = view_from(line->rest, id + 1);
		return exim_parse_message(line);
	}
	return parse_bare(line);
}

/* Whether TEXT, which no program signed, begins as Exim's lines do. */
static bool is_worded_so(struct view text)
{
	static const struct view words[] = {
		VIEW("H="),
		VIEW("SMTP "),
		VIEW("no host name found"),
		VIEW("no MAIL in "),
		VIEW("rejected "),
		VIEW("temporarily re"),
		VIEW("refused connection from "),
		VIEW("refused relay "),
		VIEW("unqualified "),
		VIEW("unexpected disconnection "),
		VIEW("Connection from "),
		VIEW("connection from "),
		VIEW("F="),
		VIEW("U="),
		VIEW("VRFY failed for "),
		VIEW("too many recipients: "),
		VIEW("no IP address found"),
	};
	size_t blank;

	if (exim_id_length(text))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (exim_starts(text, words[i]))
			return true;
	blank = view_find_byte(view_to(text, 80), ' ');
	if (blank != VIEW_NONE &&
	    (view_starts(view_from(text, blank), VIEW(" authenticator ")) ||
	     view_starts(view_from(text, blank), VIEW(" does not match any"))))
		return true;
	return is_quiet(text) || is_about_address(text) || exim_is_continuation(text);
}

static enum parsed parse(const struct record *record, struct event *event)
{
	struct exim_line line = {.rest = record->message, .event = event};
	enum parsed parsed;

	event->mta = MTA_EXIM;
	event->delay_s = UINT32_MAX;
	if (record->program.len) {
		if (eat_part(&line.rest))
			return PARSED_NOTHING;
		eat_stamp(&line.rest);
		line.pid_selected = eat_pid(&line.rest, &event->pid);
		return parse_line(&line);
	}
	/* In Exim's own files the pid is there only if it was selected. */
	line.pid_selected = event->pid != 0;
	parsed = parse_line(&line);
	event->flags &= ~(uint32_t)EVENT_MAY_BE_COPY;
	return parsed == PARSED_UNKNOWN && !is_worded_so(record->message) ? PARSED_OTHER : parsed;
}

static bool claims(const struct record *record)
{
	return record->program.len == 0 || view_starts(record->program, VIEW("exim"));
}

const struct format format_exim = {
	.name = "exim",
	.summary = "Exim 4: main log, reject log and syslog",
	.mta = MTA_EXIM,
	.claims = claims,
	.parse = parse,
};
