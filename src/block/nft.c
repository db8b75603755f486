/*
 * nftables: a table of our own with one hash set for each length of prefix, the
 * mask standing in the rule.
 *
 * Not interval sets: with time-outs they lose blocks where they merge, and one big
 * one makes every call of nft slow. The file is one transaction that replaces the
 * table: time-outs begin anew, what is no longer in the plan goes, what the elements
 * have counted is carried over by --apply. Addresses are written from bytes, never
 * as names: nft would look those up.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "block/form.h"
#include "block/nft_state.h"
#include "block/tool.h"
#include "block/wording.h"

#define TABLE "inet mxwatch"
#define COMMENT_MAX 120 /* bytes; the kernel keeps 128 */
#define SET_SIZE_MIN 1024u
#define PORTS_MAX (sizeof(((struct form_options *)0)->ports) / sizeof(uint16_t))

static const uint16_t ports_preset[] = {25, 465, 587, 0};

static void write_set_name(const struct prefix *prefix, FILE *out)
{
	fputs(prefix_is_v4(prefix) ? "b4" : "b6", out);
	if (prefix->bits < PREFIX_BITS_MAX)
		fprintf(out, "_%u", prefix_length(prefix));
}

static void write_element(const struct plan *plan, const struct block *block,
			  const struct map *counted, FILE *out)
{
	const struct nft_element *element =
		counted ? map_find(counted, &block->prefix, map_hash(counted, &block->prefix))
			: NULL;
	char address[IP_TEXT_MAX];
	struct text text = {0};

	block_wording(plan, block, "\"", COMMENT_MAX, &text);
	ip_format(&block->prefix.ip, address);
	fprintf(out, "\t\t\t%s", address);
	if (element)
		fprintf(out, " counter packets %llu bytes %llu",
			(unsigned long long)element->packets, (unsigned long long)element->bytes);
	fprintf(out, " timeout %us comment \"%s\",\n", block->ttl_s, text_string(&text));
	text_release(&text);
}

/* One block of each set that is needed. */
struct kinds {
	const struct prefix *like[2 * (PREFIX_BITS_MAX + 1)];
	size_t count;
};

static void find_kinds(const struct plan *plan, struct kinds *ret_kinds)
{
	bool seen[2][PREFIX_BITS_MAX + 1] = {0};

	ret_kinds->count = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const struct prefix *prefix = &plan->blocks[i].prefix;
		bool *known = &seen[prefix_is_v4(prefix)][prefix->bits];

		if (!*known)
			ret_kinds->like[ret_kinds->count++] = prefix;
		*known = true;
	}
}

static bool is_alike(const struct prefix *prefix, const struct prefix *like)
{
	return prefix->bits == like->bits && prefix_is_v4(prefix) == prefix_is_v4(like);
}

static void write_set(const struct plan *plan, const struct prefix *like, const struct map *counted,
		      FILE *out)
{
	size_t count = 0, size = SET_SIZE_MIN;

	for (size_t i = 0; i < plan->count; i++)
		count += is_alike(&plan->blocks[i].prefix, like);
	while (size < 2 * count)
		size *= 2;
	fputs("\tset ", out);
	write_set_name(like, out);
	fprintf(out,
		" {\n\t\ttype %s\n\t\tsize %zu\n\t\tflags timeout\n\t\tcounter\n"
		"\t\telements = {\n",
		prefix_is_v4(like) ? "ipv4_addr" : "ipv6_addr", size);
	for (size_t i = 0; i < plan->count; i++)
		if (is_alike(&plan->blocks[i].prefix, like))
			write_element(plan, &plan->blocks[i], counted, out);
	fputs("\t\t}\n\t}\n", out);
}

static void write_mask(const struct prefix *prefix, FILE *out)
{
	struct ip ones, mask;
	char text[IP_TEXT_MAX];

	memset(&ones, 0xff, sizeof(ones));
	mask = prefix_of(&ones, prefix->bits).ip;
	if (prefix_is_v4(prefix)) /* as a dotted quad it is the address ::ffff:255.255.255.0 */
		memset(mask.bytes, 0, PREFIX_BITS_V4 / 8 - 2);
	ip_format(&mask, text);
	fprintf(out, " & %s", text);
}

static void write_rule(const struct prefix *like, const uint16_t *ports, FILE *out)
{
	fputs("\t\ttcp dport {", out);
	for (size_t i = 0; i < PORTS_MAX && ports[i]; i++)
		fprintf(out, "%s %u", i ? "," : "", ports[i]);
	fprintf(out, " } %s saddr", prefix_is_v4(like) ? "ip" : "ip6");
	if (like->bits < PREFIX_BITS_MAX)
		write_mask(like, out);
	fputs(" @", out);
	write_set_name(like, out);
	fputs(" counter drop\n", out);
}

static void write_table(const struct plan *plan, const struct form_options *options,
			const struct map *counted, FILE *out)
{
	const uint16_t *ports = options->ports[0] ? options->ports : ports_preset;
	struct kinds kinds;

	find_kinds(plan, &kinds);
	/* Adding it first, deleting works whether it was there or not. */
	fputs("add table " TABLE "\ndelete table " TABLE "\ntable " TABLE " {\n", out);
	for (size_t i = 0; i < kinds.count; i++)
		write_set(plan, kinds.like[i], counted, out);
	fputs("\tchain input {\n\t\ttype filter hook input priority -10; policy accept;\n", out);
	for (size_t i = 0; i < kinds.count; i++)
		write_rule(kinds.like[i], ports, out);
	fputs("\t}\n}\n", out);
}

static int write_plan(const struct plan *plan, const struct form_options *options, FILE *out,
		      struct err *err)
{
	(void)err;
	block_head(plan, "#", "nft -f FILE; back: nft delete table " TABLE, out);
	write_table(plan, options, NULL, out);
	return 0;
}

static int load(FILE *input, struct err *err)
{
	static const char *const arguments[] = {"nft", "-f", "-", NULL};

	return tool_run(arguments, input, NULL, err);
}

static int apply(const struct plan *plan, const struct form_options *options, struct err *err)
{
	_cleanup_fclose_ FILE *input = NULL;
	struct map counted;
	int r;

	nft_elements_init(&counted);
	r = nft_elements_list(&counted, err);
	input = r < 0 ? NULL : tool_input(err);
	if (input) {
		write_table(plan, options, &counted, input);
		r = load(input, err);
	}
	map_release(&counted);
	return input ? r : -EIO;
}

static int undo(struct err *err)
{
	_cleanup_fclose_ FILE *input = tool_input(err);

	if (!input)
		return -EIO;
	fputs("add table " TABLE "\ndelete table " TABLE "\n", input);
	return load(input, err);
}

const struct block_form form_nft = {
	.name = "nft",
	.title = "nftables",
	.about = "A table 'inet mxwatch' with hash sets, time-outs, counters and the reason as "
		 "each element's comment; drops new and old connections to the mail ports "
		 "(--ports). --apply puts it in force in one transaction, --undo takes it back; "
		 "a file is checked with nft -c -f FILE and loaded with nft -f FILE. See it with "
		 "nft list table inet mxwatch.",
	.write = write_plan,
	.apply = apply,
	.undo = undo,
};
