/* A folder of its own for each test, and a store in it, with facts that can be
   told from each other. */
#ifndef TESTS_STORE_SCRATCH_H
#define TESTS_STORE_SCRATCH_H

#include <limits.h>

#include "store/store.h"

struct scratch {
	char folder[PATH_MAX];
	char store[PATH_MAX];
	struct store *opened;
	struct directory *directory;
	struct sessions *sessions;
	struct fact_sink sink;
	struct keeper keeper;
};

void scratch_init(struct scratch *scratch);
/* Closes what is open and removes the folder. */
void scratch_release(struct scratch *scratch);

/* Opens the store for writing, with sessions that give their facts to it. */
void scratch_open(struct scratch *scratch);
void scratch_close(struct scratch *scratch);
/* Commits; returns what commit returned. */
int scratch_commit(struct scratch *scratch, const struct keeper_progress *progress, size_t count,
		   struct err *err);

/* The path of NAME in the folder; valid until the next call but three. */
const char *scratch_path(struct scratch *scratch, const char *name);
void scratch_write(struct scratch *scratch, const char *name, const char *bytes, size_t len);
/* Runs a query that gives one value, and returns it (freed by the caller; "NULL" for NULL). */
char *scratch_value(struct store *store, const char *query);
/* Fails unless QUERY gives VALUE. */
void scratch_expect(struct store *store, const char *query, const char *value);

/* The facts number N: plausible, and different in every column. */
struct attempt fact_attempt(uint32_t n, struct directory *directory);
struct session_fact fact_session(uint32_t n, struct directory *directory);
struct role_fact fact_role(uint32_t n, struct directory *directory);
struct slot fact_slot(uint32_t n);

#define FACTS_BEGIN 1700000000u /* 2023-11-14T22:13:20Z */

#endif
