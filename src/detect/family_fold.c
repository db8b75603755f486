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
#include "detect/family_sets.h"
#include "detect/family_witness.h"
#include "detect/hosts.h"
#include "detect/rows.h"

#define TALLY_MAX 64
#define DEVOTED_RECIPIENTS_MAX 2
#define UNKNOWN_SENDER_SET_MAX 4 /* recipients of a set that joins by one box alone */

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

		if (!sets_is_big(&walk->denials[set->from], set->count) ||
		    walk->denials[set->from + set->count - 1].time >= horizon ||
		    !is_eligible(walk, set))
			continue;
		sets_load(walk, set);
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
		sets_load(walk, set);
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
		sets_load(walk, set);
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

	sets_make(&walk);
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
	sets_release(&walk);
	return left;
}
