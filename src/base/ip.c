/*
 * Addresses to and from text.
 *
 * Every line of a log names a client, so dotted quads are read without a loop
 * over their characters: the places of the three dots come from a search of
 * the whole text at once, each octet is then one
 * 4-byte load, and nothing branches on how long an octet is. Loads never leave
 * the view. IPv6 is rarer and read a character at a time.
 */
#include "base/ip.h"

#include <endian.h>

#include "base/hash.h"
#include "base/scan.h"

#define ONES UINT64_C(0x0101010101010101)
#define HALVES(number) ((uint64_t)(number) << 32 | (number))
#define SIGNS HALVES(UINT64_C(0x80000000))
#define ASCII_ZEROS 0x30303030u
#define V4_LENGTH_MIN 7	 /* 0.0.0.0 */
#define V4_LENGTH_MAX 15 /* 255.255.255.255 */

static const unsigned char v4_mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static uint32_t load32(const char *ptr)
{
	return le32toh((uint32_t)hash_load32(ptr));
}

/* The least number of as many digits, since some read a leading zero as octal. */
static const unsigned char least[4] = {0, 0, 10, 100};

/*
 * The values of two octets at once, one in each half of DIGITS: one to three
 * ASCII digits already xored with '0', the last in the highest byte, zero bytes
 * below the first. *bad gets a bit if a byte was no digit, or a value is over
 * 255 or under its half of LEAST.
 */
static uint64_t octets(uint64_t digits, uint64_t leasts, uint64_t *bad)
{
	uint64_t value = (digits >> 24 & HALVES(0xff)) + (digits >> 16 & HALVES(0xff)) * 10 +
			 (digits >> 8 & HALVES(0xff)) * 100;
	uint64_t foreign = ((digits + ONES * 6) | digits) & ONES * 0xf0;
	uint64_t above = value + (SIGNS - HALVES(256)); /* sign set from 256 on */
	uint64_t below = ~(value + SIGNS - leasts);	/* and here below LEAST */

	*bad |= foreign | ((above | below) & SIGNS);
	return value;
}

/* *ret_quad: the first octet in the highest byte. */
static inline bool parse_v4(struct view text, uint32_t *ret_quad)
{
	const uint32_t end = 1u << 16; /* where a search for one more dot stops */
	uint32_t dots, dot1, dot2, dot3, length1, length2, length3, length4;
	uint64_t front, back, bad = 0;

	if (text.len < V4_LENGTH_MIN || text.len > V4_LENGTH_MAX ||
	    (unsigned char)(text.ptr[0] - '0') > 9)
		return false;
	dots = scan_places_short(text.ptr, text.len, '.', '.', '.') | end;
	dot1 = (uint32_t)__builtin_ctz(dots);
	dots = (dots & (dots - 1)) | end;
	dot2 = (uint32_t)__builtin_ctz(dots);
	dots = (dots & (dots - 1)) | end;
	dot3 = (uint32_t)__builtin_ctz(dots);
	length1 = dot1;
	length2 = dot2 - dot1 - 1;
	length3 = dot3 - dot2 - 1;
	length4 = (uint32_t)text.len - dot3 - 1;
	if (length1 - 1 > 2 || length2 - 1 > 2 || length3 - 1 > 2 || length4 - 1 > 2)
		return false;
	/* At least 7 bytes follow the first octet's start, 5 the second's; at
	   least 5 precede the third's end, 7 the fourth's. A fourth dot would be
	   no digit. */
	front = (uint64_t)(load32(text.ptr + dot1 + 1) ^ ASCII_ZEROS) << (64 - 8 * length2) |
		(uint32_t)(load32(text.ptr) ^ ASCII_ZEROS) << (32 - 8 * length1);
	back = (uint64_t)((load32(text.ptr + text.len - 4) ^ ASCII_ZEROS) >> (32 - 8 * length4))
		       << (64 - 8 * length4) |
	       (load32(text.ptr + dot3 - 4) ^ ASCII_ZEROS) >> (32 - 8 * length3)
								      << (32 - 8 * length3);
	front = octets(front, (uint64_t)least[length2] << 32 | least[length1], &bad);
	back = octets(back, (uint64_t)least[length4] << 32 | least[length3], &bad);
	if (bad)
		return false;
	*ret_quad = (uint32_t)(front << 24 | front >> 16 | back << 8 | back >> 32);
	return true;
}

