/*
 * What is open, as bytes: a head, the clocks, then each session (oldest first,
 * list by list, each followed by the refusals that wait in it), then each queue
 * id (oldest first), then the hash of all that. Integers are little-endian.
 * Counts are not in it, because sessions_save hands them out, nor are the roles
 * told: those may be told again.
 *
 * Whatever reads these bytes trusts nothing in them, though the hash already
 * tells damage from what was written.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "session/stage.h"

#define STATE_MAGIC UINT64_C(0x316e65706f78776d) /* "mwxopen1" */
#define STATE_CLOCK_MAX (INT64_C(1) << 60)

struct writer {
	char *bytes;
	size_t len, capacity;
};

static void put(struct writer *writer, uint64_t value, size_t size)
{
	if (writer->capacity - writer->len < sizeof(value)) {
		writer->capacity = writer->capacity ? writer->capacity * 2 : 4096;
		writer->bytes = memory_resize(writer->bytes, writer->capacity, 1);
	}
	memcpy(writer->bytes + writer->len, &value, sizeof(value));
	writer->len += size;
}

struct reader {
	const char *bytes;
	size_t left;
	bool bad;
};

static uint64_t get(struct reader *reader, size_t size)
{
	uint64_t value = 0;

	if (reader->left < size) {
		reader->bad = true;
		return 0;
	}
	memcpy(&value, reader->bytes, size);
	reader->bytes += size;
	reader->left -= size;
	return value;
}

/* Fields go both ways through one list, so that they cannot get out of step. */
struct port {
	struct writer *writer; /* NULL: reading */
	struct reader *reader;
};

static void move(const struct port *port, void *field, size_t size)
{
	uint64_t value = 0;

	if (port->writer) {
		memcpy(&value, field, size);
		put(port->writer, value, size);
	} else {
		value = get(port->reader, size);
		memcpy(field, &value, size);
	}
}
#define MOVE(port, field) move((port), &(field), sizeof(field))

static void move_copies(const struct port *port, struct copies *copies)
{
	for (size_t i = 0; i < COPIES_PROCESSES; i++) {
		MOVE(port, copies->last[i].process);
		MOVE(port, copies->last[i].hash);
		MOVE(port, copies->last[i].time_s);
	}
	for (size_t i = 0; i < COPIES_HOSTS; i++)
		MOVE(port, copies->scores[i]);
}

static void move_clocks(const struct port *port, struct sessions *sessions)
{
	MOVE(port, sessions->now);
	MOVE(port, sessions->clock_offset);
	MOVE(port, sessions->clock_base);
	MOVE(port, sessions->last_number);
	MOVE(port, sessions->counts.now_start);
	MOVE(port, sessions->forgotten);
	move_copies(port, &sessions->copies);
}

static void move_open(const struct port *port, struct open *open)
{
	for (size_t i = 0; i < sizeof(open->ip.bytes); i++)
		MOVE(port, open->ip.bytes[i]);
	MOVE(port, open->node.touched);
	MOVE(port, open->node.hash);
	MOVE(port, open->node.list);
	MOVE(port, open->host);
	MOVE(port, open->pid);
	MOVE(port, open->port);
	MOVE(port, open->kind);
	MOVE(port, open->mta);
	MOVE(port, open->peer_list);
	MOVE(port, open->client);
	MOVE(port, open->number);
	MOVE(port, open->helo);
	MOVE(port, open->helo_hash);
	MOVE(port, open->name_hash);
	MOVE(port, open->start_ms);
	MOVE(port, open->last_ms);
	MOVE(port, open->reasons);
	MOVE(port, open->users_failed);
	MOVE(port, open->refusals);
	MOVE(port, open->relay_refusals);
	MOVE(port, open->accepted);
	MOVE(port, open->commands);
	MOVE(port, open->commands_refused);
	MOVE(port, open->flags);
	MOVE(port, open->state);
}

static void move_waiting(const struct port *port, struct waiting *waiting)
{
	struct attempt *attempt = &waiting->attempt;

	MOVE(port, waiting->queue);
	MOVE(port, attempt->time);
	MOVE(port, attempt->session);
	MOVE(port, attempt->client);
	MOVE(port, attempt->helo);
	MOVE(port, attempt->sender);
	MOVE(port, attempt->recipient);
	MOVE(port, attempt->text);
	MOVE(port, attempt->count);
	MOVE(port, attempt->code);
	MOVE(port, attempt->reason);
	MOVE(port, attempt->stage);
	MOVE(port, attempt->flags);
}

static void move_queued(const struct port *port, struct queued *queued)
{
	MOVE(port, queued->node.touched);
	MOVE(port, queued->node.hash);
	MOVE(port, queued->bytes);
	MOVE(port, queued->session_key);
	MOVE(port, queued->session);
	MOVE(port, queued->sender);
	MOVE(port, queued->client);
	MOVE(port, queued->flags);
}

static void save_open(const struct port *port, struct sessions *sessions, struct open *open)
{
	move_open(port, open);
	put(port->writer, open->waiting_count, sizeof(uint16_t));
	for (uint32_t place = open->waiting_first; place; place = sessions->waiting[place].next)
		move_waiting(port, &sessions->waiting[place]);
}

static void save_queue(const struct port *port, struct sessions *sessions)
{
	uint32_t index = sessions->queue.lists[0].oldest;

	put(port->writer, sessions->queue.count, sizeof(uint32_t));
	while (index) {
		struct queued *queued = queued_at(sessions, index);

		move_queued(port, queued);
		index = queued->node.newer;
	}
}

