/*
 * Which families are established: those that at least two independent clients
 * share (family_witness.h); and what they are called.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"
#include "detect/family_book.h"
#include "detect/family_index.h"
#include "detect/family_label.h"
#include "detect/family_witness.h"

#define SOURCES_MIN 2
#define SOURCES_SINGLE 3 /* where all that they share is one box */
#define ALIKE_BOXES_MIN 5
#define KEY_LETTERS 3

/* A look without sorting: whether most boxes could be alike at all. */
static bool may_be_alike(const struct view *addresses, size_t count)
{
	size_t most = 0;

	for (size_t i = 0; i < count && i < 3; i++) {
		size_t same = 0;

		for (size_t n = 0; n < count; n++)
			same += view_is_nocase(view_to(addresses[i], KEY_LETTERS),
					       view_to(addresses[n], KEY_LETTERS));
		most = same > most ? same : most;
	}
	return 2 * most >= count;
}

static bool boxes_alike(const struct book *book, const struct detect_context *context,
			const struct belonging *list, size_t count, struct text *ret_pattern)
{
	struct view *addresses = memory_get(count * sizeof(*addresses));
	bool alike;

	for (size_t i = 0; i < count; i++)
		addresses[i] = book_box_text(book, context, map_row(&book->boxes, list[i].row));
	alike = may_be_alike(addresses, count) && family_pattern(addresses, count, ret_pattern);
	free(addresses);
	return alike;
}

static void assess_boxes(struct book *book, const struct detect_context *context)
{
	struct family_index index = family_index_boxes(book);

	for (size_t from = 0, until; from < index.count; from = until) {
		struct book_family *family = &book->families[index.list[from].family];
		struct text pattern = {0};

		until = family_index_end(&index, from);
		family->patterned =
			until - from >= ALIKE_BOXES_MIN &&
			boxes_alike(book, context, &index.list[from], until - from, &pattern);
		text_release(&pattern);
	}
	free(index.list);
}

static uint64_t number(const uint32_t words[2])
{
	return (uint64_t)words[0] << 32 | words[1];
}

/*
 * Whether the members, COUNT rows of LIST, establish their family; notes in each whether it counts.
 * Where servers with names are the most, it is their mail to users who were served here once.
 */
static bool has_sources(struct book *book, const struct belonging *list, size_t count,
			const struct book_family *family)
{
	uint32_t need = family->single ? SOURCES_SINGLE : SOURCES_MIN;
	struct witness *witnesses = memory_get(count * sizeof(*witnesses));
	struct testimony testimony;

	for (size_t i = 0; i < count; i++) {
		const struct book_member *member = map_row(&book->members, list[i].row);

		witnesses[i] = (struct witness){
			.sender = number(member->sender),
			.source = number(member->source),
			.row = list[i].row,
			.named = member->named,
		};
	}
	testimony = testimony_of(witnesses, count, family->patterned);
	for (size_t i = 0; i < count; i++) {
		struct book_member *member = map_row(&book->members, witnesses[i].row);

		member->counts = witnesses[i].counts;
	}
	free(witnesses);
	return testimony.sources >= need && testimony.strangers < testimony.sources;
}

static void assess_members(struct book *book)
{
	struct family_index index = family_index_members(book);

	for (size_t from = 0, until; from < index.count; from = until) {
		struct book_family *family = &book->families[index.list[from].family];

		until = family_index_end(&index, from);
		family->members = (uint32_t)(until - from);
		family->established |= has_sources(book, &index.list[from], until - from, family);
	}
	free(index.list);
}

void book_assess(struct book *book, const struct detect_context *context)
{
	assess_boxes(book, context);
	assess_members(book);
}

/* The family's boxes that several clients tried; all of them, if it has none. */
static size_t core_boxes(const struct book *book, const struct belonging *list, size_t count,
			 struct belonging *ret_core)
{
	size_t core = 0;

