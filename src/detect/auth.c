/*
 * AUTH guessing: wrong passwords for many users, fast within an hour or slowly
 * over days.
 *
 * It is the users that tell. A telephone with an old password fails for one user,
 * every few minutes for days; an office behind one address fails for some users,
 * who succeed at last, so that it sends our own mail. Users are told apart by
 * what is before the @ and behind DOMAIN\. Names that guessers try first weigh
 * double. Older servers log no user; then only the rate tells.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/names.h"
#include "detect/standing.h"
#include "detect/tally.h"

enum parameter { USERS, USERS_SLOW, FAILURES };
enum user_mark { USERS_FAST_REACHED, USERS_SLOW_REACHED, USERS_HINT };
enum failure_mark { FAILURES_STRONG, FAILURES_HINT };
enum counter { COUNT, UNNAMED, SUCCEEDED };

struct state {
	const struct detect_context *context;
	const uint32_t *parameters;
	struct tally users;    /* distinct ones: when first tried */
	struct tally failures; /* all */
};

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct state *state = memory_get_zeroed(1, sizeof(*state));

	state->context = context;
	state->parameters = parameters;
	tally_init(&state->users, TALLY_QUARTER_S);
	tally_mark(&state->users, 3600, parameters[USERS], 1);
	tally_mark(&state->users, 0, parameters[USERS_SLOW], 1);
	tally_mark(&state->users, 0, 3, 1);
	tally_init(&state->failures, TALLY_QUARTER_S);
	tally_mark(&state->failures, 3600, parameters[FAILURES], 1);
	tally_mark(&state->failures, 3600, parameters[FAILURES] / 10 + 1, 1);
	return state;
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct state *state = data;
	struct view user;
	struct tally_row *row;
	size_t domain;
	bool is_new;

	if (attempt->reason != REASON_AUTH_FAILED)
		return;
	row = tally_add(&state->failures, origin, attempt->time, attempt->count, attempt->session);
	row->counters[COUNT] += attempt->count;
	if (attempt->sender == 0) {
		row->counters[UNNAMED] += attempt->count;
		return;
	}
	user = detect_user(strings_get(state->context->directory->strings, attempt->sender));
	domain = view_find_last_byte(user, '\\');
	if (domain != VIEW_NONE)
		user = view_from(user, domain + 1);
	tally_add_distinct(&state->users, origin, attempt->time,
			   names_is_guessed_user(user) ? 2 : 1, detect_address_hash(user),
			   attempt->session, &is_new);
}

static void expect(const void *data, const struct attempt *attempt, uint32_t origin)
{
	const struct state *state = data;

	if (attempt->reason != REASON_AUTH_FAILED)
		return;
	tally_expect(&state->failures, origin);
	tally_expect(&state->users, origin);
}

static void session(void *data, const struct session_fact *session, uint32_t origin)
{
	struct state *state = data;

	if (session->flags & SESSION_OUTBOUND)
		tally_add(&state->failures, origin, session->end, 0, 0)->counters[SUCCEEDED]++;
}

/* By how often it failed, where users are not known, or are one. */
static enum grade grade_by_failures(const struct state *state, const struct tally_row *row,
				    uint32_t *ret_decided)
{
	struct tally_progress progress = tally_read(&state->failures, row);
	bool unnamed = row->counters[UNNAMED] > row->counters[COUNT] / 2;
	uint32_t strong = tally_reached(&state->failures, row, &progress, FAILURES_STRONG);
	uint32_t hint = tally_reached(&state->failures, row, &progress, FAILURES_HINT);

	*ret_decided = strong ? strong : hint;
	if (strong)
		return unnamed ? GRADE_STRONG : GRADE_HINT;
	return hint && unnamed ? GRADE_HINT : GRADE_NOTE;
}

