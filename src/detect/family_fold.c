/*
 * Folding denials into the book of families, in three passes over sets of
 * recipients, each in the order of their times:
 *
 * 1. Sets of FAMILY_SET_MIN and more join a family with which they share half of the
 *    smaller, two boxes at least; a set of one session that fits several families
 *    shows that these are one. What fits none is a candidate.
 * 2. What is left joins an established family by one box of its core, if its
 *    sender is known there or nothing speaks for the client.
 * 3. Recipients that are still left, and that independent clients tried with few
 *    senders, or without names, are families of one drop-box.
 *
 * A client that had mail taken in, or logs in, or is ours, is no scanner's.
 */
#include "detect/family_fold.h"

#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"
#include "detect/family_witness.h"
#include "detect/hosts.h"
#include "detect/rows.h"

#define TALLY_MAX 64
#define DEVOTED_RECIPIENTS_MAX 2
#define UNKNOWN_SENDER_SET_MAX 4 /* recipients of a set that joins by one box alone */

/* Denials of one client that belong together; sorted by the first three words. */
struct set {
	uint32_t first, client, from;
	uint32_t count;
	uint32_t family;  /* joined: number + 1; 0: none */
	uint32_t pending; /* to be joined: number + 1 */
	uint32_t exact;
};

struct walk {
	const struct fold *fold;
	struct denial *denials;
	size_t count;
	uint64_t *hashes; /* of the denials' recipients */
	struct set *sets;
	size_t set_count, set_capacity;
	struct family_set loaded;
	size_t box_capacity, sender_capacity;
	uint32_t *ids;
	size_t id_capacity;
};

/* Whether rows name FAMILY_SET_MIN recipients. */
static bool is_big(const struct denial *rows, size_t count)
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
		if (rows[begin].session == 0 || !is_big(&rows[begin], end - begin)) {
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

static void make_sets(struct walk *walk)
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
}

static void hash_recipients(struct walk *walk)
{
	const struct strings *strings = walk->fold->context->directory->strings;

	walk->hashes = memory_get((walk->count + 1) * sizeof(*walk->hashes));
	for (size_t i = 0; i < walk->count; i++)
		walk->hashes[i] =
			detect_address_hash(strings_get(strings, walk->denials[i].recipient));
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

static void load(struct walk *walk, const struct set *set)
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

static bool is_eligible(const struct walk *walk, const struct set *set)
{
	struct origins *origins = walk->fold->context->origins;
	const struct origin *origin = origins_at(origins, origins_of_client(origins, set->client));

	return origin->messages == 0 && !(origin->flags & ORIGIN_OUTBOUND) &&
	       !host_is_ours(walk->fold->context, set->client);
}

/* How many boxes of a set are of each family. */
struct tally {
	struct {
		uint32_t family, shared;
	} list[TALLY_MAX];
	size_t count;
};

static void tally_add(struct tally *tally, uint32_t family)
{
	size_t at = 0;

	while (at < tally->count && tally->list[at].family != family)
		at++;
	if (at == TALLY_MAX)
		return;
	if (at == tally->count) {
		tally->list[at].family = family;
		tally->list[tally->count++].shared = 0;
	}
	tally->list[at].shared++;
}

/* The place of the family with most shared boxes, the older of equal ones; SIZE_MAX: none. */
static size_t tally_best(const struct tally *tally, const struct book *book)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < tally->count; i++) {
		if (best != SIZE_MAX && tally->list[i].shared < tally->list[best].shared)
			continue;
		if (best == SIZE_MAX || tally->list[i].shared > tally->list[best].shared ||
		    book->families[tally->list[i].family].first <
			    book->families[tally->list[best].family].first)
			best = i;
	}
	return best;
}

static bool overlaps(const struct book *book, uint32_t family, uint32_t shared, size_t set_size)
{
	uint32_t boxes = book->families[family].boxes;
	size_t smaller = boxes < set_size ? boxes : set_size;

	return shared >= 2 && 2 * shared >= smaller;
}

