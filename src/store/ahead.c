#include "store/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

#define TRAYS 2
#define SEGMENTS_A_PIECE 2 /* of strings */
#define PARTS_MAX PART_MAX

/* A segment on its way from the thread to the caller. */
struct tray {
	bool full;
	int result; /* as of fact_cursor_next */
	enum part part;
	char *rows;
	size_t count;
};

struct ahead {
	struct store *store;
	struct ahead_part parts[PARTS_MAX];
	size_t part_count;
	int64_t from, until;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	size_t tray_bytes;
	struct tray trays[TRAYS]; /* guarded by mutex; used by who waits for it no more */
	bool stopped;		  /* guarded by mutex */
	struct err err;
	size_t given; /* trays that the caller has had */
};

/* Waits until the tray is empty; NULL if the caller wants no more. */
static struct tray *tray_to_fill(struct ahead *ahead, size_t number)
{
	struct tray *tray = &ahead->trays[number % TRAYS];
	bool stopped;

	pthread_mutex_lock(&ahead->mutex);
	while (tray->full && !ahead->stopped)
		pthread_cond_wait(&ahead->changed, &ahead->mutex);
	stopped = ahead->stopped;
	pthread_mutex_unlock(&ahead->mutex);
	return stopped ? NULL : tray;
}

static void tray_mark(struct ahead *ahead, struct tray *tray, bool full)
{
	pthread_mutex_lock(&ahead->mutex);
	tray->full = full;
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->mutex);
}

static int words_rest(struct ahead *ahead)
{
	int r;

	while ((r = words_next(ahead->store, &ahead->err)) > 0)
		;
	return r;
}

/* Hands on a part's segments; returns 0 at its end, or how it failed. -ECANCELED: stopped. */
static int read_part(struct ahead *ahead, const struct ahead_part *part, size_t *number)
{
	struct fact_cursor cursor;
	struct tray *tray;
	int r = fact_cursor_open(ahead->store, part->part, ahead->from, ahead->until, part->mask,
				 &cursor, &ahead->err);
	char *own;

	if (r < 0)
		return r;
	own = cursor.rows;
	while ((tray = tray_to_fill(ahead, *number))) {
		/* Columns that are not read are not to show another part's. */
		if (tray->part != part->part)
			memset(tray->rows, 0, ahead->tray_bytes);
		tray->part = part->part;
		cursor.rows = tray->rows;
		r = fact_cursor_next(&cursor, &ahead->err);
		if (r <= 0)
			break;
		tray->result = r;
		tray->count = cursor.count;
		tray_mark(ahead, tray, true);
		if (++*number % SEGMENTS_A_PIECE == 0)
			r = words_next(ahead->store, &ahead->err);
		if (r < 0)
			break;
	}
	cursor.rows = own;
	fact_cursor_close(&cursor);
	return tray ? r : -ECANCELED;
}

static void *read_parts(void *context)
{
	struct ahead *ahead = context;
	size_t number = 0;
	struct tray *last;
	int r = 0;

	for (size_t i = 0; i < ahead->part_count && r >= 0; i++) {
		if (ahead->parts[i].part == PART_ROLES)
			r = words_rest(ahead);
		if (r >= 0)
			r = read_part(ahead, &ahead->parts[i], &number);
	}
	if (r >= 0)
		r = words_rest(ahead);
	last = tray_to_fill(ahead, number);
	if (last) {
		last->result = r;
		tray_mark(ahead, last, true);
	}
	return NULL;
}

static void ahead_free(struct ahead *ahead)
{
	for (size_t i = 0; i < TRAYS; i++)
		free(ahead->trays[i].rows);
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->mutex);
	free(ahead);
}

static size_t row_size_max(void)
{
	size_t most = 0;

	for (enum part part = 0; part < PART_MAX; part++)
		most = fact_part(part)->table.row_size > most ? fact_part(part)->table.row_size
							      : most;
	return most;
}

int ahead_start(struct store *store, const struct ahead_part *parts, size_t count, int64_t from,
		int64_t until, struct ahead **ret_ahead, struct err *err)
{
	struct ahead *ahead = memory_get_zeroed(1, sizeof(*ahead));
	int r;

	ahead->store = store;
	ahead->part_count = count < PARTS_MAX ? count : PARTS_MAX;
	memcpy(ahead->parts, parts, ahead->part_count * sizeof(*parts));
	ahead->from = from;
	ahead->until = until;
	ahead->tray_bytes = SEGMENT_ROWS * row_size_max();
	for (size_t i = 0; i < TRAYS; i++) {
		ahead->trays[i].rows = memory_get(ahead->tray_bytes);
		ahead->trays[i].part = PART_MAX;
	}
	pthread_mutex_init(&ahead->mutex, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	r = pthread_create(&ahead->thread, NULL, read_parts, ahead);
	if (r) {
		ahead_free(ahead);
		return err_set(err, -r, "can't read the store '%s': no thread to be had",
			       store->path);
	}
	*ret_ahead = ahead;
	return 0;
}

int ahead_next(struct ahead *ahead, enum part *ret_part, const void **ret_rows, size_t *ret_count,
	       struct err *err)
{
	struct tray *tray;

	if (ahead->given)
		tray_mark(ahead, &ahead->trays[(ahead->given - 1) % TRAYS], false);
	tray = &ahead->trays[ahead->given++ % TRAYS];
	pthread_mutex_lock(&ahead->mutex);
	while (!tray->full)
		pthread_cond_wait(&ahead->changed, &ahead->mutex);
	pthread_mutex_unlock(&ahead->mutex);
	if (tray->result < 0 && err)
		*err = ahead->err;
	*ret_part = tray->part;
	*ret_rows = tray->rows;
	*ret_count = tray->count;
	return tray->result;
}

void ahead_stop(struct ahead *ahead)
{
	pthread_mutex_lock(&ahead->mutex);
	ahead->stopped = true;
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->mutex);
	pthread_join(ahead->thread, NULL);
	ahead_free(ahead);
}
