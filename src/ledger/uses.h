/*
 * Uses: which clients met which things (ids, days), and how often.
 *
 * There are millions, nearly all of them met once, and reports walk them all.
 * So they are a list: to append costs a write, where a table by hash costs two
 * waits for memory and three times the room. What a client used last is looked
 * at first; other repeats stay in the list until it has outgrown what was
 * distinct in it, then they are joined. Whoever reads must add them up.
 */
#ifndef MXWATCH_LEDGER_USES_H
#define MXWATCH_LEDGER_USES_H

#include <stddef.h>
#include <stdint.h>

struct client_use {
	uint32_t what;
	uint32_t client;
	uint32_t count;
};

struct uses {
	struct client_use *rows;
	size_t count, capacity;
};

void uses_release(struct uses *uses);
/* Joins repeats; what is left is in the order of clients. */
void uses_join(struct uses *uses);
/* Makes room for one more, after a join if there are many. */
void uses_make_room(struct uses *uses);

/* COUNT more uses. *RECENT is the number of the client's last row, + 1; 0: none, and
   it may be out of date. */
static inline void uses_add(struct uses *uses, uint32_t *recent, uint32_t client, uint32_t what,
			    uint32_t count)
{
	if (*recent && *recent <= uses->count) {
		struct client_use *row = &uses->rows[*recent - 1];

		if (row->client == client && row->what == what) {
			row->count += count;
			return;
		}
	}
	if (uses->count == uses->capacity)
		uses_make_room(uses);
	uses->rows[uses->count++] = (struct client_use){what, client, count};
	*recent = (uint32_t)uses->count;
}

#endif
