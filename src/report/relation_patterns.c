/* Patterns across clients, as detectors tell them: one mail through several clients, and all
   findings in words. */
#include <stdlib.h>

#include "base/memory.h"
#include "report/relation.h"

static const struct patterns *patterns_of(const struct report_context *context)
{
	return context->options->patterns;
}

/* A client list is made into one text: "192.0.2.7, 198.51.100.3". */
#define LIST_MAX 1000

struct pair_rows {
	char *text; /* of all lists */
	size_t len, capacity;
	size_t *begin; /* by pair; one more than there are */
};

static void add_text(struct pair_rows *rows, const char *text, size_t len)
{
	if (rows->len + len > rows->capacity) {
		rows->capacity = 2 * (rows->len + len);
		rows->text = memory_resize(rows->text, rows->capacity, 1);
	}
	memcpy(rows->text + rows->len, text, len);
	rows->len += len;
}

static void add_list(const struct report_context *context, const struct pair_pattern *pair,
		     struct pair_rows *rows)
{
	const struct directory *directory = context->ledger->directory;
	char text[IP_TEXT_MAX];

	for (uint32_t i = 0; i < pair->clients && i < LIST_MAX; i++) {
		uint32_t client = patterns_of(context)->clients[pair->list + i];
		size_t len = ip_format(&directory_client_at(directory, client)->ip, text);

		if (i > 0)
			add_text(rows, ", ", 2);
		add_text(rows, text, len);
	}
	if (pair->clients > LIST_MAX)
		add_text(rows, ", ...", 5);
}

static void make_pairs(struct report_context *context, struct rows *ret_rows)
{
	const struct patterns *patterns = patterns_of(context);
	struct pair_rows *rows = memory_get_zeroed(1, sizeof(*rows));
	size_t count = patterns ? patterns->pair_count : 0;

	rows->begin = memory_get((count + 1) * sizeof(*rows->begin));
	for (size_t i = 0; i < count; i++) {
		rows->begin[i] = rows->len;
		add_list(context, &patterns->pairs[i], rows);
	}
	rows->begin[count] = rows->len;
	ret_rows->data = rows;
	ret_rows->count = count;
}

static void release_pairs(struct rows *rows)
{
	struct pair_rows *pairs = rows->data;

	free(pairs->text);
	free(pairs->begin);
	free(pairs);
}

static void pairs_cell(const struct report_context *context, const struct rows *rows, size_t n,
		       int column, struct cell *cell)
{
	const struct pair_pattern *pair = &patterns_of(context)->pairs[n];
	const struct pair_rows *lists = rows->data;

	switch (column) {
	case 0:
		cell_string(cell, context, pair->sender);
		break;
	case 1:
		cell_string(cell, context, pair->recipient);
		break;
	case 2:
		cell_integer(cell, pair->clients);
		break;
	case 3:
		cell_integer(cell, pair->sources);
		break;
	case 4:
		cell_integer(cell, pair->attempts);
		break;
	case 5:
		cell_time(cell, pair->first);
		break;
	case 6:
		cell_time(cell, pair->last);
		break;
	case 8:
		cell_integer(cell, pair->cleared);
		break;
	default:
		cell_text(cell, view_of(lists->text + lists->begin[n],
					lists->begin[n + 1] - lists->begin[n]));
	}
}

static void make_findings(struct report_context *context, struct rows *ret_rows)
{
	const struct patterns *patterns = patterns_of(context);

	ret_rows->count = patterns ? patterns->finding_count : 0;
}

/* The weightiest first. */
static uint64_t weight(const char *grade)
{
	return strcmp(grade, "strong") == 0 ? 2 : strcmp(grade, "hint") == 0;
}

static void findings_cell(const struct report_context *context, const struct rows *rows, size_t n,
			  int column, struct cell *cell)
{
	const struct pattern_finding *finding = &patterns_of(context)->findings[n];

	(void)rows;
	switch (column) {
	case 0:
		cell_text(cell, view_string(finding->network));
		break;
	case 1:
		cell_text(cell, view_string(finding->pattern));
		break;
	case 2:
		cell_text(cell, view_string(finding->grade));
		break;
	case 3:
		cell_time(cell, finding->since);
		break;
	case 4:
		cell_time(cell, finding->until);
		break;
	case 5:
		cell_text(cell, view_string(finding->sentence));
		break;
	default:
		cell_integer(cell, weight(finding->grade));
	}
}

const struct relation relations_patterns[] = {
	{
		.name = "pattern_pairs",
		.columns = "sender text, recipient text, clients integer, sources integer, "
			   "attempts integer, first integer, last integer, client_list text, "
			   "cleared integer",
		.make = make_pairs,
		.cell = pairs_cell,
		.release = release_pairs,
	},
	{
		.name = "pattern_findings",
		.columns = "client text, pattern text, grade text, since integer, until integer, "
			   "sentence text, weight integer",
		.make = make_findings,
		.cell = findings_cell,
	},
	{0},
};
