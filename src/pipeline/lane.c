#include "pipeline/lane.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"

#define PEEK_BYTES ((size_t)64 << 10)
#define JOURNAL_PREFIX "journal:"
/* A line without its newline at the end of a log that grows may be half
   written; when the file has been left alone for so long, it is all. */
#define PARTIAL_LINE_AGE_S 10

static int open_source(const char *path, struct source **ret_source, struct err *err)
{
	struct view name = view_string(path);

	if (!view_eat(&name, VIEW(JOURNAL_PREFIX)))
		return source_open(path, ret_source, err);
	return source_open_journal(name.len ? name.ptr : NULL, 0, ret_source, err);
}

static void clock_init(struct lane *lane, const struct pipeline_options *options)
{
	lane->clock = (struct lane_clock){
		.zone = options->zone,
		.year = options->year,
		.last_of_year = -1,
		.latest = lane->identity.modified,
		.quarter = INT64_MIN,
	};
}

int lane_open(struct lane *lane, const struct pipeline_options *options,
	      const struct keeper *keeper, struct err *err)
{
	uint64_t offset = 0;
	int64_t last_time = 0;
	int r = 0;

	if (keeper)
		r = keeper->begin(keeper->context, lane->path, &offset, &lane->log, &last_time,
				  err);
	if (r)
		return r;
	r = open_source(lane->path, &lane->source, err);
	if (r < 0)
		return r;
	lane->identity = *source_identity(lane->source);
	clock_init(lane, options);
	lane->clock.earliest = last_time;
	lane->last_time = last_time;
	if (offset) {
		r = source_skip(lane->source, offset, err);
		if (r < 0)
			return r;
		lane->read_offset = offset;
	}
	return 0;
}

/* Reads the begin of the log through a source of its own. */
static ssize_t peek(struct lane *lane, char *buffer)
{
	struct source *source;
	size_t len = 0;
	ssize_t n = 0;

	if (open_source(lane->path, &source, NULL) < 0)
		return -1;
	lane->identity = *source_identity(source);
	while (len < PEEK_BYTES &&
	       (n = source_read(source, buffer + len, PEEK_BYTES - len, NULL)) > 0)
		len += (size_t)n;
	source_close(source);
	return (ssize_t)len;
}

void lane_peek(struct lane *lane, const struct pipeline_options *options)
{
	char *buffer;
	ssize_t len;
	struct view rest;
	struct envelope_memo memo = {0};

	lane->first_time = INT64_MIN;
	if (strcmp(lane->path, "-") == 0 ||
	    view_starts(view_string(lane->path), VIEW(JOURNAL_PREFIX)))
		return;
	buffer = memory_get(PEEK_BYTES);
	len = peek(lane, buffer);
	rest = view_of(buffer, len > 0 ? (size_t)len : 0);
	clock_init(lane, options);
	while (rest.len > 0) {
		size_t newline = view_find_byte(rest, '\n');
		struct record record;
		struct event event = {0};

		newline = newline == VIEW_NONE ? rest.len : newline;
		if (envelope_parse(view_to(rest, newline), &memo, &record, &event)) {
			lane_clock_resolve(&lane->clock, &event, 1);
			lane->first_time = event.time_s;
			break;
		}
		rest = view_from(rest, newline + 1);
	}
	free(buffer);
}

void lane_release(struct lane *lane)
{
	source_close(lane->source);
	free(lane->carry);
	free(lane->repeat_text);
	lane->source = NULL;
	lane->carry = NULL;
	lane->repeat_text = NULL;
}

static void block_reserve(struct block *block, size_t size)
{
	if (size <= block->capacity)
		return;
	block->capacity = size;
	block->text = memory_resize(block->text, size, 1);
}

static void carry_set(struct lane *lane, const char *text, size_t len)
{
	if (len > lane->carry_capacity) {
		lane->carry_capacity = len;
		lane->carry = memory_resize(lane->carry, len, 1);
	}
	if (len)
		memcpy(lane->carry, text, len);
	lane->carry_len = len;
}

static bool may_be_half_written(const struct lane *lane)
{
	return lane->identity.regular && time(NULL) - lane->identity.modified < PARTIAL_LINE_AGE_S;
}

/* Cuts BLOCK behind its last newline; what is behind it goes before the next. */
static void cut_at_line(struct lane *lane, struct block *block)
{
	size_t last = view_find_last_byte(view_of(block->text, block->len), '\n');
	size_t keep = last == VIEW_NONE ? 0 : last + 1;

	carry_set(lane, block->text + keep, block->len - keep);
	block->len = keep;
}

int lane_read(struct lane *lane, struct block *block, size_t size, bool keep_partial,
	      struct err *err)
{
	ssize_t n = 1;

	block->offset = lane->read_offset;
	block_reserve(block, lane->carry_len + size);
	if (lane->carry_len)
		memcpy(block->text, lane->carry, lane->carry_len);
	block->len = lane->carry_len;
	lane->carry_len = 0;
	/* A line longer than a block makes the block longer, not the line shorter. */
	while (n > 0) {
		size_t from = block->len;

		if (block->len == block->capacity)
			block_reserve(block, block->capacity * 2);
		n = source_read(lane->source, block->text + block->len,
				block->capacity - block->len, err);
		if (n <= 0)
			break;
		block->len += (size_t)n;
		if (block->len >= size && memrchr(block->text + from, '\n', (size_t)n))
			break;
	}
	block->disk_position = source_position(lane->source);
	if (n > 0) {
		cut_at_line(lane, block);
	} else {
		lane->read_all = true;
		if (keep_partial && may_be_half_written(lane))
			cut_at_line(lane, block);
	}
	lane->read_offset += block->len;
	return n < 0 ? (int)n : block->len > 0;
}
