/*
 * Tallies: see tally.h.
 *
 * Cells of a row are a list, the newest first, as facts mostly come in order.
 * When a row has got many, cells that the disorder of facts cannot reach any more
 * are weighed once, in the order of time; they stay a while longer, as far as
 * windows look back.
 */
#include "detect/tally.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FOLD_EVERY 16 /* cells; fewer are not worth the walk */
/* Most cells of a row: quarters of the disorder and of a window before it. */
#define CELLS_MAX (FOLD_EVERY + (DETECT_DISORDER_S + TALLY_WINDOW_MAX_S) / TALLY_QUARTER_S + 4)

struct seen {
	uint32_t origin, thing[2]; /* the key */
	uint32_t cell;		   /* when it was first seen */
};
#define SEEN_KEY_SIZE 12

static_assert(sizeof(struct tally_row) == 64, "a row fills a line of the cache");
static_assert(CELLS_MAX + FOLD_EVERY < UINT8_MAX, "cells are counted in 8 bits");

void tally_init(struct tally *tally, uint32_t cell_s)
{
	assert(cell_s >= TALLY_QUARTER_S);
	*tally = (struct tally){.cell_s = cell_s, .cell_count = 1};
	map_init(&tally->seen, sizeof(struct seen), SEEN_KEY_SIZE);
}

void tally_release(struct tally *tally)
{
	map_release(&tally->seen);
	memory_free_table(tally->of_origin, tally->of_origin_capacity * sizeof(*tally->of_origin));
	memory_free_table(tally->rows, tally->capacity * sizeof(*tally->rows));
	memory_free_table(tally->progress, tally->capacity * sizeof(*tally->progress));
	free(tally->cells);
}

void tally_mark(struct tally *tally, uint32_t window_s, uint32_t amount, uint32_t cells)
{
	assert(tally->mark_count < TALLY_MARKS && window_s <= TALLY_WINDOW_MAX_S);
	tally->marks[tally->mark_count++] = (struct tally_mark){window_s, amount, cells};
}

