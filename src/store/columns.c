/*
 * Packed form of a column: one byte of coding, the first row's number in 4
 * bytes where differences begin with it, then its planes, lowest first, as many
 * as the column is wide. A plane is
 *
 *   PLANE_SAME, the byte
 *   PLANE_RAW, one byte a row
 *   PLANE_ZSTD, length in 4 bytes, lowest first, a zstd frame
 *
 * Codings make small numbers of big ones; differences wrap and have their sign
 * in the lowest bit. Everything is checked against the bytes at hand: packed
 * forms come from files.
 */
#include "store/columns.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/memory.h"

#define LEVEL 1
/* Loops run over whole steps, so that compilers make vectors of them. */
#define STEP 64

enum coding {
	CODING_PLAIN,
	CODING_STEPS,  /* difference to the row before */
	CODING_BEFORE, /* the other column minus this one */
	CODING_NEWEST  /* difference to the greatest so far */
};

enum plane { PLANE_SAME, PLANE_RAW, PLANE_ZSTD };

struct packer {
	ZSTD_CCtx *compressor;
	ZSTD_DCtx *decompressor;
	uint32_t client_last, string_last;
	uint32_t values[COLUMNS_ROWS_MAX];
	unsigned char plane[COLUMNS_ROWS_MAX];
};

struct packer *packer_new(void)
{
	struct packer *packer = memory_get(sizeof(*packer));

	packer->compressor = ZSTD_createCCtx();
	packer->decompressor = ZSTD_createDCtx();
	if (!packer->compressor || !packer->decompressor)
		abort();
	packer->client_last = packer->string_last = UINT32_MAX;
	return packer;
}

void packer_free(struct packer *packer)
{
	if (!packer)
		return;
	ZSTD_freeCCtx(packer->compressor);
	ZSTD_freeDCtx(packer->decompressor);
	free(packer);
}

void packer_limit(struct packer *packer, uint32_t client_last, uint32_t string_last)
{
	packer->client_last = client_last;
	packer->string_last = string_last;
}

static size_t steps(size_t count)
{
	return (count + STEP - 1) / STEP * STEP;
}

/* A signed difference as an unsigned number that is small when it is near zero. */
static inline uint32_t fold(uint32_t difference)
{
	return difference << 1 ^ (0u - (difference >> 31));
}

static inline uint32_t unfold(uint32_t folded)
{
	return folded >> 1 ^ (0u - (folded & 1));
}

static void gather(const struct column *column, uint32_t row_size, const char *row, size_t count,
		   uint32_t *values)
{
	row += column->offset;
	for (size_t i = 0; i < count; i++, row += row_size) {
		uint16_t half;

		if (column->width == 4) {
			memcpy(&values[i], row, sizeof(values[i]));
		} else if (column->width == 2) {
			memcpy(&half, row, sizeof(half));
			values[i] = half;
		} else {
			values[i] = (unsigned char)*row;
		}
	}
}

static void scatter(const struct column *column, uint32_t row_size, const uint32_t *values,
		    size_t count, char *row)
{
	row += column->offset;
	if (column->width == 4) {
		for (size_t i = 0; i < count; i++, row += row_size)
			memcpy(row, &values[i], sizeof(values[i]));
		return;
	}
	for (size_t i = 0; i < count; i++, row += row_size) {
		uint16_t half = (uint16_t)values[i];

		if (column->width == 2)
			memcpy(row, &half, sizeof(half));
		else
			*row = (char)values[i];
	}
}

/* Ids of what is new follow each other closely, those of the well-known lie
   anywhere: whether most are near the newest decides. */
static enum coding coding_of_ids(const uint32_t *values, size_t count)
{
	uint32_t newest = values[0];
	size_t near = 0;

	for (size_t i = 1; i < count; i++) {
		near += fold(values[i] - newest) < 4096;
		newest = values[i] > newest ? values[i] : newest;
	}
	return near * 2 > count ? CODING_NEWEST : CODING_PLAIN;
}

static enum coding coding_of(const struct column *column, const uint32_t *values, size_t count)
{
	switch ((enum column_nature)column->nature) {
	case NATURE_STEPS:
		return CODING_STEPS;
	case NATURE_BEFORE:
		return CODING_BEFORE;
	case NATURE_CLIENT:
	case NATURE_STRING:
		return coding_of_ids(values, count);
	case NATURE_PLAIN:
		break;
	}
	return CODING_PLAIN;
}

/* The value of a row's 4-byte column. */
static inline uint32_t wide(const char *rows, uint32_t row_size, const struct column *column,
			    size_t row)
{
	uint32_t value;

	memcpy(&value, rows + row * row_size + column->offset, sizeof(value));
	return value;
}

