/* Patterns across clients: see patterns.h. */
#include <stdlib.h>

#include "model/patterns.h"

void patterns_release(struct patterns *patterns)
{
	for (size_t i = 0; i < patterns->family_count; i++)
		free(patterns->families[i].label);
	for (size_t i = 0; i < patterns->box_count; i++)
		free(patterns->boxes[i].address);
	for (size_t i = 0; i < patterns->finding_count; i++) {
		free(patterns->findings[i].network);
		free(patterns->findings[i].sentence);
	}
	free(patterns->pairs);
	free(patterns->clients);
	free(patterns->families);
	free(patterns->members);
	free(patterns->boxes);
	free(patterns->senders);
	free(patterns->findings);
	*patterns = (struct patterns){0};
}
