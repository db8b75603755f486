#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "detect/family_book.h"
#include "relaying.h"

#define BOXES 21
#define YEAR (365 * DAY)

/* A published probe. */
static const char *const boxes[BOXES] = {
	"therichsheickc@yahoo.com",  "therichsheick1@yahoo.com",  "therichsheick9@yahoo.com",
	"therichsheick2@yahoo.com",  "therichsheick0@yahoo.com",  "therichsheickb@yahoo.com",
	"therichsheick7@yahoo.com",  "therichsheick13@yahoo.com", "therichsheick4@yahoo.com",
	"therichsheickf@yahoo.com",  "therichsheick12@yahoo.com", "therichsheick5@yahoo.com",
	"therichsheicke@yahoo.com",  "therichsheickd@yahoo.com",  "therichsheicka@yahoo.com",
	"therichsheick10@yahoo.com", "therichsheick6@yahoo.com",  "therichsheick3@yahoo.com",
	"therichsheick@yahoo.com",   "therichsheick11@yahoo.com", "therichsheick8@yahoo.com",
};
static const char sender[] = "test@live.com";

/* The boxes from the place FIRST on, REPLACED of them by others, in capitals if LOUD. */
static void probe(struct scene *scene, uint32_t client, uint32_t time, size_t first,
		  size_t replaced, bool loud)
{
	char texts[BOXES][64];
	const char *list[BOXES];

	for (size_t i = 0; i < BOXES; i++) {
		const char *box = boxes[(first + i * 8) % BOXES];

		if (i < replaced)
			snprintf(texts[i], sizeof(texts[i]), "fresh%zu.%u@aol.com", i, time % 977);
		else
			snprintf(texts[i], sizeof(texts[i]), "%s", box);
		for (char *c = texts[i]; loud && *c; c++)
			*c = *c >= 'a' && *c <= 'z' ? (char)(*c & ~0x20) : *c;
		list[i] = texts[i];
	}
	denied_all(scene, client, time, sender, list, BOXES);
}

static void tell(struct detection *detection, struct patterns *patterns)
{
	struct findings findings;

	detection_find(detection, &findings);
	detection_tell(detection, &findings, patterns);
	findings_release(&findings);
}

static struct patterns families_of(struct scene *scene)
{
	struct detection *detection = scene_detect(scene);
	struct patterns patterns;

	tell(detection, &patterns);
	detection_free(detection);
	return patterns;
}

static void begin(struct scene *scene)
{
	scene_init(scene);
	scene->domains[0] = "lab.example";
}

static bool is_strong(struct scene *scene, uint32_t client)
{
	struct seen seen = scene_see(scene, "scanner-family", client);

	return seen.found && seen.grade == GRADE_STRONG;
}

static void a_published_probe(void **data)
{
	static const char *const honest[] = {"anna@list.example", "bert@other.example",
					     "cora@third.example", "dora@fourth.example",
					     "therichsheick7@yahoo.com"};
	struct scene scene;
	struct patterns patterns;
	uint32_t clients[5], list, lone;

	(void)data;
	begin(&scene);
	for (uint32_t i = 0; i < 5; i++)
		clients[i] = scene_stranger(&scene, 1000 + 300 * i);
	list = scene_client(&scene, "192.0.2.25", "lists.society.example", true);
	lone = scene_client(&scene, "192.0.2.99", "lists.club.example", true);
	probe(&scene, clients[0], SCENE_START, 0, 0, false);
	probe(&scene, clients[1], SCENE_START + DAY, 5, 0, false);
	probe(&scene, clients[2], SCENE_START + 9 * DAY, 2, 3, false);
	probe(&scene, clients[3], SCENE_START + 40 * DAY, 3, 0, true);
	probe(&scene, clients[4], SCENE_START + YEAR, 11, 3, false);
	denied_all(&scene, list, SCENE_START + DAY, "list-bounces@society.example", honest, 5);
	denied_all(&scene, lone, SCENE_START + DAY, "list-bounces@club.example", honest, 4);
	for (uint32_t i = 0; i < 5; i++)
		assert_true(is_strong(&scene, clients[i]));
	assert_false(scene_see(&scene, "scanner-family", list).found);
	assert_false(scene_see(&scene, "scanner-family", lone).found);
	patterns = families_of(&scene);
	assert_int_equal(patterns.family_count, 1);
	assert_string_equal(patterns.families[0].label, "therichsheick*@yahoo.com");
	assert_int_equal(patterns.families[0].clients, 5);
	assert_int_equal(patterns.families[0].sessions, 5);
	assert_int_equal(patterns.families[0].senders, 1);
	assert_int_equal(patterns.families[0].first, SCENE_START);
	assert_int_equal(patterns.families[0].last, SCENE_START + YEAR + BOXES - 1);
	patterns_release(&patterns);
	scene_release(&scene);
}

