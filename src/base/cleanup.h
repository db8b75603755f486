/* Clean-up when a variable leaves its scope: _cleanup_(fclose_p) FILE *f = … */
#ifndef MXWATCH_BASE_CLEANUP_H
#define MXWATCH_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

static inline void free_p(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

static inline void fclose_p(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void close_p(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_free_ _cleanup_(free_p)
#define _cleanup_fclose_ _cleanup_(fclose_p)
#define _cleanup_close_ _cleanup_(close_p)

#endif