static void encode(enum coding coding, const struct column_table *table,
		   const struct column *column, const char *rows, uint32_t *values, size_t count)
{
	uint32_t before = values[0];

	for (size_t i = 0; i < count; i++) {
		uint32_t value = values[i];

		switch (coding) {
		case CODING_PLAIN:
			return;
		case CODING_STEPS:
			values[i] = fold(value - before);
			before = value;
			break;
		case CODING_BEFORE:
			values[i] = wide(rows, table->row_size, &table->columns[column->base], i) -
				    value;
			break;
		case CODING_NEWEST:
			values[i] = fold(value - before);
			before = value > before ? value : before;
			break;
		}
	}
}

static void decode(enum coding coding, uint32_t before, const struct column_table *table,
		   const struct column *column, const char *rows, uint32_t *values, size_t count)
{
	if (coding == CODING_STEPS) {
		for (size_t i = 0; i < count; i++)
			values[i] = before += unfold(values[i]);
	} else if (coding == CODING_BEFORE) {
		for (size_t i = 0; i < count; i++)
			values[i] = wide(rows, table->row_size, &table->columns[column->base], i) -
				    values[i];
	} else if (coding == CODING_NEWEST) {
		for (size_t i = 0; i < count; i++) {
			values[i] = before + unfold(values[i]);
			before = values[i] > before ? values[i] : before;
		}
	}
}

static bool has_first(enum coding coding)
{
	return coding == CODING_STEPS || coding == CODING_NEWEST;
}

static char *put_number(char *to, size_t number)
{
	for (int i = 0; i < 4; i++)
		*to++ = (char)(number >> 8 * i);
	return to;
}

