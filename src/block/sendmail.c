/*
 * Sendmail: lines for the access map (cf/README, "Anti-Spam Configuration Control").
 *
 * Networks can only be told by leaving out whole octets, or whole groups of an
 * IPv6 address, so others are spelled out. IPv6 addresses are written without "::",
 * as Sendmail looks them up (UseCompressedIPv6Addresses is off). The text of an ERROR is
 * parsed as an address would be, so nothing that must be balanced may be in it.
 */
#include "block/form.h"
#include "block/wording.h"

#define UNWANTED "\"'()<>[]{},;:\\$@!%#|&*?~`^"
#define GROUP_BITS 16
#define OCTET_BITS 8

/* The bits of the next longer network that can be told. */
static uint32_t told_bits(const struct prefix *prefix)
{
	uint32_t step = prefix_is_v4(prefix) ? OCTET_BITS : GROUP_BITS;
	uint32_t bits = (prefix->bits + step - 1) / step * step;

	return bits > 0 ? bits : step;
}

static void write_key(const struct prefix *prefix, FILE *out)
{
	const unsigned char *bytes = prefix->ip.bytes;

	fputs(prefix_is_v4(prefix) ? "Connect:" : "Connect:IPv6:", out);
	if (prefix_is_v4(prefix)) {
		for (uint32_t i = PREFIX_BITS_V4 / 8; i < prefix->bits / 8; i++)
			fprintf(out, "%s%u", i > PREFIX_BITS_V4 / 8 ? "." : "", bytes[i]);
		return;
	}
	for (uint32_t i = 0; i < prefix->bits / 8; i += 2)
		fprintf(out, "%s%x", i > 0 ? ":" : "", bytes[i] << 8 | bytes[i + 1]);
}

/* The network of PREFIX's length that follows it. */
static void step(struct prefix *prefix)
{
	uint32_t at = prefix->bits / 8;

	while (at-- > 0 && ++prefix->ip.bytes[at] == 0)
		;
}

static void write_block(const struct block *block, const char *text, FILE *out)
{
	struct prefix key = prefix_of(&block->prefix.ip, told_bits(&block->prefix));
	uint32_t count = (uint32_t)1 << (key.bits - block->prefix.bits);

	for (; count > 0; count--, step(&key)) {
		write_key(&key, out);
		fprintf(out, "\tERROR:5.7.1:550 %s\n", text);
	}
}

static int write_plan(const struct plan *plan, const struct form_options *options, FILE *out,
		      struct err *err)
{
	struct text text = {0};

	(void)options;
	(void)err;
	block_head(plan, "#", "for the access map, by makemap", out);
	for (size_t i = 0; i < plan->count; i++) {
		text_clear(&text);
		block_wording(plan, &plan->blocks[i], UNWANTED, WORDING_REPLY_MAX, &text);
		write_block(&plan->blocks[i], text_string(&text), out);
	}
	text_release(&text);
	return 0;
}

const struct block_form form_sendmail = {
	.name = "sendmail",
	.title = "Sendmail",
	.about = "Lines for the access map (FEATURE(`access_db') and FEATURE(`delay_checks') or "
		 "not). Put them behind your own: cat access mxwatch.access | makemap hash "
		 "/etc/mail/access. Sendmail sees the new map at once. Networks other than /24, "
		 "/16 and /8 (IPv6: /48, /64) are spelled out, address by address.",
	.write = write_plan,
};
