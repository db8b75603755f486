/* JSON: an array with one object a block, for programs. */
#include "base/cleanup.h"
#include "base/safe.h"
#include "block/form.h"

static void write_block(const struct plan *plan, const struct block *block, FILE *out)
{
	_cleanup_free_ char *because = block_because(plan, block);
	_cleanup_free_ char *evidence = block_evidence(plan, block);
	char prefix[PREFIX_TEXT_MAX];

	prefix_format(&block->prefix, prefix);
	fprintf(out, "{\"client\": \"%s\", \"id\": \"%08x\", \"pattern\": ", prefix, block->id);
	safe_json(out, view_string(block->pattern));
	fputs(", \"because\": ", out);
	safe_json(out, view_string(because));
	fprintf(out, ", \"ttl_seconds\": %u, \"evidence\": %s}", block->ttl_s, evidence);
}

static int write_plan(const struct plan *plan, const struct form_options *options, FILE *out,
		      struct err *err)
{
	(void)options;
	(void)err;
	fputc('[', out);
	for (size_t i = 0; i < plan->count; i++) {
		fputs(i ? ",\n  " : "\n  ", out);
		write_block(plan, &plan->blocks[i], out);
	}
	fputs(plan->count ? "\n]\n" : "]\n", out);
	return 0;
}

const struct block_form form_json = {
	.name = "json",
	.title = "JSON",
	.about = "An array of objects: client (address or network), id (of the evidence; other "
		 "forms carry it in their texts as e=ID), pattern, because (one sentence), "
		 "ttl_seconds, evidence.",
	.write = write_plan,
};
