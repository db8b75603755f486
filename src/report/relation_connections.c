/*
 * Clients by their connections, as a host table of old: under the registered
 * domain where the name is confirmed, under the address where it is not.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "report/domain.h"
#include "report/relation.h"
#include "report/slots.h"

/* A row. */
struct group {
	uint32_t domain; /* id of a domain, or 0 */
	uint32_t client; /* else the client */
	uint32_t name;	 /* string: the host's name as long as there is one */
	uint32_t clients;
	uint32_t max_ms;
	bool several_names;
	uint64_t connections, timed, ms;
};

/* Most clients stand alone: of them only the id is kept. */
struct groups {
	struct map domains; /* struct group, by domain; the first rows */
	uint32_t *alone;    /* ids of clients; the rows behind them */
	size_t alone_count, alone_capacity;
};

/* The id of the domain that a client is counted under; 0: it stands alone. */
static uint32_t domain_of(struct report_context *context, const struct client *client)
{
	if (!client->name || client->unsure || context->options->by_address)
		return 0;
	return domain_of_host(domains_get(context),
			      strings_get(context_strings(context), client->name));
}

static void fold_client(const struct report_context *context, struct group *group, uint32_t id)
{
	const struct client_totals *totals = &context->ledger->clients[id];
	uint32_t name = directory_client_at(context->ledger->directory, id)->name;

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
	struct groups *groups = memory_get_zeroed(1, sizeof(*groups));

	map_init(&groups->domains, sizeof(struct group), sizeof(uint32_t));
	for (uint32_t id = 1; id <= ledger->client_count; id++) {
		uint32_t domain;

		if (!ledger->clients[id].connections)
			continue;
		domain = domain_of(context, directory_client_at(ledger->directory, id));
		if (domain) {
			fold_client(context, map_at(&groups->domains, &domain), id);
		} else {
			ARRAY_GROW(groups->alone, groups->alone_count, groups->alone_capacity);
			groups->alone[groups->alone_count++] = id;
		}
	}
	ret_rows->data = groups;
	ret_rows->count = groups->domains.count + groups->alone_count;
}

static void release_groups(struct rows *rows)
{
	struct groups *groups = rows->data;

	map_release(&groups->domains);
	free(groups->alone);
	free(groups);
}

static struct group group_at(const struct report_context *context, const struct rows *rows,
			     size_t n)
{
	const struct groups *groups = rows->data;
	struct group group = {0};

	if (n < groups->domains.count)
		return *(const struct group *)map_row(&groups->domains, (uint32_t)n);
	group.client = groups->alone[n - groups->domains.count];
	fold_client(context, &group, group.client);
	return group;
}

static void groups_cell(const struct report_context *context, const struct rows *rows, size_t n,
			int column, struct cell *cell)
{
	struct group group = group_at(context, rows, n);

	switch (column) {
	case 0:
		if (group.domain)
			cell_text(cell,
				  domain_text(context->domains, DOMAIN_OF_HOSTS, group.domain));
		else
			cell_client(cell, context, group.client);
		break;
	case 1:
		if (group.several_names)
			cell_text(cell,
				  domain_text(context->domains, DOMAIN_OF_HOSTS, group.domain));
		else
			cell_string(cell, context, group.name);
		break;
	case 2:
		cell_integer(cell, group.clients);
		break;
	case 3:
		cell_integer(cell, group.connections);
		break;
	case 4:
		cell_integer(cell, seconds_of_ms(group.ms));
		break;
	case 5:
		cell_integer(cell, average_seconds(group.ms, group.timed));
		break;
	case 6:
		cell_integer(cell, seconds_of_ms(group.max_ms));
		break;
	default:
		cell_address(cell, context, group.client);
	}
}

const struct relation relations_connections[] = {
	{
		.name = "connection_clients",
		.columns =
			"client text, name text, addresses integer, connections integer, "
			"seconds integer, avg_seconds integer, max_seconds integer, address blob",
		.of_report = true,
		.work = WORK_HOSTS,
		.make = make_groups,
		.cell = groups_cell,
		.release = release_groups,
	},
	{0},
};
