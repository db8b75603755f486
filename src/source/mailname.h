/* Whether a program's name, as syslog has it, is a mail server's or of the
   helpers whose lines belong to its log. */
#ifndef MXWATCH_SOURCE_MAILNAME_H
#define MXWATCH_SOURCE_MAILNAME_H

#include "base/view.h"

/* NAME is what stands before "[pid]:" ("postfix/smtpd", "sm-mta"). Names with
   blanks, brackets, colons or control bytes are none. */
bool mailname_is(struct view name);

#endif
