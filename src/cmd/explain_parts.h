/* The parts that an explanation is put together from; only for the files explain*.c. */
#ifndef MXWATCH_CMD_EXPLAIN_PARTS_H
#define MXWATCH_CMD_EXPLAIN_PARTS_H

#include "cmd/explain.h"

#define EXPLAIN_NAME_WIDTH 100

static inline const struct detect_context *explain_context(const struct explanation *explanation)
{
	return detection_context(explanation->judgement->detection);
}

/* One more thing that speaks against blame; NULL if there is no room. */
struct text *explain_against(struct explanation *explanation);
void explain_add_finding(struct explanation *explanation, const struct finding *finding);
/* Whether a block for VERDICT would have ended by now. */
bool explain_is_over(const struct explanation *explanation, const struct verdict *verdict);
/* What a block from DECIDED (0: the beginning) to UNTIL would have stopped: what came after the
   evidence was enough. */
struct moment explain_stopped(const struct explanation *explanation, uint32_t decided,
			      uint64_t until);

/* One for each kind of subject. */
void explain_client(struct explanation *explanation);
void explain_network(struct explanation *explanation);
void explain_mailbox(struct explanation *explanation);

#endif
