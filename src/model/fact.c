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

void fact_attempts(const struct fact_sink *sink, const struct attempt *attempts, size_t count)
{
	if (sink->attempts)
		sink->attempts(sink->context, attempts, count);
	else
		for (size_t i = 0; i < count; i++)
			sink->attempt(sink->context, &attempts[i]);
}

void fact_sessions(const struct fact_sink *sink, const struct session_fact *sessions, size_t count)
{
	if (sink->sessions)
		sink->sessions(sink->context, sessions, count);
	else
		for (size_t i = 0; i < count; i++)
			sink->session(sink->context, &sessions[i]);
}

static void no_attempt(void *context, const struct attempt *attempt)
{
	(void)context;
	(void)attempt;
}

static void no_session(void *context, const struct session_fact *session)
{
	(void)context;
	(void)session;
}

static void no_slot(void *context, const struct slot *slot)
{
	(void)context;
	(void)slot;
}

static void no_role(void *context, const struct role_fact *role)
{
	(void)context;
	(void)role;
}

const struct fact_sink fact_nowhere = {
	.attempt = no_attempt,
	.session = no_session,
	.slot = no_slot,
	.role = no_role,
};

static void fan_attempt(void *context, const struct attempt *attempt)
{
	const struct fact_fan *fan = context;

	for (size_t i = 0; i < fan->count; i++)
		fan->sinks[i].attempt(fan->sinks[i].context, attempt);
}

static void fan_session(void *context, const struct session_fact *session)
{
	const struct fact_fan *fan = context;

	for (size_t i = 0; i < fan->count; i++)
		fan->sinks[i].session(fan->sinks[i].context, session);
}

static void fan_slot(void *context, const struct slot *slot)
{
	const struct fact_fan *fan = context;

	for (size_t i = 0; i < fan->count; i++)
		fan->sinks[i].slot(fan->sinks[i].context, slot);
}

static void fan_role(void *context, const struct role_fact *role)
{
	const struct fact_fan *fan = context;

	for (size_t i = 0; i < fan->count; i++)
		fan->sinks[i].role(fan->sinks[i].context, role);
}

static void fan_attempts(void *context, const struct attempt *attempts, size_t count)
{
	const struct fact_fan *fan = context;

	for (size_t i = 0; i < fan->count; i++)
		fact_attempts(&fan->sinks[i], attempts, count);
}

static void fan_sessions(void *context, const struct session_fact *sessions, size_t count)
{
	const struct fact_fan *fan = context;

	for (size_t i = 0; i < fan->count; i++)
		fact_sessions(&fan->sinks[i], sessions, count);
}

struct fact_sink fact_fan_sink(struct fact_fan *fan)
{
	return (struct fact_sink){
		fan, fan_attempt, fan_session, fan_slot, fan_role, fan_attempts, fan_sessions,
	};
}
