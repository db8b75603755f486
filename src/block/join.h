/*
 * Joining neighbours: blocks that lie side by side become one network.
 *
 * A network of at most /24, or /48, takes the place of the blocks in it when every
 * address in it (of IPv6: every /64) is to be blocked, or at least half of them,
 * spread over both of its halves; four or more in any case. Never when a guard
 * stands inside, nor when a client is known there that nothing speaks against.
 */
#ifndef MXWATCH_BLOCK_JOIN_H
#define MXWATCH_BLOCK_JOIN_H

#include "block/plan.h"

/* PLAN: its blocks are sorted and lie apart; each stands for one origin. BLAMED: by number of the
   origin, whether anything speaks against it. */
void join_neighbours(const struct verdicts *verdicts, const bool *blamed, struct plan *plan);

#endif
