/*
 * Sites: see site.h. Hosts share parents, and asking the list costs a
 * microsecond, so what it says of a parent is kept; that grows with distinct
 * names of clients.
 */
#include <libpsl.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/strings.h"
#include "detect/site.h"

struct parent {
	uint32_t name; /* key: string */
	uint32_t site; /* length of the site at its end; 0: it is a public suffix */
};

struct sites {
	struct strings *names;
	struct map parents; /* struct parent */
	psl_ctx_t *suffixes;
};

struct sites *sites_new(void)
{
	struct sites *sites = memory_get_zeroed(1, sizeof(*sites));

	sites->names = strings_new();
	map_init(&sites->parents, sizeof(struct parent), sizeof(uint32_t));
	sites->suffixes = psl_latest(NULL);
	return sites;
}

void sites_free(struct sites *sites)
{
	if (!sites)
		return;
	strings_free(sites->names);
	map_release(&sites->parents);
	psl_free(sites->suffixes);
	free(sites);
}

struct view site_plain_name(struct view name, char buffer[static SITE_NAME_MAX + 1])
{
	if (view_ends(name, VIEW(".")))
		name.len--;
	if (name.len > SITE_NAME_MAX || view_find_byte(name, '\0') != VIEW_NONE)
		name.len = 0;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		buffer[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	buffer[name.len] = '\0';
	return view_of(buffer, name.len);
}

static uint32_t ask_list(const struct sites *sites, struct view name)
{
	char text[SITE_NAME_MAX + 1];
	const char *found;

	if (!sites->suffixes)
		return 0;
	site_plain_name(name, text);
	found = psl_registrable_domain(sites->suffixes, text);
	return found ? (uint32_t)strlen(found) : 0;
}

/* Below a site all names belong to it; a name right below a public suffix is a site itself. */
struct view site_of(struct sites *sites, struct view plain_name)
{
	size_t dot = view_find_byte(plain_name, '.');
	struct view above = view_from(plain_name, dot == VIEW_NONE ? plain_name.len : dot + 1);
	struct parent *parent;
	uint32_t key;
	bool is_new;

	if (above.len == 0)
		return above;
	key = strings_add(sites->names, above);
	parent = map_add(&sites->parents, &key, map_hash(&sites->parents, &key), &is_new);
	if (is_new)
		parent->site = ask_list(sites, above);
	if (parent->site > 0)
		return view_from(plain_name, plain_name.len - parent->site);
	return view_from(plain_name, plain_name.len - ask_list(sites, plain_name));
}
