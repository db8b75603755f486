/*
 * A codec undoes one kind of compression, one member (stream, frame) at a
 * time; source/archive.h strings members together. One file a codec, listed in
 * codec.c.
 */
#ifndef MXWATCH_SOURCE_CODEC_H
#define MXWATCH_SOURCE_CODEC_H

#include "base/err.h"
#include "base/view.h"

/* What a step reads and writes: both ends move on as it does. */
struct codec_io {
	const unsigned char *in;
	size_t in_len;
	unsigned char *out;
	size_t out_len;
};

#define CODEC_MAGIC_MAX 10 /* bytes that every codec can be recognised by */

struct codec {
	const char *name; /* of the tool and the format: "gzip" */
	/* Whether HEAD, a member's first CODEC_MAGIC_MAX bytes or all there are,
	   is of this kind. */
	bool (*recognise)(struct view head);
	/* Ready for a first member; NULL if there is no memory for it. */
	void *(*new)(void);
	void (*free)(void *state);
	/* Ready for the next member. Returns 0 or -ENOMEM. */
	int (*restart)(void *state);
	/* Decompresses as far as IO allows. Returns 1 when the member is
	   complete, 0 when more can be done, -EBADMSG when it is damaged, -EFBIG
	   when it asks for more memory than it gets, -ENOMEM. */
	int (*step)(void *state, struct codec_io *io);
};

/* The most memory that an archive may ask for to be unpacked. */
#define CODEC_MEMORY_BYTES ((size_t)512 << 20)

extern const struct codec codec_gzip, codec_zstd, codec_xz, codec_bzip2;

/* The codec of a log that begins with HEAD, or NULL. */
const struct codec *codec_find(struct view head);
/* The name of a kind of file that is no log and can't be unpacked here, with
   the remedy ("a zip archive; unpack it first"), or NULL. */
const char *codec_foreign(struct view head);

#endif
