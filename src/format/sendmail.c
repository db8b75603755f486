/*
 * Sendmail's log lines: which are ours, and who reads them.
 *
 * After the envelope a line is "[QUEUE-ID|NOQUEUE: ]what". What it is shows at
 * its front: the three kinds that make most of a log (ruleset=, from=, to=) are
 * asked for first, the rest goes to sendmail_session.c.
 *
 * A child of the daemon serves one connection, so host and pid tell sessions
 * apart; deliveries run in other processes and belong to none. What joins the
 * lines of a message is the queue id, which every event carries that has one:
 * the sender of a refused recipient stands in the from= line behind it.
 */
#include "format/sendmail.h"

/* Names that stand in front of a pid: "sendmail", or what -L says, by which the
   distributions tell the daemon from the submission program. */
static bool is_usual_program(struct view program)
{
	if (view_starts(program, VIEW("sm-")))
		return !view_starts(program, VIEW("sm-notify")); /* NFS */
	return view_starts(program, VIEW("sendmail")) || view_is(program, VIEW("mtaqueue")) ||
	       view_is(program, VIEW("mta"));
}

/* Whether a program of another name words its line as Sendmail does. */
static bool is_worded_so(struct view message)
{
	struct view id;
	unsigned int part;

	if (view_starts(message, VIEW("ruleset=check_")))
		return true;
	return sendmail_eat_queue_id(&message, &id, &part) && id.len >= 14 &&
	       (view_starts(message, VIEW("ruleset=")) || view_starts(message, VIEW("from=")) ||
		(view_starts(message, VIEW("to=")) &&
		 view_find(message, VIEW(", stat=")) != VIEW_NONE));
}

static bool claims(const struct record *record)
{
	return record->program.len &&
	       (is_usual_program(record->program) || is_worded_so(record->message));
}

/* Reads what stands behind the queue id. */
static enum parsed read_message(struct sendmail *line)
{
	struct view id;
	unsigned int part;

	line->rest = line->message;
	if (view_eat(&line->rest, VIEW("ruleset=")))
		return sendmail_ruleset(line);
	if (view_eat(&line->rest, VIEW("from=")))
		return sendmail_from(line);
	if (view_eat(&line->rest, VIEW("to=")))
		return sendmail_to(line);
	if (line->event->queue_id.len && sendmail_eat_queue_id(&line->message, &id, &part))
		return sendmail_offspring(line, id);
	return sendmail_session(line);
}

static enum parsed parse(const struct record *record, struct event *event)
{
	struct sendmail line = {.message = record->message, .event = event};
	struct view id;
	unsigned int part;
	enum parsed parsed;
	bool elided;

	event->mta = MTA_SENDMAIL;
	event->delay_s = UINT32_MAX;
	if (sendmail_eat_queue_id(&line.message, &id, &part)) {
		if (part > 1)
			return PARSED_NOTHING;
		line.cut = part == 1;
		word_set(&event->queue_id, id);
	} else {
		view_eat(&line.message, VIEW("NOQUEUE: "));
	}
	/* As people shorten a log: "sm-mta ... ruleset=check_eoh, ... relay=…". */
	elided = view_eat(&line.message, VIEW("... "));
	parsed = read_message(&line);
	if (elided && parsed == PARSED_EVENT)
		event->key = KEY_PROCESS; /* one after the other is all that joins them */
	return parsed;
}

const struct format format_sendmail = {
	.name = "sendmail",
	.summary = "Sendmail 8.12 and later, daemon and submission",
	.mta = MTA_SENDMAIL,
	.claims = claims,
	.parse = parse,
};
