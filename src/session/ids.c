/* The ids of clients and strings that open sessions and queue ids hold. */
#include "session/stage.h"

struct visitor {
	void (*function)(void *context, enum sessions_id kind, uint32_t *id);
	void *context;
};

static void visit(const struct visitor *visitor, enum sessions_id kind, uint32_t *id)
{
	if (*id)
		visitor->function(visitor->context, kind, id);
}

static void visit_attempt(const struct visitor *visitor, struct attempt *attempt)
{
	visit(visitor, SESSIONS_CLIENT, &attempt->client);
	visit(visitor, SESSIONS_STRING, &attempt->helo);
	visit(visitor, SESSIONS_STRING, &attempt->sender);
	visit(visitor, SESSIONS_STRING, &attempt->recipient);
	visit(visitor, SESSIONS_STRING, &attempt->text);
}

void sessions_each_id(struct sessions *sessions,
		      void (*function)(void *context, enum sessions_id kind, uint32_t *id),
		      void *context)
{
	const struct visitor visitor = {function, context};

	counts_forget_roles(&sessions->counts, sessions->directory->strings);
	for (uint32_t index = 1; index <= sessions->open.made; index++) {
		struct open *open = open_at(sessions, index);

		if (!open->node.used)
			continue;
		visit(&visitor, SESSIONS_CLIENT, &open->client);
		visit(&visitor, SESSIONS_STRING, &open->helo);
		for (uint32_t place = open->waiting_first; place;
		     place = sessions->waiting[place].next)
			visit_attempt(&visitor, &sessions->waiting[place].attempt);
	}
	for (uint32_t index = 1; index <= sessions->queue.made; index++) {
		struct queued *queued = queued_at(sessions, index);

		if (!queued->node.used)
			continue;
		visit(&visitor, SESSIONS_CLIENT, &queued->client);
		visit(&visitor, SESSIONS_STRING, &queued->sender);
	}
}
