/*
 * The subject of `explain`: a client, a network or a mail address, and the facts
 * that touch it, gathered while they are read beside the detection.
 *
 * Facts are kept from both ends of time: the first ones and the last ones; what lies between is
 * only counted. What is kept does not depend on the order in which facts come.
 */
#ifndef MXWATCH_CMD_SUBJECT_H
#define MXWATCH_CMD_SUBJECT_H

#include "base/err.h"
#include "base/map.h"
#include "base/prefix.h"
#include "model/directory.h"
#include "model/fact.h"

enum subject_kind {
	SUBJECT_CLIENT,	 /* an origin: an IPv4 address, the /64 of an IPv6 one */
	SUBJECT_NETWORK, /* anything wider */
	SUBJECT_MAILBOX	 /* a mail address */
};

/* Rows kept from both ends: the first KEEP and the last KEEP in the order of COMPARE. */
struct ends {
	char *rows;
	size_t row_size, count, capacity;
	size_t keep;
	uint64_t dropped; /* rows between them, once ends_finish has been called */
	int (*compare)(const void *a, const void *b);
};

/* Sessions of a moment, so that the cost of a block is known whenever it would have begun. */
struct moment {
	uint32_t start, end;
	uint32_t connections, refusals, messages;
};

/* What a client did with a mail address. */
struct mailbox_client {
	uint32_t client; /* the key */
	uint32_t as_sender, as_recipient;
	uint32_t first, last;
};

struct subject_totals {
	uint64_t sessions, refusals, messages;
	uint64_t reasons[REASON_MAX]; /* refusals by reason */
	uint32_t first, last;	      /* times; first > last: nothing is known */
	/* Of a mail address: */
	uint64_t as_sender, as_recipient, as_user;
	uint32_t sender_days, recipient_days; /* days of mail taken in from it, delivered to it */
	uint32_t sender_day, recipient_day;   /* the last of them */
};

struct subject {
	enum subject_kind kind;
	const char *asked; /* as it was asked for */
	struct prefix prefix;
	struct view mailbox;
	const struct directory *directory;
	uint32_t from, until; /* facts outside [from, until) are left out */
	struct ends sessions; /* struct session_fact, by start */
	struct ends attempts; /* struct attempt, by time; by session once finished */
	struct map clients;   /* struct mailbox_client */
	struct map days;      /* of roles, to count each once */
	struct moment *moments;
	size_t moment_count, moment_capacity;
	uint32_t moment_s; /* length of a moment; grows when there are too many */
	struct subject_totals totals;
};

/* TEXT: what was asked for. KEEP: sessions to keep from each end. Returns 0, or -EINVAL with *err
   filled if it is none; subject_release in any case. */
must_check int subject_init(struct subject *subject, const char *text, size_t keep,
			    struct err *err);
void subject_release(struct subject *subject);
/* Where facts of DIRECTORY's ids are told, those outside [from, until) left out. */
struct fact_sink subject_sink(struct subject *subject, const struct directory *directory,
			      uint32_t from, uint32_t until);
/* After the last fact: sorts. */
void subject_finish(struct subject *subject);

static inline const struct session_fact *subject_session(const struct subject *subject, size_t n)
{
	return (const struct session_fact *)(const void *)subject->sessions.rows + n;
}
/* The attempts kept of a session. */
const struct attempt *subject_attempts(const struct subject *subject, uint32_t session,
				       size_t *ret_count);
/* Sums of what began in [from, until). */
struct moment subject_between(const struct subject *subject, uint32_t from, uint64_t until);
/* What a block since DECIDED would have stopped, which lasts TTL_S and is put in force again by
   the first refusal that comes later (block/history.h); RET_TIMES: how often. */
struct moment subject_blocked(const struct subject *subject, uint32_t decided, uint32_t ttl_s,
			      uint32_t *ret_times);

#endif
