/*
 * Any bytes as the message of an Exim line, by syslog and from Exim's own files:
 * every word told must lie in it, and the same bytes tell the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "check_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct format format_exim;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record = {.message = view_of((const char *)data, size), .pid = 1};

	record.program = VIEW("exim");
	check_record(&format_exim, &record);
	record.program = VIEW("");
	check_record(&format_exim, &record);
	return 0;
}
