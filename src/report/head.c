#include "report/head.h"

#include "base/number.h"
#include "base/safe.h"
#include "report/writer.h"

void head_json(const struct report_head *head, FILE *out)
{
	const struct input_totals *input = head->input;

	fputs("{\n  \"report\": ", out);
	safe_json(out, view_string(head->report->name));
	fputs(",\n  \"period\": {\"from\": ", out);
	if (head->has_period) {
		json_time(out, head->from, head->options->zone);
		fputs(", \"to\": ", out);
		json_time(out, head->to, head->options->zone);
	} else {
		fputs("null, \"to\": null", out);
	}
	fprintf(out,
		"},\n  \"input\": {\"files\": %llu, \"lines\": %llu, \"bytes\": %llu, "
		"\"other_programs\": %llu, \"not_understood\": %llu},\n  \"tables\": {",
		(unsigned long long)input->files, (unsigned long long)input->lines,
		(unsigned long long)input->bytes, (unsigned long long)input->other_programs,
		(unsigned long long)input->not_understood);
}

static void put_number(FILE *out, uint64_t number, const char *what)
{
	char text[NUMBER_TEXT_MAX];

	number_grouped((int64_t)number, text);
	fprintf(out, "%s %s", text, what);
}

static void put_input(const struct report_head *head, FILE *out)
{
	const struct input_totals *input = head->input;
	char bytes[NUMBER_TEXT_MAX];

	number_bytes(input->bytes, bytes);
	if (head->options->store) {
		fputs("Store: ", out);
		safe_text(out, view_string(head->options->store));
		fputs("; ", out);
	} else {
		fputs("Read: ", out);
		put_number(out, input->files, input->files == 1 ? "file, " : "files, ");
	}
	put_number(out, input->lines, input->lines == 1 ? "line, " : "lines, ");
	fputs(bytes, out);
	if (input->other_programs) {
		fputs("; ", out);
		put_number(out, input->other_programs, "of other programs");
	}
	if (input->not_understood) {
		fputs("; ", out);
		put_number(out, input->not_understood, "not understood");
	}
	fputc('\n', out);
}

static void put_period(const struct report_head *head, FILE *out)
{
	struct zone *zone = head->options->zone;
	char text[CIVIL_TEXT_MAX];

	if (!head->has_period) {
		fputs("Period: no events\n", out);
		return;
	}
	civil_format_plain(head->from, zone, text);
	fprintf(out, "Period: %s to ", text);
	civil_format_plain(head->to, zone, text);
	fprintf(out, "%s %s (%s)\n", text, zone_is_utc(zone) ? "UTC" : zone_name(zone),
		head->asked ? "as asked" : "first to last event");
}

void head_text(const struct report_head *head, FILE *out)
{
	fputs(head->options->colour ? "\033[1m" : "", out);
	safe_text(out, view_string(head->report->title));
	fputs(head->options->colour ? "\033[0m\n" : "\n", out);
	put_period(head, out);
	put_input(head, out);
}
