/*
 * An archive: compressed members, one after the other, read as one run of
 * bytes. What can be unpacked before damage or a missing end is given first.
 */
#ifndef MXWATCH_SOURCE_ARCHIVE_H
#define MXWATCH_SOURCE_ARCHIVE_H

#include "source/codec.h"
#include "source/input.h"

struct archive;

/* Reads INPUT, which the caller keeps, by CODEC. NULL if there is no memory.
   Free with archive_free. */
struct archive *archive_new(const struct codec *codec, struct input *input);
void archive_free(struct archive *archive);

/* As source_read; NAME is for the words. */
must_check ssize_t archive_read(struct archive *archive, const char *name, char *buffer,
				size_t size, struct err *err);

#endif
