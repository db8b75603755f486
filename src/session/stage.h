/*
 * The session stage from inside: what its files share.
 *
 *	sessions.c  events come in, are looked ahead, and go to what they are about
 *	open.c      open sessions: found, opened, touched, closed, expired
 *	handover.c  sessions that one process began and another goes on with
 *	refusal.c   refusals become attempts; some wait for their sender
 *	queue.c     queue ids: sender, size and session of messages under way
 *	counts.c    counts by the quarter of an hour, and roles of addresses
 *	state.c     all of it as bytes, and back
 *
 * Two clocks: a line's own time goes into facts; `now` decides what has
 * expired. `now` never goes back: when the log's time does (a clock was set,
 * logs of two machines were joined), it stands still and goes on from there.
 */
#ifndef MXWATCH_SESSION_STAGE_H
#define MXWATCH_SESSION_STAGE_H

#include "base/map.h"
#include "session/copies.h"
#include "session/pool.h"
#include "session/session.h"

/* Beside enum session_key: found by no key of its own, waits for a process. */
#define KEY_HANDOVER 4

/* Lists of open sessions, by what ends them. */
enum open_list {
	LIST_LONG,  /* silence of expire_s: the log will show the end, or cannot */
	LIST_SHORT, /* silence of gap_s: inferred, or over but for a last line */
	LIST_WAIT   /* HANDOVER_WAIT_S since the hand-over */
};
#define HANDOVER_WAIT_S 100 /* postscreen_send.c: PSC_SEND_SOCK_NOTIFY_TIMEOUT */

enum open_state {
	OPEN_BEGUN = 1 << 0,	  /* its begin was seen */
	OPEN_ENDED = 1 << 1,	  /* its end was seen; a last line may follow */
	OPEN_PEAK = 1 << 2,	  /* counts among the concurrent */
	OPEN_DENIED_LAST = 1 << 3 /* the last thing it was told is a relay denial */
};

struct open {
	struct node node;
	struct ip ip;  /* the client's, if client is not 0 */
	uint32_t host; /* hash32 of the machine's name */
	uint32_t pid;
	uint16_t port;
	uint8_t kind; /* enum session_key or KEY_HANDOVER */
	uint8_t mta;
	uint8_t peer_list; /* enum peer_list */
	uint32_t client;   /* 0: not known yet */
	/* Sessions of one key, a ring ordered as their list; only the oldest is entered. */
	uint32_t ring_older, ring_newer;
	/* Sessions of one client that a process may go on with; see handover.c. */
	uint32_t screen, peer_older, peer_newer;
	uint32_t number;
	uint32_t helo, helo_hash, name_hash;
	int64_t start_ms, last_ms;
	uint32_t reasons, users_failed;
	uint16_t refusals, relay_refusals, accepted;
	uint16_t commands, commands_refused;
	uint16_t flags; /* enum session_flag */
	uint16_t state; /* enum open_state */
	uint16_t waiting_count;
	uint32_t waiting_first, waiting_last; /* refusals that wait for their sender */
};

/* Lists of a client's sessions, each in the order in which they were heard of. */
enum peer_list { PEER_NONE, PEER_BEGUN, PEER_HANDED, PEER_LISTS };

/* A client with sessions that a process may go on with. */
struct screen {
	struct node node;
	struct ip ip;
	uint32_t host;
	struct peers {
		uint32_t oldest, newest;
	} peers[PEER_LISTS];
};

/* A refusal that waits for the line that tells its sender. */
struct waiting {
	struct attempt attempt;
	uint64_t queue; /* hash of its queue id; 0: it has none */
	uint32_t next;
	uint32_t unused;
};
#define WAITING_MAX 65536u	  /* in all */
#define WAITING_SESSION_MAX 4096u /* in one session */

enum queued_flag {
	QUEUED_RECEIVED = 1 << 0, /* counted as received */
	QUEUED_KNOWN = 1 << 1,	  /* sender and size were told */
	QUEUED_SENDER = 1 << 2,	  /* sender is set */
	QUEUED_DONE = 1 << 3,	  /* a recipient reached its end */
	QUEUED_REFUSED = 1 << 4	  /* taken back from its session's accepted ones */
};

struct queued {
	struct node node;
	uint64_t bytes;
	uint64_t session_key; /* hash of the session that brought it; 0: none */
	uint32_t session;     /* its number */
	uint32_t sender, client;
	uint32_t flags; /* enum queued_flag; above QUEUED_QUARTER, when it was received */
};
#define QUEUED_QUARTER 8     /* bits below the number of the quarter of an hour */
#define QUEUE_EXPIRE_S 86400 /* silence after which a queue id is forgotten */