/* The value of a hexadecimal digit, and one more; 0 if it is none. */
static const unsigned char hex_digits[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static int hex_value(char c)
{
	return hex_digits[(unsigned char)c] - 1;
}

/* Cuts one group of up to four hexadecimal digits off; -1 if there is none. */
static int eat_group(struct view *text)
{
	int value = 0;
	size_t n = 0;

	for (; n < text->len && n < 5; n++) {
		int digit = hex_value(text->ptr[n]);

		if (digit < 0)
			break;
		value = value << 4 | digit;
	}
	if (n == 0 || n > 4)
		return -1;
	*text = view_from(*text, n);
	return value;
}

/* What stands between the colons of an IPv6 address, as far as it was read. */
struct groups {
	unsigned char bytes[16];
	size_t len; /* of bytes, always even */
	size_t gap; /* where "::" stood in bytes; VIEW_NONE if nowhere */
};

/* Reads the groups of TEXT, with a dotted quad as the last one perhaps. */
static bool read_groups(struct view text, struct groups *groups)
{
	while (groups->len < 16) {
		struct view rest = text;
		int value = eat_group(&rest);

		if (rest.len > 0 && rest.ptr[0] == '.' && groups->len <= 12) {
			uint32_t quad;

			if (!parse_v4(text, &quad))
				return false;
			quad = htobe32(quad);
			memcpy(groups->bytes + groups->len, &quad, 4);
			groups->len += 4;
			return true;
		}
		if (value < 0)
			return false;
		groups->bytes[groups->len++] = (unsigned char)(value >> 8);
		groups->bytes[groups->len++] = (unsigned char)value;
		if (rest.len == 0)
			return true;
		if (!view_eat(&rest, VIEW(":")))
			return false;
		if (view_eat(&rest, VIEW(":"))) {
			if (groups->gap != VIEW_NONE)
				return false;
			groups->gap = groups->len;
			if (rest.len == 0)
				return true;
		}
		text = rest;
	}
	return false;
}

static bool parse_v6(struct view text, struct ip *ret_ip)
{
	struct groups groups = {.gap = VIEW_NONE};
	struct ip ip = {0};
	size_t behind;

	if (view_eat(&text, VIEW("::"))) {
		groups.gap = 0;
		if (text.len == 0) {
			*ret_ip = ip;
			return true;
		}
	}
	if (!read_groups(text, &groups))
		return false;
	if (groups.gap == VIEW_NONE) {
		if (groups.len != 16)
			return false;
		groups.gap = 16;
	} else if (groups.len == 16) {
		return false; /* "::" stands for at least one group (RFC 4291, 2.2) */
	}
	behind = groups.len - groups.gap;
	memcpy(ip.bytes, groups.bytes, groups.gap);
	memcpy(ip.bytes + 16 - behind, groups.bytes + groups.gap, behind);
	*ret_ip = ip;
	return true;
}

/* What is no dotted quad. On its own, so that those are read without making room for it. */
static __attribute__((noinline)) bool parse_other(struct view text, struct ip *ret_ip)
{
	size_t zone;

	if (text.len >= 5 && (text.ptr[0] | 0x20) == 'i' &&
	    view_is_nocase(view_to(text, 5), VIEW("IPv6:")))
		text = view_from(text, 5);
	if (text.len < 2 || (text.ptr[0] != ':' && hex_value(text.ptr[0]) < 0))
		return false;
	zone = view_find_byte(text, '%');
	if (zone != VIEW_NONE) {
		if (zone + 1 == text.len)
			return false;
		text.len = zone;
	}
	return parse_v6(text, ret_ip);
}

bool ip_parse(struct view text, struct ip *ret_ip)
{
	uint32_t quad;

	if (parse_v4(text, &quad)) {
		/* Two stores: what is loaded again at once had better not come from four. */
		uint64_t halves[2] = {0, htobe64(UINT64_C(0xffff00000000) | quad)};

		memcpy(ret_ip->bytes, halves, sizeof(halves));
		return true;
	}
	return parse_other(text, ret_ip);
}

static size_t put_decimal(char *to, unsigned value)
{
	size_t n = 0;

	if (value >= 100)
		to[n++] = (char)('0' + value / 100);
	if (value >= 10)
		to[n++] = (char)('0' + value / 10 % 10);
	to[n++] = (char)('0' + value % 10);
	return n;
}

static size_t put_hex(char *to, unsigned value)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (int shift = 12; shift >= 0; shift -= 4)
		if (value >> shift || shift == 0)
			to[n++] = digits[value >> shift & 15];
	return n;
}

static size_t format_v4(const unsigned char *bytes, char *text)
{
	size_t n = 0;

	for (int i = 0; i < 4; i++) {
		if (i)
			text[n++] = '.';
		n += put_decimal(text + n, bytes[i]);
	}
	text[n] = '\0';
	return n;
}

/* The first of the longest runs of two or more zero groups (RFC 5952, 4.2). */
static int longest_run(const unsigned groups[static 8], int *ret_length)
{
	int best = -1, best_length = 1;

	for (int i = 0; i < 8; i++) {
		int length = 0;

		while (i + length < 8 && groups[i + length] == 0)
			length++;
		if (length > best_length) {
			best = i;
			best_length = length;
		}
		i += length;
	}
	*ret_length = best_length;
	return best;
}

size_t ip_format(const struct ip *ip, char text[static IP_TEXT_MAX])
{
	unsigned groups[8];
	int run, run_length;
	size_t n = 0;

	if (ip_is_v4(ip))
		return format_v4(ip->bytes + 12, text);
	for (int i = 0; i < 8; i++)
		groups[i] = (unsigned)ip->bytes[2 * i] << 8 | ip->bytes[2 * i + 1];
	run = longest_run(groups, &run_length);
	for (int i = 0; i < 8; i++) {
		if (i == run) {
			text[n++] = ':';
			text[n++] = ':';
			i += run_length - 1;
			continue;
		}
		if (i && text[n - 1] != ':')
			text[n++] = ':';
		n += put_hex(text + n, groups[i]);
	}
	text[n] = '\0';
	return n;
}

bool ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->bytes, v4_mapped_prefix, sizeof(v4_mapped_prefix)) == 0;
}

bool ip_is_loopback(const struct ip *ip)
{
	static const struct ip loopback = {.bytes = {[15] = 1}};

	return ip_is_v4(ip) ? ip->bytes[12] == 127 : ip_equal(ip, &loopback);
}

int ip_compare(const struct ip *a, const struct ip *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}
