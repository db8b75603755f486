/* block_sample FORM: writes the sample plan; block_sample FORM apply|undo: does so. */
#include "sample_plan.h"

int main(int argc, char **argv)
{
	const struct block_form *form = argc > 1 ? block_form_find(view_string(argv[1])) : NULL;
	const struct form_options options = {.zone = "bl.test", .url = "https://mx.test/why?ip=$"};
	struct plan plan = sample_plan();
	struct err err = {""};
	int r = -1;

	if (form && argc == 2)
		r = form->write(&plan, &options, stdout, &err);
	else if (form && strcmp(argv[2], "apply") == 0)
		r = form->apply(&plan, &options, &err);
	else if (form)
		r = form->undo(&err);
	plan_release(&plan);
	if (r < 0)
		fprintf(stderr, "%s\n", err.text);
	return r < 0;
}
