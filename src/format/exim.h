/*
 * Exim's log lines, between the files of format_exim.
 *
 * Exim writes `[id] what it is about: text`. Who the client is stands at a
 * fixed place in one form, host.c: host_build_sender_fullhost():
 *
 *	name (helo) [address]:port
 *
 * where name (a DNS name) and "(helo)" may be absent and ":port" needs
 * +incoming_port. host_and_ident() puts " I=[our address]:port" and " U=ident"
 * behind. Name and helo are the client's words, and so are the addresses and
 * commands that follow: nothing is searched for that can be read from the
 * front, and where Exim quotes the client, the grammar of what it quotes tells
 * where the quotation ends.
 *
 * Readers take a struct exim_line, whose rest is what has not been read yet,
 * and return what became of the line.
 */
#ifndef MXWATCH_FORMAT_EXIM_H
#define MXWATCH_FORMAT_EXIM_H

#include "format/format.h"

struct exim_line {
	struct view rest;    /* what has not been read yet */
	struct view id;	     /* the message's id; empty if the line has none */
	struct event *event; /* what is filled */
	bool pid_selected;   /* +pid: the pid stood in Exim's own text */
};

/*
 * Whether LINE, which has no stamp, goes on with a rejectlog entry: the
 * envelope and header lines that Exim dumps below it (receive.c and log.c:
 * "Envelope-from:", "P Received:", "  Subject:", folded lines), "----" or
 * nothing. Such lines say nothing that the entry's first line has not said.
 */
bool exim_is_continuation(struct view line);

/* Length of the message id that TEXT begins with (16, or 23 since Exim 4.97), blank
   or end behind it; 0 if it begins with none. */
size_t exim_id_length(struct view text);

/* Whether TEXT begins with WORDS, which are not empty: most differ in the first byte. */
static inline bool exim_starts(struct view text, struct view words)
{
	return text.len > 0 && text.ptr[0] == words.ptr[0] && view_starts(text, words);
}

/* Cuts WORDS off the front of *rest; returns whether they were there. */
static inline bool exim_eat(struct view *rest, struct view words)
{
	return rest->len > 0 && rest->ptr[0] == words.ptr[0] && view_eat(rest, words);
}

/* exim_host.c */

/*
 * Cuts "name (helo) [address]:port" and " I=[…]:port", " U=…" off the front of *rest,
 * which has neither "H=" nor "from " before it any more, and fills client, port, name
 * and helo. Returns false, nothing changed, if that is not what stands there.
 */
bool exim_eat_host(struct view *rest, struct event *event);

/* Marks EVENT as one of an SMTP client's session, told apart by what the line has. */
void exim_set_session(struct event *event);

/* Where an address that Exim has written out ends in TEXT, its quoted parts skipped:
   at a blank or '>'; TEXT's length if at neither. */
size_t exim_address_end(struct view text);

/* Cuts "<address>" off *text; false, nothing changed, if none is there. */
bool exim_eat_bracketed(struct view *text, struct view *ret_address);

/*
 * Cuts a command's argument off the front of *text, at the ": " that ends it. The
 * argument is the client's, in RFC 5321's grammar or worse; Exim cuts it to 100
 * bytes. *ret_argument is an address without its brackets.
 */
void exim_eat_argument(struct view *text, bool is_address, struct view *ret_argument);

/* The number of seconds in Exim's "1d2h3m4s" or "0.203s"; UINT32_MAX if TEXT is none. */
uint32_t exim_seconds(struct view text);

/* exim_reject.c */

/* What Exim words as a refusal: sets kind, code (by TEMPORARY, or TEXT's own), reason, text. */
void exim_set_refusal(struct event *event, enum stage stage, bool temporary, struct view text);
/* Lines that begin with H=, the host cut off. */
enum parsed exim_parse_host_line(struct exim_line *line);
/* Lines that begin with U=, that cut off: SMTP on a local user's standard input. */
enum parsed exim_parse_local_line(struct exim_line *line);
/* Lines that begin with "rejected " or "temporarily rejected "; PARSED_OTHER if none. */
enum parsed exim_parse_rejected(struct exim_line *line);
/* "F=sender …": local_scan() and the non-SMTP ACL. */
enum parsed exim_parse_from_line(struct exim_line *line);
/* Behind "refused relay ". */
enum parsed exim_parse_refused_relay(struct exim_line *line);
/* "unqualified … rejected: <…> H=…". */
enum parsed exim_parse_unqualified(struct exim_line *line);
/* "too many recipients: …". */
enum parsed exim_parse_too_many_recipients(struct exim_line *line);
/* "<name> authenticator failed for …"; PARSED_OTHER if it is no such line. */
enum parsed exim_parse_authenticator(struct exim_line *line);

/* exim_message.c: lines with a message id, the id cut off. */
enum parsed exim_parse_message(struct exim_line *line);

/* exim_connection.c: lines about a connection; PARSED_OTHER if it is no such line. */
enum parsed exim_parse_connection(struct exim_line *line);

#endif
