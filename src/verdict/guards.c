/*
 * Guards: see guards.h.
 *
 * Made in two passes: over all clients, for what their confirmed names say and
 * which pools there are, then over all origins, for what their addresses and
 * their mail say. Questions only look up what was found.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/dynamic.h"
#include "verdict/guards_data.h"

extern const char providers_text[]; /* providers.txt, embedded by the build */

const char *guard_name(enum guard guard)
{
	static const char *const names[GUARD_MAX] = {
		[GUARD_ALLOWED] = "allowed",   [GUARD_OURS] = "ours",
		[GUARD_OUTBOUND] = "outbound", [GUARD_WANTED] = "wanted-mail",
		[GUARD_PROVIDER] = "provider", [GUARD_POOL] = "pool",
	};

	return names[guard];
}

/* Loopback (RFC 1122, RFC 4291), private use (RFC 1918, RFC 4193), link-local (RFC 3927,
   RFC 4291). */
static const char *const always_ours[] = {
	"127.0.0.0/8",	  "10.0.0.0/8",	    "172.16.0.0/12",
	"192.168.0.0/16", "169.254.0.0/16", "::1",
	"fc00::/7",	  "fe80::/10",	    NULL,
};

static int add_networks(struct prefix_set *set, const char *const *list, struct err *err)
{
	for (size_t i = 0; list && list[i]; i++) {
		struct prefix prefix;
		int r = prefix_parse(view_string(list[i]), &prefix, err);

		if (r < 0)
			return r;
		prefix_set_add(set, &prefix);
	}
	return 0;
}

static int add_allowed(struct guards *guards, const char *entry, struct err *err)
{
	struct view text = view_string(entry);
	struct prefix prefix;
	struct ip ip;

	if (view_find_byte(text, '/') != VIEW_NONE || ip_parse(text, &ip)) {
		int r = prefix_parse(text, &prefix, err);

		if (r == 0)
			prefix_set_add(&guards->allowed, &prefix);
		return r;
	}
	if (!names_add(&guards->allowed_names, text))
		return err_set(err, -EINVAL,
			       "can't allow '%s': it is neither an address, nor a network "
			       "(192.0.2.0/24), nor a name",
			       entry);
	return 0;
}

static int add_options(struct guards *guards, const struct guard_options *options, struct err *err)
{
	int r = 0;

	for (size_t i = 0; options->allow && options->allow[i] && r == 0; i++)
		r = add_allowed(guards, options->allow[i], err);
	if (r == 0)
		r = add_networks(&guards->own, always_ours, err);
	if (r == 0)
		r = add_networks(&guards->own, options->own, err);
	names_add_list(&guards->providers, view_string(providers_text));
	names_add_list(&guards->providers, options->providers);
	prefix_set_build(&guards->allowed);
	prefix_set_build(&guards->own);
	return r;
}

struct view guards_client_name(const struct guards *guards, uint32_t id)
{
	const struct directory *directory = guards->context->directory;
	const struct client *client = directory_client_at(directory, id);
	const struct enrichment_row *row;

	if (client->name != 0 && !client->unsure)
		return strings_get(directory->strings, client->name);
	if (!guards->enrichment || guards->enrichment->rows.count == 0)
		return VIEW("");
	row = enrichment_find(guards->enrichment, &client->ip);
	if (!row || row->confirmed != ENRICHMENT_YES)
		return VIEW("");
	return strings_get(guards->enrichment->strings, row->name);
}

static bool sent_wanted(const struct guards *guards, const struct origin *origin)
{
	return origin->messages > 0 && origin->message_last >= guards->wanted_since;
}

/* The pool of a site; 0 if SITE is empty. */
static uint32_t pool_of(struct guards *guards, struct view site)
{
	uint32_t key;
	struct pool *pool;

	if (site.len == 0)
		return 0;
	key = strings_add(guards->site_names, site);
	pool = map_at(&guards->pools, &key);
	return (uint32_t)(((char *)pool - guards->pools.rows) / (ptrdiff_t)sizeof(*pool)) + 1;
}

static void join_pool(struct guards *guards, struct standing *standing, struct view site,
		      bool wanted)
{
	struct pool *pool;

	standing->pool = pool_of(guards, site);
	if (standing->pool == 0)
		return;
	pool = map_row(&guards->pools, standing->pool - 1);
	pool->origins++;
	pool->wanted += wanted;
}

