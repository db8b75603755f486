/*
 * Facts: what sessions make of events, ready to be counted or kept.
 *
 * The ledger folds facts into tables, the store keeps them; a report from a
 * store folds the same facts again. Whatever a report shows must follow from
 * facts alone, whatever their order within a quarter of an hour, so that the
 * way by the store gives the same figures as the way past it.
 *
 * Clients and strings are ids of a struct directory. Times are Unix seconds in
 * 32 bits without sign (until 2106). These structs are written into stores,
 * column by column: change them only together with the store's version.
 */
#ifndef MXWATCH_MODEL_FACT_H
#define MXWATCH_MODEL_FACT_H

#include <stddef.h>
#include <stdint.h>

#include "model/reason.h"

/* One recipient refused, or any other refusal; one row a refusal event. */
struct attempt {
	uint32_t time;
	uint32_t session;   /* number of the session, unique in a store; 0: none */
	uint32_t client;    /* 0: unknown */
	uint32_t helo;	    /* string */
	uint32_t sender;    /* string; the user name for REASON_AUTH_FAILED */
	uint32_t recipient; /* string */
	uint32_t text;	    /* string: the server's words */
	uint32_t count;	    /* at least 1 */
	uint16_t code;	    /* 4yz, 5yz, 0 unknown */
	uint8_t reason;	    /* enum reason */
	uint8_t stage;	    /* enum stage */
	uint32_t flags;	    /* enum attempt_flag */
};

enum attempt_flag {
	ATTEMPT_HAS_SENDER = 1 << 0,
	ATTEMPT_HAS_RECIPIENT = 1 << 1,
	ATTEMPT_REJECTED = 1 << 2, /* in the peers' rejected column */
	ATTEMPT_MESSAGE_ID_MISSING = 1 << 3,
	ATTEMPT_MESSAGE_ID_MALFORMED = 1 << 4
};

/* A session that is over. */
struct session_fact {
	uint32_t number;
	uint32_t client;
	uint32_t helo;	      /* the last one told */
	uint32_t start, end;  /* seconds */
	uint32_t duration_ms; /* 0 where inferred from a single line */
	uint32_t reasons;     /* bit 1 << enum reason for each reason met; and: */
#define SESSION_REASON_BITS ((1u << 30) - 1)
#define SESSION_TEMPORARY (1u << 30) /* refused with 4yz at least once */
#define SESSION_PERMANENT (1u << 31) /* refused with 5yz at least once */
	uint16_t refusals;	     /* saturates, as all counts here */
	uint16_t relay_refusals;
	uint16_t accepted; /* messages taken in */
	uint16_t flags;	   /* enum session_flag */
	uint16_t commands, commands_refused;
	uint32_t users_failed; /* AUTH failures */
};

enum session_flag {
	SESSION_INFERRED = 1 << 0, /* the log does not show where it begins or ends */
	SESSION_EXPIRED = 1 << 1,  /* its end was never seen */
	SESSION_LOST = 1 << 2,	   /* the client left without QUIT */
	SESSION_GAVE_UP = 1 << 3,  /* the client ended it right after its first relay denial */
	SESSION_OUTBOUND = 1 << 4, /* authenticated or local client */
	SESSION_NAME_UNSURE = 1 << 5,
	SESSION_DROPPED = 1 << 6, /* the server ended it */
	SESSION_UNTIMED = 1 << 7  /* not a connection that peers would count and time */
};

/* Additive counts of a quarter of an hour; peak and max are maxima. */
#define SLOT_S 900
struct slot {
	uint32_t start; /* Unix time, a multiple of SLOT_S: the key */
	uint32_t peak_concurrent;
	uint32_t max_ms;
	uint32_t sessions_exact; /* connections whose length is known */
	uint64_t received, delivered, forwarded, deferred, bounced, rejected;
	uint64_t bytes_received, bytes_delivered;
	uint64_t connections, connected_ms;
	uint64_t relay_attempts, probes; /* refused recipients; sessions with at least one */
	uint64_t held, discarded, warnings;
};

/* Adds the counts of SLOT to those of SUM, raises peak and max; sum->start stays. */
void slot_add(struct slot *sum, const struct slot *slot);

/* What a string has been, on a day; 8 bits of base/strings.h. */
enum role {
	ROLE_MAIL_SENDER = 1 << 0,    /* of a message taken in; string 0: the null sender */
	ROLE_MAIL_RECIPIENT = 1 << 1, /* of a delivery that succeeded */
	ROLE_LOCAL_DOMAIN = 1 << 2    /* a domain, in small letters, that is ours */
};
struct role_fact {
	uint32_t day; /* Unix time / 86400 */
	uint32_t string;
	uint32_t role; /* one enum role bit */
};

/* Takes facts; each call is one fact, or many; they are valid during the call. */
struct fact_sink {
	void *context;
	void (*attempt)(void *context, const struct attempt *attempt);
	void (*session)(void *context, const struct session_fact *session);
	/* Adds (and for peak and max: raises) to the counts of slot->start. */
	void (*slot)(void *context, const struct slot *slot);
	void (*role)(void *context, const struct role_fact *role);
	/* Many at once, in their order; NULL: it takes them one by one. */
	void (*attempts)(void *context, const struct attempt *attempts, size_t count);
	void (*sessions)(void *context, const struct session_fact *sessions, size_t count);
};

/* Hands many to SINK in the way that it takes them. */
void fact_attempts(const struct fact_sink *sink, const struct attempt *attempts, size_t count);
void fact_sessions(const struct fact_sink *sink, const struct session_fact *sessions, size_t count);

/* Takes no notice of anything: a sink to begin with that cares for some facts only. */
extern const struct fact_sink fact_nowhere;

/* Hands each fact on to several sinks, in their order. */
#define FACT_FAN_MAX 4
struct fact_fan {
	struct fact_sink sinks[FACT_FAN_MAX];
	size_t count;
};
/* FAN must outlive the sink that is returned. */
struct fact_sink fact_fan_sink(struct fact_fan *fan);

#endif
