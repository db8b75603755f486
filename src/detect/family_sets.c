/* Sets of recipients: see family_sets.h. */
#include "detect/family_sets.h"

#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"
#include "detect/rows.h"

#define AHEAD 16 /* rows: so long takes a string that is asked for to come near */

bool sets_is_big(const struct denial *rows, size_t count)
{
	uint32_t seen[FAMILY_SET_MIN - 1];
	size_t distinct = 0;

	for (size_t i = 0; i < count; i++) {
		bool known = false;

		for (size_t n = 0; n < distinct; n++)
			known |= seen[n] == rows[i].recipient;
		if (known)
			continue;
		if (distinct == FAMILY_SET_MIN - 1)
			return true;
		seen[distinct++] = rows[i].recipient;
	}
	return false;
}

static void add_set(struct walk *walk, size_t from, size_t until, bool exact)
{
	ARRAY_GROW(walk->sets, walk->set_count, walk->set_capacity);
	walk->sets[walk->set_count++] = (struct set){
		.first = walk->denials[from].time,
		.client = walk->denials[from].client,
		.from = (uint32_t)from,
		.count = (uint32_t)(until - from),
		.exact = exact,
	};
}

static int compare_denials(const void *a, const void *b)
{
	const struct denial *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return left->recipient < right->recipient ? -1 : left->recipient > right->recipient;
}

/* What stands in no big session goes by the hour. */
static void add_hours(struct walk *walk, size_t from, size_t until)
{
	if (until - from > 1)
		qsort(&walk->denials[from], until - from, sizeof(*walk->denials), compare_denials);
	for (size_t begin = from, end; begin < until; begin = end) {
		uint32_t first = walk->denials[begin].time;

		for (end = begin; end < until && walk->denials[end].time - first < FAMILY_HOUR_S;)
			end++;
		add_set(walk, begin, end, false);
	}
}

/* The rows of one client: big sessions to the front, the rest, by hours, behind. */
static void add_client(struct walk *walk, size_t from, size_t until, struct denial *scratch)
{
	struct denial *rows = walk->denials;
	size_t to = from, rest = 0;

	for (size_t begin = from, end; begin < until; begin = end) {
		size_t at = to;

		for (end = begin + 1; end < until && rows[end].session == rows[begin].session;)
			end++;
		if (rows[begin].session == 0 || !sets_is_big(&rows[begin], end - begin)) {
			memcpy(&scratch[rest], &rows[begin], (end - begin) * sizeof(*rows));
			rest += end - begin;
			continue;
		}
		memmove(&rows[to], &rows[begin], (end - begin) * sizeof(*rows));
		to += end - begin;
		add_set(walk, at, to, true);
	}
	if (rest > 0)
		memcpy(&rows[to], scratch, rest * sizeof(*rows));
	add_hours(walk, to, until);
}

static void hash_recipients(struct walk *walk)
{
	const struct strings *strings = walk->fold->context->directory->strings;

	walk->hashes = memory_get((walk->count + 1) * sizeof(*walk->hashes));
	for (size_t i = 0; i < walk->count; i++) {
		if (i + AHEAD < walk->count)
			__builtin_prefetch(
				strings_place(strings, walk->denials[i + AHEAD].recipient));
		walk->hashes[i] =
			detect_address_hash(strings_get(strings, walk->denials[i].recipient));
	}
}

void sets_make(struct walk *walk)
{
	struct denial *scratch = NULL;
	size_t capacity = 0;

	rows_sort(walk->denials, walk->count, sizeof(*walk->denials));
	for (size_t from = 0, until; from < walk->count; from = until) {
		for (until = from + 1; until < walk->count &&
				       walk->denials[until].client == walk->denials[from].client;)
			until++;
		if (until - from > capacity) {
			capacity = 2 * (until - from);
			scratch = memory_resize(scratch, capacity, sizeof(*scratch));
		}
		add_client(walk, from, until, scratch);
	}
	free(scratch);
	rows_sort(walk->sets, walk->set_count, sizeof(*walk->sets));
	hash_recipients(walk);
}

