/* The book of families: see family_book.h. */
#include "detect/family_book.h"

#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"
#include "detect/hosts.h"

void book_init(struct book *book, struct strings *texts)
{
	*book = (struct book){.text = texts, .prune_at = BOOK_BOXES_MAX};
	map_init(&book->boxes, sizeof(struct book_box), 2 * sizeof(uint32_t));
	map_init(&book->members, sizeof(struct book_member), offsetof(struct book_member, client));
	map_init(&book->links, 2 * sizeof(uint32_t), 2 * sizeof(uint32_t));
	map_init(&book->senders, sizeof(struct book_sender), offsetof(struct book_sender, next));
}

void book_release(struct book *book)
{
	free(book->families);
	map_release(&book->boxes);
	map_release(&book->members);
	map_release(&book->links);
	map_release(&book->senders);
	*book = (struct book){0};
}

static void copy_map(const struct map *map, struct map *ret_copy)
{
	map_init(ret_copy, map->row_size, map->key_size);
	for (uint32_t i = 0; i < map->count; i++) {
		const char *row = map_row(map, i);

		memcpy(map_at(ret_copy, row), row, map->row_size);
	}
}

void book_copy(const struct book *book, struct book *ret_copy)
{
	*ret_copy =
		(struct book){.text = book->text, .count = book->count, .prune_at = book->prune_at};
	ret_copy->capacity = book->count;
	ret_copy->families = memory_get((book->count + 1) * sizeof(*book->families));
	if (book->count > 0)
		memcpy(ret_copy->families, book->families, book->count * sizeof(*book->families));
	copy_map(&book->boxes, &ret_copy->boxes);
	copy_map(&book->members, &ret_copy->members);
	copy_map(&book->links, &ret_copy->links);
	copy_map(&book->senders, &ret_copy->senders);
}

uint32_t family_root(const struct book *book, uint32_t family)
{
	while (book->families[family].into)
		family = book->families[family].into - 1;
	return family;
}

struct book_box *book_box(const struct book *book, uint64_t hash)
{
	const uint32_t key[] = {(uint32_t)(hash >> 32), (uint32_t)hash};

	return map_find(&book->boxes, key, map_hash(&book->boxes, key));
}

struct view book_box_text(const struct book *book, const struct detect_context *context,
			  const struct book_box *box)
{
	return box->string ? strings_get(context->directory->strings, box->string)
			   : strings_get(book->text, box->text);
}

uint32_t book_add_family(struct book *book)
{
	ARRAY_GROW(book->families, book->count, book->capacity);
	book->families[book->count] = (struct book_family){.first = UINT32_MAX};
	return (uint32_t)book->count++;
}

void book_take_box(struct book *book, uint32_t family, const struct set_box *set_box)
{
	const uint32_t key[] = {(uint32_t)(set_box->hash >> 32), (uint32_t)set_box->hash};
	bool is_new;
	struct book_box *box;

	if (book->families[family].boxes >= FAMILY_BOXES_MAX ||
	    (book->boxes.count >= 2 * BOOK_BOXES_MAX && !book_box(book, set_box->hash)))
		return;
	box = map_add(&book->boxes, key, map_hash(&book->boxes, key), &is_new);
	if (is_new) {
		box->string = set_box->string;
		box->first = UINT32_MAX;
	} else {
		struct book_family *owner = &book->families[family_root(book, box->family)];

		if (owner == &book->families[family] || owner->established)
			return;
		owner->boxes--;
	}
	box->family = family;
	book->families[family].boxes++;
}

static uint32_t row_number(const struct map *map, const void *row)
{
	return (uint32_t)((size_t)((const char *)row - map->rows) / map->row_size);
}

void book_link_member(struct book *book, struct book_member *member)
{
	struct book_family *family = &book->families[member->family];

	member->next = family->first_member;
	family->first_member = row_number(&book->members, member) + 1;
	family->members++;
}

void book_link_sender(struct book *book, struct book_sender *sender)
{
	struct book_family *family = &book->families[sender->family];

	sender->next = family->first_sender;
	family->first_sender = row_number(&book->senders, sender) + 1;
	family->senders++;
}

static void add_sender(struct book *book, uint32_t family, const uint32_t hash[2])
{
	const struct book_sender key = {family, {hash[0], hash[1]}, 0};
	bool is_new;
	struct book_sender *sender =
		map_add(&book->senders, &key, map_hash(&book->senders, &key), &is_new);

	if (is_new)
		book_link_sender(book, sender);
}

static bool is_less(const uint32_t a[2], const uint32_t b[2])
{
	return a[0] != b[0] ? a[0] < b[0] : a[1] < b[1];
}

static void add_senders(struct book *book, uint32_t family, struct book_member *member,
			const struct family_set *set)
{
	for (size_t i = 0; i < set->sender_count; i++) {
		const uint32_t hash[] = {(uint32_t)(set->senders[i] >> 32),
					 (uint32_t)set->senders[i]};

		add_sender(book, family, hash);
		if ((member->sender[0] == 0 && member->sender[1] == 0) ||
		    is_less(hash, member->sender))
			memcpy(member->sender, hash, sizeof(hash));
	}
}

static uint16_t add_16(uint16_t sum, uint32_t more)
{
	return more > UINT16_MAX - (uint32_t)sum ? UINT16_MAX : (uint16_t)(sum + more);
}

