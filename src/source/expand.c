/*
 * What the user named becomes a list of logs.
 *
 * Every log is an item; items of one rotated set (same folder, same base name)
 * stand together, oldest first, where the set's first one was named. A file is
 * known by device and inode, so links and repetitions come once.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "source/rotation.h"
#include "source/sniff.h"
#include "source/source.h"

#define EXPAND_DEPTH_MAX 4 /* folders in folders that are looked into */
#define EXPAND_HEAD_BYTES ((size_t)128 << 10)

struct item {
	char *path;
	uint64_t device, inode; /* 0, 0: unknown */
	size_t folder_len;
	size_t set; /* index of the set's first item */
	struct rotation rotation;
};

struct items {
	struct item *items;
	size_t count, capacity;
	size_t found; /* count and those that came again */
};

static bool item_same_set(const struct item *a, const struct item *b)
{
	return a->folder_len == b->folder_len && strncmp(a->path, b->path, a->folder_len) == 0 &&
	       strcmp(a->rotation.base, b->rotation.base) == 0;
}

static bool item_same_file(const struct item *a, const struct item *b)
{
	if (a->inode && b->inode)
		return a->device == b->device && a->inode == b->inode;
	return strcmp(a->path, b->path) == 0;
}

static void items_add(struct items *items, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct item item = {.folder_len = slash ? (size_t)(slash + 1 - path) : 0};
	struct stat status;

	items->found++;
	item.path = memory_get(strlen(path) + 1);
	memcpy(item.path, path, strlen(path) + 1);
	if (strcmp(path, "-") != 0 && stat(path, &status) == 0) {
		item.device = status.st_dev;
		item.inode = status.st_ino;
	}
	rotation_parse(view_string(path + item.folder_len), &item.rotation);
	item.set = items->count;
	for (size_t i = items->count; i-- > 0;) {
		if (item_same_file(&items->items[i], &item)) {
			free(item.path);
			return;
		}
		if (item_same_set(&items->items[i], &item))
			item.set = items->items[i].set;
	}
	ARRAY_GROW(items->items, items->count, items->capacity);
	items->items[items->count++] = item;
}

static int item_compare(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order;

	if (a->set != b->set)
		return a->set < b->set ? -1 : 1;
	order = rotation_compare(&a->rotation, &b->rotation);
	return order ? order : strcmp(a->path, b->path);
}

/* Names that mail logs have; others must show by their content. */
static bool name_is_plausible(struct view name)
{
	static const char *const beginnings[] = {"mail", "main",    "reject",
						 "exim", "postfix", "sendmail"};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (view_starts(name, view_string(beginnings[i])))
			return true;
	return false;
}

/* What could never be a log, whatever it begins with: hidden files, an
   editor's, the journal's, which --journal reads. */
static bool name_is_out(struct view name)
{
	return view_starts(name, VIEW(".")) || view_ends(name, VIEW("~")) ||
	       view_ends(name, VIEW(".journal"));
}

static bool file_is_wanted(const char *path, bool plausible)
{
	_cleanup_free_ char *head = NULL;
	struct source *source;
	enum sniff kind;
	ssize_t got = 0;
	size_t len = 0;

	/* A mail log that can't be opened is wanted, so that the reader says why. */
	if (source_open(path, &source, NULL) < 0)
		return plausible;
	head = memory_get(EXPAND_HEAD_BYTES);
	while (len < EXPAND_HEAD_BYTES) {
		got = source_read(source, head + len, EXPAND_HEAD_BYTES - len, NULL);
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	source_close(source);
	if (got < 0 && len == 0)
		return plausible;
	kind = sniff_text(view_of(head, len));
	return kind == SNIFF_MAIL_LOG || (plausible && kind != SNIFF_OTHER);
}

static int name_compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void items_add_folder(struct items *items, const char *folder, int depth);

/* One entry of a folder; links come after what they may point to. */
static void items_add_entry(struct items *items, const char *folder, const char *name, bool links,
			    int depth)
{
	bool slash = view_ends(view_string(folder), VIEW("/"));
	_cleanup_free_ char *path = NULL;
	struct stat status;

	if (name_is_out(view_string(name)) ||
	    asprintf(&path, "%s%s%s", folder, slash ? "" : "/", name) < 0 ||
	    lstat(path, &status) < 0 || S_ISLNK(status.st_mode) != links)
		return;
	if (S_ISDIR(status.st_mode) && depth < EXPAND_DEPTH_MAX && strcmp(name, "journal") != 0)
		items_add_folder(items, path, depth + 1);
	if (links && stat(path, &status) < 0)
		return;
	if (S_ISREG(status.st_mode) && file_is_wanted(path, name_is_plausible(view_string(name))))
		items_add(items, path);
}

static void items_add_folder(struct items *items, const char *folder, int depth)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, name_compare);

	if (count < 0)
		return;
	for (int links = 0; links <= 1; links++)
		for (int i = 0; i < count; i++)
			items_add_entry(items, folder, entries[i]->d_name, links, depth);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
}

int source_expand(const char *const *names, size_t count, char ***ret_paths, size_t *ret_count,
		  struct err *err)
{
	struct items items = {0};
	char **paths;

	(void)err;
	for (size_t i = 0; i < count; i++) {
		size_t before = items.found;
		struct stat status;

		if (strcmp(names[i], "-") != 0 && stat(names[i], &status) == 0 &&
		    S_ISDIR(status.st_mode))
			items_add_folder(&items, names[i], 0);
		/* A file, or a folder that gave nothing: opening it tells why. */
		if (items.found == before)
			items_add(&items, names[i]);
	}
	qsort(items.items, items.count, sizeof(*items.items), item_compare);
	paths = memory_get_zeroed(items.count + 1, sizeof(*paths));
	for (size_t i = 0; i < items.count; i++)
		paths[i] = items.items[i].path;
	*ret_paths = paths;
	*ret_count = items.count;
	free(items.items);
	return 0;
}

void source_paths_free(char **paths, size_t count)
{
	if (!paths)
		return;
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
}
