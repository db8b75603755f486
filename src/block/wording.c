/* The words of blocks: see wording.h. */
#include "block/wording.h"

#include "base/cleanup.h"

#define ID_DIGITS 8
#define COMMENT_MAX 400

/* How many bytes the character at the front of TEXT has, as far as its first byte tells. */
static size_t character_length(struct view text)
{
	unsigned char first = (unsigned char)text.ptr[0];
	size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	size_t n = 1;

	while (n < length && n < text.len && ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* What to write for the character at the front of REST, which is cut off. */
static struct view plain_character(struct view *rest, const char *unwanted)
{
	struct view character = view_to(*rest, character_length(*rest));
	char c = character.ptr[0];

	*rest = view_from(*rest, character.len);
	if (view_is(character, VIEW("…")))
		return VIEW("...");
	if ((unsigned char)c >= 0x80)
		return VIEW("?");
	if (c == '"' && strchr(unwanted, c))
		return strchr(unwanted, '\'') ? VIEW(" ") : VIEW("'");
	if ((unsigned char)c <= ' ' || c == 0x7f || strchr(unwanted, c))
		return VIEW(" ");
	return character;
}

/* Adds SOURCE so that TEXT is at most END long; blanks come one at a time. */
static void add_plain(struct view source, const char *unwanted, size_t end, struct text *text)
{
	static const struct view cut = VIEW("...");

	while (source.len > 0) {
		struct view character = plain_character(&source, unwanted);

		if (view_is(character, VIEW(" ")) && text->len > 0 &&
		    text->ptr[text->len - 1] == ' ')
			continue;
		if (text->len + character.len + cut.len > end && source.len > 0) {
			text_add(text, view_to(cut, end > text->len ? end - text->len : 0));
			break;
		}
		text_add(text, character);
	}
	while (text->len > 0 && text->ptr[text->len - 1] == ' ')
		text->ptr[--text->len] = '\0';
}

void block_wording(const struct plan *plan, const struct block *block, const char *unwanted,
		   size_t max, struct text *text)
{
	_cleanup_free_ char *because = block_because(plan, block);
	size_t end = text->len + max;

	text_format(text, "e=%08x ", block->id);
	add_plain(view_string(block->pattern), unwanted, end, text);
	text_add(text, strchr(unwanted, ':') ? VIEW(" ") : VIEW(": "));
	add_plain(view_string(because), unwanted, end, text);
}

void block_comment(const struct plan *plan, const struct block *block, FILE *out)
{
	struct text text = {0};

	block_wording(plan, block, "", COMMENT_MAX, &text);
	fprintf(out, "# %s\n", text_string(&text));
	text_release(&text);
}

void block_head(const struct plan *plan, const char *comment, const char *words, FILE *out)
{
	fprintf(out, "%s %zu block%s, written by mxwatch: changes will be lost.\n%s %s\n", comment,
		plan->count, plan->count == 1 ? "" : "s", comment, words);
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Reads an id, no more and no less, at the front of TEXT. */
static bool id_at(struct view text, uint32_t *ret_id)
{
	uint32_t id = 0;

	if (text.len < ID_DIGITS || (text.len > ID_DIGITS && is_word(text.ptr[ID_DIGITS])))
		return false;
	for (size_t i = 0; i < ID_DIGITS; i++) {
		int digit = digit_of(text.ptr[i]);

		if (digit < 0)
			return false;
		id = id << 4 | (uint32_t)digit;
	}
	*ret_id = id;
	return true;
}

bool block_find_id(struct view text, uint32_t *ret_id)
{
	static const struct view mark = VIEW("e=");
	struct view rest = text;
	size_t at;

	while ((at = view_find(rest, mark)) != VIEW_NONE) {
		bool begins = rest.ptr + at == text.ptr || !is_word(rest.ptr[at - 1]);

		rest = view_from(rest, at + mark.len);
		if (begins && id_at(rest, ret_id))
			return true;
	}
	return false;
}
