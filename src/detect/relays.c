/*
 * Relays: see relays.h. Rows are appended as they come; when the array is full,
 * and when sums are asked for, they are sorted and equal ones joined, so the array
 * needs no table beside it.
 */
#include "detect/relays.h"

#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"
#include "detect/hosts.h"
#include "detect/rows.h"

#define ROWS_FIRST 1024
#define USER_RECIPIENTS_MAX 20
#define MISROUTED_DOMAINS_MAX 2

void relays_release(struct relays *relays)
{
	free(relays->rows);
	free(relays->sums);
	*relays = (struct relays){0};
}

static bool same_pair(const struct relay *a, const struct relay *b)
{
	return a->sender == b->sender && a->recipient == b->recipient;
}

static void join(struct relay *row, const struct relay *other)
{
	row->first = other->first < row->first ? other->first : row->first;
	row->last = other->last > row->last ? other->last : row->last;
	row->session = other->session < row->session ? other->session : row->session;
	row->count += other->count;
}

/* Rows of one hash, which nearly always are of one pair: joins them at TO, returns the end. */
static size_t join_run(struct relay *rows, size_t from, size_t until, size_t to)
{
	size_t begin = to;

	for (; from < until; from++) {
		size_t at = begin;

		while (at < to && !same_pair(&rows[at], &rows[from]))
			at++;
		if (at < to)
			join(&rows[at], &rows[from]);
		else
			rows[to++] = rows[from];
	}
	return to;
}

static void settle(struct relays *relays)
{
	struct relay *rows = relays->rows;
	size_t to = 0;

	if (relays->settled == relays->count)
		return;
	rows_sort(rows, relays->count, sizeof(*rows));
	for (size_t from = 0, until; from < relays->count; from = until) {
		for (until = from + 1; until < relays->count &&
				       rows[until].origin == rows[from].origin &&
				       rows[until].pair == rows[from].pair;)
			until++;
		to = join_run(rows, from, until, to);
	}
	relays->count = relays->settled = to;
}

static void forget_before(struct relays *relays, uint32_t time)
{
	size_t to = 0;

	for (size_t i = 0; i < relays->count; i++)
		if (relays->rows[i].last >= time)
			relays->rows[to++] = relays->rows[i];
	relays->count = relays->settled = to;
}

static void forget(struct relays *relays)
{
	uint32_t oldest = UINT32_MAX, newest = 0;

	for (size_t i = 0; i < relays->count; i++) {
		uint32_t last = relays->rows[i].last;

		oldest = last < oldest ? last : oldest;
		newest = last > newest ? last : newest;
	}
	if (newest > RELAYS_KEEP_S && oldest < newest - RELAYS_KEEP_S)
		forget_before(relays, oldest = newest - RELAYS_KEEP_S);
	while (relays->count >= RELAYS_MAX && oldest < newest)
		forget_before(relays, oldest += (newest - oldest) / 2 + 1);
	if (relays->count >= RELAYS_MAX) /* of one second: any half is as good */
		relays->count = relays->settled = RELAYS_MAX / 2;
}

/* Makes room: by joining rows, or if that gains too little, by growing. */
static void make_room(struct relays *relays)
{
	settle(relays);
	forget(relays);
	if (relays->count < relays->capacity / 2 || relays->capacity > RELAYS_MAX)
		return;
	relays->capacity = relays->capacity ? relays->capacity + relays->capacity / 2 : ROWS_FIRST;
	relays->rows = memory_resize(relays->rows, relays->capacity, sizeof(*relays->rows));
}

void relays_take(struct relays *relays, uint32_t origin, const struct attempt *attempt)
{
	uint32_t sender = attempt->flags & ATTEMPT_HAS_SENDER ? attempt->sender : RELAY_NO_SENDER;

	if (attempt->reason != REASON_RELAY_DENIED || !(attempt->flags & ATTEMPT_HAS_RECIPIENT))
		return;
	if (relays->count == relays->capacity)
		make_room(relays);
	relays->rows[relays->count++] = (struct relay){
		.origin = origin,
		.pair = (uint32_t)hash_pair(sender, attempt->recipient),
		.first = attempt->time,
		.last = attempt->time,
		.sender = sender,
		.recipient = attempt->recipient,
		.count = attempt->count,
		.session = attempt->session,
	};
	relays->summed = false;
}

/* An address of one origin, by its hash. */
struct named {
	uint64_t hash, domain;
	uint32_t first;
	bool is_ours;
};

/* What the sums of one origin are made from, kept from one to the next. */
struct scratch {
	const struct detect_context *context;
	uint32_t *ids;
	struct named *named;
	uint64_t *numbers;
	size_t capacity;
};

