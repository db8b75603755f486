/*
 * How long a block should last: see verdict.h.
 *
 * Learnt from those who were refused on several days and never had mail taken
 * in: each tells once, with the longest time that it stayed away. One who
 * returns every day says a day, so that many of them do not make blocks longer
 * than it takes to meet most of those who return.
 */
#include "verdict/verdict.h"

#define DAY_S 86400u
#define LEARN_MIN 20 /* fewer who returned tell nothing */
#define DAYS_KEPT 64 /* bits of refused_days */

/* The most days from one day with refusals to the next; 0 if there was but one. */
static uint32_t longest_absence(uint64_t days)
{
	uint32_t longest = 0;

	while (days & (days - 1)) {
		uint32_t day = (uint32_t)__builtin_ctzll(days), next;

		days &= days - 1;
		next = (uint32_t)__builtin_ctzll(days);
		longest = next - day > longest ? next - day : longest;
	}
	return longest;
}

static uint32_t limit(uint64_t seconds)
{
	return seconds < TTL_MIN_S   ? TTL_MIN_S
	       : seconds > TTL_MAX_S ? TTL_MAX_S
				     : (uint32_t)seconds;
}

struct ttl_table ttl_learn(const struct origins *origins)
{
	uint32_t absences[DAYS_KEPT] = {0}, covered = 0, days = 0;
	struct ttl_table table = {.base_s = TTL_PRESET_S};

	for (uint32_t n = 1; n <= origins_count(origins); n++) {
		const struct origin *origin = origins_at(origins, n);
		uint32_t absence = origin->messages ? 0 : longest_absence(origin->refused_days);

		if (absence > 0)
			absences[absence]++, table.origins++;
	}
	if (table.origins < LEARN_MIN)
		return table;
	while ((uint64_t)covered * 10 < (uint64_t)table.origins * 9)
		covered += absences[++days];
	table.base_s = limit((uint64_t)(days + 1) * DAY_S);
	return table;
}

uint32_t ttl_returns(const struct origin *origin)
{
	/* A run of days with refusals that begins after a day without any. */
	uint64_t begins = origin->refused_days & ~(origin->refused_days >> 1);

	return begins ? (uint32_t)__builtin_popcountll(begins) - 1 : 0;
}

uint32_t ttl_for(const struct ttl_table *table, const struct origin *origin)
{
	uint32_t returns = ttl_returns(origin);

	return limit((uint64_t)table->base_s << (returns < 6 ? returns : 6));
}
