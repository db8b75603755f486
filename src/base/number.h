/* Numbers as people read them. Each writes NUL-terminated text into BUFFER and
   returns its length. */
#ifndef MXWATCH_BASE_NUMBER_H
#define MXWATCH_BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

#define NUMBER_TEXT_MAX 40

/* 18290 as "18,290". */
size_t number_grouped(int64_t value, char buffer[static NUMBER_TEXT_MAX]);
/* Bytes as "346,944 B", "1.4 MB", "2.65 GB" (powers of 1000). */
size_t number_bytes(uint64_t bytes, char buffer[static NUMBER_TEXT_MAX]);
/* Seconds as "20:40:05" (hours may exceed 24). */
size_t number_hms(int64_t seconds, char buffer[static NUMBER_TEXT_MAX]);

/* Reads sizes as users write them: "100M", "64k", "2GiB", "4096"; k, M, G, T and
   KiB, MiB … count by 1024, kB, MB … by 1000, as in GNU coreutils.
   Returns 0, or -EINVAL with *err filled. */
must_check int number_parse_size(struct view text, uint64_t *ret_bytes, struct err *err);

#endif
