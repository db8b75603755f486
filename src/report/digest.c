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
	map_init(&digest->senders.domains, sizeof(struct digest_domain), sizeof(uint32_t));
	map_init(&digest->recipients.domains, sizeof(struct digest_domain), sizeof(uint32_t));
	map_init(&digest->repeated, sizeof(struct repeated_pair), 2 * sizeof(uint32_t));
	map_init(&digest->forgers, sizeof(struct forger), sizeof(uint32_t));
	return digest;
}

static void side_free(struct digest_side *side)
{
	id_set_release(&side->set);
	free(side->attempts);
	free(side->local);
	map_release(&side->domains);
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

const struct digest *digest_sides(struct report_context *context)
{
	struct digest *digest = digest_get(context);
	struct id_set *senders = &digest->senders.set, *recipients = &digest->recipients.set;
	const struct refused_pair *pairs;
	size_t count;

	if (digest->sides_made)
		return digest;
	digest->sides_made = true;
	pairs = pair_rows(digest, &count);
	id_set_init(senders, context_string_max(context));
	id_set_init(recipients, context_string_max(context));
	for (size_t i = 0; i < count; i++) {
		if (!pair_is_relay(&pairs[i]))
			continue;
		id_set_add(senders, pairs[i].sender);
		id_set_add(recipients, pairs[i].recipient);
	}
	id_set_number(senders);
	id_set_number(recipients);
	digest->senders.attempts = memory_get_zeroed(senders->count + 1, sizeof(uint32_t));
	digest->recipients.attempts = memory_get_zeroed(recipients->count + 1, sizeof(uint32_t));
	for (size_t i = 0; i < count; i++) {
		if (!pair_is_relay(&pairs[i]))
			continue;
		digest->triples++;
		if (pairs[i].sender == 0)
			digest->null_sender_attempts += pairs[i].count;
		digest->senders.attempts[id_set_rank(senders, pairs[i].sender)] += pairs[i].count;
		digest->recipients.attempts[id_set_rank(recipients, pairs[i].recipient)] +=
			pairs[i].count;
	}
	return digest;
}

/* Adds one to counts[k >> 32] for each distinct key k. */
static void count_distinct(uint64_t *keys, size_t count, uint32_t *counts)
{
	radix_sort(keys, count);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || keys[i] != keys[i - 1])
			counts[keys[i] >> 32]++;
}

const struct digest *digest_clients(struct report_context *context)
{
	struct digest *digest = digest_get(context);
	uint32_t clients = context->ledger->directory->clients.count;
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
			keys[n++] = (uint64_t)pairs[i].client << 32 | pairs[i].sender;
	count_distinct(keys, n, digest->client_senders);
	n = 0;
	for (size_t i = 0; i < count; i++)
		if (pair_is_relay(&pairs[i]))
			keys[n++] = (uint64_t)pairs[i].client << 32 | pairs[i].recipient;
	count_distinct(keys, n, digest->client_recipients);
	free(keys);
	return digest;
}

/* Keeps, in the map of repeated pairs, the keys that occur more than once;
   returns how many are distinct. */
static uint64_t find_repeated(struct digest *digest, uint64_t *keys, size_t count)
{
	uint64_t distinct = 0;

	radix_sort(keys, count);
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && keys[next] == keys[i];)
			next++;
		distinct++;
		if (next - i > 1)
			map_at(&digest->repeated,
			       (uint32_t[]){(uint32_t)(keys[i] >> 32), (uint32_t)keys[i]});
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
	uint64_t *keys;
	size_t count, n = 0;

	if (digest->pairs_made)
		return digest;
	digest->pairs_made = true;
	pairs = pair_rows(digest, &count);
	keys = memory_get((2 * count + 1) * sizeof(*keys));
	for (size_t i = 0; i < count; i++) {
		uint64_t key = (uint64_t)pairs[i].sender << 32 | pairs[i].recipient;

		if (!pair_is_relay(&pairs[i]))
			continue;
		keys[n++] = key;
		/* Twice: so that a pair which one client repeats is found as well. */
		if (pairs[i].count > 1)
			keys[n++] = key;
	}
	digest->pairs = find_repeated(digest, keys, n);
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
	struct domains *domains = domains_get(context);
	const struct strings *strings = context_strings(context);
	uint32_t number = 0;

	if (side->domains_made)
		return;
	side->domains_made = true;
	side->local = memory_get_zeroed(side->set.count / 64 + 1, sizeof(*side->local));
	for (uint32_t id = id_set_next(&side->set, 0); id != UINT32_MAX;
	     id = id_set_next(&side->set, id + 1), number++) {
		uint32_t domain = domain_of_address(domains, strings_get(strings, id));
		struct digest_domain *row = map_at(&side->domains, &domain);

		row->addresses++;
		row->attempts += side->attempts[number];
		if (domain_is_local(domains, domain))
			side->local[number / 64] |= UINT64_C(1) << number % 64;
	}
}

const struct digest *digest_sender_domains(struct report_context *context)
{
	digest_sides(context);
	make_domains(context, &context->digest->senders);
	return context->digest;
}

const struct digest *digest_recipient_domains(struct report_context *context)
{
	digest_sides(context);
	make_domains(context, &context->digest->recipients);
	return context->digest;
}

/* Rows of relay denials whose sender is in a domain of ours. */
static bool is_forged(const struct digest *digest, const struct refused_pair *pair)
{
	uint32_t number;

	if (!pair_is_relay(pair))
		return false;
	number = id_set_rank(&digest->senders.set, pair->sender);
	return digest->senders.local[number / 64] >> number % 64 & 1;
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
	uint64_t *by_sender, *by_recipient;
	size_t count, n = 0;

	digest_sender_domains(context);
	if (digest->forgers_made)
		return digest;
	digest->forgers_made = true;
	pairs = pair_rows(digest, &count);
	for (size_t i = 0; i < count; i++)
		n += is_forged(digest, &pairs[i]);
	by_sender = memory_get((n + 1) * sizeof(*by_sender));
	by_recipient = memory_get((n + 1) * sizeof(*by_recipient));
	n = 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t client = (uint64_t)pairs[i].client << 32;
		struct forger *forger;

		if (!is_forged(digest, &pairs[i]))
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
	return digest;
}
