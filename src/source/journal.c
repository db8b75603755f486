/*
 * Reads the journal through libsystemd.
 *
 * The journal matches whole fields only, so the names that occur in it are
 * listed first and those of mail programs become its matches; it then walks
 * through their entries by its index. One entry at a time is made into a line.
 */
#include "source/journal.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>

#include "base/civil.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "source/mailname.h"
#include "source/trouble.h"

#define JOURNAL_MESSAGE_BYTES ((size_t)1 << 20) /* longer ones are cut */
#define JOURNAL_NAME_BYTES 255

struct journal {
	sd_journal *handle;
	char *name;
	bool empty; /* no mail program has written to it */
	char *line; /* of size bytes; begin to end are not given yet */
	size_t begin, end, size;
	uint64_t position;
};

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	sd_journal_close(journal->handle);
	free(journal->line);
	free(journal->name);
	free(journal);
}

static void journal_close_p(struct journal **journal)
{
	journal_close(*journal);
}

/* Text of the current entry's FIELD; empty if it has none. */
static struct view journal_field(struct journal *journal, const char *field)
{
	size_t prefix = strlen(field) + 1;
	const void *data;
	size_t len;

	if (sd_journal_get_data(journal->handle, field, &data, &len) < 0 || len < prefix)
		return VIEW("");
	return view_of((const char *)data + prefix, len - prefix);
}

static int journal_match(struct journal *journal, const char *field, size_t *ret_count)
{
	size_t prefix = strlen(field) + 1;
	const void *data;
	size_t len;
	int result = sd_journal_query_unique(journal->handle, field);

	if (result < 0)
		return result;
	while ((result = sd_journal_enumerate_unique(journal->handle, &data, &len)) > 0) {
		if (len < prefix ||
		    !mailname_is(view_of((const char *)data + prefix, len - prefix)))
			continue;
		result = sd_journal_add_match(journal->handle, data, len);
		if (result < 0)
			return result;
		(*ret_count)++;
	}
	return result;
}

/* Entries named as a mail program, or written by one under another name. */
static int journal_match_all(struct journal *journal)
{
	size_t count = 0;
	int result = journal_match(journal, "SYSLOG_IDENTIFIER", &count);

	if (result >= 0 && count > 0)
		result = sd_journal_add_disjunction(journal->handle);
	if (result >= 0)
		result = journal_match(journal, "_COMM", &count);
	journal->empty = count == 0;
	return result;
}

