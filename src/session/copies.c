#include "session/copies.h"

#define SCORE_MAX 8
#define WITHIN_S 2

static uint64_t hash_of(const struct event *event)
{
	uint64_t hash = hash_pair(event->sender.hash, event->recipient.hash);

	hash = hash_pair(hash, hash64((const char *)event->client.bytes, sizeof(event->client)));
	hash = hash_pair(hash, hash64(event->text.ptr, event->text.len));
	hash = hash_pair(hash, (uint64_t)event->helo.hash << 32 | event->queue_id.hash);
	hash = hash_pair(hash, (uint64_t)event->port << 48 | (uint64_t)event->code << 32 |
				       (uint64_t)event->stage << 16 | (uint64_t)event->reason << 8 |
				       event->kind);
	return hash | 1;
}

bool copies_take(struct copies *copies, const struct event *event)
{
	uint64_t process = hash_pair(event->host.hash, event->pid);
	struct copies_last *last = &copies->last[process % COPIES_PROCESSES];
	int64_t *score = &copies->scores[event->host.hash % COPIES_HOSTS];
	uint64_t hash = event->flags & EVENT_MAY_BE_COPY ? hash_of(event) : 0;
	bool copy = false;

	if (last->hash && last->process == process) {
		copy = last->hash == hash && event->time_s - last->time_s <= WITHIN_S;
		if (copy && *score < SCORE_MAX)
			++*score;
		else if (!copy && *score > -SCORE_MAX)
			--*score;
		copy = copy && *score > 0;
	}
	*last = (struct copies_last){process, copy ? 0 : hash, event->time_s};
	return copy;
}
