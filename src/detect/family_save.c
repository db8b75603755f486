/*
 * The kept form of a book of families: lines of text, so that it outlives the ids of
 * a store. A family is
 *
 *     family NAME FIRST LAST SESSIONS SINGLE MIXED ESTABLISHED PATTERNED
 *     box CLIENTS ATTEMPTS FIRST LAST LENGTH ADDRESS
 *     tried CLIENT-HASH
 *     member IP NAMED COUNTS SOURCE SENDER SESSIONS BOXES ATTEMPTS FIRST LAST
 *     sender HASH
 *
 * with "-" for the name of a candidate, "tried" below its box, and all numbers
 * decimal. The first line names the version.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"
#include "detect/family_book.h"
#include "detect/family_index.h"
#include "detect/family_label.h"

#define VERSION "families 1\n"

static uint64_t number(const uint32_t words[2])
{
	return (uint64_t)words[0] << 32 | words[1];
}

struct tried {
	uint32_t row, client;
};

static int compare_tried(const void *a, const void *b)
{
	const struct tried *left = a, *right = b;

	if (left->row != right->row)
		return left->row < right->row ? -1 : 1;
	return left->client < right->client ? -1 : left->client > right->client;
}

/* Links by the row of their box. */
static struct tried *sort_links(const struct book *book)
{
	struct tried *links = memory_get((book->links.count + 1u) * sizeof(*links));

	for (uint32_t i = 0; i < book->links.count; i++)
		memcpy(&links[i], map_row(&book->links, i), sizeof(*links));
	qsort(links, book->links.count, sizeof(*links), compare_tried);
	return links;
}

static void save_family(const struct book_family *family, struct text *bytes)
{
	text_format(bytes, "family %s %u %u %u %u %u %u %u\n", family->name[0] ? family->name : "-",
		    family->first, family->last, family->sessions, family->single, family->mixed,
		    family->established, family->patterned);
}

static void save_box(const struct book *book, const struct detect_context *context, uint32_t row,
		     const struct tried *links, struct text *bytes)
{
	const struct book_box *box = map_row(&book->boxes, row);
	struct view address = book_box_text(book, context, box);
	size_t low = 0, high = book->links.count;

	text_format(bytes, "box %u %u %u %u %zu ", box->clients, box->attempts, box->first,
		    box->last, address.len);
	text_add(bytes, address);
	text_add(bytes, VIEW("\n"));
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (links[middle].row < row)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < book->links.count && links[low].row == row; low++)
		text_format(bytes, "tried %u\n", links[low].client);
}

static void save_member(const struct book_member *member, struct text *bytes)
{
	char ip[IP_TEXT_MAX];

	ip_format(&member->ip, ip);
	text_format(bytes, "member %s %u %u %llu %llu %u %u %u %u %u\n", ip, member->named,
		    member->counts, (unsigned long long)number(member->source),
		    (unsigned long long)number(member->sender), member->sessions, member->boxes,
		    member->attempts, member->first, member->last);
}

static struct family_index index_senders(const struct book *book)
{
	struct family_index index = {memory_get((book->senders.count + 1u) * sizeof(*index.list)),
				     0};

	for (uint32_t i = 0; i < book->senders.count; i++) {
		const struct book_sender *sender = map_row(&book->senders, i);

		if (!book->families[sender->family].into)
			index.list[index.count++] = (struct belonging){sender->family, i};
	}
	return index;
}

static int compare_belongings(const void *a, const void *b)
{
	const struct belonging *left = a, *right = b;

	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return left->row < right->row ? -1 : left->row > right->row;
}

/* Where rows of FAMILY begin in INDEX, from *at on, which is moved behind them. */
static size_t rows_of(const struct family_index *index, uint32_t family, size_t *at)
{
	size_t begin;

	while (*at < index->count && index->list[*at].family < family)
		++*at;
	begin = *at;
	while (*at < index->count && index->list[*at].family == family)
		++*at;
	return begin;
}

