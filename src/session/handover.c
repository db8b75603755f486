/*
 * Hand-overs: a session that one process began and another goes on with.
 *
 * Postfix's postscreen passes a client that it found good to an smtpd, which
 * logs "connect from" without saying where the client comes from; Exim's daemon
 * logs the connection, a child of its own the rest. Until the second process
 * speaks, the session waits in a ring of its client's; the one that waits
 * longest is taken first. Which of several is taken changes no sum. One that
 * nobody takes ends where it was handed over.
 */
#include "session/stage.h"

static void wait_here(struct sessions *sessions, uint32_t index)
{
	struct open *open = open_at(sessions, index);

	open->kind = KEY_HANDOVER;
	sessions->handed_over++;
	open_enter(sessions, index, handover_hash(open->host, &open->ip));
	open_touch(sessions, index, LIST_WAIT);
}

void handover_give(struct sessions *sessions, const struct event *event, uint64_t hash)
{
	uint32_t index = open_of_event(sessions, event, hash);

	if (!index || open_at(sessions, index)->client == 0)
		return;
	open_leave(sessions, index);
	wait_here(sessions, index);
}

void handover_begin(struct sessions *sessions, const struct event *event)
{
	uint32_t index = open_new(sessions, event);

	open_update(sessions, index, event);
	open_begin(sessions, index, event);
	wait_here(sessions, index);
}

uint32_t handover_take(struct sessions *sessions, const struct event *event)
{
	struct open *open;
	uint32_t index;

	if (sessions->handed_over == 0 || !(event->flags & EVENT_HAS_CLIENT))
		return 0;
	index = open_waiting(sessions, event->host.hash, &event->client);
	if (!index)
		return 0;
	open_leave(sessions, index);
	sessions->handed_over--;
	open = open_at(sessions, index);
	open->kind = event->key;
	open->pid = event->pid;
	open->port = event->port;
	return index;
}
