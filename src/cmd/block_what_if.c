/* `mxwatch block --what-if`: a plan played against what was. See block.h. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "cmd/block.h"
#include "cmd/tables.h"

static const uint32_t ttls_s[] = {3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400};

static const struct report_table what_if_tables[] = {
	{
		.name = "plan",
		.title = "What would be blocked now",
		.empty = "nobody",
		.columns = {{"client", "client", "address or network", COLUMN_CLIENT, 0},
			    {"pattern", "pattern", "of the weightiest finding", COLUMN_PLAIN, 0},
			    {"ttl_seconds", "for (s)", "how long from now on", COLUMN_COUNT, 0},
			    {"connections_stopped", "stopped",
			     "connections that a block since its evidence was enough would have "
			     "stopped",
			     COLUMN_COUNT, 0},
			    {"refusals_saved", "refusals",
			     "refusals that would not have been needed", COLUMN_COUNT, 0},
			    {"because", "because", "why", COLUMN_TEXT, 0}},
		.column_count = 6,
	},
	{
		.name = "effect",
		.title = "What the blocks would have done, by time to live",
		.about = "Each from the time its evidence was enough; 'after' leaves out the time "
			 "before that.\nThe last row is the plan's own times to live.",
		.columns = {{"ttl", "ttl", "time to live; own: each block its own", COLUMN_PLAIN,
			     0},
			    {"clients", "clients", "blocks in force at some time", COLUMN_COUNT, 0},
			    {"connections_stopped", "stopped", "connections", COLUMN_COUNT, 0},
			    {"connections_total", "of", "connections", COLUMN_COUNT, 0},
			    {"refusals_saved", "refusals", "refusals not needed", COLUMN_COUNT, 0},
			    {"refusals_total", "of", "refusals", COLUMN_COUNT, 0},
			    {"refusals_share", "share", "of refusals saved", COLUMN_SHARE, 0},
			    {"peak_concurrent_before", "peak", "sessions at once", COLUMN_COUNT, 0},
			    {"peak_concurrent_after", "after", "once they were blocked",
			     COLUMN_COUNT, 0},
			    {"peak_concurrent_onset", "with onset",
			     "the time before they were blocked included", COLUMN_COUNT, 0},
			    {"wanted_messages_lost", "lost", "messages that were taken in",
			     COLUMN_COUNT, 0},
			    {"ttl_seconds", "seconds", "the time to live; null: each its own",
			     COLUMN_PLAIN, 0}},
		.column_count = 12,
	},
	{
		.name = "lost",
		.title = "Wanted messages that would have been lost",
		.empty = "none",
		.columns = {{"ttl", "ttl", "time to live", COLUMN_PLAIN, 0},
			    {"client", "client", "address", COLUMN_CLIENT, 0},
			    {"name", "name", "that the log tells", COLUMN_TEXT, 0},
			    {"messages", "messages", "how many", COLUMN_COUNT, 0},
			    {"first", "first", "of their sessions", COLUMN_TIME, 0},
			    {"last", "last", "of their sessions", COLUMN_TIME, 0}},
		.column_count = 6,
	},
	{
		.name = "spared",
		.title = "Who was spared, and why",
		.empty = "nobody",
		.columns = {{"client", "client", "address or network", COLUMN_CLIENT, 0},
			    {"guard", "guard", "what stands against a block", COLUMN_PLAIN, 0},
			    {"against", "against", "the same in words", COLUMN_TEXT, 0},
			    {"because", "because", "why it would have been blocked", COLUMN_TEXT,
			     0}},
		.column_count = 4,
	},
};
enum { TABLE_PLAN, TABLE_EFFECT, TABLE_LOST, TABLE_SPARED, WHAT_IF_TABLES };

/* What the blocks of single origins that are now part of each of NOW's would have done. */
static struct block_effect *sum_up(const struct plan *now, const struct plan *all,
				   const struct block_effect *effects)
{
	struct block_effect *sums = memory_get_zeroed(now->count + 1, sizeof(*sums));

	for (size_t i = 0; i < all->count; i++) {
		const struct block *block = plan_find(now, &all->blocks[i].prefix.ip);
		struct block_effect *sum = block ? &sums[block - now->blocks] : NULL;

		if (!sum)
			continue;
		sum->connections_stopped += effects[i].connections_stopped;
		sum->refusals_saved += effects[i].refusals_saved;
	}
	return sums;
}

static void put_plan(struct tables *tables, const struct plan *now, const struct block_effect *sums)
{
	tables_table(tables, &what_if_tables[TABLE_PLAN]);
	tables_limit(tables, tables->options->top);
	for (size_t i = 0; i < now->count; i++) {
		const struct block *block = &now->blocks[i];
		_cleanup_free_ char *because = block_because(now, block);
		char prefix[PREFIX_TEXT_MAX];

		prefix_format(&block->prefix, prefix);
		tables_row(tables, (struct value[]){value_text(prefix), value_text(block->pattern),
						    value_number(block->ttl_s),
						    value_number(sums[i].connections_stopped),
						    value_number(sums[i].refusals_saved),
						    value_text(because)});
	}
}

