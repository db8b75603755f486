/* xz: the .xz file format, 1.1.0. */
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

#include "source/codec.h"

static bool xz_recognise(struct view head)
{
	return view_starts(head, VIEW("\xfd"
				      "7zXZ\0"));
}

/* Initialising a stream again reuses its memory (lzma/base.h). */
static int xz_restart(void *state)
{
	return lzma_stream_decoder(state, CODEC_MEMORY_BYTES, 0) == LZMA_OK ? 0 : -ENOMEM;
}

static void xz_free(void *state)
{
	lzma_end(state);
	free(state);
}

static void *xz_new(void)
{
	lzma_stream *stream = malloc(sizeof(*stream));

	if (!stream)
		return NULL;
	*stream = (lzma_stream)LZMA_STREAM_INIT;
	if (xz_restart(stream) < 0) {
		xz_free(stream);
		return NULL;
	}
	return stream;
}

static int xz_step(void *state, struct codec_io *io)
{
	lzma_stream *stream = state;
	lzma_ret result;

	stream->next_in = io->in;
	stream->avail_in = io->in_len;
	stream->next_out = io->out;
	stream->avail_out = io->out_len;
	result = lzma_code(stream, LZMA_RUN);
	io->in = stream->next_in;
	io->in_len = stream->avail_in;
	io->out = stream->next_out;
	io->out_len = stream->avail_out;
	switch (result) {
	case LZMA_STREAM_END:
		return 1;
	case LZMA_OK:
	case LZMA_BUF_ERROR: /* nothing to do with what there is */
		return 0;
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	case LZMA_MEMLIMIT_ERROR:
		return -EFBIG;
	default:
		return -EBADMSG;
	}
}

const struct codec codec_xz = {
	.name = "xz",
	.recognise = xz_recognise,
	.new = xz_new,
	.free = xz_free,
	.restart = xz_restart,
	.step = xz_step,
};
