/*
 * Exim: a file for lookups of the type iplsearch (the specification's chapter 9),
 * "key: data" lines.
 *
 * Keys of IPv6 hold colons and must be quoted, else they never match. Data goes on
 * to the end of the line and is not expanded again.
 */
#include "block/form.h"
#include "block/wording.h"

static int write_plan(const struct plan *plan, const struct form_options *options, FILE *out,
		      struct err *err)
{
	struct text text = {0};

	(void)options;
	(void)err;
	block_head(plan, "#", "acl_smtp_connect: deny hosts = net-iplsearch;FILE", out);
	for (size_t i = 0; i < plan->count; i++) {
		const char *quote = prefix_is_v4(&plan->blocks[i].prefix) ? "" : "\"";
		char prefix[PREFIX_TEXT_MAX];

		text_clear(&text);
		block_wording(plan, &plan->blocks[i], "", WORDING_REPLY_MAX, &text);
		prefix_format(&plan->blocks[i].prefix, prefix);
		fprintf(out, "%s%s%s: %s\n", quote, prefix, quote, text_string(&text));
	}
	text_release(&text);
	return 0;
}

const struct block_form form_exim = {
	.name = "exim",
	.title = "Exim",
	.about = "A file for iplsearch. In the ACL of acl_smtp_connect or acl_smtp_rcpt: deny "
		 "hosts = net-iplsearch;/etc/exim4/mxwatch message = "
		 "${lookup{$sender_host_address}iplsearch{/etc/exim4/mxwatch}}. Read anew for each "
		 "connection. Check: exim -be '${lookup{ADDRESS}iplsearch{/etc/exim4/mxwatch}}'.",
	.write = write_plan,
};
