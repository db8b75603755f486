/*
 * Open sessions.
 *
 * A key (process; client and port; client) names one session at a time, but
 * for clients alone, whose connections may overlap, and hand-overs that wait:
 * those lie in a ring, the one that was heard of longest ago first. Lines go to
 * the newest of a ring, ends to the oldest.
 *
 * A session whose begin and end the log shows is exact: it is timed and counts
 * among the concurrent. Sendmail's are not counted among these, because of most
 * of them it logs no end.
 */
#include "session/stage.h"

static bool same_key(const struct open *a, const struct open *b)
{
	if (a->kind != b->kind || a->host != b->host)
		return false;
	if (a->kind == KEY_PROCESS)
		return a->pid == b->pid;
	return ip_equal(&a->ip, &b->ip) && (a->kind != KEY_CLIENT_PORT || a->port == b->port);
}

static bool has_key_of(const struct open *open, const struct event *event)
{
	if (open->kind != event->key || open->host != event->host.hash)
		return false;
	if (open->kind == KEY_PROCESS)
		return open->pid == event->pid;
	return ip_equal(&open->ip, &event->client) &&
	       (open->kind != KEY_CLIENT_PORT || open->port == event->port);
}

/* The oldest session of another's key. */
static uint32_t ring_oldest(const struct sessions *sessions, const struct open *open, uint64_t hash)
{
	uint32_t index = pool_first(&sessions->open, hash);

	while (index && !same_key(open_at(sessions, index), open))
		index = pool_next(&sessions->open, index);
	return index;
}

/* The oldest session of an event's key. */
static uint32_t find(const struct sessions *sessions, const struct event *event, uint64_t hash)
{
	uint32_t index = pool_first(&sessions->open, hash);

	while (index && !has_key_of(open_at(sessions, index), event))
		index = pool_next(&sessions->open, index);
	return index;
}

static void ring_insert(struct sessions *sessions, uint32_t index, uint32_t oldest)
{
	struct open *open = open_at(sessions, index), *first = open_at(sessions, oldest);

	open->ring_newer = oldest;
	open->ring_older = first->ring_older;
	open_at(sessions, first->ring_older)->ring_newer = index;
	first->ring_older = index;
}

void open_enter(struct sessions *sessions, uint32_t index, uint64_t hash)
{
	struct open *open = open_at(sessions, index);
	uint32_t oldest = ring_oldest(sessions, open, hash);

	open->node.hash = hash;
	if (oldest) {
		ring_insert(sessions, index, oldest);
		return;
	}
	open->ring_older = open->ring_newer = index;
	pool_enter(&sessions->open, index, hash);
}

void open_leave(struct sessions *sessions, uint32_t index)
{
	struct open *open = open_at(sessions, index);
	uint32_t newer = open->ring_newer;
	bool entered = open->node.entered;

	pool_leave(&sessions->open, index);
	if (newer == index)
		return;
	open_at(sessions, newer)->ring_older = open->ring_older;
	open_at(sessions, open->ring_older)->ring_newer = newer;
	if (entered)
		pool_enter(&sessions->open, newer, open->node.hash);
}

static unsigned int list_of(const struct open *open)
{
	if (open->peer_list == PEER_HANDED)
		return LIST_WAIT;
	return open->kind == KEY_CLIENT || open->state & OPEN_ENDED ? LIST_SHORT : LIST_LONG;
}

void open_touch(struct sessions *sessions, uint32_t index)
{
	struct open *open = open_at(sessions, index);

	pool_touch(&sessions->open, index, list_of(open), sessions->now);
	handover_touch(sessions, index);
	if (open->ring_newer == index || open_at(sessions, open->ring_newer)->node.entered)
		return; /* alone, or the newest already */
	open_leave(sessions, index);
	open_enter(sessions, index, open->node.hash);
}

static void make_room(struct sessions *sessions)
{
	while (sessions->open.count >= sessions->options.open_max) {
		open_close(sessions, pool_oldest(&sessions->open), false);
		sessions->forgotten++;
	}
}

