/* Enrichment asked for: see enrich.h. */
#include "enrich/enrich.h"

#include <errno.h>

#include "enrich/lookups.h"
#include "enrich/networks.h"

static int find_networks(struct enrichment *enrichment, const struct ip *list, size_t count,
			 struct networks *networks, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = networks_look_up(networks, enrichment, enrichment_add(enrichment, &list[i]),
				     err);
	return r;
}

/* Tells of all rows at once: networks are found in no time. */
static int keep_networks(const struct enrichment *enrichment, const struct ip *list, size_t count,
			 const struct enrich_listener *listener, struct err *err)
{
	return listener->keep ? listener->keep(listener->context, enrichment, list, count, err) : 0;
}

int enrich_addresses(struct enrichment *enrichment, const struct ip *list, size_t count,
		     const struct enrich_options *options, const struct enrich_listener *listener,
		     struct err *err)
{
	static const struct enrich_listener nobody = {0};
	struct networks *networks = NULL;
	int r = networks_open(options->networks, &networks, err), kept = 0;

	if (r < 0)
		return r;
	listener = listener ? listener : &nobody;
	for (size_t i = 0; i < count; i++)
		enrichment_add(enrichment, &list[i]);
	if (networks_any(networks)) {
		r = find_networks(enrichment, list, count, networks, err);
		kept = r == 0 ? keep_networks(enrichment, list, count, listener, err) : 0;
	}
	if (kept < 0 && kept != -EBUSY)
		r = kept;
	if (r == 0)
		r = lookups_run(enrichment, list, count, options, listener, err);
	if (r == 0 && kept == -EBUSY)
		r = keep_networks(enrichment, list, count, listener, err);
	networks_close(networks);
	return r;
}