/* The name that one probe alone gets. */
static void name_of(size_t first, size_t replaced, uint32_t time, char name[static FAMILY_NAME_MAX])
{
	struct scene scene;
	struct patterns patterns;

	begin(&scene);
	probe(&scene, scene_stranger(&scene, 7000 + (uint32_t)first), time, first, replaced, false);
	patterns = families_of(&scene);
	assert_int_equal(patterns.family_count, 1);
	memcpy(name, patterns.families[0].name, FAMILY_NAME_MAX);
	patterns_release(&patterns);
	scene_release(&scene);
}

static void one_name_in_all_logs(void **data)
{
	char one[FAMILY_NAME_MAX], other[FAMILY_NAME_MAX];

	(void)data;
	name_of(0, 0, SCENE_START, one);
	name_of(4, 0, SCENE_START + DAY, other);
	assert_string_equal(one, other);
	name_of(8, 3, SCENE_START + YEAR, other);
	assert_string_equal(one, other);
	assert_int_equal(strlen(one), 8);
	assert_memory_equal(one, "f-", 2);
}

static const char *const mixed[] = {"box1@yahoo.example", "other2@gmx.example",
				    "third@mail.example", "4th@aol.example"};

static void boxes_that_are_not_alike(struct scene *scene, uint32_t client)
{
	denied_all(scene, scene_stranger(scene, 900), SCENE_START, "a@b.example", mixed, 4);
	denied_all(scene, client, SCENE_START + 90 * DAY, "other@c.example", mixed, 3);
}

static void family(struct scene *scene)
{
	for (uint32_t i = 0; i < 3; i++)
		denied_all(scene, scene_stranger(scene, 900 + 300 * i), SCENE_START + i * DAY,
			   "a@b.example", mixed, 4);
}

static void one_box(struct scene *scene, uint32_t client)
{
	family(scene);
	denied(scene, client, SCENE_START + 20 * DAY, "new@d.example", "Box1@Yahoo.example");
}

static void one_box_and_sender(struct scene *scene, uint32_t client)
{
	family(scene);
	denied(scene, client, SCENE_START + 20 * DAY, "A@b.example", "box1@yahoo.example");
}

static void one_box_before(struct scene *scene, uint32_t client)
{
	denied(scene, client, SCENE_START - DAY, "new@d.example", "4th@aol.example");
	family(scene);
}

static void one_box_among_random(struct scene *scene, uint32_t client)
{
	static const char *const list[] = {"box1@yahoo.example", "xk2j4@yahoo.example",
					   "p0w9e@yahoo.example"};

	family(scene);
	denied_all(scene, client, SCENE_START + 20 * DAY, "new@d.example", list, 3);
}

static void wanted_mail_too(struct scene *scene, uint32_t client)
{
	boxes_that_are_not_alike(scene, client);
	scene_session(scene, client, SCENE_START + DAY, 1);
}

static void logs_in_too(struct scene *scene, uint32_t client)
{
	boxes_that_are_not_alike(scene, client);
	scene_session(scene, client, SCENE_START + DAY, 1)->flags = SESSION_OUTBOUND;
}

