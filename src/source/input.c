#include "source/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

void input_init(struct input *input, int fd)
{
	*input = (struct input){.fd = fd, .buffer = memory_get(INPUT_BYTES)};
}

void input_release(struct input *input)
{
	close(input->fd);
	free(input->buffer);
	*input = (struct input){.fd = -1};
}

/* read() that a signal does not end. */
static ssize_t input_take(struct input *input, void *bytes, size_t size)
{
	ssize_t got;

	do
		got = read(input->fd, bytes, size);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	input->position += (uint64_t)got;
	input->at_end = got == 0;
	return got;
}

int input_fill(struct input *input, size_t at_least)
{
	if (input->end - input->begin >= at_least)
		return 0;
	memmove(input->buffer, input->buffer + input->begin, input->end - input->begin);
	input->end -= input->begin;
	input->begin = 0;
	while (input->end < at_least && !input->at_end) {
		ssize_t got =
			input_take(input, input->buffer + input->end, INPUT_BYTES - input->end);

		if (got < 0)
			return (int)got;
		input->end += (size_t)got;
	}
	return 0;
}

struct view input_buffered(const struct input *input)
{
	return view_of((const char *)input->buffer + input->begin, input->end - input->begin);
}

ssize_t input_read(struct input *input, char *bytes, size_t size)
{
	size_t buffered = input->end - input->begin;

	if (buffered == 0)
		return input_take(input, bytes, size);
	size = size < buffered ? size : buffered;
	memcpy(bytes, input->buffer + input->begin, size);
	input->begin += size;
	return (ssize_t)size;
}

int input_seek(struct input *input, uint64_t offset)
{
	if (lseek(input->fd, (off_t)offset, SEEK_SET) < 0)
		return -errno;
	input->begin = input->end = 0;
	input->at_end = false;
	input->position = offset;
	return 0;
}
