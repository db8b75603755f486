/*
 * Options: one table for all commands. What an option is called, which
 * commands take it, its help and what it sets stand in one place, options.c;
 * help, man pages and completions are made from it.
 */
#ifndef MXWATCH_CMD_OPTIONS_H
#define MXWATCH_CMD_OPTIONS_H

#include "base/prefix.h"
#include "cmd/lookup_options.h"
#include "pipeline/pipeline.h"
#include "report/report.h"

#define LIST_MAX 256

/* Of `block`. */
struct options_of_block {
	bool what_if, apply, undo, hits, history, no_networks;
	const char *output, *zone, *url;
	const char *pattern;
	struct prefix network; /* --client, --network; zero: all */
	uint16_t ports[8];     /* ended by 0 */
	uint32_t ttl_s;
};

/* What options set. Strings are the arguments themselves. */
struct options {
	const char *store, *config, *tz, *since, *until, *last, *log;
	const char *local[LIST_MAX + 1];
	size_t local_count;
	const char **allow; /* NULL-terminated, or NULL */
	size_t allow_count, allow_capacity;
	const char *own[LIST_MAX + 1]; /* networks of ours */
	size_t own_count;
	const char *settings[LIST_MAX + 1]; /* of detectors: "flood.connections=200" */
	size_t setting_count;
	uint32_t look_back_s;	       /* 0: the default */
	const char *journal[LIST_MAX]; /* as pipeline paths: "journal:" and a path */
	size_t journal_count;
	char **owned; /* strings made for the others to point to */
	size_t owned_count, owned_capacity;
	const char *mark[LIST_MAX];
	size_t mark_count;
	struct report_options report;
	struct report_options configured; /* as the configuration has it */
	struct pipeline_options pipeline;
	int64_t keep_s;
	struct options_of_block block;
	struct options_of_lookups lookups;
	bool check; /* explain: the exit status tells the verdict */
	bool quiet, verbose, help, version;
};

/* Which commands take an option. */
enum option_group {
	GROUP_ANY = 1 << 0,    /* help, quiet, … */
	GROUP_INPUT = 1 << 1,  /* commands that read logs */
	GROUP_STORE = 1 << 2,  /* commands that use a store */
	GROUP_REPORT = 1 << 3, /* commands that print tables */
	GROUP_PERIOD = 1 << 4,
	GROUP_INGEST = 1 << 5,
	GROUP_SQL = 1 << 6,
	GROUP_ROWS = 1 << 7,  /* --format */
	GROUP_JUDGE = 1 << 8, /* commands that judge clients */
	GROUP_BLOCK = 1 << 9,
	GROUP_EXPLAIN = 1 << 10,
	GROUP_ENRICH = 1 << 11
};

struct option_spec {
	const char *name;
	char letter;	      /* 0: none */
	const char *argument; /* NULL: takes none */
	unsigned int groups;
	const char *help; /* one sentence */
	int (*set)(struct options *options, const char *value, struct err *err);
};

extern const char *const option_by_names[BY_MONTH + 1]; /* by enum report_by */
extern const struct option_spec option_specs[];		/* ends with a NULL name */

/*
 * Parses ARGV (argv[0] is skipped), leaving what is no option in *ret_rest
 * (in order). GROUPS: the command's. Then reads --config, or the default
 * configuration file if there is one; the command line wins. Returns 0 or
 * -EINVAL with *err filled; options_release in any case.
 */
must_check int options_parse(struct options *options, unsigned int groups, int argc, char **argv,
			     char ***ret_rest, size_t *ret_count, struct err *err);

/* After parsing: opens the zone and reads the times. Free with options_release. */
must_check int options_finish(struct options *options, uint32_t *ret_from, uint32_t *ret_until,
			      struct err *err);
void options_release(struct options *options);
/* Gives TEXT, from malloc, to OPTIONS, which free it in the end; returns it. */
const char *options_own(struct options *options, char *text);

/* Reads the configuration file PATH: settings have the long options' names.
   Returns 0, -ENOENT, or -EINVAL with *err naming file and line. (config.c) */
must_check int configuration_read(const char *path, unsigned int groups, struct options *options,
				  struct err *err);
/* The folder of the configuration file and the user's own reports. */
void config_folder(char *path, size_t size);

#endif
