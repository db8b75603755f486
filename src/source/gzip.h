/* What the two ways of reading gzip, by ISA-L and by zlib, share. */
#ifndef MXWATCH_SOURCE_GZIP_H
#define MXWATCH_SOURCE_GZIP_H

#include "base/view.h"

static inline bool gzip_recognise(struct view head)
{
	return view_starts(head, VIEW("\x1f\x8b"));
}

#endif
