/*
 * Postfix's log lines, between the files of format_postfix.
 *
 * What strangers write stands at known places in a line: the client's name and
 * address behind a fixed beginning, its addresses and HELO name in the tail that
 * smtpd_check.c: log_whatsup() puts behind the server's words. Readers go from
 * the front (or, where only the end is fixed, from the back) and never look for
 * a keyword in a part that a client may have written.
 *
 * Readers take the record's message, whole or as far as it is left, and fill
 * *event.
 */
#ifndef MXWATCH_FORMAT_POSTFIX_H
#define MXWATCH_FORMAT_POSTFIX_H

#include "format/format.h"

/* Which kind of program wrote a line. */
enum postfix_daemon {
	DAEMON_NONE,  /* none of Postfix's */
	DAEMON_GUESS, /* only "postfix" was told */
	DAEMON_SMTPD,
	DAEMON_POSTSCREEN,
	DAEMON_CLEANUP,
	DAEMON_QUEUE,	 /* qmgr, pickup, postsuper */
	DAEMON_DELIVERY, /* smtp, lmtp, pipe, error, retry, discard … */
	DAEMON_LOCAL,	 /* local, virtual: delivery into mailboxes */
	DAEMON_LMTP,
	DAEMON_QUIET /* says nothing that is counted */
};

/* Cuts "4BQ7…: " or "NOQUEUE: " off the front of *text; *ret_id is empty for NOQUEUE.
   Returns false if no queue id stands there. */
bool postfix_eat_queue_id(struct view *text, struct view *ret_id);

/*
 * Cuts "name[address]" or "name[address]:port" off the front of *text and fills
 * client and port. *ret_name is empty for "unknown". An address that the server
 * could not tell ("unknown") leaves EVENT_HAS_CLIENT unset. Returns false, nothing
 * changed, if no client stands there.
 */
bool postfix_eat_client(struct view *text, struct event *event, struct view *ret_name);

/* Sets the name that postfix_eat_client gave. */
void postfix_set_name(struct event *event, struct view name);

/* Whether MESSAGE is a diagnostic that any daemon may write: "warning: …", "fatal: …". */
bool postfix_is_diagnostic(struct view message);

/* postfix_smtpd.c */
enum parsed postfix_parse_smtpd(struct view message, struct event *event);

/* postfix_postscreen.c */
enum parsed postfix_parse_postscreen(struct view message, struct event *event);

/* postfix_queue.c */
enum parsed postfix_parse_queue(struct view message, struct event *event);
enum parsed postfix_parse_delivery(struct view message, enum postfix_daemon daemon,
				   struct event *event);

/*
 * postfix_reject.c: "reject: RCPT from …", the queue id cut off: an action, a stage, the
 * client, the server's words, the tail. For smtpd, postscreen and cleanup's milters.
 * PARSED_UNKNOWN if TEXT does not begin with an action.
 */
enum parsed postfix_parse_action(struct view text, struct event *event);
/* The same for cleanup's "reject: header …", whose client's words come first. */
enum parsed postfix_parse_cleanup(struct view message, struct event *event);

#endif
