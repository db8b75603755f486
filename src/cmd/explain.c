/* An explanation, put together: see explain.h. */
#include <stdlib.h>

#include "base/memory.h"
#include "cmd/explain_parts.h"

struct text *explain_against(struct explanation *explanation)
{
	if (explanation->against_count == AGAINST_MAX) {
		explanation->against_more++;
		return NULL;
	}
	return &explanation->against[explanation->against_count++];
}

void explain_add_finding(struct explanation *explanation, const struct finding *finding)
{
	ARRAY_GROW(explanation->findings, explanation->finding_count,
		   explanation->finding_capacity);
	explanation->findings[explanation->finding_count++] = finding;
}

bool explain_is_over(const struct explanation *explanation, const struct verdict *verdict)
{
	return (uint64_t)verdict->until + verdict->ttl_s <= explain_context(explanation)->newest;
}

struct moment explain_stopped(const struct explanation *explanation, uint32_t decided,
			      uint64_t until)
{
	return subject_between(explanation->subject, decided ? decided + 1 : 0, until);
}

static struct timeline_entry *timeline_add(struct explanation *explanation, uint32_t time,
					   enum timeline_kind kind)
{
	struct timeline_entry *entry;

	ARRAY_GROW(explanation->timeline, explanation->timeline_count,
		   explanation->timeline_capacity);
	entry = &explanation->timeline[explanation->timeline_count++];
	*entry = (struct timeline_entry){.time = time, .kind = kind};
	return entry;
}

static int timeline_order(const void *a, const void *b)
{
	const struct timeline_entry *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return left->kind < right->kind ? -1 : left->kind > right->kind;
}

/* Of a mail address each refusal, of a client those of no session. */
static void add_attempts(struct explanation *explanation)
{
	const struct subject *subject = explanation->subject;
	size_t count, keep = subject->sessions.keep;
	const struct attempt *attempts = (const void *)subject->attempts.rows;

	if (subject->kind == SUBJECT_MAILBOX)
		count = subject->attempts.count;
	else
		attempts = subject_attempts(subject, 0, &count);
	for (size_t i = 0; i < count; i++) {
		if (i >= keep && count - i > keep) {
			explanation->timeline_left_out++;
			continue;
		}
		timeline_add(explanation, attempts[i].time, TIMELINE_REFUSED)->attempt =
			&attempts[i];
	}
	if (subject->kind == SUBJECT_MAILBOX)
		explanation->timeline_left_out += subject->attempts.dropped;
}

static void make_timeline(struct explanation *explanation)
{
	const struct subject *subject = explanation->subject;

	for (size_t i = 0; i < subject->sessions.count; i++) {
		const struct session_fact *session = subject_session(subject, i);

		timeline_add(explanation, session->start, TIMELINE_SESSION)->session = session;
	}
	explanation->timeline_left_out = subject->sessions.dropped;
	add_attempts(explanation);
	for (size_t i = 0; i < explanation->finding_count; i++) {
		const struct finding *finding = explanation->findings[i];

		if (finding->grade != GRADE_NOTE && finding->decided != 0 &&
		    subject->kind == SUBJECT_CLIENT)
			timeline_add(explanation, finding->decided, TIMELINE_FINDING)->finding =
				finding;
	}
	if (explanation->timeline_count > 1)
		qsort(explanation->timeline, explanation->timeline_count,
		      sizeof(*explanation->timeline), timeline_order);
}

static void set_title(struct explanation *explanation)
{
	const struct subject *subject = explanation->subject;
	char prefix[PREFIX_TEXT_MAX];

	if (subject->kind == SUBJECT_MAILBOX) {
		text_safe(&explanation->title, subject->mailbox, EXPLAIN_NAME_WIDTH);
		return;
	}
	prefix_format(&subject->prefix, prefix);
	text_add(&explanation->title, view_string(prefix));
}

void explanation_make(struct judgement *judgement, struct subject *subject,
		      struct explanation *ret_explanation)
{
	const struct findings none = {0}; /* they are told here, in their own way */

	*ret_explanation = (struct explanation){
		.judgement = judgement,
		.subject = subject,
		.verdicts = &judgement->verdicts,
	};
	set_title(ret_explanation);
	detection_tell(judgement->detection, &none, &ret_explanation->patterns);
	if (subject->kind == SUBJECT_CLIENT)
		explain_client(ret_explanation);
	else if (subject->kind == SUBJECT_NETWORK)
		explain_network(ret_explanation);
	else
		explain_mailbox(ret_explanation);
	if (ret_explanation->because.len == 0)
		text_format(&ret_explanation->because, "nothing is known of %s",
			    text_string(&ret_explanation->title));
	make_timeline(ret_explanation);
}

void explanation_release(struct explanation *explanation)
{
	text_release(&explanation->title);
	text_release(&explanation->because);
	for (size_t i = 0; i < explanation->against_count; i++)
		text_release(&explanation->against[i]);
	patterns_release(&explanation->patterns);
	free(explanation->findings);
	free(explanation->clients);
	free(explanation->timeline);
}
