/* Standing: see standing.h. */
#include "detect/standing.h"

#include "model/dynamic.h"

bool standing_named(const struct detect_context *context, uint32_t origin)
{
	const struct origin *row = origins_at(context->origins, origin);
	bool confirmed;
	struct view name = origin_name(context->origins, row, &confirmed);

	return confirmed &&
	       !dynamic_name(name, &directory_client_at(context->directory, row->client)->ip);
}

uint32_t standing_messages(const struct detect_context *context, uint32_t origin)
{
	return origins_at(context->origins, origin)->messages;
}

enum grade standing_cap(const struct detect_context *context, uint32_t origin, enum grade grade)
{
	const struct origin *row = origins_at(context->origins, origin);
	enum grade most = row->flags & ORIGIN_OUTBOUND ? GRADE_NOTE
			  : row->messages > 0	       ? GRADE_HINT
						       : GRADE_STRONG;

	return grade < most ? grade : most;
}
