/*
 * A table as text. Cells are put together as bytes that are still raw; they are
 * measured and made harmless when they are printed.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/safe.h"
#include "report/period.h"
#include "report/writer.h"

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define PLAIN "\033[0m"
#define SPIKE "!!!!"
#define TEXT_COLUMN_MIN 12 /* text columns are not cut below this */
#define SENTENCE_MIN 30	   /* wider than most names are: a last column of sentences */
#define SENTENCE_ROOM 40   /* with less than that they stand below their rows */
#define SENTENCE_INDENT 4
#define BAR_CELLS 48
#define BAR_CELLS_MIN 10

struct text_cell {
	size_t offset; /* in bytes */
	uint32_t len, width;
};

struct text_table {
	const struct report_table *table;
	const struct writer_style *style;
	struct text_cell *cells; /* row by row */
	size_t count, capacity;	 /* of cells */
	char *bytes;
	size_t byte_count, byte_capacity;
	int columns;
	bool numeric[REPORT_COLUMNS_MAX]; /* COLUMN_PLAIN that holds numbers: to the right */
	size_t rows;
	/* For pictures: the time of each row, and the value of each picture. */
	int64_t *times;
	double *pictures[REPORT_PICTURES_MAX];
	size_t row_capacity;
};

struct text_table *text_table_new(const struct report_table *table,
				  const struct writer_style *style)
{
	struct text_table *text = memory_get_zeroed(1, sizeof(*text));

	text->table = table;
	text->style = style;
	text->columns = table->column_count;
	return text;
}

static void text_table_free(struct text_table *text)
{
	for (size_t i = 0; i < REPORT_PICTURES_MAX; i++)
		free(text->pictures[i]);
	free(text->times);
	free(text->cells);
	free(text->bytes);
	free(text);
}

static void put_bytes(struct text_table *text, struct view bytes)
{
	if (text->byte_count + bytes.len > text->byte_capacity) {
		text->byte_capacity = 2 * (text->byte_count + bytes.len) + 256;
		text->bytes = memory_resize(text->bytes, text->byte_capacity, 1);
	}
	if (bytes.len)
		memcpy(text->bytes + text->byte_count, bytes.ptr, bytes.len);
	text->byte_count += bytes.len;
}

static void add_cell(struct text_table *text, struct view bytes)
{
	ARRAY_GROW(text->cells, text->count, text->capacity);
	text->cells[text->count++] = (struct text_cell){text->byte_count, (uint32_t)bytes.len,
							(uint32_t)safe_text_width(bytes)};
	put_bytes(text, bytes);
}

/* Two digits that count: "60%", "7.4%", "8%", "0.3%"; "100%". */
static size_t format_percent(double share, char *buffer, size_t size)
{
	double percent = share * 100;
	size_t len;

	if (percent >= 9.95)
		return (size_t)snprintf(buffer, size, "%.0f%%", percent);
	len = (size_t)snprintf(buffer, size, "%.1f", percent);
	if (len > 2 && buffer[len - 1] == '0')
		len -= 2;
	return len + (size_t)snprintf(buffer + len, size - len, "%%");
}

/* Text of a number that columns of this format hold; NUMBER_TEXT_MAX or more of room. */
static size_t format_integer(const struct writer_style *style, enum column_format format,
			     int64_t value, char buffer[static PERIOD_TEXT_MAX])
{
	switch (format) {
	case COLUMN_SECONDS:
		return (size_t)snprintf(buffer, PERIOD_TEXT_MAX,
					"%" PRId64 ":%02" PRId64 ":%02" PRId64, value / 3600,
					value / 60 % 60, value % 60);
	case COLUMN_SHORT:
		return (size_t)snprintf(buffer, PERIOD_TEXT_MAX, "%" PRId64 "s", value);
	case COLUMN_BYTES:
		return number_bytes((uint64_t)value, buffer);
	case COLUMN_TIME:
		return civil_format_plain(value, style->zone, buffer);
	case COLUMN_PERIOD:
		return period_format(value, style->by, style->zone, style->with_date, buffer);
	case COLUMN_FLAG:
		return (size_t)snprintf(buffer, PERIOD_TEXT_MAX, "%s", value ? SPIKE : "");
	case COLUMN_SHARE:
		return format_percent((double)value, buffer, PERIOD_TEXT_MAX);
	case COLUMN_PLAIN:
		return (size_t)snprintf(buffer, PERIOD_TEXT_MAX, "%" PRId64, value);
	default:
		return number_grouped(value, buffer);
	}
}

