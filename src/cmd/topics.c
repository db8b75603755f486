/* What help tells beside commands: see topics.h. */
#include <string.h>

#include "block/form.h"
#include "cmd/topics.h"
#include "detect/detector.h"

static bool pattern_entry(size_t n, struct topic_entry *ret_entry)
{
	if (!detectors[n])
		return false;
	*ret_entry = (struct topic_entry){detectors[n]->name, detectors[n]->title,
					  detectors[n]->about, detectors[n]->parameters};
	return true;
}

static bool form_entry(size_t n, struct topic_entry *ret_entry)
{
	if (!block_forms[n])
		return false;
	*ret_entry = (struct topic_entry){block_forms[n]->name, block_forms[n]->title,
					  block_forms[n]->about, NULL};
	return true;
}

const struct topic topics[] = {
	{
		.name = "patterns",
		.summary = "the patterns of abuse that are recognised, and their parameters",
		.text = "Each pattern gives findings about an address (of IPv6: its /64). A note "
			"is "
			"worth telling and never a reason to block; a hint is one only beside a "
			"hint "
			"of another pattern; a strong finding is one by itself. Whatever is found, "
			"nobody is blocked who is allowed, is ours, sent mail that was taken in, "
			"or "
			"is a large provider: 'mxwatch explain' tells what speaks against.\n\n"
			"Parameters are set with --set PATTERN.NAME=N or in the configuration "
			"file.",
		.entry = pattern_entry,
	},
	{
		.name = "forms",
		.summary = "the forms that blocks are written in",
		.text = "Each form writes the same plan for another gate: 'mxwatch block FORM'.",
		.entry = form_entry,
	},
	{.name = NULL},
};

const struct topic *topic_find(const char *name)
{
	for (size_t i = 0; topics[i].name; i++)
		if (strcmp(topics[i].name, name) == 0)
			return &topics[i];
	return NULL;
}