/* The families that the loaded set overlaps enough. */
static struct tally tally_overlaps(const struct walk *walk)
{
	const struct book *book = walk->fold->book;
	const struct family_set *set = &walk->loaded;
	struct tally all = {.count = 0}, enough = {.count = 0};

	for (size_t i = 0; i < set->count; i++) {
		const struct book_box *box = book_box(book, set->boxes[i].hash);

		if (box)
			tally_add(&all, family_root(book, box->family));
	}
	for (size_t i = 0; i < all.count; i++)
		if (overlaps(book, all.list[i].family, all.list[i].shared, set->count))
			enough.list[enough.count++] = all.list[i];
	return enough;
}

static void take_new_boxes(const struct walk *walk, uint32_t family)
{
	const struct family_set *set = &walk->loaded;

	for (size_t i = 0; i < set->count; i++)
		if (!book_box(walk->fold->book, set->boxes[i].hash))
			book_take_box(walk->fold->book, family, &set->boxes[i]);
}

static void add_member(const struct walk *walk, uint32_t family, struct set *set)
{
	book_add_member(walk->fold->book, walk->fold->context, walk->fold->sites, family,
			&walk->loaded);
	set->family = family + 1;
}

static void add_to_families(const struct walk *walk, const struct tally *tally, struct set *set)
{
	struct book *book = walk->fold->book;
	size_t best = tally_best(tally, book);
	uint32_t family = tally->list[best].family;
	uint32_t shared = tally->list[best].shared;

	for (size_t i = 0; set->exact && i < tally->count; i++)
		if (i != best) {
			family = book_merge(book, family, tally->list[i].family);
			shared += tally->list[i].shared;
		}
	if (2 * shared >= walk->loaded.count)
		take_new_boxes(walk, family);
	add_member(walk, family, set);
}

/* Pass 1. */
static void take_candidates(struct walk *walk, uint32_t horizon)
{
	struct book *book = walk->fold->book;

	for (size_t i = 0; i < walk->set_count; i++) {
		struct set *set = &walk->sets[i];
		struct tally tally;

		if (!is_big(&walk->denials[set->from], set->count) ||
		    walk->denials[set->from + set->count - 1].time >= horizon ||
		    !is_eligible(walk, set))
			continue;
		load(walk, set);
		if (walk->loaded.count < FAMILY_SET_MIN)
			continue;
		book_prune(book);
		tally = tally_overlaps(walk);
		if (tally.count == 0) {
			tally.count = 1;
			tally.list[0].family = book_add_family(book);
			tally.list[0].shared = (uint32_t)walk->loaded.count;
		}
		add_to_families(walk, &tally, set);
	}
}

static bool is_settled(const struct walk *walk, const struct set *set)
{
	const struct book *book = walk->fold->book;

	return set->family && book->families[family_root(book, set->family - 1)].established;
}

/* Whether a set that shares some boxes with an established family belongs to it. */
static bool belongs(const struct walk *walk, uint32_t family, uint32_t shared)
{
	const struct family_set *set = &walk->loaded;

	if (book_knows_sender(walk->fold->book, family, set))
		return true;
	if (host_is_named(walk->fold->context, set->client))
		return false;
	return shared >= 2 || set->count <= UNKNOWN_SENDER_SET_MAX;
}

/* Pass 2. */
static void take_by_core(struct walk *walk)
{
	const struct book *book = walk->fold->book;

	for (size_t i = 0; i < walk->set_count; i++) {
		struct set *set = &walk->sets[i];
		struct tally tally = {.count = 0};
		size_t best;

		if (is_settled(walk, set) || !is_eligible(walk, set))
			continue;
		for (uint32_t n = 0; n < set->count; n++) {
			const struct book_box *box = book_box(book, walk->hashes[set->from + n]);
			uint32_t family = box ? family_root(book, box->family) : 0;

			if (box && book->families[family].established &&
			    (box->clients > 1 || book->families[family].patterned))
				tally_add(&tally, family);
		}
		best = tally_best(&tally, book);
		if (best == SIZE_MAX)
			continue;
		load(walk, set);
		if (belongs(walk, tally.list[best].family, tally.list[best].shared))
			add_member(walk, tally.list[best].family, set);
	}
}

