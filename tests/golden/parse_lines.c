/*
 * Prints what the lines of a log are read as, one readable line for each:
 *
 *	parse_lines LOG           prints
 *	parse_lines LOG EXPECTED  compares with a file of such lines
 *
 * "nothing", "other" and "unknown" stand for lines that give no event. Fields
 * that are zero are left out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/civil.h"
#include "base/cleanup.h"
#include "base/safe.h"
#include "format/block.h"

static const char *const kinds[EVENT_MAX] = {
	"none",		 "connect",  "disconnect",  "lost",	"activity", "refusal",
	"auth-failed",	 "auth-ok",  "received",    "queued",	"delivery", "removed",
	"refusal-by-id", "handover", "repeat-last", "not-taken"};
static const char *const deliveries[] = {"",	    "sent",    "forwarded", "deferred",
					 "bounced", "expired", "held",	    "discarded"};
static const char *const keys[] = {"none", "process", "client-port", "client"};
static const struct {
	uint32_t flag;
	const char *name;
} flags[] = {
	{EVENT_NO_YEAR, "no-year"},
	{EVENT_NO_ZONE, "no-zone"},
	{EVENT_NAME_UNSURE, "name-unsure"},
	{EVENT_REJECTED, "rejected"},
	{EVENT_WARNING, "warning"},
	{EVENT_LOCAL, "local"},
	{EVENT_OUTBOUND, "outbound"},
	{EVENT_MESSAGE_ID_MISSING, "message-id-missing"},
	{EVENT_MESSAGE_ID_MALFORMED, "message-id-malformed"},
	{EVENT_ENDS_SESSION, "ends-session"},
	{EVENT_DSN, "dsn"},
	{EVENT_KEEPALIVE_ONLY, "keepalive-only"},
	{EVENT_FINAL_RECIPIENT, "final-recipient"},
	{EVENT_MAY_BE_COPY, "may-be-copy"},
};

static void print_word(FILE *out, const char *name, struct word word)
{
	if (!word.len)
		return;
	fprintf(out, " %s='", name);
	safe_text(out, word_view(word));
	fputc('\'', out);
}

static void print_address(FILE *out, const char *name, struct word word, bool told)
{
	if (!told && !word.len)
		return;
	fprintf(out, " %s=%s<", name, told ? "" : "untold");
	safe_text(out, word_view(word));
	fputc('>', out);
}

static void print_stamp(FILE *out, const struct event *event)
{
	struct civil at = civil_from_seconds(event->time_s);

	if (event->flags & EVENT_NO_YEAR)
		fprintf(out, " %02d-%02d", at.month, at.day);
	else
		fprintf(out, " %04d-%02d-%02d", at.year, at.month, at.day);
	fprintf(out, " %02d:%02d:%02d", at.hour, at.minute, at.second);
	if (event->time_us)
		fprintf(out, ".%06u", event->time_us);
	if (!(event->flags & EVENT_NO_ZONE))
		fputc('Z', out);
}

static void print_numbers(FILE *out, const struct event *event)
{
	if (event->pid)
		fprintf(out, " pid=%u", event->pid);
	if (event->repeat != 1)
		fprintf(out, " repeat=%u", event->repeat);
	if (event->delivery)
		fprintf(out, " delivery=%s", deliveries[event->delivery]);
	if (event->kind == EVENT_REFUSAL || event->kind == EVENT_REFUSAL_BY_ID || event->reason)
		fprintf(out, " reason=%s", reason_name(event->reason));
	if (event->stage)
		fprintf(out, " stage=%s", stage_name(event->stage));
	if (event->code)
		fprintf(out, " code=%u", event->code);
	if (event->port)
		fprintf(out, " port=%u", event->port);
	if (event->nrcpt)
		fprintf(out, " nrcpt=%u", event->nrcpt);
	if (event->bytes)
		fprintf(out, " bytes=%llu", (unsigned long long)event->bytes);
	if (event->delay_s != UINT32_MAX)
		fprintf(out, " delay=%u", event->delay_s);
	if (event->commands.accepted || event->commands.refused)
		fprintf(out, " commands=%u+%u messages=%u", event->commands.accepted,
			event->commands.refused, event->commands.messages);
}

static void print_event(FILE *out, const struct event *event)
{
	fprintf(out, "%s", kinds[event->kind]);
	print_stamp(out, event);
	fprintf(out, " %s key=%s", mta_name(event->mta), keys[event->key]);
	print_numbers(out, event);
	if (event->flags & EVENT_HAS_CLIENT) {
		char text[IP_TEXT_MAX];

		ip_format(&event->client, text);
		fprintf(out, " client=%s", text);
	}
	print_word(out, "host", event->host);
	print_word(out, "id", event->queue_id);
	print_word(out, "name", event->name);
	print_word(out, "helo", event->helo);
	print_address(out, "sender", event->sender, event->flags & EVENT_HAS_SENDER);
	print_address(out, "recipient", event->recipient, event->flags & EVENT_HAS_RECIPIENT);
	print_word(out, "text", event->text);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (event->flags & flags[i].flag)
			fprintf(out, " %s", flags[i].name);
	fputc('\n', out);
}

/* Prints what LINE, one line, is read as. */
static void print_line(FILE *out, struct view line, struct block_events *block)
{
	static const struct block_options options;

	block_read(line, &options, block);
	if (block->count)
		print_event(out, &block->events[0]);
	else
		fputs(block->other_programs   ? "other\n"
		      : block->not_understood ? "unknown\n"
					      : "nothing\n",
		      out);
}