static void nothing_in_common(struct scene *scene, uint32_t client)
{
	static const char *const list[] = {"a@d.example", "b@e.example", "c@f.example"};

	family(scene);
	denied_all(scene, client, SCENE_START + DAY, "a@b.example", list, 3);
}

/* Correspondents of a domain that was served here once, CLIENT one of them. */
static void moved_away(struct scene *scene, uint32_t client)
{
	static const char *const users[] = {"info@old.example", "office@old.example",
					    "anna@old.example", "bert@old.example"};

	for (uint32_t i = 0; i < 12; i++) {
		char address[32], name[32], from[32];

		snprintf(address, sizeof(address), "203.%u.113.9", i);
		snprintf(name, sizeof(name), "mail.firm%u.example", i);
		snprintf(from, sizeof(from), "person@firm%u.example", i);
		denied_all(scene, scene_client(scene, address, name, true),
			   SCENE_START + i * 7 * HOUR, from, users, 4);
		denied(scene, scene_stranger(scene, 900 + 300 * i), SCENE_START + i * 5 * HOUR,
		       from, users[0]);
	}
	denied_all(scene, client, SCENE_START + 3 * DAY, "news@shop.example", users, 4);
}

static void one_for_all(struct scene *scene, uint32_t client, bool same_sender, uint32_t times)
{
	for (uint32_t i = 0; i < 5; i++) {
		char from[32];

		snprintf(from, sizeof(from), "s%u@b.example", same_sender ? 0 : i);
		for (uint32_t n = 0; n < times; n++)
			denied(scene, i ? scene_stranger(scene, 900 + 300 * i) : client,
			       SCENE_START + (i + 3 * n) * DAY, from, "only@box.example");
	}
}

static void a_single_box(struct scene *scene, uint32_t client)
{
	one_for_all(scene, client, true, 2);
}

static void a_single_box_tried_once(struct scene *scene, uint32_t client)
{
	one_for_all(scene, client, true, 1);
}

static void a_single_box_with_many_senders(struct scene *scene, uint32_t client)
{
	one_for_all(scene, client, false, 3);
}

static void once_with_many_senders(struct scene *scene, uint32_t client)
{
	one_for_all(scene, client, false, 1);
}

static void who_belongs(void **data)
{
	static const struct scene_case cases[] = {
		{"boxes that are not alike", boxes_that_are_not_alike, SURE, NULL},
		{"one box", one_box, SURE, NULL},
		{"one box, of a named server", one_box, NOTHING, "mail.news.example"},
		{"one box and a known sender", one_box_and_sender, SURE, "mail.news.example"},
		{"one box, before the family was known", one_box_before, SURE, NULL},
		{"one box among random addresses", one_box_among_random, SURE, NULL},
		{"one box among others, named", one_box_among_random, NOTHING,
		 "lists.club.example"},
		{"wanted mail too", wanted_mail_too, NOTHING, NULL},
		{"logs in too", logs_in_too, NOTHING, NULL},
		{"nothing in common", nothing_in_common, NOTHING, NULL},
		{"a domain that moved away", moved_away, NOTHING, "out.news.example"},
		{"a domain that moved away, nameless", moved_away, NOTHING, NULL},
		{"a single box", a_single_box, SURE, NULL},
		{"a single box, once each", a_single_box_tried_once, NOTED, NULL},
		{"a single box, many senders", a_single_box_with_many_senders, HINTED, NULL},
		{"once, many senders", once_with_many_senders, NOTHING, NULL},
	};

	(void)data;
	scene_play("scanner-family", cases, sizeof(cases) / sizeof(*cases));
}