/* A recipient that is left, with the set that tried it; sorted by the first three words. */
struct left {
	uint32_t hash[2];
	uint32_t set, row;
};

static struct left *gather_left(const struct walk *walk, size_t *ret_count)
{
	const struct book *book = walk->fold->book;
	struct left *left = memory_get((walk->count + 1) * sizeof(*left));
	size_t count = 0;

	for (size_t i = 0; i < walk->set_count; i++) {
		const struct set *set = &walk->sets[i];

		if (is_settled(walk, set) || !is_eligible(walk, set))
			continue;
		for (uint32_t n = 0; n < set->count; n++) {
			uint64_t hash = walk->hashes[set->from + n];
			const struct book_box *box = book_box(book, hash);

			if (box && book->families[family_root(book, box->family)].established)
				continue;
			left[count++] = (struct left){{(uint32_t)(hash >> 32), (uint32_t)hash},
						      (uint32_t)i,
						      set->from + n};
		}
	}
	rows_sort(left, count, sizeof(*left));
	*ret_count = count;
	return left;
}

/*
 * Whether the clients that tried one recipient show that it is a drop-box: independent ones with
 * few senders; or without names, each with a sender of its own but devoted to that recipient.
 * (Lists of spammers have recipients in common by chance.)
 */
enum crowd { CROWD_NONE, CROWD_MIXED, CROWD_ALIKE };

/* The row's client asks for hardly anybody else, and not for the first time. */
static bool is_devoted(const struct walk *walk, const struct denial *row)
{
	const struct detect_context *context = walk->fold->context;
	const struct relay_sum *sum =
		relays_sum_of(context, origins_of_client(context->origins, row->client));

	return sum && sum->recipients <= DEVOTED_RECIPIENTS_MAX && sum->attempts > sum->recipients;
}

static struct testimony hear(const struct walk *walk, const struct left *left, size_t count,
			     bool devoted)
{
	const struct fold *fold = walk->fold;
	const struct strings *strings = fold->context->directory->strings;
	struct witness *witnesses = memory_get(count * sizeof(*witnesses));
	struct testimony testimony;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct denial *row = &walk->denials[left[i].row];
		bool named = host_is_named(fold->context, row->client);

		if (devoted && !named && !is_devoted(walk, row))
			continue;
		witnesses[n++] = (struct witness){
			.sender = row->sender == RELAY_NO_SENDER
					  ? 0
					  : detect_address_hash(strings_get(strings, row->sender)),
			.source = host_source(fold->context, fold->sites, row->client),
			.named = named,
		};
	}
	testimony = testimony_of(witnesses, n, false);
	free(witnesses);
	return testimony;
}

static enum crowd judge_crowd(const struct walk *walk, const struct left *left, size_t count)
{
	uint32_t need = walk->fold->single_sources;
	struct testimony testimony = hear(walk, left, count, false);

	if (testimony.sources < need)
		return CROWD_NONE;
	if (testimony.senders == 1 ||
	    2 * testimony.senders <= testimony.sources + testimony.strangers)
		return CROWD_ALIKE;
	testimony = hear(walk, left, count, true);
	return testimony.sources >= need && 3 * testimony.strangers <= testimony.sources
		       ? CROWD_MIXED
		       : CROWD_NONE;
}

static bool has_clients(const struct walk *walk, const struct left *left, size_t count, size_t need)
{
	uint32_t last = 0;
	size_t distinct = 0;

	/* Sets are in the order of their times, so this may count a client twice: enough to pass
	   over what cannot be. */
	for (size_t i = 0; i < count && distinct < need; i++) {
		distinct += walk->denials[left[i].row].client != last;
		last = walk->denials[left[i].row].client;
	}
	return distinct >= need;
}

