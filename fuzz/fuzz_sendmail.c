/*
 * Any bytes as the message of a Sendmail line, with and without a queue id in
 * front: every word told must lie in it, and the same bytes tell the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "check_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct format format_sendmail;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record = {.message = view_of((const char *)data, size), .pid = 1};

	record.program = VIEW("sm-mta");
	check_record(&format_sendmail, &record);
	record.program = VIEW("of-another-name");
	check_record(&format_sendmail, &record);
	return 0;
}
