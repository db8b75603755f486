/*
 * Lanes become active when the merged time passes their first stamp. From
 * then on the lane whose next event is the earliest gives events until another
 * one's turn has come; equal times go by the lanes' order, so the result does
 * not depend on who was parsed first.
 */
#include "pipeline/merge.h"

#include <stdlib.h>

#include "base/memory.h"

#define COMMIT_BYTES ((uint64_t)128 << 20)

void merge_init(struct merge *merge, struct lane *lanes, size_t count)
{
	merge->lanes = lanes;
	merge->lane_count = count;
	merge->active = memory_get(count * sizeof(struct lane *));
	once_init(&merge->once);
}

static void block_free(struct block *block)
{
	block_events_release(&block->events);
	free(block->text);
	free(block);
}

void merge_release(struct merge *merge)
{
	while (merge->spent) {
		struct block *next = merge->spent->next;

		block_free(merge->spent);
		merge->spent = next;
	}
	for (size_t i = 0; i < merge->lane_count; i++)
		if (merge->lanes[i].current)
			block_free(merge->lanes[i].current);
	free(merge->active);
	once_release(&merge->once);
}

/* Remembers the line before the next block's first, should that be repeated. */
static void keep_for_repeat(struct lane *lane, const struct block *block)
{
	const struct event *last;
	struct word *words[7];
	char *to;
	size_t size = 0;

	lane->repeat_valid = block->events.last_line_told && block->events.count > 0;
	if (!lane->repeat_valid)
		return;
	last = &block->events.events[block->events.count - 1];
	lane->repeat = *last;
	words[0] = &lane->repeat.host, words[1] = &lane->repeat.queue_id;
	words[2] = &lane->repeat.name, words[3] = &lane->repeat.helo;
	words[4] = &lane->repeat.sender, words[5] = &lane->repeat.recipient;
	words[6] = &lane->repeat.text;
	for (size_t i = 0; i < 7; i++)
		size += words[i]->len;
	to = lane->repeat_text = memory_resize(lane->repeat_text, size, 1);
	for (size_t i = 0; i < 7; i++) {
		if (words[i]->len)
			memcpy(to, words[i]->ptr, words[i]->len);
		words[i]->ptr = to;
		to += words[i]->len;
	}
}

/* Replaces "last message repeated" at the block's begin by what it repeats. */
static void expand_repeat(struct lane *lane, struct block *block)
{
	struct event *first = block->events.events;
	struct event told;

	if (block->events.count == 0 || first->kind != EVENT_REPEAT_LAST)
		return;
	told = *first;
	if (!lane->repeat_valid) {
		first->kind = EVENT_NONE;
		return;
	}
	*first = lane->repeat;
	first->repeat = told.repeat;
	first->time_s = told.time_s;
	first->time_us = told.time_us;
	first->end = told.end;
	first->line_hash = told.line_hash;
	first->flags |= told.flags & (EVENT_NO_YEAR | EVENT_NO_ZONE);
}

static void add_samples(struct input_totals *totals, const struct block_events *events)
{
	for (size_t i = 0; i < events->sample_count; i++) {
		size_t at = 0;

		while (at < totals->sample_count &&
		       strcmp(totals->samples[at].program, events->samples[i].program) != 0)
			at++;
		if (at == PIPELINE_SAMPLES)
			continue;
		if (at == totals->sample_count) {
			struct input_sample *sample = &totals->samples[totals->sample_count++];

			memcpy(sample->program, events->samples[i].program,
			       sizeof(sample->program));
			memcpy(sample->line, events->samples[i].line, sizeof(sample->line));
			sample->line_len = events->samples[i].line_len;
			sample->count = 0;
		}
		totals->samples[at].count += events->samples[i].count;
	}
}

