/* The table of forms. */
#include "block/form.h"

const struct block_form *block_form_find(struct view name)
{
	for (size_t i = 0; block_forms[i]; i++)
		if (view_is(name, view_string(block_forms[i]->name)))
			return block_forms[i];
	return NULL;
}
