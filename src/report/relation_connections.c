/*
 * Clients by their connections, as a host table of old: under the registered
 * domain where the name is confirmed, under the address where it is not.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "report/domain.h"
#include "report/relation.h"
#include "report/slots.h"

struct group {
	uint32_t domain; /* key: id of a domain, or 0 */
	uint32_t client; /* key: else the client */
	uint32_t name;	 /* string: the host's name as long as there is one */
	uint32_t clients;
	uint32_t max_ms;
	bool several_names;
	uint64_t connections, timed, ms;
};

static struct group *group_of(struct report_context *context, struct map *groups, uint32_t id)
{
	const struct client *client = directory_client_at(context->ledger->directory, id);
	uint32_t key[2] = {0, id};

	if (client->name && !client->unsure && !context->options->by_address) {
		struct view name = strings_get(context_strings(context), client->name);

		key[0] = domain_of_host(domains_get(context), name);
		key[1] = key[0] ? 0 : id;
	}
	return map_at(groups, key);
}

static void fold_client(struct report_context *context, struct map *groups, uint32_t id)
{
	const struct client_totals *totals = &context->ledger->clients[id];
	uint32_t name = directory_client_at(context->ledger->directory, id)->name;
	struct group *group = group_of(context, groups, id);

	if (group->clients && group->name != name)
		group->several_names = true;
	group->name = name;
	group->clients++;
	group->connections += totals->connections;
	group->timed += totals->timed;
	group->ms += totals->connected_ms;
	if (totals->max_ms > group->max_ms)
		group->max_ms = totals->max_ms;
}

static void make_groups(struct report_context *context, struct rows *ret_rows)
{
	const struct ledger *ledger = context->ledger;
	struct map *groups = memory_get(sizeof(*groups));

	map_init(groups, sizeof(struct group), 2 * sizeof(uint32_t));
	for (uint32_t id = 1; id <= ledger->client_count; id++)
		if (ledger->clients[id].connections)
			fold_client(context, groups, id);
	ret_rows->data = groups;
	ret_rows->count = groups->count;
}

static void release_groups(struct rows *rows)
{
	map_release(rows->data);
	free(rows->data);
}

static void groups_cell(const struct report_context *context, const struct rows *rows, size_t n,
			int column, struct cell *cell)
{
	const struct group *group = map_row(rows->data, (uint32_t)n);

	switch (column) {
	case 0:
		if (group->domain)
			cell_text(cell,
				  domain_text(context->domains, DOMAIN_OF_HOSTS, group->domain));
		else
			cell_client(cell, context, group->client);
		break;
	case 1:
		if (group->several_names)
			cell_text(cell,
				  domain_text(context->domains, DOMAIN_OF_HOSTS, group->domain));
		else
			cell_string(cell, context, group->name);
		break;
	case 2:
		cell_integer(cell, group->clients);
		break;
	case 3:
		cell_integer(cell, group->connections);
		break;
	case 4:
		cell_integer(cell, seconds_of_ms(group->ms));
		break;
	case 5:
		cell_integer(cell, average_seconds(group->ms, group->timed));
		break;
	case 6:
		cell_integer(cell, seconds_of_ms(group->max_ms));
		break;
	default:
		cell_address(cell, context, group->client);
	}
}

const struct relation relations_connections[] = {
	{
		.name = "connection_clients",
		.columns =
			"client text, name text, addresses integer, connections integer, "
			"seconds integer, avg_seconds integer, max_seconds integer, address blob",
		.of_report = true,
		.lane = LANE_BESIDE,
		.make = make_groups,
		.cell = groups_cell,
		.release = release_groups,
	},
	{0},
};
