/* The explanation of a network or a mail address, which several clients stand behind. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "cmd/explain_parts.h"
#include "verdict/words.h"

static struct explained_client *add_client(struct explanation *explanation, uint32_t origin)
{
	struct explained_client *client;

	ARRAY_GROW(explanation->clients, explanation->client_count, explanation->client_capacity);
	client = &explanation->clients[explanation->client_count++];
	*client = (struct explained_client){
		.origin = origin,
		.verdict = verdicts_of(explanation->verdicts, origin),
	};
	if (client->verdict.kind == VERDICT_BLOCK && explain_is_over(explanation, &client->verdict))
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
			explain_context(explanation)->origins);
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
	struct text *text = explain_against(explanation);

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
	    (text = explain_against(explanation)))
		text_add(text, VIEW("what lies in it is ours, or is allowed, at least in part"));
}

/* When a block could have begun, by the first of its clients, and how long it would last, by the
   last of them. */
static void set_network_block(struct explanation *explanation)
{
	uint32_t decided = UINT32_MAX;

	for (size_t i = 0; i < explanation->client_count; i++) {
		const struct verdict *verdict = &explanation->clients[i].verdict;
		uint64_t until = (uint64_t)verdict->until + verdict->ttl_s;

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
	explanation->stopped =
		explain_stopped(explanation, explanation->decided, explanation->block_until);
}

/* A network as a whole is for blocking only where that hits nobody else: nobody in it is
   guarded, and something speaks against each one known. */
static void judge_network(struct explanation *explanation)
{
	size_t kinds[3];

	count_kinds(explanation, kinds);
	if (kinds[VERDICT_BLOCK] + kinds[VERDICT_WATCH] == 0)
		explanation->kind = VERDICT_CLEAR;
	else if (kinds[VERDICT_BLOCK] == 0 || kinds[VERDICT_CLEAR] > 0 ||
		 guards_inside(explanation->verdicts->guards, &explanation->subject->prefix))
		explanation->kind = VERDICT_WATCH;
	else
		explanation->kind = VERDICT_BLOCK;
}

void explain_network(struct explanation *explanation)
{
	const struct origins *origins = explain_context(explanation)->origins;

	for (uint32_t n = 1; n <= origins_count(origins); n++) {
		const struct origin *origin = origins_at(origins, n);

		if (origin->first <= origin->last &&
		    prefix_contains(&explanation->subject->prefix, &origin->prefix))
			add_client(explanation, n);
	}
	sort_clients(explanation);
	for (size_t i = 0; i < explanation->client_count; i++)
		for (size_t n = 0; n < explanation->clients[i].verdict.finding_count; n++)
			explain_add_finding(explanation,
					    &explanation->clients[i].verdict.findings[n]);
	if (explanation->client_count > 0)
		say_network(explanation);
	set_network_block(explanation);
	judge_network(explanation);
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
	return explanation->subject->kind == SUBJECT_MAILBOX &&
	       view_is_nocase(view_string(box->address), explanation->subject->mailbox);
}

bool explain_in_senders(const struct explanation *explanation, const struct family_sender *sender)
{
	return explanation->subject->kind == SUBJECT_MAILBOX &&
	       sender->hash == detect_address_hash(explanation->subject->mailbox);
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
	origin = origins_at(explain_context(explanation)->origins, explanation->origin);
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
				explain_add_finding(explanation, finding);
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
	for (size_t i = 0; i < patterns->sender_count; i++)
		if (explain_in_senders(explanation, &patterns->senders[i]))
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
	struct text *text = days ? explain_against(explanation) : NULL;

	if (!text)
		return;
	text_add(text, view_string(what));
	text_counted(text, days, "day");
	text_add(text, VIEW(", the last of them "));
	words_day(text, last * CIVIL_DAY_S, NULL);
}

static bool is_ours(const struct explanation *explanation)
{
	return detect_is_ours(explain_context(explanation),
			      detect_domain(explanation->subject->mailbox));
}

int explain_resolve(struct judgement *judgement, const struct subject *subject)
{
	const struct map *clients = &judgement->directory->clients;
	_cleanup_free_ struct ip *list = memory_get_zeroed(clients->count + 1, sizeof(struct ip));
	size_t count = 0;

	for (uint32_t id = 1; id <= clients->count; id++) {
		const struct ip *ip = &directory_client_at(judgement->directory, id)->ip;

		if (subject->kind == SUBJECT_MAILBOX
			    ? map_find(&subject->clients, &id, map_hash(&subject->clients, &id)) !=
				      NULL
			    : prefix_contains_ip(&subject->prefix, ip))
			list[count++] = *ip;
	}
	return judgement_resolve(judgement, list, count);
}

void explain_mailbox(struct explanation *explanation)
{
	struct subject *subject = explanation->subject;
	const struct subject_totals *totals = &subject->totals;

	for (uint32_t i = 0; i < subject->clients.count; i++) {
		const struct mailbox_client *use = map_row(&subject->clients, i);
		uint32_t origin =
			origins_of_client(explain_context(explanation)->origins, use->client);

		add_client(explanation, origin)->use = use;
	}
	sort_clients(explanation);
	find_mailbox(explanation);
	if (!is_ours(explanation) && is_in_pattern(explanation))
		explanation->kind = VERDICT_WATCH;
	if (totals->first <= totals->last) {
		text_safe(&explanation->because, subject->mailbox, EXPLAIN_NAME_WIDTH);
		say_use(explanation, &explanation->because);
		if (is_ours(explanation))
			text_add(&explanation->because, VIEW("; it is ours, and not to blame"));
		else if (explanation->kind == VERDICT_WATCH)
			text_add(&explanation->because, VIEW("; it is part of a pattern of abuse"));
	} else if (explanation->kind == VERDICT_WATCH) {
		text_safe(&explanation->because, subject->mailbox, EXPLAIN_NAME_WIDTH);
		text_add(&explanation->because, VIEW(" was part of a pattern of abuse before"));
	}
	add_mail_days(explanation, totals->sender_days, totals->sender_day,
		      "mail from it was taken in on ");
	add_mail_days(explanation, totals->recipient_days, totals->recipient_day,
		      "mail to it was delivered on ");
}
