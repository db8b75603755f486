/* gzip (RFC 1952) by ISA-L, about twice as fast as zlib. */
#include <errno.h>
#include <isa-l/igzip_lib.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "source/codec.h"
#include "source/gzip.h"

struct gzip {
	struct inflate_state inflate;
	bool damaged;
};

static int gzip_restart(void *state)
{
	struct gzip *gzip = state;

	isal_inflate_init(&gzip->inflate);
	gzip->inflate.crc_flag = ISAL_GZIP;
	gzip->damaged = false;
	return 0;
}

static void *gzip_new(void)
{
	/* Zeroed: a false distance may reach before what was written. */
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (gzip)
		gzip_restart(gzip);
	return gzip;
}

/* The library stops at once at damage, with good bytes still in its buffer. */
static int gzip_step_damaged(struct inflate_state *inflate, struct codec_io *io)
{
	size_t left = inflate->tmp_out_valid > inflate->tmp_out_processed
			      ? (size_t)(inflate->tmp_out_valid - inflate->tmp_out_processed)
			      : 0;

	left = left < io->out_len ? left : io->out_len;
	if (left == 0)
		return -EBADMSG;
	memcpy(io->out, inflate->tmp_out_buffer + inflate->tmp_out_processed, left);
	inflate->tmp_out_processed += (int32_t)left;
	io->out += left;
	io->out_len -= left;
	return 0;
}

static int gzip_step(void *state, struct codec_io *io)
{
	struct gzip *gzip = state;
	struct inflate_state *inflate = &gzip->inflate;
	uint32_t in_len = io->in_len < UINT32_MAX ? (uint32_t)io->in_len : UINT32_MAX;
	uint32_t out_len = io->out_len < UINT32_MAX ? (uint32_t)io->out_len : UINT32_MAX;
	int result;

	if (gzip->damaged)
		return gzip_step_damaged(inflate, io);
	/* The library does not write through next_in, but lacks the const. */
	inflate->next_in = (uint8_t *)(uintptr_t)io->in;
	inflate->avail_in = in_len;
	inflate->next_out = io->out;
	inflate->avail_out = out_len;
	result = isal_inflate(inflate);
	io->in += in_len - inflate->avail_in;
	io->in_len -= in_len - inflate->avail_in;
	io->out += out_len - inflate->avail_out;
	io->out_len -= out_len - inflate->avail_out;
	gzip->damaged = result < 0 || result == ISAL_NEED_DICT;
	if (gzip->damaged)
		return 0;
	return inflate->block_state == ISAL_BLOCK_FINISH;
}

const struct codec codec_gzip = {
	.name = "gzip",
	.recognise = gzip_recognise,
	.new = gzip_new,
	.free = free,
	.restart = gzip_restart,
	.step = gzip_step,
};
