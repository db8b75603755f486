/*
 * Text of strangers made harmless.
 *
 * Text is taken apart into pieces: one character, or one byte that belongs to
 * none. piece_next decides what a character is (UTF-8 as of RFC 3629: no
 * overlong forms, no surrogates), whether it may be shown as it is, and how
 * wide it is; each of the writers only spells the pieces in its own way. Runs
 * of printable ASCII, nearly all of what logs hold, are passed on whole.
 *
 * Invariant: what safe_text and safe_csv write holds no byte below 0x20, no
 * DEL, and is well-formed UTF-8, whatever went in.
 */
#include "base/safe.h"

#include <stdbool.h>
#include <stdint.h>

#define BAD_BYTE UINT32_MAX
#define ESCAPE_MAX (4 * 4) /* \xNN for each byte of the longest character */

struct piece {
	struct view bytes;
	uint32_t character; /* or BAD_BYTE */
	bool harmless;
	unsigned columns; /* when shown as safe_text does */
};

struct range {
	uint32_t first, last;
};

/*
 * What moves the cursor, turns the direction of the text, hides or divides:
 * C0, DEL and C1; soft hyphen; bidirectional controls (UAX 9, 2); zero-width
 * and other default-ignorable characters (UAX 44, Default_Ignorable_Code_Point);
 * line and paragraph separators; interlinear annotation; noncharacters.
 */
static const struct range harmful[] = {
	{0x0000, 0x001f}, {0x007f, 0x009f},   {0x00ad, 0x00ad},	  {0x034f, 0x034f},
	{0x061c, 0x061c}, {0x115f, 0x1160},   {0x17b4, 0x17b5},	  {0x180b, 0x180f},
	{0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},	  {0x3164, 0x3164},
	{0xfe00, 0xfe0f}, {0xfeff, 0xfeff},   {0xffa0, 0xffa0},	  {0xfff0, 0xfffb},
	{0xfffe, 0xffff}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/* Marks that stand over or under the character before them. */
static const struct range combining[] = {
	{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a},
	{0x064b, 0x065f}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff},
	{0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f},
};

/* Two columns wide (UAX 11, East_Asian_Width W and F). */
static const struct range wide[] = {
	{0x1100, 0x115e},   {0x231a, 0x231b},	{0x2e80, 0x303e},   {0x3041, 0x3163},
	{0x3165, 0x4dbf},   {0x4e00, 0xa4cf},	{0xa960, 0xa97f},   {0xac00, 0xd7a3},
	{0xf900, 0xfaff},   {0xfe30, 0xfe6f},	{0xff00, 0xff60},   {0xffe0, 0xffe6},
	{0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

#define IN_RANGES(ranges, character) \
	in_ranges((ranges), sizeof(ranges) / sizeof(*(ranges)), (character))

static bool in_ranges(const struct range *ranges, size_t count, uint32_t character)
{
	for (size_t i = 0; i < count && character >= ranges[i].first; i++)
		if (character <= ranges[i].last)
			return true;
	return false;
}

/* How many bytes the character beginning with LEAD has; 0 if none begins so. */
static size_t sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2)
		return 0;
	if (lead < 0xe0)
		return 2;
	if (lead < 0xf0)
		return 3;
	return lead < 0xf5 ? 4 : 0;
}

/* The character at the front of TEXT, which is not empty; its bytes in *ret_len
   (1 for BAD_BYTE). */
static uint32_t decode(struct view text, size_t *ret_len)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char lead = (unsigned char)text.ptr[0];
	size_t len = sequence_length(lead);
	uint32_t character = lead;

	*ret_len = 1;
	if (len == 1)
		return lead;
	if (len == 0 || len > text.len)
		return BAD_BYTE;
	character = lead & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];

		if ((byte & 0xc0) != 0x80)
			return BAD_BYTE;
		character = character << 6 | (byte & 0x3f);
	}
	if (character < least[len] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return BAD_BYTE;
	*ret_len = len;
	return character;
}

/* Cuts the next piece off *text; false at its end. */
static bool piece_next(struct view *text, struct piece *piece)
{
	size_t len;

	if (text->len == 0)
		return false;
	piece->character = decode(*text, &len);
	piece->bytes = view_to(*text, len);
	*text = view_from(*text, len);
	piece->harmless = piece->character != BAD_BYTE && !IN_RANGES(harmful, piece->character);
	if (!piece->harmless)
		piece->columns = (unsigned)(4 * len);
	else if (IN_RANGES(combining, piece->character))
		piece->columns = 0;
	else
		piece->columns = IN_RANGES(wide, piece->character) ? 2 : 1;
	return true;
}

/* Spells PIECE as safe_text does; TO has room for ESCAPE_MAX bytes. */
static size_t piece_spell(const struct piece *piece, char *to)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	if (piece->harmless) {
		memcpy(to, piece->bytes.ptr, piece->bytes.len);
		return piece->bytes.len;
	}
	for (size_t i = 0; i < piece->bytes.len; i++) {
		unsigned char byte = (unsigned char)piece->bytes.ptr[i];

		to[n++] = '\\';
		to[n++] = 'x';
		to[n++] = digits[byte >> 4];
		to[n++] = digits[byte & 15];
	}
	return n;
}

/* Cuts the run of printable ASCII off the front of *text. */
static struct view eat_plain(struct view *text)
{
	size_t n = 0;
	struct view run;