static double number_of(const struct value *value)
{
	if (value->kind == VALUE_INTEGER)
		return (double)value->integer;
	return value->kind == VALUE_REAL ? value->real : 0;
}

static struct view text_of(const struct report_column *column, struct view text)
{
	if (text.len)
		return text;
	if (column->format == COLUMN_ADDRESS)
		return VIEW("<>");
	return column->format == COLUMN_DOMAIN ? VIEW("(none)") : text;
}

static void add_value(struct text_table *text, const struct value *values, int column)
{
	const struct report_column *spec = &text->table->columns[column];
	const struct value *value = &values[column];
	char buffer[PERIOD_TEXT_MAX];
	size_t len = 0;

	if (value->kind == VALUE_INTEGER || value->kind == VALUE_REAL)
		text->numeric[column] = true;
	if (spec->format == COLUMN_PART && number_of(&values[spec->part_of]) > 0)
		len = format_percent(number_of(value) / number_of(&values[spec->part_of]), buffer,
				     sizeof(buffer));
	else if (value->kind == VALUE_INTEGER)
		len = format_integer(text->style, spec->format, value->integer, buffer);
	else if (value->kind == VALUE_REAL && spec->format == COLUMN_SHARE)
		len = format_percent(value->real, buffer, sizeof(buffer));
	else if (value->kind == VALUE_REAL)
		len = (size_t)snprintf(buffer, sizeof(buffer), "%.6g", value->real);
	else if (value->kind == VALUE_TEXT) {
		add_cell(text, text_of(spec, value->text));
		return;
	}
	add_cell(text, view_of(buffer, len));
}

/* Remembers what a picture is drawn from. */
static void add_picture(struct text_table *text, const struct value *values)
{
	if (text->rows == text->row_capacity) {
		text->row_capacity = text->row_capacity ? 2 * text->row_capacity : 64;
		text->times = memory_resize(text->times, text->row_capacity, sizeof(*text->times));
		for (size_t i = 0; i < REPORT_PICTURES_MAX; i++)
			text->pictures[i] = memory_resize(text->pictures[i], text->row_capacity,
							  sizeof(*text->pictures[i]));
	}
	text->times[text->rows] = 0;
	for (size_t i = 0; i < REPORT_PICTURES_MAX; i++)
		text->pictures[i][text->rows] = 0;
	for (int column = 0; column < text->columns; column++) {
		const struct report_column *spec = &text->table->columns[column];

		if (spec->format == COLUMN_PERIOD)
			text->times[text->rows] = values[column].integer;
		for (size_t i = 0; i < REPORT_PICTURES_MAX && text->table->pictures[i]; i++)
			if (strcmp(text->table->pictures[i], spec->name) == 0)
				text->pictures[i][text->rows] = number_of(&values[column]);
	}
}

void text_table_row(struct text_table *text, const struct value *values, int count)
{
	if (text->table->layout == LAYOUT_PICTURE)
		add_picture(text, values);
	for (int i = 0; i < count && i < text->columns; i++)
		add_value(text, values, i);
	text->rows++;
}

static bool is_left(const struct text_table *text, int column)
{
	switch (text->table->columns[column].format) {
	case COLUMN_PLAIN:
		return !text->numeric[column];
	case COLUMN_TEXT:
	case COLUMN_ADDRESS:
	case COLUMN_DOMAIN:
	case COLUMN_CLIENT:
	case COLUMN_TIME:
	case COLUMN_PERIOD:
	case COLUMN_FLAG:
		return true;
	default:
		return false;
	}
}

static bool may_be_cut(const struct report_column *column)
{
	return column->format <= COLUMN_DOMAIN;
}

/* A column without label and values takes no room. */
static unsigned int total_width(const uint32_t *widths, int columns)
{
	unsigned int total = 0;

	for (int i = 0; i < columns; i++)
		total += widths[i] ? widths[i] + 2 : 0;
	return total;
}

/* The widest text gives way first. */
static void narrow(const struct text_table *text, uint32_t *widths)
{
	while (text->style->width && total_width(widths, text->columns) > text->style->width) {
		int widest = -1;

		for (int i = 0; i < text->columns; i++)
			if (may_be_cut(&text->table->columns[i]) && widths[i] > TEXT_COLUMN_MIN &&
			    (widest < 0 || widths[i] > widths[widest]))
				widest = i;
		if (widest < 0)
			return;
		widths[widest]--;
	}
}

