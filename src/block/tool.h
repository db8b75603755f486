/*
 * Running the tools of the system that put blocks in force: nft, ip.
 *
 * No shell is involved. The tool's input lies complete in memory before it is
 * started, and the tool lives on if this program is killed: so it gets all of its
 * input or was never started.
 */
#ifndef MXWATCH_BLOCK_TOOL_H
#define MXWATCH_BLOCK_TOOL_H

#include <stdio.h>

#include "base/err.h"

/*
 * Runs ARGUMENTS (the first is the tool; NULL ends them) with INPUT, a file of no name
 * from tool_input (NULL: none). *ret_output (NULL: not wanted) is what it wrote on its
 * standard output, to be freed by the caller. Returns 0, or with *err filled: -ENOENT
 * (the tool is not there), -EPERM (this user may not), -EIO (the tool failed).
 */
must_check int tool_run(const char *const *arguments, FILE *input, char **ret_output,
			struct err *err);

/* A file in memory to write a tool's input to; NULL with *err filled on failure. */
FILE *tool_input(struct err *err);

#endif
