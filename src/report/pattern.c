/*
 * Each sender is an entry: the first eight bytes of its local part, in small
 * letters, as one number, and where its text is. The entries of a domain are
 * split byte by byte, like a trie that is never built.
 */
#include "report/pattern.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/digest.h"
#include "report/domain.h"

#define SENDERS_MIN 8 /* of a pattern */
#define PATTERNS_MAX 1000
#define KEY_BYTES 8
#define NEARLY_ALL 0.85 /* of a prefix's senders go on alike: the pattern is longer */
#define PREFIX_MIN 2
#define SHARE_MIN 0.02 /* of the domain's senders, for any pattern */

struct entry {
	uint64_t key;
	uint32_t string, domain;
};

/* A sender that shows a pattern. */
struct patterned {
	uint32_t string; /* key */
	uint32_t pattern;
};

struct search {
	struct report_context *context;
	struct map patterned;
	struct sender_pattern *patterns;
	size_t count;
	/* Of the present domain. */
	uint32_t domain;
	size_t domain_senders;
};

static unsigned char lower_byte(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static struct view local_part(struct view address)
{
	size_t at = view_find_last_byte(address, '@');

	return view_to(address, at == VIEW_NONE ? 0 : at);
}

static uint64_t key_of(struct view address)
{
	struct view local = local_part(address);
	uint64_t key = 0;

	for (size_t i = 0; i < KEY_BYTES; i++)
		key = key << 8 | (i < local.len ? lower_byte(local.ptr[i]) : 0);
	return key;
}

static unsigned int key_byte(uint64_t key, unsigned int depth)
{
	return (unsigned int)(key >> 8 * (KEY_BYTES - 1 - depth)) & 0xff;
}

/*
 * Whether COUNT senders with a prefix of LENGTH bytes are more than nature. The
 * commonest beginnings of names ("ma", "mar") reach about a third of each bound.
 */
static bool is_telling(const struct search *search, size_t count, unsigned int length,
		       bool drawn_from_first)
{
	static const double bounds[] = {1, 1, 0.2, 0.1};
	double share = (double)count / (double)search->domain_senders;

	if (count < SENDERS_MIN || length < PREFIX_MIN || share < SHARE_MIN)
		return false;
	/* Nearly all that begin with one letter go on with the same second one. */
	if (drawn_from_first)
		return true;
	return share >= (length < 4 ? bounds[length] : 0.05);
}

/* How many bytes all of the entries' local parts share. */
static size_t common_length(const struct search *search, const struct entry *entries, size_t count)
{
	const struct strings *strings = context_strings(search->context);
	struct view first = local_part(strings_get(strings, entries[0].string));
	size_t common = first.len;

	for (size_t i = 1; i < count; i++) {
		struct view local = local_part(strings_get(strings, entries[i].string));
		size_t n = 0;

		while (n < common && n < local.len &&
		       lower_byte(local.ptr[n]) == lower_byte(first.ptr[n]))
			n++;
		common = n;
	}
	return common;
}

static void keep_pattern(struct search *search, const struct entry *entries, size_t count,
			 size_t length)
{
	const struct strings *strings = context_strings(search->context);
	struct view local = local_part(strings_get(strings, entries[0].string));
	struct view domain =
		domain_text(search->context->domains, DOMAIN_OF_SENDERS, search->domain);
	struct sender_pattern *pattern = &search->patterns[search->count];
	size_t room = PATTERN_TEXT_MAX / 2;

	if (search->count == PATTERNS_MAX)
		return;
	for (size_t i = 0; i < length && pattern->len < room; i++)
		pattern->text[pattern->len++] = (char)lower_byte(local.ptr[i]);
	pattern->text[pattern->len++] = '*';
	pattern->text[pattern->len++] = '@';
	domain = view_to(domain, PATTERN_TEXT_MAX - pattern->len);
	memcpy(pattern->text + pattern->len, domain.ptr, domain.len);
	pattern->len += (uint32_t)domain.len;
	pattern->senders = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		struct patterned *sender = map_at(&search->patterned, &entries[i].string);

		sender->pattern = (uint32_t)search->count;
	}
	search->count++;
}

/* Brings the entries with BYTE at DEPTH to the front. */
static void bring_to_front(struct entry *entries, size_t count, unsigned int depth,
			   unsigned int byte)
{
	size_t front = 0;

	for (size_t i = 0; i < count; i++) {
		if (key_byte(entries[i].key, depth) == byte) {
			struct entry swap = entries[front];

			entries[front++] = entries[i];
			entries[i] = swap;
		}
	}
}

