/* Zstandard (RFC 8878): frames, skippable ones among them. */
#include <errno.h>
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

static void *zstd_new(void)
{
	return ZSTD_createDStream();
}

static void zstd_free(void *state)
{
	ZSTD_freeDStream(state);
}

static int zstd_restart(void *state)
{
	return ZSTD_isError(ZSTD_initDStream(state)) ? -ENOMEM : 0;
}

static int zstd_step(void *state, struct codec_io *io)
{
	ZSTD_inBuffer in = {io->in, io->in_len, 0};
	ZSTD_outBuffer out = {io->out, io->out_len, 0};
	size_t result = ZSTD_decompressStream(state, &out, &in);

	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
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
