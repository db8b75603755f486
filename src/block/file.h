/*
 * Files that gates read: written whole or not at all, and left alone when nothing
 * changed, so that nobody reloads for nothing.
 */
#ifndef MXWATCH_BLOCK_FILE_H
#define MXWATCH_BLOCK_FILE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/view.h"

/*
 * Makes CONTENT the content of the file PATH (what a symbolic link points to), by way of
 * a file beside it that takes its name; mode and owner stay. *ret_changed: false if it was that
 * already, and the file was not touched. Returns 0 or a negative errno with *err filled.
 */
must_check int file_replace(const char *path, struct view content, bool *ret_changed,
			    struct err *err);

#endif
