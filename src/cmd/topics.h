/*
 * Topics: what help tells beside commands: the patterns that are recognised, the
 * forms that blocks are written in. Made from the tables of detectors and forms.
 */
#ifndef MXWATCH_CMD_TOPICS_H
#define MXWATCH_CMD_TOPICS_H

#include <stdbool.h>
#include <stddef.h>

struct detect_parameter;

/* One thing that a topic tells about. */
struct topic_entry {
	const char *name, *title, *about;
	const struct detect_parameter *parameters; /* ended by a NULL name; NULL: none */
};

struct topic {
	const char *name;    /* "patterns" */
	const char *summary; /* one line */
	const char *text;    /* paragraphs */
	/* Entry number N; false behind the last. */
	bool (*entry)(size_t n, struct topic_entry *ret_entry);
};

extern const struct topic topics[]; /* ended by a NULL name */
const struct topic *topic_find(const char *name);

#endif
