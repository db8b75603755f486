/* What happened, in words that text and JSON share: see explain.h. */
#include "cmd/explain.h"

#define ADDRESS_WIDTH 80
#define HELO_WIDTH 60
#define REPLY_WIDTH 160

static bool add_string(uint32_t *list, uint8_t *count, size_t max, uint32_t string)
{
	for (uint8_t i = 0; i < *count; i++)
		if (list[i] == string)
			return true;
	if (*count == max)
		return false;
	list[(*count)++] = string;
	return true;
}

static void add_attempt(struct refused *refused, const struct attempt *attempt)
{
	refused->count += attempt->count;
	if (refused->text == 0)
		refused->text = attempt->text;
	if ((attempt->flags & ATTEMPT_HAS_SENDER || attempt->sender != 0) &&
	    !add_string(refused->senders, &refused->sender_count, REFUSED_SENDERS, attempt->sender))
		refused->more_senders = true;
	if ((attempt->flags & ATTEMPT_HAS_RECIPIENT || attempt->recipient != 0) &&
	    !add_string(refused->recipients, &refused->recipient_count, REFUSED_RECIPIENTS,
			attempt->recipient))
		refused->more_recipients = true;
}

size_t explain_refused(const struct attempt *attempts, size_t count,
		       struct refused refused[static REFUSED_MAX])
{
	size_t kinds = 0;

	for (size_t i = 0; i < count; i++) {
		size_t n = 0;

		while (n < kinds && (refused[n].reason != attempts[i].reason ||
				     refused[n].code != attempts[i].code))
			n++;
		if (n == REFUSED_MAX)
			continue;
		if (n == kinds)
			refused[kinds++] = (struct refused){.reason = attempts[i].reason,
							    .code = attempts[i].code};
		add_attempt(&refused[n], &attempts[i]);
	}
	return kinds;
}

const char *explain_ending(const struct session_fact *session)
{
	if (session->flags & SESSION_GAVE_UP)
		return "gave up after the first refusal to relay";
	if (session->flags & SESSION_DROPPED)
		return "ended by the server";
	if (session->flags & SESSION_LOST)
		return "left without QUIT";
	if (session->flags & SESSION_EXPIRED)
		return "end not seen";
	return "";
}

static void say_list(const struct directory *directory, const uint32_t *list, uint8_t count,
		     bool more, const char *before, struct text *text)
{
	for (uint8_t i = 0; i < count; i++) {
		text_add(text, i == 0 ? view_string(before) : VIEW(", <"));
		text_safe(text, strings_get(directory->strings, list[i]), ADDRESS_WIDTH);
		text_add(text, VIEW(">"));
	}
	if (more)
		text_add(text, VIEW(", …"));
}

static void say_reply(const struct directory *directory, const struct refused *refused,
		      struct text *text)
{
	struct view words = strings_get(directory->strings, refused->text);

	if (refused->code == 0 && words.len == 0)
		return;
	text_add(text, VIEW("; told:"));
	if (refused->code != 0)
		text_format(text, " %u", refused->code);
	if (words.len > 0)
		text_add(text, VIEW(" "));
	text_safe(text, words, REPLY_WIDTH);
}

void explain_say_refused(const struct directory *directory, const struct refused *refused,
			 struct text *text)
{
	bool user = refused->reason == REASON_AUTH_FAILED;

	text_add(text, view_string(reason_name((enum reason)refused->reason)));
	if (refused->count > 1) {
		text_add(text, VIEW(" "));
		text_counted(text, refused->count, "time");
	}
	if (refused->sender_count > 0 || refused->recipient_count > 0)
		text_add(text, VIEW(","));
	if (refused->sender_count > 0)
		say_list(directory, refused->senders, refused->sender_count, refused->more_senders,
			 user ? " as user <" : " from <", text);
	if (refused->recipient_count > 0)
		say_list(directory, refused->recipients, refused->recipient_count,
			 refused->more_recipients, " to <", text);
	say_reply(directory, refused, text);
}

static void say_client(const struct explanation *explanation, uint32_t client, struct text *text)
{
	char ip[IP_TEXT_MAX];

	if (explanation->subject->kind == SUBJECT_CLIENT &&
	    explanation->subject->prefix.bits == PREFIX_BITS_MAX)
		return;
	ip_format(&directory_client_at(explanation->judgement->directory, client)->ip, ip);
	text_format(text, "%s, ", ip);
}

static void say_helo(const struct explanation *explanation, uint32_t helo, struct text *text)
{
	if (helo == 0)
		return;
	text_add(text, VIEW(", HELO "));
	text_safe(text, strings_get(explanation->judgement->directory->strings, helo), HELO_WIDTH);
}

static void say_length(const struct session_fact *session, struct text *text)
{
	if (session->flags & SESSION_INFERRED && session->start == session->end)
		text_add(text, VIEW("a session"));
	else
		text_span(text, session->end - session->start);
}

static void say_session(const struct explanation *explanation, const struct session_fact *session,
			struct text *text)
{
	struct refused refused[REFUSED_MAX];
	size_t count;
	const struct attempt *attempts =
		subject_attempts(explanation->subject, session->number, &count);
	size_t kinds = session->number ? explain_refused(attempts, count, refused) : 0;

	say_client(explanation, session->client, text);
	say_length(session, text);
	say_helo(explanation, session->helo, text);
	for (size_t i = 0; i < kinds; i++) {
		text_add(text, VIEW("; "));
		explain_say_refused(explanation->judgement->directory, &refused[i], text);
	}
	if (session->accepted > 0) {
		text_add(text, VIEW("; "));
		text_counted(text, session->accepted, "message");
		text_add(text, VIEW(" taken in"));
	} else if (session->refusals == 0) {
		text_add(text, VIEW("; nothing refused, nothing taken in"));
	}
	if (*explain_ending(session))
		text_format(text, "; %s", explain_ending(session));
}

static void say_attempt(const struct explanation *explanation, const struct attempt *attempt,
			struct text *text)
{
	struct refused refused[REFUSED_MAX];

	explain_refused(attempt, 1, refused);
	if (attempt->client != 0)
		say_client(explanation, attempt->client, text);
	explain_say_refused(explanation->judgement->directory, &refused[0], text);
}

static void say_finding(const struct explanation *explanation, const struct finding *finding,
			struct text *text)
{
	if (explanation->subject->kind != SUBJECT_CLIENT) {
		verdict_subject(explanation->verdicts, finding->origin, text);
		text_add(text, VIEW(": "));
	}
	text_format(text, "%s: the evidence was enough (%s)", finding->pattern,
		    grade_name((enum grade)finding->grade));
}

void explain_say_entry(const struct explanation *explanation, const struct timeline_entry *entry,
		       struct text *text)
{
	switch (entry->kind) {
	case TIMELINE_SESSION:
		say_session(explanation, entry->session, text);
		break;
	case TIMELINE_REFUSED:
		say_attempt(explanation, entry->attempt, text);
		break;
	case TIMELINE_FINDING:
		say_finding(explanation, entry->finding, text);
		break;
	}
}
