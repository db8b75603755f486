/*
 * Witnesses: the clients that asked for the same recipients, and whether they speak
 * for a family. A server with a confirmed name counts only if another witness of
 * another source came with its sender: the correspondents of a domain that was
 * served here once share recipients as well, but not senders.
 */
#ifndef MXWATCH_DETECT_FAMILY_WITNESS_H
#define MXWATCH_DETECT_FAMILY_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct witness {
	uint64_t sender; /* a hash; 0: none known */
	uint64_t source; /* host_source */
	uint32_t row;	 /* for the caller */
	bool named;	 /* host_is_named */
	bool counts;	 /* found out by testimony_of */
};

struct testimony {
	uint32_t sources;   /* distinct, of witnesses that count */
	uint32_t strangers; /* distinct, of those that do not */
	uint32_t senders;   /* distinct, of all */
};

/* Sorts the witnesses and tells which of them count. ALIKE: the recipients are of one make, which
   speaks against all. */
struct testimony testimony_of(struct witness *witnesses, size_t count, bool alike);

#endif
