/* Hosts: see hosts.h. */
#include "detect/hosts.h"

#include "base/prefix.h"
#include "detect/detector.h"
#include "model/dynamic.h"

#define SOURCE_BITS_V4 (PREFIX_BITS_V4 + 24)
#define SOURCE_BITS_V6 48

static struct view confirmed_name(const struct detect_context *context, const struct client *client)
{
	if (client->unsure)
		return VIEW("");
	return strings_get(context->directory->strings, client->name);
}

bool host_is_named(const struct detect_context *context, uint32_t client)
{
	const struct client *row = directory_client_at(context->directory, client);
	struct view name = confirmed_name(context, row);

	return name.len > 0 && !dynamic_name(name, &row->ip);
}

uint64_t host_source(const struct detect_context *context, struct sites *sites, uint32_t client)
{
	const struct client *row = directory_client_at(context->directory, client);
	char buffer[SITE_NAME_MAX + 1];
	struct view site = site_of(sites, site_plain_name(confirmed_name(context, row), buffer));
	struct prefix network;

	if (site.len > 0)
		return hash64(site.ptr, site.len);
	network = prefix_of(&row->ip, ip_is_v4(&row->ip) ? SOURCE_BITS_V4 : SOURCE_BITS_V6);
	return hash64((const char *)network.ip.bytes, sizeof(network.ip.bytes));
}