/* Two families of which a third set shows that they are one. */
static void the_older_name_stays(void **data)
{
	static const char *const old[] = {"a@1.example", "b@2.example", "c@3.example",
					  "d@4.example"};
	static const char *const late[] = {"e@5.example", "f@6.example", "g@7.example",
					   "h@8.example"};
	static const char *const both[] = {"a@1.example", "b@2.example", "e@5.example",
					   "f@6.example"};
	struct scene scene;
	struct patterns before, after;
	struct text kept = {0};
	struct detection *detection;

	(void)data;
	begin(&scene);
	for (uint32_t i = 0; i < 2; i++) {
		denied_all(&scene, scene_stranger(&scene, 300 + 600 * i), SCENE_START + i, "x@y.z",
			   old, 4);
		denied_all(&scene, scene_stranger(&scene, 600 + 600 * i), SCENE_START + DAY + i,
			   "x@y.z", late, 4);
	}
	detection = scene_detect(&scene);
	tell(detection, &before);
	detection_save(detection, &kept);
	detection_free(detection);
	scene_release(&scene);
	assert_int_equal(before.family_count, 2);

	begin(&scene);
	denied_all(&scene, scene_stranger(&scene, 9000), SCENE_START + YEAR, "x@y.z", both, 4);
	detection = scene_detect(&scene);
	assert_int_equal(detection_load(detection, view_of(kept.ptr, kept.len)), 0);
	tell(detection, &after);
	assert_int_equal(after.family_count, 1);
	assert_string_equal(
		after.families[0].name,
		before.families[before.families[0].first > before.families[1].first].name);
	assert_int_equal(after.families[0].clients, 5);
	assert_int_equal(after.families[0].recipients, 8);
	assert_int_equal(after.families[0].first, SCENE_START);
	detection_free(detection);
	patterns_release(&before);
	patterns_release(&after);
	text_release(&kept);
	scene_release(&scene);
}

/* History of one run, told by another to which its clients and strings are strangers. */
static void history_outlives_the_facts(void **data)
{
	struct scene scene;
	struct patterns patterns;
	struct text kept = {0}, again = {0};
	struct detection *detection;
	char name[FAMILY_NAME_MAX];

	(void)data;
	begin(&scene);
	probe(&scene, scene_stranger(&scene, 1), SCENE_START, 0, 0, false);
	detection = scene_detect(&scene);
	tell(detection, &patterns);
	memcpy(name, patterns.families[0].name, sizeof(name));
	patterns_release(&patterns);
	detection_save(detection, &kept);
	detection_free(detection);
	scene_release(&scene);

	begin(&scene);
	scene_string(&scene, "something else");
	probe(&scene, scene_stranger(&scene, 5000), SCENE_START + YEAR, 0, 3, false);
	detection = scene_detect(&scene);
	assert_int_equal(detection_load(detection, view_of(kept.ptr, kept.len)), 0);
	tell(detection, &patterns);
	assert_int_equal(patterns.family_count, 1);
	assert_string_equal(patterns.families[0].name, name);
	assert_int_equal(patterns.families[0].clients, 2);
	assert_int_equal(patterns.families[0].first, SCENE_START);
	assert_int_equal(patterns.families[0].recipients, BOXES + 3);
	assert_int_equal(patterns.box_count, BOXES + 3);
	patterns_release(&patterns);
	detection_save(detection, &again);
	detection_free(detection);

	detection = scene_detect(&(struct scene){.directory = scene.directory});
	assert_int_equal(detection_load(detection, view_of(again.ptr, again.len)), 0);
	text_clear(&kept);
	detection_save(detection, &kept);
	assert_int_equal(kept.len, again.len);
	detection_free(detection);
	text_release(&kept);
	text_release(&again);
	scene_release(&scene);
}

