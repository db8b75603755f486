/* A command: one file cmd_<name>.c that exports one of these; listed in main.c. */
#ifndef MXWATCH_CMD_COMMAND_H
#define MXWATCH_CMD_COMMAND_H

#include "cmd/options.h"
#include "store/store.h"

/* Exit statuses: a contract with scripts. */
enum exit_status { EXIT_DONE = 0, EXIT_FOUND = 1, EXIT_USAGE = 2, EXIT_INPUT = 3, EXIT_STORE = 4 };

struct command {
	const char *name;
	const char *synopsis; /* behind the name */
	const char *summary;  /* one line */
	const char *text;     /* paragraphs, divided by empty lines */
	const char *examples; /* lines: command, tab, what it does */
	unsigned int groups;  /* of options */
	/* ARGS: what is no option. Returns an exit status. */
	int (*run)(struct options *options, char **args, size_t count);
};

extern const struct command command_overview, command_report, command_ingest, command_enrich,
	command_sql, command_block, command_explain, command_help;
extern const struct command *const commands[]; /* ends with NULL */

const struct command *command_find(const char *name);

/* Prints "mxwatch: …" on the standard error and returns STATUS. */
int fail(int status, const struct err *err);
/* fail for a cause in words. */
int fail_with(int status, const char *format, ...) printf_like(2, 3);

/* help.c: the help of a command; of the program (NULL). */
void help_print(const struct command *command, FILE *out);
/* Prints TEXT in lines behind INDENT blanks; COLUMN is where the cursor stands. */
void help_wrap(FILE *out, const char *text, size_t indent, size_t column);

/* cmd_report.c: the reports there are, the user's own too; free with reports_free. */
int reports_of_user(struct report ***ret_reports, size_t *ret_count);

/* logs.c: reads LOGs into SINK with progress and complaints on the standard
   error; returns an exit status. *ret_totals is set whatever it is. */
int logs_read(struct options *options, char **names, size_t count, struct directory *directory,
	      const struct fact_sink *sink, const struct keeper *keeper,
	      struct input_totals *ret_totals);
/* Says on the standard error which lines were not understood. */
void logs_say_unknown(const struct options *options, const struct input_totals *totals);
/* Says on the standard error that no line was a mail server's, if so. */
void logs_say_foreign(const struct options *options, const struct input_totals *totals);
/* The store that was asked for, or the default one. */
int store_asked_for(const struct options *options, enum store_mode mode, struct store **ret_store);

#endif
