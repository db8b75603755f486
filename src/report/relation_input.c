/* What was read, and samples of what was not understood. */
#include <stdlib.h>

#include "base/memory.h"
#include "report/relation.h"

static void make_input(struct report_context *context, struct rows *ret_rows)
{
	(void)context;
	ret_rows->count = 1;
}

static void input_cell(const struct report_context *context, const struct rows *rows, size_t n,
		       int column, struct cell *cell)
{
	const struct input_totals *input = context->input;
	const uint64_t values[] = {input->files, input->lines, input->bytes, input->other_programs,
				   input->not_understood};

	(void)rows, (void)n;
	cell_integer(cell, values[column]);
}

static void make_samples(struct report_context *context, struct rows *ret_rows)
{
	ret_rows->count = context->input->sample_count;
}

static void samples_cell(const struct report_context *context, const struct rows *rows, size_t n,
			 int column, struct cell *cell)
{
	const struct input_sample *sample = &context->input->samples[n];

	(void)rows;
	if (column == 0)
		cell_text(cell, view_of(sample->program,
					strnlen(sample->program, sizeof(sample->program))));
	else if (column == 1)
		cell_integer(cell, sample->count);
	else
		cell_text(cell, view_of(sample->line, sample->line_len));
}

const struct relation relations_input[] = {
	{
		.name = "input",
		.columns = "files integer, lines integer, bytes integer, other_programs integer, "
			   "not_understood integer",
		.make = make_input,
		.cell = input_cell,
	},
	{
		.name = "not_understood",
		.columns = "program text, lines integer, sample text",
		.make = make_samples,
		.cell = samples_cell,
	},
	{0},
};
