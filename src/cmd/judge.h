/*
 * Judging for a command: facts from LOGs, or from the store, through a detection
 * to verdicts. Steps, each of which returns an exit status:
 *
 *     judgement_open   where facts come from; the directory is there afterwards
 *     judgement_read   reads them, also into sinks of the command's own
 *     judgement_judge  findings, enrichment, verdicts
 *
 * Release with judgement_release in any case.
 */
#ifndef MXWATCH_CMD_JUDGE_H
#define MXWATCH_CMD_JUDGE_H

#include "cmd/command.h"
#include "verdict/verdict.h"

struct judgement {
	struct options *options; /* not owned */
	char **logs;		 /* not owned */
	size_t log_count;
	struct store *store; /* NULL: from LOGs */
	struct directory own;
	struct directory *directory; /* own, or the store's */
	uint32_t from, until;	     /* the period asked for; 0, UINT32_MAX: all */
	struct detection *detection;
	struct input_totals totals;
	struct findings findings;
	struct enrichment enrichment;
	struct verdicts verdicts;
	char *providers; /* the user's own list; NULL: none */
	size_t providers_len;
	bool resolved; /* --resolve: has been done */
};

/* LOGS: COUNT of them; none: the store. options_finish is called here. */
int judgement_open(struct options *options, char **logs, size_t count, struct judgement *judgement);
/* ALSO: sinks to hand facts to (NULL: none). WORDS: which are wanted from LOGs; detectors
   want HELO names at least. */
int judgement_read(struct judgement *judgement, const struct fact_sink *also, size_t also_count,
		   enum session_words words);
/* Gives a detection what the store knows beyond its facts: the history of families. */
int judgement_recall(struct store *store, struct detection *detection);
/* Does --resolve, if it is asked for, for COUNT addresses of LIST; left out, judgement_judge does
   it for all clients with findings that weigh something. */
int judgement_resolve(struct judgement *judgement, const struct ip *list, size_t count);
int judgement_judge(struct judgement *judgement);
void judgement_release(struct judgement *judgement);

#endif
