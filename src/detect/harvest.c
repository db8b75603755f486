/*
 * User harvesting: many users asked for who do not exist, to learn who does.
 *
 * A list's or shop's server knows addresses of people who have left: it brings
 * mail for others, so what counts is how many unknown ones there are beside the
 * messages that were taken in. Bounces, and the call-outs of servers that check a
 * sender, come with the null sender or that of a server, and for users whom somebody
 * else has made up: these do not count.
 */
#include "detect/names.h"
#include "detect/standing.h"
#include "detect/tally.h"

#define PLAIN 2 /* amounts are in halves of a recipient */
#define DICTIONARY 3
#define PER_MESSAGE 5	    /* so many unknown ones for each message taken in are harvesting */
#define NAMED_TIMES 3	    /* so many times more from who has a confirmed name */
#define MOSTLY_DICTIONARY 2 /* one in so many */
#define WORTH_TELLING 3	    /* recipients */

enum parameter { PER_HOUR, EVER, HINT_AT };
enum mark { STRONG_HOUR, STRONG_EVER, HINT, STRONG_NAMED };
enum counter { GUESSED, ASKED };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct tally_state *state = tally_state_new(context, parameters, TALLY_QUARTER_S);

	tally_mark(&state->tally, 3600, parameters[PER_HOUR] * PLAIN, 1);
	tally_mark(&state->tally, 0, parameters[EVER] * PLAIN, 1);
	tally_mark(&state->tally, 0, parameters[HINT_AT] * PLAIN, 1);
	tally_mark(&state->tally, 3600, parameters[PER_HOUR] * PLAIN * NAMED_TIMES, 1);
	return state;
}

/* Senders of bounces and call-outs; "double-bounce" is what Postfix checks addresses with
   (postconf(5), address_verify_sender). */
static bool is_a_check(struct view sender)
{
	struct view user = detect_user(sender);

	return sender.len == 0 || view_is_nocase(user, VIEW("double-bounce")) ||
	       view_is_nocase(user, VIEW("mailer-daemon"));
}

/* VRFY and EXPN are refused by a rule, whoever is asked for. */
static bool asks_by_command(const struct attempt *attempt)
{
	return attempt->stage == STAGE_COMMAND &&
	       (attempt->reason == REASON_OTHER || attempt->reason == REASON_POLICY ||
		attempt->reason == REASON_ACCESS) &&
	       attempt->code >= 500;
}

/* Whom it asks for is told at most in the server's words; else each second is another. */
static void ask_by_command(struct tally_state *state, const struct attempt *attempt,
			   uint32_t origin)
{
	uint64_t asked = attempt->text ? detect_address_hash(strings_get(
						 state->context->directory->strings, attempt->text))
				       : hash_pair(attempt->session, attempt->time);
	bool is_new;
	struct tally_row *row = tally_add_distinct(&state->tally, origin, attempt->time, PLAIN,
						   asked, attempt->session, &is_new);

	row->counters[ASKED] += is_new;
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct tally_state *state = data;
	const struct strings *strings = state->context->directory->strings;
	struct view recipient;
	struct tally_row *row;
	bool in_dictionary, is_new;

	if (asks_by_command(attempt)) {
		ask_by_command(state, attempt, origin);
		return;
	}
	if (attempt->reason != REASON_UNKNOWN_RECIPIENT || attempt->recipient == 0)
		return;
	if (attempt->flags & ATTEMPT_HAS_SENDER &&
	    is_a_check(strings_get(strings, attempt->sender)))
		return;
	recipient = strings_get(strings, attempt->recipient);
	in_dictionary = names_is_dictionary(detect_user(recipient));
	row = tally_add_distinct(&state->tally, origin, attempt->time,
				 in_dictionary ? DICTIONARY : PLAIN, detect_address_hash(recipient),
				 attempt->session, &is_new);
	row->counters[GUESSED] += is_new && in_dictionary;
}

static void expect(const void *data, const struct attempt *attempt, uint32_t origin)
{
	if (attempt->reason == REASON_UNKNOWN_RECIPIENT)
		tally_expect(&((const struct tally_state *)data)->tally, origin);
}

