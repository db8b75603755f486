/*
 * Refusals become attempts, one each.
 *
 * Sendmail logs what check_rcpt and others refuse before it logs the sender:
 * "from=" of the queue id comes when the transaction is over (collect.c, srvrsmtp.c).
 * "User unknown" names not even the client. Such refusals wait in their session
 * for a line that tells, at the longest until the session is closed; when too
 * many wait, they go out as they are. A refusal of a whole message then waits on
 * for the line of its recipient.
 */
#include "session/stage.h"

#include "base/memory.h"

static bool may_wait(const struct event *event)
{
	if (event->mta != MTA_SENDMAIL || event->flags & EVENT_HAS_SENDER)
		return false;
	if (event->queue_id.len == 0 && event->pid)
		return false; /* but lines that people shortened have neither */
	return event->kind == EVENT_REFUSAL_BY_ID ||
	       (event->kind == EVENT_REFUSAL && event->stage >= STAGE_RCPT &&
		event->stage <= STAGE_BODY);
}

static void give(struct sessions *sessions, const struct attempt *attempt)
{
	sessions->sink.attempt(sessions->sink.context, attempt);
}

static uint32_t waiting_new(struct sessions *sessions)
{
	uint32_t index = sessions->waiting_free;

	if (index) {
		sessions->waiting_free = sessions->waiting[index].next;
		return index;
	}
	if (sessions->waiting_made >= WAITING_MAX)
		return 0;
	index = ++sessions->waiting_made;
	ARRAY_GROW(sessions->waiting, index, sessions->waiting_capacity);
	return index;
}

bool refusal_wait(struct sessions *sessions, uint32_t index, const struct attempt *attempt,
		  uint64_t queue)
{
	struct open *open = open_at(sessions, index);
	uint32_t place = 0;

	if (open->waiting_count < WAITING_SESSION_MAX)
		place = waiting_new(sessions);
	if (!place)
		return false;
	sessions->waiting[place] = (struct waiting){.attempt = *attempt, .queue = queue};
	if (open->waiting_last)
		sessions->waiting[open->waiting_last].next = place;
	else
		open->waiting_first = place;
	open->waiting_last = place;
	open->waiting_count++;
	return true;
}

/* A refusal that named no recipient: of the whole message, whose recipients may follow. */
static bool of_message(const struct attempt *attempt)
{
	return attempt->stage >= STAGE_DATA && attempt->stage <= STAGE_BODY &&
	       !(attempt->flags & ATTEMPT_HAS_RECIPIENT);
}

static void waiting_free(struct sessions *sessions, uint32_t place)
{
	sessions->waiting[place].next = sessions->waiting_free;
	sessions->waiting_free = place;
}

/* Empties a session's list; returns its first. */
static uint32_t waiting_begin(struct open *open)
{
	uint32_t place = open->waiting_first;

	open->waiting_first = open->waiting_last = 0;
	open->waiting_count = 0;
	return place;
}

/* Takes PLACE out of a list that was begun with; *place moves on. */
static struct waiting waiting_take(struct sessions *sessions, uint32_t *place)
{
	struct waiting waiting = sessions->waiting[*place];

	waiting_free(sessions, *place);
	*place = waiting.next;
	return waiting;
}

static void give_late(struct sessions *sessions, const struct open *open, struct attempt *attempt)
{
	if (attempt->client == 0)
		attempt->client = open->client;
	give(sessions, attempt);
}

bool refusal_sender(struct sessions *sessions, uint32_t index, uint64_t queue, uint32_t sender)
{
	struct open *open = open_at(sessions, index);
	uint32_t place = waiting_begin(open);
	bool refused = false;

	while (place) {
		struct waiting waiting = waiting_take(sessions, &place);
		bool meant = waiting.queue == queue;

		if (meant) {
			waiting.attempt.sender = sender;
			waiting.attempt.flags |= ATTEMPT_HAS_SENDER;
			refused |= of_message(&waiting.attempt);
		}
		/* There is room to wait on: its own place has just become free. */
		if (meant && !of_message(&waiting.attempt))
			give_late(sessions, open, &waiting.attempt);
		else
			refusal_wait(sessions, index, &waiting.attempt, waiting.queue);
	}
	return refused;
}

