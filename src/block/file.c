/* Replacing files: see file.h. */
#include "block/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/trouble.h"

#define MODE_NEW 0644

struct replacing {
	char path[PATH_MAX];   /* without symbolic links */
	char folder[PATH_MAX]; /* that it is in */
	char beside[PATH_MAX];
	bool exists;
	struct stat old;
};

/* What the system says of writing PATH; KEPT: what it holds stays. */
static int complain(const char *path, bool kept, struct err *err)
{
	char words[TROUBLE_WORDS_MAX];
	int code = errno ? errno : EIO;
	const char *remedy = code == ENOSPC || code == EDQUOT || code == EFBIG
				     ? "; make room and run again"
			     : code == EACCES || code == EPERM ? "; run as root or its owner"
							       : "";

	return err_set(err, -code, "can't write '%s': %s%s%s", path, trouble_words(code, words),
		       remedy, kept ? "; it is left as it was" : "");
}

/* Finds out what PATH is. */
static int look(const char *path, struct replacing *file, struct err *err)
{
	const char *slash;
	int len;

	file->exists = realpath(path, file->path) != NULL;
	if (!file->exists && errno != ENOENT)
		return complain(path, false, err);
	if (!file->exists && lstat(path, &file->old) == 0)
		return err_set(err, -ENOENT,
			       "can't write '%s': it is a link to a file that is not there; make "
			       "that one first",
			       path);
	if (!file->exists)
		snprintf(file->path, sizeof(file->path), "%s", path);
	if (file->exists && stat(file->path, &file->old) < 0)
		return complain(path, false, err);
	if (file->exists && !S_ISREG(file->old.st_mode))
		return err_set(err, -EINVAL, "can't write '%s': it is not a file", path);
	slash = strrchr(file->path, '/');
	len = slash ? (int)(slash - file->path) + 1 : 0;
	snprintf(file->folder, sizeof(file->folder), "%.*s", len ? len : 2,
		 len ? file->path : "./");
	len = snprintf(file->beside, sizeof(file->beside), "%s.%s.XXXXXX", file->folder,
		       slash ? slash + 1 : file->path);
	if (len < 0 || (size_t)len >= sizeof(file->beside))
		return err_set(err, -ENAMETOOLONG, "can't write '%s': the path is too long", path);
	return 0;
}

static bool holds(const struct replacing *file, struct view content)
{
	_cleanup_free_ char *now = NULL;
	_cleanup_fclose_ FILE *in = NULL;

	if (!file->exists || (size_t)file->old.st_size != content.len)
		return false;
	in = fopen(file->path, "re");
	now = malloc(content.len + 1);
	return in && now && fread(now, 1, content.len + 1, in) == content.len &&
	       memcmp(now, content.ptr, content.len) == 0;
}

static int set_mode(int fd, const struct replacing *file)
{
	mode_t mask = umask(0);

	umask(mask);
	if (!file->exists)
		return fchmod(fd, MODE_NEW & ~mask);
	/* Only root can give files away; for others the owner is the same anyway. */
	if (fchown(fd, file->old.st_uid, file->old.st_gid) < 0 && errno != EPERM)
		return -1;
	return fchmod(fd, file->old.st_mode & 07777);
}

static int write_all(int fd, struct view content)
{
	while (content.len > 0) {
		ssize_t n = write(fd, content.ptr, content.len);

		if (n < 0 && errno != EINTR)
			return -1;
		content = view_from(content, n > 0 ? (size_t)n : 0);
	}
	return fsync(fd);
}

/* So that the new name outlives a power cut; a file system that cannot is no failure. */
static void sync_folder(const char *folder)
{
	_cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && fsync(fd) < 0)
		errno = 0;
}

static int write_beside(struct replacing *file, struct view content, struct err *err)
{
	int fd = mkostemp(file->beside, O_CLOEXEC);
	int r;

	if (fd < 0)
		return complain(file->path, file->exists, err);
	r = set_mode(fd, file) < 0 || write_all(fd, content) < 0
		    ? complain(file->path, file->exists, err)
		    : 0;
	if (close(fd) < 0 && r == 0)
		r = complain(file->path, file->exists, err);
	if (r == 0 && rename(file->beside, file->path) < 0)
		r = complain(file->path, file->exists, err);
	if (r < 0)
		unlink(file->beside);
	else
		sync_folder(file->folder);
	return r;
}

int file_replace(const char *path, struct view content, bool *ret_changed, struct err *err)
{
	struct replacing file;
	int r = look(path, &file, err);

	if (r < 0)
		return r;
	*ret_changed = !holds(&file, content);
	return *ret_changed ? write_beside(&file, content, err) : 0;
}
