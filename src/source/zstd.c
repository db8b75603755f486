/* Zstandard (RFC 8878): frames, skippable ones among them. */
#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "source/codec.h"

/* Of a frame and of a skippable frame, whose first byte is 0x50 to 0x5f. */
static bool zstd_recognise(struct view head)
{
	return view_starts(head, VIEW("\x28\xb5\x2f\xfd")) ||
	       (head.len >= 4 && (head.ptr[0] & 0xf0) == 0x50 &&
		memcmp(head.ptr + 1, "\x2a\x4d\x18", 3) == 0);
}

/*
 * Where the library fails, it does not tell how far it had come in that call.
 * So that all before the damage is given, a call gets one block's input at most,
 * and none while output of the last call may be waiting. What the library asks
 * for is the block and, ahead, the next one's header.
 */
#define ZSTD_BLOCK_HEADER_BYTES ((size_t)3)

struct zstd {
	ZSTD_DStream *stream;
	size_t wanted; /* input for the next call */
	bool waiting;  /* output, for more room */
};

static int zstd_restart(void *state)
{
	struct zstd *zstd = state;

	zstd->wanted = ZSTD_initDStream(zstd->stream);
	zstd->waiting = false;
	return ZSTD_isError(zstd->wanted) ? -ENOMEM : 0;
}

static void zstd_free(void *state)
{
	struct zstd *zstd = state;

	ZSTD_freeDStream(zstd->stream);
	free(zstd);
}

static void *zstd_new(void)
{
	struct zstd *zstd = calloc(1, sizeof(*zstd));

	if (!zstd)
		return NULL;
	zstd->stream = ZSTD_createDStream();
	if (!zstd->stream || zstd_restart(zstd) < 0) {
		zstd_free(zstd);
		return NULL;
	}
	return zstd;
}

static int zstd_step(void *state, struct codec_io *io)
{
	struct zstd *zstd = state;
	size_t ahead = zstd->wanted > ZSTD_BLOCK_HEADER_BYTES ? ZSTD_BLOCK_HEADER_BYTES : 0;
	size_t wanted = zstd->waiting ? 0 : zstd->wanted - ahead;
	ZSTD_inBuffer in = {io->in, io->in_len < wanted ? io->in_len : wanted, 0};
	ZSTD_outBuffer out = {io->out, io->out_len, 0};
	size_t result = ZSTD_decompressStream(zstd->stream, &out, &in);

	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	zstd->wanted = result;
	zstd->waiting = io->out_len == 0;
	if (!ZSTD_isError(result))
		return result == 0;
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return -EFBIG;
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

const struct codec codec_zstd = {
	.name = "zstd",
	.recognise = zstd_recognise,
	.new = zstd_new,
	.free = zstd_free,
	.restart = zstd_restart,
	.step = zstd_step,
};