void sessions_save(struct sessions *sessions, char **ret_bytes, size_t *ret_len)
{
	struct writer writer = {0};
	struct port port = {.writer = &writer};

	sessions_flush(sessions);
	put(&writer, STATE_MAGIC, sizeof(uint64_t));
	move_clocks(&port, sessions);
	put(&writer, sessions->open.count, sizeof(uint32_t));
	for (size_t list = 0; list < POOL_LISTS; list++) {
		uint32_t index = sessions->open.lists[list].oldest;

		while (index) {
			struct open *open = open_at(sessions, index);

			save_open(&port, sessions, open);
			index = open->node.newer;
		}
	}
	save_queue(&port, sessions);
	put(&writer, hash64(writer.bytes, writer.len), sizeof(uint64_t));
	*ret_bytes = writer.bytes;
	*ret_len = writer.len;
}

static void clear(struct sessions *sessions)
{
	pool_release(&sessions->open);
	pool_release(&sessions->queue);
	pool_release(&sessions->screens);
	pool_init(&sessions->open, sizeof(struct open));
	pool_init(&sessions->queue, sizeof(struct queued));
	pool_init(&sessions->screens, sizeof(struct screen));
	counts_release(&sessions->counts, sessions->directory->strings);
	counts_init(&sessions->counts);
	sessions->waiting_made = sessions->waiting_free = 0;
	sessions->now = sessions->clock_offset = sessions->clock_base = 0;
	sessions->time = INT64_MIN;
	sessions->concurrent = 0;
}

static bool clock_fits(int64_t clock)
{
	return clock >= -STATE_CLOCK_MAX && clock <= STATE_CLOCK_MAX;
}

static bool client_fits(const struct sessions *sessions, uint32_t client)
{
	return client <= sessions->directory->clients.count;
}

static bool open_fits(const struct sessions *sessions, const struct open *open)
{
	return open->kind > KEY_NONE && open->kind <= KEY_HANDOVER &&
	       open->node.list < POOL_LISTS && open->peer_list < PEER_LISTS &&
	       clock_fits(open->node.touched) && clock_fits(open->start_ms) &&
	       clock_fits(open->last_ms) && client_fits(sessions, open->client);
}

static void restore_waiting(const struct port *port, struct sessions *sessions, uint32_t index)
{
	struct waiting waiting = {0};

	move_waiting(port, &waiting);
	if (!client_fits(sessions, waiting.attempt.client) ||
	    waiting.attempt.reason >= REASON_MAX || waiting.attempt.stage >= STAGE_MAX ||
	    !refusal_wait(sessions, index, &waiting.attempt, waiting.queue))
		port->reader->bad = true;
}

static void restore_open(const struct port *port, struct sessions *sessions)
{
	uint32_t index = pool_add(&sessions->open);
	struct open *open = open_at(sessions, index);
	struct open read = {0};
	uint64_t waiting;

	move_open(port, &read);
	read.node = (struct node){.hash = read.node.hash,
				  .touched = read.node.touched,
				  .list = read.node.list,
				  .used = 1};
	*open = read;
	open->node.list = 0;
	open->ring_older = open->ring_newer = index;
	if (port->reader->bad || !open_fits(sessions, &read)) {
		port->reader->bad = true;
		return;
	}
	if (read.kind != KEY_HANDOVER)
		open_enter(sessions, index, read.node.hash);
	open->peer_list = PEER_NONE;
	if (read.peer_list)
		handover_join(sessions, index, read.peer_list);
	pool_touch(&sessions->open, index, read.node.list, read.node.touched);
	sessions->concurrent += (read.state & OPEN_PEAK) != 0;
	for (waiting = get(port->reader, sizeof(uint16_t)); waiting && !port->reader->bad;
	     waiting--)
		restore_waiting(port, sessions, index);
}

static void restore_queued(const struct port *port, struct sessions *sessions)
{
	struct queued read = {0};
	uint32_t index;

	move_queued(port, &read);
	if (port->reader->bad || !clock_fits(read.node.touched) ||
	    !client_fits(sessions, read.client)) {
		port->reader->bad = true;
		return;
	}
	index = pool_add(&sessions->queue);
	*queued_at(sessions, index) = read;
	queued_at(sessions, index)->node = (struct node){.used = 1};
	pool_enter(&sessions->queue, index, read.node.hash);
	pool_touch(&sessions->queue, index, 0, read.node.touched);
}

static void restore_all(const struct port *port, struct sessions *sessions)
{
	struct reader *reader = port->reader;
	uint64_t count;

	if (get(reader, sizeof(uint64_t)) != STATE_MAGIC)
		reader->bad = true;
	move_clocks(port, sessions);
	if (!clock_fits(sessions->now) || !clock_fits(sessions->clock_offset) ||
	    !clock_fits(sessions->clock_base))
		reader->bad = true;
	for (count = get(reader, sizeof(uint32_t)); count && !reader->bad; count--)
		restore_open(port, sessions);
	for (count = get(reader, sizeof(uint32_t)); count && !reader->bad; count--)
		restore_queued(port, sessions);
	if (reader->left)
		reader->bad = true;
}

int sessions_restore(struct sessions *sessions, const char *bytes, size_t len)
{
	struct reader reader = {.bytes = bytes, .left = len};
	struct port port = {.reader = &reader};
	uint64_t sum;

	clear(sessions);
	if (len < sizeof(sum))
		return -EBADMSG;
	reader.left -= sizeof(sum);
	memcpy(&sum, bytes + reader.left, sizeof(sum));
	if (sum != hash64(bytes, reader.left))
		return -EBADMSG;
	restore_all(&port, sessions);
	if (!reader.bad)
		return 0;
	clear(sessions);
	sessions->last_number = 0;
	return -EBADMSG;
}
