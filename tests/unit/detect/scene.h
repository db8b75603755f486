/*
 * Scenes for tests of detectors: facts are written down, given to a detection in
 * several orders, and asked for findings, which must be the same for each order.
 */
#ifndef MXWATCH_TESTS_SCENE_H
#define MXWATCH_TESTS_SCENE_H

#include "detect/detection.h"

#define SCENE_START 1700006400u /* at a full hour */
#define MINUTE 60u
#define HOUR 3600u
#define DAY 86400u

struct scene {
	struct directory directory;
	const char *settings[8];
	const char *domains[4]; /* that are ours */
	struct scene_fact {
		uint32_t arrival; /* its place in the order */
		bool is_session;
		struct attempt attempt;
		struct session_fact session;
	} * facts;
	size_t count, capacity;
	uint32_t sessions;
	uint32_t random;
};

void scene_init(struct scene *scene);
void scene_release(struct scene *scene);

/* A client; NAME "" for none; NAMED: the name leads back. */
uint32_t scene_client(struct scene *scene, const char *address, const char *name, bool named);
/* 192.0.x.y by NUMBER, without a name. */
uint32_t scene_stranger(struct scene *scene, uint32_t number);
uint32_t scene_string(struct scene *scene, const char *text);

/* A refused session at TIME with an attempt of REASON; to be changed through the pointers, which
   are valid until the next call. Returns the session. */
struct session_fact *scene_refusal(struct scene *scene, uint32_t client, uint32_t time,
				   enum reason reason, uint16_t code, struct attempt **ret_attempt);
/* A session without refusals, with ACCEPTED messages. */
struct session_fact *scene_session(struct scene *scene, uint32_t client, uint32_t time,
				   uint16_t accepted);

/* Puts the facts in the order of their times; LATE: each may come so much later. */
void scene_order(struct scene *scene, uint32_t late);
#define SCENE_LATENESS_S 43200 /* less than DETECT_DISORDER_S */
/* A detection that was told all facts; to be freed. */
struct detection *scene_detect(struct scene *scene);

struct seen {
	bool found;
	enum grade grade;
	uint32_t decided;
	char sentence[400];
};
/* What PATTERN says of CLIENT. */
struct seen scene_see(struct scene *scene, const char *pattern, uint32_t client);

enum expected { NOTHING, NOTED, HINTED, SURE, HARMLESS /* nothing, or a note */ };

/* What happens to a client, and what the pattern is to say of it. */
struct scene_case {
	const char *name;
	void (*play)(struct scene *scene, uint32_t client);
	enum expected expected;
	const char *client_name; /* that leads back to it; NULL: it has none */
};
/* Plays each of COUNT cases among some ordinary mail; asserts. */
void scene_play(const char *pattern, const struct scene_case *cases, size_t count);

#endif
