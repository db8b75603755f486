/*
 * Origins: whom findings are about. An origin is an IPv4 address, or the /64 of
 * an IPv6 address; what is known of it as a whole is folded here, once for all
 * detectors and for the verdict.
 */
#ifndef MXWATCH_DETECT_ORIGINS_H
#define MXWATCH_DETECT_ORIGINS_H

#include "base/map.h"
#include "base/prefix.h"
#include "model/directory.h"
#include "model/fact.h"

enum origin_flag {
	ORIGIN_OUTBOUND = 1 << 0,    /* authenticated or local: it sends our own mail */
	ORIGIN_CLIENTS_MANY = 1 << 1 /* several addresses (an IPv6 /64) */
};

struct origin {
	struct prefix prefix;		/* the key */
	uint32_t client;		/* the first address seen in it */
	uint32_t flags;			/* enum origin_flag */
	uint32_t first, last;		/* times of its first and last fact; first > last: none */
	uint32_t sessions, connections; /* connections: sessions that peers would count */
	uint32_t refused_sessions, relay_sessions;
	uint32_t refused_only_sessions;	      /* refused, and no message taken in */
	uint32_t attempts, relay_attempts;    /* refusals of any kind; relay denials */
	uint32_t messages;		      /* taken in */
	uint32_t message_first, message_last; /* ends of sessions with messages taken in */
	uint64_t connected_ms;
	/* Days (UTC) with refusals, so that it is seen who returns: bit n is refused_day - n,
	   refused_day being the last of them. Days may be told in any order. */
	uint64_t refused_days;
	uint32_t refused_day;
	uint32_t unused;
};

struct origins {
	const struct directory *directory; /* not owned */
	struct map rows;		   /* struct origin; number = row + 1 */
	uint32_t *of_client;		   /* by client id: number; 0: not known yet */
	uint32_t of_client_capacity;
};

void origins_init(struct origins *origins, const struct directory *directory);
void origins_release(struct origins *origins);

/* The prefix that an address is judged as. */
struct prefix origin_prefix(const struct ip *ip);
/* The number of the origin of CLIENT, added if new; 0 for client 0. */
uint32_t origins_of_client(struct origins *origins, uint32_t client);
/* The number of the origin of CLIENT, if it is known, and its row brought near; else 0. */
static inline uint32_t origins_expect(const struct origins *origins, uint32_t client)
{
	uint32_t number = client < origins->of_client_capacity ? origins->of_client[client] : 0;

	if (number)
		__builtin_prefetch(map_row(&origins->rows, number - 1), 1);
	return number;
}
/* The number of the origin with PREFIX, or 0. */
uint32_t origins_find(const struct origins *origins, const struct prefix *prefix);
static inline struct origin *origins_at(const struct origins *origins, uint32_t number)
{
	return map_row(&origins->rows, number - 1);
}
static inline uint32_t origins_count(const struct origins *origins)
{
	return origins->rows.count;
}
void origins_take_attempt(struct origins *origins, uint32_t number, const struct attempt *attempt);
void origins_take_session(struct origins *origins, uint32_t number,
			  const struct session_fact *session);

/* The name of the origin's client as the server told it, empty if none; *ret_confirmed tells
   whether it led back to the address. */
struct view origin_name(const struct origins *origins, const struct origin *origin,
			bool *ret_confirmed);

#endif
