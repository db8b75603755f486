/*
 * Names of rotated logs: what they have in common and which is older.
 *
 *   mail.log  mail.log.1  mail.log.2.gz           logrotate, newsyslog
 *   mainlog   mainlog.01  mainlog.02.gz           exicyclog
 *   maillog   maillog-20260101.xz                 logrotate's dateext
 *   mail.log  mail-20260101.log  mail.1.log       its "extension"
 *   postfix.log  postfix.log.20260101-030405.gz   postlogd
 *   mainlog-20260101  mainlog-202601              Exim's %D and %M
 */
#ifndef MXWATCH_SOURCE_ROTATION_H
#define MXWATCH_SOURCE_ROTATION_H

#include <stdint.h>

#include "base/view.h"

#define ROTATION_BASE_MAX 256

struct rotation {
	char base[ROTATION_BASE_MAX]; /* the name without date, number, compression */
	uint64_t date;		      /* as YYYYMMDDhhmmss; 0: none */
	uint64_t number;	      /* 0: none, the newest */
};

/* Takes NAME, without its folder, apart. */
void rotation_parse(struct view name, struct rotation *ret_rotation);

/* < 0 if A, of the same base, is older than B; 0 if nothing tells. Dated logs
   come before numbered ones, and the one without either comes last. */
int rotation_compare(const struct rotation *a, const struct rotation *b);

#endif
