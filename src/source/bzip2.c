/* bzip2. */
#include <bzlib.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "source/codec.h"

/* "BZh", the level, then a block's mark or, of an empty file, the end's. */
static bool bzip2_recognise(struct view head)
{
	static const struct view marks[] = {VIEW("\x31\x41\x59\x26\x53\x59"),
					    VIEW("\x17\x72\x45\x38\x50\x90")};

	if (!view_starts(head, VIEW("BZh")) || head.len < 10 || head.ptr[3] < '1' ||
	    head.ptr[3] > '9')
		return false;
	return view_starts(view_from(head, 4), marks[0]) ||
	       view_starts(view_from(head, 4), marks[1]);
}

static void *bzip2_new(void)
{
	bz_stream *stream = calloc(1, sizeof(*stream));

	if (stream && BZ2_bzDecompressInit(stream, 0, 0) != BZ_OK) {
		free(stream);
		return NULL;
	}
	return stream;
}

static void bzip2_free(void *state)
{
	BZ2_bzDecompressEnd(state);
	free(state);
}

static int bzip2_restart(void *state)
{
	BZ2_bzDecompressEnd(state);
	*(bz_stream *)state = (bz_stream){0};
	return BZ2_bzDecompressInit(state, 0, 0) == BZ_OK ? 0 : -ENOMEM;
}

static int bzip2_step(void *state, struct codec_io *io)
{
	bz_stream *stream = state;
	unsigned int in_len = io->in_len < UINT_MAX ? (unsigned int)io->in_len : UINT_MAX;
	unsigned int out_len = io->out_len < UINT_MAX ? (unsigned int)io->out_len : UINT_MAX;
	int result;

	/* The library does not write through next_in, but lacks the const. */
	stream->next_in = (char *)(uintptr_t)io->in;
	stream->avail_in = in_len;
	stream->next_out = (char *)io->out;
	stream->avail_out = out_len;
	result = BZ2_bzDecompress(stream);
	io->in += in_len - stream->avail_in;
	io->in_len -= in_len - stream->avail_in;
	io->out += out_len - stream->avail_out;
	io->out_len -= out_len - stream->avail_out;
	switch (result) {
	case BZ_STREAM_END:
		return 1;
	case BZ_OK:
		return 0;
	case BZ_MEM_ERROR:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

const struct codec codec_bzip2 = {
	.name = "bzip2",
	.recognise = bzip2_recognise,
	.new = bzip2_new,
	.free = bzip2_free,
	.restart = bzip2_restart,
	.step = bzip2_step,
};
