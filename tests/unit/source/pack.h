/* Makes archives for the tests: one member of each kind of compression. */
#ifndef MXWATCH_TEST_PACK_H
#define MXWATCH_TEST_PACK_H

#include <stddef.h>

enum pack { PACK_PLAIN, PACK_GZIP, PACK_ZSTD, PACK_XZ, PACK_BZIP2, PACK_COUNT };

extern const char *const pack_names[PACK_COUNT];

/* Packs LEN bytes into OUT of SIZE bytes, which must be enough; returns how
   many it takes. */
size_t pack_bytes(enum pack kind, const void *bytes, size_t len, void *out, size_t size);

#endif