void book_save(const struct book *book, const struct detect_context *context, struct text *bytes)
{
	struct family_index boxes = family_index_boxes(book);
	struct family_index members = family_index_members(book);
	struct family_index senders = index_senders(book);
	struct tried *links = sort_links(book);
	size_t box_at = 0, member_at = 0, sender_at = 0;

	qsort(senders.list, senders.count, sizeof(*senders.list), compare_belongings);
	text_add(bytes, VIEW(VERSION));
	for (uint32_t i = 0; i < book->count; i++) {
		size_t box = rows_of(&boxes, i, &box_at);
		size_t member = rows_of(&members, i, &member_at);
		size_t sender = rows_of(&senders, i, &sender_at);

		if (box == box_at || member == member_at)
			continue;
		save_family(&book->families[i], bytes);
		for (; box < box_at; box++)
			save_box(book, context, boxes.list[box].row, links, bytes);
		for (; member < member_at; member++)
			save_member(map_row(&book->members, members.list[member].row), bytes);
		for (; sender < sender_at; sender++) {
			const struct book_sender *row =
				map_row(&book->senders, senders.list[sender].row);

			text_format(bytes, "sender %llu\n", (unsigned long long)number(row->hash));
		}
	}
	free(boxes.list);
	free(members.list);
	free(senders.list);
	free(links);
}

/* Takes " NUMBER" off the front. */
static bool eat_wide(struct view *line, uint64_t *ret_number)
{
	unsigned long long value;

	if (!view_eat(line, VIEW(" ")) || !view_eat_number(line, &value))
		return false;
	*ret_number = value;
	return true;
}

static bool eat(struct view *line, uint32_t *ret_number)
{
	uint64_t value;

	if (!eat_wide(line, &value) || value > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)value;
	return true;
}

static bool eat_flag(struct view *line, uint8_t *ret_flag)
{
	uint32_t value;

	if (!eat(line, &value) || value > 1)
		return false;
	*ret_flag = (uint8_t)value;
	return true;
}

static bool eat_hash(struct view *line, uint32_t ret_hash[2])
{
	uint64_t value;

	if (!eat_wide(line, &value))
		return false;
	ret_hash[0] = (uint32_t)(value >> 32);
	ret_hash[1] = (uint32_t)value;
	return true;
}

static bool end_line(struct view *bytes)
{
	return view_eat(bytes, VIEW("\n"));
}

static bool is_name(struct view name)
{
	if (name.len != FAMILY_NAME_LENGTH || !view_starts(name, VIEW("f-")))
		return false;
	for (size_t i = 2; i < name.len; i++)
		if (!((name.ptr[i] >= 'a' && name.ptr[i] <= 'z') ||
		      (name.ptr[i] >= '2' && name.ptr[i] <= '7')))
			return false;
	return true;
}

static bool eat_name(struct view *bytes, char ret_name[static FAMILY_NAME_MAX])
{
	struct view name = view_to(view_from(*bytes, 1), FAMILY_NAME_LENGTH);

	if (view_eat(bytes, VIEW(" -")))
		return true;
	if (!view_starts(*bytes, VIEW(" ")) || !is_name(name))
		return false;
	memcpy(ret_name, name.ptr, name.len);
	*bytes = view_from(*bytes, 1 + FAMILY_NAME_LENGTH);
	return true;
}

static bool load_family(struct book *book, struct view *bytes)
{
	uint32_t added = book_add_family(book);
	struct book_family *family = &book->families[added];

	return eat_name(bytes, family->name) && eat(bytes, &family->first) &&
	       eat(bytes, &family->last) && eat(bytes, &family->sessions) &&
	       eat_flag(bytes, &family->single) && eat_flag(bytes, &family->mixed) &&
	       eat_flag(bytes, &family->established) && eat_flag(bytes, &family->patterned) &&
	       end_line(bytes);
}

