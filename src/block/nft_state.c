/* Reads what nft lists: see nft_state.h. */
#include "block/nft_state.h"

#include <errno.h>

#include "base/cleanup.h"
#include "block/tool.h"
#include "block/wording.h"

void nft_elements_init(struct map *elements)
{
	map_init(elements, sizeof(struct nft_element), sizeof(struct prefix));
}

/* Cuts the next word off the front of *text; a comment in quotes is one. */
static bool next_word(struct view *text, struct view *ret_word)
{
	size_t len = 0;

	while (text->len > 0 && strchr(" \t\n,", text->ptr[0]) && text->ptr[0])
		*text = view_from(*text, 1);
	if (text->len == 0)
		return false;
	if (text->ptr[0] == '"') {
		size_t end = view_find_byte(view_from(*text, 1), '"');

		*ret_word = view_to(view_from(*text, 1), end == VIEW_NONE ? text->len : end);
		*text = view_from(*text, ret_word->len + 2);
		return true;
	}
	while (len < text->len && !(strchr(" \t\n,", text->ptr[len]) && text->ptr[len]))
		len++;
	*ret_word = view_to(*text, len);
	*text = view_from(*text, len);
	return true;
}

/* The length of the prefixes in set "b4_24", or 0 for a name that is not ours. */
static uint32_t bits_of_set(struct view name)
{
	bool v4 = view_eat(&name, VIEW("b4"));
	uint32_t base = v4 ? PREFIX_BITS_V4 : 0;
	unsigned long long length;

	if (!v4 && !view_eat(&name, VIEW("b6")))
		return 0;
	if (name.len == 0)
		return PREFIX_BITS_MAX;
	if (!view_eat(&name, VIEW("_")) || !view_eat_number(&name, &length) || name.len > 0 ||
	    length > PREFIX_BITS_MAX - base)
		return 0;
	return base + (uint32_t)length;
}

/* Reading a listing goes from word to word. */
struct reader {
	struct map *elements;
	uint32_t bits; /* of the set at hand; 0: none of ours */
	bool inside;   /* of its elements */
	struct nft_element *element;
};

static void take_element_word(struct reader *reader, struct view word, struct view *rest)
{
	unsigned long long number;
	struct view value = {0};
	struct prefix prefix;
	struct ip ip;

	if (ip_parse(word, &ip)) {
		prefix = prefix_of(&ip, reader->bits);
		reader->element = map_at(reader->elements, &prefix);
	} else if (view_is(word, VIEW("}"))) {
		reader->inside = false;
	} else if (reader->element && view_is(word, VIEW("packets")) && next_word(rest, &value)) {
		if (view_eat_number(&value, &number))
			reader->element->packets += number;
	} else if (reader->element && view_is(word, VIEW("bytes")) && next_word(rest, &value)) {
		if (view_eat_number(&value, &number))
			reader->element->bytes += number;
	} else if (reader->element && view_is(word, VIEW("comment")) && next_word(rest, &value)) {
		if (!block_find_id(value, &reader->element->id))
			reader->element->id = 0;
	}
}

void nft_elements_read(struct view text, struct map *elements)
{
	struct reader reader = {.elements = elements};
	struct view word;

	while (next_word(&text, &word)) {
		if (reader.inside) {
			take_element_word(&reader, word, &text);
		} else if (view_is(word, VIEW("set")) && next_word(&text, &word)) {
			reader.bits = bits_of_set(word);
			reader.element = NULL;
		} else if (view_is(word, VIEW("elements")) && reader.bits > 0) {
			reader.inside = true;
		}
	}
}

int nft_elements_list(struct map *elements, struct err *err)
{
	static const char *const tables[] = {"nft", "list", "tables", "inet", NULL};
	static const char *const table[] = {"nft", "list", "table", "inet", "mxwatch", NULL};
	_cleanup_free_ char *names = NULL;
	_cleanup_free_ char *listing = NULL;
	int r = tool_run(tables, NULL, &names, err);

	if (r < 0 || view_find(view_string(names), VIEW("table inet mxwatch\n")) == VIEW_NONE)
		return r;
	r = tool_run(table, NULL, &listing, err);
	if (r >= 0)
		nft_elements_read(view_string(listing), elements);
	return r;
}