static void scratch_room(struct scratch *scratch, size_t rows)
{
	if (rows <= scratch->capacity)
		return;
	scratch->capacity = rows * 2;
	scratch->ids = memory_resize(scratch->ids, scratch->capacity, sizeof(*scratch->ids));
	scratch->named = memory_resize(scratch->named, scratch->capacity, sizeof(*scratch->named));
	scratch->numbers =
		memory_resize(scratch->numbers, scratch->capacity, sizeof(*scratch->numbers));
}

static void scratch_release(struct scratch *scratch)
{
	free(scratch->ids);
	free(scratch->named);
	free(scratch->numbers);
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static size_t count_distinct(uint64_t *numbers, size_t count)
{
	size_t distinct = 0;

	if (count > 1)
		qsort(numbers, count, sizeof(*numbers), compare_numbers);
	for (size_t i = 0; i < count; i++)
		distinct += i == 0 || numbers[i] != numbers[i - 1];
	return distinct;
}

static struct named name_of(const struct scratch *scratch, uint32_t string, uint32_t first)
{
	struct view address = strings_get(scratch->context->directory->strings, string);

	return (struct named){
		.hash = detect_address_hash(address),
		.domain = detect_address_hash(detect_domain(address)),
		.first = first,
	};
}

static int compare_named(const void *a, const void *b)
{
	const struct named *left = a, *right = b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return left->first < right->first ? -1 : left->first > right->first;
}

/* Leaves one of each address, with its first time. */
static size_t join_named(struct named *named, size_t count)
{
	size_t to = 0;

	if (count > 1)
		qsort(named, count, sizeof(*named), compare_named);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || named[i].hash != named[i - 1].hash)
			named[to++] = named[i];
	return to;
}

static size_t count_domains(const struct scratch *scratch, size_t count)
{
	for (size_t i = 0; i < count; i++)
		scratch->numbers[i] = scratch->named[i].domain;
	return count_distinct(scratch->numbers, count);
}

static size_t name_recipients(const struct scratch *scratch, const struct relay *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		scratch->named[i] = name_of(scratch, rows[i].recipient, rows[i].first);
	return join_named(scratch->named, count);
}

