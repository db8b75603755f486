/*
 * Forged local senders: relay attempts whose sender is in one of our own
 * domains, in the hope that a server lets its own people pass. Probes try one
 * administrative name after the other (root, info, admin) for one and the same
 * recipient elsewhere.
 *
 * A user of ours who forgot to log in has one sender and his own recipients; an
 * office behind one address has some senders, but each with recipients of its own.
 * So it is senders for the same recipient that count.
 */
#include <stdlib.h>

#include "detect/detector.h"

#define HINT_SENDERS 2
#define MANY_SENDERS 5 /* a hint whatever their names */

enum parameter { SENDERS };

/* Names under which nobody writes letters to strangers (RFC 2142, and what servers set up). */
static bool is_administrative(struct view user)
{
	static const struct view names[] = {
		VIEW("root"),	    VIEW("admin"),     VIEW("administrator"), VIEW("postmaster"),
		VIEW("hostmaster"), VIEW("webmaster"), VIEW("abuse"),	      VIEW("security"),
		VIEW("noc"),	    VIEW("info"),      VIEW("support"),	      VIEW("sales"),
		VIEW("contact"),    VIEW("marketing"), VIEW("test"),	      VIEW("user"),
		VIEW("noreply"),    VIEW("no-reply"),  VIEW("mailer-daemon"), VIEW("daemon"),
		VIEW("www"),	    VIEW("www-data"),  VIEW("nobody"),	      VIEW("service"),
		VIEW("office"),	    VIEW("mail"),      VIEW("ftp"),	      VIEW("backup"),
		VIEW("guest"),	    VIEW("help"),      VIEW("newsletter"),    VIEW("spam"),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (view_is_nocase(user, names[i]))
			return true;
	return false;
}

static uint32_t count_administrative(const struct detect_bare *state, const struct relay_sum *sum)
{
	const struct relay *rows = &state->context->relays->rows[sum->row];
	uint32_t count = 0;

	for (uint32_t i = 0; i < sum->rows; i++) {
		struct view sender;

		if (rows[i].sender == RELAY_NO_SENDER)
			continue;
		sender = strings_get(state->context->directory->strings, rows[i].sender);
		count += is_administrative(detect_user(sender)) &&
			 detect_is_ours(state->context, detect_domain(sender));
	}
	return count;
}

static enum grade grade_of(const struct detect_bare *state, const struct relay_sum *sum,
			   uint32_t administrative)
{
	enum relay_doubt doubt = relay_doubt(state->context, sum);

	if (doubt == RELAY_USER || doubt == RELAY_OUR_HOST || sum->local_most < HINT_SENDERS ||
	    (administrative == 0 && sum->local_most < MANY_SENDERS))
		return GRADE_NOTE;
	if (sum->local_most >= state->parameters[SENDERS] && administrative > 0)
		return GRADE_STRONG;
	return GRADE_HINT;
}

static void find(void *data, struct findings *findings)
{
	struct detect_bare *state = data;
	size_t count;
	const struct relay_sum *sums = relays_sums(state->context, &count);

	for (size_t i = 0; i < count; i++) {
		struct finding *finding;
		uint32_t administrative;

		if (sums[i].local_senders == 0)
			continue;
		administrative = count_administrative(state, &sums[i]);
		finding = findings_add(findings, "forged-local", sums[i].origin,
				       grade_of(state, &sums[i], administrative));
		finding->since = sums[i].first;
		finding->until = finding->decided = sums[i].last;
		finding_count(finding, "senders", sums[i].local_senders);
		finding_count(finding, "recipients", sums[i].local_recipients);
		finding_count(finding, "for_one_recipient", sums[i].local_most);
		finding_count(finding, "administrative", administrative);
	}
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t most = finding_number(finding, "for_one_recipient");

	(void)context;
	text_add(text, VIEW("tried to relay as "));
	text_counted(text, finding_number(finding, "senders"), "sender");
	text_add(text, VIEW(" of our own to "));
	text_counted(text, finding_number(finding, "recipients"), "recipient");
	text_add(text, VIEW(" elsewhere"));
	if (most > 1) {
		text_add(text, VIEW(", as "));
		text_number(text, most);
		text_add(text, VIEW(" of them to one and the same"));
	}
}

const struct detector detector_forged_local = {
	.name = "forged-local",
	.title = "Forged senders of our own",
	.about = "Relay attempts under senders in our own domains. Several of them for one "
		 "recipient "
		 "elsewhere, with administrative names (root, info, admin) among them, are a "
		 "reason to block; a single sender, as of a user who forgot to log in, is only "
		 "noted.",
	.parameters = {{"senders", 3, 2, 1000000,
			"senders of our own for one recipient that are enough"}},
	.start = detect_bare_start,
	.find = find,
	.say = say,
	.release = free,
};
