/* Refusals that Exim's syslog tells twice count once; others count as often as told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/copies.h"

static struct event refusal(uint32_t pid, int64_t time_s, const char *recipient)
{
	struct event event = {
		.time_s = time_s,
		.mta = MTA_EXIM,
		.kind = EVENT_REFUSAL,
		.pid = pid,
		.flags = EVENT_MAY_BE_COPY,
		.repeat = 1,
	};

	word_set(&event.host, VIEW("mx1"));
	word_set(&event.recipient, view_string(recipient));
	return event;
}

static size_t counted(struct copies *copies, const struct event *events, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += !copies_take(copies, &events[i]);
	return n;
}

static void copies_are_dropped(void **state)
{
	struct copies copies = {0};
	/* Two processes, one that is refused the same twice. */
	struct event events[] = {
		refusal(1, 10, "a"), refusal(2, 10, "b"), refusal(1, 10, "a"), refusal(2, 10, "b"),
		refusal(1, 11, "a"), refusal(1, 11, "a"), refusal(1, 12, "c"), refusal(1, 12, "c"),
	};

	(void)state;
	assert_int_equal(counted(&copies, events, 8), 4);
}

static void a_server_without_copies_repeats_itself(void **state)
{
	struct copies copies = {0};
	struct event events[] = {
		refusal(1, 10, "a"), refusal(1, 10, "b"), refusal(1, 10, "c"),
		refusal(1, 10, "d"), refusal(1, 11, "d"), refusal(1, 11, "d"),
	};

	(void)state;
	assert_int_equal(counted(&copies, events, 6), 6);
}

static void another_line_between_ends_it(void **state)
{
	struct copies copies = {0};
	struct event other = refusal(1, 10, "a");
	struct event events[] = {refusal(1, 10, "a"), other, refusal(1, 10, "a")};

	(void)state;
	events[1].flags = 0;
	assert_int_equal(counted(&copies, events, 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_dropped),
		cmocka_unit_test(a_server_without_copies_repeats_itself),
		cmocka_unit_test(another_line_between_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
