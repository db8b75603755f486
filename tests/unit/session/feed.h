/*
 * For tests of the session stage: events made by hand, facts kept as they come.
 */
#ifndef MXWATCH_TESTS_SESSION_FEED_H
#define MXWATCH_TESTS_SESSION_FEED_H

#include "session/session.h"

#define FEED_MAX 4096
#define FEED_START 1795307680 /* 2026-11-22T00:34:40Z */

struct feed {
	struct directory directory;
	struct sessions *sessions;
	struct session_options options;
	struct attempt attempts[FEED_MAX];
	struct session_fact facts[FEED_MAX];
	struct role_fact roles[FEED_MAX];
	struct slot slots[FEED_MAX]; /* folded by start */
	size_t attempt_count, fact_count, role_count, slot_count;
};

/* A zeroed feed with OPTIONS (NULL: the defaults, words kept). Free with feed_free. */
struct feed *feed_new(const struct session_options *options);
void feed_free(struct feed *feed);
/* New sessions in place of the old, over the same directory. */
void feed_restart(struct feed *feed);

/* What a line says, at so many milliseconds after FEED_START. */
struct line {
	int64_t at_ms;
	enum event_kind kind;
	enum session_key key;
	uint32_t pid;
	const char *client; /* an address; NULL: none */
	uint16_t port;
	enum mta mta; /* MTA_UNKNOWN: Postfix */
	uint32_t flags;
	enum reason reason;
	enum stage stage;
	uint16_t code;
	enum delivery delivery;
	uint32_t repeat; /* 0: 1 */
	uint64_t bytes;
	const char *id, *host, *name, *helo, *sender, *recipient, *text;
	uint32_t delay_s1; /* connection time + 1; 0: not told */
	struct commands commands;
};

struct event feed_event(const struct line *line);
/* Gives all lines in calls of CHUNK events each. */
void feed_lines(struct feed *feed, const struct line *lines, size_t count, size_t chunk);
/* One line, and the end of the log. */
void feed_line(struct feed *feed, struct line line);
void feed_finish(struct feed *feed);

/* The counts of the quarter at AT_MS; all zero if there are none. */
struct slot feed_slot(const struct feed *feed, int64_t at_ms);
/* The sums of all quarters; maxima of the maxima. */
struct slot feed_sum(const struct feed *feed);
/* A string of the directory, NUL-terminated; valid until the next call. */
const char *feed_string(const struct feed *feed, uint32_t id);
/* The text of a client's address; valid until the next call. */
const char *feed_client(const struct feed *feed, uint32_t id);
/* Whether a role was told of a string on the first day, and how often. */
size_t feed_roles(const struct feed *feed, const char *string, enum role role);

/* Fails unless two feeds hold the same facts; roles as a set. */
void feed_assert_same(const struct feed *feed, const struct feed *other);

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
