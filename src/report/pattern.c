/*
 * Each sender is an entry: the first eight bytes of its local part, in small
 * letters, as one number, and where its text is. The entries of a domain are
 * split byte by byte, like a trie that is never built.
 */
#include "report/pattern.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/domain.h"
#include "report/radix.h"

#define SENDERS_MIN 8 /* of a pattern */
#define PATTERNS_MAX 1000
#define KEY_BYTES 8
#define NEARLY_ALL 0.85 /* of a prefix's senders go on alike: the pattern is longer */
#define PREFIX_MIN 2
#define SHARE_MIN 0.02 /* of the domain's senders, for any pattern */

struct entry {
	uint64_t key;
	uint32_t string, number; /* number: in the set of senders */
};

struct search {
	struct report_context *context;
	struct id_set senders;
	uint32_t *pattern_of; /* by sender number: pattern + 1 */
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
	struct view domain = domain_text(search->context->domains, search->domain);
	struct sender_pattern *pattern = &search->patterns[search->count];
	size_t room = PATTERN_TEXT_MAX / 2;

	if (search->count == PATTERNS_MAX)
		return;
	search->count++;
	for (size_t i = 0; i < length && pattern->len < room; i++)
		pattern->text[pattern->len++] = (char)lower_byte(local.ptr[i]);
	pattern->text[pattern->len++] = '*';
	pattern->text[pattern->len++] = '@';
	domain = view_to(domain, PATTERN_TEXT_MAX - pattern->len);
	memcpy(pattern->text + pattern->len, domain.ptr, domain.len);
	pattern->len += (uint32_t)domain.len;
	pattern->senders = (uint32_t)count;
	for (size_t i = 0; i < count; i++)
		search->pattern_of[entries[i].number] = (uint32_t)search->count;
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

static void collect_senders(struct search *search)
{
	const struct map *pairs = &search->context->ledger->pairs;

	id_set_init(&search->senders, context_string_max(search->context));
	for (uint32_t i = 0; i < pairs->count; i++)
		id_set_add(&search->senders,
			   ((const struct refused_pair *)map_row(pairs, i))->sender);
	id_set_number(&search->senders);
	search->pattern_of = memory_get_zeroed(search->senders.count + 1u, sizeof(uint32_t));
}

/* All senders that have a domain, as domain << 32 | string, by domain. */
static uint64_t *senders_by_domain(struct search *search, size_t *ret_count)
{
	const struct strings *strings = context_strings(search->context);
	struct domains *domains = domains_get(search->context);
	uint64_t *keys = memory_get((search->senders.count + 1u) * sizeof(*keys));
	size_t count = 0;

	for (uint32_t id = id_set_next(&search->senders, 0); id != UINT32_MAX;
	     id = id_set_next(&search->senders, id + 1)) {
		uint32_t domain = domain_of_address(domains, strings_get(strings, id));

		if (domain)
			keys[count++] = (uint64_t)domain << 32 | id;
	}
	radix_sort(keys, count);
	*ret_count = count;
	return keys;
}

static void search_domain(struct search *search, const uint64_t *keys, size_t count)
{
	const struct strings *strings = context_strings(search->context);
	struct entry *entries;

	if (count < SENDERS_MIN)
		return;
	entries = memory_get(count * sizeof(*entries));
	search->domain = (uint32_t)(keys[0] >> 32);
	search->domain_senders = count;
	for (size_t i = 0; i < count; i++) {
		uint32_t string = (uint32_t)keys[i];

		entries[i] = (struct entry){key_of(strings_get(strings, string)), string,
					    id_set_rank(&search->senders, string)};
	}
	search_prefix(search, entries, count, 0, false);
	free(entries);
}

/* Refusals and distinct clients of the patterns found. */
static void count_uses(struct search *search)
{
	const struct map *pairs = &search->context->ledger->pairs;
	uint64_t *keys = NULL;
	size_t count = 0, capacity = 0;

	for (uint32_t i = 0; i < pairs->count && search->count; i++) {
		const struct refused_pair *pair = map_row(pairs, i);
		uint32_t pattern = search->pattern_of[id_set_rank(&search->senders, pair->sender)];

		if (!pattern)
			continue;
		search->patterns[pattern - 1].refusals += pair->count;
		ARRAY_GROW(keys, count, capacity);
		keys[count++] = (uint64_t)pattern << 32 | pair->client;
	}
	radix_sort(keys, count);
	count = radix_unique(keys, count);
	for (size_t i = 0; i < count; i++)
		search->patterns[(keys[i] >> 32) - 1].clients++;
	free(keys);
}

struct sender_pattern *sender_patterns_find(struct report_context *context, size_t *ret_count)
{
	struct search search = {.context = context};
	uint64_t *keys;
	size_t count;

	search.patterns = memory_get_zeroed(PATTERNS_MAX, sizeof(*search.patterns));
	collect_senders(&search);
	keys = senders_by_domain(&search, &count);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && keys[to] >> 32 == keys[from] >> 32;)
			to++;
		search_domain(&search, keys + from, to - from);
	}
	free(keys);
	count_uses(&search);
	id_set_release(&search.senders);
	free(search.pattern_of);
	*ret_count = search.count;
	return search.patterns;
}
