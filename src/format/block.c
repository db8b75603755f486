/*
 * Reading blocks: lines are cut at newlines, their envelopes taken off, and each
 * goes to the first format that claims it.
 *
 * An event is made in its place in the array; a line that says nothing leaves
 * its place to the next one. No memory is taken per line.
 */
#include "format/block.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/scan.h"

#define ENDS_MAX 512 /* of lines that are known ahead */

/* Where the next lines end. Found for many lines at once and without a branch for
   each: the lengths of lines can't be foreseen. */
struct line_ends {
	uint32_t at[ENDS_MAX]; /* of newlines, in the block */
	size_t count, next;
	size_t seen; /* bytes of the block that have been searched */
};

static void sample_add(struct block_events *block, struct view program, struct view line)
{
	size_t i = 0;

	program = view_to(program, BLOCK_PROGRAM_LENGTH - 1);
	while (i < block->sample_count &&
	       (strncmp(block->samples[i].program, program.ptr, program.len) != 0 ||
		block->samples[i].program[program.len] != '\0'))
		i++;
	if (i == BLOCK_SAMPLES)
		return;
	if (i == block->sample_count) {
		block->sample_count++;
		memset(&block->samples[i], 0, sizeof(block->samples[i]));
		memcpy(block->samples[i].program, program.ptr, program.len);
		line = view_to(line, BLOCK_SAMPLE_LENGTH);
		memcpy(block->samples[i].line, line.ptr, line.len);
		block->samples[i].line_len = (uint16_t)line.len;
	}
	block->samples[i].count++;
}

/* In pieces that compilers clear with a few stores each: for all of it at once they
   choose a loop in microcode, whose start alone takes longer. */
static inline void clear(struct event *event)
{
	struct {
		char first[64], second[64], rest[sizeof(struct event) - 128];
	} *pieces = (void *)event;

	memset(pieces->first, 0, sizeof(pieces->first));
	memset(pieces->second, 0, sizeof(pieces->second));
	memset(pieces->rest, 0, sizeof(pieces->rest));
}

/* The place for the next event, made ready; it counts once count is raised. */
static inline struct event *next_place(struct block_events *block)
{
	struct event *event;

	if (block->count == block->capacity)
		ARRAY_GROW(block->events, block->count, block->capacity);
	event = &block->events[block->count];
	clear(event);
	event->delay_s = UINT32_MAX;
	return event;
}

/* Has RECORD read by the format that claims it. */
static enum parsed parse_record(const struct record *record, const struct block_options *options,
				struct event *event)
{
	for (const struct format *const *format = formats; *format; format++) {
		if (!(*format)->claims(record))
			continue;
		if (options->mta != MTA_UNKNOWN && options->mta != (*format)->mta)
			return PARSED_OTHER;
		event->mta = (uint8_t)(*format)->mta;
		return (*format)->parse(record, event);
	}
	return PARSED_OTHER;
}

/*
 * "last message repeated": as if the last line stood here again, this often. At
 * the block's begin that line is not known: the event is left as it is.
 */
static bool repeat_last(struct block_events *block, bool first, struct event *event)
{
	struct event told = *event;

	if (first)
		return true;
	if (!block->last_line_told)
		return false;
	*event = event[-1];
	event->repeat = told.repeat;
	event->time_s = told.time_s;
	event->time_us = told.time_us;
	event->flags &= ~(uint32_t)(EVENT_NO_YEAR | EVENT_NO_ZONE);
	event->flags |= told.flags;
	return true;
}

/* A line without an envelope says nothing in itself: either it goes on with the
   line before it (Exim's rejectlog), or it is no mail server's. */
static enum parsed parse_bare(struct view line, const struct block_options *options,
			      struct event *event)
{
	struct record record = {.message = line};

	return parse_record(&record, options, event) == PARSED_NOTHING ? PARSED_NOTHING
								       : PARSED_OTHER;
}

/* Reads one line; returns whether it gave an event. */
static bool read_line(struct view line, bool first, const struct block_options *options,
		      struct block_events *block)
{
	struct event *event = next_place(block);
	struct record record;
	enum parsed parsed;

	if (!envelope_parse(line, &block->memo, &record, event)) {
		record.program = view_of(line.ptr, 0);
		parsed = parse_bare(line, options, event);
	} else if (event->kind == EVENT_REPEAT_LAST) {
		if (!repeat_last(block, first, event))
			return block->last_line_told;
		parsed = PARSED_EVENT;
	} else {
		parsed = parse_record(&record, options, event);
	}
	switch (parsed) {
	case PARSED_EVENT:
		if (options->line_hashes) {
			if (line.len && line.ptr[line.len - 1] == '\r')
				line.len--;
			event->line_hash = hash64(line.ptr, line.len);
		}
		return true;
	case PARSED_NOTHING:
		break;
	case PARSED_OTHER:
		block->other_programs++;
		break;
	case PARSED_UNKNOWN:
		block->not_understood++;
		if (record.program.len == 0) /* Exim's own files: there is none to point at */
			record.program = view_to(line, 0);
		sample_add(block, record.program, line);
		break;
	}
	return false;
}

/* Finds the ends of the lines to come; none is found only if there is no more newline. */
static void find_ends(struct view text, struct line_ends *ends)
{
	const char *end = text.ptr + text.len, *at;

	ends->count = ends->next = 0;
	for (; text.len - ends->seen >= 64 && ends->count <= ENDS_MAX - 64; ends->seen += 64) {
		uint64_t places = scan_places64(text.ptr + ends->seen, '\n');

		/* Most often there is none or one. */
		do {
			ends->at[ends->count] = (uint32_t)ends->seen + scan_first(places);
			ends->count += places != 0;
			places &= places - 1;
		} while (places);
	}
	if (text.len - ends->seen >= 64)
		return;
	for (at = text.ptr + ends->seen; ends->count < ENDS_MAX; at++) {
		at = scan_byte(at, end, '\n');
		if (at == end)
			break;
		ends->at[ends->count++] = (uint32_t)(at - text.ptr);
	}
	ends->seen = (size_t)(at - text.ptr);
}

void block_read(struct view text, const struct block_options *options, struct block_events *ret)
{
	struct line_ends ends;
	size_t at = 0;

	ends.count = ends.next = ends.seen = 0;
	ret->count = 0;
	ret->lines = ret->other_programs = ret->not_understood = 0;
	ret->sample_count = 0;
	ret->last_line_told = false;
	while (at < text.len) {
		size_t stop = text.len, next = text.len;

		if (ends.next == ends.count)
			find_ends(text, &ends);
		if (ends.next < ends.count) {
			stop = ends.at[ends.next++];
			next = stop + 1;
		}
		ret->last_line_told =
			read_line(view_of(text.ptr + at, stop - at), at == 0, options, ret);
		if (ret->last_line_told)
			ret->events[ret->count++].end = (uint32_t)next;
		ret->lines++;
		at = next;
	}
}

void block_events_release(struct block_events *events)
{
	free(events->events);
	*events = (struct block_events){0};
}
