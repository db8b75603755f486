/* An explanation, put together: see explain.h. */
#include <stdlib.h>

#include "base/memory.h"
#include "cmd/explain.h"
#include "verdict/words.h"

#define NAME_WIDTH 100

static const struct detect_context *context_of(const struct explanation *explanation)
{
	return detection_context(explanation->judgement->detection);
}

/* One more thing that speaks against blame; NULL if there is no room. */
static struct text *against_add(struct explanation *explanation)
{
	if (explanation->against_count == AGAINST_MAX) {
		explanation->against_more++;
		return NULL;
	}
	return &explanation->against[explanation->against_count++];
}

static void add_finding(struct explanation *explanation, const struct finding *finding)
{
	ARRAY_GROW(explanation->findings, explanation->finding_count,
		   explanation->finding_capacity);
	explanation->findings[explanation->finding_count++] = finding;
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

/* Mail that was taken in longer ago than guards look back. */
static void add_older_mail(struct explanation *explanation, const struct origin *origin)
{
	struct text *text;

	if (origin->messages == 0 || explanation->verdict.guards & 1u << GUARD_WANTED ||
	    !(text = against_add(explanation)))
		return;
	text_add(text, VIEW("sent "));
	text_counted(text, origin->messages, "message");
	text_add(text, origin->messages == 1 ? VIEW(" that was taken in, on ")
					     : VIEW(" that were taken in, the last on "));
	words_day(text, origin->message_last, explanation->verdicts->zone);
	text_add(text, VIEW(", which is longer ago than --look-back"));
}

static bool is_over(const struct explanation *explanation, const struct verdict *verdict)
{
	return (uint64_t)verdict->until + verdict->ttl_s <= context_of(explanation)->newest;
}

/* A block whose time is over is no longer wanted. */
static void add_over(struct explanation *explanation)
{
	struct text *text = against_add(explanation);

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

		if (explanation->verdict.guards & 1u << guard && (text = against_add(explanation)))
			verdict_against(explanation->verdicts, &explanation->verdict,
					(enum guard)guard, text);
	}
}

/* A block stops what comes after the evidence was enough. */
static uint32_t block_from(uint32_t decided)
{
	return decided ? decided + 1 : 0;
}

static void set_block(struct explanation *explanation)
{
	const struct verdict *verdict = &explanation->verdict;

	explanation->ttl_s = verdict->ttl_s;
	explanation->decided = verdict->decided;
	explanation->block_until =
		verdict->decided ? (uint64_t)verdict->until + verdict->ttl_s : UINT64_MAX;
	explanation->stopped =
		subject_between(explanation->subject, verdict->decided, explanation->block_until);
}

static void explain_client(struct explanation *explanation)
{
	const struct origins *origins = context_of(explanation)->origins;
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
		add_finding(explanation, &explanation->verdict.findings[i]);
	set_block(explanation);
	add_guards(explanation);
	add_older_mail(explanation, origin);
	if (explanation->kind == VERDICT_BLOCK && is_over(explanation, &explanation->verdict))
		add_over(explanation);
}

static struct explained_client *add_client(struct explanation *explanation, uint32_t origin)
{
	struct explained_client *client;

	ARRAY_GROW(explanation->clients, explanation->client_count, explanation->client_capacity);
	client = &explanation->clients[explanation->client_count++];
	*client = (struct explained_client){
		.origin = origin,
		.verdict = verdicts_of(explanation->verdicts, origin),
	};
	if (client->verdict.kind == VERDICT_BLOCK && is_over(explanation, &client->verdict))
		client->verdict.kind = VERDICT_WATCH;
	return client;
}

static int client_order(const void *a, const void *b, void *data)
{
	const struct explained_client *left = a, *right = b;
	const struct origin *one = origins_at(data, left->origin),
			    *other = origins_at(data, right->origin);

	if (left->verdict.kind != right->verdict.kind)
		return left->verdict.kind > right->verdict.kind ? -1 : 1;
	if (one->attempts != other->attempts)
		return one->attempts > other->attempts ? -1 : 1;
	return prefix_compare(&one->prefix, &other->prefix);
}

static void sort_clients(struct explanation *explanation)
{
	if (explanation->client_count > 1)
		qsort_r(explanation->clients, explanation->client_count,
			sizeof(*explanation->clients), client_order,
			context_of(explanation)->origins);
}

