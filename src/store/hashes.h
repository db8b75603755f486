/*
 * Sorted numbers in few bits: the lines of an hour, each as the second within
 * it and a 32-bit hash, sorted and coded by their differences (Golomb-Rice).
 * Ten thousand lines an hour take about 4 bytes each.
 */
#ifndef MXWATCH_STORE_HASHES_H
#define MXWATCH_STORE_HASHES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

#define HASHES_BITS 44 /* numbers are below 1 << 44: 12 bits of second, 32 of hash */

/* Sorts KEYS upward; SPARE has room for as many. */
void hashes_sort(uint64_t *keys, uint64_t *spare, size_t count);
/* Packs sorted KEYS. *ret_bytes is freed by the caller. */
void hashes_pack(const uint64_t *keys, size_t count, char **ret_bytes, size_t *ret_len);
/* Unpacks COUNT keys. Returns 0, or -EBADMSG if PACKED is not that many. */
must_check int hashes_unpack(struct view packed, size_t count, uint64_t *ret_keys);

#endif
