#include "report/context.h"

#include "report/digest.h"
#include "report/domain.h"

#define GAP_DEFAULT_S 5

void report_context_init(struct report_context *context, const struct ledger *ledger,
			 const struct input_totals *input, const struct report_options *options)
{
	*context = (struct report_context){.ledger = ledger, .input = input, .options = options};
	context->by = options->by == BY_DEFAULT ? BY_HOUR : options->by;
	context->gap_s = options->gap_s == UINT32_MAX ? GAP_DEFAULT_S : options->gap_s;
}

void report_context_release(struct report_context *context)
{
	digest_free(context->digest);
	domains_free(context->domains);
	*context = (struct report_context){0};
}

uint32_t context_string_max(const struct report_context *context)
{
	/* Ids are places in units of 4 bytes (base/strings.c). */
	return (uint32_t)(strings_size(context_strings(context)) / 4);
}