static void damaged_history(void **data)
{
	struct scene scene;
	struct text kept = {0};
	struct detection *detection;
	char *copy;

	(void)data;
	begin(&scene);
	probe(&scene, scene_stranger(&scene, 1), SCENE_START, 0, 0, false);
	detection = scene_detect(&scene);
	detection_save(detection, &kept);
	detection_free(detection);
	detection = scene_detect(&scene);
	assert_int_equal(detection_load(detection, view_of(kept.ptr, kept.len)), 0);
	detection_free(detection);
	copy = memory_get(kept.len);
	for (size_t i = 0; i < kept.len; i++) {
		detection = scene_detect(&scene);
		memcpy(copy, kept.ptr, kept.len);
		copy[i] ^= 0x15;
		if (detection_load(detection, view_of(copy, kept.len)) < 0)
			assert_int_equal(detection_load(detection, view_of(copy, i)),
					 i ? -EBADMSG : 0);
		detection_free(detection);
	}
	free(copy);
	text_release(&kept);
	scene_release(&scene);
}

/* A denial in session NUMBER, told at once, for more of them than a scene should hold. */
static void tell_denial(struct detection *detection, uint32_t number, uint32_t client,
			uint32_t time, uint32_t from, uint32_t to)
{
	struct fact_sink sink = detection_sink(detection);
	struct attempt attempt = {
		.time = time,
		.session = number,
		.client = client,
		.sender = from,
		.recipient = to,
		.count = 1,
		.code = 554,
		.reason = REASON_RELAY_DENIED,
		.stage = STAGE_RCPT,
		.flags = ATTEMPT_HAS_SENDER | ATTEMPT_HAS_RECIPIENT,
	};

	sink.attempt(sink.context, &attempt);
}

/* Spam lists, each another one, are forgotten; a family is not. */
static void lists_without_end(void **data)
{
	struct scene scene;
	struct detection *detection;
	struct patterns patterns;
	uint32_t strings[4000], from;

	(void)data;
	begin(&scene);
	probe(&scene, scene_stranger(&scene, 70000), SCENE_START, 0, 0, false);
	from = scene_string(&scene, "a@b.example");
	for (uint32_t i = 0; i < 4000; i++) {
		char text[32];

		snprintf(text, sizeof(text), "%ux@s%u.example", i * 7919, i % 97);
		strings[i] = scene_string(&scene, text);
	}
	detection = scene_detect(&scene);
	for (uint32_t n = 0; n < 400000; n++)
		tell_denial(detection, 1000 + n / 8, scene_stranger(&scene, n / 8 % 60000),
			    SCENE_START + n / 8 * 60, from, strings[(n * 2654435761u >> 7) % 4000]);
	tell(detection, &patterns);
	for (size_t i = 0; i < patterns.family_count; i++)
		if (strcmp(patterns.families[i].label, "therichsheick*@yahoo.com") == 0)
			assert_int_equal(patterns.families[i].recipients, BOXES);
	patterns_release(&patterns);
	detection_free(detection);
	scene_release(&scene);
}

/* The string of the address that NUMBER stands for. */
static uint32_t address(struct scene *scene, const char *stem, uint32_t number, uint32_t domain)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%u@d%u.example", stem, number, domain);
	return scene_string(scene, text);
}

/* Each gets a name of its own in no more time for there being many. */
static void many_that_are_alike(void **data)
{
	enum { FAMILIES = 20000, SIZE = 5 };
	struct scene scene;
	struct detection *detection;
	struct patterns patterns;
	uint32_t from;

	(void)data;
	begin(&scene);
	from = scene_string(&scene, "a@b.example");
	detection = scene_detect(&scene);
	for (uint32_t n = 0; n < FAMILIES * SIZE; n++)
		tell_denial(detection, 1 + n / SIZE, scene_stranger(&scene, n / SIZE),
			    SCENE_START + n / SIZE, from, address(&scene, "tester", n, 1));
	tell(detection, &patterns);
	assert_int_equal(patterns.family_count, FAMILIES);
	for (size_t i = 1; i < FAMILIES; i++)
		assert_string_not_equal(patterns.families[0].name, patterns.families[i].name);
	patterns_release(&patterns);
	detection_free(detection);
	scene_release(&scene);
}

