/* Enrichment: see enrichment.h. */
#include "model/enrichment.h"

void enrichment_init(struct enrichment *enrichment)
{
	*enrichment = (struct enrichment){.strings = strings_new()};
	map_init(&enrichment->rows, sizeof(struct enrichment_row), sizeof(struct ip));
}

void enrichment_release(struct enrichment *enrichment)
{
	strings_free(enrichment->strings);
	map_release(&enrichment->rows);
}

const struct enrichment_row *enrichment_find(const struct enrichment *enrichment,
					     const struct ip *ip)
{
	return map_find(&enrichment->rows, ip, map_hash(&enrichment->rows, ip));
}

struct enrichment_row *enrichment_add(struct enrichment *enrichment, const struct ip *ip)
{
	return map_at(&enrichment->rows, ip);
}

int enrichment_zone(struct enrichment *enrichment, struct view zone)
{
	uint32_t id = strings_add(enrichment->strings, zone);

	for (uint32_t i = 0; i < enrichment->zone_count; i++)
		if (enrichment->zones[i] == id)
			return (int)i;
	if (enrichment->zone_count == ENRICHMENT_ZONES_MAX)
		return -1;
	enrichment->zones[enrichment->zone_count] = id;
	return (int)enrichment->zone_count++;
}