/* Column widths, within the style's. Sentences that find no room there get none: returns whether
   they are to stand below their rows. */
static bool measure(const struct text_table *text, uint32_t *widths)
{
	int last = text->columns - 1;
	unsigned int others;

	for (int i = 0; i < text->columns; i++)
		widths[i] = (uint32_t)safe_text_width(view_string(text->table->columns[i].label));
	for (size_t i = 0; i < text->count; i++) {
		uint32_t *width = &widths[i % (size_t)text->columns];

		if (text->cells[i].width > *width)
			*width = text->cells[i].width;
	}
	others = last > 0 ? total_width(widths, last) + 2 : 0;
	if (last > 0 && text->style->width && widths[last] > SENTENCE_MIN &&
	    text->table->columns[last].format == COLUMN_TEXT &&
	    text->style->width < others + SENTENCE_ROOM) {
		widths[last] = 0;
		narrow(text, widths);
		return true;
	}
	narrow(text, widths);
	return false;
}

static void put_blanks(FILE *out, size_t count)
{
	fprintf(out, "%*s", (int)count, "");
}

/*
 * Puts TEXT into a field of WIDTH columns. Blanks to its right are left to who
 * comes next: *gap of them are still to be put, so that no line ends in blanks.
 */
static void put_field(FILE *out, struct view text, uint32_t text_width, bool left, uint32_t width,
		      const char *colour, size_t *gap)
{
	uint32_t shown = text_width < width ? text_width : width;

	if (width == 0)
		return;
	*gap += 2;
	if (text.len == 0) {
		*gap += width;
		return;
	}
	put_blanks(out, *gap + (left ? 0 : width - shown));
	fputs(colour ? colour : "", out);
	shown = (uint32_t)safe_text_cut(out, text, width);
	fputs(colour ? PLAIN : "", out);
	*gap = left ? width - shown : 0;
}

static void put_labels(const struct text_table *text, FILE *out, const uint32_t *widths)
{
	const char *colour = text->style->colour ? BOLD : NULL;
	size_t gap = 0;

	for (int i = 0; i < text->columns; i++) {
		struct view label = view_string(text->table->columns[i].label);

		put_field(out, label, (uint32_t)safe_text_width(label), is_left(text, i), widths[i],
			  colour, &gap);
	}
	fputc('\n', out);
}

/* The picture to draw: the first that is not zero throughout; its highest value. */
static int choose_picture(const struct text_table *text, double *ret_highest)
{
	for (int i = 0; i < REPORT_PICTURES_MAX && text->table->pictures[i]; i++) {
		*ret_highest = 0;
		for (size_t row = 0; row < text->rows; row++)
			if (text->pictures[i][row] > *ret_highest)
				*ret_highest = text->pictures[i][row];
		if (*ret_highest > 0)
			return i;
	}
	return -1;
}

/* What the user says happened in the period that begins at row ROW. */
static void put_marks(const struct text_table *text, FILE *out, size_t row)
{
	const struct writer_style *style = text->style;
	int64_t next = period_next(text->times[row], style->by, style->zone);

	for (size_t i = 0; i < style->mark_count; i++) {
		char day[PERIOD_TEXT_MAX];

		if (style->marks[i].time < text->times[row] || style->marks[i].time >= next)
			continue;
		period_format(style->marks[i].time, BY_DAY, style->zone, true, day);
		fprintf(out, "  ── %s: ", day);
		safe_text(out, view_string(style->marks[i].text));
		fputc('\n', out);
	}
}

/* Returns how many blanks are still to be put before anything behind the row. */
static size_t put_row(const struct text_table *text, FILE *out, const uint32_t *widths, size_t row)
{
	const struct text_cell *cells = &text->cells[row * (size_t)text->columns];
	size_t gap = 0;

	for (int i = 0; i < text->columns; i++) {
		bool red = text->table->columns[i].format == COLUMN_FLAG && text->style->colour;

		put_field(out, view_of(text->bytes + cells[i].offset, cells[i].len), cells[i].width,
			  is_left(text, i), widths[i], red ? RED : NULL, &gap);
	}
	return gap;
}