static bool load_box(struct book *book, uint32_t family, struct view *bytes)
{
	struct book_box box = {.family = family};
	struct view address;
	uint64_t hash;
	uint32_t len;
	bool is_new;
	struct book_box *row;

	if (!eat(bytes, &box.clients) || !eat(bytes, &box.attempts) || !eat(bytes, &box.first) ||
	    !eat(bytes, &box.last) || !eat(bytes, &len) || !view_eat(bytes, VIEW(" ")) ||
	    len > STRINGS_LENGTH_MAX || len > bytes->len || book->boxes.count >= 2 * BOOK_BOXES_MAX)
		return false;
	address = view_to(*bytes, len);
	*bytes = view_from(*bytes, len);
	hash = detect_address_hash(address);
	box.hash[0] = (uint32_t)(hash >> 32);
	box.hash[1] = (uint32_t)hash;
	box.text = strings_add(book->text, address);
	row = map_add(&book->boxes, &box, map_hash(&book->boxes, &box), &is_new);
	*row = box;
	book->families[family].boxes++;
	return is_new && end_line(bytes);
}

static bool load_tried(struct book *book, struct view *bytes)
{
	uint32_t link[] = {book->boxes.count - 1, 0};

	if (book->boxes.count == 0 || !eat(bytes, &link[1]))
		return false;
	map_at(&book->links, link);
	return end_line(bytes);
}

static bool load_member(struct book *book, uint32_t family, struct view *bytes)
{
	struct book_member member = {.family = family};
	struct view ip;
	uint32_t attempts;
	bool is_new;
	struct book_member *row;

	if (!view_eat(bytes, VIEW(" ")))
		return false;
	ip = view_to(*bytes, view_find_byte(*bytes, ' '));
	*bytes = view_from(*bytes, ip.len);
	if (ip.len > IP_TEXT_MAX || !ip_parse(ip, &member.ip) || !eat_flag(bytes, &member.named) ||
	    !eat_flag(bytes, &member.counts) || !eat_hash(bytes, member.source) ||
	    !eat_hash(bytes, member.sender) || !eat(bytes, &member.sessions) ||
	    !eat(bytes, &member.boxes) || !eat(bytes, &attempts) || attempts > UINT16_MAX ||
	    !eat(bytes, &member.first) || !eat(bytes, &member.last))
		return false;
	member.attempts = (uint16_t)attempts;
	row = map_add(&book->members, &member, map_hash(&book->members, &member), &is_new);
	*row = member;
	if (is_new)
		book_link_member(book, row);
	return is_new && member.sessions > 0 && end_line(bytes);
}

static bool load_sender(struct book *book, uint32_t family, struct view *bytes)
{
	struct book_sender sender = {.family = family};
	bool is_new;
	struct book_sender *row;

	if (!eat_hash(bytes, sender.hash))
		return false;
	row = map_add(&book->senders, &sender, map_hash(&book->senders, &sender), &is_new);
	if (is_new)
		book_link_sender(book, row);
	return end_line(bytes);
}

static bool load_line(struct book *book, struct view *bytes)
{
	uint32_t family = (uint32_t)book->count - 1;

	if (view_eat(bytes, VIEW("family")))
		return load_family(book, bytes);
	if (book->count == 0)
		return false;
	if (view_eat(bytes, VIEW("box")))
		return load_box(book, family, bytes);
	if (view_eat(bytes, VIEW("tried")))
		return load_tried(book, bytes);
	if (view_eat(bytes, VIEW("member")))
		return load_member(book, family, bytes);
	if (view_eat(bytes, VIEW("sender")))
		return load_sender(book, family, bytes);
	return false;
}

int book_load(struct book *book, struct view bytes)
{
	struct book loaded;
	bool good = view_eat(&bytes, VIEW(VERSION));

	book_init(&loaded, book->text);
	while (good && bytes.len > 0)
		good = load_line(&loaded, &bytes);
	if (!good) {
		book_release(&loaded);
		return -EBADMSG;
	}
	book_release(book);
	*book = loaded;
	return 0;
}
