#include "report/digest.h"

#include <stdlib.h>

#include "base/memory.h"
#include "report/domain.h"

static const struct refused_pair *pair_rows(const struct digest *digest, size_t *ret_count)
{
	*ret_count = digest->context->ledger->pairs.count;
	return (const struct refused_pair *)digest->context->ledger->pairs.rows;
}

static struct digest *digest_get(struct report_context *context)
{
	struct digest *digest = context->digest;

	if (digest)
		return digest;
	digest = context->digest = memory_get_zeroed(1, sizeof(*digest));
	digest->context = context;
	digest->senders.kind = DOMAIN_OF_SENDERS;
	digest->recipients.kind = DOMAIN_OF_RECIPIENTS;
	map_init(&digest->repeated, sizeof(struct repeated_pair), 2 * sizeof(uint32_t));
	map_init(&digest->forgers, sizeof(struct forger), sizeof(uint32_t));
	return digest;
}

void digest_begin(struct report_context *context)
{
	digest_get(context);
	domains_get(context);
}

static void side_free(struct digest_side *side)
{
	free(side->addresses);
	free(side->domains);
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	side_free(&digest->senders);
	side_free(&digest->recipients);
	map_release(&digest->repeated);
	map_release(&digest->forgers);
	free(digest->client_senders);
	free(digest->client_recipients);
	free(digest);
}

/* One address for each distinct string of KEYS, which are string << 32 | attempts. */
static void tally(struct digest_side *side, uint64_t *keys, size_t count)
{
	struct digest_address *address = NULL;
	size_t distinct = 0;

	radix_sort(keys, count);
	for (size_t i = 0; i < count; i++)
		distinct += i == 0 || keys[i] >> 32 != keys[i - 1] >> 32;
	side->addresses = memory_get((distinct + 1) * sizeof(*side->addresses));
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || keys[i] >> 32 != keys[i - 1] >> 32) {
			address = &side->addresses[side->address_count++];
			*address = (struct digest_address){.string = (uint32_t)(keys[i] >> 32)};
		}
		side->relay_count += address->attempts == 0 && (uint32_t)keys[i] != 0;
		address->attempts += (uint32_t)keys[i];
	}
}

static void know_domains(struct report_context *context, struct digest_side *side)
{
	struct domains *domains = domains_get(context);
	const struct strings *strings = context_strings(context);

	if (side->domains_known)
		return;
	side->domains_known = true;
	for (size_t i = 0; i < side->address_count; i++) {
		struct digest_address *address = &side->addresses[i];

		address->domain = domain_of_address(domains, side->kind,
						    strings_get(strings, address->string));
	}
}

const struct digest *digest_senders(struct report_context *context)
{
	struct digest *digest = digest_get(context);
	const struct refused_pair *pairs;
	uint64_t *keys;
	size_t count;

	if (digest->senders.made)
		return digest;
	digest->senders.made = true;
	pairs = pair_rows(digest, &count);
	keys = memory_get((count + 1) * sizeof(*keys));
	for (size_t i = 0; i < count; i++) {
		uint32_t attempts = pair_is_relay(&pairs[i]) ? pairs[i].count : 0;

		keys[i] = (uint64_t)pairs[i].sender << 32 | attempts;
		digest->triples += attempts != 0;
		if (pairs[i].sender == 0)
			digest->null_sender_attempts += attempts;
	}
	tally(&digest->senders, keys, count);
	free(keys);
	return digest;
}

const struct digest *digest_recipients(struct report_context *context)
{
	struct digest *digest = digest_get(context);
	const struct refused_pair *pairs;
	uint64_t *keys;
	size_t count, n = 0;

	if (digest->recipients.made)
		return digest;
	digest->recipients.made = true;
	pairs = pair_rows(digest, &count);
	keys = memory_get((count + 1) * sizeof(*keys));
	for (size_t i = 0; i < count; i++)
		if (pair_is_relay(&pairs[i]))
			keys[n++] = (uint64_t)pairs[i].recipient << 32 | pairs[i].count;
	tally(&digest->recipients, keys, n);
	free(keys);
	return digest;
}

