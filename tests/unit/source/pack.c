#include "pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <bzlib.h>
#include <cmocka.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

const char *const pack_names[PACK_COUNT] = {"plain", "gzip", "zstd", "xz", "bzip2"};

static size_t pack_gzip(const void *bytes, size_t len, void *out, size_t size)
{
	z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes,
			   .avail_in = (uInt)len,
			   .next_out = out,
			   .avail_out = (uInt)size};

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, 0), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return stream.total_out;
}

/* With a checksum, as the command makes them. */
static size_t pack_zstd(const void *bytes, size_t len, void *out, size_t size)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t taken;

	assert_non_null(context);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	taken = ZSTD_compress2(context, out, size, bytes, len);
	assert_false(ZSTD_isError(taken));
	ZSTD_freeCCtx(context);
	return taken;
}

static size_t pack_xz(const void *bytes, size_t len, void *out, size_t size)
{
	size_t taken = 0;

	assert_int_equal(
		lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, bytes, len, out, &taken, size),
		LZMA_OK);
	return taken;
}

static size_t pack_bzip2(const void *bytes, size_t len, void *out, size_t size)
{
	unsigned int taken = (unsigned int)size;

	assert_int_equal(BZ2_bzBuffToBuffCompress(out, &taken, (char *)(uintptr_t)bytes,
						  (unsigned int)len, 1, 0, 0),
			 BZ_OK);
	return taken;
}

size_t pack_bytes(enum pack kind, const void *bytes, size_t len, void *out, size_t size)
{
	switch (kind) {
	case PACK_GZIP:
		return pack_gzip(bytes, len, out, size);
	case PACK_ZSTD:
		return pack_zstd(bytes, len, out, size);
	case PACK_XZ:
		return pack_xz(bytes, len, out, size);
	case PACK_BZIP2:
		return pack_bzip2(bytes, len, out, size);
	default:
		assert_true(len <= size);
		memcpy(out, bytes, len);
		return len;
	}
}
