/*
 * Null routes: blackhole routes in the main table, marked as ours by protocol and
 * metric, so that a route for the same network by anybody else stays untouched.
 *
 * Routes have no time-out: those whose time is over go with the next run. The
 * kernel changes them one by one; what is new is put in before what is old goes,
 * and if a step fails, all is put back as it was.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "block/form.h"
#include "block/tool.h"
#include "block/wording.h"

#define MARK "proto 250 metric 250"

static void put(FILE *out, const char *what, const struct prefix *prefix)
{
	char text[PREFIX_TEXT_MAX];

	prefix_format_network(prefix, text);
	fprintf(out, "route %s blackhole %s " MARK "\n", what, text);
}

static int write_plan(const struct plan *plan, const struct form_options *options, FILE *out,
		      struct err *err)
{
	(void)options;
	(void)err;
	block_head(plan, "#", "ip -batch FILE; back: ip route flush proto 250 (and ip -6)", out);
	for (size_t i = 0; i < plan->count; i++) {
		block_comment(plan, &plan->blocks[i], out);
		put(out, "replace", &plan->blocks[i].prefix);
	}
	return 0;
}

static void prefixes_init(struct map *prefixes)
{
	map_init(prefixes, sizeof(struct prefix), sizeof(struct prefix));
}

static bool is_in(const struct map *prefixes, const struct prefix *prefix)
{
	return map_find(prefixes, prefix, map_hash(prefixes, prefix)) != NULL;
}

/* "blackhole 192.0.2.0/24 metric 250", with more behind it for IPv6. */
static void take_line(struct view line, struct map *prefixes)
{
	static const char mark[] = " metric 250";
	size_t at = view_find(line, VIEW(mark)), end;
	struct prefix prefix;

	if (!view_eat(&line, VIEW("blackhole ")) || at == VIEW_NONE)
		return;
	end = view_find_byte(line, ' ');
	if (prefix_parse(view_to(line, end), &prefix, NULL) >= 0)
		map_at(prefixes, &prefix);
}

/* The routes of ours that there are. */
static int list(const char *family, struct map *prefixes, struct err *err)
{
	const char *arguments[] = {"ip",   family,	"route", "show", "table", "main",
				   "type", "blackhole", "proto", "250",	 NULL};
	_cleanup_free_ char *output = NULL;
	struct view rest;
	int r = tool_run(arguments, NULL, &output, err);

	if (r < 0)
		return r;
	rest = view_string(output);
	while (rest.len > 0) {
		size_t end = view_find_byte(rest, '\n');
		struct view line = view_to(rest, end == VIEW_NONE ? rest.len : end);

		take_line(line, prefixes);
		rest = view_from(rest, line.len + 1);
	}
	return 0;
}

/* Makes of the routes in NOW those in THEN, as far as the kernel lets us. */
static int change(const struct map *now, const struct map *then, struct err *err)
{
	const char *arguments[] = {"ip", "-batch", "-", NULL};
	_cleanup_fclose_ FILE *batch = tool_input(err);

	if (!batch)
		return -EIO;
	for (uint32_t i = 0; i < then->count; i++)
		if (!is_in(now, map_row(then, i)))
			put(batch, "replace", map_row(then, i));
	for (uint32_t i = 0; i < now->count; i++)
		if (!is_in(then, map_row(now, i)))
			put(batch, "del", map_row(now, i));
	if (ftell(batch) == 0)
		return 0;
	return tool_run(arguments, batch, NULL, err);
}

static int list_all(struct map *prefixes, struct err *err)
{
	int r = list("-4", prefixes, err);

	return r < 0 ? r : list("-6", prefixes, err);
}

/* Back to BEFORE, after a failure in mid, which *err tells. */
static void put_back(const struct map *before, struct err *err)
{
	struct err first = *err, second;
	struct map now;

	prefixes_init(&now);
	if (list_all(&now, &second) < 0 || change(&now, before, &second) < 0)
		err_set(err, -EIO, "%.400s; the routes could not be put back as they were: %.400s",
			first.text, second.text);
	map_release(&now);
}

static int put_in_force(const struct map *then, struct err *err)
{
	struct map before;
	int r;

	prefixes_init(&before);
	r = list_all(&before, err);
	if (r >= 0)
		r = change(&before, then, err);
	if (r < 0 && before.count + then->count > 0)
		put_back(&before, err);
	map_release(&before);
	return r;
}

static int apply(const struct plan *plan, const struct form_options *options, struct err *err)
{
	struct map then;
	int r;

	(void)options;
	prefixes_init(&then);
	for (size_t i = 0; i < plan->count; i++)
		map_at(&then, &plan->blocks[i].prefix);
	r = put_in_force(&then, err);
	map_release(&then);
	return r;
}

static int undo(struct err *err)
{
	struct map nothing;
	int r;

	prefixes_init(&nothing);
	r = put_in_force(&nothing, err);
	map_release(&nothing);
	return r;
}

const struct block_form form_route = {
	.name = "route",
	.title = "Null routes",
	.about = "Blackhole routes (protocol and metric 250): no packet goes back to these "
		 "clients, from any port. --apply puts them in force and takes back those that "
		 "are no longer in the plan, --undo takes all of them back. Routes do not end by "
		 "themselves: run --apply from cron. A file is loaded with ip -batch FILE; see "
		 "them with ip route show proto 250, ip -6 route show proto 250.",
	.write = write_plan,
	.apply = apply,
	.undo = undo,
};
