/* Denials to relay, for scenes. */
#ifndef MXWATCH_TESTS_RELAYING_H
#define MXWATCH_TESTS_RELAYING_H

#include "scene.h"

/* One refused recipient, in a session of its own. */
static inline struct attempt *denied(struct scene *scene, uint32_t client, uint32_t time,
				     const char *sender, const char *recipient)
{
	uint32_t from = scene_string(scene, sender), to = scene_string(scene, recipient);
	struct attempt *attempt;

	scene_refusal(scene, client, time, REASON_RELAY_DENIED, 554, &attempt)->relay_refusals = 1;
	attempt->sender = from;
	attempt->recipient = to;
	attempt->flags = ATTEMPT_HAS_SENDER | ATTEMPT_HAS_RECIPIENT;
	return attempt;
}

/* COUNT recipients in one session, a second apart. */
static inline void denied_all(struct scene *scene, uint32_t client, uint32_t time,
			      const char *sender, const char *const *recipients, size_t count)
{
	uint32_t session = 0;

	for (size_t i = 0; i < count; i++) {
		struct attempt *attempt =
			denied(scene, client, time + (uint32_t)i, sender, recipients[i]);

		session = session ? session : attempt->session;
		attempt->session = session;
	}
}

#endif
