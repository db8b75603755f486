/*
 * Columns: rows of a struct as packed bytes, and back.
 *
 * A row is a struct of unsigned numbers, 1, 2 or 4 bytes wide, told by a table
 * of struct column. Packed, each column stands for itself: its numbers are
 * coded as differences where that makes them small, cut into planes of their
 * first, second … bytes, and each plane is kept as one byte if it is all the
 * same, else as a zstd frame. So constant bytes cost nothing, and columns that
 * nobody asks for are skipped without a look.
 */
#ifndef MXWATCH_STORE_COLUMNS_H
#define MXWATCH_STORE_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

#define COLUMNS_ROWS_MAX 65536 /* rows packed at once */
#define COLUMNS_ALL UINT32_MAX

/* How a column's numbers behave; chosen for the type, refined by the data. */
enum column_nature {
	NATURE_PLAIN,  /* small, or the same again and again */
	NATURE_STEPS,  /* near the row before: times, running numbers */
	NATURE_BEFORE, /* not after another column of the same row: a start before its end */
	NATURE_CLIENT, /* id of a client: often the newest one so far */
	NATURE_STRING  /* id of a string: the same */
};

struct column {
	uint16_t offset; /* in the struct */
	uint8_t width;	 /* 1, 2 or 4 bytes */
	uint8_t nature;	 /* enum column_nature */
	uint8_t base;	 /* NATURE_BEFORE: the number of the other column, a smaller one */
};

struct column_table {
	const struct column *columns;
	uint32_t count;
	uint32_t row_size;
};

#define COLUMN(type, member, kind)                                                \
	{                                                                         \
		offsetof(type, member), sizeof(((type *)NULL)->member), (kind), 0 \
	}
#define COLUMN_BEFORE(type, member, other)                                                     \
	{                                                                                      \
		offsetof(type, member), sizeof(((type *)NULL)->member), NATURE_BEFORE, (other) \
	}

/* Room and contexts for packing, for use again and again. */
struct packer;

struct packer *packer_new(void);
void packer_free(struct packer *packer);
/* What ids unpacked must keep below or equal: the last client, the strings' end. Until
   called, ids are not looked at. */
void packer_limit(struct packer *packer, uint32_t client_last, uint32_t string_last);

/* Packs COUNT rows (1 … COLUMNS_ROWS_MAX). *ret_bytes is freed by the caller. */
void columns_pack(struct packer *packer, const struct column_table *table, const void *rows,
		  size_t count, char **ret_bytes, size_t *ret_len);
/* Unpacks the columns whose bit is set in MASK (1 << number) of COUNT rows into ROWS; the
   rest of ROWS is not touched. Returns 0, or -EBADMSG if PACKED is not that. */
must_check int columns_unpack(struct packer *packer, const struct column_table *table,
			      struct view packed, size_t count, uint32_t mask, void *rows);

/* Packs and unpacks plain bytes. pack_bytes: *ret_bytes is freed by the caller.
   unpack_bytes: LEN is the exact length before packing; 0 or -EBADMSG. */
void pack_bytes(struct packer *packer, struct view bytes, int level, char **ret_bytes,
		size_t *ret_len);
must_check int unpack_bytes(struct packer *packer, struct view packed, char *ret_bytes, size_t len);

#endif
