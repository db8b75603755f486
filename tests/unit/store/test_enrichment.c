/* What was looked up comes back as it was saved, and goes when it is old. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scratch.h"

static struct ip address(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(view_string(text), &ip));
	return ip;
}

/* A row with everything set, different for every N. */
static struct ip fill_row(struct enrichment *enrichment, uint32_t n)
{
	struct ip ip = {{[10] = 0xff, 0xff, 192, 0, (unsigned char)(n >> 8), (unsigned char)n}};
	struct enrichment_row *row = enrichment_add(enrichment, &ip);
	int even = enrichment_zone(enrichment, VIEW("even.example"));
	int odd = enrichment_zone(enrichment, VIEW("odd.example"));
	char name[32];
	int len = snprintf(name, sizeof(name), "host%u.example", n);

	row->name = strings_add(enrichment->strings, view_of(name, (size_t)len));
	row->ptr = ENRICHMENT_YES;
	row->confirmed = (uint8_t)(n % 4);
	row->dynamic = n % 2;
	row->asked = 1000 + n;
	row->as_number = n;
	row->organisation = strings_add(enrichment->strings, VIEW("Netz \"GmbH\" \xc3\xa4"));
	row->country = strings_add(enrichment->strings, VIEW("DE"));
	row->network = prefix_of(&ip, PREFIX_BITS_V4 + 24);
	row->zone_asked[even] = 2000 + n;
	*(n % 2 ? &row->not_listed : &row->listed) |= UINT32_C(1) << even;
	row->zone_asked[odd] = n % 3 ? 3000 + n : 0;
	return ip;
}

static void is_same_text(const struct enrichment *a, uint32_t id_a, const struct enrichment *b,
			 uint32_t id_b)
{
	assert_true(view_is(strings_get(a->strings, id_a), strings_get(b->strings, id_b)));
}

static int zone_named(const struct enrichment *enrichment, const char *name)
{
	for (uint32_t i = 0; i < enrichment->zone_count; i++)
		if (view_is(strings_get(enrichment->strings, enrichment->zones[i]),
			    view_string(name)))
			return (int)i;
	return -1;
}

static void is_same_zone(const struct enrichment *a, const struct enrichment_row *row_a,
			 const struct enrichment *b, const struct enrichment_row *row_b,
			 const char *zone)
{
	int in_a = zone_named(a, zone), in_b = zone_named(b, zone);

	assert_true(in_a >= 0 && in_b >= 0);
	assert_int_equal(row_a->zone_asked[in_a], row_b->zone_asked[in_b]);
	assert_int_equal(row_a->listed >> in_a & 1, row_b->listed >> in_b & 1);
	assert_int_equal(row_a->not_listed >> in_a & 1, row_b->not_listed >> in_b & 1);
}

static void is_same(const struct enrichment *a, const struct enrichment *b, const struct ip *ip)
{
	const struct enrichment_row *row_a = enrichment_find(a, ip),
				    *row_b = enrichment_find(b, ip);

	assert_non_null(row_a);
	assert_non_null(row_b);
	is_same_text(a, row_a->name, b, row_b->name);
	is_same_text(a, row_a->organisation, b, row_b->organisation);
	is_same_text(a, row_a->country, b, row_b->country);
	assert_int_equal(row_a->ptr, row_b->ptr);
	assert_int_equal(row_a->confirmed, row_b->confirmed);
	assert_int_equal(row_a->dynamic, row_b->dynamic);
	assert_int_equal(row_a->asked, row_b->asked);
	assert_int_equal(row_a->as_number, row_b->as_number);
	assert_true(prefix_equal(&row_a->network, &row_b->network));
	is_same_zone(a, row_a, b, row_b, "even.example");
	is_same_zone(a, row_a, b, row_b, "odd.example");
}

#define ROWS 1000u

static void comes_back(void **state)
{
	struct scratch *scratch = *state;
	struct enrichment saved, loaded;
	struct ip list[ROWS];
	struct err err = {""};

	enrichment_init(&saved);
	enrichment_init(&loaded);
	/* In another order of zones. */
	enrichment_zone(&loaded, VIEW("odd.example"));
	for (uint32_t n = 0; n < ROWS; n++)
		list[n] = fill_row(&saved, n);
	scratch_open(scratch);
	assert_int_equal(store_save_enrichment(scratch->opened, &saved, list, ROWS, &err), 0);
	/* Again: one row each. */
	assert_int_equal(store_save_enrichment(scratch->opened, &saved, list, 10, &err), 0);
	assert_int_equal(store_load_enrichment(scratch->opened, &loaded, &err), 0);
	assert_int_equal(loaded.rows.count, ROWS);
	for (uint32_t n = 0; n < ROWS; n++)
		is_same(&saved, &loaded, &list[n]);
	enrichment_release(&saved);
	enrichment_release(&loaded);
}

static void six_and_none(void **state)
{
	struct scratch *scratch = *state;
	struct ip list[] = {address("2001:db8::25"), address("192.0.2.1"), address("192.0.2.2")};
	struct enrichment saved, loaded;
	struct err err = {""};

	enrichment_init(&saved);
	enrichment_init(&loaded);
	enrichment_add(&saved, &list[0])->network = prefix_of(&list[0], 32);
	enrichment_add(&saved, &list[1]); /* nothing known; the third has no row */
	scratch_open(scratch);
	assert_int_equal(store_save_enrichment(scratch->opened, &saved, list, 3, &err), 0);
	assert_int_equal(store_load_enrichment(scratch->opened, &loaded, &err), 0);
	assert_int_equal(loaded.rows.count, 2);
	assert_int_equal(enrichment_find(&loaded, &list[0])->network.bits, 32);
	assert_int_equal(enrichment_find(&loaded, &list[1])->network.bits, 0);
	enrichment_release(&saved);
	enrichment_release(&loaded);
}

static void damage_is_told(void **state)
{
	static const char *const damages[] = {
		"update enrichment set address = x'00'",
		"update enrichment set network = '192.0.2.1/33'",
	};
	struct scratch *scratch = *state;
	struct enrichment enrichment;
	struct err err = {""};
	struct ip ip;

	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		char command[2 * PATH_MAX];

		enrichment_init(&enrichment);
		ip = fill_row(&enrichment, 1);
		scratch_open(scratch);
		assert_int_equal(store_save_enrichment(scratch->opened, &enrichment, &ip, 1, &err),
				 0);
		scratch_close(scratch);
		snprintf(command, sizeof(command), "sqlite3 '%s' \"%s\"", scratch->store,
			 damages[i]);
		assert_int_equal(system(command), 0);
		scratch_open(scratch);
		assert_int_equal(store_load_enrichment(scratch->opened, &enrichment, &err),
				 -EBADMSG);
		scratch_close(scratch);
		snprintf(command, sizeof(command), "sqlite3 '%s' 'delete from enrichment'",
			 scratch->store);
		assert_int_equal(system(command), 0);
		enrichment_release(&enrichment);
	}
}

static int setup(void **state)
{
	static struct scratch scratch;

	scratch_init(&scratch);
	*state = &scratch;
	return 0;
}

static int teardown(void **state)
{
	scratch_release(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(six_and_none, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
