/*
 * Sessions: events become sessions, attempts and counts.
 *
 * The one stage that must see events in order, and the one that remembers:
 * which client a process serves, which client and sender a queue id belongs
 * to, which sessions are open. Its clock is the log's own time. Everything it
 * remembers is bounded and expires by that clock.
 *
 * Where the log shows a session's begin and end (Postfix: host, service and pid;
 * Exim with connection lines: client and port; Sendmail: pid), the session is
 * exact. Where not, lines of one client belong together until nothing was heard
 * for the gap, and the session is marked inferred.
 */
#ifndef MXWATCH_SESSION_SESSION_H
#define MXWATCH_SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/directory.h"
#include "model/event.h"
#include "model/fact.h"

/* Words that few ask for: where they are not kept, helo and text of all facts are 0, which saves
   most of the interning. */
enum session_words {
	WORDS_NONE,
	WORDS_JUDGED, /* what detections read: HELO names, texts of commands that were refused */
	WORDS_ALL
};

struct session_options {
	uint32_t gap_s;	   /* silence that ends an inferred session; 0: the default */
	uint32_t expire_s; /* silence that ends an exact session whose end never came; 0: default */
	uint32_t open_max; /* most open sessions (and queue ids) remembered; 0: the default */
	enum session_words words; /* which of them become strings */
};
#define SESSION_GAP_DEFAULT_S 60
#define SESSION_EXPIRE_DEFAULT_S 3600
#define SESSION_OPEN_MAX_DEFAULT 200000

struct sessions;

/* Facts go to SINK, ids come from DIRECTORY; both must outlive the sessions. */
struct sessions *sessions_new(const struct session_options *options, struct directory *directory,
			      const struct fact_sink *sink);
void sessions_free(struct sessions *sessions);

/*
 * Takes COUNT events in order. Times are Unix seconds by now: neither
 * EVENT_NO_YEAR nor EVENT_NO_ZONE may be set. Nothing in them is needed after.
 */
void sessions_take(struct sessions *sessions, const struct event *events, size_t count);

/* Ends the log: closes every open session as of its last line and hands out
   what has been counted. */
void sessions_finish(struct sessions *sessions);

/* Hands out counts gathered so far, without closing anything. */
void sessions_flush(struct sessions *sessions);

/* What is open, as bytes that sessions_restore takes back, so that a reader that
   stops and goes on loses nothing. Ids in them are those of the directory.
   sessions_save implies sessions_flush; *ret_bytes is freed by the caller. */
void sessions_save(struct sessions *sessions, char **ret_bytes, size_t *ret_len);
/* Returns 0, or -EBADMSG if BYTES are not such; then nothing is open. Role facts
   told before may be told again after it. */
must_check int sessions_restore(struct sessions *sessions, const char *bytes, size_t len);

/*
 * Visits every id, other than 0, of what is open; VISIT may change it in place, for
 * a store that renumbers its strings and clients. Role facts may be told again.
 */
enum sessions_id { SESSIONS_CLIENT, SESSIONS_STRING };
void sessions_each_id(struct sessions *sessions,
		      void (*visit)(void *context, enum sessions_id kind, uint32_t *id),
		      void *context);

/* Number of the last session given out; set after a restart by the store. */
uint32_t sessions_last_number(const struct sessions *sessions);

/* What had to be forgotten for lack of room: open sessions and queue ids. */
uint64_t sessions_forgotten(const struct sessions *sessions);

#endif
