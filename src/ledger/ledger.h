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
#include "ledger/uses.h"
#include "model/directory.h"
#include "model/fact.h"

/* What a report needs, so that a store hands out no more; bits. */
enum ledger_part {
	LEDGER_SLOTS = 1 << 0,
	LEDGER_SESSIONS = 1 << 1,
	LEDGER_ATTEMPTS = 1 << 2,
	LEDGER_ROLES = 1 << 3,
	LEDGER_PAIRS = 1 << 4, /* senders and recipients of refusals: needs ATTEMPTS */
	LEDGER_ALL = 0x1f
};

/* Per client; a line of the cache each. All from sessions, but for what is said to be of
   connections. */
struct client_totals {
	uint32_t connections;
	uint32_t timed; /* connections whose length is known; max_ms, connected_ms */
	uint64_t connected_ms;
	uint32_t max_ms;
	uint32_t sessions;				 /* all sessions, also inferred ones */
	uint32_t refused_sessions;			 /* sessions with at least one refusal */
	uint32_t temporary_sessions, permanent_sessions; /* refused with 4yz, with 5yz */
	uint32_t accepted;				 /* messages taken in */
	uint32_t gave_up_sessions;	  /* ended by the client at its first relay denial */
	uint32_t first_start, last_start; /* starts of its first and last session: for --gap */
	/* Rows of the tables below, + 1; 0: none. Those used last are likely to be met again. */
	uint32_t reason_row; /* the client's newest; the others follow by next */
	uint32_t sender_row, day_row;
};

/* (client, reason): refusals and the sessions they fell into. */
struct client_reason {
	uint32_t client;
	uint32_t reason; /* enum reason */
	uint32_t refusals, sessions;
	uint32_t first, last;
	uint32_t detail; /* REASON_MESSAGE_ID: refusals with Message-ID missing; the rest malformed
			  */
	uint32_t next;	 /* row of the client's next reason, + 1; 0: none */
};

/* (client, sender, recipient) of relay denials. */
struct relay_triple {
	uint32_t client;    /* key */
	uint32_t sender;    /* key: string */
	uint32_t recipient; /* key: string */
	uint32_t count, first, last;
};

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

struct ledger {
	struct directory *directory;   /* not owned */
	uint32_t parts;		       /* enum ledger_part: what is folded */
	uint32_t from, until;	       /* facts outside [from, until) are left out */
	struct client_totals *clients; /* by id; 0: refusals of unknown clients */
	size_t client_count;	       /* the highest id with sessions */
	size_t client_capacity;
	struct client_reason *reasons;
	size_t reason_count, reason_capacity;
	struct map slots;	 /* struct slot */
	struct map relays;	 /* struct relay_triple */
	struct uses senders;	 /* (client, string) of other refusals with a sender */
	struct map users;	 /* struct user_totals */
	struct uses client_days; /* (client, Unix time / 86400) of the start of sessions
				    with a relay denial, in UTC: for the trend */
	uint32_t mail_senders, mail_recipients; /* distinct */
	bool null_sender;			/* is among the senders */
	uint32_t first, last; /* times of the first and last fact; first > last: none */
};

/* FROM and UNTIL (Unix times; 0 and UINT32_MAX: all) are rounded outward to SLOT_S. */
void ledger_init(struct ledger *ledger, struct directory *directory, uint32_t parts, uint32_t from,
		 uint32_t until);
void ledger_release(struct ledger *ledger);

/* A sink whose facts go into the ledger. */
struct fact_sink ledger_sink(struct ledger *ledger);
/* Many at once, which is a good deal faster. */
void ledger_take_attempts(struct ledger *ledger, const struct attempt *attempts, size_t count);
void ledger_take_sessions(struct ledger *ledger, const struct session_fact *sessions, size_t count);

#endif
