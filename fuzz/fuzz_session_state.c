/*
 * Saved session state, as a damaged store would give it back. The sum at its end
 * is made right, so that what lies behind that check is met; what was taken is
 * gone on with, ended and saved again.
 */
#include <assert.h>
#include <stdlib.h>

#include "session/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLIENTS 3

static void ignore_attempt(void *context, const struct attempt *attempt)
{
	(void)context;
	assert(attempt->client <= CLIENTS && attempt->reason < REASON_MAX);
}

static void ignore_session(void *context, const struct session_fact *fact)
{
	(void)context;
	assert(fact->client <= CLIENTS && fact->start <= fact->end);
}

static void ignore_slot(void *context, const struct slot *slot)
{
	(void)context;
	assert(slot->start % SLOT_S == 0);
}

static void ignore_role(void *context, const struct role_fact *role)
{
	(void)context;
	(void)role;
}

/* Lines of a few clients, processes and queue ids that the state may know too. */
static void go_on(struct sessions *sessions)
{
	struct event event = {.time_s = 1795307680, .repeat = 1, .delay_s = UINT32_MAX};

	word_set(&event.host, VIEW("mx1"));
	word_set(&event.queue_id, VIEW("Q1"));
	word_set(&event.sender, VIEW("a@b"));
	for (unsigned int i = 0; i < 200; i++) {
		event.time_s += i % 7 * 30;
		event.kind = (uint8_t)(i % EVENT_MAX);
		event.mta = (uint8_t)(i % MTA_MAX);
		event.key = (uint8_t)(i / EVENT_MAX % 4);
		event.pid = i % 5;
		event.flags = i % 3 ? EVENT_HAS_CLIENT | EVENT_HAS_SENDER : EVENT_HAS_RECIPIENT;
		event.client.bytes[15] = (unsigned char)(i % CLIENTS);
		sessions_take(sessions, &event, 1);
	}
}

/* What is saved must be taken back, unless it came from bytes out of all bounds. */
static void save_again(struct sessions *sessions, bool own)
{
	char *bytes;
	size_t len;

	sessions_save(sessions, &bytes, &len);
	if (sessions_restore(sessions, bytes, len) < 0 && own)
		abort();
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct session_options options = {.open_max = 50, .words = WORDS_ALL};
	const struct fact_sink sink = {.context = NULL,
				       .attempt = ignore_attempt,
				       .session = ignore_session,
				       .slot = ignore_slot,
				       .role = ignore_role};
	struct directory directory;
	struct sessions *sessions;
	uint64_t sum;
	bool own;
	char *bytes = malloc(size + sizeof(sum));

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	sum = hash64(bytes, size);
	memcpy(bytes + size, &sum, sizeof(sum));
	directory_init(&directory);
	for (unsigned char i = 0; i < CLIENTS; i++)
		directory_client(&directory, &(struct ip){.bytes = {[15] = i}});
	sessions = sessions_new(&options, &directory, &sink);
	own = sessions_restore(sessions, bytes, size + sizeof(sum)) < 0;
	go_on(sessions);
	save_again(sessions, own);
	sessions_finish(sessions);
	sessions_free(sessions);
	directory_release(&directory);
	free(bytes);
	return 0;
}
