/*
 * Queue ids: who sent a message that is under way, and how big it is.
 *
 * Postfix tells received (smtpd, pickup), sender and size (qmgr, again at every
 * retry) and deliveries on lines of their own, Exim and Sendmail the first two
 * on one. Short queue ids are used again: a message received under a known id
 * is a new one. An id is told by its hash together with its machine's.
 */
#include "session/stage.h"

uint32_t queue_find(const struct sessions *sessions, uint64_t hash)
{
	return pool_first(&sessions->queue, hash);
}

static void make_room(struct sessions *sessions)
{
	while (sessions->queue.count >= sessions->options.open_max) {
		uint32_t oldest = pool_oldest(&sessions->queue);

		if (!(queued_at(sessions, oldest)->flags & QUEUED_DONE))
			sessions->forgotten++;
		pool_remove(&sessions->queue, oldest);
	}
}

static uint32_t find_or_add(struct sessions *sessions, uint64_t hash)
{
	uint32_t index = queue_find(sessions, hash);

	if (!index) {
		make_room(sessions);
		index = pool_add(&sessions->queue);
		pool_enter(&sessions->queue, index, hash);
	}
	pool_touch(&sessions->queue, index, 0, sessions->now);
	return index;
}

static void learn_session(struct sessions *sessions, struct queued *queued,
			  const struct event *event, const struct ahead *ahead, uint32_t open)
{
	if (open) {
		queued->session_key = ahead->session;
		queued->session = open_at(sessions, open)->number;
		queued->client = open_at(sessions, open)->client;
	} else if (event->flags & EVENT_HAS_CLIENT) {
		queued->client = client_now(sessions, event);
	}
}

/* Sender and size of a message that counts as received. */
static void learn_message(struct sessions *sessions, struct queued *queued,
			  const struct event *event)
{
	uint32_t time = fact_time(event->time_s);

	queued->flags |= QUEUED_KNOWN;
	counts_at(sessions, time)->bytes_received += event->bytes;
	if (!(event->flags & EVENT_HAS_SENDER))
		return;
	queued->sender = sender_now(sessions, event);
	queued->flags |= QUEUED_SENDER;
	counts_role(sessions, time, queued->sender, ROLE_MAIL_SENDER);
}

/* Refusals of this session that wait for the sender of this queue id get it.
   Returns whether the message was refused. */
static bool tell_sender(struct sessions *sessions, uint32_t open, const struct event *event,
			uint64_t queue)
{
	if (!open || !open_at(sessions, open)->waiting_first || !(event->flags & EVENT_HAS_SENDER))
		return false;
	return refusal_sender(sessions, open, queue, sender_now(sessions, event));
}

void queue_received(struct sessions *sessions, const struct event *event, const struct ahead *ahead)
{
	uint32_t open = open_of_event(sessions, event, ahead->session);
	struct queued nameless = {0}, *queued = &nameless;

	if (tell_sender(sessions, open, event, ahead->queue))
		return;
	counts_at(sessions, fact_time(event->time_s))->received += event->repeat;
	if (ahead->queue)
		queued = queued_at(sessions, find_or_add(sessions, ahead->queue));
	queued->flags = QUEUED_RECEIVED | fact_time(event->time_s) / SLOT_S << QUEUED_QUARTER;
	queued->bytes = event->bytes;
	queued->session_key = 0;
	queued->session = queued->client = queued->sender = 0;
	learn_session(sessions, queued, event, ahead, open);
	if (event->flags & EVENT_HAS_SENDER || event->bytes)
		learn_message(sessions, queued, event);
	if (!open)
		return;
	open_at(sessions, open)->accepted =
		add_16(open_at(sessions, open)->accepted, event->repeat);
	open_at(sessions, open)->state &= (uint16_t)~OPEN_DENIED_LAST;
}

void queue_known(struct sessions *sessions, const struct event *event, const struct ahead *ahead)
{
	uint32_t open = open_of_event(sessions, event, ahead->session);
	struct queued *queued;

	tell_sender(sessions, open, event, ahead->queue);
	if (!ahead->queue || (event->bytes == 0 && !queue_find(sessions, ahead->queue)))
		return; /* nothing was queued: Sendmail logs from= of refused ones too */
	queued = queued_at(sessions, find_or_add(sessions, ahead->queue));
	queued->bytes = event->bytes;
	if ((queued->flags & (QUEUED_RECEIVED | QUEUED_KNOWN)) == QUEUED_RECEIVED)
		learn_message(sessions, queued, event);
	queued->flags |= QUEUED_KNOWN;
}

static void count_delivered(struct sessions *sessions, const struct event *event,
			    const struct queued *queued)
{
	uint32_t time = fact_time(event->time_s);
	struct slot *slot = counts_at(sessions, time);
	uint64_t bytes = queued && queued->bytes ? queued->bytes : event->bytes;

	slot->delivered += event->repeat;
	slot->bytes_delivered += bytes * event->repeat;
	if (!(event->flags & EVENT_HAS_RECIPIENT))
		return;
	counts_role(sessions, time, recipient_now(sessions, event), ROLE_MAIL_RECIPIENT);
	if (event->flags & EVENT_LOCAL)
		counts_local(sessions, time, event->recipient);
}

void queue_delivery(struct sessions *sessions, const struct event *event, const struct ahead *ahead)
{
	uint32_t index = ahead->queue ? queue_find(sessions, ahead->queue) : 0;
	struct queued *queued = index ? queued_at(sessions, index) : NULL;
	struct slot *slot = counts_at(sessions, fact_time(event->time_s));

	if (index)
		pool_touch(&sessions->queue, index, 0, sessions->now);
	switch ((enum delivery)event->delivery) {
	case DELIVERY_SENT:
		count_delivered(sessions, event, queued);
		break;
	case DELIVERY_FORWARDED:
		slot->forwarded += event->repeat;
		break;
	case DELIVERY_DEFERRED:
		slot->deferred += event->repeat;
		return;
	case DELIVERY_BOUNCED:
		slot->bounced += event->repeat;
		break;
	case DELIVERY_HELD:
		slot->held += event->repeat;
		return;
	case DELIVERY_DISCARDED:
		slot->discarded += event->repeat;
		break;
	case DELIVERY_EXPIRED:
	case DELIVERY_NONE:
		break;
	}
	if (queued)
		queued->flags |= QUEUED_DONE;
}

void queue_removed(struct sessions *sessions, const struct ahead *ahead)
{
	uint32_t index = ahead->queue ? queue_find(sessions, ahead->queue) : 0;

	if (index)
		pool_remove(&sessions->queue, index);
}

void queue_expire(struct sessions *sessions)
{
	uint32_t index;

	while ((index = sessions->queue.lists[0].oldest) != 0 &&
	       sessions->now - queued_at(sessions, index)->node.touched > QUEUE_EXPIRE_S)
		pool_remove(&sessions->queue, index);
}
