/*
 * What the book of families forgets, and how it closes up behind it. Rows of its
 * tables cannot be taken out, so the tables are made anew from what stays.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/family_book.h"

#define FORGOTTEN UINT32_MAX

static int compare_times(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

/* Whether it may go: a candidate of at most MEMBERS clients. */
static bool may_go(const struct book_family *family, uint32_t members)
{
	return !family->into && !family->established && family->boxes > 0 &&
	       family->members <= members;
}

/* The time before which half of those that may go were met last. */
static uint32_t middle_time(const struct book *book, uint32_t members)
{
	uint32_t *times = memory_get((book->count + 1) * sizeof(*times));
	size_t count = 0;
	uint32_t middle;

	for (size_t i = 0; i < book->count; i++)
		if (may_go(&book->families[i], members))
			times[count++] = book->families[i].last;
	qsort(times, count, sizeof(*times), compare_times);
	middle = count ? times[count / 2] : 0;
	free(times);
	return middle;
}

static struct map empty_like(const struct map *map)
{
	struct map empty;

	map_init(&empty, map->row_size, map->key_size);
	return empty;
}

/* Boxes of families that stay. LINKS name rows of boxes, which move. */
static void keep_boxes(struct book *book, const uint32_t *numbers)
{
	struct map boxes = empty_like(&book->boxes), links = empty_like(&book->links);
	uint32_t *rows = memory_get((book->boxes.count + 1u) * sizeof(*rows));

	for (uint32_t i = 0; i < book->boxes.count; i++) {
		const struct book_box *old = map_row(&book->boxes, i);
		uint32_t family = numbers[old->family];
		struct book_box *box;

		rows[i] = family == FORGOTTEN ? FORGOTTEN : boxes.count;
		if (family == FORGOTTEN)
			continue;
		box = map_at(&boxes, old->hash);
		*box = *old;
		box->family = family;
	}
	for (uint32_t i = 0; i < book->links.count; i++) {
		const uint32_t *old = map_row(&book->links, i);
		const uint32_t link[] = {rows[old[0]], old[1]};

		if (link[0] != FORGOTTEN)
			map_at(&links, link);
	}
	free(rows);
	map_release(&book->boxes);
	map_release(&book->links);
	book->boxes = boxes;
	book->links = links;
}

/* Rows that were left behind when families were joined go as well. */
static void keep_members(struct book *book, const uint32_t *numbers)
{
	struct map members = book->members;

	book->members = empty_like(&members);
	for (uint32_t i = 0; i < members.count; i++) {
		struct book_member held = *(struct book_member *)map_row(&members, i), *member;

		held.family = numbers[held.family];
		if (held.sessions == 0 || held.family == FORGOTTEN)
			continue;
		member = map_at(&book->members, &held);
		*member = held;
		book_link_member(book, member);
	}
	map_release(&members);
}

static void keep_senders(struct book *book, const uint32_t *numbers, const bool *joined)
{
	struct map senders = book->senders;

	book->senders = empty_like(&senders);
	for (uint32_t i = 0; i < senders.count; i++) {
		struct book_sender held = *(struct book_sender *)map_row(&senders, i), *sender;

		if (joined[held.family] || numbers[held.family] == FORGOTTEN)
			continue;
		held.family = numbers[held.family];
		sender = map_at(&book->senders, &held);
		book_link_sender(book, sender);
	}
	map_release(&senders);
}

/* NUMBERS[family]: the number that it, or what it turned out to be, has from now on, which is not
   above the old one of the latter; or FORGOTTEN. */
static void close_up(struct book *book, const uint32_t *numbers)
{
	bool *joined = memory_get_zeroed(book->count + 1, sizeof(*joined));

	for (size_t i = 0; i < book->count; i++) {
		struct book_family *family = &book->families[i];

		joined[i] = family->into != 0;
		family->first_member = family->first_sender = 0;
		family->members = family->senders = 0;
		if (numbers[i] == FORGOTTEN)
			family->boxes = 0;
		if (!joined[i] && numbers[i] != FORGOTTEN)
			book->families[numbers[i]] = *family;
	}
	keep_boxes(book, numbers);
	keep_members(book, numbers);
	keep_senders(book, numbers, joined);
	free(joined);
}

/* Forgets half of the candidates of at most MEMBERS clients. */
static void forget(struct book *book, uint32_t members)
{
	uint32_t *numbers = memory_get((book->count + 1) * sizeof(*numbers));
	uint32_t middle = middle_time(book, members);

	for (uint32_t i = 0; i < book->count; i++) {
		uint32_t root = family_root(book, i);
		const struct book_family *family = &book->families[root];
		bool goes = may_go(family, members) && family->last <= middle;

		numbers[i] = goes ? FORGOTTEN : root;
	}
	close_up(book, numbers);
	free(numbers);
}

void book_prune(struct book *book)
{
	if (book->boxes.count < book->prune_at)
		return;
	forget(book, 1);
	if (book->boxes.count > BOOK_BOXES_MAX / 4 * 3)
		forget(book, UINT32_MAX);
	book->prune_at = book->boxes.count + BOOK_BOXES_MAX / 4;
	if (book->prune_at < BOOK_BOXES_MAX)
		book->prune_at = BOOK_BOXES_MAX;
}

void book_renumber(struct book *book)
{
	uint32_t *numbers = memory_get((book->count + 1) * sizeof(*numbers));
	uint32_t count = 0;

	for (uint32_t i = 0; i < book->count; i++) {
		const struct book_family *family = &book->families[i];

		numbers[i] = family->into || family->boxes == 0 ? FORGOTTEN : count++;
	}
	for (uint32_t i = 0; i < book->count; i++)
		numbers[i] = numbers[family_root(book, i)];
	close_up(book, numbers);
	book->count = count;
	free(numbers);
}