static void tell_recipient(struct sessions *sessions, uint32_t index, uint64_t queue,
			   struct word recipient)
{
	struct open *open = open_at(sessions, index);
	uint32_t place = waiting_begin(open);

	while (place) {
		struct waiting waiting = waiting_take(sessions, &place);

		if (waiting.queue != queue || !of_message(&waiting.attempt)) {
			refusal_wait(sessions, index, &waiting.attempt, waiting.queue);
			continue;
		}
		waiting.attempt.recipient =
			strings_add_word(sessions->directory->strings, recipient);
		waiting.attempt.flags |= ATTEMPT_HAS_RECIPIENT;
		give_late(sessions, open, &waiting.attempt);
	}
}

void refusal_give_up(struct sessions *sessions, uint32_t index)
{
	struct open *open = open_at(sessions, index);
	uint32_t place = waiting_begin(open);

	while (place) {
		struct waiting waiting = waiting_take(sessions, &place);

		give_late(sessions, open, &waiting.attempt);
	}
}

static void note_in_session(struct open *open, const struct event *event)
{
	bool denied = event->reason == REASON_RELAY_DENIED;

	open->refusals = add_16(open->refusals, event->repeat);
	open->reasons |= 1u << event->reason;
	if (event->code >= 500)
		open->reasons |= SESSION_PERMANENT;
	else if (event->code >= 400)
		open->reasons |= SESSION_TEMPORARY;
	if (denied)
		open->relay_refusals = add_16(open->relay_refusals, event->repeat);
	if (event->kind == EVENT_AUTH_FAILED)
		open->users_failed = add_32(open->users_failed, event->repeat);
	open->state &= (uint16_t)~OPEN_DENIED_LAST;
	if (denied)
		open->state |= OPEN_DENIED_LAST;
}

static bool refuses_message(const struct event *event)
{
	return event->stage == STAGE_HEADER || event->stage == STAGE_BODY;
}

/* Sendmail logs a message as received before its last word on it (from= at the end of
   collect, then the check of its size): its quarter loses it again. Sums of counts are
   modulo 2^64, so it does not matter that this one may have been handed out. */
static void uncount(struct sessions *sessions, const struct queued *queued)
{
	struct slot *slot = counts_at(sessions, (queued->flags >> QUEUED_QUARTER) * SLOT_S);

	slot->received--;
	slot->bytes_received -= queued->bytes;
}

/* The message that the session brought was refused after all. */
static void take_back(struct sessions *sessions, const struct event *event, struct open *open,
		      struct queued *queued)
{
	if ((queued->flags & (QUEUED_RECEIVED | QUEUED_REFUSED)) != QUEUED_RECEIVED ||
	    queued->session != open->number)
		return;
	queued->flags |= QUEUED_REFUSED;
	if (open->accepted)
		open->accepted--;
	if (event->mta == MTA_SENDMAIL)
		uncount(sessions, queued);
}

static uint32_t attempt_flags(const struct event *event)
{
	uint32_t flags = 0;

	if (event->flags & EVENT_HAS_RECIPIENT)
		flags |= ATTEMPT_HAS_RECIPIENT;
	if (event->flags & EVENT_REJECTED)
		flags |= ATTEMPT_REJECTED;
	if (event->flags & EVENT_MESSAGE_ID_MISSING)
		flags |= ATTEMPT_MESSAGE_ID_MISSING;
	if (event->flags & EVENT_MESSAGE_ID_MALFORMED)
		flags |= ATTEMPT_MESSAGE_ID_MALFORMED;
	return flags;
}

static bool has_sender(const struct event *event)
{
	return event->flags & EVENT_HAS_SENDER ||
	       (event->kind == EVENT_AUTH_FAILED && event->sender.len > 0);
}

static uint32_t client_of(struct sessions *sessions, const struct event *event,
			  const struct open *open, const struct queued *queued)
{
	if (event->flags & EVENT_HAS_CLIENT) {
		if (open && open->client && ip_equal(&open->ip, &event->client))
			return open->client;
		return client_now(sessions, event);
	}
	if (open && open->client)
		return open->client;
	return queued ? queued->client : 0;
}

