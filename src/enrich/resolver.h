/*
 * The resolver: questions to DNS servers, many at once, without waiting for one
 * (c-ares). What comes back is told by a call; nothing is told from within
 * resolver_ask unless the question could not even be sent.
 */
#ifndef MXWATCH_ENRICH_RESOLVER_H
#define MXWATCH_ENRICH_RESOLVER_H

#include "enrich/wire.h"

#define RESOLVER_SERVERS_MAX 16

enum resolver_status {
	RESOLVER_ANSWER, /* the message has answers */
	RESOLVER_NONE,	 /* there is no such name, or nothing of that type */
	RESOLVER_FAILED, /* the servers cannot or will not tell */
	RESOLVER_SILENT	 /* no server answered */
};

struct question;
/* MESSAGE is valid during the call, and empty without an answer. */
typedef void resolver_done(struct question *question, enum resolver_status status,
			   struct view message);

/* A question belongs to the caller and stays where it is until it is done. */
struct question {
	char name[WIRE_NAME_MAX];
	enum wire_type type;
	resolver_done *done;
	struct resolver *resolver; /* the rest is the resolver's */
	uint32_t server, servers_left;
};

/* SERVERS: see struct enrich_options. Returns 0, or -EINVAL or -ENOMEM with *err filled. */
must_check int resolver_new(const char *const *servers, struct resolver **ret_resolver,
			    struct err *err);
/* Questions that are not done are done as silent ones first. */
void resolver_free(struct resolver *resolver);
/* How many servers it asks, at least 1. */
uint32_t resolver_servers(const struct resolver *resolver);

void resolver_ask(struct resolver *resolver, struct question *question);
/* Takes what has come; waits for it up to WAIT_MS. */
void resolver_run(struct resolver *resolver, int wait_ms);

#endif
