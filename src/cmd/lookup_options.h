/*
 * The options of commands that ask the DNS: part of the table in options.c.
 */
#ifndef MXWATCH_CMD_LOOKUP_OPTIONS_H
#define MXWATCH_CMD_LOOKUP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define LOOKUP_LIST_MAX 32

/* An option that may be repeated. What the command line says takes the place of what the
   configuration says. */
struct lookup_list {
	const char *values[LOOKUP_LIST_MAX + 1]; /* NULL-terminated */
	uint32_t count;
	bool configured; /* by the configuration alone, so far */
};

struct options_of_lookups {
	struct lookup_list dns, dnsbl, mmdb;
	uint32_t max_age_s; /* 0: the preset */
	uint32_t rate;	    /* as struct enrich_options has it */
	bool all;	    /* clients without refusals too */
};

struct options;

/* For the table. */
int set_dns(struct options *options, const char *value, struct err *err);
int set_dnsbl(struct options *options, const char *value, struct err *err);
int set_mmdb(struct options *options, const char *value, struct err *err);
int set_max_age(struct options *options, const char *value, struct err *err);
int set_rate(struct options *options, const char *value, struct err *err);

/* Between the configuration and the command line. */
void lookup_options_configured(struct options_of_lookups *lookups);

#endif