static void set_words(struct sessions *sessions, const struct event *event, const struct open *open,
		      struct word text, struct attempt *attempt)
{
	struct strings *strings = sessions->directory->strings;

	if (has_sender(event)) {
		attempt->sender = sender_now(sessions, event);
		attempt->flags |= ATTEMPT_HAS_SENDER;
	}
	if (event->flags & EVENT_HAS_RECIPIENT)
		attempt->recipient = recipient_now(sessions, event);
	if (text.len) /* as it is to be kept */
		attempt->text = strings_add_guessed(strings, text, sessions->ahead->text_guess);
	if (sessions->options.words == WORDS_NONE)
		return;
	if (open)
		attempt->helo = open->helo; /* the event's own, if it told one */
	else if (event->helo.len)
		attempt->helo = strings_add_word(strings, event->helo);
}

static struct attempt attempt_of(struct sessions *sessions, const struct event *event,
				 const struct open *open, const struct queued *queued,
				 struct word text)
{
	struct attempt attempt = {
		.time = fact_time(event->time_s),
		.session = open	    ? open->number
			   : queued ? queued->session
				    : 0,
		.client = client_of(sessions, event, open, queued),
		.count = event->repeat,
		.code = event->code,
		.reason = event->reason,
		.stage = event->stage,
		.flags = attempt_flags(event),
	};

	set_words(sessions, event, open, text, &attempt);
	if (!(attempt.flags & ATTEMPT_HAS_SENDER) && queued && queued->flags & QUEUED_SENDER) {
		attempt.sender = queued->sender;
		attempt.flags |= ATTEMPT_HAS_SENDER;
	}
	return attempt;
}

static uint32_t session_of(struct sessions *sessions, const struct event *event,
			   const struct ahead *ahead, const struct queued *queued)
{
	uint32_t index = open_of_event(sessions, event, ahead->session);

	if (index || !queued)
		return index;
	return open_by_number(sessions, queued->session_key, queued->session);
}

void refusal_take(struct sessions *sessions, const struct event *event, const struct ahead *ahead)
{
	uint32_t place = ahead->queue ? queue_find(sessions, ahead->queue) : 0;
	struct queued *queued = place ? queued_at(sessions, place) : NULL;
	uint32_t index = session_of(sessions, event, ahead, queued);
	struct open *open = index ? open_at(sessions, index) : NULL;
	struct attempt attempt;

	if (event->flags & EVENT_WARNING)
		return; /* it was let through */
	attempt = attempt_of(sessions, event, open, queued, ahead->text);
	if (event->reason == REASON_RELAY_DENIED)
		counts_at(sessions, attempt.time)->relay_attempts += event->repeat;
	if (event->flags & EVENT_LOCAL && event->flags & EVENT_HAS_RECIPIENT)
		counts_local(sessions, attempt.time, event->recipient);
	if (open) {
		note_in_session(open, event);
		if (open->peer_list) {
			handover_leave(sessions, index); /* who is refused is not passed on */
			open_touch(sessions, index);
		}
		if (queued && refuses_message(event))
			take_back(sessions, event, open, queued);
		if (event->flags & EVENT_ENDS_SESSION) {
			open->flags |= SESSION_DROPPED;
			open_end(sessions, index);
		}
	}
	if (open && may_wait(event) && !(attempt.flags & ATTEMPT_HAS_SENDER)) {
		if (refusal_wait(sessions, index, &attempt, ahead->queue))
			return;
		sessions->forgotten++;
	}
	give(sessions, &attempt);
}

void refusal_not_taken(struct sessions *sessions, const struct event *event,
		       const struct ahead *ahead)
{
	uint32_t place = ahead->queue ? queue_find(sessions, ahead->queue) : 0;
	struct queued *queued = place ? queued_at(sessions, place) : NULL;
	uint32_t index = session_of(sessions, event, ahead, queued);

	if (index && queued)
		take_back(sessions, event, open_at(sessions, index), queued);
	if (queued)
		pool_remove(&sessions->queue, place);
	if (index && event->flags & EVENT_HAS_RECIPIENT)
		tell_recipient(sessions, index, ahead->queue, event->recipient);
}
