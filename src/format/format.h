/*
 * A format: how one mail server words its log lines.
 *
 * The envelope (format/envelope.h) takes stamp, host, program and pid off a
 * line; the format that claims the program reads the rest. One format is one
 * file (or one file and its helpers) that exports one `const struct format
 * format_<name>`; its name stands in the list of src/format/meson.build.
 *
 * A format holds no state and does no I/O: the same line gives the same event
 * whatever stood before it, so that any number of threads may read blocks in
 * any order. Ties between lines are the session stage's work.
 */
#ifndef MXWATCH_FORMAT_FORMAT_H
#define MXWATCH_FORMAT_FORMAT_H

#include "base/view.h"
#include "model/event.h"

/* What became of a line. */
enum parsed {
	PARSED_EVENT,	/* *event is filled */
	PARSED_NOTHING, /* understood; says nothing that is counted */
	PARSED_OTHER,	/* no mail server wrote it */
	PARSED_UNKNOWN	/* a mail server wrote it, its shape is not known */
};

/* A line without its envelope. */
struct record {
	struct view program; /* "postfix/smtpd", "sm-mta", "exim"; empty if none was told */
	struct view message; /* the rest, without blanks in front */
	struct view host;
	uint32_t pid; /* 0 if none was told */
};

struct format {
	const char *name;    /* "postfix" */
	const char *summary; /* one line for people */
	enum mta mta;
	/* Whether PROGRAM is one of this server's; for an empty program whether this
	   server writes log files of its own, in which none is named. parse then
	   tells PARSED_OTHER of what is not worded like them. Must be cheap. */
	bool (*claims)(const struct record *record);
	/* Reads one record. On entry *event is all zero but for the stamp, host,
	   pid, flags of the stamp and repeat = 1; whatever is not told stays zero.
	   Words must be views into the record's text. */
	enum parsed (*parse)(const struct record *record, struct event *event);
};

/* All formats, in the order in which they are asked; ends with NULL. */
extern const struct format *const formats[];

#endif
