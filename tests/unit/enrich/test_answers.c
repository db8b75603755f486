/* What answers say, when they are too old, and that failures do not drive out knowledge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "enrich/answers.h"

#define NOW 1000000u
#define DAY 86400u

/* A message with COUNT records of TYPE, whose data is DATA(i). */
struct message {
	char bytes[8192];
	size_t len;
};

static void message_begin(struct message *message)
{
	static const char head[] = "\x12\x34\x81\x80\0\0\0\0\0\0\0";

	memcpy(message->bytes, head, sizeof(head));
	message->len = sizeof(head);
}

static void message_add(struct message *message, enum wire_type type, const char *data, size_t len)
{
	const char head[] = {0, 0, (char)type, 0, 1, 0, 0, 0, 60, (char)(len >> 8), (char)len};

	memcpy(message->bytes + message->len, head, sizeof(head));
	memcpy(message->bytes + message->len + sizeof(head), data, len);
	message->len += sizeof(head) + len;
	message->bytes[7]++;
}

static struct view view(const struct message *message)
{
	return view_of(message->bytes, message->len);
}

static void add_name(struct message *message, const char *label)
{
	char data[80];
	int len = snprintf(data, sizeof(data), "%c%s", (char)strlen(label), label);

	message_add(message, WIRE_PTR, data, (size_t)len + 1);
}

static void names_are_sorted_and_few(void **state)
{
	struct message message;
	struct names names;
	char label[16];

	(void)state;
	message_begin(&message);
	assert_int_equal(answer_names(view(&message), &names), ENRICHMENT_NO);
	for (int i = 20; i > 0; i--) {
		snprintf(label, sizeof(label), "host%02d", i);
		add_name(&message, label);
		add_name(&message, label);
	}
	assert_int_equal(answer_names(view(&message), &names), ENRICHMENT_YES);
	assert_int_equal(names.count, NAMES_MAX);
	for (uint32_t i = 0; i < NAMES_MAX; i++) {
		snprintf(label, sizeof(label), "host%02u", i + 1);
		assert_string_equal(names.list[i], label);
	}
	message_begin(&message);
	add_name(&message, "\033[2J");
	assert_int_equal(answer_names(view(&message), &names), ENRICHMENT_YES);
	assert_int_equal(names.count, 0);
	assert_int_equal(answer_names(VIEW("x"), &names), ENRICHMENT_FAILED);
}

static void listings(void **state)
{
	static const struct {
		const char *addresses; /* of 4 bytes each */
		size_t count;
		enum enrichment_state state;
		bool refused;
	} rows[] = {
		{"", 0, ENRICHMENT_NO, false},
		{"\x7f\0\0\2", 1, ENRICHMENT_YES, false},
		{"\x7f\0\0\x0a\x7f\0\0\2", 2, ENRICHMENT_YES, false},
		{"\x7f\2\3\4", 1, ENRICHMENT_YES, false},
		{"\x7f\xff\xff\xfe", 1, ENRICHMENT_FAILED, true},
		{"\x7f\xff\xff\xfe\x7f\0\0\2", 2, ENRICHMENT_YES, false},
		{"\xc0\0\2\1", 1, ENRICHMENT_FAILED, false},
		{"\x80\0\0\2", 1, ENRICHMENT_FAILED, false},
	};
	bool refused;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct message message;

		message_begin(&message);
		for (size_t n = 0; n < rows[i].count; n++)
			message_add(&message, WIRE_A, rows[i].addresses + 4 * n, 4);
		assert_int_equal(answer_listing(view(&message), &refused), rows[i].state);
		assert_int_equal(refused, rows[i].refused);
	}
}

static void leads_back(void **state)
{
	const struct ip ip = {{[10] = 0xff, 0xff, 192, 0, 2, 7}};
	struct message message;

	(void)state;
	message_begin(&message);
	assert_int_equal(answer_leads_to(view(&message), WIRE_A, &ip), ENRICHMENT_NO);
	message_add(&message, WIRE_A, "\xc0\0\2\1", 4);
	assert_int_equal(answer_leads_to(view(&message), WIRE_A, &ip), ENRICHMENT_NO);
	message_add(&message, WIRE_A, "\xc0\0\2\7", 4);
	assert_int_equal(answer_leads_to(view(&message), WIRE_A, &ip), ENRICHMENT_YES);
	message_begin(&message);
	message_add(&message, WIRE_A, "\xc0\0\2", 3);
	assert_int_equal(answer_leads_to(view(&message), WIRE_A, &ip), ENRICHMENT_FAILED);
}

