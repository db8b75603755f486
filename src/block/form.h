/*
 * A block form: one file that writes a plan for one kind of gate.
 *
 * It exports one `const struct block_form form_<name>`, listed in meson.build.
 */
#ifndef MXWATCH_BLOCK_FORM_H
#define MXWATCH_BLOCK_FORM_H

#include <stdio.h>

#include "block/plan.h"

struct form_options {
	const char *zone; /* rbldnsd: the zone's name; NULL: "bl.example" */
	const char *url;  /* rbldnsd: where people can ask why, $ becomes the address; NULL: none */
	uint16_t ports[8]; /* nft: guarded ports, ended by 0; none: 25, 465, 587 */
};

struct block_form {
	const char *name;  /* "nft" */
	const char *title; /* "nftables" */
	const char *about; /* what it is for, how its owner loads it, how it is checked */
	/* Writes PLAN. Returns 0 or a negative errno with *err filled. */
	int (*write)(const struct plan *plan, const struct form_options *options, FILE *out,
		     struct err *err);
	/* Puts PLAN in force in place of what an earlier one put there, all or nothing; takes
	   all of ours back. NULL where the form's owner must load a file. */
	int (*apply)(const struct plan *plan, const struct form_options *options, struct err *err);
	int (*undo)(struct err *err);
};

/* All forms, ended by NULL; the table is made by the build. */
extern const struct block_form *const block_forms[];
const struct block_form *block_form_find(struct view name);

#endif