/* The last cell of a row, in lines of its own. */
static void put_sentence(const struct text_table *text, FILE *out, struct view sentence)
{
	size_t at = 0;

	while (sentence.len > 0) {
		size_t end = view_find_byte(sentence, ' ');
		struct view word = view_to(sentence, end == VIEW_NONE ? sentence.len : end);
		size_t width = safe_text_width(word);

		if (at == 0 || at + 1 + width > text->style->width) {
			fputs(at ? "\n" : "", out);
			put_blanks(out, SENTENCE_INDENT);
			at = SENTENCE_INDENT;
		} else {
			fputc(' ', out);
			at++;
		}
		safe_text(out, word);
		at += width;
		sentence = view_from(sentence, word.len + 1);
	}
	if (at > 0)
		fputc('\n', out);
}

static void put_sentence_of(const struct text_table *text, FILE *out, size_t row)
{
	const struct text_cell *cell = &text->cells[(row + 1) * (size_t)text->columns - 1];

	put_sentence(text, out, view_of(text->bytes + cell->offset, cell->len));
}

static unsigned int bar_cells(const struct text_table *text, const uint32_t *widths)
{
	unsigned int used = total_width(widths, text->columns) + 2;

	if (text->style->width == 0 || used + BAR_CELLS <= text->style->width)
		return BAR_CELLS;
	return text->style->width > used + BAR_CELLS_MIN ? text->style->width - used
							 : BAR_CELLS_MIN;
}

static void put_rows(const struct text_table *text, FILE *out)
{
	uint32_t widths[REPORT_COLUMNS_MAX];
	bool drawn = text->table->layout == LAYOUT_PICTURE;
	double highest = 0;
	int picture = drawn ? choose_picture(text, &highest) : -1;
	bool below = measure(text, widths);

	if (picture >= 0)
		fprintf(out, "  The bars show %s%s.\n", text->table->pictures[picture],
			text->style->log_scale ? ", on a logarithmic scale" : "");
	put_labels(text, out, widths);
	for (size_t row = 0; row < text->rows; row++) {
		size_t gap = put_row(text, out, widths, row);

		if (picture >= 0 && text->pictures[picture][row] > 0) {
			put_blanks(out, gap + 2);
			picture_bar(out, text->pictures[picture][row], highest,
				    bar_cells(text, widths), text->style->log_scale);
		}
		fputc('\n', out);
		if (below)
			put_sentence_of(text, out, row);
		if (drawn)
			put_marks(text, out, row);
	}
}

/* One row as lines of value and label. */
static void put_list(const struct text_table *text, FILE *out)
{
	uint32_t width = 0;

	for (int i = 0; i < text->columns; i++)
		width = text->cells[i].width > width ? text->cells[i].width : width;
	for (int i = 0; i < text->columns; i++) {
		const struct text_cell *cell = &text->cells[i];

		put_blanks(out, 2 + width - cell->width);
		safe_text(out, view_of(text->bytes + cell->offset, cell->len));
		fputs("  ", out);
		safe_text(out, view_string(text->table->columns[i].label));
		fputc('\n', out);
	}
}

static void put_title(const struct text_table *text, FILE *out, uint32_t limit)
{
	const struct report_table *table = text->table;
	size_t width = safe_text_width(view_string(table->title));

	if (text->style->colour)
		fputs(BOLD, out);
	safe_text(out, view_string(table->title));
	if (limit && text->rows == limit)
		width += (size_t)fprintf(out, " (top %" PRIu32 ")", limit);
	fputs(text->style->colour ? PLAIN "\n" : "\n", out);
	for (size_t i = 0; i < width; i++)
		fputc('-', out);
	fputc('\n', out);
}

static void put_about(const char *about, FILE *out)
{
	struct view rest = view_string(about);

	while (rest.len > 0) {
		size_t end = view_find_byte(rest, '\n');
		struct view line = view_to(rest, end == VIEW_NONE ? rest.len : end);

		fputs("  ", out);
		safe_text(out, line);
		fputc('\n', out);
		rest = view_from(rest, line.len + 1);
	}
}

void text_table_end(struct text_table *text, FILE *out, bool titled, uint32_t limit)
{
	if (titled)
		put_title(text, out, limit);
	if (titled && text->rows && text->table->about)
		put_about(text->table->about, out);
	if (text->rows == 0 && titled) {
		fputs("  ", out);
		safe_text(out, view_string(text->table->empty ? text->table->empty : "none"));
		fputc('\n', out);
	} else if (text->table->layout == LAYOUT_LIST && text->rows == 1) {
		put_list(text, out);
	} else {
		put_rows(text, out);
	}
	text_table_free(text);
}
