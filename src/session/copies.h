/*
 * Lines that Exim's syslog tells twice.
 *
 * Exim writes a refusal to its main log and to its reject log; by syslog both
 * reach one log, unless syslog_duplication is off (log.c, Exim 4). The copy is
 * the next line of the same process, and says the same.
 *
 * The same line twice may also be two refusals. So it is learned for each machine
 * whether it logs copies: a refusal without one tells that it does not.
 */
#ifndef MXWATCH_SESSION_COPIES_H
#define MXWATCH_SESSION_COPIES_H

#include <stdbool.h>

#include "model/event.h"

#define COPIES_PROCESSES 256
#define COPIES_HOSTS 16

struct copies {
	struct copies_last {
		uint64_t process; /* host and pid */
		uint64_t hash;	  /* of its last line, if that may have a copy; else 0 */
		int64_t time_s;
	} last[COPIES_PROCESSES];
	int64_t scores[COPIES_HOSTS]; /* above 0: the host logs copies */
};

/* Whether EVENT only repeats the line before of its process. All events of
   Exim's processes are to be asked for, in order. */
bool copies_take(struct copies *copies, const struct event *event);

#endif