/* Counts the lines of a block that are not counted yet. */
static void count_lines(struct merge *merge, struct lane *lane, const struct block_events *events,
			uint64_t bytes)
{
	struct input_totals *totals = merge->totals;

	totals->lines += events->lines - lane->counted_lines;
	totals->other_programs += events->other_programs - lane->counted_other;
	totals->not_understood += events->not_understood - lane->counted_unknown;
	totals->bytes += bytes - lane->counted_bytes;
	lane->counted_lines = events->lines;
	lane->counted_other = events->other_programs;
	lane->counted_unknown = events->not_understood;
	lane->counted_bytes = bytes;
}

/* TEXT comes behind what was read so far. */
static void tail_add(struct tail *tail, const char *text, size_t len)
{
	size_t fresh = len < KEEPER_TAIL ? len : KEEPER_TAIL;
	size_t old = KEEPER_TAIL - fresh < tail->len ? KEEPER_TAIL - fresh : tail->len;

	memmove(tail->bytes, tail->bytes + tail->len - old, old);
	memcpy(tail->bytes + old, text + len - fresh, fresh);
	tail->len = old + fresh;
}

/* The lane's block has been taken to its end: returns it. */
static struct block *block_leave(struct merge *merge, struct lane *lane)
{
	struct block *block = lane->current;

	count_lines(merge, lane, &block->events, block->len);
	add_samples(merge->totals, &block->events);
	lane->counted_lines = lane->counted_other = lane->counted_unknown = lane->counted_bytes = 0;
	keep_for_repeat(lane, block);
	tail_add(&lane->tail, block->text, block->len);
	merge->since_commit += block->len;
	lane->current = NULL;
	return block;
}

static void block_enter(struct lane *lane, struct block *block)
{
	expand_repeat(lane, block);
	lane_clock_resolve(&lane->clock, block->events.events, block->events.count);
	lane->current = block;
	lane->next_event = 0;
	lane->disk_position = block->disk_position;
}

/* Takes the lane's next parsed block, if there is one. */
static struct block *take_block(struct lane *lane)
{
	struct block *block = lane->blocks;

	if (!block || block->state != BLOCK_PARSED)
		return NULL;
	lane->blocks = block->next;
	if (!lane->blocks)
		lane->blocks_end = &lane->blocks;
	lane->block_count--;
	return block;
}

enum lane_state { LANE_HAS_EVENT, LANE_WAITS, LANE_ENDED };

/* Brings the lane to its next event. */
static enum lane_state lane_ready(struct merge *merge, struct lane *lane,
				  const struct merge_lock *lock)
{
	for (;;) {
		struct block *block, *left = NULL;
		bool ended;

		if (lane->current) {
			if (lane->next_event < lane->current->events.count) {
				int64_t time =
					lane->current->events.events[lane->next_event].time_s;

				lane->time = time > lane->time ? time : lane->time;
				return LANE_HAS_EVENT;
			}
			left = block_leave(merge, lane);
		}
		lock->lock(lock->context);
		if (left) {
			left->next = merge->spent;
			merge->spent = left;
		}
		block = take_block(lane);
		ended = !lane->reading && lane->read_all && !lane->blocks && !block;
		lock->unlock(lock->context);
		if (!block)
			return ended ? LANE_ENDED : LANE_WAITS;
		block_enter(lane, block);
	}
}

static void say_progress(struct merge *merge, const struct lane *lane)
{
	uint64_t done = 0, all = 0;

	if (!merge->options->progress)
		return;
	for (size_t i = 0; i < merge->lane_count; i++) {
		done += merge->lanes[i].done ? merge->lanes[i].identity.size
					     : merge->lanes[i].disk_position;
		all += merge->lanes[i].identity.size;
	}
	merge->options->progress(merge->options->progress_context, lane->path, done, all);
}

