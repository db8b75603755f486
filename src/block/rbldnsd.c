/*
 * rbldnsd: a zone of the type "combined", IPv4 in an ip4trie, IPv6 in an ip6trie.
 *
 * With each address goes a TXT with the reason, in which a lone $ would become the
 * address asked for. RFC 5782 wants test entries: 127.0.0.2 and ::FFFF:7F00:2 are
 * listed, 127.0.0.1 and ::FFFF:7F00:1 never are.
 */
#include <ctype.h>
#include <errno.h>

#include "block/form.h"
#include "block/wording.h"

#define ZONE_PRESET "bl.example"
#define ZONE_MAX 253 /* RFC 1035, 2.3.4 */
#define TEXT_MAX 200 /* a TXT string has 255 bytes; the URL shares them */
#define URL_MAX 100

static int check_zone(const char *zone, struct err *err)
{
	size_t len = strlen(zone);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)zone[i]) && !strchr("-._", zone[i]))
			len = 0;
	if (len == 0 || len > ZONE_MAX || zone[0] == '.')
		return err_set(err, -EINVAL, "--zone '%s' is not the name of a zone", zone);
	return 0;
}

static int check_url(const char *url, struct err *err)
{
	for (const char *c = url; *c; c++)
		if (*c <= ' ' || *c == 0x7f || c - url > URL_MAX)
			return err_set(err, -EINVAL,
				       "--url '%s' is too long, or has blanks or other characters "
				       "that URLs do not have",
				       url);
	return 0;
}

static void write_text(const struct plan *plan, const struct block *block, const char *url,
		       FILE *out)
{
	struct text text = {0};

	block_wording(plan, block, "", TEXT_MAX - (url ? strlen(url) : 0), &text);
	fputs(" :127.0.0.2:", out);
	for (const char *c = text_string(&text); *c; c++)
		fputs(*c == '$' ? "$$" : (char[]){*c, '\0'}, out);
	if (url)
		fprintf(out, " %s", url);
	fputc('\n', out);
	text_release(&text);
}

static void write_dataset(const struct plan *plan, const struct form_options *options, bool v4,
			  FILE *out)
{
	fprintf(out, "$DATASET %s @\n", v4 ? "ip4trie" : "ip6trie");
	fprintf(out, ":127.0.0.2:e=00000000 test: RFC 5782\n%s\n!%s\n",
		v4 ? "127.0.0.2" : "::FFFF:7F00:2", v4 ? "127.0.0.1" : "::FFFF:7F00:1");
	for (size_t i = 0; i < plan->count; i++) {
		char prefix[PREFIX_TEXT_MAX];

		if (prefix_is_v4(&plan->blocks[i].prefix) != v4)
			continue;
		prefix_format(&plan->blocks[i].prefix, prefix);
		fputs(prefix, out);
		write_text(plan, &plan->blocks[i], options->url, out);
	}
}

static int write_plan(const struct plan *plan, const struct form_options *options, FILE *out,
		      struct err *err)
{
	const char *zone = options->zone ? options->zone : ZONE_PRESET;
	int r = check_zone(zone, err);

	if (r >= 0 && options->url)
		r = check_url(options->url, err);
	if (r < 0)
		return r;
	block_head(plan, "#", "rbldnsd ZONE:combined:FILE", out);
	fprintf(out, "$SOA 3600 %s hostmaster.%s 0 600 300 86400 300\n$TTL 600\n", zone, zone);
	write_dataset(plan, options, true, out);
	write_dataset(plan, options, false, out);
	return 0;
}

const struct block_form form_rbldnsd = {
	.name = "rbldnsd",
	.title = "rbldnsd",
	.about = "A zone of the type 'combined' (ip4trie and ip6trie in one file): rbldnsd -b "
		 "127.0.0.1/5353 bl.example:combined:mxwatch.rbl. Addresses have 127.0.0.2 and a "
		 "TXT with the reason. rbldnsd sees a new file by itself. --zone names the zone, "
		 "--url a page that tells more. Check: dig @127.0.0.1 -p 5353 "
		 "7.2.0.192.bl.example TXT.",
	.write = write_plan,
};