static int compare_times(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

static void sort_times(const struct named *named, size_t count, uint32_t *ret_times)
{
	for (size_t i = 0; i < count; i++)
		ret_times[i] = named[i].first;
	if (count > 1)
		qsort(ret_times, count, sizeof(*ret_times), compare_times);
}

static uint32_t longest_burst(const uint32_t *times, size_t count)
{
	size_t from = 0, most = 0;

	for (size_t i = 0; i < count; i++) {
		while (times[i] - times[from] > RELAY_BURST_S)
			from++;
		most = i - from + 1 > most ? i - from + 1 : most;
	}
	return (uint32_t)most;
}

static void sum_recipients(struct scratch *scratch, const struct relay *rows, struct relay_sum *sum)
{
	size_t count = name_recipients(scratch, rows, sum->rows);

	sum->recipients = (uint32_t)count;
	sum->domains = (uint32_t)count_domains(scratch, count);
	sort_times(scratch->named, count, scratch->ids);
	sum->burst = longest_burst(scratch->ids, count);
}

static void sum_senders(struct scratch *scratch, const struct relay *rows, struct relay_sum *sum)
{
	size_t count = 0, domains = 0;

	for (size_t i = 0; i < sum->rows; i++)
		if (rows[i].sender != RELAY_NO_SENDER)
			scratch->ids[count++] = rows[i].sender;
	if (count > 1)
		qsort(scratch->ids, count, sizeof(*scratch->ids), compare_times);
	for (size_t i = 0, n = count; i < n; i++)
		if (i == 0 || scratch->ids[i] != scratch->ids[i - 1])
			scratch->named[domains++] = name_of(scratch, scratch->ids[i], 0);
	count = join_named(scratch->named, domains);
	sum->senders = (uint32_t)count;
	sum->sender_domains = (uint32_t)count_domains(scratch, count);
}

static bool is_local(const struct detect_context *context, uint32_t sender)
{
	return sender != RELAY_NO_SENDER && sender != 0 &&
	       detect_is_ours(context,
			      detect_domain(strings_get(context->directory->strings, sender)));
}

/* Senders that are ours: how many, to how many recipients, most to one of them. */
static void sum_local(struct scratch *scratch, const struct relay *rows, struct relay_sum *sum)
{
	const struct strings *strings = scratch->context->directory->strings;
	size_t count = 0, most = 0;

	for (size_t i = 0; i < sum->rows; i++)
		if (is_local(scratch->context, rows[i].sender))
			scratch->named[count++] = (struct named){
				.hash = detect_address_hash(
					strings_get(strings, rows[i].recipient)),
				.domain = detect_address_hash(strings_get(strings, rows[i].sender)),
			};
	if (count == 0)
		return;
	sum->local_senders = (uint32_t)count_domains(scratch, count);
	qsort(scratch->named, count, sizeof(*scratch->named), compare_named);
	for (size_t from = 0, until; from < count; from = until) {
		size_t senders;

		for (until = from;
		     until < count && scratch->named[until].hash == scratch->named[from].hash;
		     until++)
			scratch->numbers[until - from] = scratch->named[until].domain;
		senders = count_distinct(scratch->numbers, until - from);
		most = senders > most ? senders : most;
		sum->local_recipients++;
	}
	sum->local_most = (uint32_t)most;
}

static void sum_null(struct scratch *scratch, const struct relay *rows, struct relay_sum *sum)
{
	const struct strings *strings = scratch->context->directory->strings;
	size_t count = 0;

	for (size_t i = 0; i < sum->rows; i++)
		if (rows[i].sender == 0)
			scratch->numbers[count++] =
				detect_address_hash(strings_get(strings, rows[i].recipient));
	sum->null_recipients = (uint32_t)count_distinct(scratch->numbers, count);
}

static void sum_up(struct scratch *scratch, const struct relay *rows, struct relay_sum *sum)
{
	scratch_room(scratch, sum->rows);
	sum->first = UINT32_MAX;
	for (size_t i = 0; i < sum->rows; i++) {
		sum->attempts += rows[i].count;
		sum->first = rows[i].first < sum->first ? rows[i].first : sum->first;
		sum->last = rows[i].last > sum->last ? rows[i].last : sum->last;
	}
	sum_recipients(scratch, rows, sum);
	sum_senders(scratch, rows, sum);
	sum_local(scratch, rows, sum);
	sum_null(scratch, rows, sum);
}

static void make_sums(const struct detect_context *context, struct relays *relays)
{
	struct scratch scratch = {.context = context};

	settle(relays);
	relays->sum_count = 0;
	for (size_t from = 0, until; from < relays->count; from = until) {
		struct relay_sum sum = {.origin = relays->rows[from].origin, .row = (uint32_t)from};

		for (until = from + 1;
		     until < relays->count && relays->rows[until].origin == sum.origin;)
			until++;
		sum.rows = (uint32_t)(until - from);
		sum_up(&scratch, &relays->rows[from], &sum);
		ARRAY_GROW(relays->sums, relays->sum_count, relays->sum_capacity);
		relays->sums[relays->sum_count++] = sum;
	}
	scratch_release(&scratch);
}

const struct relay_sum *relays_sums(const struct detect_context *context, size_t *ret_count)
{
	struct relays *relays = context->relays;
	uint32_t ours = strings_count(context->ours);

	if (!relays->summed || relays->ours_known != ours)
		make_sums(context, relays);
	relays->summed = true;
	relays->ours_known = ours;
	*ret_count = relays->sum_count;
	return relays->sums;
}

static int compare_origins(const void *key, const void *sum)
{
	uint32_t origin = *(const uint32_t *)key, other = ((const struct relay_sum *)sum)->origin;

	return origin < other ? -1 : origin > other;
}

const struct relay_sum *relays_sum_of(const struct detect_context *context, uint32_t origin)
{
	const struct relays *relays = context->relays;

	if (relays->sum_count == 0)
		return NULL;
	return bsearch(&origin, relays->sums, relays->sum_count, sizeof(*relays->sums),
		       compare_origins);
}

uint32_t *relay_recipient_times(const struct detect_context *context, const struct relay_sum *sum,
				size_t *ret_count)
{
	struct scratch scratch = {.context = context};
	uint32_t *times;

	scratch_room(&scratch, sum->rows);
	*ret_count = name_recipients(&scratch, &context->relays->rows[sum->row], sum->rows);
	times = scratch.ids;
	sort_times(scratch.named, *ret_count, times);
	scratch.ids = NULL;
	scratch_release(&scratch);
	return times;
}

uint32_t relay_enough(const struct detect_context *context, const struct relay_sum *sum,
		      uint32_t enough, uint32_t span_s)
{
	size_t count;
	uint32_t *times = relay_recipient_times(context, sum, &count);
	uint32_t when = 0;

	for (size_t i = enough - 1; i < count && !when; i++)
		if (times[i] - times[i - (enough - 1)] <= span_s)
			when = times[i];
	free(times);
	return when;
}

enum relay_doubt relay_doubt(const struct detect_context *context, const struct relay_sum *sum)
{
	const struct origin *origin = origins_at(context->origins, sum->origin);

	if (host_is_ours(context, origin->client))
		return RELAY_OUR_HOST;
	if (origin->flags & ORIGIN_OUTBOUND)
		return RELAY_USER;
	if (sum->local_senders == 1 && sum->senders == 1 && sum->recipients <= USER_RECIPIENTS_MAX)
		return RELAY_USER;
	if (sum->domains <= MISROUTED_DOMAINS_MAX && host_is_named(context, origin->client))
		return RELAY_MISROUTED;
	return RELAY_NO_DOUBT;
}

const char *relay_doubt_name(enum relay_doubt doubt)
{
	static const char *const names[] = {NULL, "host-of-ours", "user-without-login",
					    "misrouted-mail"};

	return names[doubt];
}
