/*
 * The threads are all alike: each looks for what is most urgent, the ordered
 * stage (only one may be in it), facts to hand on (only one may do so), else a
 * block to parse, else a block to read,
 * and goes on until all lanes are done. With one job the same loop runs alone.
 */
#include "pipeline/pipeline.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "pipeline/merge.h"

#define BLOCK_BYTES ((size_t)256 << 10)
#define BLOCK_BYTES_MIN ((size_t)16 << 10)
#define WINDOW_BYTES ((size_t)4 << 20) /* of text, over all active lanes */
#define JOBS_MAX 64
#define BATCHES_PRESSING 3 /* so many waiting batches come before parsing */

struct crew {
	pthread_mutex_t mutex;
	pthread_cond_t news;
	struct merge merge;
	struct batches batches;
	struct block_options block_options;
	unsigned int jobs;
	bool ordering; /* somebody is in the ordered stage */
	bool stuck;    /* it got nowhere, and nothing was parsed or read since */
	bool over;
	uint64_t happened; /* counts what is news to those that wait */
};

static void crew_lock(void *context)
{
	struct crew *crew = context;

	pthread_mutex_lock(&crew->mutex);
}

static void crew_unlock(void *context)
{
	struct crew *crew = context;

	pthread_mutex_unlock(&crew->mutex);
}

static void something_new(struct crew *crew)
{
	crew->stuck = false;
	crew->happened++;
	if (crew->jobs > 1)
		pthread_cond_broadcast(&crew->news);
}

static bool do_order(struct crew *crew)
{
	struct merge_lock lock = {crew, crew_lock, crew_unlock};
	bool went;

	if (crew->ordering || crew->stuck || crew->over)
		return false;
	crew->ordering = true;
	/* What arrives while it works makes it worth another try. */
	crew->stuck = true;
	pthread_mutex_unlock(&crew->mutex);
	went = merge_step(&crew->merge, &lock);
	pthread_mutex_lock(&crew->mutex);
	crew->ordering = false;
	crew->over = merge_done(&crew->merge);
	if (went || crew->over)
		something_new(crew);
	return true;
}

/* A batch was filled: there is more to do. */
static void on_filled(void *context)
{
	struct crew *crew = context;

	pthread_mutex_lock(&crew->mutex);
	crew->happened++;
	pthread_cond_signal(&crew->news);
	pthread_mutex_unlock(&crew->mutex);
}

static bool do_hand_on(struct crew *crew, unsigned int least)
{
	bool did;

	pthread_mutex_unlock(&crew->mutex);
	did = batches_hand_on(&crew->batches, least);
	pthread_mutex_lock(&crew->mutex);
	return did;
}

static struct block *unparsed(struct crew *crew)
{
	for (size_t i = 0; i < crew->merge.active_count; i++)
		for (struct block *b = crew->merge.active[i]->blocks; b; b = b->next)
			if (b->state == BLOCK_READ)
				return b;
	return NULL;
}

static void parse(struct crew *crew, struct block *block)
{
	block->state = BLOCK_PARSING;
	pthread_mutex_unlock(&crew->mutex);
	block_read(view_of(block->text, block->len), &crew->block_options, &block->events);
	pthread_mutex_lock(&crew->mutex);
	block->state = BLOCK_PARSED;
	something_new(crew);
}

static bool do_parse(struct crew *crew)
{
	struct block *block = unparsed(crew);

	if (!block)
		return false;
	parse(crew, block);
	return true;
}

static size_t block_bytes(const struct crew *crew)
{
	size_t size = crew->merge.options->block_bytes;

	if (size)
		return size;
	size = WINDOW_BYTES / (crew->merge.active_count * 2);
	size = size > BLOCK_BYTES ? BLOCK_BYTES : size;
	return size < BLOCK_BYTES_MIN ? BLOCK_BYTES_MIN : size;
}

/* The lane that has the fewest blocks ready, if any may have more. */
static struct lane *wants_block(const struct crew *crew)
{
	size_t window = crew->merge.active_count == 1 ? 2 * crew->jobs + 2 : 2;
	struct lane *wants = NULL;

	for (size_t i = 0; i < crew->merge.active_count; i++) {
		struct lane *lane = crew->merge.active[i];

		if (lane->reading || lane->read_all || lane->block_count >= window)
			continue;
		if (!wants || lane->block_count < wants->block_count)
			wants = lane;
	}
	return wants;
}

static struct block *block_get(struct crew *crew)
{
	struct block *block = NULL;

	if ((block = crew->merge.spent))
		crew->merge.spent = block->next;
	else
		block = memory_get_zeroed(1, sizeof(*block));
	block->next = NULL;
	return block;
}

static void block_queue(struct lane *lane, struct block *block)
{
	block->state = BLOCK_READ;
	if (!lane->blocks)
		lane->blocks_end = &lane->blocks;
	*lane->blocks_end = block;
	lane->blocks_end = &block->next;
	lane->block_count++;
}

