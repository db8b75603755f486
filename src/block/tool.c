/* Running tools of the system: see tool.h. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "block/tool.h"
#include "source/trouble.h"

#define COMPLAINT_MAX 400
#define OUTPUT_MAX ((size_t)1 << 30)

/* What the system says of a file in memory. */
static int complain_memory(struct err *err)
{
	char words[TROUBLE_WORDS_MAX];

	return err_set(err, -EIO, "can't make a file in memory: %s",
		       trouble_words(errno ? errno : EIO, words));
}

FILE *tool_input(struct err *err)
{
	int fd = memfd_create("mxwatch", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r+");

	if (file)
		return file;
	complain_memory(err);
	if (fd >= 0)
		close(fd);
	return NULL;
}

/* All that FILE holds, from its beginning. */
static char *content_of(FILE *file, size_t *ret_len)
{
	off_t size = lseek(fileno(file), 0, SEEK_END);
	size_t room = size < 0 || (size_t)size > OUTPUT_MAX ? 0 : (size_t)size, len = 0;
	char *content = memory_get(room + 1);
	ssize_t n = 1;

	while (len < room && n > 0) {
		n = pread(fileno(file), content + len, room - len, (off_t)len);
		len += n > 0 ? (size_t)n : 0;
	}
	content[len] = '\0';
	*ret_len = len;
	return content;
}

/* Where the administrator's tools lie when PATH, as cron's, does not say so. */
static const char *const folders[] = {"", "/usr/sbin/", "/sbin/"};

static int start(const char *const *arguments, FILE *const streams[3], pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char path[64];
	int r = ENOENT;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	/* A terminal's interrupt is for us, not for the tool at its work. */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(&actions, fileno(streams[i]), i);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && r == ENOENT; i++) {
		snprintf(path, sizeof(path), "%s%s", folders[i], arguments[0]);
		r = posix_spawnp(ret_pid, path, &actions, &attributes, (char *const *)arguments,
				 environ);
	}
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* How the tool ended, as waitpid tells it; -1: nobody knows. */
static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static int complain(const char *name, int status, FILE *complaints, struct err *err)
{
	_cleanup_free_ char *words = NULL;
	struct text safe = {0};
	size_t len;
	int r;

	words = content_of(complaints, &len);
	while (len > 0 && words[len - 1] == '\n')
		len--;
	if (strstr(words, "not permitted") || strstr(words, "ermission denied")) {
		return err_set(err, -EPERM, "'%s' is not permitted to change this; run as root",
			       name);
	}
	if (len == 0 && status != -1 && WIFSIGNALED(status))
		return err_set(err, -EIO, "'%s' was ended by signal %d; run again", name,
			       WTERMSIG(status));
	text_safe(&safe, view_of(words, len), COMPLAINT_MAX);
	r = err_set(err, -EIO, "'%s' failed: %s%s", name,
		    safe.len ? text_string(&safe) : "it did not say why",
		    strstr(words, "Message too long") ? "; run as root, or raise net.core.wmem_max"
						      : "");
	text_release(&safe);
	return r;
}

int tool_run(const char *const *arguments, FILE *input, char **ret_output, struct err *err)
{
	_cleanup_fclose_ FILE *nothing = NULL;
	_cleanup_fclose_ FILE *output = NULL;
	_cleanup_fclose_ FILE *complaints = NULL;
	size_t len;
	char words[TROUBLE_WORDS_MAX];
	pid_t pid;
	int r, status;

	if (!input)
		nothing = input = tool_input(err);
	output = input ? tool_input(err) : NULL;
	complaints = output ? tool_input(err) : NULL;
	if (!complaints)
		return -EIO;
	/* Of what was written before, fflush tells no more whether it failed. */
	if (ferror(input) || fflush(input) != 0 || lseek(fileno(input), 0, SEEK_SET) < 0)
		return complain_memory(err);
	r = start(arguments, (FILE *const[3]){input, output, complaints}, &pid);
	if (r == -ENOENT)
		return err_set(
			err, r, "there is no '%s' here; install the package that has it (%s)",
			arguments[0], strcmp(arguments[0], "ip") == 0 ? "iproute2" : "nftables");
	if (r < 0)
		return err_set(err, r, "can't run '%s': %s", arguments[0],
			       trouble_words(-r, words));
	status = wait_for(pid);
	if (status != 0)
		return complain(arguments[0], status, complaints, err);
	if (ret_output)
		*ret_output = content_of(output, &len);
	return 0;
}
