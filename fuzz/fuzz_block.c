/* Blocks: a log cut at any of its newlines gives what it gives whole. */
#include <stdint.h>
#include <stdlib.h>

#include "format/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
	if (!truth)
		abort();
}

static void require_same(const struct event *a, const struct event *b)
{
	require(a->kind == b->kind && a->time_s == b->time_s && a->flags == b->flags &&
		a->reason == b->reason && a->line_hash == b->line_hash && a->pid == b->pid);
	require(view_is(word_view(a->sender), word_view(b->sender)) &&
		view_is(word_view(a->recipient), word_view(b->recipient)) &&
		view_is(word_view(a->text), word_view(b->text)));
}

/* Reads the lines one by one and compares with WHOLE. */
static void compare(struct view text, const struct block_options *options,
		    const struct block_events *whole)
{
	struct block_events one = {0};
	uint64_t lines = 0, other = 0, unknown = 0;
	size_t event = 0;

	while (text.len) {
		size_t newline = view_find_byte(text, '\n');
		size_t len = newline == VIEW_NONE ? text.len : newline + 1;

		block_read(view_to(text, len), options, &one);
		require(one.count <= 1 && one.lines == 1);
		/* What "last message repeated" repeats is known only to the whole. */
		if (one.count && one.events[0].kind != EVENT_REPEAT_LAST) {
			require(event < whole->count);
			require_same(&one.events[0], &whole->events[event++]);
		} else if (one.count && event < whole->count) {
			event += whole->events[event].line_hash == one.events[0].line_hash;
		}
		lines += one.lines;
		other += one.other_programs;
		unknown += one.not_understood;
		text = view_from(text, len);
	}
	require(event == whole->count && lines == whole->lines && other == whole->other_programs &&
		unknown == whole->not_understood);
	block_events_release(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct block_options options = {.line_hashes = true};
	struct view text = view_of((const char *)data, size);
	struct block_events whole = {0};

	block_read(text, &options, &whole);
	compare(text, &options, &whole);
	block_events_release(&whole);
	return 0;
}