/* The family that most of the sets are about to join; else a new one. */
static uint32_t choose_single(struct walk *walk, const struct left *left, size_t count,
			      enum crowd crowd)
{
	struct tally tally = {.count = 0};
	uint32_t family;

	for (size_t i = 0; i < count; i++)
		if (walk->sets[left[i].set].pending)
			tally_add(&tally, walk->sets[left[i].set].pending - 1);
	for (size_t i = 0; i < tally.count; i++)
		if (2 * tally.list[i].shared >= count)
			return tally.list[i].family;
	family = book_add_family(walk->fold->book);
	walk->fold->book->families[family].single = true;
	walk->fold->book->families[family].mixed = crowd == CROWD_MIXED;
	return family;
}

static void make_single(struct walk *walk, const struct left *left, size_t count, enum crowd crowd)
{
	const struct denial *row = &walk->denials[left[0].row];
	const struct set_box box = {
		.hash = (uint64_t)left[0].hash[0] << 32 | left[0].hash[1],
		.string = row->recipient,
	};
	uint32_t family = choose_single(walk, left, count, crowd);

	book_take_box(walk->fold->book, family, &box);
	for (size_t i = 0; i < count; i++)
		if (!walk->sets[left[i].set].pending)
			walk->sets[left[i].set].pending = family + 1;
}

/* Pass 3. */
static void take_singles(struct walk *walk)
{
	size_t need = walk->fold->single_sources, count;
	struct left *left = gather_left(walk, &count);

	relays_sums(walk->fold->context, &(size_t){0});
	for (size_t from = 0, until; from < count; from = until) {
		enum crowd crowd;

		for (until = from + 1; until < count && left[until].hash[0] == left[from].hash[0] &&
				       left[until].hash[1] == left[from].hash[1];)
			until++;
		if (!has_clients(walk, &left[from], until - from, need))
			continue;
		crowd = judge_crowd(walk, &left[from], until - from);
		if (crowd != CROWD_NONE)
			make_single(walk, &left[from], until - from, crowd);
	}
	free(left);
	for (size_t i = 0; i < walk->set_count; i++) {
		struct set *set = &walk->sets[i];

		if (!set->pending)
			continue;
		load(walk, set);
		add_member(walk, set->pending - 1, set);
	}
}

/* Brings rows of sets that were used up to the end. */
static size_t part_used(struct walk *walk)
{
	struct denial *used = memory_get((walk->count + 1) * sizeof(*used));
	bool *is_used = memory_get_zeroed(walk->count + 1, sizeof(*is_used));
	size_t used_count = 0, to = 0;

	for (size_t i = 0; i < walk->set_count; i++)
		for (uint32_t n = 0; walk->sets[i].family && n < walk->sets[i].count; n++)
			is_used[walk->sets[i].from + n] = true;
	for (size_t i = 0; i < walk->count; i++) {
		if (is_used[i])
			used[used_count++] = walk->denials[i];
		else
			walk->denials[to++] = walk->denials[i];
	}
	if (used_count > 0)
		memcpy(&walk->denials[to], used, used_count * sizeof(*used));
	free(used);
	free(is_used);
	return to;
}

size_t family_fold(const struct fold *fold, struct denial *denials, size_t count, uint32_t horizon,
		   enum fold_depth depth)
{
	struct walk walk = {.fold = fold, .denials = denials, .count = count};
	size_t left = count;

	make_sets(&walk);
	hash_recipients(&walk);
	take_candidates(&walk, horizon);
	if (depth == FOLD_ALL) {
		book_assess(fold->book, fold->context);
		take_by_core(&walk);
		take_singles(&walk);
		book_assess(fold->book, fold->context);
		book_name(fold->book, fold->context);
	} else {
		left = part_used(&walk);
	}
	free(walk.hashes);
	free(walk.sets);
	free(walk.ids);
	free(walk.loaded.boxes);
	free(walk.loaded.senders);
	return left;
}
