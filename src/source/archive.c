/*
 * Strings the members of an archive together.
 *
 * gzip, xz, zstd and bzip2 files may each be several ones joined by cat, and
 * blocks of zeros may stand between and behind them (tapes; .xz, 2.2). What
 * else stands there is told once, after all that was readable. A step that
 * both writes and fails is taken as two: the failure waits for the next read.
 */
#include "source/archive.h"

#include <errno.h>
#include <stdlib.h>

#include "base/number.h"
#include "source/trouble.h"

enum archive_place {
	ARCHIVE_IN_MEMBER,
	ARCHIVE_BETWEEN, /* after a member */
	ARCHIVE_END,
	ARCHIVE_BROKEN,
};

struct archive {
	const struct codec *codec;
	struct input *input;
	void *state;
	enum archive_place place;
	int failure;	  /* of ARCHIVE_BROKEN */
	const char *what; /* in words, where the file itself is at fault */
	uint64_t given;
};

struct archive *archive_new(const struct codec *codec, struct input *input)
{
	struct archive *archive = calloc(1, sizeof(*archive));

	if (!archive)
		return NULL;
	archive->codec = codec;
	archive->input = input;
	archive->state = codec->new ();
	if (!archive->state) {
		free(archive);
		return NULL;
	}
	return archive;
}

void archive_free(struct archive *archive)
{
	if (!archive)
		return;
	archive->codec->free(archive->state);
	free(archive);
}

static int archive_break(struct archive *archive, int failure, const char *what)
{
	archive->place = ARCHIVE_BROKEN;
	archive->failure = failure;
	archive->what = what;
	return failure;
}

static ssize_t archive_tell(const struct archive *archive, const char *name, struct err *err)
{
	char given[NUMBER_TEXT_MAX];

	number_bytes(archive->given, given);
	if (archive->what)
		return err_set(err, archive->failure,
			       "can't read all of '%s': %s; %s were read before, "
			       "'%s -t' tells more, a whole copy helps",
			       name, archive->what, given, archive->codec->name);
	if (archive->failure == -EFBIG)
		return err_set(err, archive->failure,
			       "can't read '%s': unpacking takes more memory than it gets; "
			       "unpack it with '%s -d' first",
			       name, archive->codec->name);
	return trouble_read(err, name, archive->failure);
}

/* Begins the next member, or comes to the end. Returns 0 or a negative errno. */
static int archive_next_member(struct archive *archive)
{
	struct input *input = archive->input;
	int result;

	do {
		while (input->begin < input->end && input->buffer[input->begin] == 0)
			input->begin++;
		result = input_fill(input, CODEC_MAGIC_MAX);
		if (result < 0)
			return archive_break(archive, result, NULL);
	} while (input->begin < input->end && input->buffer[input->begin] == 0);
	if (input->begin == input->end) {
		archive->place = ARCHIVE_END;
		return 0;
	}
	if (!archive->codec->recognise(input_buffered(input)))
		return archive_break(archive, -EBADMSG, "something else stands behind the archive");
	result = archive->codec->restart(archive->state);
	if (result < 0)
		return archive_break(archive, result, NULL);
	archive->place = ARCHIVE_IN_MEMBER;
	return 0;
}

/* Unpacks into BUFFER; returns how much, also 0, or a negative errno. */
static ssize_t archive_step(struct archive *archive, char *buffer, size_t size)
{
	struct input *input = archive->input;
	struct codec_io io = {.out = (unsigned char *)buffer, .out_len = size};
	size_t before;
	int result;

	result = input_fill(input, 1);
	if (result < 0)
		return archive_break(archive, result, NULL);
	before = input->end - input->begin;
	io.in = input->buffer + input->begin;
	io.in_len = before;
	result = archive->codec->step(archive->state, &io);
	input->begin += before - io.in_len;
	if (result == -EBADMSG)
		archive_break(archive, result, "the archive is damaged");
	else if (result < 0)
		archive_break(archive, result, NULL);
	else if (result > 0)
		archive->place = ARCHIVE_BETWEEN;
	else if (io.out_len == size && io.in_len == before && before == 0)
		archive_break(archive, -EBADMSG, "the archive ends too early");
	return (ssize_t)(size - io.out_len);
}

ssize_t archive_read(struct archive *archive, const char *name, char *buffer, size_t size,
		     struct err *err)
{
	while (size > 0 && archive->place != ARCHIVE_END) {
		ssize_t got = 0;

		if (archive->place == ARCHIVE_BROKEN)
			return archive_tell(archive, name, err);
		if (archive->place == ARCHIVE_BETWEEN)
			got = archive_next_member(archive);
		else
			got = archive_step(archive, buffer, size);
		if (got > 0) {
			archive->given += (uint64_t)got;
			return got;
		}
	}
	return 0;
}