static uint32_t sum_of(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* What has come together in the mark's window by the end of CELLS[AT]. */
static uint32_t weigh(const struct tally *tally, const struct tally_mark *mark,
		      const struct tally_cell *cells, size_t at,
		      const struct tally_progress *progress, uint32_t *ret_cells)
{
	uint32_t width = mark->window_s / tally->cell_s, amount = 0, filled = 0;

	if (mark->window_s == 0) {
		*ret_cells = progress->cells;
		return progress->amount;
	}
	for (size_t i = at + 1; i-- > 0 && cells[at].number - cells[i].number < width;) {
		amount = sum_of(amount, cells[i].amount);
		filled += cells[i].amount > 0;
	}
	*ret_cells = filled;
	return amount;
}

/* Weighs CELLS[AT], all before it having been weighed. */
static void advance(const struct tally *tally, const struct tally_cell *cells, size_t at,
		    struct tally_progress *progress)
{
	if (cells[at].amount == 0)
		return;
	progress->amount = sum_of(progress->amount, cells[at].amount);
	progress->squares += (uint64_t)cells[at].amount * cells[at].amount;
	progress->cells++;
	for (size_t m = 0; m < tally->mark_count; m++) {
		const struct tally_mark *mark = &tally->marks[m];
		uint32_t filled, amount = weigh(tally, mark, cells, at, progress, &filled);

		if (m == 0 && amount > progress->peak)
			progress->peak = amount;
		if (!progress->reached[m] && amount >= mark->amount && filled >= mark->cells)
			progress->reached[m] = cells[at].number + 1;
	}
}

/* Copies the row's cells, the oldest first, to the end of ROOM; returns the first. */
static const struct tally_cell *collect(const struct tally *tally, const struct tally_row *row,
					struct tally_cell room[static CELLS_MAX], size_t *ret_count)
{
	size_t begin = CELLS_MAX;

	room[--begin] = (struct tally_cell){.number = row->number, .amount = row->amount};
	for (uint32_t at = row->older; at && begin > 0; at = tally->cells[at].next)
		room[--begin] = tally->cells[at];
	*ret_count = CELLS_MAX - begin;
	return room + begin;
}

/* Gives back cells before NUMBER. */
static void drop_before(struct tally *tally, struct tally_row *row, uint32_t number)
{
	uint32_t *link = &row->older, at;

	while (*link && tally->cells[*link].number >= number)
		link = &tally->cells[*link].next;
	at = *link;
	*link = 0;
	while (at) {
		uint32_t next = tally->cells[at].next;

		tally->cells[at].next = tally->free;
		tally->free = at;
		row->open--;
		at = next;
	}
}

/* Folds what can't change any more. */
static void fold(struct tally *tally, struct tally_row *row)
{
	struct tally_progress *progress = &tally->progress[row - tally->rows];
	uint32_t disorder = DETECT_DISORDER_S / tally->cell_s + 1;
	uint32_t window = TALLY_WINDOW_MAX_S / tally->cell_s;
	uint32_t until = row->number > disorder ? row->number - disorder : 0;
	struct tally_cell room[CELLS_MAX];
	const struct tally_cell *cells;
	size_t count;

	cells = collect(tally, row, room, &count);
	for (size_t i = 0; i < count && cells[i].number < until; i++)
		if (cells[i].number >= row->folded)
			advance(tally, cells, i, progress);
	row->folded = until > row->folded ? until : row->folded;
	if (until > window)
		drop_before(tally, row, until - window);
	row->fold_at = (uint8_t)(row->open + FOLD_EVERY);
}

static uint32_t cell_new(struct tally *tally, struct tally_cell cell)
{
	uint32_t at = tally->free;

	if (at) {
		tally->free = tally->cells[at].next;
	} else {
		ARRAY_GROW(tally->cells, tally->cell_count, tally->cell_capacity);
		at = (uint32_t)tally->cell_count++;
	}
	tally->cells[at] = cell;
	return at;
}

/* A newer cell; the newest so far joins the others. */
static uint32_t *newest_at(struct tally *tally, struct tally_row *row, uint32_t number)
{
	if (row->number || row->amount) {
		row->older =
			cell_new(tally, (struct tally_cell){row->number, row->amount, row->older});
		row->open++;
	}
	row->number = number;
	row->amount = 0;
	return &row->amount;
}

/* The amount of the row's cell NUMBER, which is not folded yet; the cell is added if new. */
static uint32_t *amount_at(struct tally *tally, struct tally_row *row, uint32_t number)
{
	uint32_t newer = 0, at = row->older, new;

	if (number == row->number)
		return &row->amount;
	if (number > row->number)
		return newest_at(tally, row, number);
	while (at && tally->cells[at].number > number) {
		newer = at;
		at = tally->cells[at].next;
	}
	if (at && tally->cells[at].number == number)
		return &tally->cells[at].amount;
	new = cell_new(tally, (struct tally_cell){number, 0, at});
	row->open++;
	if (newer)
		tally->cells[newer].next = new;
	else
		row->older = new;
	return &tally->cells[new].amount;
}

/* A table of rows of SIZE that had room for OLD, with room for CAPACITY. */
#define GROW_TABLE(table, old, capacity)                                        \
	((table) = memory_grow_table((table), (size_t)(old) * sizeof(*(table)), \
				     (size_t)(capacity) * sizeof(*(table))))

static void make_room(struct tally *tally, uint32_t origin)
{
	uint32_t old = tally->of_origin_capacity, capacity = old ? old : 1024;

	while (capacity <= origin)
		capacity *= 2;
	if (capacity > old) {
		GROW_TABLE(tally->of_origin, old, capacity);
		tally->of_origin_capacity = capacity;
	}
	if (tally->count < tally->capacity)
		return;
	capacity = tally->capacity ? 2 * tally->capacity : 64;
	GROW_TABLE(tally->rows, tally->capacity, capacity);
	GROW_TABLE(tally->progress, tally->capacity, capacity);
	tally->capacity = capacity;
}

static struct tally_row *row_new(struct tally *tally, uint32_t origin)
{
	make_room(tally, origin);
	tally->rows[tally->count] =
		(struct tally_row){.origin = origin, .first = UINT32_MAX, .fold_at = FOLD_EVERY};
	tally->of_origin[origin] = ++tally->count;
	return &tally->rows[tally->count - 1];
}

const struct tally_row *tally_find(const struct tally *tally, uint32_t origin)
{
	uint32_t row = origin < tally->of_origin_capacity ? tally->of_origin[origin] : 0;

	return row ? &tally->rows[row - 1] : NULL;
}

void tally_expect(const struct tally *tally, uint32_t origin)
{
	const struct tally_row *row = tally_find(tally, origin);

	if (row)
		__builtin_prefetch(row, 1);
}

/* Keeps the smallest numbers, in order. */
static void note_session(struct tally_row *row, uint32_t session)
{
	for (size_t i = 0; session && i < FINDING_SESSIONS_MAX; i++) {
		uint32_t other = row->sessions[i];

		if (other == session)
			return;
		if (other == 0 || session < other) {
			row->sessions[i] = session;
			session = other;
		}
	}
}

static struct tally_row *touch(struct tally *tally, uint32_t origin, uint32_t time,
			       uint32_t session)
{
	struct tally_row *row = origin < tally->of_origin_capacity && tally->of_origin[origin]
					? &tally->rows[tally->of_origin[origin] - 1]
					: row_new(tally, origin);

	row->first = time < row->first ? time : row->first;
	row->last = time > row->last ? time : row->last;
	note_session(row, session);
	return row;
}

static void count(struct tally *tally, struct tally_row *row, uint32_t number, uint32_t amount)
{
	uint32_t *sum = &tally->progress[row - tally->rows].amount;

	/* Facts that come backwards in time open cells, too. */
	if (row->open >= row->fold_at)
		fold(tally, row);
	if (number >= row->folded)
		sum = amount_at(tally, row, number);
	/* else: out of order beyond what was promised */
	*sum = sum_of(*sum, amount);
}

struct tally_row *tally_add(struct tally *tally, uint32_t origin, uint32_t time, uint32_t amount,
			    uint32_t session)
{
	struct tally_row *row = touch(tally, origin, time, session);

	if (amount)
		count(tally, row, time / tally->cell_s, amount);
	return row;
}

/* It was met before, but by now is known to have been there earlier. */
static void move(struct tally *tally, struct tally_row *row, struct seen *seen, uint32_t number,
		 uint32_t amount)
{
	uint32_t *sum;

	if (number >= seen->cell || number < row->folded)
		return;
	sum = amount_at(tally, row, seen->cell);
	*sum -= amount < *sum ? amount : *sum;
	count(tally, row, number, amount);
	seen->cell = number;
}

struct tally_row *tally_add_distinct(struct tally *tally, uint32_t origin, uint32_t time,
				     uint32_t amount, uint64_t thing, uint32_t session,
				     bool *ret_new)
{
	struct tally_row *row = touch(tally, origin, time, session);
	const uint32_t key[] = {origin, (uint32_t)thing, (uint32_t)(thing >> 32)};
	uint64_t hash = map_hash(&tally->seen, key);
	uint32_t number = time / tally->cell_s;
	struct seen *seen = map_find(&tally->seen, key, hash);

	*ret_new = !seen && row->distinct < TALLY_DISTINCT_MAX &&
		   tally->seen.count < TALLY_DISTINCT_SUM_MAX;
	if (seen)
		move(tally, row, seen, number, amount);
	if (!*ret_new)
		return row;
	seen = map_add(&tally->seen, key, hash, NULL);
	seen->cell = number;
	row->distinct++;
	count(tally, row, number, amount);
	return row;
}

struct tally_progress tally_read(const struct tally *tally, const struct tally_row *row)
{
	struct tally_progress progress = tally->progress[row - tally->rows];
	struct tally_cell room[CELLS_MAX];
	size_t count;
	const struct tally_cell *cells = collect(tally, row, room, &count);

	for (size_t i = 0; i < count; i++)
		if (cells[i].number >= row->folded)
			advance(tally, cells, i, &progress);
	return progress;
}

uint32_t tally_reached(const struct tally *tally, const struct tally_row *row,
		       const struct tally_progress *progress, size_t mark)
{
	uint64_t end = (uint64_t)progress->reached[mark] * tally->cell_s;

	return end < row->last ? (uint32_t)end : row->last;
}

struct tally_state *tally_state_new(const struct detect_context *context,
				    const uint32_t *parameters, uint32_t cell_s)
{
	struct tally_state *state = memory_get_zeroed(1, sizeof(*state));

	state->context = context;
	state->parameters = parameters;
	tally_init(&state->tally, cell_s);
	return state;
}

void tally_state_free(void *state)
{
	tally_release(&((struct tally_state *)state)->tally);
	free(state);
}

void tally_each(const struct tally_state *state, tally_find_row *find_row,
		struct findings *findings)
{
	for (size_t i = 0; i < state->tally.count; i++) {
		const struct tally_row *row = tally_at(&state->tally, i);
		struct tally_progress progress = tally_read(&state->tally, row);

		find_row(state, row, &progress, findings);
	}
}

struct finding *tally_finding(struct findings *findings, const char *pattern,
			      const struct tally_row *row, enum grade grade, uint32_t decided)
{
	struct finding *finding = findings_add(findings, pattern, row->origin, grade);

	finding->since = row->first;
	finding->until = row->last;
	finding->decided = decided ? decided : row->last;
	while (finding->session_count < FINDING_SESSIONS_MAX &&
	       row->sessions[finding->session_count]) {
		finding->sessions[finding->session_count] = row->sessions[finding->session_count];
		finding->session_count++;
	}
	return finding;
}
