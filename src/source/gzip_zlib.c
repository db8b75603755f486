/* gzip (RFC 1952) by zlib, where ISA-L is not at hand. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#include "source/codec.h"
#include "source/gzip.h"

#define GZIP_ONLY (16 + MAX_WBITS) /* zlib.h, inflateInit2: no zlib or raw streams */

static void *gzip_new(void)
{
	z_stream *stream = calloc(1, sizeof(*stream));

	if (stream && inflateInit2(stream, GZIP_ONLY) != Z_OK) {
		free(stream);
		return NULL;
	}
	return stream;
}

static void gzip_free(void *state)
{
	inflateEnd(state);
	free(state);
}

static int gzip_restart(void *state)
{
	return inflateReset(state) == Z_OK ? 0 : -ENOMEM;
}

static int gzip_step(void *state, struct codec_io *io)
{
	z_stream *stream = state;
	unsigned int in_len = io->in_len < UINT_MAX ? (unsigned int)io->in_len : UINT_MAX;
	unsigned int out_len = io->out_len < UINT_MAX ? (unsigned int)io->out_len : UINT_MAX;
	int result;

	/* The library does not write through next_in, but lacks the const. */
	stream->next_in = (Bytef *)(uintptr_t)io->in;
	stream->avail_in = in_len;
	stream->next_out = io->out;
	stream->avail_out = out_len;
	result = inflate(stream, Z_NO_FLUSH);
	io->in += in_len - stream->avail_in;
	io->in_len -= in_len - stream->avail_in;
	io->out += out_len - stream->avail_out;
	io->out_len -= out_len - stream->avail_out;
	switch (result) {
	case Z_STREAM_END:
		return 1;
	case Z_OK:
	case Z_BUF_ERROR: /* nothing to do with what there is */
		return 0;
	case Z_MEM_ERROR:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

const struct codec codec_gzip = {
	.name = "gzip",
	.recognise = gzip_recognise,
	.new = gzip_new,
	.free = gzip_free,
	.restart = gzip_restart,
	.step = gzip_step,
};