static void names_age(void **state)
{
	static const struct {
		uint32_t asked;
		enum enrichment_state ptr, confirmed;
		bool wants;
	} rows[] = {
		{0, ENRICHMENT_UNKNOWN, ENRICHMENT_UNKNOWN, true},
		{NOW - 1, ENRICHMENT_YES, ENRICHMENT_YES, false},
		{NOW - DAY + 1, ENRICHMENT_NO, ENRICHMENT_NO, false},
		{NOW - DAY, ENRICHMENT_NO, ENRICHMENT_NO, true},
		{NOW - 3599, ENRICHMENT_FAILED, ENRICHMENT_UNKNOWN, false},
		{NOW - 3600, ENRICHMENT_FAILED, ENRICHMENT_UNKNOWN, true},
		{NOW - 3600, ENRICHMENT_YES, ENRICHMENT_FAILED, true},
		{NOW + 100, ENRICHMENT_YES, ENRICHMENT_YES, false}, /* the clock went back */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct enrichment_row row = {.asked = rows[i].asked,
						   .ptr = (uint8_t)rows[i].ptr,
						   .confirmed = (uint8_t)rows[i].confirmed};

		assert_int_equal(row_wants_names(&row, NOW, DAY), rows[i].wants);
	}
}

static void zones_are_noted(void **state)
{
	struct enrichment_row row = {0};

	(void)state;
	assert_true(row_wants_zone(&row, 3, NOW, DAY));
	row_note_zone(&row, 3, NOW, ENRICHMENT_FAILED);
	assert_false(row_wants_zone(&row, 3, NOW + 3599, DAY));
	assert_true(row_wants_zone(&row, 3, NOW + 3600, DAY));
	row_note_zone(&row, 3, NOW + 1, ENRICHMENT_YES);
	assert_int_equal(row.listed, 1 << 3);
	assert_int_equal(row.not_listed, 0);
	assert_false(row_wants_zone(&row, 3, NOW + DAY, DAY));
	assert_true(row_wants_zone(&row, 3, NOW + 1 + DAY, DAY));
	row_note_zone(&row, 3, NOW + 2, ENRICHMENT_FAILED);
	assert_int_equal(row.listed, 1 << 3);
	assert_int_equal(row.zone_asked[3], NOW + 1);
	row_note_zone(&row, 3, NOW + 3, ENRICHMENT_NO);
	assert_int_equal(row.listed, 0);
	assert_int_equal(row.not_listed, 1 << 3);
	row_note_zone(&row, 31, NOW, ENRICHMENT_YES);
	assert_int_equal(row.listed, UINT32_C(1) << 31);
}

static void names_are_noted(void **state)
{
	const struct ip ip = {{[10] = 0xff, 0xff, 192, 0, 2, 7}};
	struct enrichment enrichment;
	struct enrichment_row *row;

	(void)state;
	enrichment_init(&enrichment);
	row = enrichment_add(&enrichment, &ip);
	row_note_names(&enrichment, row, NOW, ENRICHMENT_FAILED, ENRICHMENT_UNKNOWN, VIEW(""));
	assert_int_equal(row->ptr, ENRICHMENT_FAILED);
	row_note_names(&enrichment, row, NOW + 1, ENRICHMENT_YES, ENRICHMENT_YES,
		       VIEW("192-0-2-7.dsl.example.net"));
	assert_int_equal(row->dynamic, 1);
	assert_int_equal(row->confirmed, ENRICHMENT_YES);
	row_note_names(&enrichment, row, NOW + 2, ENRICHMENT_FAILED, ENRICHMENT_UNKNOWN, VIEW(""));
	assert_int_equal(row->confirmed, ENRICHMENT_YES);
	assert_int_equal(row->asked, NOW + 1);
	row_note_names(&enrichment, row, NOW + 3, ENRICHMENT_YES, ENRICHMENT_FAILED, VIEW("a.b"));
	assert_int_equal(row->asked, NOW + 1);
	row_note_names(&enrichment, row, NOW + 4, ENRICHMENT_NO, ENRICHMENT_NO, VIEW(""));
	assert_int_equal(row->ptr, ENRICHMENT_NO);
	assert_int_equal(row->name, 0);
	assert_int_equal(row->dynamic, 0);
	enrichment_release(&enrichment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sorted_and_few),
		cmocka_unit_test(listings),
		cmocka_unit_test(leads_back),
		cmocka_unit_test(names_age),
		cmocka_unit_test(zones_are_noted),
		cmocka_unit_test(names_are_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
