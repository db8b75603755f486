/*
 * The ledger: facts folded into the tables that reports are made from.
 *
 * It grows with what is distinct in the logs (clients, pairs, quarter-hours),
 * not with their length. Facts may come from a log as it is read or from a
 * store; their order does not matter.
 */
#ifndef MXWATCH_LEDGER_LEDGER_H
#define MXWATCH_LEDGER_LEDGER_H

#include "base/map.h"
#include "model/directory.h"
#include "model/fact.h"

/* What a report needs, so that a store hands out no more; bits. */
enum ledger_part {
	LEDGER_SLOTS = 1 << 0,
	LEDGER_SESSIONS = 1 << 1,
	LEDGER_ATTEMPTS = 1 << 2,
	LEDGER_ROLES = 1 << 3,
	LEDGER_PAIRS = 1 << 4, /* client, sender, recipient of refusals: needs ATTEMPTS */
	LEDGER_ALL = 0x1f
};

/* Per client, array by id - 1. All from sessions that are connections. */
struct client_totals {
	uint32_t connections;
	uint32_t max_ms;
	uint64_t connected_ms;
	uint32_t first, last;	   /* start of first, end of last session; any session */
	uint32_t sessions;	   /* all sessions, also inferred ones */
	uint32_t refused_sessions; /* sessions with at least one refusal */
	uint32_t temporary_sessions, permanent_sessions; /* refused with 4yz, with 5yz */
	uint32_t accepted;				 /* messages taken in */
	uint32_t relay_sessions;	  /* sessions with at least one relay denial */
	uint32_t gave_up_sessions;	  /* of them, ended by the client at the first */
	uint32_t first_start, last_start; /* starts of its first and last session: for --gap */
	uint32_t timed; /* connections whose length is known; max_ms, connected_ms */
};

/* (client, reason): refusals and the sessions they fell into. */
struct client_reason {
	uint32_t client; /* key */
	uint32_t reason; /* key: enum reason */
	uint32_t refusals, sessions;
	uint32_t first, last;
	uint32_t detail; /* REASON_MESSAGE_ID: refusals with Message-ID missing; the rest malformed
			  */
	uint32_t unused;
};
/* (client, sender, recipient) of refusals that name them; relay denials apart. */
struct refused_pair {
	uint32_t client;    /* key */
	uint32_t sender;    /* key: string */
	uint32_t recipient; /* key: string. For refusals other than relay denials the
			       recipient is not kept: PAIR_ANY_RECIPIENT */
	uint32_t count, first, last;
};
#define PAIR_ANY_RECIPIENT UINT32_MAX

#define CIVIL_DAY 86400u

/* The role bits of strings (base/strings.h) in which the ledger notes that a
   string has had a role (enum role) in its period: the upper four. The lower
   four are the session stage's. */
#define LEDGER_ROLE(role) ((uint8_t)((role) << 4))

/* (user): AUTH failures by user name. */
struct user_totals {
	uint32_t user; /* key: string */
	uint32_t failures, first, last;
};

/* (client, day) of sessions with a relay denial: for the trend's clients. */
struct client_day {
	uint32_t client, day; /* key: Unix time / 86400 of the session's start, in UTC */
};

struct ledger {
	struct directory *directory; /* not owned */
	uint32_t parts;		     /* enum ledger_part: what is folded */
	uint32_t from, until;	     /* facts outside [from, until) are left out */
	struct client_totals *clients;
	size_t client_count, client_capacity;
	struct {
		uint32_t reason_row;		/* row of client_reasons used last, + 1; 0: none */
		uint32_t relay_day;		/* day of client_days noted last, + 1; 0: none */
	} * recent;				/* by client: what is likely to be met again */
	struct map slots;			/* struct slot */
	struct map client_reasons;		/* struct client_reason */
	struct map pairs;			/* struct refused_pair */
	struct map users;			/* struct user_totals */
	struct map client_days;			/* struct client_day */
	uint32_t mail_senders, mail_recipients; /* distinct */
	bool null_sender;			/* is among the senders */
	uint32_t first, last; /* times of the first and last fact; first > last: none */
	/* These wait here so that their table look-ups can overlap. */
	struct attempt *waiting;
	size_t waiting_count;
	struct session_fact *waiting_sessions;
	size_t waiting_session_count;
};

/* FROM and UNTIL (Unix times; 0 and UINT32_MAX: all) are rounded outward to SLOT_S. */
void ledger_init(struct ledger *ledger, struct directory *directory, uint32_t parts, uint32_t from,
		 uint32_t until);
void ledger_release(struct ledger *ledger);

/* A sink whose facts go into the ledger. */
struct fact_sink ledger_sink(struct ledger *ledger);
/* Many attempts at once, e.g. from a store. */
void ledger_take_attempts(struct ledger *ledger, const struct attempt *attempts, size_t count);
/* Folds what waits; to be called before the tables are read. */
void ledger_settle(struct ledger *ledger);

#endif