/* ENTRIES share their first DEPTH bytes. DRAWN: so do nearly all with the same first byte. */
static void search_prefix(struct search *search, struct entry *entries, size_t count,
			  unsigned int depth, bool drawn)
{
	size_t counts[256] = {0};
	unsigned int most = 1;

	if (depth == KEY_BYTES) {
		if (is_telling(search, count, depth, drawn))
			keep_pattern(search, entries, count, common_length(search, entries, count));
		return;
	}
	for (size_t i = 0; i < count; i++)
		counts[key_byte(entries[i].key, depth)]++;
	for (unsigned int byte = 2; byte < 256; byte++)
		if (counts[byte] > counts[most])
			most = byte;
	if ((double)counts[most] >= NEARLY_ALL * (double)count) {
		bring_to_front(entries, count, depth, most);
		search_prefix(search, entries, counts[most], depth + 1, drawn || depth == 1);
		return;
	}
	if (is_telling(search, count, depth, drawn)) {
		keep_pattern(search, entries, count, depth);
		return;
	}
	for (unsigned int byte = 1; byte < 256; byte++) {
		if (counts[byte] < SENDERS_MIN ||
		    (double)counts[byte] < SHARE_MIN * (double)search->domain_senders)
			continue;
		bring_to_front(entries, count, depth, byte);
		search_prefix(search, entries, counts[byte], depth + 1, false);
	}
}

/*
 * The senders that have a domain, domain by domain; those of domains with too few
 * are left out. Strings are read in the order in which they lie.
 */
static struct entry *entries_by_domain(const struct search *search, size_t *ret_count)
{
	const struct strings *strings = context_strings(search->context);
	const struct digest_side *senders = &search->context->digest->senders;
	size_t *places = memory_get_zeroed(
		domain_id_max(search->context->domains, DOMAIN_OF_SENDERS) + 1u, sizeof(*places));
	struct entry *entries;
	size_t count = 0;

	for (size_t i = 0; i < senders->address_count; i++)
		places[senders->addresses[i].domain]++;
	places[0] = 0;
	for (uint32_t id = 0; id <= domain_id_max(search->context->domains, DOMAIN_OF_SENDERS);
	     id++) {
		size_t n = places[id];

		places[id] = n < SENDERS_MIN ? SIZE_MAX : count;
		count += n < SENDERS_MIN ? 0 : n;
	}
	entries = memory_get((count + 1) * sizeof(*entries));
	for (size_t i = 0; i < senders->address_count; i++) {
		const struct digest_address *sender = &senders->addresses[i];

		if (places[sender->domain] != SIZE_MAX)
			entries[places[sender->domain]++] =
				(struct entry){key_of(strings_get(strings, sender->string)),
					       sender->string, sender->domain};
	}
	free(places);
	*ret_count = count;
	return entries;
}

static void search_domain(struct search *search, struct entry *entries, size_t count)
{
	search->domain = entries[0].domain;
	search->domain_senders = count;
	search_prefix(search, entries, count, 0, false);
}

/* What counts as used: (pattern, client), a key each. */
struct used {
	struct id_set senders; /* most are in no pattern: a bit tells so */
	uint64_t *keys;
	size_t count, capacity;
};

static inline void count_use(struct search *search, struct used *used, uint32_t sender,
			     uint32_t client, uint32_t refusals)
{
	const struct patterned *patterned;

	if (!id_set_has(&used->senders, sender))
		return;
	patterned = map_find(&search->patterned, &sender, map_hash(&search->patterned, &sender));
	search->patterns[patterned->pattern].refusals += refusals;
	ARRAY_GROW(used->keys, used->count, used->capacity);
	used->keys[used->count++] = (uint64_t)patterned->pattern << 32 | client;
}

/* Refusals and distinct clients of the patterns found. */
static void count_uses(struct search *search)
{
	const struct ledger *ledger = search->context->ledger;
	const struct map *patterned = &search->patterned;
	struct used used = {0};

	if (search->count == 0)
		return;
	id_set_init(&used.senders, context_string_max(search->context));
	for (uint32_t i = 0; i < patterned->count; i++)
		id_set_add(&used.senders,
			   ((const struct patterned *)map_row(patterned, i))->string);
	for (size_t i = 0; i < ledger->senders.count; i++) {
		const struct client_use *use = &ledger->senders.rows[i];

		count_use(search, &used, use->what, use->client, use->count);
	}
	for (uint32_t i = 0; i < ledger->relays.count; i++) {
		const struct relay_triple *triple = map_row(&ledger->relays, i);

		count_use(search, &used, triple->sender, triple->client, triple->count);
	}
	radix_sort(used.keys, used.count);
	used.count = radix_unique(used.keys, used.count);
	for (size_t i = 0; i < used.count; i++)
		search->patterns[used.keys[i] >> 32].clients++;
	free(used.keys);
	id_set_release(&used.senders);
}

struct sender_pattern *sender_patterns_find(struct report_context *context, size_t *ret_count)
{
	struct search search = {.context = context};
	struct entry *entries;
	size_t count;

	digest_sender_domains(context);
	search.patterns = memory_get_zeroed(PATTERNS_MAX, sizeof(*search.patterns));
	map_init(&search.patterned, sizeof(struct patterned), sizeof(uint32_t));
	entries = entries_by_domain(&search, &count);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && entries[to].domain == entries[from].domain;)
			to++;
		search_domain(&search, entries + from, to - from);
	}
	free(entries);
	count_uses(&search);
	map_release(&search.patterned);
	*ret_count = search.count;
	return search.patterns;
}
