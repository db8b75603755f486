/* Questions and answers of the DNS: see wire.h. */
#include "enrich/wire.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#define HEADER_BYTES 12
#define LABEL_MAX 63
#define CLASS_IN 1
#define POINTER 0xc0u	/* RFC 1035, 4.1.4: the name goes on elsewhere */
#define POINTERS_MAX 64 /* a name has at most 127 labels; more pointers than that go in circles */

static size_t reversed(const struct ip *ip, char *name)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = ip->bytes;
	size_t len = 0;

	if (ip_is_v4(ip))
		return (size_t)snprintf(name, WIRE_NAME_MAX, "%u.%u.%u.%u.", b[15], b[14], b[13],
					b[12]);
	for (int i = 15; i >= 0; i--) {
		name[len++] = digits[b[i] & 15];
		name[len++] = '.';
		name[len++] = digits[b[i] >> 4];
		name[len++] = '.';
	}
	return len;
}

bool wire_list_name(const struct ip *ip, struct view domain, char name[static WIRE_NAME_MAX])
{
	size_t len = reversed(ip, name);

	if (len + domain.len >= WIRE_NAME_MAX)
		return false;
	memcpy(name + len, domain.ptr, domain.len);
	name[len + domain.len] = '\0';
	return true;
}

void wire_pointer_name(const struct ip *ip, char name[static WIRE_NAME_MAX])
{
	wire_list_name(ip, ip_is_v4(ip) ? VIEW("in-addr.arpa") : VIEW("ip6.arpa"), name);
}

static bool in_names(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

bool wire_is_domain(struct view text)
{
	size_t label = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '.' ? label == 0 : !in_names(text.ptr[i]))
			return false;
		label = text.ptr[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
	}
	return label > 0 && text.len < WIRE_NAME_MAX;
}

static uint32_t byte_at(const struct wire_reader *reader, size_t at)
{
	return (unsigned char)reader->message.ptr[at];
}

static uint32_t word_at(const struct wire_reader *reader, size_t at)
{
	return byte_at(reader, at) << 8 | byte_at(reader, at + 1);
}

static bool has(const struct wire_reader *reader, size_t at, size_t bytes)
{
	return at <= reader->message.len && reader->message.len - at >= bytes;
}

/* Passes over the name at reader->at. */
static int skip_name(struct wire_reader *reader)
{
	while (has(reader, reader->at, 1)) {
		uint32_t len = byte_at(reader, reader->at);

		if (len >= POINTER) {
			reader->at += 2;
			return has(reader, reader->at, 0) ? 0 : -EBADMSG;
		}
		reader->at += 1 + len;
		if (len == 0)
			return 0;
		if (len > LABEL_MAX)
			break;
	}
	return -EBADMSG;
}

/* Adds a label of COUNT bytes behind the LEN of NAME; false if it is no host name's. */
static bool add_label(char *name, size_t len, const char *label, uint32_t count)
{
	bool good = true;

	if (len > 0)
		name[len++] = '.';
	for (uint32_t i = 0; i < count; i++) {
		good = good && in_names(label[i]);
		name[len + i] = (char)tolower((unsigned char)label[i]);
	}
	return good;
}

/* Reads the name at AT into NAME: empty if it is no host name. */
static int read_name(const struct wire_reader *reader, size_t at, char *name)
{
	size_t len = 0;
	bool good = true;

	for (int pointers = 0; pointers < POINTERS_MAX && has(reader, at, 1);) {
		uint32_t label = byte_at(reader, at);

		if (label == 0) {
			name[good ? len : 0] = '\0';
			return 0;
		}
		if (label >= POINTER) {
			if (!has(reader, at, 2))
				break;
			at = word_at(reader, at) & ~(POINTER << 8);
			pointers++;
			continue;
		}
		if (label > LABEL_MAX || !has(reader, at, 1 + label) ||
		    len + 1 + label >= WIRE_NAME_MAX)
			break;
		good = add_label(name, len, reader->message.ptr + at + 1, label) && good;
		len += (len > 0) + label;
		at += 1 + label;
	}
	return -EBADMSG;
}

int wire_begin(struct wire_reader *reader, struct view message, enum wire_type type)
{
	*reader = (struct wire_reader){.message = message, .at = HEADER_BYTES, .type = type};
	if (message.len < HEADER_BYTES)
		return -EBADMSG;
	for (uint32_t i = word_at(reader, 4); i > 0; i--) {
		if (skip_name(reader) < 0 || !has(reader, reader->at, 4))
			return -EBADMSG;
		reader->at += 4;
	}
	reader->left = word_at(reader, 6);
	return 0;
}

/* Takes what a record of the reader's type holds; LEN bytes of it are there. */
static int read_record(const struct wire_reader *reader, size_t at, size_t len,
		       struct wire_record *record)
{
	*record = (struct wire_record){0};
	if (reader->type == WIRE_PTR)
		return read_name(reader, at, record->name);
	if (len != (reader->type == WIRE_A ? 4 : 16))
		return -EBADMSG;
	memcpy(record->ip.bytes + 16 - len, reader->message.ptr + at, len);
	if (reader->type == WIRE_A)
		record->ip.bytes[10] = record->ip.bytes[11] = 0xff;
	return 0;
}

int wire_next(struct wire_reader *reader, struct wire_record *ret_record)
{
	while (reader->left > 0) {
		size_t at, len;
		bool wanted;

		reader->left--;
		if (skip_name(reader) < 0 || !has(reader, reader->at, 10))
			return -EBADMSG;
		wanted = word_at(reader, reader->at) == (uint32_t)reader->type &&
			 word_at(reader, reader->at + 2) == CLASS_IN;
		len = word_at(reader, reader->at + 8);
		at = reader->at + 10;
		if (!has(reader, at, len))
			return -EBADMSG;
		reader->at = at + len;
		if (!wanted)
			continue;
		return read_record(reader, at, len, ret_record) < 0 ? -EBADMSG : 1;
	}
	return 0;
}