	for (size_t i = 0; i < count; i++) {
		const struct book_box *box = map_row(&book->boxes, list[i].row);

		if (box->clients > 1)
			ret_core[core++] = list[i];
	}
	if (core == 0) {
		memcpy(ret_core, list, count * sizeof(*list));
		core = count;
	}
	return core;
}

/* Names in use, and how many were made from each hash: else the more families are alike, the longer
   it would take to find a free one. */
struct names {
	struct map taken; /* FAMILY_NAME_LENGTH bytes */
	struct map tries; /* struct name_tries */
};

struct name_tries {
	uint32_t hash[2]; /* the key */
	uint32_t count;
};

/* False if NAME was taken before. */
static bool take_name(struct names *names, const char *name)
{
	bool is_new;

	map_add(&names->taken, name, map_hash(&names->taken, name), &is_new);
	return is_new;
}

static void free_name(struct names *names, uint64_t hash, char ret_name[static FAMILY_NAME_MAX])
{
	const uint32_t key[] = {(uint32_t)(hash >> 32), (uint32_t)hash};
	struct name_tries *tries = map_at(&names->tries, key);

	do {
		family_name(tries->count ? hash_pair(hash, tries->count) : hash, ret_name);
		tries->count++;
	} while (!take_name(names, ret_name));
}

/* What the name is made from: what the boxes have in common, else the core's smallest hash. */
static uint64_t name_hash(const struct book *book, const struct detect_context *context,
			  const struct belonging *list, size_t count)
{
	struct belonging *core;
	struct text pattern = {0};
	uint64_t hash = UINT64_MAX;

	if (book->families[list[0].family].patterned &&
	    boxes_alike(book, context, list, count, &pattern)) {
		hash = hash64(pattern.ptr, pattern.len);
		text_release(&pattern);
		return hash;
	}
	core = memory_get(count * sizeof(*core));
	count = core_boxes(book, list, count, core);
	for (size_t i = 0; i < count; i++) {
		const struct book_box *box = map_row(&book->boxes, core[i].row);

		hash = number(box->hash) < hash ? number(box->hash) : hash;
	}
	free(core);
	return hash;
}

void book_name(struct book *book, const struct detect_context *context)
{
	struct family_index index = family_index_boxes(book);
	struct names names;

	map_init(&names.taken, FAMILY_NAME_LENGTH, FAMILY_NAME_LENGTH);
	map_init(&names.tries, sizeof(struct name_tries), 2 * sizeof(uint32_t));
	for (size_t i = 0; i < book->count; i++)
		if (book->families[i].name[0])
			take_name(&names, book->families[i].name);
	for (size_t from = 0, until; from < index.count; from = until) {
		struct book_family *family = &book->families[index.list[from].family];

		until = family_index_end(&index, from);
		if (family_is_shown(family) && family->name[0] == '\0')
			free_name(&names, name_hash(book, context, &index.list[from], until - from),
				  family->name);
	}
	map_release(&names.taken);
	map_release(&names.tries);
	free(index.list);
}

uint32_t book_main_box(const struct book *book, const struct belonging *list, size_t count)
{
	const struct book_box *best = map_row(&book->boxes, list[0].row);
	size_t at = 0;

	for (size_t i = 1; i < count; i++) {
		const struct book_box *box = map_row(&book->boxes, list[i].row);

		if (box->clients > best->clients ||
		    (box->clients == best->clients && number(box->hash) < number(best->hash))) {
			best = box;
			at = i;
		}
	}
	return list[at].row;
}

char *book_label(const struct book *book, const struct detect_context *context,
		 const struct belonging *list, size_t count)
{
	const struct book_box *box = map_row(&book->boxes, book_main_box(book, list, count));
	struct text label = {0};

	if (book->families[list[0].family].patterned &&
	    boxes_alike(book, context, list, count, &label))
		return text_take(&label);
	text_add(&label, book_box_text(book, context, box));
	if (count > 1)
		text_format(&label, " and %zu more", count - 1);
	return text_take(&label);
}