static void count_kinds(const struct explanation *explanation, size_t kinds[static 3])
{
	kinds[VERDICT_CLEAR] = kinds[VERDICT_WATCH] = kinds[VERDICT_BLOCK] = 0;
	for (size_t i = 0; i < explanation->client_count; i++)
		kinds[explanation->clients[i].verdict.kind]++;
}

static void say_totals(const struct explanation *explanation, struct text *text)
{
	const struct subject_totals *totals = &explanation->subject->totals;

	text_counted(text, totals->sessions, "session");
	text_add(text, VIEW(", "));
	text_counted(text, totals->refusals, "refusal");
	text_add(text, VIEW(" and "));
	text_counted(text, totals->messages, "message");
	text_add(text, VIEW(" taken in, "));
	words_period(text, totals->first, totals->last, explanation->verdicts->zone);
}

static void say_network(struct explanation *explanation)
{
	struct text *text = &explanation->because;
	size_t kinds[3];

	count_kinds(explanation, kinds);
	text_counted(text, explanation->client_count, "client");
	text_format(text, " %s known in %s: %zu to block, %zu to watch, %zu clear; ",
		    explanation->client_count == 1 ? "is" : "are", text_string(&explanation->title),
		    kinds[VERDICT_BLOCK], kinds[VERDICT_WATCH], kinds[VERDICT_CLEAR]);
	say_totals(explanation, text);
}

/* What speaks against a block of one client, or of the network around it. */
static void add_client_guards(struct explanation *explanation,
			      const struct explained_client *client)
{
	const struct verdict *verdict = &client->verdict;
	enum guard guard = (enum guard)__builtin_ctz(verdict->guards);
	struct text *text = against_add(explanation);

	if (!text)
		return;
	verdict_subject(explanation->verdicts, verdict->origin, text);
	text_add(text, VIEW(" "));
	verdict_against(explanation->verdicts, verdict, guard, text);
}

static void add_network_guards(struct explanation *explanation)
{
	const struct subject *subject = explanation->subject;
	struct text *text;

	for (size_t i = 0; i < explanation->client_count; i++)
		if (explanation->clients[i].verdict.guards != 0)
			add_client_guards(explanation, &explanation->clients[i]);
	if (explanation->against_count == 0 &&
	    guards_inside(explanation->verdicts->guards, &subject->prefix) &&
	    (text = against_add(explanation)))
		text_add(text, VIEW("what lies in it is ours, or is allowed, at least in part"));
}

static void set_network_block(struct explanation *explanation)
{
	uint32_t decided = UINT32_MAX;

	for (size_t i = 0; i < explanation->client_count; i++) {
		const struct verdict *verdict = &explanation->clients[i].verdict;
		uint64_t until = (uint64_t)verdict->until + verdict->ttl_s;

		if (verdict->kind > explanation->kind)
			explanation->kind = verdict->kind;
		if (verdict->decided == 0)
			continue;
		decided = verdict->decided < decided ? verdict->decided : decided;
		if (until > explanation->block_until)
			explanation->block_until = until;
		if (verdict->ttl_s > explanation->ttl_s)
			explanation->ttl_s = verdict->ttl_s;
	}
	explanation->decided = decided == UINT32_MAX ? 0 : decided;
	if (explanation->decided == 0)
		explanation->block_until = UINT64_MAX;
	explanation->stopped = subject_between(
		explanation->subject, block_from(explanation->decided), explanation->block_until);
}

static void explain_network(struct explanation *explanation)
{
	const struct origins *origins = context_of(explanation)->origins;

	for (uint32_t n = 1; n <= origins_count(origins); n++) {
		const struct origin *origin = origins_at(origins, n);

		if (origin->first <= origin->last &&
		    prefix_contains(&explanation->subject->prefix, &origin->prefix))
			add_client(explanation, n);
	}
	sort_clients(explanation);
	for (size_t i = 0; i < explanation->client_count; i++)
		for (size_t n = 0; n < explanation->clients[i].verdict.finding_count; n++)
			add_finding(explanation, &explanation->clients[i].verdict.findings[n]);
	if (explanation->client_count > 0)
		say_network(explanation);
	set_network_block(explanation);
	add_network_guards(explanation);
}

static bool is_mailbox(const struct explanation *explanation, uint32_t string)
{
	return explanation->subject->kind == SUBJECT_MAILBOX && string != 0 &&
	       view_is_nocase(strings_get(explanation->judgement->directory->strings, string),
			      explanation->subject->mailbox);
}