static bool do_read(struct crew *crew)
{
	const struct pipeline_options *options = crew->merge.options;
	struct lane *lane = wants_block(crew);
	struct block *block;
	struct err err = {""};
	size_t size;
	int r;

	if (!lane)
		return false;
	block = block_get(crew);
	size = block_bytes(crew);
	lane->reading = true;
	pthread_mutex_unlock(&crew->mutex);
	r = lane_read(lane, block, size, crew->merge.keeper != NULL, &err);
	pthread_mutex_lock(&crew->mutex);
	lane->reading = false;
	if (r < 0 && options->trouble)
		options->trouble(options->trouble_context, &err);
	if (block->len > 0) {
		block_queue(lane, block);
		/* Its text is in this processor's cache now. */
		parse(crew, block);
	} else {
		block_events_release(&block->events);
		free(block->text);
		free(block);
	}
	something_new(crew);
	return true;
}

/* Does the most urgent thing there is; returns whether there was any. */
static bool do_something(struct crew *crew)
{
	return do_order(crew) || do_hand_on(crew, BATCHES_PRESSING) || do_parse(crew) ||
	       do_read(crew) || do_hand_on(crew, 1);
}

static void *work(void *context)
{
	struct crew *crew = context;

	pthread_mutex_lock(&crew->mutex);
	while (!crew->over) {
		uint64_t known = crew->happened;

		/* Looking lets go of the mutex: what happened meanwhile is not to be slept over. */
		if (!do_something(crew) && !crew->over && crew->happened == known)
			pthread_cond_wait(&crew->news, &crew->mutex);
	}
	pthread_mutex_unlock(&crew->mutex);
	return NULL;
}

static void run(struct crew *crew)
{
	pthread_t threads[JOBS_MAX];
	unsigned int started = 0;

	for (; started + 1 < crew->jobs; started++)
		if (pthread_create(&threads[started], NULL, work, crew) != 0)
			break;
	work(crew);
	while (started > 0)
		pthread_join(threads[--started], NULL);
}

/* By their first stamps; of two that begin together the longer first, so that of
   Exim's main and reject log the main log tells what both tell. */
static int compare_lanes(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;

	if (x->first_time != y->first_time)
		return x->first_time < y->first_time ? -1 : 1;
	if (x->identity.size != y->identity.size)
		return x->identity.size > y->identity.size ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static struct lane *lanes_new(char *const *paths, size_t count,
			      const struct pipeline_options *options)
{
	struct lane *lanes = memory_get_zeroed(count, sizeof(*lanes));

	for (size_t i = 0; i < count; i++) {
		lanes[i].path = paths[i];
		lanes[i].number = i;
		lanes[i].first_time = INT64_MIN;
		if (count > 1)
			lane_peek(&lanes[i], options);
	}
	qsort(lanes, count, sizeof(*lanes), compare_lanes);
	for (size_t i = 0; i < count; i++)
		lanes[i].number = i;
	return lanes;
}

static unsigned int jobs_wanted(unsigned int jobs)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (jobs == 0)
		jobs = online > 0 ? (unsigned int)online : 1;
	return jobs < JOBS_MAX ? jobs : JOBS_MAX;
}

static void lanes_free(struct lane *lanes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		while (lanes[i].blocks) {
			struct block *block = lanes[i].blocks;

			lanes[i].blocks = block->next;
			block_events_release(&block->events);
			free(block->text);
			free(block);
		}
		lane_release(&lanes[i]);
	}
	free(lanes);
}

static int read_all(struct crew *crew, const struct keeper *keeper, struct err *err)
{
	struct merge *merge = &crew->merge;
	int r = 0;

	if (keeper)
		r = keeper->restore(keeper->context, merge->sessions, err);
	if (r < 0)
		return r;
	run(crew);
	merge_finish(merge);
	if (merge->failure)
		return merge->failure;
	if (merge->opened == 0)
		return -EIO; /* *err says why the first could not be opened */
	return 0;
}

int pipeline_read(char *const *paths, size_t count, const struct pipeline_options *options,
		  struct directory *directory, const struct fact_sink *sink,
		  const struct keeper *keeper, struct input_totals *ret_totals, struct err *err)
{
	struct crew crew = {
		.mutex = PTHREAD_MUTEX_INITIALIZER,
		.news = PTHREAD_COND_INITIALIZER,
		.jobs = jobs_wanted(options->jobs),
		.block_options = {options->mta, count > 1 || keeper},
	};
	struct lane *lanes = lanes_new(paths, count, options);
	struct fact_sink to_batches;
	int r;

	*ret_totals = (struct input_totals){0};
	err->text[0] = '\0';
	crew.merge.options = options;
	crew.merge.keeper = keeper;
	crew.merge.totals = ret_totals;
	crew.merge.err = err;
	batches_init(&crew.batches, sink, crew.jobs == 1 || options->in_line);
	crew.batches.filled = on_filled;
	crew.batches.filled_context = &crew;
	crew.merge.batches = &crew.batches;
	to_batches = batches_sink(&crew.batches);
	crew.merge.sessions = sessions_new(&options->sessions, directory, &to_batches);
	merge_init(&crew.merge, lanes, count);
	r = read_all(&crew, keeper, err);
	merge_release(&crew.merge);
	lanes_free(lanes, count);
	sessions_free(crew.merge.sessions);
	batches_release(&crew.batches);
	return r;
}