static uint32_t get_number(const char *from)
{
	const unsigned char *at = (const unsigned char *)from;

	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* Takes one plane out of the values and packs it behind TO; returns its end. */
static char *plane_pack(struct packer *packer, size_t count, int shift, char *to)
{
	unsigned char *plane = packer->plane;
	unsigned char differs = 0;
	size_t len;

	for (size_t i = 0; i < count; i++)
		plane[i] = (unsigned char)(packer->values[i] >> shift);
	for (size_t i = 0; i < count; i++)
		differs |= plane[i] ^ plane[0];
	if (!differs) {
		*to++ = PLANE_SAME;
		*to++ = (char)plane[0];
		return to;
	}
	len = ZSTD_compressCCtx(packer->compressor, to + 5, ZSTD_compressBound(count), plane, count,
				LEVEL);
	if (ZSTD_isError(len) || len + 4 > count - count / 32) {
		*to++ = PLANE_RAW;
		memcpy(to, plane, count);
		return to + count;
	}
	*to++ = PLANE_ZSTD;
	return put_number(to, len) + len;
}

void columns_pack(struct packer *packer, const struct column_table *table, const void *rows,
		  size_t count, char **ret_bytes, size_t *ret_len)
{
	size_t plane_max = 5 + ZSTD_compressBound(count);
	char *bytes, *to;

	assert(count > 0 && count <= COLUMNS_ROWS_MAX);
	bytes = to = memory_get(table->count * (5 + 4 * plane_max));
	for (uint32_t c = 0; c < table->count; c++) {
		const struct column *column = &table->columns[c];
		enum coding coding;

		gather(column, table->row_size, rows, count, packer->values);
		coding = coding_of(column, packer->values, count);
		/* Differences of narrow numbers need all of the four planes. */
		assert(coding == CODING_PLAIN || column->width == 4);
		*to++ = (char)coding;
		if (has_first(coding))
			to = put_number(to, packer->values[0]);
		encode(coding, table, column, rows, packer->values, count);
		for (int plane = 0; plane < column->width; plane++)
			to = plane_pack(packer, count, 8 * plane, to);
	}
	*ret_len = (size_t)(to - bytes);
	*ret_bytes = memory_resize(bytes, *ret_len, 1);
}

/* What one plane is, cut off the front of *packed. */
struct plane_form {
	enum plane form;
	unsigned char same;
	struct view bytes;
};

static bool plane_cut(struct view *packed, size_t count, struct plane_form *ret)
{
	const unsigned char *at = (const unsigned char *)packed->ptr;
	size_t len, head;

	if (packed->len < 2)
		return false;
	ret->form = at[0];
	ret->same = 0;
	if (at[0] == PLANE_SAME) {
		ret->same = at[1];
		*packed = view_from(*packed, 2);
		return true;
	}
	if (at[0] == PLANE_RAW) {
		head = 1;
		len = count;
	} else if (at[0] == PLANE_ZSTD && packed->len >= 5) {
		head = 5;
		len = get_number(packed->ptr + 1);
	} else {
		return false;
	}
	if (packed->len - head < len)
		return false;
	ret->bytes = view_of(packed->ptr + head, len);
	*packed = view_from(*packed, head + len);
	return true;
}

static void values_fill(uint32_t *values, size_t count, uint32_t value)
{
	for (size_t i = 0; i < steps(count); i++)
		values[i] = value;
}

static void values_join(uint32_t *restrict values, const unsigned char *restrict plane,
			size_t count, int shift)
{
	for (size_t i = 0; i < count; i += STEP)
		for (size_t j = 0; j < STEP; j++)
			values[i + j] |= (uint32_t)plane[i + j] << shift;
}

static int column_values(struct packer *packer, const struct plane_form *planes, int width,
			 size_t count)
{
	uint32_t same = 0;

	for (int i = 0; i < width; i++)
		same |= (uint32_t)planes[i].same << 8 * i;
	values_fill(packer->values, count, same);
	for (int i = 0; i < width; i++) {
		struct view bytes = planes[i].bytes;

		if (planes[i].form == PLANE_SAME)
			continue;
		if (planes[i].form == PLANE_RAW)
			memcpy(packer->plane, bytes.ptr, count);
		else if (unpack_bytes(packer, bytes, (char *)packer->plane, count) < 0)
			return -EBADMSG;
		values_join(packer->values, packer->plane, count, 8 * i);
	}
	return 0;
}

/* Whether the ids are ones that exist. */
static bool values_within(const struct packer *packer, const struct column *column, size_t count)
{
	uint32_t last = column->nature == NATURE_CLIENT	  ? packer->client_last
			: column->nature == NATURE_STRING ? packer->string_last
							  : UINT32_MAX;
	uint32_t most = 0;

	if (last == UINT32_MAX)
		return true;
	for (size_t i = 0; i < count; i++)
		most = packer->values[i] > most ? packer->values[i] : most;
	return most <= last;
}

/* A column that is coded by another needs that one too. */
static uint32_t mask_closed(const struct column_table *table, uint32_t mask)
{
	for (uint32_t c = 0; c < table->count; c++)
		if (table->columns[c].nature == NATURE_BEFORE && mask & 1u << c)
			mask |= 1u << table->columns[c].base;
	return mask;
}

/* A column's head and planes, cut off the front of *packed. */
struct column_form {
	enum coding coding;
	uint32_t first;
	struct plane_form planes[4];
};

static bool column_cut(struct view *packed, const struct column *column, size_t count,
		       struct column_form *ret)
{
	*ret = (struct column_form){0};
	if (packed->len == 0)
		return false;
	ret->coding = (unsigned char)*packed->ptr;
	*packed = view_from(*packed, 1);
	if (ret->coding > CODING_NEWEST ||
	    (ret->coding == CODING_BEFORE) != (column->nature == NATURE_BEFORE) ||
	    (ret->coding != CODING_PLAIN && column->width != 4))
		return false;
	if (has_first(ret->coding)) {
		if (packed->len < 4)
			return false;
		ret->first = get_number(packed->ptr);
		*packed = view_from(*packed, 4);
	}
	for (int i = 0; i < column->width; i++)
		if (!plane_cut(packed, count, &ret->planes[i]))
			return false;
	return true;
}

int columns_unpack(struct packer *packer, const struct column_table *table, struct view packed,
		   size_t count, uint32_t mask, void *rows)
{
	if (count == 0 || count > COLUMNS_ROWS_MAX)
		return -EBADMSG;
	mask = mask_closed(table, mask);
	for (uint32_t c = 0; c < table->count; c++) {
		const struct column *column = &table->columns[c];
		struct column_form form;

		if (!column_cut(&packed, column, count, &form))
			return -EBADMSG;
		if (!(mask & 1u << c))
			continue;
		if (column_values(packer, form.planes, column->width, count) < 0)
			return -EBADMSG;
		decode(form.coding, form.first, table, column, rows, packer->values, count);
		if (!values_within(packer, column, count))
			return -EBADMSG;
		scatter(column, table->row_size, packer->values, count, rows);
	}
	return packed.len == 0 ? 0 : -EBADMSG;
}

void pack_bytes(struct packer *packer, struct view bytes, int level, char **ret_bytes,
		size_t *ret_len)
{
	size_t room = ZSTD_compressBound(bytes.len);
	char *packed = memory_get(room);
	size_t len =
		ZSTD_compressCCtx(packer->compressor, packed, room, bytes.ptr, bytes.len, level);

	/* It cannot fail with that much room. */
	assert(!ZSTD_isError(len));
	*ret_bytes = memory_resize(packed, len, 1);
	*ret_len = len;
}

int unpack_bytes(struct packer *packer, struct view packed, char *ret_bytes, size_t len)
{
	size_t got =
		ZSTD_decompressDCtx(packer->decompressor, ret_bytes, len, packed.ptr, packed.len);

	return ZSTD_isError(got) || got != len ? -EBADMSG : 0;
}
