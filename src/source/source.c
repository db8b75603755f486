/*
 * Opens a log and decides by its first bytes how it is read: as it is, through
 * a codec, or not at all. The journal is the third kind of source.
 */
#include "source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "source/archive.h"
#include "source/input.h"
#include "source/journal.h"
#include "source/trouble.h"

struct source {
	char *name;
	struct source_identity identity;
	struct input input;	 /* fd < 0 for the journal */
	struct archive *archive; /* NULL if not compressed */
	struct journal *journal; /* NULL if a file */
};

static struct source *source_new(const char *name, int fd)
{
	struct source *source = memory_get_zeroed(1, sizeof(*source));

	source->name = memory_get(strlen(name) + 1);
	memcpy(source->name, name, strlen(name) + 1);
	source->identity.modified = time(NULL);
	if (fd < 0)
		source->input.fd = -1;
	else
		input_init(&source->input, fd);
	return source;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	archive_free(source->archive);
	journal_close(source->journal);
	if (source->input.fd >= 0)
		input_release(&source->input);
	free(source->name);
	free(source);
}

static void source_close_p(struct source **source)
{
	source_close(*source);
}

/* What fstat says. Standard input has no place of its own: where it begins is
   somebody else's choice. */
static int source_identify(struct source *source, bool standard_input, struct err *err)
{
	struct source_identity *identity = &source->identity;
	struct stat status;

	if (fstat(source->input.fd, &status) < 0)
		return trouble_open(err, source->name, -errno);
	if (S_ISDIR(status.st_mode))
		return trouble_open(err, source->name, -EISDIR);
	if (!S_ISREG(status.st_mode))
		return 0;
	identity->size = (uint64_t)status.st_size;
	identity->modified = status.st_mtime;
	posix_fadvise(source->input.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (standard_input)
		return 0;
	identity->device = status.st_dev;
	identity->inode = status.st_ino;
	identity->regular = true;
	return 0;
}

#define JOURNAL_MAGIC VIEW("LPKSHHRH") /* systemd, docs/JOURNAL_FILE_FORMAT.md */

/* Looks at how the log begins. */
static int source_recognise(struct source *source, bool standard_input, struct err *err)
{
	const struct codec *codec;
	const char *foreign;
	struct view head;
	int result = input_fill(&source->input, 16);

	if (result < 0)
		return trouble_read(err, source->name, result);
	head = input_buffered(&source->input);
	if (view_starts(head, JOURNAL_MAGIC) && !standard_input) {
		source->identity.regular = false;
		return journal_open(source->name, 0, &source->journal, err);
	}
	foreign = codec_foreign(head);
	if (foreign)
		return err_set(err, -ENOTSUP, "can't read '%s': it is %s", source->name, foreign);
	codec = codec_find(head);
	if (!codec)
		return 0;
	source->identity.compressed = true;
	source->identity.regular = false;
	source->archive = archive_new(codec, &source->input);
	if (!source->archive)
		return trouble_read(err, source->name, -ENOMEM);
	return 0;
}

static int source_begin(struct source *source, bool standard_input, struct source **ret_source,
			struct err *err)
{
	_cleanup_(source_close_p) struct source *mine = source;
	int result = source_identify(source, standard_input, err);

	if (result == 0)
		result = source_recognise(source, standard_input, err);
	if (result < 0)
		return result;
	*ret_source = mine;
	mine = NULL;
	return 0;
}

int source_open(const char *path, struct source **ret_source, struct err *err)
{
	bool standard_input = strcmp(path, "-") == 0;
	int fd = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
				: open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (standard_input)
		path = "standard input";
	if (fd < 0)
		return trouble_open(err, path, -errno);
	return source_begin(source_new(path, fd), standard_input, ret_source, err);
}

int source_open_journal(const char *path, int64_t since, struct source **ret_source,
			struct err *err)
{
	_cleanup_(source_close_p) struct source *source = source_new(path ? path : "journal", -1);
	int result = journal_open(path, since, &source->journal, err);

	if (result < 0)
		return result;
	*ret_source = source;
	source = NULL;
	return 0;
}

const char *source_name(const struct source *source)
{
	return source->name;
}

const struct source_identity *source_identity(const struct source *source)
{
	return &source->identity;
}

ssize_t source_read(struct source *source, char *buffer, size_t size, struct err *err)
{
	ssize_t got;

	if (source->journal)
		return journal_read(source->journal, buffer, size, err);
	if (source->archive)
		return archive_read(source->archive, source->name, buffer, size, err);
	got = input_read(&source->input, buffer, size);
	return got < 0 ? trouble_read(err, source->name, (int)got) : got;
}

static int source_too_short(const struct source *source, struct err *err)
{
	return err_set(err, -ERANGE, "'%s' is shorter than when it was read last", source->name);
}

static int source_discard(struct source *source, uint64_t count, struct err *err)
{
	_cleanup_free_ char *scratch = memory_get(INPUT_BYTES);

	while (count > 0) {
		size_t want = count < INPUT_BYTES ? (size_t)count : INPUT_BYTES;
		ssize_t got = source_read(source, scratch, want, err);

		if (got < 0)
			return (int)got;
		if (got == 0)
			return source_too_short(source, err);
		count -= (uint64_t)got;
	}
	return 0;
}

int source_skip(struct source *source, uint64_t offset, struct err *err)
{
	struct stat status;
	int result;

	if (!source->identity.regular)
		return source_discard(source, offset, err);
	if (fstat(source->input.fd, &status) < 0)
		return trouble_read(err, source->name, -errno);
	if ((uint64_t)status.st_size < offset)
		return source_too_short(source, err);
	result = input_seek(&source->input, offset);
	return result < 0 ? trouble_read(err, source->name, result) : 0;
}

uint64_t source_position(const struct source *source)
{
	return source->journal ? journal_position(source->journal) : source->input.position;
}