bool explain_in_pair(const struct explanation *explanation, const struct pair_pattern *pair)
{
	return is_mailbox(explanation, pair->sender) || is_mailbox(explanation, pair->recipient);
}

bool explain_in_box(const struct explanation *explanation, const struct family_box *box)
{
	return is_mailbox(explanation, box->recipient);
}

bool explain_in_family(const struct explanation *explanation, const struct family_member *member)
{
	const struct directory *directory = explanation->judgement->directory;

	return explanation->subject->kind != SUBJECT_MAILBOX && member->client != 0 &&
	       prefix_contains_ip(&explanation->subject->prefix,
				  &directory_client_at(directory, member->client)->ip);
}

const struct enrichment_row *explain_enrichment(const struct explanation *explanation)
{
	const struct judgement *judgement = explanation->judgement;
	const struct origin *origin;

	if (explanation->origin == 0)
		return NULL;
	origin = origins_at(context_of(explanation)->origins, explanation->origin);
	return enrichment_find(&judgement->enrichment,
			       &directory_client_at(judgement->directory, origin->client)->ip);
}

/* Findings whose evidence names the mail address. */
static void find_mailbox(struct explanation *explanation)
{
	const struct findings *findings = &explanation->judgement->findings;

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		for (unsigned int n = 0; n < finding->evidence_count; n++)
			if (finding->evidence[n].kind == EVIDENCE_STRING &&
			    is_mailbox(explanation, (uint32_t)finding->evidence[n].number)) {
				add_finding(explanation, finding);
				break;
			}
	}
}

static bool is_in_pattern(const struct explanation *explanation)
{
	const struct patterns *patterns = &explanation->patterns;

	for (size_t i = 0; i < patterns->pair_count; i++)
		if (explain_in_pair(explanation, &patterns->pairs[i]))
			return true;
	for (size_t i = 0; i < patterns->box_count; i++)
		if (explain_in_box(explanation, &patterns->boxes[i]))
			return true;
	return explanation->finding_count > 0;
}

static void say_use(const struct explanation *explanation, struct text *text)
{
	const struct subject_totals *totals = &explanation->subject->totals;
	const struct {
		uint64_t count;
		const char *words;
	} uses[] = {
		{totals->as_sender, "as the sender"},
		{totals->as_recipient, "as the recipient"},
		{totals->as_user, "as the user of a failed login"},
	};
	const char *before = " was refused ";

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (uses[i].count == 0)
			continue;
		text_add(text, view_string(before));
		text_counted(text, uses[i].count, "time");
		text_format(text, " %s", uses[i].words);
		before = ", ";
	}
	if (explanation->client_count > 0) {
		text_add(text, VIEW(", from "));
		text_counted(text, explanation->client_count, "client");
		text_add(text, VIEW(", "));
		words_period(text, totals->first, totals->last, explanation->verdicts->zone);
	}
}

static void add_mail_days(struct explanation *explanation, uint32_t days, uint32_t last,
			  const char *what)
{
	struct text *text = days ? against_add(explanation) : NULL;

	if (!text)
		return;
	text_add(text, view_string(what));
	text_counted(text, days, "day");
	text_add(text, VIEW(", the last of them "));
	words_day(text, last * CIVIL_DAY_S, NULL);
}

static void explain_mailbox(struct explanation *explanation)
{
	struct subject *subject = explanation->subject;
	const struct subject_totals *totals = &subject->totals;

	for (uint32_t i = 0; i < subject->clients.count; i++) {
		const struct mailbox_client *use = map_row(&subject->clients, i);
		uint32_t origin = origins_of_client(context_of(explanation)->origins, use->client);

		add_client(explanation, origin)->use = use;
	}
	sort_clients(explanation);
	find_mailbox(explanation);
	explanation->kind = is_in_pattern(explanation) ? VERDICT_WATCH : VERDICT_CLEAR;
	if (totals->first <= totals->last) {
		text_safe(&explanation->because, subject->mailbox, NAME_WIDTH);
		say_use(explanation, &explanation->because);
		if (explanation->kind == VERDICT_WATCH)
			text_add(&explanation->because, VIEW("; it is part of a pattern of abuse"));
	}
	add_mail_days(explanation, totals->sender_days, totals->sender_day,
		      "mail from it was taken in on ");
	add_mail_days(explanation, totals->recipient_days, totals->recipient_day,
		      "mail to it was delivered on ");
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

		if (finding->grade != GRADE_NOTE && finding->decided != 0)
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
		text_safe(&explanation->title, subject->mailbox, NAME_WIDTH);
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
