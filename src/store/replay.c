/*
 * Facts out of a store in the order of their times, as a log would have told
 * them: attempts and sessions side by side. Order is exact within a segment and
 * nearly so between segments that overlap (logs that were read one after the
 * other); those who fold facts bear that.
 */
#include <string.h>

#include "base/cleanup.h"
#include "store/internal.h"

/* One part on its way out. */
struct course {
	struct fact_cursor cursor;
	size_t at; /* row of the segment at hand */
	bool over;
	const struct column *time;
};

static const void *course_row(const struct course *course)
{
	return course->cursor.rows + course->at * fact_part(course->cursor.part)->table.row_size;
}

static uint32_t course_time(const struct course *course)
{
	uint32_t time;

	memcpy(&time, (const char *)course_row(course) + course->time->offset, sizeof(time));
	return time;
}

/* Steps to the next segment where this one is at its end. */
static int course_fill(struct course *course, struct err *err)
{
	int r = 1;

	while (!course->over && course->at == course->cursor.count && r > 0) {
		r = fact_cursor_next(&course->cursor, err);
		course->over = r == 0;
		course->at = 0;
		if (r == 0)
			course->cursor.count = 0;
	}
	return r < 0 ? r : 0;
}

static int course_open(struct store *store, enum part part, uint32_t from, uint32_t until,
		       struct course *ret_course, struct err *err)
{
	const struct fact_part *kind = fact_part(part);
	int64_t end = until == UINT32_MAX ? INT64_MAX : until;
	int r = fact_cursor_open(store, part, from, end, COLUMNS_ALL, &ret_course->cursor, err);

	ret_course->time = &kind->table.columns[kind->until];
	return r < 0 ? r : course_fill(ret_course, err);
}

static void course_close(struct course *course)
{
	if (course->cursor.statement)
		fact_cursor_close(&course->cursor);
}

static void give(const struct course *course, const struct fact_sink *sink)
{
	if (course->cursor.part == PART_ATTEMPTS)
		sink->attempt(sink->context, course_row(course));
	else if (course->cursor.part == PART_SESSIONS)
		sink->session(sink->context, course_row(course));
	else
		sink->role(sink->context, course_row(course));
}

static int give_roles(struct store *store, uint32_t from, uint32_t until,
		      const struct fact_sink *sink, struct err *err)
{
	_cleanup_(course_close) struct course roles = {0};
	int r = course_open(store, PART_ROLES, from, until, &roles, err);

	while (r >= 0 && !roles.over) {
		give(&roles, sink);
		roles.at++;
		r = course_fill(&roles, err);
	}
	return r;
}

static int give_merged(struct store *store, uint32_t from, uint32_t until,
		       const struct fact_sink *sink, struct err *err)
{
	_cleanup_(course_close) struct course attempts = {0};
	_cleanup_(course_close) struct course sessions = {0};
	int r = course_open(store, PART_ATTEMPTS, from, until, &attempts, err);

	if (r >= 0)
		r = course_open(store, PART_SESSIONS, from, until, &sessions, err);
	while (r >= 0 && !(attempts.over && sessions.over)) {
		bool attempt = sessions.over ||
			       (!attempts.over && course_time(&attempts) <= course_time(&sessions));
		struct course *first = attempt ? &attempts : &sessions;

		give(first, sink);
		first->at++;
		r = course_fill(first, err);
	}
	return r;
}

int store_replay(struct store *store, uint32_t from, uint32_t until, const struct fact_sink *sink,
		 struct err *err)
{
	int r = words_load(store, false, err);

	if (r >= 0)
		r = give_roles(store, from, until, sink, err);
	if (r >= 0)
		r = give_merged(store, from, until, sink, err);
	if (r >= 0)
		r = feed_open_sessions(store, sink, err);
	return r;
}
