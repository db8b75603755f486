/*
 * The specification of a report: what the comments at the head of its .sql file say.
 *
 *   -- report: relay
 *   -- title: Attempts to relay
 *   -- about: One or more lines for the manual.
 *   -- needs: sessions attempts roles pairs      (parts of the ledger; patterns)
 *   -- option: top = 20; rows of the long tables
 *   -- option: by = week of day week month; how long a row is
 *   -- example: mxwatch report relay /var/log/mail.log
 *
 *   -- table: clients
 *   -- title: Clients
 *   -- about: A line below the title.
 *   -- layout: rows | list | picture COLUMN…
 *   -- empty: what to say when there are no rows
 *   -- column: client client "address" who connected
 *   select client, … from relay_clients order by … limit :top;
 *
 * The preset of top is for text; JSON and CSV hold all rows unless the user says
 * otherwise or the preset is "10 always". A preset "auto" of by chooses by the
 * length of the period. The select's limit is :top.
 *
 * A column is its name, its format, perhaps a heading in quotes, and a
 * description; columns must be those of the select, in order. A file without
 * "column" lines shows values as they are. Formats: text, address (mail; empty
 * is the null sender), domain, client, count, seconds (h:mm:ss), short
 * (seconds), bytes, share (0 to 1), part(COLUMN) (a count, shown as its share of
 * COLUMN), time, period, flag.
 */
#ifndef MXWATCH_REPORT_SPEC_H
#define MXWATCH_REPORT_SPEC_H

#include "report/report.h"

enum column_format {
	COLUMN_PLAIN, /* as its value is */
	COLUMN_TEXT,
	COLUMN_ADDRESS,
	COLUMN_DOMAIN,
	COLUMN_CLIENT,
	COLUMN_COUNT,
	COLUMN_SECONDS,
	COLUMN_SHORT,
	COLUMN_BYTES,
	COLUMN_SHARE,
	COLUMN_PART,
	COLUMN_TIME,
	COLUMN_PERIOD,
	COLUMN_FLAG,
	COLUMN_FORMATS
};

struct report_column {
	const char *name, *label, *about;
	enum column_format format;
	int part_of; /* COLUMN_PART: number of the column */
};

enum table_layout { LAYOUT_ROWS, LAYOUT_LIST, LAYOUT_PICTURE };

#define REPORT_COLUMNS_MAX 64
#define REPORT_PICTURES_MAX 4

struct report_table {
	const char *name, *title, *about, *empty;
	enum table_layout layout;
	struct report_column columns[REPORT_COLUMNS_MAX];
	int column_count; /* 0: not told */
	const char *
		pictures[REPORT_PICTURES_MAX]; /* LAYOUT_PICTURE: the first not all zero is drawn */
	const char *sql;
	unsigned int sql_line; /* of the file, from 1 */
};

#define REPORT_OPTIONS_MAX 8
struct report_option {
	const char *name;    /* "top", "by", "gap", "by-address", "log", "mark", "local" */
	const char *preset;  /* default */
	const char *choices; /* "day week month", or NULL */
	const char *about;
};

struct report {
	const char *name, *title, *example;
	const char *about; /* lines */
	uint32_t parts;
	struct report_option options[REPORT_OPTIONS_MAX];
	size_t option_count;
	struct report_table *tables;
	size_t table_count;
	char *file;	  /* where it came from; NULL: built in */
	struct err fault; /* what is wrong with the file; empty if nothing is */
	char *text;	  /* all other strings point into this copy of the file */
};

/* Reads TEXT of FILE (NULL: built in). What is wrong goes into ret->fault. */
struct report *report_parse(struct view text, const char *file);
void report_free(struct report *report);

/* The option NAME of the report, or NULL if it takes none. */
const struct report_option *report_option(const struct report *report, const char *name);
/* Whether COUNT (1 or more) reports can be run so; -EINVAL with *err filled if not. */
must_check int reports_check(struct report *const *reports, size_t count,
			     const struct report_options *options, struct err *err);
/* "count", "seconds", … */
const char *column_format_name(enum column_format format);

#endif
