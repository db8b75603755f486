/*
 * History: the sessions that a plan is played against, kept compactly, and what
 * would have become of them.
 */
#ifndef MXWATCH_BLOCK_HISTORY_H
#define MXWATCH_BLOCK_HISTORY_H

#include "block/plan.h"
#include "model/fact.h"

struct past_session {
	uint32_t start, end;
	uint32_t client; /* 0: unknown */
	uint16_t refusals, accepted;
};

struct history {
	uint32_t from, until; /* sessions that end in [from, until) count */
	struct past_session *sessions;
	size_t count, capacity;
	/* Once played against: */
	bool sorted;
	uint32_t *by_end; /* numbers of sessions */
	uint32_t peak;	  /* the most at once */
};

void history_init(struct history *history, uint32_t from, uint32_t until);
void history_release(struct history *history);
/* Takes sessions; other facts are passed over. */
struct fact_sink history_sink(struct history *history);

/* What blocks would have done. */
struct effect {
	uint32_t ttl_s;	  /* of every block; 0: each its own */
	uint32_t clients; /* blocks that were in force at some time */
	uint64_t connections_stopped, connections_total;
	uint64_t refusals_saved, refusals_total;
	/* Sessions at once. After: once each block was in force, so that the time until it was
	   decided does not count; with_onset: with that time. */
	uint32_t peak_before, peak_after, peak_with_onset;
	uint64_t wanted_messages_lost;
};

/* What one block would have done. */
struct block_effect {
	uint64_t connections_stopped, refusals_saved;
	uint32_t times; /* that it was put in force */
};

/* How long a block lasts that lasted TTL_S and is put in force again. */
uint32_t block_again_s(uint32_t ttl_s);

/* Messages that were taken in and would not have been. */
struct lost {
	uint32_t client;
	uint32_t first, last; /* times of their sessions */
	uint64_t messages;
};

struct lost_list {
	struct lost *list;
	size_t count, capacity;
};

/*
 * Plays PLAN, whose blocks are of single origins, against HISTORY. From the time it was
 * decided on, a block is in force for its time to live (TTL_S; 0: its own); when that
 * is over, the next session of its clients that is refused puts it in force again,
 * for twice the time, up to TTL_MAX_S. EFFECTS (may be NULL): one for each block, zeroed.
 * RET_LOST may be NULL; its list is freed by the caller.
 */
void history_play(struct history *history, const struct plan *plan,
		  const struct directory *directory, uint32_t ttl_s, struct effect *ret_effect,
		  struct block_effect *effects, struct lost_list *ret_lost);

#endif