static enum grade grade_of(const struct tally_state *state, const struct tally_row *row,
			   const struct tally_progress *progress)
{
	uint32_t messages = standing_messages(state->context, row->origin);
	bool guessed = row->counters[GUESSED] * MOSTLY_DICTIONARY >= row->distinct;
	bool named = standing_named(state->context, row->origin);
	bool strong = named && !guessed ? progress->reached[STRONG_NAMED]
		      : named		? progress->reached[STRONG_HOUR]
			      : progress->reached[STRONG_HOUR] || progress->reached[STRONG_EVER];

	if (!progress->reached[HINT] || row->distinct / PER_MESSAGE < messages)
		return GRADE_NOTE;
	return standing_cap(state->context, row->origin, strong ? GRADE_STRONG : GRADE_HINT);
}

static uint32_t decided(const struct tally_state *state, const struct tally_row *row,
			const struct tally_progress *progress, enum grade grade)
{
	uint32_t hour = tally_reached(&state->tally, row, progress, STRONG_HOUR);
	uint32_t ever = tally_reached(&state->tally, row, progress, STRONG_EVER);

	if (grade != GRADE_STRONG)
		return tally_reached(&state->tally, row, progress, HINT);
	return hour && (!ever || hour < ever) ? hour : ever;
}

static void find_row(const struct tally_state *state, const struct tally_row *row,
		     const struct tally_progress *progress, struct findings *findings)
{
	enum grade grade = grade_of(state, row, progress);
	struct finding *finding;

	if (row->distinct < WORTH_TELLING && grade == GRADE_NOTE)
		return;
	finding = tally_finding(findings, "harvest", row, grade,
				decided(state, row, progress, grade));
	finding_count(finding, "recipients", row->distinct - row->counters[ASKED]);
	finding_count(finding, "asked", row->counters[ASKED]);
	finding_count(finding, "guessed", row->counters[GUESSED]);
	finding_count(finding, "messages", standing_messages(state->context, row->origin));
	finding_seconds(finding, "seconds", row->last - row->first);
}

static void find(void *data, struct findings *findings)
{
	tally_each(data, find_row, findings);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t recipients = finding_number(finding, "recipients");
	uint64_t guessed = finding_number(finding, "guessed");
	uint64_t asked = finding_number(finding, "asked");
	uint64_t messages = finding_number(finding, "messages");

	(void)context;
	text_add(text, VIEW("asked for "));
	if (recipients) {
		text_counted(text, recipients, "user");
		text_add(text, VIEW(" who do not exist here"));
	}
	if (guessed) {
		text_add(text, VIEW(" ("));
		text_number(text, guessed);
		text_add(text, VIEW(" of them common names)"));
	}
	if (asked) {
		text_add(text, view_string(recipients ? " and for " : ""));
		text_counted(text, asked, "user");
		text_add(text, VIEW(" by VRFY or EXPN"));
	}
	text_add(text, VIEW(" in "));
	text_span_seen(text, finding_number(finding, "seconds"));
	if (messages) {
		text_add(text, VIEW(", beside "));
		text_counted(text, messages, "message");
		text_add(text, VIEW(" that were taken in"));
	} else {
		text_add(text, VIEW(" and brought no mail"));
	}
}

const struct detector detector_harvest = {
	.name = "harvest",
	.title = "User harvesting",
	.about =
		"Many different recipients that do not exist, and little or no mail beside: "
		"strong within an hour, or for more of them over any time. First names and shared "
		"mailboxes, as dictionaries have them, weigh one and a half times. Who brings a "
		"message for every five unknown recipients, as a newsletter's server does, is "
		"noted; who has a confirmed name needs three times as many, or, where most are out "
		"of a dictionary, as many within an hour: a newsletter's dead readers have common "
		"names too. Bounces and call-outs, which come with the null sender, do not "
		"count. Users asked for by VRFY and EXPN count as well.",
	.parameters = {{"per_hour", 10, 2, 4096,
			"unknown recipients within an hour that are enough"},
		       {"ever", 25, 2, 4096, "unknown recipients over any time that are enough"},
		       {"hint", 5, 1, 4096, "unknown recipients that are a hint"}},
	.start = start,
	.attempt = attempt,
	.expect_attempt = expect,
	.find = find,
	.say = say,
	.release = tally_state_free,
};
