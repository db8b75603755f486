/* `mxwatch block --history` and `--hits`. See block.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "block/hits.h"
#include "block/nft_state.h"
#include "cmd/block.h"
#include "cmd/tables.h"

static const struct report_table trail_table = {
	.name = "history",
	.title = "Blocks put in force",
	.empty = "none",
	.columns = {{"client", "client", "address or network", COLUMN_CLIENT, 0},
		    {"form", "form", "", COLUMN_PLAIN, 0},
		    {"since", "since", "", COLUMN_TIME, 0},
		    {"until", "until", "", COLUMN_TIME, 0},
		    {"state", "state", "in force, over, taken back", COLUMN_PLAIN, 0},
		    {"by", "by", "who put it in force", COLUMN_TEXT, 0},
		    {"undone", "taken back", "", COLUMN_TIME, 0},
		    {"undone_by", "by", "who took it back", COLUMN_TEXT, 0},
		    {"id", "id", "of the evidence, in texts as e=ID", COLUMN_PLAIN, 0},
		    {"pattern", "pattern", "", COLUMN_PLAIN, 0},
		    {"because", "because", "", COLUMN_TEXT, 0}},
	.column_count = 11,
};

static const struct report_table hits_table = {
	.name = "hits",
	.title = "What blocks have met since",
	.empty = "no blocks were put in force",
	.about = "Came: sessions of its clients that the server saw all the same. By it: refusals "
		 "whose\ntext carries its id. Packets: dropped by nftables, as far as it is asked.",
	.columns = {{"client", "client", "address or network", COLUMN_CLIENT, 0},
		    {"form", "form", "", COLUMN_PLAIN, 0},
		    {"pattern", "pattern", "", COLUMN_PLAIN, 0},
		    {"since", "since", "", COLUMN_TIME, 0},
		    {"until", "until", "or when it was taken back", COLUMN_TIME, 0},
		    {"sessions", "came", "sessions in that time", COLUMN_COUNT, 0},
		    {"refusals", "refusals", "of any kind in that time", COLUMN_COUNT, 0},
		    {"refused_by_block", "by it", "refusals with its id", COLUMN_COUNT, 0},
		    {"messages", "taken in", "messages all the same", COLUMN_COUNT, 0},
		    {"packets", "packets", "dropped", COLUMN_COUNT, 0},
		    {"last", "last", "time of the last of these", COLUMN_TIME, 0},
		    {"id", "id", "of the evidence", COLUMN_PLAIN, 0}},
	.column_count = 12,
};

/* Records as they are kept while the store's rows go by. */
struct trail {
	struct block_record *records;
	size_t count, capacity;
	const struct options_of_block *wishes;
	const struct block_form *form; /* whose records are wanted; NULL: all */
};

static void take_record(void *context, const struct block_record *record)
{
	struct trail *trail = context;
	struct block_record *kept;
	struct prefix prefix;

	if (prefix_parse(view_string(record->prefix), &prefix, NULL) < 0 ||
	    (!prefix_contains(&trail->wishes->network, &prefix) &&
	     !prefix_contains(&prefix, &trail->wishes->network)) ||
	    (trail->wishes->pattern && strcmp(trail->wishes->pattern, record->pattern) != 0) ||
	    (trail->form && strcmp(trail->form->name, record->form) != 0))
		return;
	ARRAY_GROW(trail->records, trail->count, trail->capacity);
	kept = &trail->records[trail->count++];
	*kept = *record;
	kept->prefix = memory_string(record->prefix);
	kept->form = memory_string(record->form);
	kept->pattern = memory_string(record->pattern);
	kept->because = memory_string(record->because);
	kept->by = memory_string(record->by);
	kept->undone_by = memory_string(record->undone_by);
	kept->evidence = NULL;
}

static void trail_release(struct trail *trail)
{
	for (size_t i = 0; i < trail->count; i++) {
		struct block_record *record = &trail->records[i];

		free((char *)record->prefix);
		free((char *)record->form);
		free((char *)record->pattern);
		free((char *)record->because);
		free((char *)record->by);
		free((char *)record->undone_by);
	}
	free(trail->records);
}

static int trail_read(const struct options *options, const struct block_form *form,
		      struct store *store, struct trail *ret_trail)
{
	struct err err;

	*ret_trail = (struct trail){.wishes = &options->block, .form = form};
	if (store_blocks_each(store, take_record, ret_trail, &err) < 0)
		return fail(EXIT_STORE, &err);
	return EXIT_DONE;
}

static const char *state_of(const struct block_record *record, int64_t now)
{
	if (record->undone)
		return "taken back";
	return record->until > now ? "in force" : "over";
}

static void put_record(struct tables *tables, const struct block_record *record, int64_t now)
{
	char id[16];

	snprintf(id, sizeof(id), "%08x", record->evidence_id);
	tables_row(tables,
		   (struct value[]){value_text(record->prefix), value_text(record->form),
				    value_time(record->since), value_time(record->until),
				    value_text(state_of(record, now)), value_text(record->by),
				    value_time(record->undone), value_text(record->undone_by),
				    value_text(id), value_text(record->pattern),
				    value_text(record->because)});
}