static void lane_activate(struct merge *merge, struct lane *lane)
{
	struct err err = {""};
	int r = lane_open(lane, merge->options, merge->keeper, &err);

	if (r < 0 && merge->options->trouble)
		merge->options->trouble(merge->options->trouble_context, &err);
	if (r < 0 && !merge->failure && merge->err && !merge->err->text[0])
		*merge->err = err;
	if (r >= 0)
		merge->opened++;
	if (r != 0) {
		lane->done = lane->read_all = true;
		lane->log = 0;
		return;
	}
	lane->time = INT64_MIN;
	lane->active = true;
	merge->active[merge->active_count++] = lane;
	merge->totals->files += lane->read_offset == 0;
}

static void lane_deactivate(struct merge *merge, size_t at)
{
	struct lane *lane = merge->active[at];

	say_progress(merge, lane);
	lane->done = true;
	lane->active = false;
	source_close(lane->source);
	lane->source = NULL;
	merge->active_count--;
	memmove(&merge->active[at], &merge->active[at + 1],
		(merge->active_count - at) * sizeof(struct lane *));
}

static bool before(const struct lane *a, const struct lane *b)
{
	return a->time != b->time ? a->time < b->time : a->number < b->number;
}

/* Makes every active lane ready and every lane active whose time has come.
   Returns the lane whose turn it is; NULL if one waits or all have ended. */
static struct lane *whose_turn(struct merge *merge, const struct merge_lock *lock)
{
	struct lane *first = NULL;

	for (size_t i = 0; i < merge->active_count;) {
		struct lane *lane = merge->active[i];

		switch (lane_ready(merge, lane, lock)) {
		case LANE_WAITS:
			return NULL;
		case LANE_ENDED:
			lock->lock(lock->context);
			lane_deactivate(merge, i);
			lock->unlock(lock->context);
			continue;
		case LANE_HAS_EVENT:
			first = first && !before(lane, first) ? first : lane;
			i++;
		}
	}
	return first;
}

/* How far LANE may go before another lane's turn. */
static int64_t turn_ends(const struct merge *merge, const struct lane *lane)
{
	int64_t end = INT64_MAX;

	for (size_t i = 0; i < merge->active_count; i++) {
		const struct lane *other = merge->active[i];
		int64_t until;

		if (other == lane)
			continue;
		until = other->number > lane->number ? other->time : other->time - 1;
		end = until < end ? until : end;
	}
	if (merge->next_lane < merge->lane_count) {
		int64_t until = merge->lanes[merge->next_lane].first_time;

		end = until < end ? until : end;
	}
	return end;
}

/* Whether the event is news, told neither by another lane nor in an earlier run. */
static bool is_news(struct merge *merge, struct lane *lane, const struct event *event)
{
	const struct keeper *keeper = merge->keeper;

	if (merge->lane_count > 1 &&
	    !once_counts(&merge->once, lane->number, lane->time,
			 hash_pair(event->line_hash, (uint64_t)event->time_s)))
		return false;
	if (!keeper)
		return true;
	if (keeper->told(keeper->context, lane->log, event->time_s, event->line_hash))
		return false;
	keeper->note(keeper->context, lane->log, event->time_s, event->line_hash);
	return true;
}

static inline void note_time(struct input_totals *totals, int64_t time)
{
	if (totals->first_time == 0 || time < totals->first_time)
		totals->first_time = time;
	if (time > totals->last_time)
		totals->last_time = time;
}

/* Hands on the lane's events up to the time END. */
static void take_turn(struct merge *merge, struct lane *lane, int64_t end)
{
	struct block_events *block = &lane->current->events;
	bool filter = merge->lane_count > 1 || merge->keeper;
	struct event *events = block->events;
	size_t from = lane->next_event, at = from;

	for (; at < block->count; at++) {
		if (events[at].time_s > lane->time) {
			if (events[at].time_s > end)
				break;
			lane->time = events[at].time_s;
		}
		note_time(merge->totals, events[at].time_s);
		if (filter && !is_news(merge, lane, &events[at])) {
			sessions_take(merge->sessions, events + from, at - from);
			from = at + 1;
		}
	}
	sessions_take(merge->sessions, events + from, at - from);
	if (at > lane->next_event)
		lane->last_time = events[at - 1].time_s;
	lane->next_event = at;
}

