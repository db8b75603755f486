/*
 * Hand-overs: a session that one process begins and another goes on with.
 *
 * Postfix's postscreen passes a client that it found good to an smtpd, which
 * logs "connect from" without saying where the client comes from. It mostly says
 * so ("PASS NEW"), but not where it need not test, and a client that it passed
 * but does not forward (after deep protocol tests) disconnects instead. Exim's
 * daemon logs the connection, a child of its own the rest.
 *
 * So sessions that another process may go on with stand in two lists of their
 * client: those handed over, of which the one that waits longest is taken, and
 * those that have only begun, of which the last one is, if none was handed over.
 * Which of several is taken changes no sum. Both lists are in the order in which
 * sessions were heard of. One that is handed over and that nobody takes ends
 * there.
 */
#include "session/stage.h"

static uint64_t screen_hash(uint32_t host, const struct ip *ip)
{
	uint64_t high, low;

	memcpy(&high, ip->bytes, sizeof(high));
	memcpy(&low, ip->bytes + 8, sizeof(low));
	return hash_pair(hash_pair(low, high), host);
}

static struct screen *screen_at(const struct sessions *sessions, uint32_t index)
{
	return pool_row(&sessions->screens, index);
}

static uint32_t screen_find(const struct sessions *sessions, uint32_t host, const struct ip *ip)
{
	uint32_t index = pool_first(&sessions->screens, screen_hash(host, ip));

	while (index && (screen_at(sessions, index)->host != host ||
			 !ip_equal(&screen_at(sessions, index)->ip, ip)))
		index = pool_next(&sessions->screens, index);
	return index;
}

static uint32_t screen_make(struct sessions *sessions, uint32_t host, const struct ip *ip)
{
	uint32_t index = screen_find(sessions, host, ip);

	if (index)
		return index;
	index = pool_add(&sessions->screens);
	screen_at(sessions, index)->host = host;
	screen_at(sessions, index)->ip = *ip;
	pool_enter(&sessions->screens, index, screen_hash(host, ip));
	return index;
}

void handover_join(struct sessions *sessions, uint32_t index, enum peer_list list)
{
	struct open *open = open_at(sessions, index);
	struct peers *peers;

	open->screen = screen_make(sessions, open->host, &open->ip);
	open->peer_list = (uint8_t)list;
	peers = &screen_at(sessions, open->screen)->peers[list];
	open->peer_older = peers->newest;
	open->peer_newer = 0;
	if (peers->newest)
		open_at(sessions, peers->newest)->peer_newer = index;
	else
		peers->oldest = index;
	peers->newest = index;
}

void handover_leave(struct sessions *sessions, uint32_t index)
{
	struct open *open = open_at(sessions, index);
	struct screen *screen = screen_at(sessions, open->screen);
	struct peers *peers = &screen->peers[open->peer_list];

	if (open->peer_list == PEER_NONE)
		return;
	if (open->peer_older)
		open_at(sessions, open->peer_older)->peer_newer = open->peer_newer;
	else
		peers->oldest = open->peer_newer;
	if (open->peer_newer)
		open_at(sessions, open->peer_newer)->peer_older = open->peer_older;
	else
		peers->newest = open->peer_older;
	open->peer_list = PEER_NONE;
	if (!screen->peers[PEER_BEGUN].oldest && !screen->peers[PEER_HANDED].oldest)
		pool_remove(&sessions->screens, open->screen);
}

void handover_touch(struct sessions *sessions, uint32_t index)
{
	struct open *open = open_at(sessions, index);
	enum peer_list list = open->peer_list;

	if (list == PEER_NONE || open->peer_newer == 0)
		return;
	handover_leave(sessions, index);
	handover_join(sessions, index, list);
}

void handover_give(struct sessions *sessions, const struct event *event, uint64_t hash)
{
	uint32_t index = open_of_event(sessions, event, hash);

	if (!index || event->key != KEY_CLIENT_PORT)
		return;
	handover_leave(sessions, index);
	handover_join(sessions, index, PEER_HANDED);
	open_touch(sessions, index);
}

void handover_begin(struct sessions *sessions, const struct event *event)
{
	uint32_t index = open_new(sessions, event);

	open_at(sessions, index)->kind = KEY_HANDOVER;
	open_update(sessions, index, event);
	open_begin(sessions, index, event);
	handover_join(sessions, index, PEER_HANDED);
	open_touch(sessions, index);
}

uint32_t handover_take(struct sessions *sessions, const struct event *event)
{
	const struct screen *screen;
	struct open *open;
	uint32_t index;

	if (sessions->screens.count == 0 || !(event->flags & EVENT_HAS_CLIENT))
		return 0;
	index = screen_find(sessions, event->host.hash, &event->client);
	if (!index)
		return 0;
	screen = screen_at(sessions, index);
	index = screen->peers[PEER_HANDED].oldest;
	if (!index && event->mta == MTA_POSTFIX)
		index = screen->peers[PEER_BEGUN].newest;
	if (!index)
		return 0;
	handover_leave(sessions, index);
	open_leave(sessions, index);
	open = open_at(sessions, index);
	open->kind = event->key;
	open->pid = event->pid;
	open->port = event->port;
	return index;
}
