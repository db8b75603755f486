/*
 * Why something was refused: one list for every mail server, report and block.
 *
 * The names are part of the command line's contract. The numbers are written
 * into stores: add at the end, never renumber.
 */
#ifndef MXWATCH_MODEL_REASON_H
#define MXWATCH_MODEL_REASON_H

#include <stdint.h>

#include "base/view.h"

enum reason {
	REASON_OTHER,
	REASON_RELAY_DENIED,	  /* asked to relay to a domain that is not ours */
	REASON_UNKNOWN_RECIPIENT, /* no such mailbox here */
	REASON_UNKNOWN_SENDER,	  /* sender's domain does not exist, takes no mail or has no form */
	REASON_SENDER_VERIFY,	  /* a call-out to the sender's server failed */
	REASON_DNSBL,		  /* listed in a DNS block list */
	REASON_NO_PTR,		  /* client address has no name in the DNS */
	REASON_BAD_PTR,		  /* it has one that does not lead back, or its look-up failed */
	REASON_DYNAMIC,		  /* name looks like a dial-up or home line */
	REASON_HELO,		  /* HELO or EHLO name unfit, missing or forged */
	REASON_GREYLIST,	  /* told to come again */
	REASON_ACCESS,		  /* local access rule on client or sender */
	REASON_RATE,		  /* too many connections, messages or recipients in a time */
	REASON_AUTH_FAILED,	  /* wrong user, password or mechanism */
	REASON_TLS,		  /* TLS failed, or is needed */
	REASON_PROTOCOL,	  /* not SMTP, wrong order, bad syntax, bad pipelining */
	REASON_PREGREET,	  /* talked before the greeting */
	REASON_TOO_MANY_ERRORS,	  /* cut off after too many bad commands or recipients */
	REASON_TIMEOUT,		  /* cut off after silence */
	REASON_SIZE,		  /* message too big */
	REASON_MESSAGE_ID,	  /* Message-ID missing or malformed */
	REASON_CONTENT,		  /* header, body, virus or spam check */
	REASON_POLICY,		  /* some other local rule, a policy service or milter */
	REASON_RESOURCE,	  /* server out of disk, memory, processes; load */
	REASON_MAX
};

/* The name used in reports: "relay-denied". Static. */
const char *reason_name(enum reason reason);
/* The reason of that name, or -EINVAL. */
int reason_from_name(struct view name);

/* Where in the dialogue; numbers are written into stores. */
enum stage {
	STAGE_UNKNOWN,
	STAGE_CONNECT,
	STAGE_HELO,
	STAGE_STARTTLS,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,    /* at DATA, before the text */
	STAGE_HEADER,  /* a header line */
	STAGE_BODY,    /* the whole text: after DATA */
	STAGE_COMMAND, /* VRFY, EXPN, ETRN, unknown commands */
	STAGE_MAX
};

const char *stage_name(enum stage stage);

#endif
