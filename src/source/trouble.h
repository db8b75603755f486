/* Words for what can go wrong with a log: what failed, the file, the remedy. */
#ifndef MXWATCH_SOURCE_TROUBLE_H
#define MXWATCH_SOURCE_TROUBLE_H

#include "base/err.h"

#define TROUBLE_WORDS_MAX 96

/* The system's words for errno CODE (positive), lower case. */
const char *trouble_words(int code, char words[static TROUBLE_WORDS_MAX]);

/* Fills *err for a log that can't be opened, CODE being a negative errno, and
   returns CODE. */
int trouble_open(struct err *err, const char *path, int code);
/* The same for a log that can't be read on. */
int trouble_read(struct err *err, const char *name, int code);

#endif