static int journal_open_handle(struct journal *journal, const char *path)
{
	struct stat status;
	const char *paths[] = {path, NULL};

	if (!path)
		return sd_journal_open(&journal->handle, SD_JOURNAL_LOCAL_ONLY);
	if (stat(path, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return sd_journal_open_directory(&journal->handle, path, 0);
	return sd_journal_open_files(&journal->handle, paths, 0);
}

static int journal_trouble(struct err *err, const char *name, int code)
{
	char words[TROUBLE_WORDS_MAX];

	if (code == -EACCES || code == -EPERM)
		return err_set(err, code,
			       "can't read '%s': permission denied; run as root or a member of "
			       "group systemd-journal or adm",
			       name);
	if (code == -EBADMSG || code == -ENODATA || code == -EPROTONOSUPPORT)
		return err_set(err, code,
			       "can't read '%s': not a journal that this system knows, "
			       "or a damaged one; 'journalctl --verify' tells more",
			       name);
	return err_set(err, code, "can't read '%s': %s", name, trouble_words(-code, words));
}

int journal_open(const char *path, int64_t since, struct journal **ret_journal, struct err *err)
{
	_cleanup_(journal_close_p) struct journal *journal = memory_get_zeroed(1, sizeof(*journal));
	int result;

	journal->name = memory_get(strlen(path ? path : "journal") + 1);
	memcpy(journal->name, path ? path : "journal", strlen(path ? path : "journal") + 1);
	result = journal_open_handle(journal, path);
	if (result >= 0)
		result = sd_journal_set_data_threshold(journal->handle, JOURNAL_MESSAGE_BYTES);
	if (result >= 0)
		result = journal_match_all(journal);
	if (result >= 0)
		result = since > 0 ? sd_journal_seek_realtime_usec(journal->handle,
								   (uint64_t)since * 1000000)
				   : sd_journal_seek_head(journal->handle);
	if (result < 0)
		return journal_trouble(err, journal->name, result);
	*ret_journal = journal;
	journal = NULL;
	return 0;
}

static void journal_put(struct journal *journal, const char *bytes, size_t len)
{
	memcpy(journal->line + journal->end, bytes, len);
	journal->end += len;
}

/* A host's or a program's name: what a syslog line's reader would trip over is _. */
static void journal_put_name(struct journal *journal, struct view name, bool program)
{
	name = view_to(name, JOURNAL_NAME_BYTES);
	if (name.len == 0)
		name = program ? VIEW("unknown") : VIEW("localhost");
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool fit = isgraph((unsigned char)c) && !(program && strchr("[]:", c));

		journal->line[journal->end++] = fit ? c : '_';
	}
}

static void journal_put_message(struct journal *journal, struct view message)
{
	message = view_to(message, JOURNAL_MESSAGE_BYTES);
	while (message.len > 0 && message.ptr[message.len - 1] == '\n')
		message.len--;
	for (size_t i = 0; i < message.len; i++) {
		unsigned char c = (unsigned char)message.ptr[i];
		char escaped[] = {'#', (char)('0' + (c >> 6)), (char)('0' + (c >> 3 & 7)),
				  (char)('0' + (c & 7))};

		if (c < ' ' || c == 0x7f)
			journal_put(journal, escaped, sizeof(escaped));
		else
			journal->line[journal->end++] = (char)c;
	}
}

/* When it was logged, in microseconds; what journald wrote beside it if the
   program did not say. */
static uint64_t journal_time(struct journal *journal)
{
	struct view source = journal_field(journal, "_SOURCE_REALTIME_TIMESTAMP");
	unsigned long long said;
	uint64_t time = 0;

	if (view_eat_number(&source, &said) && source.len == 0)
		return said;
	sd_journal_get_realtime_usec(journal->handle, &time);
	return time;
}

static void journal_put_time(struct journal *journal)
{
	uint64_t time = journal_time(journal);
	struct civil civil = civil_from_seconds((int64_t)(time / 1000000));
	char text[64];
	int len = snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00 ",
			   civil.year, civil.month, civil.day, civil.hour, civil.minute,
			   civil.second, (int)(time % 1000000));

	journal_put(journal, text, (size_t)len);
}

/* Whether there is room for a line; each byte of a message takes four at most. */
static void journal_reserve(struct journal *journal, size_t message_len)
{
	size_t need = 64 + 3 * JOURNAL_NAME_BYTES + 16 + 4 * message_len;

	journal->begin = journal->end = 0;
	if (need <= journal->size)
		return;
	journal->size = need;
	journal->line = memory_resize(journal->line, need, 1);
}

/* Makes the current entry a line. A field's bytes are valid until the next is
   asked for, so the message comes last and its length is asked for first. */
static void journal_make_line(struct journal *journal)
{
	struct view text = journal_field(journal, "MESSAGE");

	journal_reserve(journal, view_to(text, JOURNAL_MESSAGE_BYTES).len);
	journal_put_time(journal);
	journal_put_name(journal, journal_field(journal, "_HOSTNAME"), false);
	journal_put(journal, " ", 1);
	text = journal_field(journal, "SYSLOG_IDENTIFIER");
	if (text.len == 0)
		text = journal_field(journal, "_COMM");
	journal_put_name(journal, text, true);
	text = journal_field(journal, "SYSLOG_PID");
	if (text.len == 0)
		text = journal_field(journal, "_PID");
	if (text.len > 0) {
		journal_put(journal, "[", 1);
		journal_put_name(journal, text, true);
		journal_put(journal, "]", 1);
	}
	journal_put(journal, ": ", 2);
	journal_put_message(journal, journal_field(journal, "MESSAGE"));
	journal_put(journal, "\n", 1);
	journal->position += journal->end;
}

ssize_t journal_read(struct journal *journal, char *buffer, size_t size, struct err *err)
{
	size_t given = 0;

	while (given < size) {
		size_t part = journal->end - journal->begin;
		int result;

		if (part > 0) {
			part = part < size - given ? part : size - given;
			memcpy(buffer + given, journal->line + journal->begin, part);
			journal->begin += part;
			given += part;
			continue;
		}
		result = journal->empty ? 0 : sd_journal_next(journal->handle);
		if (result < 0 && given == 0)
			return journal_trouble(err, journal->name, result);
		if (result <= 0)
			break;
		journal_make_line(journal);
	}
	return (ssize_t)given;
}

uint64_t journal_position(const struct journal *journal)
{
	return journal->position;
}
