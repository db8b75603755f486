/* The packed forms in a store: whatever the bytes, unpacking ends, stays within
   its room, and what it takes it gives back the same. */
#include <stdlib.h>

#include "base/memory.h"
#include "store/hashes.h"
#include "store/internal.h"

#define ROWS 300 /* the most that are asked for */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was unpacked wholly must survive being packed and unpacked again. */
static void pack_again(struct packer *packer, const struct column_table *table, const char *rows,
		       size_t count)
{
	_cleanup_free_ char *again = memory_get_zeroed(count, table->row_size);
	_cleanup_free_ char *packed = NULL;
	size_t len;

	columns_pack(packer, table, rows, count, &packed, &len);
	if (columns_unpack(packer, table, view_of(packed, len), count, COLUMNS_ALL, again) < 0 ||
	    memcmp(rows, again, count * table->row_size) != 0)
		abort();
}

static void unpack_columns(struct view packed, enum part part, size_t count, uint32_t mask)
{
	const struct column_table *table = &fact_part(part)->table;
	_cleanup_free_ char *rows = memory_get_zeroed(ROWS, table->row_size);
	struct packer *packer = packer_new();

	if (columns_unpack(packer, table, packed, count, mask, rows) == 0 && mask == COLUMNS_ALL)
		pack_again(packer, table, rows, count);
	packer_free(packer);
}

static void unpack_hashes(struct view packed, size_t count)
{
	_cleanup_free_ uint64_t *keys = memory_get(ROWS * sizeof(*keys));
	_cleanup_free_ uint64_t *again = memory_get(ROWS * sizeof(*again));
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	if (hashes_unpack(packed, count, keys) < 0)
		return;
	hashes_pack(keys, count, &bytes, &len);
	if (hashes_unpack(view_of(bytes, len), count, again) < 0 ||
	    memcmp(keys, again, count * sizeof(*keys)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view packed;
	size_t count;

	if (size < 3)
		return 0;
	packed = view_of((const char *)data + 3, size - 3);
	count = ((size_t)data[1] | (size_t)data[2] << 8) % ROWS;
	if (data[0] % 8 < PART_MAX)
		unpack_columns(packed, data[0] % 8, count, data[0] & 8 ? COLUMNS_ALL : data[0]);
	else
		unpack_hashes(packed, count);
	return 0;
}