static enum grade grade_by_users(const struct state *state, const struct tally_row *row,
				 uint32_t *ret_decided)
{
	struct tally_progress progress = tally_read(&state->users, row);
	uint32_t fast = tally_reached(&state->users, row, &progress, USERS_FAST_REACHED);
	uint32_t slow = tally_reached(&state->users, row, &progress, USERS_SLOW_REACHED);

	if (fast || slow) {
		*ret_decided = fast && (!slow || fast < slow) ? fast : slow;
		return GRADE_STRONG;
	}
	*ret_decided = tally_reached(&state->users, row, &progress, USERS_HINT);
	return *ret_decided ? GRADE_HINT : GRADE_NOTE;
}

/* Who also succeeds is an office with slips of the finger, unless it fails far more. */
static enum grade cap(const struct state *state, const struct tally_row *row, uint32_t users,
		      enum grade grade)
{
	/* Not all servers log who logged in; then mail that was taken in tells. */
	uint32_t succeeded =
		row->counters[SUCCEEDED] + standing_messages(state->context, row->origin);

	if (succeeded == 0)
		return standing_cap(state->context, row->origin, grade);
	if (users < 5 * state->parameters[USERS] || row->counters[COUNT] / 20 < succeeded)
		return GRADE_NOTE;
	return grade < GRADE_HINT ? grade : GRADE_HINT;
}

static void find_row(const struct state *state, const struct tally_row *failures,
		     struct findings *findings)
{
	const struct tally_row *users = tally_find(&state->users, failures->origin);
	uint32_t by_failures, by_users = 0, count = users ? users->distinct : 0;
	enum grade rate = grade_by_failures(state, failures, &by_failures);
	enum grade guessed = users ? grade_by_users(state, users, &by_users) : GRADE_NOTE;
	bool of_users = guessed >= rate && by_users;
	enum grade grade = cap(state, failures, count, of_users ? guessed : rate);
	struct finding *finding =
		tally_finding(findings, "auth", failures, grade, of_users ? by_users : by_failures);

	finding_count(finding, "failures", failures->counters[COUNT]);
	finding_count(finding, "users", count);
	finding_seconds(finding, "seconds", failures->last - failures->first);
	finding_count(finding, "succeeded", failures->counters[SUCCEEDED]);
}

static void find(void *data, struct findings *findings)
{
	struct state *state = data;

	for (size_t i = 0; i < state->failures.count; i++)
		if (tally_at(&state->failures, i)->counters[COUNT])
			find_row(state, tally_at(&state->failures, i), findings);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t users = finding_number(finding, "users");
	uint64_t succeeded = finding_number(finding, "succeeded");

	(void)context;
	text_add(text, VIEW("failed to log in "));
	text_counted(text, finding_number(finding, "failures"), "time");
	if (users) {
		text_add(text, VIEW(" as "));
		text_counted(text, users, "user");
	}
	text_add(text, VIEW(" in "));
	text_span_seen(text, finding_number(finding, "seconds"));
	if (succeeded) {
		text_add(text, VIEW(", and logged in in "));
		text_counted(text, succeeded, "other session");
	}
}

static void release(void *data)
{
	struct state *state = data;

	tally_release(&state->users);
	tally_release(&state->failures);
	free(state);
}

const struct detector detector_auth = {
	.name = "auth",
	.title = "AUTH guessing",
	.about =
		"Failed log-ins of many users from one address: strong when different users were "
		"tried within an hour, or more of them over any time; a hint from three on. Names "
		"that guessers try first, such as admin and test, count double. One user alone, "
		"as a telephone with an old password, is a note, or a hint at the rate of failures "
		"that is strong where the log names no users. Who also logs in or sends mail, as "
		"an "
		"office behind one address, is noted.",
	.parameters = {{"users", 4, 2, 4096, "users within an hour that are enough"},
		       {"users_slow", 10, 2, 4096, "users over any time that are enough"},
		       {"failures", 100, 10, 1000000,
			"failures within an hour that are enough where users are not known"}},
	.start = start,
	.attempt = attempt,
	.expect_attempt = expect,
	.session = session,
	.find = find,
	.say = say,
	.release = release,
};