uint32_t open_new(struct sessions *sessions, const struct event *event)
{
	uint32_t index;
	struct open *open;

	make_room(sessions);
	index = pool_add(&sessions->open);
	open = open_at(sessions, index);
	open->ring_older = open->ring_newer = index;
	open->host = event->host.hash;
	open->pid = event->pid;
	open->port = event->port;
	open->kind = event->key;
	open->mta = event->mta;
	open->start_ms = open->last_ms = event_ms(event);
	if (++sessions->last_number == 0)
		sessions->last_number = 1;
	open->number = sessions->last_number;
	return index;
}

static void learn_client(struct sessions *sessions, struct open *open, const struct event *event)
{
	if (event->flags & EVENT_HAS_CLIENT && open->client == 0) {
		open->ip = event->client;
		open->client = client_now(sessions, event);
	}
	if (event->name.len && open->client && open->name_hash != event->name.hash) {
		open->name_hash = event->name.hash;
		directory_name_client(sessions->directory, open->client, event->name,
				      event->flags & EVENT_NAME_UNSURE);
	}
}

void open_update(struct sessions *sessions, uint32_t index, const struct event *event)
{
	struct open *open = open_at(sessions, index);

	learn_client(sessions, open, event);
	if (event->helo.len && sessions->options.words != WORDS_NONE &&
	    (open->helo == 0 || open->helo_hash != event->helo.hash)) {
		open->helo_hash = event->helo.hash;
		open->helo = strings_add_word(sessions->directory->strings, event->helo);
	}
	if (event->flags & EVENT_NAME_UNSURE)
		open->flags |= SESSION_NAME_UNSURE;
	if (event->flags & EVENT_OUTBOUND)
		open->flags |= SESSION_OUTBOUND;
	if (!(open->state & OPEN_ENDED))
		open->last_ms = event_ms(event);
}

/* Its begin was seen: it counts among the concurrent. */
static void begin(struct sessions *sessions, struct open *open, const struct event *event)
{
	struct slot *slot;

	open->state |= OPEN_BEGUN;
	if (open->mta == MTA_SENDMAIL)
		return;
	open->state |= OPEN_PEAK;
	sessions->concurrent++;
	slot = counts_at(sessions, fact_time(event->time_s));
	if (slot->peak_concurrent < sessions->concurrent)
		slot->peak_concurrent = sessions->concurrent;
}

static void leave_peak(struct sessions *sessions, struct open *open)
{
	if (open->state & OPEN_PEAK)
		sessions->concurrent--;
	open->state &= (uint16_t)~OPEN_PEAK;
}

/* A line that tells how long the connection was tells its begin too. */
static void learn_begin(struct open *open, const struct event *event)
{
	int64_t start_ms;

	if (open->state & OPEN_BEGUN || event->delay_s == UINT32_MAX)
		return;
	start_ms = event_ms(event) - (int64_t)event->delay_s * 1000;
	if (start_ms < open->start_ms)
		open->start_ms = start_ms;
	open->state |= OPEN_BEGUN;
}

static bool other_client(const struct open *open, const struct event *event)
{
	return open->kind == KEY_PROCESS && open->client && event->flags & EVENT_HAS_CLIENT &&
	       !ip_equal(&open->ip, &event->client);
}

/* Whether EVENT can't be of the session, although its key is. */
static bool is_past(const struct open *open, const struct event *event)
{
	if (open->kind == KEY_CLIENT && open->state & OPEN_ENDED)
		return event->kind != EVENT_LOST && !(event->flags & EVENT_KEEPALIVE_ONLY);
	/* Turned away as a whole, and then again: the port is in use once more. */
	if (open->kind == KEY_CLIENT_PORT && open->state & OPEN_ENDED)
		return event->kind == EVENT_REFUSAL && event->stage == STAGE_CONNECT &&
		       event->flags & EVENT_ENDS_SESSION;
	return other_client(open, event);
}