/* The whole of a file, to be freed; exits if it can't be read. */
static char *read_file(const char *path, size_t *ret_len)
{
	_cleanup_fclose_ FILE *file = fopen(path, "rb");
	char *text = NULL;
	size_t capacity = 0;

	*ret_len = 0;
	while (file && !feof(file) && !ferror(file)) {
		if (*ret_len == capacity)
			text = realloc(text, capacity = capacity ? capacity * 2 : 65536);
		if (!text)
			abort();
		*ret_len += fread(text + *ret_len, 1, capacity - *ret_len, file);
	}
	if (!file || ferror(file)) {
		perror(path);
		exit(2);
	}
	return text;
}

/* Tells the first lines in which the two differ; returns how many do. */
static int compare(const char *log_path, struct view log, struct view got, struct view expected)
{
	int line = 0, different = 0;

	while (got.len || expected.len) {
		size_t got_end = view_find_byte(got, '\n'), end = view_find_byte(expected, '\n');
		size_t log_end = view_find_byte(log, '\n');
		struct view got_line = view_to(got, got_end),
			    line_expected = view_to(expected, end);

		line++;
		if (!view_is(got_line, line_expected) && different++ < 20)
			printf("%s:%d:\n  line %.*s\n  want %.*s\n  got  %.*s\n", log_path, line,
			       (int)view_to(log, log_end).len, log.ptr, (int)line_expected.len,
			       line_expected.ptr, (int)got_line.len, got_line.ptr);
		got = got_end == VIEW_NONE ? view_of(got.ptr, 0) : view_from(got, got_end + 1);
		expected =
			end == VIEW_NONE ? view_of(expected.ptr, 0) : view_from(expected, end + 1);
		log = log_end == VIEW_NONE ? view_of(log.ptr, 0) : view_from(log, log_end + 1);
	}
	printf("%s: %d lines, %d differ\n", log_path, line, different);
	return different;
}

int main(int argc, char **argv)
{
	struct block_events block = {0};
	_cleanup_free_ char *log = NULL, *expected = NULL, *got = NULL;
	size_t log_len, expected_len, got_len;
	FILE *out = stdout;
	int different = 0;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: parse_lines LOG [EXPECTED]\n");
		return 2;
	}
	if (argc == 3 && !(out = open_memstream(&got, &got_len)))
		return 2;
	log = read_file(argv[1], &log_len);
	for (struct view rest = view_of(log, log_len); rest.len;) {
		size_t newline = view_find_byte(rest, '\n');
		size_t len = newline == VIEW_NONE ? rest.len : newline + 1;

		print_line(out, view_to(rest, len), &block);
		rest = view_from(rest, len);
	}
	if (argc == 3) {
		fclose(out);
		expected = read_file(argv[2], &expected_len);
		different = compare(argv[1], view_of(log, log_len), view_of(got, got_len),
				    view_of(expected, expected_len));
	}
	block_events_release(&block);
	return different != 0;
}
