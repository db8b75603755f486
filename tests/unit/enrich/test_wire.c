/* Questions and answers of the DNS: as servers write them, cut, and crooked. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "enrich/wire.h"

static struct ip address(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(view_string(text), &ip));
	return ip;
}

static void questions(void **state)
{
	static const struct {
		const char *address, *domain, *name;
	} rows[] = {
		{"192.0.2.7", "bl.example", "7.2.0.192.bl.example"},
		{"255.255.255.255", "b", "255.255.255.255.b"},
		{"2001:db8::25", "bl.example",
		 "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example"},
	};
	char name[WIRE_NAME_MAX], zone[WIRE_NAME_MAX + 10];
	struct ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ip = address(rows[i].address);
		assert_true(wire_list_name(&ip, view_string(rows[i].domain), name));
		assert_string_equal(name, rows[i].name);
	}
	ip = address("192.0.2.7");
	wire_pointer_name(&ip, name);
	assert_string_equal(name, "7.2.0.192.in-addr.arpa");
	memset(zone, 'a', sizeof(zone));
	assert_true(wire_list_name(&ip, view_of(zone, 253 - 10), name));
	assert_false(wire_list_name(&ip, view_of(zone, 254 - 10), name));
	ip = address("2001:db8::1");
	assert_false(wire_list_name(&ip, view_of(zone, 190), name));
	wire_pointer_name(&ip, name);
	assert_string_equal(
		name, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

static void domains(void **state)
{
	static const char *const good[] = {"a", "zen.example.org", "b-1.x_y.org", "127.0.0.1"};
	static const char *const bad[] = {"",
					  ".",
					  "a.",
					  ".a",
					  "a..b",
					  "a b",
					  "a\033[2Jb",
					  "\xc3\xa4.example",
					  "a/b",
					  "a\nb",
					  "example.org:53"};
	char label[80];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(wire_is_domain(view_string(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(wire_is_domain(view_string(bad[i])));
	memset(label, 'a', sizeof(label));
	assert_true(wire_is_domain(view_of(label, 63)));
	assert_false(wire_is_domain(view_of(label, 64)));
}

#define HEADER(questions, answers) "\x12\x34\x81\x80\0" questions "\0" answers "\0\0\0\0"
#define QUESTION "\1x\0\0\x0c\0\1"
#define TO_QUESTION "\xc0\x0c"
#define RECORD(type, len) TO_QUESTION "\0" type "\0\1\0\0\0\x3c\0" len

/* Messages, and what is read: names or addresses, divided by blanks; "!" for no answer. */
static const struct {
	struct view message;
	enum wire_type type;
	const char *read;
} messages[] = {
	{VIEW(HEADER("\1", "\0") QUESTION), WIRE_PTR, ""},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\x0e") "\4MAIL\7example\0"), WIRE_PTR,
	 "mail.example"},
	{VIEW(HEADER("\1", "\2")
		      QUESTION RECORD("\x0c", "\3") "\1b\0" RECORD("\x0c", "\3") "\1a\0"),
	 WIRE_PTR, "b a"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\4") "\1y\xc0\x0c"), WIRE_PTR, "y.x"},
	/* The name of the root; a name that is none; a dot and a NUL in a label. */
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\1") "\0"), WIRE_PTR, "-"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\6") "\4\033[2J\0"), WIRE_PTR, "-"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\5") "\3a.b\0"), WIRE_PTR, "-"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\5") "\3a\0b\0"), WIRE_PTR, "-"},
	/* An alias first, as RFC 2317 has it. */
	{VIEW(HEADER("\1", "\2")
		      QUESTION RECORD("\5", "\2") "\xc0\x0c" RECORD("\x0c", "\3") "\1a\0"),
	 WIRE_PTR, "a"},
	{VIEW(HEADER("\1", "\2")
		      QUESTION RECORD("\1", "\4") "\x7f\0\0\2" RECORD("\1", "\4") "\x7f\0\0\4"),
	 WIRE_A, "127.0.0.2 127.0.0.4"},
	{VIEW(HEADER("\1", "\1")
		      QUESTION RECORD("\x1c", "\x10") "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0"
						      "\1"),
	 WIRE_AAAA, "2001:db8::1"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\1", "\4") "\x7f\0\0\2"), WIRE_AAAA, ""},
	/* Of another class. */
	{VIEW(HEADER("\1", "\1") QUESTION TO_QUESTION "\0\1\0\3\0\0\0\x3c\0\4\x7f\0\0\2"), WIRE_A,
	 ""},
	/* Cut, too long, in circles. */
	{VIEW(""), WIRE_A, "!"},
	{VIEW("\x12\x34\x81\x80"), WIRE_A, "!"},
	{VIEW(HEADER("\1", "\1") "\1x"), WIRE_A, "!"},
	{VIEW(HEADER("\1", "\1") QUESTION), WIRE_A, "!"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\1", "\4") "\x7f\0\0"), WIRE_A, "!"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\1", "\5") "\x7f\0\0\2\0"), WIRE_A, "!"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\2") "\xc0\x1f"), WIRE_PTR, "!"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\2") "\xc0\xff"), WIRE_PTR, "!"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\2") "\x80\0"), WIRE_PTR, "!"},
	{VIEW(HEADER("\1", "\1") QUESTION RECORD("\x0c", "\3") "\x3f"
							       "ab"),
	 WIRE_PTR, "!"},
};