static int compare_boxes(const void *a, const void *b)
{
	const struct set_box *left = a, *right = b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return left->first < right->first ? -1 : left->first > right->first;
}

static int compare_hashes(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static int compare_ids(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

static void load_boxes(struct walk *walk, const struct set *set)
{
	struct family_set *loaded = &walk->loaded;
	size_t to = 0;

	if (set->count > walk->box_capacity) {
		walk->box_capacity = 2 * set->count;
		loaded->boxes =
			memory_resize(loaded->boxes, walk->box_capacity, sizeof(*loaded->boxes));
	}
	for (uint32_t i = 0; i < set->count; i++) {
		const struct denial *row = &walk->denials[set->from + i];

		loaded->boxes[i] = (struct set_box){
			.hash = walk->hashes[set->from + i],
			.string = row->recipient,
			.attempts = 1,
			.first = row->time,
			.last = row->time,
		};
	}
	if (set->count > 1)
		qsort(loaded->boxes, set->count, sizeof(*loaded->boxes), compare_boxes);
	for (uint32_t i = 0; i < set->count; i++) {
		struct set_box *before = to ? &loaded->boxes[to - 1] : NULL;

		if (before && before->hash == loaded->boxes[i].hash) {
			before->attempts++;
			before->last = loaded->boxes[i].first;
		} else {
			loaded->boxes[to++] = loaded->boxes[i];
		}
	}
	loaded->count = to < FAMILY_SET_MAX ? to : FAMILY_SET_MAX;
}

/* Sorts IDS and leaves one of each. */
static size_t distinct_ids(uint32_t *ids, size_t count)
{
	size_t to = 0;

	if (count > 1)
		qsort(ids, count, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || ids[i] != ids[i - 1])
			ids[to++] = ids[i];
	return to;
}

static void load_senders(struct walk *walk, const struct set *set)
{
	const struct strings *strings = walk->fold->context->directory->strings;
	struct family_set *loaded = &walk->loaded;
	size_t count = 0;

	for (uint32_t i = 0; i < set->count; i++)
		if (walk->denials[set->from + i].sender != RELAY_NO_SENDER)
			walk->ids[count++] = walk->denials[set->from + i].sender;
	count = distinct_ids(walk->ids, count);
	if (count > walk->sender_capacity) {
		walk->sender_capacity = 2 * count;
		loaded->senders = memory_resize(loaded->senders, walk->sender_capacity,
						sizeof(*loaded->senders));
	}
	for (size_t i = 0; i < count; i++)
		loaded->senders[i] = detect_address_hash(strings_get(strings, walk->ids[i]));
	if (count > 1)
		qsort(loaded->senders, count, sizeof(*loaded->senders), compare_hashes);
	loaded->sender_count = count < FAMILY_SET_MAX ? count : FAMILY_SET_MAX;
}

void sets_load(struct walk *walk, const struct set *set)
{
	struct family_set *loaded = &walk->loaded;

	if (set->count > walk->id_capacity) {
		walk->id_capacity = 2 * set->count;
		walk->ids = memory_resize(walk->ids, walk->id_capacity, sizeof(*walk->ids));
	}
	for (uint32_t i = 0; i < set->count; i++)
		walk->ids[i] = walk->denials[set->from + i].session;
	loaded->sessions = (uint32_t)distinct_ids(walk->ids, set->count);
	loaded->session = walk->ids[0];
	loaded->client = set->client;
	loaded->first = set->first;
	loaded->last = walk->denials[set->from + set->count - 1].time;
	loaded->exact = set->exact;
	load_senders(walk, set);
	load_boxes(walk, set);
}

void sets_release(struct walk *walk)
{
	free(walk->hashes);
	free(walk->sets);
	free(walk->ids);
	free(walk->loaded.boxes);
	free(walk->loaded.senders);
}