/* Families that turn out one after the other to be one, each with all that are newer. */
static void a_chain_of_families(void **data)
{
	enum { FAMILIES = 10000, SIZE = 4 };
	struct scene scene;
	struct detection *detection;
	struct patterns patterns;
	uint32_t from;

	(void)data;
	begin(&scene);
	from = scene_string(&scene, "a@b.example");
	detection = scene_detect(&scene);
	for (uint32_t n = 0; n < FAMILIES * SIZE; n++)
		tell_denial(detection, 1 + n / SIZE, scene_stranger(&scene, n / SIZE),
			    SCENE_START + n / SIZE, from, address(&scene, "q", n, n % SIZE));
	for (uint32_t n = 0; n < (FAMILIES - 1) * SIZE; n++) {
		uint32_t family = FAMILIES - 1 - n / SIZE - (n % SIZE) / 2;

		tell_denial(detection, 1 + FAMILIES + n / SIZE,
			    scene_stranger(&scene, FAMILIES + n / SIZE),
			    SCENE_START + FAMILIES + n / SIZE, from,
			    address(&scene, "q", family * SIZE + n % SIZE, n % SIZE));
	}
	tell(detection, &patterns);
	assert_int_equal(patterns.family_count, 1);
	assert_int_equal(patterns.families[0].clients, 2 * FAMILIES - 1);
	assert_int_equal(patterns.families[0].recipients, FAMILIES * SIZE);
	assert_int_equal(patterns.families[0].sessions, 2 * FAMILIES - 1);
	assert_int_equal(patterns.families[0].senders, 1);
	assert_int_equal(patterns.families[0].first, SCENE_START);
	patterns_release(&patterns);
	detection_free(detection);
	scene_release(&scene);
}

/* More boxes than the book holds, each of them tried by two clients: the oldest go. */
static void more_than_the_book_holds(void **data)
{
	enum { FAMILIES = 2500, SIZE = 64, RUNS = 2 };
	struct scene scene;
	struct detection *detection;
	struct patterns patterns;
	uint32_t from;

	(void)data;
	begin(&scene);
	from = scene_string(&scene, "a@b.example");
	detection = scene_detect(&scene);
	for (uint32_t n = 0; n < RUNS * FAMILIES * 2 * SIZE; n++) {
		uint32_t session = n / SIZE;

		tell_denial(detection, 1 + session,
			    scene_stranger(&scene, session % 2 * 30000 + session / 2),
			    SCENE_START + session * HOUR / 4, from,
			    address(&scene, "r", session / 2 * SIZE + n % SIZE, n % SIZE % 7));
	}
	tell(detection, &patterns);
	assert_in_range(patterns.family_count, FAMILIES / 2, RUNS * FAMILIES);
	assert_in_range(patterns.box_count, FAMILIES / 2 * SIZE, BOOK_BOXES_MAX);
	for (size_t i = 0; i < patterns.family_count; i++)
		assert_int_equal(patterns.families[i].clients, 2);
	patterns_release(&patterns);
	detection_free(detection);
	scene_release(&scene);
}

/* As many denials as are kept at most, and more, of one second: nothing of it is old. */
static void all_in_one_second(void **data)
{
	struct scene scene;
	struct detection *detection;
	uint32_t from, to, client;

	(void)data;
	begin(&scene);
	from = scene_string(&scene, "a@b.example");
	to = scene_string(&scene, "c@d.example");
	client = scene_stranger(&scene, 1);
	detection = scene_detect(&scene);
	for (uint32_t n = 0; n < 2500000; n++)
		tell_denial(detection, 1, client, SCENE_START, from, to);
	detection_free(detection);
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_published_probe),
		cmocka_unit_test(one_name_in_all_logs),
		cmocka_unit_test(who_belongs),
		cmocka_unit_test(the_older_name_stays),
		cmocka_unit_test(history_outlives_the_facts),
		cmocka_unit_test(damaged_history),
		cmocka_unit_test(lists_without_end),
		cmocka_unit_test(many_that_are_alike),
		cmocka_unit_test(a_chain_of_families),
		cmocka_unit_test(more_than_the_book_holds),
		cmocka_unit_test(all_in_one_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
