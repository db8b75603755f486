/*
 * Bytes as they come from a file descriptor, with a buffer before it, so that
 * what a log begins with can be looked at before it is decided how to read it.
 */
#ifndef MXWATCH_SOURCE_INPUT_H
#define MXWATCH_SOURCE_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/view.h"

struct input {
	int fd;
	bool at_end;	       /* read() has said so */
	uint64_t position;     /* bytes taken from the descriptor */
	size_t begin, end;     /* what of the buffer is not consumed yet */
	unsigned char *buffer; /* INPUT_BYTES */
};

#define INPUT_BYTES ((size_t)256 << 10)

/* Takes FD over. Release with input_release, which closes it. */
void input_init(struct input *input, int fd);
void input_release(struct input *input);

/* Reads until AT_LEAST bytes (<= INPUT_BYTES) are buffered or there are no
   more. Returns 0 or a negative errno. */
must_check int input_fill(struct input *input, size_t at_least);

/* What is buffered; valid until the next call. */
struct view input_buffered(const struct input *input);

/* Gives up to SIZE bytes, buffered ones first; 0 at the end, or a negative errno. */
must_check ssize_t input_read(struct input *input, char *bytes, size_t size);

/* Goes to OFFSET of a seekable file; returns 0 or a negative errno. */
must_check int input_seek(struct input *input, uint64_t offset);

#endif