/* The width of string ids: keys are packed tight, to be sorted in fewer passes. */
static unsigned int string_bits(const struct report_context *context)
{
	return 32 - (unsigned int)__builtin_clz(context_string_max(context) | 1);
}

/* Adds one to counts[k >> shift] for each distinct key k. */
static void count_distinct(uint64_t *keys, size_t count, unsigned int shift, uint32_t *counts)
{
	radix_sort(keys, count);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || keys[i] != keys[i - 1])
			counts[keys[i] >> shift]++;
}

const struct digest *digest_clients(struct report_context *context)
{
	struct digest *digest = digest_get(context);
	uint32_t clients = context->ledger->directory->clients.count;
	unsigned int shift = string_bits(context);
	const struct refused_pair *pairs;
	uint64_t *keys;
	size_t count, n = 0;

	if (digest->clients_made)
		return digest;
	digest->clients_made = true;
	pairs = pair_rows(digest, &count);
	keys = memory_get((count + 1) * sizeof(*keys));
	digest->client_senders = memory_get_zeroed(clients + 1, sizeof(uint32_t));
	digest->client_recipients = memory_get_zeroed(clients + 1, sizeof(uint32_t));
	for (size_t i = 0; i < count; i++)
		if (pair_is_relay(&pairs[i]))
			keys[n++] = (uint64_t)pairs[i].client << shift | pairs[i].sender;
	count_distinct(keys, n, shift, digest->client_senders);
	n = 0;
	for (size_t i = 0; i < count; i++)
		if (pair_is_relay(&pairs[i]))
			keys[n++] = (uint64_t)pairs[i].client << shift | pairs[i].recipient;
	count_distinct(keys, n, shift, digest->client_recipients);
	free(keys);
	return digest;
}

/* Keeps, in the map of repeated pairs, the keys that occur more than once;
   returns how many are distinct. */
static uint64_t find_repeated(struct digest *digest, uint64_t *keys, size_t count,
			      unsigned int shift)
{
	uint64_t distinct = 0;
	uint64_t low = (UINT64_C(1) << shift) - 1;

	radix_sort(keys, count);
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && keys[next] == keys[i];)
			next++;
		distinct++;
		if (next - i > 1)
			map_at(&digest->repeated, (uint32_t[]){(uint32_t)(keys[i] >> shift),
							       (uint32_t)(keys[i] & low)});
	}
	return distinct;
}

static void fold_repeated(struct repeated_pair *row, const struct refused_pair *pair)
{
	if (row->attempts == 0)
		row->first = pair->first;
	if (pair->first < row->first)
		row->first = pair->first;
	if (pair->last > row->last)
		row->last = pair->last;
	row->attempts += pair->count;
	row->clients++;
}

const struct digest *digest_pairs(struct report_context *context)
{
	struct digest *digest = digest_get(context);
	const struct refused_pair *pairs;
	unsigned int shift = string_bits(context);
	uint64_t *keys;
	size_t count, n = 0;

	if (digest->pairs_made)
		return digest;
	digest->pairs_made = true;
	pairs = pair_rows(digest, &count);
	keys = memory_get((2 * count + 1) * sizeof(*keys));
	for (size_t i = 0; i < count; i++) {
		uint64_t key = (uint64_t)pairs[i].sender << shift | pairs[i].recipient;

		if (!pair_is_relay(&pairs[i]))
			continue;
		keys[n++] = key;
		/* Twice: so that a pair which one client repeats is found as well. */
		if (pairs[i].count > 1)
			keys[n++] = key;
	}
	digest->pairs = find_repeated(digest, keys, n, shift);
	free(keys);
	for (size_t i = 0; i < count && digest->repeated.count; i++) {
		uint32_t key[2] = {pairs[i].sender, pairs[i].recipient};
		struct repeated_pair *row;

		if (!pair_is_relay(&pairs[i]))
			continue;
		row = map_find(&digest->repeated, key, map_hash(&digest->repeated, key));
		if (row)
			fold_repeated(row, &pairs[i]);
	}
	return digest;
}

