/*
 * A detector: one file that recognises one pattern of abuse.
 *
 * It exports one `const struct detector detector_<name>`, listed in meson.build.
 * It is given every fact and folds what it needs into its own state; asked for
 * findings, it tells what it has seen so far, and may be asked again later.
 *
 * Invariants, on which "a stream gives what a batch gives" stands:
 *  - Facts come in any order within DETECT_DISORDER_S (sessions are told when
 *    they end, sets of logs overlap): what is found must not depend on it.
 *  - State grows with what is distinct (origins, addresses), never with the
 *    number of facts: what is windowed is dropped by `forget` once it is older than
 *    the window and DETECT_DISORDER_S.
 *  - Everything outsiders can fill has a cap.
 *  - No I/O. Findings do not depend on ids, hashes or addresses in memory.
 */
#ifndef MXWATCH_DETECT_DETECTOR_H
#define MXWATCH_DETECT_DETECTOR_H

#include "base/text.h"
#include "detect/origins.h"
#include "detect/relays.h"
#include "model/finding.h"
#include "model/patterns.h"

#define DETECT_DISORDER_S 86400

/* What all detectors look at. */
struct detect_context {
	const struct directory *directory;
	struct origins *origins;
	struct relays *relays; /* what was denied to relay (detect/relays.h) */
	struct strings *ours;  /* domains that are ours, in small letters */
	uint32_t newest;       /* time of the newest fact */
};

/* What is behind the last @ of an address; empty if there is none. */
struct view detect_domain(struct view address);
/* What is before it; the whole address if there is none. */
struct view detect_user(struct view address);
/* Whether a domain (in any case, perhaps with a final dot) is one of ours, as far as is known by
   now: ask when findings are made, not when facts come. */
bool detect_is_ours(const struct detect_context *context, struct view domain);
/* A 64-bit hash of an address without regard to the case of ASCII letters. */
uint64_t detect_address_hash(struct view address);

/* A number that users can set: --set PATTERN.NAME=VALUE. */
struct detect_parameter {
	const char *name; /* NULL ends the list */
	uint32_t preset, min, max;
	const char *about; /* "distinct recipients in one session that are enough" */
};
#define DETECT_PARAMETERS_MAX 8

struct detector {
	const char *name;  /* of the pattern: "relay-probe" */
	const char *title; /* "Relay probes" */
	const char
		*about; /* sentences: what it sees, what evidence it wants, what does not fool it */
	struct detect_parameter parameters[DETECT_PARAMETERS_MAX + 1];
	/* PARAMETERS: values in the order of the list, which outlive the state. */
	void *(*start)(const struct detect_context *context, const uint32_t *parameters);
	/* Each may be NULL. ORIGIN is never 0: facts without a client are not told. */
	void (*attempt)(void *state, const struct attempt *attempt, uint32_t origin);
	void (*session)(void *state, const struct session_fact *session, uint32_t origin);
	void (*role)(void *state, const struct role_fact *role);
	/* Says that the attempt or session comes soon, so that the origin's row can be brought
	   near: clients lie scattered over memory. */
	void (*expect_attempt)(const void *state, const struct attempt *attempt, uint32_t origin);
	void (*expect_session)(const void *state, const struct session_fact *session,
			       uint32_t origin);
	/* Called now and then with the newest time. */
	void (*forget)(void *state, uint32_t now);
	/* Adds findings; does not change what later findings will be. */
	void (*find)(void *state, struct findings *findings);
	/* Adds to the tables of patterns across clients. */
	void (*tell)(void *state, struct patterns *patterns);
	/* Writes what follows the client's name in a sentence: "tried 21 recipients …". */
	void (*say)(const struct finding *finding, const struct detect_context *context,
		    struct text *text);
	/* For what must outlive the facts: families keep their names and history when the
	   store forgets. save writes all of the state that matters; load reads it, 0 or -EBADMSG.
	 */
	void (*save)(void *state, struct text *bytes);
	int (*load)(void *state, struct view bytes);
	void (*release)(void *state);
};

/* The state of a detector that folds nothing of its own; release it with free. */
struct detect_bare {
	const struct detect_context *context;
	const uint32_t *parameters;
};
void *detect_bare_start(const struct detect_context *context, const uint32_t *parameters);

/* All detectors, ended by NULL; the table is made by the build. */
extern const struct detector *const detectors[];
const struct detector *detector_find(struct view name);

#endif
