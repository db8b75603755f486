/* Blocks: lines of any length and bytes, wherever a block ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "format/block.h"

static const struct block_options all = {.line_hashes = true};

#define STAMP "Nov 22 00:34:40 mx postfix/smtpd[7]: "

static void counts_lines(void **state)
{
	static const struct {
		const char *text;
		unsigned int lines, events, other, unknown;
	} cases[] = {
		{"", 0, 0, 0, 0},
		{"\n", 1, 0, 0, 0},
		{"\n\nx", 3, 0, 1, 0},
		{STAMP "connect from a[192.0.2.1]", 1, 1, 0, 0},
		{STAMP "connect from a[192.0.2.1]\r\n" STAMP "connect from a[192.0.2.1]\r\n", 2, 2,
		 0, 0},
		{STAMP "warning: x\n" STAMP "hm\nNov 22 00:34:40 mx cron[1]: x\n", 3, 0, 1, 1},
	};
	struct block_events block = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		block_read(view_string(cases[i].text), &all, &block);
		assert_int_equal(block.lines, cases[i].lines);
		assert_int_equal(block.count, cases[i].events);
		assert_int_equal(block.other_programs, cases[i].other);
		assert_int_equal(block.not_understood, cases[i].unknown);
	}
	block_events_release(&block);
}

static void tells_where_lines_end(void **state)
{
	const char *text = STAMP "connect from a[192.0.2.1]\nx\n" STAMP "connect from a[192.0.2.1]";
	struct block_events block = {0};

	(void)state;
	block_read(view_string(text), &all, &block);
	assert_int_equal(block.count, 2);
	assert_int_equal(block.events[0].end, strlen(STAMP "connect from a[192.0.2.1]\n"));
	assert_int_equal(block.events[1].end, strlen(text));
	assert_true(block.events[0].line_hash == block.events[1].line_hash);
	assert_true(block.events[0].line_hash ==
		    hash64(text, strlen(STAMP "connect from a[192.0.2.1]")));
	assert_true(block.last_line_told);
	block_events_release(&block);
}

static void repeats_last(void **state)
{
	const char *repeat = "Nov 22 00:35:40 mx last message repeated 4 times\n";
	const char *connect = STAMP "connect from a[192.0.2.1]\n";
	struct block_events block = {0};
	char text[1000];

	(void)state;
	snprintf(text, sizeof(text), "%s%s%s%s%s%s", repeat, connect, repeat, "x\n", repeat,
		 connect);
	block_read(view_string(text), &all, &block);
	assert_int_equal(block.count, 4);
	assert_int_equal(block.events[0].kind, EVENT_REPEAT_LAST);
	assert_int_equal(block.events[0].repeat, 4);
	assert_int_equal(block.events[2].kind, EVENT_CONNECT);
	assert_int_equal(block.events[2].repeat, 4);
	assert_int_equal(block.events[2].time_s - block.events[1].time_s, 60);
	assert_int_equal(block.events[3].repeat, 1);
	block_events_release(&block);
}

static void takes_long_lines(void **state)
{
	size_t size = 1 << 20, at = strlen(STAMP);
	char *line = malloc(size);
	struct block_events block = {0};
	const char *front = "NOQUEUE: reject: RCPT from a[192.0.2.1]: 554 5.7.1 <";

	(void)state;
	assert_non_null(line);
	memset(line, '>', size);
	memcpy(line, STAMP, at);
	memcpy(line + at, front, strlen(front));
	for (size_t i = at + strlen(front); i + 8 < size; i += 8)
		memcpy(line + i, "; from=<", 8);
	block_read(view_of(line, size), &all, &block);
	assert_int_equal(block.count, 1);
	memset(line + at, 0, size - at);
	block_read(view_of(line, size), &all, &block);
	assert_int_equal(block.not_understood, 1);
	assert_int_equal(block.samples[0].line_len, BLOCK_SAMPLE_LENGTH);
	block_events_release(&block);
	free(line);
}

static void samples_programs(void **state)
{
	struct block_events block = {0};
	char text[2000] = "";
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 12; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"Nov 22 00:34:40 mx postfix/%s[7]: hm %d\n",
					i % 2 ? "smtpd" : "qmgr", i);
	block_read(view_of(text, len), &all, &block);
	assert_int_equal(block.not_understood, 12);
	assert_int_equal(block.sample_count, 2);
	assert_string_equal(block.samples[0].program, "postfix/qmgr");
	assert_int_equal(block.samples[0].count, 6);
	block_events_release(&block);
}

static bool same_word(struct word a, struct word b)
{
	return view_is(word_view(a), word_view(b)) && a.hash == b.hash;
}

static void assert_same(const struct event *a, const struct event *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->time_s, b->time_s);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->repeat, b->repeat);
	assert_int_equal(a->reason, b->reason);
	assert_true(a->line_hash == b->line_hash);
	assert_true(same_word(a->sender, b->sender) && same_word(a->recipient, b->recipient) &&
		    same_word(a->helo, b->helo) && same_word(a->queue_id, b->queue_id));
}

/* A log read line by line gives what it gives in one piece. */
static void chunks_are_the_whole(void **state)
{
	FILE *file = fopen(LOG, "rb");
	struct block_events whole = {0}, chunk = {0};
	char *text = malloc(1 << 20);
	size_t size, at = 0, event = 0;

	(void)state;
	assert_non_null(file);
	assert_non_null(text);
	size = fread(text, 1, 1 << 20, file);
	fclose(file);
	block_read(view_of(text, size), &all, &whole);
	assert_true(whole.count > 1000);
	for (size_t step = 1; at < size; step = step * 7 % 1001) {
		size_t end = at + step < size ? at + step : size;

		while (end < size && text[end - 1] != '\n')
			end++;
		block_read(view_of(text + at, end - at), &all, &chunk);
		for (size_t i = 0; i < chunk.count; i++)
			assert_same(&chunk.events[i], &whole.events[event++]);
		at = end;
	}
	assert_int_equal(event, whole.count);
	block_events_release(&whole);
	block_events_release(&chunk);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_lines),	    cmocka_unit_test(tells_where_lines_end),
		cmocka_unit_test(repeats_last),	    cmocka_unit_test(takes_long_lines),
		cmocka_unit_test(samples_programs), cmocka_unit_test(chunks_are_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
