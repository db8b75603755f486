/* Any bytes through every writer: nothing that drives a terminal, breaks out of
   a JSON string or a CSV field comes out, and widths are what was promised. */
#include <stdint.h>
#include <stdlib.h>

#include "base/safe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct output {
	FILE *file;
	char *text;
	size_t len;
};

static void check(bool right)
{
	if (!right)
		abort();
}

static void output_open(struct output *output)
{
	output->text = NULL;
	output->file = open_memstream(&output->text, &output->len);
	check(output->file != NULL);
}

/* No control byte, and nothing that safe_text would still change. */
static void output_check(struct output *output)
{
	struct output again;

	check(fclose(output->file) == 0);
	for (size_t i = 0; i < output->len; i++)
		check((unsigned char)output->text[i] >= 0x20 && output->text[i] != 0x7f);
	output_open(&again);
	safe_text(again.file, view_of(output->text, output->len));
	check(fclose(again.file) == 0);
	check(again.len == output->len && memcmp(again.text, output->text, again.len) == 0);
	free(again.text);
}

static void check_text(struct view text)
{
	struct output whole, cut;
	char buffer[40];
	size_t width = safe_text_width(text), columns, len;

	output_open(&whole);
	safe_text(whole.file, text);
	output_check(&whole);
	check(safe_text_width(view_of(whole.text, whole.len)) == width);
	for (size_t limit = 0; limit < 24; limit++) {
		output_open(&cut);
		columns = safe_text_cut(cut.file, text, limit);
		output_check(&cut);
		check(columns <= limit && (width > limit || columns == width));
		check(safe_text_width(view_of(cut.text, cut.len)) == columns);
		free(cut.text);
		len = safe_text_buffer(buffer, limit + 1, text);
		check(len <= limit && buffer[len] == '\0' && memcmp(buffer, whole.text, len) == 0);
	}
	free(whole.text);
}

static void check_json(struct view text)
{
	struct output out;

	output_open(&out);
	safe_json(out.file, text);
	output_check(&out);
	check(out.len >= 2 && out.text[0] == '"' && out.text[out.len - 1] == '"');
	for (size_t i = 1; i < out.len - 1; i++) {
		check(out.text[i] != '"');
		if (out.text[i] == '\\')
			check(++i < out.len - 1 && strchr("\"\\bfnrtu", out.text[i]));
	}
	free(out.text);
}

static void check_csv(struct view text)
{
	struct output out;
	bool quoted;

	output_open(&out);
	safe_csv(out.file, text);
	output_check(&out);
	quoted = out.len > 0 && out.text[0] == '"';
	check(!quoted || (out.len >= 2 && out.text[out.len - 1] == '"'));
	for (size_t i = quoted; i + quoted < out.len; i++) {
		if (out.text[i] == '"')
			check(quoted && out.text[++i] == '"' && i + 1 < out.len);
		check(quoted || out.text[i] != ',');
	}
	check(out.len <= quoted || !strchr("=@", out.text[quoted]));
	free(out.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_of((const char *)data, size);

	check_text(text);
	check_json(text);
	check_csv(text);
	return 0;
}
