#include "report/domain.h"

#include <libpsl.h>
#include <stdlib.h>

#include "base/memory.h"

#define DOMAIN_LENGTH_MAX 1024
#define DOMAIN_LOCAL 1 /* role bit in our own strings */

/* What is known of a parent, the name without its first label. */
struct parent {
	uint32_t name; /* key: string */
	uint32_t tail; /* length of the registered domain at its end; 0: it is a public suffix */
};

struct domains {
	struct strings *of[DOMAIN_KINDS];
	struct map parents;
	psl_ctx_t *suffixes;
};

/* TEXT in small letters, without a final dot, in BUFFER. */
static struct view lower(struct view text, char buffer[static DOMAIN_LENGTH_MAX])
{
	size_t len = text.len < DOMAIN_LENGTH_MAX ? text.len : DOMAIN_LENGTH_MAX;

	if (len && text.ptr[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++) {
		char c = text.ptr[i];

		buffer[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	return view_of(buffer, len);
}

static void mark_local(struct domains *domains, struct view domain)
{
	char buffer[DOMAIN_LENGTH_MAX];
	uint32_t id = strings_add(domains->of[DOMAIN_OF_SENDERS], lower(domain, buffer));

	if (id)
		strings_set_roles(domains->of[DOMAIN_OF_SENDERS], id, DOMAIN_LOCAL);
}

struct domains *domains_get(struct report_context *context)
{
	struct domains *domains = context->domains;

	if (domains)
		return domains;
	domains = context->domains = memory_get_zeroed(1, sizeof(*domains));
	for (int kind = 0; kind < DOMAIN_KINDS; kind++)
		domains->of[kind] = strings_new();
	map_init(&domains->parents, sizeof(struct parent), sizeof(uint32_t));
	domains->suffixes = psl_latest(NULL);
	return domains;
}

void domains_find_local(struct report_context *context)
{
	struct domains *domains = domains_get(context);
	const struct strings *strings = context_strings(context);
	const char *const *named = context->options->local_domains;

	for (uint32_t id = 0; (id = strings_next(strings, id));)
		if (strings_roles(strings, id) & LEDGER_ROLE(ROLE_LOCAL_DOMAIN))
			mark_local(domains, strings_get(strings, id));
	for (; named && *named; named++)
		mark_local(domains, view_string(*named));
}

void domains_free(struct domains *domains)
{
	if (!domains)
		return;
	for (int kind = 0; kind < DOMAIN_KINDS; kind++)
		strings_free(domains->of[kind]);
	map_release(&domains->parents);
	psl_free(domains->suffixes);
	free(domains);
}

uint32_t domain_of_address(struct domains *domains, enum domain_kind kind, struct view address)
{
	char buffer[DOMAIN_LENGTH_MAX];
	size_t at = view_find_last_byte(address, '@');

	if (at == VIEW_NONE)
		return 0;
	return strings_add(domains->of[kind], lower(view_from(address, at + 1), buffer));
}

/* The length of the registered domain at the end of NAME, 0 if NAME is a public suffix. */
static uint32_t registered_length(const struct domains *domains, struct view name)
{
	char text[DOMAIN_LENGTH_MAX + 1];
	const char *found;

	if (!domains->suffixes)
		return 0;
	memcpy(text, name.ptr, name.len);
	text[name.len] = 0;
	found = psl_registrable_domain(domains->suffixes, text);
	return found ? (uint32_t)strlen(found) : 0;
}

/*
 * Hosts share parents, and asking the list costs a microsecond: what it says of
 * a parent is kept. Below a registered domain all names belong to it; a name
 * right below a public suffix is itself the registered domain.
 */
uint32_t domain_of_host(struct domains *domains, struct view host)
{
	char buffer[DOMAIN_LENGTH_MAX];
	struct strings *hosts = domains->of[DOMAIN_OF_HOSTS];
	struct view name = lower(host, buffer);
	size_t dot = view_find_byte(name, '.');
	struct parent *parent;
	uint32_t key;
	bool fresh;

	if (dot == VIEW_NONE || memchr(name.ptr, 0, name.len))
		return strings_add(hosts, name);
	key = strings_add(hosts, view_from(name, dot + 1));
	parent = map_add(&domains->parents, &key, map_hash(&domains->parents, &key), &fresh);
	if (fresh)
		parent->tail = registered_length(domains, view_from(name, dot + 1));
	if (parent->tail == 0)
		return strings_add(hosts, name);
	return strings_add(hosts, view_from(name, name.len - parent->tail));
}

struct view domain_text(const struct domains *domains, enum domain_kind kind, uint32_t id)
{
	return strings_get(domains->of[kind], id);
}

uint32_t domain_id_max(const struct domains *domains, enum domain_kind kind)
{
	/* Ids are places in units of 4 bytes (base/strings.c). */
	return (uint32_t)(strings_size(domains->of[kind]) / 4);
}

bool domain_is_local(const struct domains *domains, uint32_t id)
{
	return id && strings_roles(domains->of[DOMAIN_OF_SENDERS], id) & DOMAIN_LOCAL;
}