/* What the confirmed name of a client says of its origin. */
static void judge_name(struct guards *guards, uint32_t client, uint32_t origin, struct view name)
{
	struct standing *standing = &guards->standings[origin - 1];
	const struct origin *row = origins_at(guards->context->origins, origin);
	const struct ip *ip = &directory_client_at(guards->context->directory, client)->ip;
	char buffer[SITE_NAME_MAX + 1];
	struct view plain = site_plain_name(name, buffer);
	uint32_t bits = 0;

	if (names_covering(&guards->allowed_names, plain).len > 0)
		bits |= 1u << GUARD_ALLOWED;
	if (names_covering(&guards->providers, plain).len > 0)
		bits |= 1u << GUARD_PROVIDER;
	if (standing->client == 0 || (bits & ~standing->guards) != 0)
		standing->client = client;
	standing->guards |= bits;
	/* Lines handed out to customers are no pool with each other, nor with the mail servers. */
	if (standing->pool == 0 && !dynamic_name(plain, ip) && !name_spells_address(plain, ip))
		join_pool(guards, standing, site_of(guards->sites, plain),
			  sent_wanted(guards, row));
}

static void judge_names(struct guards *guards)
{
	const struct map *clients = &guards->context->directory->clients;

	for (uint32_t id = 1; id <= clients->count; id++) {
		const struct client *client = map_row(clients, id - 1);
		struct prefix prefix = origin_prefix(&client->ip);
		struct view name = guards_client_name(guards, id);
		uint32_t origin = name.len ? origins_find(guards->context->origins, &prefix) : 0;

		if (origin != 0)
			judge_name(guards, id, origin, name);
	}
}

static uint32_t judge_origin(const struct guards *guards, const struct origin *origin,
			     const struct standing *standing)
{
	uint32_t bits = standing->guards;
	bool wanted = sent_wanted(guards, origin);

	if (prefix_set_touching(&guards->allowed, &origin->prefix))
		bits |= 1u << GUARD_ALLOWED;
	if (prefix_set_touching(&guards->own, &origin->prefix))
		bits |= 1u << GUARD_OURS;
	if (origin->flags & ORIGIN_OUTBOUND)
		bits |= 1u << GUARD_OUTBOUND;
	if (wanted)
		bits |= 1u << GUARD_WANTED;
	if (standing->pool != 0) {
		const struct pool *pool = map_row(&guards->pools, standing->pool - 1);

		if (pool->wanted > (wanted ? 1 : 0))
			bits |= 1u << GUARD_POOL;
	}
	return bits;
}

static void judge_origins(struct guards *guards)
{
	for (uint32_t i = 0; i < guards->count; i++) {
		const struct origin *origin = origins_at(guards->context->origins, i + 1);

		guards->standings[i].guards = judge_origin(guards, origin, &guards->standings[i]);
		if (guards->standings[i].guards != 0)
			prefix_set_add(&guards->guarded, &origin->prefix);
	}
	prefix_set_build(&guards->guarded);
}

int guards_new(const struct detection *detection, const struct enrichment *enrichment,
	       const struct guard_options *options, struct guards **ret_guards, struct err *err)
{
	struct guards *guards = memory_get_zeroed(1, sizeof(*guards));
	uint32_t look_back = options->look_back_s ? options->look_back_s : LOOK_BACK_PRESET_S;
	int r;

	guards->detection = detection;
	guards->context = detection_context(detection);
	guards->enrichment = enrichment;
	if (guards->context->newest > look_back)
		guards->wanted_since = guards->context->newest - look_back;
	names_init(&guards->allowed_names);
	names_init(&guards->providers);
	guards->sites = sites_new();
	guards->site_names = strings_new();
	map_init(&guards->pools, sizeof(struct pool), sizeof(uint32_t));
	guards->count = origins_count(guards->context->origins);
	guards->standings = memory_get_zeroed(guards->count + 1, sizeof(*guards->standings));
	r = add_options(guards, options, err);
	if (r < 0) {
		guards_free(guards);
		return r;
	}
	judge_names(guards);
	judge_origins(guards);
	*ret_guards = guards;
	return 0;
}

void guards_free(struct guards *guards)
{
	if (!guards)
		return;
	prefix_set_release(&guards->allowed);
	prefix_set_release(&guards->own);
	prefix_set_release(&guards->guarded);
	names_release(&guards->allowed_names);
	names_release(&guards->providers);
	sites_free(guards->sites);
	strings_free(guards->site_names);
	map_release(&guards->pools);
	free(guards->standings);
	free(guards);
}

uint32_t guards_of(const struct guards *guards, uint32_t origin)
{
	return origin <= guards->count ? guards->standings[origin - 1].guards : 0;
}

bool guards_inside(const struct guards *guards, const struct prefix *prefix)
{
	return prefix_set_touching(&guards->guarded, prefix) ||
	       prefix_set_touching(&guards->allowed, prefix) ||
	       prefix_set_touching(&guards->own, prefix);
}

struct view guards_confirmed_name(const struct guards *guards, uint32_t origin)
{
	uint32_t client = origin <= guards->count ? guards->standings[origin - 1].client : 0;

	return client ? guards_client_name(guards, client) : VIEW("");
}