static void put_effect(struct tables *tables, const char *ttl, const struct effect *effect)
{
	tables_row(tables,
		   (struct value[]){
			   value_text(ttl), value_number(effect->clients),
			   value_number(effect->connections_stopped),
			   value_number(effect->connections_total),
			   value_number(effect->refusals_saved),
			   value_number(effect->refusals_total),
			   value_share(effect->refusals_saved, effect->refusals_total),
			   value_number(effect->peak_before), value_number(effect->peak_after),
			   value_number(effect->peak_with_onset),
			   value_number(effect->wanted_messages_lost), value_time(effect->ttl_s)});
}

static void put_lost(struct tables *tables, const char *ttl, const struct lost_list *lost,
		     const struct directory *directory)
{
	for (size_t i = 0; i < lost->count; i++) {
		const struct lost *one = &lost->list[i];
		const struct client *client = directory_client_at(directory, one->client);
		char address[IP_TEXT_MAX];

		ip_format(&client->ip, address);
		tables_row(tables, (struct value[]){value_text(ttl), value_text(address),
						    value_view(strings_get(directory->strings,
									   client->name)),
						    value_number(one->messages),
						    value_time(one->first), value_time(one->last)});
	}
}

static void put_spared(struct tables *tables, const struct plan *plan)
{
	tables_table(tables, &what_if_tables[TABLE_SPARED]);
	tables_limit(tables, tables->options->top);
	for (size_t i = 0; i < plan->spared_count; i++) {
		const struct spared *spared = &plan->spared[i];
		char prefix[PREFIX_TEXT_MAX];

		prefix_format(&spared->prefix, prefix);
		tables_row(tables, (struct value[]){value_text(prefix),
						    value_text(guard_name(spared->guard)),
						    value_text(spared->against),
						    value_text(spared->because)});
	}
}

#define TTLS (sizeof(ttls_s) / sizeof(ttls_s[0]))
static const char *const ttl_names[TTLS + 1] = {"1h", "6h", "1d", "7d", "30d", "own"};

/* The plan of now, and all blocks that ever were due, each of a single origin. */
struct plans {
	struct plan now, all;
	struct block_effect *effects;	/* of all, with their own times to live */
	struct effect effect[TTLS + 1]; /* the last: each its own */
	struct lost_list lost[TTLS + 1];
};

static void plans_make(struct plans *plans, const struct judgement *judgement,
		       const struct plan_options *wishes, struct history *history)
{
	struct plan_options ever = *wishes;

	ever.over = ever.no_networks = true;
	plan_make(&judgement->verdicts, wishes, &plans->now);
	plan_make(&judgement->verdicts, &ever, &plans->all);
	plans->effects = memory_get_zeroed(plans->all.count + 1, sizeof(*plans->effects));
	for (size_t i = 0; i <= TTLS; i++)
		history_play(history, &plans->all, judgement->directory, i < TTLS ? ttls_s[i] : 0,
			     &plans->effect[i], i < TTLS ? NULL : plans->effects, &plans->lost[i]);
}

static void plans_release(struct plans *plans)
{
	plan_release(&plans->now);
	plan_release(&plans->all);
	free(plans->effects);
	for (size_t i = 0; i <= TTLS; i++)
		free(plans->lost[i].list);
}

static void put_all(const struct judgement *judgement, const struct plans *plans,
		    const struct history *history)
{
	const struct report_options *options = &judgement->options->report;
	struct report_table effect = what_if_tables[TABLE_EFFECT];
	int64_t from = history->count ? history->sessions[0].start : 1;
	struct block_effect *sums = sum_up(&plans->now, &plans->all, plans->effects);
	struct tables tables;

	effect.column_count -= options->format == REPORT_TEXT; /* the seconds */
	tables_begin(&tables, "block", "What blocks would have done", options, &judgement->totals,
		     from, history->count ? plans->now.now : 0, stdout);
	put_plan(&tables, &plans->now, sums);
	tables_table(&tables, &effect);
	for (size_t i = 0; i <= TTLS; i++)
		put_effect(&tables, ttl_names[i], &plans->effect[i]);
	tables_table(&tables, &what_if_tables[TABLE_LOST]);
	tables_limit(&tables, options->top);
	for (size_t i = 0; i <= TTLS; i++)
		put_lost(&tables, ttl_names[i], &plans->lost[i], judgement->directory);
	put_spared(&tables, &plans->now);
	tables_end(&tables);
	free(sums);
}

int block_what_if(struct judgement *judgement, const struct plan_options *wishes,
		  struct history *history)
{
	struct plans plans;

	plans_make(&plans, judgement, wishes, history);
	put_all(judgement, &plans, history);
	plans_release(&plans);
	return EXIT_DONE;
}

int block_what_if_check(const struct report_options *options, struct err *err)
{
	return tables_check(options, what_if_tables, WHAT_IF_TABLES, err);
}