static void make_domains(struct report_context *context, struct digest_side *side)
{
	struct digest_domain *by_id;
	uint32_t ids;

	if (side->domains_made)
		return;
	side->domains_made = true;
	know_domains(context, side);
	ids = domain_id_max(context->domains, side->kind) + 1;
	by_id = memory_get_zeroed(ids, sizeof(*by_id));
	for (size_t i = 0; i < side->address_count; i++) {
		const struct digest_address *address = &side->addresses[i];

		by_id[address->domain].addresses += address->attempts != 0;
		by_id[address->domain].attempts += address->attempts;
	}
	for (uint32_t id = 0; id < ids; id++) {
		if (by_id[id].addresses == 0)
			continue;
		by_id[id].domain = id;
		by_id[side->domain_count++] = by_id[id];
	}
	side->domains = by_id;
}

const struct digest *digest_sender_domains(struct report_context *context)
{
	digest_senders(context);
	make_domains(context, &context->digest->senders);
	return context->digest;
}

const struct digest *digest_recipient_domains(struct report_context *context)
{
	digest_recipients(context);
	make_domains(context, &context->digest->recipients);
	return context->digest;
}

/* The senders in domains of ours. */
static void find_forged(struct report_context *context, struct id_set *ret_forged)
{
	const struct digest_side *senders = &digest_sender_domains(context)->senders;

	domains_find_local(context);
	id_set_init(ret_forged, context_string_max(context));
	for (size_t i = 0; i < senders->address_count; i++)
		if (domain_is_local(context->domains, senders->addresses[i].domain))
			id_set_add(ret_forged, senders->addresses[i].string);
}

static bool is_forged(const struct id_set *forged, const struct refused_pair *pair)
{
	return pair_is_relay(pair) && id_set_has(forged, pair->sender);
}

/* Counts distinct (client, address) keys into the field at OFFSET of each forger. */
static void count_forged(struct digest *digest, uint64_t *keys, size_t count, size_t offset)
{
	radix_sort(keys, count);
	count = radix_unique(keys, count);
	for (size_t i = 0; i < count; i++) {
		uint32_t client = (uint32_t)(keys[i] >> 32);
		char *row = map_at(&digest->forgers, &client);

		++*(uint32_t *)(row + offset);
	}
}

const struct digest *digest_forgers(struct report_context *context)
{
	struct digest *digest = digest_get(context);
	const struct refused_pair *pairs;
	struct id_set forged;
	uint64_t *by_sender, *by_recipient;
	size_t count, n = 0;

	if (digest->forgers_made)
		return digest;
	digest->forgers_made = true;
	find_forged(context, &forged);
	pairs = pair_rows(digest, &count);
	for (size_t i = 0; i < count; i++)
		n += is_forged(&forged, &pairs[i]);
	by_sender = memory_get((n + 1) * sizeof(*by_sender));
	by_recipient = memory_get((n + 1) * sizeof(*by_recipient));
	n = 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t client = (uint64_t)pairs[i].client << 32;
		struct forger *forger;

		if (!is_forged(&forged, &pairs[i]))
			continue;
		by_sender[n] = client | pairs[i].sender;
		by_recipient[n++] = client | pairs[i].recipient;
		forger = map_at(&digest->forgers, &pairs[i].client);
		forger->attempts += pairs[i].count;
	}
	count_forged(digest, by_sender, n, offsetof(struct forger, senders));
	count_forged(digest, by_recipient, n, offsetof(struct forger, recipients));
	free(by_sender);
	free(by_recipient);
	id_set_release(&forged);
	return digest;
}