static void link_boxes(struct book *book, uint32_t family, struct book_member *member,
		       const struct family_set *set)
{
	uint32_t client = hash32((const char *)member->ip.bytes, sizeof(member->ip.bytes));

	for (size_t i = 0; i < set->count; i++) {
		const struct set_box *tried = &set->boxes[i];
		struct book_box *box = book_box(book, tried->hash);
		uint32_t link[2];
		bool is_new;

		if (!box || family_root(book, box->family) != family)
			continue;
		link[0] = row_number(&book->boxes, box);
		link[1] = client;
		map_add(&book->links, link, map_hash(&book->links, link), &is_new);
		box->clients += is_new;
		member->boxes += is_new;
		box->attempts += tried->attempts;
		member->attempts = add_16(member->attempts, tried->attempts);
		box->string = box->string ? box->string : tried->string;
		box->first = tried->first < box->first ? tried->first : box->first;
		box->last = tried->last > box->last ? tried->last : box->last;
	}
}

static void span(uint32_t *first, uint32_t *last, const struct family_set *set)
{
	*first = set->first < *first ? set->first : *first;
	*last = set->last > *last ? set->last : *last;
}

static void note_session(struct book_member *member, uint32_t session)
{
	for (int i = 0; i < 2 && session; i++) {
		if (member->sample_sessions[i] == session)
			return;
		if (member->sample_sessions[i] == 0) {
			member->sample_sessions[i] = session;
			return;
		}
	}
}

void book_add_member(struct book *book, const struct detect_context *context, struct sites *sites,
		     uint32_t family, const struct family_set *set)
{
	struct book_member key = {
		.family = family,
		.ip = directory_client_at(context->directory, set->client)->ip,
	};
	struct book_family *row = &book->families[family];
	bool is_new;
	struct book_member *member =
		map_add(&book->members, &key, map_hash(&book->members, &key), &is_new);
	uint64_t source = host_source(context, sites, set->client);

	if (is_new) {
		member->first = UINT32_MAX;
		book_link_member(book, member);
	}
	member->client = set->client;
	member->source[0] = (uint32_t)(source >> 32);
	member->source[1] = (uint32_t)source;
	member->named = host_is_named(context, set->client);
	member->sessions += set->sessions;
	row->sessions += set->sessions;
	note_session(member, set->session);
	span(&member->first, &member->last, set);
	span(&row->first, &row->last, set);
	add_senders(book, family, member, set);
	link_boxes(book, family, member, set);
}

bool book_knows_sender(const struct book *book, uint32_t family, const struct family_set *set)
{
	for (size_t i = 0; i < set->sender_count; i++) {
		const struct book_sender key = {
			family, {(uint32_t)(set->senders[i] >> 32), (uint32_t)set->senders[i]}, 0};

		if (map_find(&book->senders, &key, map_hash(&book->senders, &key)))
			return true;
	}
	return false;
}

static bool stays_before(const struct book_family *a, const struct book_family *b)
{
	bool named_a = a->name[0] != '\0', named_b = b->name[0] != '\0';

	if (named_a != named_b)
		return named_a;
	return a->first <= b->first;
}

static void join_member(struct book_member *member, const struct book_member *other)
{
	member->client = other->client ? other->client : member->client;
	memcpy(member->source, other->source, sizeof(member->source));
	if (other->sender[0] && (!member->sender[0] || is_less(other->sender, member->sender)))
		memcpy(member->sender, other->sender, sizeof(member->sender));
	member->sessions += other->sessions;
	member->boxes += other->boxes;
	member->attempts = add_16(member->attempts, other->attempts);
	member->first = other->first < member->first ? other->first : member->first;
	member->last = other->last > member->last ? other->last : member->last;
	for (int i = 0; i < 2; i++)
		note_session(member, other->sample_sessions[i]);
}

/* Members carry their family in their key, so they are made anew; the old ones are left without
   sessions. */
static void move_members(struct book *book, uint32_t from, uint32_t to)
{
	for (uint32_t at = book->families[from].first_member; at;) {
		struct book_member *old = map_row(&book->members, at - 1), held = *old;
		struct book_member *member;
		bool is_new;

		at = held.next;
		old->sessions = 0;
		held.family = to;
		member = map_add(&book->members, &held, map_hash(&book->members, &held), &is_new);
		if (is_new) {
			*member = held;
			book_link_member(book, member);
		} else {
			join_member(member, &held);
		}
		book->families[to].sessions += held.sessions;
	}
}

static void move_senders(struct book *book, uint32_t from, uint32_t to)
{
	for (uint32_t at = book->families[from].first_sender; at;) {
		const struct book_sender held =
			*(struct book_sender *)map_row(&book->senders, at - 1);

		at = held.next;
		add_sender(book, to, held.hash);
	}
}

/* How many rows move with a family. */
static uint64_t weight(const struct book_family *family)
{
	return (uint64_t)family->members + family->senders;
}

uint32_t book_merge(struct book *book, uint32_t a, uint32_t b)
{
	struct book_family *stays, *goes;
	bool renamed;

	a = family_root(book, a);
	b = family_root(book, b);
	if (a == b)
		return a;
	renamed = !stays_before(&book->families[a], &book->families[b]);
	if (weight(&book->families[a]) < weight(&book->families[b])) {
		uint32_t held = a;

		a = b;
		b = held;
		renamed = !renamed;
	}
	stays = &book->families[a];
	goes = &book->families[b];
	if (renamed) {
		memcpy(stays->name, goes->name, sizeof(stays->name));
		stays->single = goes->single;
		stays->mixed = goes->mixed;
	}
	goes->into = a + 1;
	stays->boxes += goes->boxes;
	stays->established |= goes->established;
	stays->first = goes->first < stays->first ? goes->first : stays->first;
	stays->last = goes->last > stays->last ? goes->last : stays->last;
	move_members(book, b, a);
	move_senders(book, b, a);
	return a;
}
