/*
 * Names of home lines.
 *
 * Only the host's part of a name is looked at, not the domain that the provider
 * registered: customers of dsl.net need not be home lines. A word for a server in front, or
 * one for fixed lines and hired machines anywhere, settles that it is none. Then the
 * address in the name, or a word for lines handed out, makes it one; words that could as
 * well name one machine ("pool", "mobile") only beside numbers. The words are those
 * that providers all over the world use; the lists are not, and need not be, complete.
 */
#include "model/dynamic.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>

#define HOST_MAX 254
#define SPELLING_MAX 48
#define OCTETS 4
#define GROUPS 8

/* Lists are ended by NULL. */
static const char *const server_words[] = {
	"mx",	    "mxa",	"mxb",	    "mxin",    "mxout",	     "mxs",	 "esmtp",
	"mta",	    "relay",	"relays",   "out",     "outbound",   "outgoing", "mgw",
	"exchange", "exch",	"owa",	    "imap",    "pop",	     "zimbra",	 "postfix",
	"exim",	    "sendmail", "list",	    "lists",   "newsletter", "news",	 "bounce",
	"bounces",  "antispam", "correo",   "webmail", "post",	     "www",	 "web",
	"ns",	    "dns",	"server",   "srv",     "sender",     "mailing",	 "poczta",
	"posta",    "edge",	"delivery", "gateway", "firewall",   "vpn",	 NULL};
static const char *const server_beginnings[] = {"mail", "smtp", NULL};
static const char *const fixed_words[] = {
	"static", "statik",	"statisch", "statique",	  "staticip",	"fixed",     "fix",
	"fixip",  "ipfix",	"business", "biz",	  "corporate",	"dedicated", "dedi",
	"colo",	  "colocation", "hosting",  "hosted",	  "servers",	"vps",	     "vserver",
	"cloud",  "compute",	"ec",	    "datacenter", "enterprise", NULL};
static const char *const line_words[] = {
	"dynamic", "dyn",   "dynip",	 "dynamicip", "dinamic", "dinamico",	"dinamica",
	"dsl",	   "adsl",  "xdsl",	 "vdsl",      "sdsl",	 "dslb",	"ppp",
	"pppoe",   "dial",  "dialup",	 "dialin",    "dip",	 "dhcp",	"catv",
	"docsis",  "isdn",  "umts",	 "gprs",      "lte",	 "ftth",	"fttx",
	"fttb",	   "fttp",  "gpon",	 "wimax",     "bras",	 "residential", "resnet",
	"hfc",	   "cpe",   "broadband", "wifi",      "modem",	 "cablemodem",	"hotspot",
	"kabel",   "ipngn", NULL};
static const char *const shared_words[] = {
	"pool",	  "pools", "cable",	 "client",	"clients", "customer", "customers",
	"cust",	  "home",  "user",	 "users",	"res",	   "wlan",     "wireless",
	"mobile", "mob",   "subscriber", "subscribers", "abo",	   "abonent",  "fiber",
	"fibre",  "host",  "hosts",	 "lan",		"pc",	   "nat",      "hsd",
	"rev",	  "revip", "bb",	 NULL};

static bool is_one_of(struct view word, const char *const *list)
{
	for (; *list; list++)
		if (view_is(word, view_string(*list)))
			return true;
	return false;
}

/* "dyndsl", "cablepool": two words in one. */
static bool is_compound(struct view word)
{
	for (size_t cut = 3; cut + 3 <= word.len; cut++) {
		struct view front = view_to(word, cut), back = view_from(word, cut);
		bool line = is_one_of(front, line_words) || is_one_of(back, line_words);

		if (line && (is_one_of(front, line_words) || is_one_of(front, shared_words)) &&
		    (is_one_of(back, line_words) || is_one_of(back, shared_words)))
			return true;
	}
	return false;
}

/* Cuts the next run of letters off *rest; empty at the end. */
static struct view next_word(struct view *rest)
{
	size_t len = 0;
	struct view word;

	while (rest->len > 0 && !isalpha((unsigned char)*rest->ptr))
		*rest = view_from(*rest, 1);
	while (len < rest->len && isalpha((unsigned char)rest->ptr[len]))
		len++;
	word = view_to(*rest, len);
	*rest = view_from(*rest, len);
	return word;
}

static bool any_word(struct view text, const char *const *list)
{
	for (struct view word; (word = next_word(&text)).len > 0;)
		if (is_one_of(word, list))
			return true;
	return false;
}

static bool has_line_word(struct view text)
{
	for (struct view word; (word = next_word(&text)).len > 0;)
		if (is_one_of(word, line_words) || is_compound(word))
			return true;
	return false;
}

/* Whether LABEL holds a word for a server. */
static bool names_server(struct view label)
{
	struct view word, rest = label;

	if (any_word(label, server_words))
		return true;
	while ((word = next_word(&rest)).len > 0)
		for (const char *const *begin = server_beginnings; *begin; begin++)
			if (view_starts(word, view_string(*begin)))
				return true;
	return false;
}

/* Numbers as lines have: two of them, or a long one. */
static bool is_numbered(struct view host)
{
	size_t runs = 0, len = 0;

	for (size_t i = 0; i < host.len; i++) {
		len = isdigit((unsigned char)host.ptr[i]) ? len + 1 : 0;
		runs += len == 1;
		if (len >= 4)
			return true;
	}
	return runs >= 2;
}

