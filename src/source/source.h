/*
 * Sources: where bytes come from.
 *
 * A source gives the bytes of one log, decompressed, in order. Files are read
 * with read(), never mapped: a log that is truncated while it is read must not
 * kill the reader. Compression is recognised by content: gzip, xz, zstd, bzip2.
 */
#ifndef MXWATCH_SOURCE_SOURCE_H
#define MXWATCH_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/view.h"

/* What a log is known by, for reading each line once. */
struct source_identity {
	uint64_t device, inode; /* 0 for pipes and the journal */
	uint64_t size;		/* of the file as it is on disk; 0 if unknown */
	int64_t modified;	/* Unix time of its last change; now for pipes */
	bool regular;		/* a plain, uncompressed file that may grow */
	bool compressed;
};

struct source;

/* Opens one log: a path, or "-" for standard input. Returns 0 or a negative
   errno with *err filled. Close with source_close. */
must_check int source_open(const char *path, struct source **ret_source, struct err *err);
/* Opens the systemd journal (the local machine's, or the folder or file PATH if
   not NULL): entries of mail programs as RFC 3339 syslog lines. SINCE is a Unix time or 0.
   -ENOTSUP if built without libsystemd. */
must_check int source_open_journal(const char *path, int64_t since, struct source **ret_source,
				   struct err *err);
void source_close(struct source *source);

/* The name to show: the path, "standard input", "journal". */
const char *source_name(const struct source *source);
const struct source_identity *source_identity(const struct source *source);

/*
 * Reads up to SIZE bytes. Returns how many, 0 at the end, or a negative errno
 * with *err filled: -EBADMSG for a damaged or truncated archive. What came
 * before the damage has been given.
 */
must_check ssize_t source_read(struct source *source, char *buffer, size_t size, struct err *err);

/* Skips to OFFSET bytes of content from the beginning (by seeking where that is
   possible); to be called before the first source_read. Returns 0, -ERANGE if
   the content is shorter, or another negative errno. */
must_check int source_skip(struct source *source, uint64_t offset, struct err *err);

/* Bytes taken from the disk so far, for progress. */
uint64_t source_position(const struct source *source);

/*
 * Expands what the user named into logs to read: a folder stands for the logs
 * in it (by name and content: mail*, maillog*, main*, reject*, exim*, postfix*,
 * syslog* and what looks like a mail log; not binary files), a file for itself.
 * Rotated sets come oldest first (mail.log.2.gz, mail.log.1, mail.log; dated
 * names by date). The same file named twice comes once. *ret_paths is an array of
 * *ret_count strings; free with source_paths_free.
 */
must_check int source_expand(const char *const *names, size_t count, char ***ret_paths,
			     size_t *ret_count, struct err *err);
void source_paths_free(char **paths, size_t count);

#endif
