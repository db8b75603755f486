#include "model/fact.h"

void slot_add(struct slot *sum, const struct slot *slot)
{
	sum->peak_concurrent = slot->peak_concurrent > sum->peak_concurrent ? slot->peak_concurrent
									    : sum->peak_concurrent;
	sum->max_ms = slot->max_ms > sum->max_ms ? slot->max_ms : sum->max_ms;
	sum->sessions_exact += slot->sessions_exact;
	sum->received += slot->received;
	sum->delivered += slot->delivered;
	sum->forwarded += slot->forwarded;
	sum->deferred += slot->deferred;
	sum->bounced += slot->bounced;
	sum->rejected += slot->rejected;
	sum->bytes_received += slot->bytes_received;
	sum->bytes_delivered += slot->bytes_delivered;
	sum->connections += slot->connections;
	sum->connected_ms += slot->connected_ms;
	sum->relay_attempts += slot->relay_attempts;
	sum->probes += slot->probes;
	sum->held += slot->held;
	sum->discarded += slot->discarded;
	sum->warnings += slot->warnings;
}
