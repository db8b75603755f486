/*
 * Postfix smtpd: a cidr table (cidr_table(5)) with actions of access(5).
 *
 * The first match wins, blocks lie apart, so the order does not matter. The action's
 * text goes to the client behind the code; nothing in it is substituted. A line that
 * Postfix cannot read is skipped with a warning only, so none may be written.
 */
#include "block/form.h"
#include "block/wording.h"

static int write_plan(const struct plan *plan, const struct form_options *options, FILE *out,
		      struct err *err)
{
	struct text text = {0};

	(void)options;
	(void)err;
	block_head(plan, "#", "smtpd_client_restrictions = check_client_access cidr:FILE", out);
	for (size_t i = 0; i < plan->count; i++) {
		char prefix[PREFIX_TEXT_MAX];

		text_clear(&text);
		block_wording(plan, &plan->blocks[i], "", WORDING_REPLY_MAX, &text);
		prefix_format_network(&plan->blocks[i].prefix, prefix);
		fprintf(out, "%s\tREJECT %s\n", prefix, text_string(&text));
	}
	text_release(&text);
	return 0;
}

const struct block_form form_postfix = {
	.name = "postfix",
	.title = "Postfix",
	.about = "A table for smtpd. In main.cf: smtpd_client_restrictions = check_client_access "
		 "cidr:/etc/postfix/mxwatch.cidr, smtpd_delay_reject = yes. New smtpd processes "
		 "read it; 'postfix reload' makes all of them new. Check: postmap -q ADDRESS "
		 "cidr:/etc/postfix/mxwatch.cidr.",
	.write = write_plan,
};
