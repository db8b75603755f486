/* Interned strings and maps: ids are stable, nothing is lost as they grow, the
   kept form can be read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/strings.h"

#define MANY 300000u

static struct view nth(uint32_t n, char buffer[static 64])
{
	return view_of(buffer, (size_t)snprintf(buffer, 64, "user%u@domain%u.example", n, n % 97));
}

static void the_same_text_has_one_id(void **state)
{
	struct strings *strings = strings_new();
	uint32_t a = strings_add(strings, VIEW("a@b.example"));

	(void)state;
	assert_int_equal(strings_add(strings, VIEW("")), 0);
	assert_int_not_equal(a, strings_add(strings, VIEW("A@b.example")));
	assert_int_equal(a, strings_add(strings, VIEW("a@b.example")));
	assert_int_equal(a, strings_find(strings, VIEW("a@b.example")));
	assert_true(strings_find(strings, VIEW("nobody")) == UINT32_MAX);
	assert_true(view_is(strings_get(strings, a), VIEW("a@b.example")));
	assert_true(view_is(strings_get(strings, 0), VIEW("")));
	assert_int_equal(strings_count(strings), 2);
	strings_free(strings);
}

static void roles_are_kept_by_string(void **state)
{
	struct strings *strings = strings_new();
	uint32_t a = strings_add(strings, VIEW("a"));

	(void)state;
	assert_int_equal(strings_set_roles(strings, a, 3), 3);
	assert_int_equal(strings_set_roles(strings, a, 6), 4);
	assert_int_equal(strings_roles(strings, a), 7);
	assert_true(view_is(strings_get(strings, a), VIEW("a")));
	strings_free(strings);
}

static void long_strings_are_cut(void **state)
{
	struct strings *strings = strings_new();
	char *text = malloc(STRINGS_LENGTH_MAX + 1);
	uint32_t id;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', STRINGS_LENGTH_MAX + 1);
	id = strings_add(strings, view_of(text, STRINGS_LENGTH_MAX + 1));
	assert_int_equal(strings_get(strings, id).len, STRINGS_LENGTH_MAX);
	assert_int_equal(id, strings_add(strings, view_of(text, STRINGS_LENGTH_MAX)));
	for (size_t len = 250; len < 260; len++) {
		id = strings_add(strings, view_of(text, len));
		assert_int_equal(strings_get(strings, id).len, len);
	}
	free(text);
	strings_free(strings);
}

static void many_strings_come_back(void **state)
{
	struct strings *strings = strings_new(), *copy = strings_new();
	uint32_t *ids = malloc(MANY * sizeof(*ids)), walked = 0;
	char buffer[64];
	size_t len;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		ids[i] = strings_add(strings, nth(i, buffer));
	for (uint64_t from = 0;; from += len) {
		const char *bytes = strings_bytes(strings, from, &len);

		if (len == 0)
			break;
		assert_int_equal(strings_load(copy, bytes, len), 0);
	}
	assert_int_equal(strings_size(copy), strings_size(strings));
	strings_index(copy);
	for (uint32_t i = 0; i < MANY; i++) {
		assert_true(view_is(strings_get(copy, ids[i]), nth(i, buffer)));
		assert_int_equal(strings_find(copy, nth(i, buffer)), ids[i]);
	}
	for (uint32_t id = 0; (id = strings_next(copy, id));)
		walked++;
	assert_int_equal(walked, MANY);
	assert_int_equal(strings_count(copy), MANY);
	free(ids);
	strings_free(strings);
	strings_free(copy);
}

static void broken_pieces_are_refused(void **state)
{
	static const struct view pieces[] = {
		{"\0\0\0", 3},
		{"\0\0\0\0\0\x09"
		 "ab",
		 8},
		{"\0\0\0\0\0\xff\x01\0", 8},
		{"\0\0\0\0\0\xff\xff\xff", 8},
		{"\0\0\0\0\0\0\0x", 8},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct strings *strings = strings_new();

		assert_true(strings_load(strings, pieces[i].ptr, pieces[i].len) < 0);
		strings_free(strings);
	}
}

struct row {
	uint32_t key[2];
	uint32_t value;
};

static void a_map_keeps_its_rows(void **state)
{
	struct map map;

	(void)state;
	map_init(&map, sizeof(struct row), sizeof(((struct row *)0)->key));
	for (uint32_t i = 0; i < MANY; i++) {
		struct row *row = map_at(&map, (uint32_t[]){i % 1000, i});

		assert_int_equal(row->value, 0);
		row->value = i + 1;
	}
	assert_int_equal(map.count, MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t key[2] = {i % 1000, i};
		struct row *row = map_find(&map, key, map_hash(&map, key));

		assert_non_null(row);
		assert_int_equal(row->value, i + 1);
		assert_ptr_equal(row, map_row(&map, i));
	}
	map_clear(&map);
	assert_int_equal(map.count, 0);
	assert_null(map_find(&map, (uint32_t[]){1, 1}, map_hash(&map, (uint32_t[]){1, 1})));
	map_release(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_text_has_one_id),
		cmocka_unit_test(roles_are_kept_by_string),
		cmocka_unit_test(long_strings_are_cut),
		cmocka_unit_test(many_strings_come_back),
		cmocka_unit_test(broken_pieces_are_refused),
		cmocka_unit_test(a_map_keeps_its_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