#define SLOTS_IN_HAND 16
#define DOMAINS_IN_HAND 64

/* The roles told on a day, each once. */
struct told {
	uint32_t day;
	uint32_t *strings; /* whose role bits say what was told; see counts.c */
	size_t count, capacity;
	struct map others; /* uint64_t string << 3 | role: what has no bits */
};

struct counts {
	struct slot slots[SLOTS_IN_HAND]; /* start is SLOT_NONE where free */
	uint32_t last;			  /* which one was used last */
	uint32_t now_start;		  /* the quarter of the last event; SLOT_NONE: none */
	struct told told[2];		  /* on an even and an odd day */
	struct {
		uint64_t hash; /* of a domain as written */
		uint32_t day;
	} domains[DOMAINS_IN_HAND]; /* told to be local */
};
#define SLOT_NONE UINT32_MAX

#define LOOK_AHEAD 16 /* events; a power of two */
/* What looking ahead found out about an event. */
struct ahead {
	uint64_t session, queue; /* hashes; 0: none */
	uint64_t client;	 /* hash, if it is needed */
	struct word text;	 /* with its hash, if it is to be kept */
	/* What the directory is guessed to give for them; 0: nothing. */
	uint32_t client_guess, sender_guess, recipient_guess, text_guess;
};

struct sessions {
	struct session_options options; /* with the defaults filled in */
	struct directory *directory;
	struct fact_sink sink;
	struct pool open;	 /* struct open */
	struct pool queue;	 /* struct queued */
	struct pool screens;	 /* struct screen */
	struct waiting *waiting; /* from 1 */
	uint32_t waiting_made, waiting_free;
	size_t waiting_capacity;
	struct counts counts;
	struct copies copies;
	const struct ahead *ahead; /* of the event whose turn it is */
	int64_t now;		   /* seconds */
	int64_t time;		   /* of the last event; INT64_MIN: none yet */
	int64_t clock_offset;	   /* now = time + offset, */
	int64_t clock_base;	   /* and the offset before time went back */
	uint32_t last_number;
	uint32_t concurrent;
	uint64_t forgotten;
};

static inline struct open *open_at(const struct sessions *sessions, uint32_t index)
{
	return pool_row(&sessions->open, index);
}

static inline struct queued *queued_at(const struct sessions *sessions, uint32_t index)
{
	return pool_row(&sessions->queue, index);
}

static inline uint16_t add_16(uint16_t count, uint32_t more)
{
	return more >= (uint32_t)(UINT16_MAX - count) ? UINT16_MAX : (uint16_t)(count + more);
}

static inline uint32_t add_32(uint32_t count, uint32_t more)
{
	return more >= UINT32_MAX - count ? UINT32_MAX : count + more;
}

/* Seconds as facts hold them. */
static inline uint32_t fact_time(int64_t seconds)
{
	return seconds < 0 ? 0 : seconds >= UINT32_MAX ? UINT32_MAX - 1 : (uint32_t)seconds;
}

static inline int64_t event_ms(const struct event *event)
{
	return (int64_t)fact_time(event->time_s) * 1000 + event->time_us / 1000;
}

/* The ids of the client and the words of the event whose turn it is. */
static inline uint32_t client_now(const struct sessions *sessions, const struct event *event)
{
	const struct ahead *ahead = sessions->ahead;

	if (!ahead->client)
		return directory_client(sessions->directory, &event->client);
	return directory_client_guessed(sessions->directory, &event->client, ahead->client,
					ahead->client_guess);
}

static inline uint32_t sender_now(const struct sessions *sessions, const struct event *event)
{
	return strings_add_guessed(sessions->directory->strings, event->sender,
				   sessions->ahead->sender_guess);
}

static inline uint32_t recipient_now(const struct sessions *sessions, const struct event *event)
{
	return strings_add_guessed(sessions->directory->strings, event->recipient,
				   sessions->ahead->recipient_guess);
}

/* --- open.c: indices of open sessions; 0 is none --- */

/* The hash of an event's session key, 0 if it belongs to no session. */
static inline uint64_t open_hash(const struct event *event)
{
	uint64_t host = event->host.hash, high, low;
	uint32_t port = event->key == KEY_CLIENT_PORT ? event->port : 0;

	if (event->key == KEY_PROCESS)
		return hash_pair(host << 8 | KEY_PROCESS, event->pid);
	if (event->key == KEY_NONE || !(event->flags & EVENT_HAS_CLIENT))
		return 0;
	memcpy(&high, event->client.bytes, sizeof(high));
	memcpy(&low, event->client.bytes + 8, sizeof(low));
	return hash_pair(hash_pair(high, low), host << 24 | port << 8 | event->key);
}