/* Whether the four octets stand at the front of TEXT, each a number of its own. */
static bool octets_follow(struct view text, const unsigned char *octets, int step)
{
	for (int i = 0; i < OCTETS; i++) {
		unsigned long long number;

		if (i > 0) {
			if (text.len == 0 || isdigit((unsigned char)*text.ptr))
				return false;
			text = view_from(text, 1);
		}
		if (!view_eat_number(&text, &number) || number != octets[i * step])
			return false;
	}
	return true;
}

static bool has_octets(struct view host, const unsigned char *octets)
{
	for (size_t i = 0; i < host.len; i++) {
		if (!isdigit((unsigned char)host.ptr[i]) ||
		    (i > 0 && isdigit((unsigned char)host.ptr[i - 1])))
			continue;
		if (octets_follow(view_from(host, i), octets, 1) ||
		    octets_follow(view_from(host, i), octets + OCTETS - 1, -1))
			return true;
	}
	return false;
}

static bool has(struct view text, const char *spelling)
{
	return view_find(text, view_string(spelling)) != VIEW_NONE;
}

/* In one run: hexadecimal, decimal with zeros, or as one number. */
static bool has_run(struct view host, const unsigned char *o)
{
	char spelling[SPELLING_MAX];
	uint32_t number = (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];

	for (int back = 0; back < 2; back++) {
		const unsigned char q[OCTETS] = {o[back ? 3 : 0], o[back ? 2 : 1], o[back ? 1 : 2],
						 o[back ? 0 : 3]};

		snprintf(spelling, sizeof(spelling), "%02x%02x%02x%02x", q[0], q[1], q[2], q[3]);
		if (has(host, spelling))
			return true;
		snprintf(spelling, sizeof(spelling), "%03u%03u%03u%03u", q[0], q[1], q[2], q[3]);
		if (has(host, spelling))
			return true;
	}
	snprintf(spelling, sizeof(spelling), "%u", number);
	return number > UINT16_MAX && has(host, spelling);
}

/* HOST with dashes for the dots, and without either. */
static bool has_ipv6(struct view host, const struct ip *ip)
{
	char dashed[HOST_MAX], bare[HOST_MAX], spelling[IP_TEXT_MAX], nibbles[2 * 16 + 1];
	size_t bare_len = 0;
	struct view text = {dashed, host.len};

	for (size_t i = 0; i < host.len; i++) {
		dashed[i] = host.ptr[i] == '.' ? '-' : host.ptr[i];
		if (dashed[i] != '-')
			bare[bare_len++] = dashed[i];
	}
	ip_format(ip, spelling);
	for (char *c = spelling; *c; c++)
		*c = *c == ':' ? '-' : *c;
	if (has(text, spelling))
		return true;
	for (size_t i = 0, len = 0; i < GROUPS; i++)
		len += (size_t)snprintf(spelling + len, sizeof(spelling) - len, "%s%x",
					i ? "-" : "",
					(unsigned int)ip->bytes[2 * i] << 8 | ip->bytes[2 * i + 1]);
	if (has(text, spelling))
		return true;
	text = view_of(bare, bare_len);
	for (size_t i = 0; i < 16; i++)
		snprintf(nibbles + 2 * i, 3, "%02x", ip->bytes[i]);
	if (has(text, nibbles) || has(text, nibbles + 16))
		return true;
	for (size_t i = 0; i < 16; i++)
		snprintf(nibbles + 2 * i, 3, "%x%x", ip->bytes[15 - i] & 15,
			 ip->bytes[15 - i] >> 4);
	return has(text, nibbles);
}

static bool has_address(struct view host, const struct ip *ip)
{
	if (!ip_is_v4(ip))
		return has_ipv6(host, ip);
	return has_octets(host, ip->bytes + 12) || has_run(host, ip->bytes + 12);
}

/* NAME without its last N labels; empty if there are no more. */
static struct view without_labels(struct view name, int n)
{
	for (; n > 0; n--) {
		size_t dot = view_find_last_byte(name, '.');

		name = view_to(name, dot == VIEW_NONE ? 0 : dot);
	}
	return name;
}

/* What stands before the registered domain. Short of the list of public suffixes: two labels, or
   three under the usual second levels of countries ("ne.jp"). */
static struct view host_part(struct view name)
{
	static const char *const seconds[] = {"co", "com", "net", "org", "ne",	"or", "ac",  "ad",
					      "ed", "edu", "go",  "gov", "gob", "gr", "mil", NULL};
	struct view rest = without_labels(name, 1);
	size_t dot = view_find_last_byte(rest, '.');
	bool country = name.len - rest.len == 3;

	if (country && dot != VIEW_NONE && is_one_of(view_from(rest, dot + 1), seconds))
		return without_labels(name, 3);
	return without_labels(name, 2);
}

static bool is_home_line(struct view host, const struct ip *ip)
{
	struct view front = view_to(host, view_find_byte(host, '.'));
	bool one_word = view_find_byte(front, '-') == VIEW_NONE;
	bool line, address;

	if (any_word(host, fixed_words) || (one_word && names_server(front)))
		return false;
	line = has_line_word(host);
	address = has_address(host, ip);
	if (names_server(front)) /* "mx-192-0-2-1.dynamic": whoever it is, on such a line */
		return line && address;
	return line || address || (is_numbered(host) && any_word(host, shared_words));
}

bool dynamic_name(struct view name, const struct ip *ip)
{
	char small[HOST_MAX];
	struct view host;

	if (name.len > 0 && name.ptr[name.len - 1] == '.')
		name.len--;
	if (name.len >= sizeof(small))
		return false;
	for (size_t i = 0; i < name.len; i++)
		small[i] = (char)tolower((unsigned char)name.ptr[i]);
	host = host_part(view_of(small, name.len));
	return host.len > 0 && is_home_line(host, ip);
}