static void progress_of(const struct lane *lane, struct keeper_progress *ret)
{
	struct tail tail = lane->tail;

	ret->offset = lane->read_offset;
	if (lane->current) {
		const struct block *block = lane->current;
		size_t bytes =
			lane->next_event ? block->events.events[lane->next_event - 1].end : 0;

		ret->offset = block->offset + bytes;
		tail_add(&tail, block->text, bytes);
	} else if (lane->blocks) {
		ret->offset = lane->blocks->offset;
	}
	ret->log = lane->log;
	ret->last_time = lane->last_time;
	ret->tail_hash = hash64(tail.bytes, tail.len);
}

/* Counts the lines up to where the lane stands within its block. */
static void count_begun_block(struct merge *merge, struct lane *lane)
{
	struct block_options options = {merge->options->mta, false};
	struct block_events begun = {0};
	size_t bytes;

	if (!lane->current || lane->next_event == 0)
		return;
	bytes = lane->current->events.events[lane->next_event - 1].end;
	block_read(view_of(lane->current->text, bytes), &options, &begun);
	count_lines(merge, lane, &begun, bytes);
	block_events_release(&begun);
}

static struct input_totals totals_since(const struct input_totals *now,
					const struct input_totals *then)
{
	struct input_totals since = *now;

	since.files -= then->files;
	since.lines -= then->lines;
	since.bytes -= then->bytes;
	since.other_programs -= then->other_programs;
	since.not_understood -= then->not_understood;
	for (size_t i = 0; i < then->sample_count; i++)
		since.samples[i].count -= then->samples[i].count;
	return since;
}

static void commit(struct merge *merge)
{
	struct keeper_progress *progress;
	struct input_totals since;
	size_t count = 0;
	int r;

	progress = memory_get(merge->lane_count * sizeof(*progress));
	for (size_t i = 0; i < merge->lane_count; i++) {
		struct lane *lane = &merge->lanes[i];

		if (!lane->active && !(lane->done && lane->log))
			continue;
		count_begun_block(merge, lane);
		progress_of(lane, &progress[count++]);
	}
	batches_drain(merge->batches);
	since = totals_since(merge->totals, &merge->committed);
	r = merge->keeper->commit(merge->keeper->context, progress, count, &since, merge->sessions,
				  merge->err);
	free(progress);
	merge->committed = *merge->totals;
	merge->since_commit = 0;
	if (r < 0)
		merge->failure = r;
}

bool merge_step(struct merge *merge, const struct merge_lock *lock)
{
	bool went = false;

	while (!merge->failure) {
		struct lane *lane = whose_turn(merge, lock);

		if (!lane && merge->active_count > 0)
			return went;
		if (merge->next_lane < merge->lane_count &&
		    (!lane || merge->lanes[merge->next_lane].first_time < lane->time)) {
			if (!lane)
				once_forget(&merge->once);
			lock->lock(lock->context);
			lane_activate(merge, &merge->lanes[merge->next_lane++]);
			lock->unlock(lock->context);
			went = true;
			continue;
		}
		if (!lane)
			return went;
		take_turn(merge, lane, turn_ends(merge, lane));
		went = true;
		if (merge->keeper && merge->since_commit >= COMMIT_BYTES)
			commit(merge);
		if (lane->next_event == lane->current->events.count)
			say_progress(merge, lane);
	}
	return went;
}

bool merge_done(const struct merge *merge)
{
	return merge->failure ||
	       (merge->active_count == 0 && merge->next_lane == merge->lane_count);
}

void merge_finish(struct merge *merge)
{
	if (merge->failure)
		return;
	if (merge->keeper)
		commit(merge);
	else
		sessions_finish(merge->sessions);
	batches_drain(merge->batches);
}
