/*
 * Facts on their way from the session stage to the sink.
 *
 * Folding facts takes about as long as making them, so attempts and sessions
 * go in batches that another thread may hand on while the next ones are made.
 * Batches are of a fixed size and handed on in their order, one at a time: the
 * sink sees the same calls for any number of threads. Slots and roles are few
 * and go straight through, from the thread that makes facts: a sink must bear them
 * while another thread hands it attempts and sessions.
 */
#ifndef MXWATCH_PIPELINE_BATCHES_H
#define MXWATCH_PIPELINE_BATCHES_H

#include <pthread.h>
#include <stdbool.h>

#include "model/fact.h"

struct batch;

struct batches {
	const struct fact_sink *sink;
	bool alone;		       /* nobody else hands on: done at once */
	void (*filled)(void *context); /* a batch waits to be handed on; may be NULL */
	void *filled_context;
	struct batch *filling; /* of the thread that makes facts */
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed;
	struct batch *first, *last, *spare;
	unsigned int waiting;
	bool busy; /* a batch is being handed on */
};

void batches_init(struct batches *batches, const struct fact_sink *sink, bool alone);
void batches_release(struct batches *batches);

/* A sink that fills the batches. */
struct fact_sink batches_sink(struct batches *batches);
/* Hands on one batch if at least LEAST wait and nobody else is at it; returns
   whether it did. From any thread. */
bool batches_hand_on(struct batches *batches, unsigned int least);
/* Hands on everything, the batch being filled too. From the thread that makes facts. */
void batches_drain(struct batches *batches);

#endif
