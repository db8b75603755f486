/* Hosts: see hosts.h. */
#include "detect/hosts.h"

#include "base/prefix.h"
#include "detect/detector.h"
#include "model/dynamic.h"

#define SOURCE_BITS_V4 (PREFIX_BITS_V4 + 24)
#define SOURCE_BITS_V6 48
#define WIDE_BITS_V4 (PREFIX_BITS_V4 + 16)
#define WIDE_BITS_V6 32

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

bool host_is_ours(const struct detect_context *context, uint32_t client)
{
	struct view name = confirmed_name(context, directory_client_at(context->directory, client));

	while (name.len > 0) {
		size_t dot = view_find_byte(name, '.');

		if (detect_is_ours(context, name))
			return true;
		name = view_from(name, dot == VIEW_NONE ? name.len : dot + 1);
	}
	return false;
}

static uint64_t network_hash(const struct ip *ip, uint32_t bits_v4, uint32_t bits_v6)
{
	struct prefix network = prefix_of(ip, ip_is_v4(ip) ? bits_v4 : bits_v6);

	return hash64((const char *)network.ip.bytes, sizeof(network.ip.bytes));
}

uint64_t host_source(const struct detect_context *context, struct sites *sites, uint32_t client)
{
	const struct client *row = directory_client_at(context->directory, client);
	char buffer[SITE_NAME_MAX + 1];
	struct view site = site_of(sites, site_plain_name(confirmed_name(context, row), buffer));

	return site.len > 0 ? hash64(site.ptr, site.len)
			    : network_hash(&row->ip, SOURCE_BITS_V4, SOURCE_BITS_V6);
}

uint64_t host_wide_source(const struct detect_context *context, uint32_t client)
{
	return network_hash(&directory_client_at(context->directory, client)->ip, WIDE_BITS_V4,
			    WIDE_BITS_V6);
}