/* A process's session that begins with EVENT, or goes on with it. */
static uint32_t begin_or_go_on(struct sessions *sessions, const struct event *event, uint64_t hash,
			       bool may_go_on)
{
	uint32_t index = may_go_on ? handover_take(sessions, event) : 0;

	if (!index)
		index = open_new(sessions, event);
	open_update(sessions, index, event);
	open_enter(sessions, index, hash);
	return index;
}

static uint32_t newest_of(const struct sessions *sessions, const struct event *event, uint64_t hash)
{
	uint32_t oldest = find(sessions, event, hash);

	if (!oldest || event->kind == EVENT_LOST)
		return oldest;
	return open_at(sessions, oldest)->ring_older;
}

uint32_t open_of_event(struct sessions *sessions, const struct event *event, uint64_t hash)
{
	uint32_t index;

	if (hash == 0)
		return 0;
	index = newest_of(sessions, event, hash);
	while (index && is_past(open_at(sessions, index), event)) {
		open_close(sessions, index, false);
		index = newest_of(sessions, event, hash);
	}
	if (index) {
		open_update(sessions, index, event);
		if (event->kind == EVENT_LOST && event->key == KEY_CLIENT)
			return index; /* the oldest stays so: its last line may follow */
	} else {
		if (event->flags & EVENT_KEEPALIVE_ONLY)
			return 0;
		index = begin_or_go_on(sessions, event, hash, event->mta == MTA_EXIM);
	}
	open_touch(sessions, index);
	return index;
}

void open_connect(struct sessions *sessions, const struct event *event, uint64_t hash)
{
	uint32_t index;

	if (hash == 0)
		return;
	/* Exim's daemon takes all connections and gives each to a child of its own pid. */
	if (event->key == KEY_PROCESS && event->mta == MTA_EXIM) {
		if (event->flags & EVENT_HAS_CLIENT)
			handover_begin(sessions, event);
		return;
	}
	index = event->key == KEY_CLIENT ? 0 : find(sessions, event, hash);
	if (index)
		open_close(sessions, index, false);
	index = begin_or_go_on(sessions, event, hash, event->key == KEY_PROCESS);
	open_begin(sessions, index, event);
	if (event->key == KEY_CLIENT_PORT && event->mta == MTA_POSTFIX)
		handover_join(sessions, index, PEER_BEGUN);
	open_touch(sessions, index);
}

void open_begin(struct sessions *sessions, uint32_t index, const struct event *event)
{
	struct open *open = open_at(sessions, index);

	if (!(open->state & OPEN_BEGUN))
		begin(sessions, open, event);
}

/* Postfix says "client=" when a transaction begins, and at the end how many messages
   were taken. */
static void learn_taken(struct open *open, const struct event *event)
{
	const struct commands *commands = &event->commands;

	if (event->mta == MTA_POSTFIX && (commands->accepted || commands->refused) &&
	    open->accepted > commands->messages)
		open->accepted = commands->messages;
}

void open_disconnect(struct sessions *sessions, const struct event *event, uint64_t hash)
{
	uint32_t index = hash ? find(sessions, event, hash) : 0;
	struct open *open;

	if (index && other_client(open_at(sessions, index), event)) {
		open_close(sessions, index, false);
		index = 0;
	}
	if (index) {
		open_update(sessions, index, event);
	} else {
		if (hash == 0 || event->flags & EVENT_KEEPALIVE_ONLY ||
		    !(event->flags & EVENT_HAS_CLIENT))
			return;
		index = begin_or_go_on(sessions, event, hash, event->mta == MTA_EXIM);
	}
	open = open_at(sessions, index);
	learn_begin(open, event);
	open->last_ms = event_ms(event);
	open->commands = add_16(event->commands.accepted, event->commands.refused);
	open->commands_refused = event->commands.refused;
	learn_taken(open, event);
	open_close(sessions, index, true);
}

void open_lost(struct sessions *sessions, const struct event *event, uint64_t hash)
{
	uint32_t index = open_of_event(sessions, event, hash);

	if (!index)
		return;
	open_at(sessions, index)->flags |= SESSION_LOST;
	learn_begin(open_at(sessions, index), event);
	open_end(sessions, index);
}

