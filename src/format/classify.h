/*
 * Why: a server's words for a refusal, sorted into the one list of reasons.
 *
 * All formats ask here, so that the same words mean the same whoever logged
 * them. Only the server's own words may be given: what a client typed (an
 * address or HELO name quoted before or behind them) is to be cut off by the
 * format, which knows where it ends.
 */
#ifndef MXWATCH_FORMAT_CLASSIFY_H
#define MXWATCH_FORMAT_CLASSIFY_H

#include <stdint.h>

#include "base/view.h"
#include "model/reason.h"

/*
 * The reason that TEXT gives. CODE is the SMTP reply code and STAGE where in the
 * dialogue it came, 0 and STAGE_UNKNOWN where not told; they decide only where the
 * words alone do not. REASON_OTHER if nothing is recognised.
 *
 * Letters of either case are taken; only the first 500 bytes are read.
 */
enum reason classify(struct view text, unsigned int code, enum stage stage);

/* With REASON_MESSAGE_ID: whether TEXT says that the Message-ID is missing or empty
   (EVENT_MESSAGE_ID_MISSING), not that it is malformed. */
bool classify_message_id_missing(struct view text);

/* The stage of an SMTP command's name as servers write it ("RCPT", "END-OF-MESSAGE",
   "EHLO", "CONNECT"); STAGE_COMMAND for other commands. */
enum stage classify_command(struct view command);

#endif
