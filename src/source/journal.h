/*
 * The systemd journal as a log: what mail programs wrote into it, as syslog
 * lines with RFC 3339 stamps, oldest first:
 *
 *   2026-11-22T00:34:40.155962+00:00 mx1 postfix/smtpd[3278]: connect from …
 *
 * Control bytes within a message come as #012, as rsyslog writes them.
 */
#ifndef MXWATCH_SOURCE_JOURNAL_H
#define MXWATCH_SOURCE_JOURNAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct journal;

/* As source_open_journal. Close with journal_close. */
must_check int journal_open(const char *path, int64_t since, struct journal **ret_journal,
			    struct err *err);
void journal_close(struct journal *journal);

/* As source_read. */
must_check ssize_t journal_read(struct journal *journal, char *buffer, size_t size,
				struct err *err);

/* Bytes of lines made so far. */
uint64_t journal_position(const struct journal *journal);

#endif
