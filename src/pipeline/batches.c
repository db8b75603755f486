#include "pipeline/batches.h"

#include <stdlib.h>

#include "base/memory.h"

#define BATCH_FACTS 2048
#define WAITING_MAX 8

struct batch {
	struct batch *next;
	size_t attempt_count, session_count;
	struct attempt attempts[BATCH_FACTS];
	struct session_fact sessions[BATCH_FACTS];
};

void batches_init(struct batches *batches, const struct fact_sink *sink, bool alone)
{
	*batches = (struct batches){.sink = sink, .alone = alone};
	batches->filling = memory_get_zeroed(1, sizeof(struct batch));
	pthread_mutex_init(&batches->mutex, NULL);
	pthread_cond_init(&batches->changed, NULL);
}

void batches_release(struct batches *batches)
{
	while (batches->spare) {
		struct batch *next = batches->spare->next;

		free(batches->spare);
		batches->spare = next;
	}
	free(batches->filling);
	pthread_mutex_destroy(&batches->mutex);
	pthread_cond_destroy(&batches->changed);
}

static void hand_on(const struct fact_sink *sink, struct batch *batch)
{
	fact_attempts(sink, batch->attempts, batch->attempt_count);
	fact_sessions(sink, batch->sessions, batch->session_count);
	batch->attempt_count = batch->session_count = 0;
}

/* With the mutex held: hands on the oldest batch; the mutex is free meanwhile. */
static void hand_on_first(struct batches *batches)
{
	struct batch *batch = batches->first;

	batches->first = batch->next;
	batches->waiting--;
	batches->busy = true;
	pthread_mutex_unlock(&batches->mutex);
	hand_on(batches->sink, batch);
	pthread_mutex_lock(&batches->mutex);
	batches->busy = false;
	batch->next = batches->spare;
	batches->spare = batch;
	pthread_cond_broadcast(&batches->changed);
}

bool batches_hand_on(struct batches *batches, unsigned int least)
{
	bool may;

	pthread_mutex_lock(&batches->mutex);
	may = !batches->busy && batches->waiting > 0 && batches->waiting >= least;
	if (may)
		hand_on_first(batches);
	pthread_mutex_unlock(&batches->mutex);
	return may;
}

/* With the mutex held: helps, or waits for who is at it, until at most MOST wait. */
static void wait_for(struct batches *batches, unsigned int most)
{
	while (batches->waiting > most || (most == 0 && batches->busy)) {
		if (batches->busy)
			pthread_cond_wait(&batches->changed, &batches->mutex);
		else
			hand_on_first(batches);
	}
}

static void queue_filled(struct batches *batches)
{
	struct batch *batch = batches->filling;

	batch->next = NULL;
	pthread_mutex_lock(&batches->mutex);
	wait_for(batches, WAITING_MAX);
	if (batches->first)
		batches->last->next = batch;
	else
		batches->first = batch;
	batches->last = batch;
	batches->waiting++;
	batches->filling = batches->spare;
	if (batches->filling)
		batches->spare = batches->filling->next;
	else
		batches->filling = memory_get_zeroed(1, sizeof(struct batch));
	pthread_mutex_unlock(&batches->mutex);
	if (batches->filled)
		batches->filled(batches->filled_context);
}

static void filled(struct batches *batches)
{
	if (batches->alone)
		hand_on(batches->sink, batches->filling);
	else
		queue_filled(batches);
}

void batches_drain(struct batches *batches)
{
	pthread_mutex_lock(&batches->mutex);
	wait_for(batches, 0);
	pthread_mutex_unlock(&batches->mutex);
	hand_on(batches->sink, batches->filling);
}

static void take_attempt(void *context, const struct attempt *attempt)
{
	struct batches *batches = context;

	batches->filling->attempts[batches->filling->attempt_count++] = *attempt;
	if (batches->filling->attempt_count == BATCH_FACTS)
		filled(batches);
}

static void take_session(void *context, const struct session_fact *session)
{
	struct batches *batches = context;

	batches->filling->sessions[batches->filling->session_count++] = *session;
	if (batches->filling->session_count == BATCH_FACTS)
		filled(batches);
}

static void take_slot(void *context, const struct slot *slot)
{
	const struct batches *batches = context;

	batches->sink->slot(batches->sink->context, slot);
}

static void take_role(void *context, const struct role_fact *role)
{
	const struct batches *batches = context;

	batches->sink->role(batches->sink->context, role);
}

struct fact_sink batches_sink(struct batches *batches)
{
	return (struct fact_sink){
		.context = batches,
		.attempt = take_attempt,
		.session = take_session,
		.slot = take_slot,
		.role = take_role,
	};
}
