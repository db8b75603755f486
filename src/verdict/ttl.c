/* How long a block should last: see verdict.h. */
#include "verdict/verdict.h"

uint32_t ttl_returns(const struct origin *origin)
{
	/* A run of days with refusals that begins after a day without any. */
	uint64_t begins = origin->refused_days & ~(origin->refused_days >> 1);

	return begins ? (uint32_t)__builtin_popcountll(begins) - 1 : 0;
}
