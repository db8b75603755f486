/*
 * Looking up addresses for a command: progress and notes on the standard error,
 * answers kept in the store where that is asked for.
 */
#ifndef MXWATCH_CMD_RESOLVE_H
#define MXWATCH_CMD_RESOLVE_H

#include "cmd/command.h"

/* The clients of LEDGER (its LEDGER_SESSIONS) that were refused, the most often refused first; with
   EVEN_TAKEN those too that were not. Returns how many there are, MOST (0: any number) at most;
   *ret_list is freed by the caller. */
size_t resolve_clients(const struct ledger *ledger, bool even_taken, size_t most,
		       struct ip **ret_list);

/* Looks up LIST as the options say and adds the answers to ENRICHMENT. KEEP_IN: the path of the
   store to keep them in as they come; NULL: none. Returns an exit status. */
int resolve_addresses(const struct options *options, struct enrichment *enrichment,
		      const struct ip *list, size_t count, const char *keep_in);

/* Whether servers, lists and files that the options name can be used, so that a command can say
   so before it reads its logs; returns an exit status. */
int resolve_check(const struct options *options);

/* The path of the store that was asked for, or of the default one; 0 or a negative errno. */
must_check int resolve_store_path(const struct options *options, char *path, size_t size,
				  struct err *err);

#endif
