/*
 * Reports: the tables that a postmaster wants.
 *
 * A report is one SQL file in reports/: a header in comments (name, title, parts
 * of the ledger it needs, parameters, for each table its name, title and
 * columns, an example) and one select a table. The SQL runs on relations:
 * virtual tables over the ledger, one C file each (report/relation_*.c), which do what
 * SQL is slow at. The header makes help, man page and JSON. A user's own
 * .sql file in the configuration folder is a report like any other.
 */
#ifndef MXWATCH_REPORT_REPORT_H
#define MXWATCH_REPORT_REPORT_H

#include <stdio.h>

#include "base/civil.h"
#include "ledger/ledger.h"
#include "model/enrichment.h"
#include "model/patterns.h"
#include "pipeline/pipeline.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_CSV };
enum report_by { BY_DEFAULT, BY_HOUR, BY_DAY, BY_WEEK, BY_MONTH };

struct report_mark { /* --mark DATE=TEXT: what happened then */
	int64_t time;
	const char *text;
};

struct report_options {
	enum report_format format;
	enum report_by by;
	uint32_t top;	 /* rows of the long tables; 0: the report's default */
	uint32_t gap_s;	 /* --gap of retries; UINT32_MAX: the default of 5 */
	bool by_address; /* connections: clients by address alone */
	bool log_scale;	 /* trend */
	bool resolve;	 /* --resolve was asked for: see enrichment */
	const struct report_mark *marks;
	size_t mark_count;
	const char *const *local_domains; /* --local; NULL-terminated or NULL */
	const char *table;  /* --table: only this one; CSV of a report with several needs it */
	struct zone *zone;  /* that times are shown in */
	bool colour;	    /* the terminal understands it */
	unsigned int width; /* columns of the terminal; 0: do not cut */
	const struct enrichment *enrichment; /* what is known of clients; NULL: nothing */
	const struct patterns *patterns;     /* for reports that need them; NULL: none */
	const char *store;		     /* the store's path when it came from one, else NULL */
};

struct report;

/* All reports, built in and from FOLDER (NULL: none). Free with reports_free. */
must_check int reports_load(const char *folder, struct report ***ret_reports, size_t *ret_count,
			    struct err *err);
void reports_free(struct report **reports, size_t count);
const char *report_name(const struct report *report);
const char *report_title(const struct report *report);
/* What it is about: a few sentences, in lines. */
const char *report_about(const struct report *report);
/* Whether it takes OPTION ("by", without dashes), with VALUE (NULL: any). */
bool report_takes(const struct report *report, const char *option, const char *value);
/* Parts of the ledger (enum ledger_part) that it needs; and REPORT_NEEDS_PATTERNS. */
#define REPORT_NEEDS_PATTERNS (1u << 31)
uint32_t report_parts(const struct report *report);
/* Prints title, description, tables with columns, parameters, example. */
void report_describe(const struct report *report, FILE *out);

/*
 * Prints COUNT reports over LEDGER (settled) to OUT. Returns 0, or a negative errno with
 * *err filled: -EINVAL for an option that a report does not take, a bad user
 * report (with file and line), or an unknown --table.
 */
must_check int reports_print(struct report *const *reports, size_t count,
			     const struct report_options *options, struct ledger *ledger,
			     const struct input_totals *input, FILE *out, struct err *err);

/* Writes rows of any query (mxwatch sql) in the same forms. */
struct table_writer;
struct table_writer *table_writer_new(enum report_format format, FILE *out, unsigned int width);
void table_writer_columns(struct table_writer *writer, int count, const char *const *names);
void table_writer_row(struct table_writer *writer, int count, const char *const *values,
		      const int *lengths, const int *types);
void table_writer_free(struct table_writer *writer); /* ends the output */

#endif