/* The session that EVENT (which is no EVENT_CONNECT or EVENT_DISCONNECT)
   belongs to, opened if need be; its client, names and last sign of life are
   brought up to date. */
uint32_t open_of_event(struct sessions *sessions, const struct event *event, uint64_t hash);
void open_connect(struct sessions *sessions, const struct event *event, uint64_t hash);
void open_disconnect(struct sessions *sessions, const struct event *event, uint64_t hash);
void open_lost(struct sessions *sessions, const struct event *event, uint64_t hash);
/* Its begin is EVENT, unless it was seen before. */
void open_begin(struct sessions *sessions, uint32_t index, const struct event *event);
/* The end of a session was seen, but a last line may follow. */
void open_end(struct sessions *sessions, uint32_t index);
/* The session of that number, if it is still open and found by HASH. */
uint32_t open_by_number(const struct sessions *sessions, uint64_t hash, uint32_t number);
/* Enters a session with its kind's key, behind others of the same key. */
void open_enter(struct sessions *sessions, uint32_t index, uint64_t hash);
/* Takes it out again. */
void open_leave(struct sessions *sessions, uint32_t index);
/* Puts it at the end of its list, its ring and its client's peers. */
void open_touch(struct sessions *sessions, uint32_t index);
/* A new session of EVENT's key, whose caller enters and touches it. */
uint32_t open_new(struct sessions *sessions, const struct event *event);
void open_update(struct sessions *sessions, uint32_t index, const struct event *event);
void open_close(struct sessions *sessions, uint32_t index, bool end_seen);
/* Closes what has been silent too long. */
void open_expire(struct sessions *sessions);

/* --- handover.c --- */

/* Puts a session at the end of its client's LIST, or takes it out of any. */
void handover_join(struct sessions *sessions, uint32_t index, enum peer_list list);
void handover_leave(struct sessions *sessions, uint32_t index);
void handover_touch(struct sessions *sessions, uint32_t index);
/* EVENT's session now waits for another process. */
void handover_give(struct sessions *sessions, const struct event *event, uint64_t hash);
/* A session begins with EVENT that another process will go on with. */
void handover_begin(struct sessions *sessions, const struct event *event);
/* A session that begins with EVENT in a process: the one that waited for it, not
   entered; 0: none. */
uint32_t handover_take(struct sessions *sessions, const struct event *event);

/* --- refusal.c --- */

void refusal_take(struct sessions *sessions, const struct event *event, const struct ahead *ahead);
/* The sender of a queue id is known: what waited for it in this session goes out.
   Returns whether the message itself was among what was refused. */
bool refusal_sender(struct sessions *sessions, uint32_t index, uint64_t queue, uint32_t sender);
/* What still waits in a session goes out as it is. */
void refusal_give_up(struct sessions *sessions, uint32_t index);
/* EVENT_NOT_TAKEN. */
void refusal_not_taken(struct sessions *sessions, const struct event *event,
		       const struct ahead *ahead);
/* Lets an attempt wait in a session; false: no room. */
bool refusal_wait(struct sessions *sessions, uint32_t index, const struct attempt *attempt,
		  uint64_t queue);

/* --- queue.c --- */

/* The hash of an event's queue id, 0 if it has none. */
static inline uint64_t queue_hash(const struct event *event)
{
	if (event->queue_id.len == 0)
		return 0;
	return hash_pair(hash64(event->queue_id.ptr, event->queue_id.len), event->host.hash);
}

uint32_t queue_find(const struct sessions *sessions, uint64_t hash);
void queue_received(struct sessions *sessions, const struct event *event,
		    const struct ahead *ahead);
void queue_known(struct sessions *sessions, const struct event *event, const struct ahead *ahead);
void queue_delivery(struct sessions *sessions, const struct event *event,
		    const struct ahead *ahead);
void queue_removed(struct sessions *sessions, const struct ahead *ahead);
void queue_expire(struct sessions *sessions);

/* --- counts.c --- */

void counts_init(struct counts *counts);
void counts_release(struct counts *counts, struct strings *strings);
/* Forgets which roles were told, because STRINGS will have other ids. */
void counts_forget_roles(struct counts *counts, struct strings *strings);
/* The counts of the quarter that TIME lies in; valid until the next call. */
struct slot *counts_at(struct sessions *sessions, uint32_t time);
/* The log has come to TIME: sessions that are open now are so in its quarter. */
void counts_advance(struct sessions *sessions, uint32_t time);
void counts_flush(struct sessions *sessions);
/* Tells the role of a string, once a day. */
void counts_role(struct sessions *sessions, uint32_t time, uint32_t string, enum role role);
/* Tells that an address's domain is ours. */
void counts_local(struct sessions *sessions, uint32_t time, struct word address);

#endif
