#include "report/digest.h"

#include <stdlib.h>

#include "base/memory.h"
#include "report/domain.h"

static const struct relay_triple *triple_rows(const struct digest *digest, size_t *ret_count)
{
	*ret_count = digest->context->ledger->relays.count;
	return (const struct relay_triple *)digest->context->ledger->relays.rows;
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

/* An address for each of STRINGS, which hold those of KEYS: string << 32 | attempts. */
static void tally(struct digest_side *side, const struct id_set *strings, uint64_t *keys,
		  size_t count)
{
	size_t at = 0;

	radix_sort(keys, count);
	side->addresses = memory_get((id_set_count(strings) + 1) * sizeof(*side->addresses));
	for (uint32_t id = 0; (id = id_set_next(strings, id)) != UINT32_MAX; id++) {
		struct digest_address *address = &side->addresses[side->address_count++];

		*address = (struct digest_address){.string = id};
		for (; at < count && keys[at] >> 32 == id; at++)
			address->attempts += (uint32_t)keys[at];
		side->relay_count += address->attempts != 0;
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
	const struct uses *others = &context->ledger->senders;
	const struct relay_triple *triples;
	struct id_set senders;
	uint64_t *keys;
	size_t count;

	if (digest->senders.made)
		return digest;
	digest->senders.made = true;
	triples = triple_rows(digest, &count);
	keys = memory_get((count + 1) * sizeof(*keys));
	id_set_init(&senders, context_string_max(context));
	for (size_t i = 0; i < count; i++) {
		keys[i] = (uint64_t)triples[i].sender << 32 | triples[i].count;
		id_set_add(&senders, triples[i].sender);
		if (triples[i].sender == 0)
			digest->null_sender_attempts += triples[i].count;
	}
	for (size_t i = 0; i < others->count; i++)
		id_set_add(&senders, others->rows[i].what);
	digest->triples = count;
	tally(&digest->senders, &senders, keys, count);
	id_set_release(&senders);
	free(keys);
	return digest;
}

const struct digest *digest_recipients(struct report_context *context)
{
	struct digest *digest = digest_get(context);
	const struct relay_triple *triples;
	struct id_set recipients;
	uint64_t *keys;
	size_t count;

	if (digest->recipients.made)
		return digest;
	digest->recipients.made = true;
	triples = triple_rows(digest, &count);
	keys = memory_get((count + 1) * sizeof(*keys));
	id_set_init(&recipients, context_string_max(context));
	for (size_t i = 0; i < count; i++) {
		keys[i] = (uint64_t)triples[i].recipient << 32 | triples[i].count;
		id_set_add(&recipients, triples[i].recipient);
	}
	tally(&digest->recipients, &recipients, keys, count);
	id_set_release(&recipients);
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
	const struct relay_triple *triples;
	uint64_t *keys;
	size_t count;

	if (digest->clients_made)
		return digest;
	digest->clients_made = true;
	triples = triple_rows(digest, &count);
	keys = memory_get((count + 1) * sizeof(*keys));
	digest->client_senders = memory_get_zeroed(clients + 1, sizeof(uint32_t));
	digest->client_recipients = memory_get_zeroed(clients + 1, sizeof(uint32_t));
	for (size_t i = 0; i < count; i++)
		keys[i] = (uint64_t)triples[i].client << shift | triples[i].sender;
	count_distinct(keys, count, shift, digest->client_senders);
	for (size_t i = 0; i < count; i++)
		keys[i] = (uint64_t)triples[i].client << shift | triples[i].recipient;
	count_distinct(keys, count, shift, digest->client_recipients);
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

static void fold_repeated(struct repeated_pair *row, const struct relay_triple *triple)
{
	if (row->attempts == 0)
		row->first = triple->first;
	if (triple->first < row->first)
		row->first = triple->first;
	if (triple->last > row->last)
		row->last = triple->last;
	row->attempts += triple->count;
	row->clients++;
}

const struct digest *digest_pairs(struct report_context *context)
{
	struct digest *digest = digest_get(context);
	const struct relay_triple *triples;
	unsigned int shift = string_bits(context);
	uint64_t *keys;
	size_t count, n = 0;

	if (digest->pairs_made)
		return digest;
	digest->pairs_made = true;
	triples = triple_rows(digest, &count);
	keys = memory_get((2 * count + 1) * sizeof(*keys));
	for (size_t i = 0; i < count; i++) {
		uint64_t key = (uint64_t)triples[i].sender << shift | triples[i].recipient;

		keys[n++] = key;
		/* Twice: so that a pair which one client repeats is found as well. */
		if (triples[i].count > 1)
			keys[n++] = key;
	}
	digest->pairs = find_repeated(digest, keys, n, shift);
	free(keys);
	for (size_t i = 0; i < count && digest->repeated.count; i++) {
		uint32_t key[2] = {triples[i].sender, triples[i].recipient};
		struct repeated_pair *row;

		row = map_find(&digest->repeated, key, map_hash(&digest->repeated, key));
		if (row)
			fold_repeated(row, &triples[i]);
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
	const struct relay_triple *triples;
	struct id_set forged;
	uint64_t *by_sender, *by_recipient;
	size_t count, n = 0;

	if (digest->forgers_made)
		return digest;
	digest->forgers_made = true;
	find_forged(context, &forged);
	triples = triple_rows(digest, &count);
	for (size_t i = 0; i < count; i++)
		n += id_set_has(&forged, triples[i].sender);
	by_sender = memory_get((n + 1) * sizeof(*by_sender));
	by_recipient = memory_get((n + 1) * sizeof(*by_recipient));
	n = 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t client = (uint64_t)triples[i].client << 32;
		struct forger *forger;

		if (!id_set_has(&forged, triples[i].sender))
			continue;
		by_sender[n] = client | triples[i].sender;
		by_recipient[n++] = client | triples[i].recipient;
		forger = map_at(&digest->forgers, &triples[i].client);
		forger->attempts += triples[i].count;
	}
	count_forged(digest, by_sender, n, offsetof(struct forger, senders));
	count_forged(digest, by_recipient, n, offsetof(struct forger, recipients));
	free(by_sender);
	free(by_recipient);
	id_set_release(&forged);
	return digest;
}
