/* Playing a plan against what was: see history.h. */
#include "block/history.h"

#include <stdlib.h>

#include "base/memory.h"

void history_init(struct history *history, uint32_t from, uint32_t until)
{
	*history = (struct history){.from = from, .until = until};
}

void history_release(struct history *history)
{
	free(history->sessions);
	free(history->by_end);
	*history = (struct history){0};
}

static void take_session(void *context, const struct session_fact *fact)
{
	struct history *history = context;

	if (fact->flags & SESSION_UNTIMED || fact->end < history->from ||
	    fact->end >= history->until || history->count == UINT32_MAX)
		return;
	ARRAY_GROW(history->sessions, history->count, history->capacity);
	history->sessions[history->count++] = (struct past_session){
		.start = fact->start < fact->end ? fact->start : fact->end,
		.end = fact->end,
		.client = fact->client,
		.refusals = fact->refusals,
		.accepted = fact->accepted,
	};
	history->sorted = false;
}

struct fact_sink history_sink(struct history *history)
{
	struct fact_sink sink = fact_nowhere;

	sink.context = history;
	sink.session = take_session;
	return sink;
}

static int by_start(const void *a, const void *b)
{
	const struct past_session *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->client < y->client ? -1 : x->client > y->client;
}

/* Where a block stands as time goes on. */
struct in_force {
	uint32_t from, until; /* of the last time; from > until: it never was yet */
	uint32_t ttl_s;	      /* of the next time */
};

struct play {
	const struct history *history;
	const struct plan *plan;
	struct in_force *blocks; /* one for each of the plan's */
	uint32_t *of_client;	 /* by client: number of its block + 1; 0: none */
	bool *stopped;		 /* by session */
	bool *counts_before;	 /* by session: came before its block was decided */
	struct effect *effect;
	struct block_effect *effects;
	struct map lost; /* struct lost by client */
};

static uint32_t later(uint32_t time, uint32_t seconds)
{
	return seconds > UINT32_MAX - time ? UINT32_MAX : time + seconds;
}

uint32_t block_again_s(uint32_t ttl_s)
{
	uint32_t more = ttl_s > UINT32_MAX / 2 ? UINT32_MAX : 2 * ttl_s;
	uint32_t most = ttl_s > TTL_MAX_S ? ttl_s : TTL_MAX_S;

	return more < most ? more : most;
}

/* Puts block N in force from TIME on. */
static void put_in_force(struct play *play, size_t n, uint32_t time)
{
	struct in_force *block = &play->blocks[n];

	if (block->from > block->until)
		play->effect->clients++;
	block->from = time;
	block->until = later(time, block->ttl_s);
	block->ttl_s = block_again_s(block->ttl_s);
	if (play->effects)
		play->effects[n].times++;
}

static void begin(struct play *play, uint32_t ttl_s)
{
	for (size_t i = 0; i < play->plan->count; i++) {
		const struct block *block = &play->plan->blocks[i];

		play->blocks[i] =
			(struct in_force){.from = 1, .ttl_s = ttl_s ? ttl_s : block->lasts_s};
		if (block->decided < play->history->until)
			put_in_force(play, i, block->decided);
	}
}

static void lose(struct play *play, const struct past_session *session)
{
	struct lost *lost = map_at(&play->lost, &session->client);

	if (lost->messages == 0)
		lost->first = session->start;
	lost->last = session->start;
	lost->messages += session->accepted;
	play->effect->wanted_messages_lost += session->accepted;
}

static void stop(struct play *play, size_t n, size_t session_number)
{
	const struct past_session *session = &play->history->sessions[session_number];

	play->stopped[session_number] = true;
	play->effect->connections_stopped++;
	play->effect->refusals_saved += session->refusals;
	if (play->effects) {
		play->effects[n].connections_stopped++;
		play->effects[n].refusals_saved += session->refusals;
	}
	if (session->accepted)
		lose(play, session);
}

static void meet(struct play *play, size_t n, size_t session_number)
{
	const struct past_session *session = &play->history->sessions[session_number];
	struct in_force *block = &play->blocks[n];

	/* In the second in which it was decided, it stops nothing yet. */
	if (session->start <= play->plan->blocks[n].decided)
		play->counts_before[session_number] = true;
	else if (session->start > block->from && session->start <= block->until)
		stop(play, n, session_number);
	else if (session->start > block->until && session->refusals)
		put_in_force(play, n, session->end);
}

