#include "source/trouble.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/view.h"

const char *trouble_words(int code, char words[static TROUBLE_WORDS_MAX])
{
	char buffer[TROUBLE_WORDS_MAX];

	snprintf(words, TROUBLE_WORDS_MAX, "%s", strerror_r(code, buffer, sizeof(buffer)));
	/* "Permission denied", but not "RPC …". */
	if (isupper((unsigned char)words[0]) && islower((unsigned char)words[1]))
		words[0] = (char)tolower((unsigned char)words[0]);
	return words;
}

/* Who may read PATH is what its group says; where even that can't be seen, root. */
static int trouble_denied(struct err *err, const char *path, int code)
{
	char buffer[1024];
	struct group entry, *group = NULL;
	struct stat status;

	if (stat(path, &status) == 0 && status.st_gid != 0 && (status.st_mode & S_IRGRP))
		getgrgid_r(status.st_gid, &entry, buffer, sizeof(buffer), &group);
	if (group)
		return err_set(err, code,
			       "can't open '%s': permission denied; run as root or a member of "
			       "group %s",
			       path, group->gr_name);
	return err_set(err, code, "can't open '%s': permission denied; run as root", path);
}

int trouble_open(struct err *err, const char *path, int code)
{
	char words[TROUBLE_WORDS_MAX];

	switch (-code) {
	case EACCES:
	case EPERM:
		return trouble_denied(err, path, code);
	case EISDIR:
		return err_set(err, code,
			       "can't read '%s': a folder without mail logs; name the files in it",
			       path);
	case ENOENT:
		if (view_starts(view_string(path), VIEW("/var/log/")))
			return err_set(err, code,
				       "can't open '%s': no such file; where mail servers log to "
				       "the journal only, read that with --journal",
				       path);
		return err_set(err, code, "can't open '%s': no such file", path);
	case EMFILE:
		return err_set(err, code,
			       "can't open '%s': too many open files; raise the limit with "
			       "'ulimit -n'",
			       path);
	default:
		return err_set(err, code, "can't open '%s': %s", path, trouble_words(-code, words));
	}
}

int trouble_read(struct err *err, const char *name, int code)
{
	char words[TROUBLE_WORDS_MAX];

	return err_set(err, code, "can't read '%s': %s", name, trouble_words(-code, words));
}
