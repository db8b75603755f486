/*
 * Postfix postscreen: a cidr table for postscreen_access_list, whose values can
 * only be permit, reject and dunno (postconf(5)); the reasons stand in comments.
 */
#include "block/form.h"
#include "block/wording.h"

static int write_plan(const struct plan *plan, const struct form_options *options, FILE *out,
		      struct err *err)
{
	(void)options;
	(void)err;
	block_head(plan, "#", "postscreen_access_list = permit_mynetworks, cidr:FILE", out);
	for (size_t i = 0; i < plan->count; i++) {
		char prefix[PREFIX_TEXT_MAX];

		block_comment(plan, &plan->blocks[i], out);
		prefix_format_network(&plan->blocks[i].prefix, prefix);
		fprintf(out, "%s\treject\n", prefix);
	}
	return 0;
}

const struct block_form form_postscreen = {
	.name = "postscreen",
	.title = "Postfix postscreen",
	.about = "A table for postscreen. In main.cf: postscreen_access_list = permit_mynetworks, "
		 "cidr:/etc/postfix/mxwatch-postscreen.cidr and postscreen_denylist_action = "
		 "enforce (postscreen_blacklist_action before Postfix 3.6). Needs 'postfix reload' "
		 "after each change. Check: postmap -q ADDRESS cidr:FILE.",
	.write = write_plan,
};
