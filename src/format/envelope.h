/*
 * The envelope of a log line: stamp, host, program, pid.
 *
 * Understood: RFC 3164 stamps ("Nov  2 01:35:45 host prog[pid]: "), with or
 * without <priority> in front, with a year behind or before ("2026 Nov 22",
 * "Nov 22 2026"), busybox's "mail.info" between host and program; ISO 8601 /
 * RFC 3339 with or without fraction and zone ("2026-11-22T00:34:40.155962+00:00");
 * RFC 5424 ("<22>1 2026-… host prog pid msgid [structured data] message"); Exim's
 * own files ("2026-11-22 00:26:01[.123][ +0000] [[pid]] message"); Postfix's
 * maillog_file (as RFC 3164 or 3339); journalctl's short, short-iso and
 * short-full output; "message repeated N times: [ … ]" and "last message
 * repeated N times".
 */
#ifndef MXWATCH_FORMAT_ENVELOPE_H
#define MXWATCH_FORMAT_ENVELOPE_H

#include "format/format.h"

/* What the lines before told, to read the next one faster: stamps and hosts
   repeat. All zero to begin; never changes a result. One per thread. */
struct envelope_memo {
	char stamp[32]; /* the last stamp's bytes, down to the second */
	uint8_t stamp_len;
	uint32_t flags; /* of that stamp */
	int64_t time_s;
};

/*
 * Reads the envelope of LINE (without newline; a CR at its end is dropped).
 * Returns whether there is one; then *ret_record and the stamp, host, pid,
 * repeat fields and stamp flags of *event are set. For "last message repeated"
 * event->kind is EVENT_REPEAT_LAST and repeat the number.
 */
bool envelope_parse(struct view line, struct envelope_memo *memo, struct record *ret_record,
		    struct event *event);

#endif
