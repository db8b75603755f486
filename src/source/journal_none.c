/* Stands in for journal.c where libsystemd is not at hand. */
#include <errno.h>

#include "source/journal.h"

int journal_open(const char *path, int64_t since, struct journal **ret_journal, struct err *err)
{
	(void)path;
	(void)since;
	(void)ret_journal;
	return err_set(err, -ENOTSUP,
		       "can't read the journal: built without libsystemd; pipe it in: "
		       "journalctl -o short-iso-precise | mxwatch -");
}

void journal_close(struct journal *journal)
{
	(void)journal;
}

ssize_t journal_read(struct journal *journal, char *buffer, size_t size, struct err *err)
{
	(void)journal;
	(void)buffer;
	(void)size;
	return err_set(err, -ENOTSUP, "can't read the journal: built without libsystemd");
}

uint64_t journal_position(const struct journal *journal)
{
	(void)journal;
	return 0;
}
