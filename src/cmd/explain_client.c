/* The explanation of a client. */
#include "cmd/explain_parts.h"
#include "verdict/words.h"

/* Mail that was taken in longer ago than guards look back. */
static void add_older_mail(struct explanation *explanation, const struct origin *origin)
{
	struct text *text;

	if (origin->messages == 0 || explanation->verdict.guards & 1u << GUARD_WANTED ||
	    !(text = explain_against(explanation)))
		return;
	text_add(text, VIEW("sent "));
	text_counted(text, origin->messages, "message");
	text_add(text, origin->messages == 1 ? VIEW(" that was taken in, on ")
					     : VIEW(" that were taken in, the last on "));
	words_day(text, origin->message_last, explanation->verdicts->zone);
	text_add(text, VIEW(", which is longer ago than --look-back"));
}

/* A block whose time is over is no longer wanted. */
static void add_over(struct explanation *explanation)
{
	struct text *text = explain_against(explanation);

	explanation->kind = VERDICT_WATCH;
	if (!text)
		return;
	text_add(text, VIEW("a block of "));
	text_span(text, explanation->verdict.ttl_s);
	text_add(text, VIEW(" would have ended on "));
	words_day(text, (uint32_t)explanation->block_until, explanation->verdicts->zone);
}

static void add_guards(struct explanation *explanation)
{
	for (int guard = 0; guard < GUARD_MAX; guard++) {
		struct text *text;

		if (explanation->verdict.guards & 1u << guard &&
		    (text = explain_against(explanation)))
			verdict_against(explanation->verdicts, &explanation->verdict,
					(enum guard)guard, text);
	}
}

static void set_block(struct explanation *explanation)
{
	const struct verdict *verdict = &explanation->verdict;

	explanation->ttl_s = verdict->ttl_s;
	explanation->decided = verdict->decided;
	explanation->block_until =
		verdict->decided ? (uint64_t)verdict->until + verdict->ttl_s : UINT64_MAX;
	explanation->stopped = verdict->decided
				       ? subject_blocked(explanation->subject, verdict->decided,
							 verdict->ttl_s, &explanation->again)
				       : explain_stopped(explanation, 0, UINT64_MAX);
}

void explain_client(struct explanation *explanation)
{
	const struct origins *origins = explain_context(explanation)->origins;
	struct subject *subject = explanation->subject;
	const struct origin *origin;

	if (subject->totals.first > subject->totals.last)
		return;
	explanation->origin = origins_find(origins, &subject->prefix);
	if (explanation->origin == 0)
		return;
	origin = origins_at(origins, explanation->origin);
	explanation->verdict = verdicts_of(explanation->verdicts, explanation->origin);
	explanation->kind = explanation->verdict.kind;
	text_clear(&explanation->title);
	verdict_subject(explanation->verdicts, explanation->origin, &explanation->title);
	verdict_because(explanation->verdicts, &explanation->verdict, &explanation->because);
	for (size_t i = 0; i < explanation->verdict.finding_count; i++)
		explain_add_finding(explanation, &explanation->verdict.findings[i]);
	set_block(explanation);
	add_guards(explanation);
	add_older_mail(explanation, origin);
	if (explanation->kind == VERDICT_BLOCK &&
	    explain_is_over(explanation, &explanation->verdict))
		add_over(explanation);
}