	while (n < text->len && text->ptr[n] >= 0x20 && text->ptr[n] < 0x7f)
		n++;
	run = view_to(*text, n);
	*text = view_from(*text, n);
	return run;
}

static void put(FILE *out, struct view bytes)
{
	if (bytes.len > 0)
		fwrite(bytes.ptr, 1, bytes.len, out);
}

void safe_text(FILE *out, struct view text)
{
	char spelt[ESCAPE_MAX];
	struct piece piece;

	put(out, eat_plain(&text));
	while (piece_next(&text, &piece)) {
		put(out, view_of(spelt, piece_spell(&piece, spelt)));
		put(out, eat_plain(&text));
	}
}

/* The columns of TEXT, or some number over LIMIT if they are more. */
static size_t columns_within(struct view text, size_t limit)
{
	struct piece piece;
	size_t columns = eat_plain(&text).len;

	while (columns <= limit && piece_next(&text, &piece))
		columns += piece.columns + eat_plain(&text).len;
	return columns;
}

size_t safe_text_width(struct view text)
{
	return columns_within(text, SIZE_MAX);
}

size_t safe_text_cut(FILE *out, struct view text, size_t width)
{
	char spelt[ESCAPE_MAX];
	struct piece piece;
	size_t columns = columns_within(text, width);

	if (columns <= width) {
		safe_text(out, text);
		return columns;
	}
	if (width == 0)
		return 0;
	for (columns = 0; piece_next(&text, &piece) && columns + piece.columns < width;) {
		put(out, view_of(spelt, piece_spell(&piece, spelt)));
		columns += piece.columns;
	}
	put(out, VIEW("…"));
	return columns + 1;
}

size_t safe_text_buffer(char *buffer, size_t size, struct view text)
{
	char spelt[ESCAPE_MAX];
	struct piece piece;
	size_t used = 0;

	if (size == 0)
		return 0;
	while (piece_next(&text, &piece)) {
		size_t len = piece_spell(&piece, spelt);

		if (len >= size - used)
			break;
		memcpy(buffer + used, spelt, len);
		used += len;
	}
	buffer[used] = '\0';
	return used;
}

/* One UTF-16 unit as JSON spells it, or the short form where there is one. */
static void put_json_escape(FILE *out, uint32_t unit)
{
	static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (size_t i = 0; i + 1 < sizeof(short_forms); i += 2) {
		if ((unsigned char)short_forms[i] == unit) {
			putc('\\', out);
			putc(short_forms[i + 1], out);
			return;
		}
	}
	fprintf(out, "\\u%04x", (unsigned)unit);
}

/* As eat_plain, but for what a JSON string must escape. */
static struct view eat_plain_json(struct view *text)
{
	size_t n = 0;
	struct view run;

	while (n < text->len && text->ptr[n] >= 0x20 && text->ptr[n] < 0x7f &&
	       text->ptr[n] != '"' && text->ptr[n] != '\\')
		n++;
	run = view_to(*text, n);
	*text = view_from(*text, n);
	return run;
}

/* Harmful characters are escaped though RFC 8259 lets most of them stand: the
   value is the same, and a terminal that shows the JSON is not driven by it. */
void safe_json(FILE *out, struct view text)
{
	struct piece piece;

	putc('"', out);
	put(out, eat_plain_json(&text));
	while (piece_next(&text, &piece)) {
		uint32_t c = piece.character;

		if (c == BAD_BYTE) {
			put(out, VIEW("\xef\xbf\xbd")); /* U+FFFD */
		} else if (c == '"' || c == '\\' || (!piece.harmless && c < 0x10000)) {
			put_json_escape(out, c);
		} else if (!piece.harmless) {
			put_json_escape(out, 0xd800 + ((c - 0x10000) >> 10));
			put_json_escape(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
		} else {
			put(out, piece.bytes);
		}
		put(out, eat_plain_json(&text));
	}
	putc('"', out);
}

static size_t count_digits(struct view text)
{
	size_t n = 0;

	while (n < text.len && text.ptr[n] >= '0' && text.ptr[n] <= '9')
		n++;
	return n;
}

/* -12, +3.5: what a spreadsheet takes for a number and not for a formula. */
static bool is_plain_number(struct view text)
{
	size_t digits;

	if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+'))
		text = view_from(text, 1);
	digits = count_digits(text);
	if (digits == 0)
		return false;
	text = view_from(text, digits);
	if (!view_eat(&text, VIEW(".")))
		return text.len == 0;
	digits = count_digits(text);
	return digits > 0 && digits == text.len;
}

static bool is_formula(struct view text)
{
	return text.len > 0 && text.ptr[0] != '\0' && strchr("=+-@\t\r\n", text.ptr[0]) &&
	       !is_plain_number(text);
}

/* Semicolons and blanks at the ends are quoted too: some programs split or trim. */
static bool needs_quotes(struct view text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '"' || text.ptr[i] == ',' || text.ptr[i] == ';')
			return true;
	return text.len > 0 && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ');
}

void safe_csv(FILE *out, struct view text)
{
	bool quoted = needs_quotes(text);
	size_t quote;

	if (quoted)
		putc('"', out);
	if (is_formula(text))
		putc('\'', out);
	while ((quote = view_find_byte(text, '"')) != VIEW_NONE) {
		safe_text(out, view_to(text, quote));
		put(out, VIEW("\"\""));
		text = view_from(text, quote + 1);
	}
	safe_text(out, text);
	if (quoted)
		putc('"', out);
}