int block_trail(const struct options *options, const struct block_form *form, struct store *store)
{
	_cleanup_(trail_release) struct trail trail = {0};
	struct tables tables;
	int status = trail_read(options, form, store, &trail);

	if (status)
		return status;
	tables_begin(&tables, "block", "Blocks", &options->report, NULL, 1, 0, stdout);
	tables_table(&tables, &trail_table);
	tables_limit(&tables, options->report.top);
	for (size_t i = 0; i < trail.count; i++)
		put_record(&tables, &trail.records[i], time(NULL));
	tables_end(&tables);
	return EXIT_DONE;
}

/* What the blocks of TRAIL are waiting for. */
static struct hit_block *expected(const struct trail *trail)
{
	struct hit_block *blocks = memory_get_zeroed(trail->count + 1, sizeof(*blocks));

	for (size_t i = 0; i < trail->count; i++) {
		const struct block_record *record = &trail->records[i];
		bool undone = record->undone && record->undone < record->until;

		blocks[i].id = record->evidence_id;
		blocks[i].since = record->since;
		blocks[i].until = undone ? record->undone : record->until;
		if (prefix_parse(view_string(record->prefix), &blocks[i].prefix, NULL) < 0)
			blocks[i].until = 0; /* cannot be: take_record let it pass */
	}
	return blocks;
}

/* What nftables counted: only who may ask it is told. */
static bool read_counters(const struct trail *trail, struct map *elements)
{
	struct err err;

	for (size_t i = 0; i < trail->count; i++)
		if (strcmp(trail->records[i].form, "nft") == 0)
			return nft_elements_list(elements, &err) >= 0;
	return false;
}

static struct value packets_of(const struct block_record *record, const struct hit_block *block,
			       const struct map *elements, bool known)
{
	const struct nft_element *element =
		map_find(elements, &block->prefix, map_hash(elements, &block->prefix));

	if (!known || strcmp(record->form, "nft") != 0 || !element || element->id != block->id)
		return (struct value){.kind = VALUE_NULL};
	return value_number(element->packets);
}

static void put_hits(struct tables *tables, const struct trail *trail,
		     const struct hit_block *blocks)
{
	struct map elements;
	bool known;

	nft_elements_init(&elements);
	known = read_counters(trail, &elements);
	tables_table(tables, &hits_table);
	tables_limit(tables, tables->options->top);
	for (size_t i = 0; i < trail->count; i++) {
		const struct block_record *record = &trail->records[i];
		const struct hit_block *block = &blocks[i];
		char id[16];

		snprintf(id, sizeof(id), "%08x", block->id);
		tables_row(tables,
			   (struct value[]){value_text(record->prefix), value_text(record->form),
					    value_text(record->pattern), value_time(block->since),
					    value_time(block->until), value_number(block->sessions),
					    value_number(block->refusals),
					    value_number(block->refused),
					    value_number(block->messages),
					    packets_of(record, block, &elements, known),
					    value_time(block->last), value_text(id)});
	}
	map_release(&elements);
}

/* The facts of the LOGs, or of the store, to what is expected. */
static int read_hits(struct options *options, struct store *store, char **logs, size_t count,
		     const struct trail *trail, struct hit_block *blocks,
		     struct input_totals *totals)
{
	bool from_logs = count > 0 || options->journal_count > 0;
	struct directory own, *directory = &own;
	struct fact_sink sink;
	struct hits hits;
	struct err err;
	int status = EXIT_DONE;

	directory_init(&own);
	if (!from_logs)
		directory = store_directory(store, false, &err);
	if (!directory) {
		directory_release(&own);
		return fail(EXIT_STORE, &err);
	}
	hits_init(&hits, directory, blocks, trail->count);
	sink = hits_sink(&hits);
	options->pipeline.sessions.words = WORDS_ALL;
	options->pipeline.in_line = true;
	if (from_logs)
		status = logs_read(options, logs, count, directory, &sink, NULL, totals);
	else if (store_totals(store, totals, &err) < 0 ||
		 store_replay(store, 0, UINT32_MAX, &sink, &err) < 0)
		status = fail(EXIT_STORE, &err);
	hits_release(&hits);
	directory_release(&own);
	return status;
}

int block_hits(struct options *options, const struct block_form *form, struct store *store,
	       char **logs, size_t count)
{
	_cleanup_(trail_release) struct trail trail = {0};
	_cleanup_free_ struct hit_block *blocks = NULL;
	struct input_totals totals = {0};
	struct tables tables;
	int status = trail_read(options, form, store, &trail);

	if (status)
		return status;
	blocks = expected(&trail);
	status = read_hits(options, store, logs, count, &trail, blocks, &totals);
	if (status && status != EXIT_INPUT)
		return status;
	tables_begin(&tables, "block", "Hits of blocks", &options->report, &totals,
		     totals.first_time ? totals.first_time : 1, totals.last_time, stdout);
	put_hits(&tables, &trail, blocks);
	tables_end(&tables);
	return status;
}

int block_trail_check(const struct report_options *options, bool hits, struct err *err)
{
	return tables_check(options, hits ? &hits_table : &trail_table, 1, err);
}
