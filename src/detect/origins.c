/* Origins: see origins.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "detect/origins.h"

#define V6_BITS 64
#define DAY_S 86400

void origins_init(struct origins *origins, const struct directory *directory)
{
	*origins = (struct origins){.directory = directory};
	map_init(&origins->rows, sizeof(struct origin), sizeof(struct prefix));
}

void origins_release(struct origins *origins)
{
	map_release(&origins->rows);
	free(origins->of_client);
}

struct prefix origin_prefix(const struct ip *ip)
{
	return ip_is_v4(ip) ? prefix_of_address(ip) : prefix_of(ip, V6_BITS);
}

static uint32_t add(struct origins *origins, uint32_t client)
{
	const struct client *row = directory_client_at(origins->directory, client);
	struct prefix prefix = origin_prefix(&row->ip);
	struct map *rows = &origins->rows;
	bool is_new;
	struct origin *origin = map_add(rows, &prefix, map_hash(rows, &prefix), &is_new);

	if (is_new) {
		origin->client = client;
		origin->first = UINT32_MAX;
	} else {
		origin->flags |= ORIGIN_CLIENTS_MANY;
	}
	return (uint32_t)(((char *)origin - rows->rows) / rows->row_size) + 1;
}

static void make_room(struct origins *origins, uint32_t client)
{
	uint32_t old = origins->of_client_capacity, capacity = old ? old : 1024;

	while (capacity <= client)
		capacity *= 2;
	origins->of_client =
		memory_resize(origins->of_client, capacity, sizeof(*origins->of_client));
	memset(origins->of_client + old, 0, (capacity - old) * sizeof(*origins->of_client));
	origins->of_client_capacity = capacity;
}

uint32_t origins_of_client(struct origins *origins, uint32_t client)
{
	if (client == 0)
		return 0;
	if (client >= origins->of_client_capacity)
		make_room(origins, client);
	if (origins->of_client[client] == 0)
		origins->of_client[client] = add(origins, client);
	return origins->of_client[client];
}

uint32_t origins_find(const struct origins *origins, const struct prefix *prefix)
{
	const struct map *rows = &origins->rows;
	const char *row = map_find(rows, prefix, map_hash(rows, prefix));

	return row ? (uint32_t)((size_t)(row - rows->rows) / rows->row_size) + 1 : 0;
}

static void seen(struct origin *origin, uint32_t from, uint32_t until)
{
	origin->first = from < origin->first ? from : origin->first;
	origin->last = until > origin->last ? until : origin->last;
}

static void note_refused_day(struct origin *origin, uint32_t time)
{
	uint32_t day = time / DAY_S;

	if (origin->refused_days == 0)
		origin->refused_day = day;
	if (day > origin->refused_day) {
		uint32_t later = day - origin->refused_day;

		origin->refused_days = later < 64 ? origin->refused_days << later : 0;
		origin->refused_day = day;
	}
	if (origin->refused_day - day < 64)
		origin->refused_days |= 1ULL << (origin->refused_day - day);
}

void origins_take_attempt(struct origins *origins, uint32_t number, const struct attempt *attempt)
{
	struct origin *origin = origins_at(origins, number);

	seen(origin, attempt->time, attempt->time);
	origin->attempts += attempt->count;
	if (attempt->reason == REASON_RELAY_DENIED)
		origin->relay_attempts += attempt->count;
	note_refused_day(origin, attempt->time);
}

static void note_messages(struct origin *origin, const struct session_fact *session)
{
	if (origin->messages == 0 || session->end < origin->message_first)
		origin->message_first = session->end;
	if (session->end > origin->message_last)
		origin->message_last = session->end;
	origin->messages += session->accepted;
}

void origins_take_session(struct origins *origins, uint32_t number,
			  const struct session_fact *session)
{
	struct origin *origin = origins_at(origins, number);

	seen(origin, session->start, session->end);
	origin->sessions++;
	if (!(session->flags & SESSION_UNTIMED)) {
		origin->connections++;
		origin->connected_ms += session->duration_ms;
	}
	if (session->refusals > 0)
		origin->refused_sessions++;
	if (session->refusals > 0 && session->accepted == 0)
		origin->refused_only_sessions++;
	if (session->relay_refusals > 0)
		origin->relay_sessions++;
	if (session->accepted > 0)
		note_messages(origin, session);
	if (session->flags & SESSION_OUTBOUND)
		origin->flags |= ORIGIN_OUTBOUND;
}

struct view origin_name(const struct origins *origins, const struct origin *origin,
			bool *ret_confirmed)
{
	const struct client *client = directory_client_at(origins->directory, origin->client);

	*ret_confirmed = client->name != 0 && !client->unsure;
	return strings_get(origins->directory->strings, client->name);
}
