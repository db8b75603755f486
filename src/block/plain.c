/* Plain text: one line a block, for scripts: prefix, seconds to live, sentence. */
#include "base/cleanup.h"
#include "base/safe.h"
#include "block/form.h"

static int write_plan(const struct plan *plan, const struct form_options *options, FILE *out,
		      struct err *err)
{
	(void)options;
	(void)err;
	for (size_t i = 0; i < plan->count; i++) {
		_cleanup_free_ char *because = block_because(plan, &plan->blocks[i]);
		char prefix[PREFIX_TEXT_MAX];

		prefix_format(&plan->blocks[i].prefix, prefix);
		fprintf(out, "%s\t%u\t", prefix, plan->blocks[i].ttl_s);
		safe_text(out, view_string(because));
		fputc('\n', out);
	}
	return 0;
}

const struct block_form form_plain = {
	.name = "plain",
	.title = "Plain text",
	.about = "One line a block: prefix, seconds to live, sentence, separated by tabs.",
	.write = write_plan,
};