static void play_all(struct play *play)
{
	const struct history *history = play->history;

	for (size_t i = 0; i < history->count; i++) {
		uint32_t n = play->of_client[history->sessions[i].client];

		play->effect->refusals_total += history->sessions[i].refusals;
		if (n)
			meet(play, n - 1, i);
	}
	play->effect->connections_total = history->count;
}

/* The most sessions at once but for those left out by OUT and ALSO (each may be NULL). One that
   ends in the second in which another begins is over by then. */
static uint32_t peak(const struct history *history, const bool *out, const bool *also)
{
	const struct past_session *sessions = history->sessions;
	size_t next = 0, begun = 0, over = 0, most = 0;

	for (size_t i = 0; i < history->count; i++) {
		if ((out && out[i]) || (also && also[i]))
			continue;
		for (; next < history->count; next++) {
			size_t ending = history->by_end[next];

			if (sessions[ending].end > sessions[i].start)
				break;
			/* Those that end in the second they begin in are told below. */
			over += sessions[ending].end > sessions[ending].start &&
				!(out && out[ending]) && !(also && also[ending]);
		}
		if (begun - over + 1 > most)
			most = begun - over + 1;
		begun += sessions[i].end > sessions[i].start;
	}
	return (uint32_t)most;
}

static void find_peaks(struct play *play)
{
	const struct history *history = play->history;

	play->effect->peak_before = history->peak;
	play->effect->peak_with_onset = peak(history, play->stopped, NULL);
	play->effect->peak_after = peak(history, play->stopped, play->counts_before);
}

static int end_order(const void *a, const void *b, void *sessions)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint32_t x_end = ((const struct past_session *)sessions)[x].end;
	uint32_t y_end = ((const struct past_session *)sessions)[y].end;

	return x_end != y_end ? (x_end < y_end ? -1 : 1) : x < y ? -1 : x > y;
}

/* In the order of their begins, and of their ends. */
static void sort(struct history *history)
{
	qsort(history->sessions, history->count, sizeof(*history->sessions), by_start);
	free(history->by_end);
	history->by_end = memory_get(history->count * sizeof(*history->by_end));
	for (size_t i = 0; i < history->count; i++)
		history->by_end[i] = (uint32_t)i;
	qsort_r(history->by_end, history->count, sizeof(*history->by_end), end_order,
		history->sessions);
	history->peak = peak(history, NULL, NULL);
	history->sorted = true;
}

static void find_blocks(struct play *play, const struct directory *directory)
{
	for (uint32_t id = 1; id <= directory->clients.count; id++) {
		const struct block *block =
			plan_find(play->plan, &directory_client_at(directory, id)->ip);

		if (block)
			play->of_client[id] = (uint32_t)(block - play->plan->blocks) + 1;
	}
}

static int lost_order(const void *a, const void *b)
{
	const struct lost *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static void tell_lost(const struct map *lost, struct lost_list *ret_lost)
{
	*ret_lost = (struct lost_list){0};
	for (uint32_t i = 0; i < lost->count; i++) {
		ARRAY_GROW(ret_lost->list, ret_lost->count, ret_lost->capacity);
		ret_lost->list[ret_lost->count++] = *(const struct lost *)map_row(lost, i);
	}
	if (ret_lost->count)
		qsort(ret_lost->list, ret_lost->count, sizeof(*ret_lost->list), lost_order);
}

void history_play(struct history *history, const struct plan *plan,
		  const struct directory *directory, uint32_t ttl_s, struct effect *ret_effect,
		  struct block_effect *effects, struct lost_list *ret_lost)
{
	struct play play = {
		.history = history,
		.plan = plan,
		.blocks = memory_get_zeroed(plan->count + 1, sizeof(*play.blocks)),
		.of_client = memory_get_zeroed((size_t)directory->clients.count + 1,
					       sizeof(*play.of_client)),
		.stopped = memory_get_zeroed(history->count + 1, sizeof(bool)),
		.counts_before = memory_get_zeroed(history->count + 1, sizeof(bool)),
		.effect = ret_effect,
		.effects = effects,
	};

	if (!history->sorted && history->count)
		sort(history);
	*ret_effect = (struct effect){.ttl_s = ttl_s};
	map_init(&play.lost, sizeof(struct lost), sizeof(uint32_t));
	find_blocks(&play, directory);
	begin(&play, ttl_s);
	play_all(&play);
	find_peaks(&play);
	if (ret_lost)
		tell_lost(&play.lost, ret_lost);
	map_release(&play.lost);
	free(play.blocks);
	free(play.of_client);
	free(play.stopped);
	free(play.counts_before);
}