void open_end(struct sessions *sessions, uint32_t index)
{
	struct open *open = open_at(sessions, index);

	leave_peak(sessions, open);
	open->state |= OPEN_ENDED;
	handover_leave(sessions, index);
	if (open->kind != KEY_CLIENT)
		pool_touch(&sessions->open, index, LIST_SHORT, sessions->now);
}

uint32_t open_by_number(const struct sessions *sessions, uint64_t hash, uint32_t number)
{
	uint32_t index = pool_first(&sessions->open, hash);

	while (index && open_at(sessions, index)->number != number)
		index = pool_next(&sessions->open, index);
	return index;
}

static bool gave_up(const struct open *open)
{
	return open->relay_refusals == 1 && open->state & OPEN_DENIED_LAST && open->accepted == 0 &&
	       !(open->flags & SESSION_DROPPED);
}

static uint16_t final_flags(const struct open *open, bool end_seen)
{
	unsigned int flags = open->flags;

	end_seen |= (open->state & OPEN_ENDED) != 0;
	if (!end_seen || !(open->state & OPEN_BEGUN))
		flags |= SESSION_INFERRED;
	if (!end_seen && open->kind != KEY_CLIENT)
		flags |= SESSION_EXPIRED;
	if (gave_up(open))
		flags |= SESSION_GAVE_UP;
	if (open->client == 0 && !(open->state & OPEN_BEGUN))
		flags |= SESSION_UNTIMED;
	return (uint16_t)flags;
}

static struct session_fact fact_of(const struct open *open, bool end_seen)
{
	int64_t length_ms = open->last_ms - open->start_ms;
	struct session_fact fact = {
		.number = open->number,
		.client = open->client,
		.helo = open->helo,
		.end = fact_time(open->last_ms / 1000),
		.reasons = open->reasons,
		.refusals = open->refusals,
		.relay_refusals = open->relay_refusals,
		.accepted = open->accepted,
		.flags = final_flags(open, end_seen),
		.commands = open->commands,
		.commands_refused = open->commands_refused,
		.users_failed = open->users_failed,
	};

	if (length_ms < 0)
		length_ms = 0; /* the clock was set back */
	fact.start = length_ms ? fact_time(open->start_ms / 1000) : fact.end;
	fact.duration_ms = length_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)length_ms;
	return fact;
}

static void book(struct sessions *sessions, const struct session_fact *fact)
{
	struct slot *slot = counts_at(sessions, fact->end);

	slot->probes += fact->relay_refusals > 0;
	if (fact->flags & SESSION_UNTIMED)
		return;
	slot->connections++;
	if (fact->flags & SESSION_INFERRED)
		return;
	slot->sessions_exact++;
	slot->connected_ms += fact->duration_ms;
	if (slot->max_ms < fact->duration_ms)
		slot->max_ms = fact->duration_ms;
}

void open_close(struct sessions *sessions, uint32_t index, bool end_seen)
{
	struct open *open = open_at(sessions, index);
	struct session_fact fact = fact_of(open, end_seen);

	if (open->waiting_first)
		refusal_give_up(sessions, index);
	leave_peak(sessions, open);
	handover_leave(sessions, index);
	open_leave(sessions, index);
	pool_remove(&sessions->open, index);
	if (fact.flags & SESSION_UNTIMED && fact.refusals == 0 && fact.accepted == 0)
		return; /* a process that did nothing for any client */
	book(sessions, &fact);
	sessions->sink.session(sessions->sink.context, &fact);
}

void open_expire(struct sessions *sessions)
{
	const int64_t limits[POOL_LISTS] = {
		[LIST_LONG] = sessions->options.expire_s,
		[LIST_SHORT] = sessions->options.gap_s,
		[LIST_WAIT] = HANDOVER_WAIT_S,
	};

	for (size_t list = 0; list < POOL_LISTS; list++) {
		uint32_t index;

		while ((index = sessions->open.lists[list].oldest) != 0 &&
		       sessions->now - open_at(sessions, index)->node.touched > limits[list])
			open_close(sessions, index, false);
	}
}
