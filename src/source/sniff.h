/* What a file seems to be, by the text it begins with: for picking the mail
   logs out of a folder. Reading a log takes more (format/). */
#ifndef MXWATCH_SOURCE_SNIFF_H
#define MXWATCH_SOURCE_SNIFF_H

#include "base/view.h"

enum sniff {
	SNIFF_OTHER, /* binary, or text without time stamps */
	SNIFF_EMPTY,
	SNIFF_LOG,	/* lines with time stamps */
	SNIFF_MAIL_LOG, /* most lines have stamps, a mail program wrote one at least */
};

/* HEAD is the beginning of the content; its last line may be cut. */
enum sniff sniff_text(struct view head);

#endif
