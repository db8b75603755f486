/*
 * An event: what one log line says, in the words of all mail servers.
 *
 * Every producer (the formats that read logs; later honeypot and milter)
 * makes these and everything behind takes nothing else. An event is plain:
 * its words look into the block of text it came from and live as long as that
 * block; nothing is owned, nothing is copied.
 */
#ifndef MXWATCH_MODEL_EVENT_H
#define MXWATCH_MODEL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/ip.h"
#include "base/strings.h"
#include "model/reason.h"

enum mta { MTA_UNKNOWN, MTA_POSTFIX, MTA_EXIM, MTA_SENDMAIL, MTA_MAX };

/* "postfix", "exim", "sendmail", "unknown". */
const char *mta_name(enum mta mta);

enum event_kind {
	EVENT_NONE,
	/* A client connected (key: see session below). words: name. */
	EVENT_CONNECT,
	/* The connection is over, and the log says so. commands is set where told. */
	EVENT_DISCONNECT,
	/* The client left, or was dropped, without QUIT: after this no more is
	   expected of the session, but EVENT_DISCONNECT may still follow. */
	EVENT_LOST,
	/* Something happened that shows the session alive: STARTTLS, HELO lines,
	   a quiet warning. words: name, helo where told. */
	EVENT_ACTIVITY,
	/* A refusal, of a recipient, sender, command or the whole connection.
	   reason, stage, code, text; sender, recipient where told. */
	EVENT_REFUSAL,
	/* AUTH failed: reason REASON_AUTH_FAILED, user in sender. */
	EVENT_AUTH_FAILED,
	/* AUTH succeeded: user in sender. */
	EVENT_AUTH_OK,
	/* A message was taken in (queue id given): what peers count as received. */
	EVENT_RECEIVED,
	/* The envelope sender and size of a queued message become known. Where one
	   line says all of it (Exim <=), the format gives EVENT_RECEIVED with
	   sender and bytes set, and no EVENT_QUEUED. */
	EVENT_QUEUED,
	/* One recipient of a queued message reached an end or a pause: delivery. */
	EVENT_DELIVERY,
	/* A queued message is finished: its queue id is free. */
	EVENT_REMOVED,
	/* A recipient was named by queue id only and the client is known from
	   other lines of that id (Sendmail's "User unknown"): as EVENT_REFUSAL. */
	EVENT_REFUSAL_BY_ID,
	/* A hand-over from Postfix's postscreen to smtpd (PASS): the session opened
	   by EVENT_CONNECT with the same client and port goes on in another process. */
	EVENT_HANDOVER,
	/* "last message repeated N times" whose line is not in this block. */
	EVENT_REPEAT_LAST,
	/* A message named by queue id was not taken in after all, though
	   EVENT_RECEIVED may have come (Sendmail logs that before the last word). One
	   event a recipient: it is that of the refusal of the same queue id, which
	   cannot name it. Nothing is counted; text: why. */
	EVENT_NOT_TAKEN,
	EVENT_MAX
};

enum delivery {
	DELIVERY_NONE,
	DELIVERY_SENT,
	DELIVERY_FORWARDED, /* pflogsumm: status=sent (forwarded as …) */
	DELIVERY_DEFERRED,
	DELIVERY_BOUNCED,
	DELIVERY_EXPIRED,
	DELIVERY_HELD,
	DELIVERY_DISCARDED
};

enum event_flag {
	/* The stamp has no year: time counts from the start of year 0 of a leap
	   year cycle (1972), i.e. month and day as in 1972 in UTC. */
	EVENT_NO_YEAR = 1 << 0,
	/* The stamp has no zone: time is local wall-clock read as UTC. */
	EVENT_NO_ZONE = 1 << 1,
	EVENT_HAS_CLIENT = 1 << 2,  /* client holds an address */
	EVENT_NAME_UNSURE = 1 << 3, /* name is forged, unconfirmed or did not resolve */
	EVENT_HAS_SENDER = 1 << 4,  /* sender was told; with length 0 it is the null sender <> */
	EVENT_HAS_RECIPIENT = 1 << 5,
	EVENT_REJECTED = 1 << 6, /* peers count the line in their "rejected" column */
	EVENT_WARNING = 1 << 7,	 /* only a warning: nothing was refused (reject_warning) */
	EVENT_LOCAL = 1 << 8,	 /* delivery: into a local mailbox, so recipient's domain is ours;
				    refusal: recipient's domain is one of ours */
	EVENT_OUTBOUND = 1 << 9, /* client is authenticated or local: its mail is our own */
	EVENT_MESSAGE_ID_MISSING = 1 << 10,   /* with REASON_MESSAGE_ID */
	EVENT_MESSAGE_ID_MALFORMED = 1 << 11, /* with REASON_MESSAGE_ID */
	EVENT_ENDS_SESSION = 1 << 12,	 /* this refusal closes the connection (421, dropped) */
	EVENT_DSN = 1 << 13,		 /* received: a bounce or notification made here */
	EVENT_KEEPALIVE_ONLY = 1 << 14,	 /* not the start of a session if none is open */
	EVENT_FINAL_RECIPIENT = 1 << 15, /* delivery: bytes of the message are known from its id */
	/* Exim by syslog logs such a line for its main log and, unless syslog_duplication
	   is off, once more for its reject log: the process's next line is a copy. */
	EVENT_MAY_BE_COPY = 1 << 16
};

/* How a session is told from others; see session/session.h. */
enum session_key {
	KEY_NONE,    /* belongs to no session */
	KEY_PROCESS, /* host and pid serve one client at a time (Postfix smtpd, Sendmail child) */
	KEY_CLIENT_PORT, /* client address and port (postscreen; Exim with +incoming_port) */
	KEY_CLIENT	 /* client address alone: sessions are inferred */
};

/* Counts of SMTP commands in a session, where the log tells them. */
struct commands {
	uint16_t accepted; /* in all */
	uint16_t refused;
	uint16_t messages; /* DATA and BDAT accepted; told where accepted or refused are */
};

struct event {
	int64_t time_s;	    /* see EVENT_NO_YEAR, EVENT_NO_ZONE */
	uint32_t time_us;   /* the fraction, 0 to 999,999 */
	uint32_t end;	    /* where in its block the line ends (behind its newline) */
	uint64_t line_hash; /* hash64 of the line without newline and CR; 0 unless asked for */

	uint8_t kind;	  /* enum event_kind */
	uint8_t mta;	  /* enum mta */
	uint8_t key;	  /* enum session_key */
	uint8_t reason;	  /* enum reason */
	uint8_t stage;	  /* enum stage */
	uint8_t delivery; /* enum delivery */
	uint16_t code;	  /* SMTP reply code 4yz or 5yz; 0 where not told */
	uint32_t flags;	  /* enum event_flag */
	uint32_t repeat;  /* how often it happened; at least 1 */
	uint32_t pid;	  /* 0 where not told */
	uint16_t port;	  /* the client's; 0 where not told */
	uint16_t nrcpt;	  /* recipients of the message, where told */
	struct commands commands;
	uint64_t bytes;	  /* message size; 0 where not told */
	uint32_t delay_s; /* connection time where the log tells it (Exim D=), else UINT32_MAX */

	struct ip client;
	struct word host; /* the machine that logs; empty if the log does not say */
	struct word queue_id;
	struct word name; /* client's name as the server knows it; empty if none */
	struct word helo;
	struct word sender;    /* without <>; for AUTH the user name */
	struct word recipient; /* without <> */
	struct word text;      /* the server's own words: reply or cause. Not hashed. */
};

#endif