/* An exact copy on the heap: a sanitizer sees a read past either end. */
static void read_all(struct view message, enum wire_type type, char *text, size_t size)
{
	char *copy = malloc(message.len ? message.len : 1);
	struct wire_reader reader;
	struct wire_record record;
	size_t len = 0;
	int r;

	assert_non_null(copy);
	memcpy(copy, message.ptr, message.len);
	text[0] = '\0';
	r = wire_begin(&reader, view_of(copy, message.len), type);
	while (r == 0 && (r = wire_next(&reader, &record)) > 0) {
		char ip[IP_TEXT_MAX];

		ip_format(&record.ip, ip);
		len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "",
					type != WIRE_PTR ? ip
					: record.name[0] ? record.name
							 : "-");
		r = 0;
	}
	if (r < 0)
		snprintf(text, size, "!");
	free(copy);
}

static void answers(void **state)
{
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		read_all(messages[i].message, messages[i].type, text, sizeof(text));
		assert_string_equal(text, messages[i].read);
	}
}

/* A name of labels of COUNT bytes, as long as LENGTH in all. */
static size_t put_name(char *at, size_t count, size_t length)
{
	size_t len = 0;

	while (len + 1 < length) {
		size_t label = length - len - 2 < count ? length - len - 2 : count;

		at[len++] = (char)label;
		memset(at + len, 'a', label);
		len += label;
	}
	at[len++] = '\0';
	return len;
}

static void the_longest_name(void **state)
{
	static const char head[] = HEADER("\1", "\1") QUESTION TO_QUESTION "\0\x0c\0\1\0\0\0\x3c\0";
	char message[sizeof(head) + 300], text[1024];

	(void)state;
	memcpy(message, head, sizeof(head) - 1);
	for (size_t length = 250; length <= 258; length++) {
		size_t len = put_name(message + sizeof(head), 63, length);

		message[sizeof(head) - 1] = (char)len;
		message[sizeof(head) - 2] = (char)(len >> 8);
		read_all(view_of(message, sizeof(head) + len), WIRE_PTR, text, sizeof(text));
		if (length <= 255)
			assert_int_equal(strlen(text), length - 2);
		else
			assert_string_equal(text, "!");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions),
		cmocka_unit_test(domains),
		cmocka_unit_test(answers),
		cmocka_unit_test(the_longest_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
