/* An explanation for programs. The names of its keys are a contract. */
#include <inttypes.h>

#include "base/safe.h"
#include "block/plan.h"
#include "cmd/explain_parts.h"
#include "report/writer.h"

static void key(const char *name)
{
	printf(",\n  \"%s\": ", name);
}

/* The N-th element of an array on lines of its own. */
static void element(size_t n)
{
	fputs(n ? ",\n    " : "\n    ", stdout);
}

static void array_end(size_t count)
{
	fputs(count ? "\n  ]" : "]", stdout);
}

static void put_text(const struct text *text)
{
	safe_json(stdout, view_string(text_string(text)));
}

static void put_string(const struct strings *strings, uint32_t string)
{
	safe_json(stdout, strings_get(strings, string));
}

static void put_name(struct view name)
{
	if (name.len > 0)
		safe_json(stdout, name);
	else
		fputs("null", stdout);
}

static void put_time(const struct explanation *explanation, uint64_t time)
{
	if (time == 0 || time >= UINT32_MAX)
		fputs("null", stdout);
	else
		json_time(stdout, (int64_t)time, explanation->verdicts->zone);
}

static void put_ip(const struct explanation *explanation, uint32_t client)
{
	char ip[IP_TEXT_MAX];

	if (client == 0) {
		fputs("null", stdout);
		return;
	}
	ip_format(&directory_client_at(explanation->judgement->directory, client)->ip, ip);
	printf("\"%s\"", ip);
}

static struct view name_of(const struct explanation *explanation, uint32_t origin,
			   bool *ret_confirmed)
{
	const struct origins *origins =
		detection_context(explanation->judgement->detection)->origins;
	struct view name = guards_confirmed_name(explanation->verdicts->guards, origin);

	*ret_confirmed = name.len > 0;
	if (name.len > 0)
		return name;
	name = origin_name(origins, origins_at(origins, origin), ret_confirmed);
	*ret_confirmed = false;
	return name;
}

/* "client" is what was asked for; an IPv6 client stands for its network. */
static void put_subject(const struct explanation *explanation)
{
	const struct subject *subject = explanation->subject;
	char network[PREFIX_TEXT_MAX];
	struct view name = VIEW("");
	bool confirmed = false;

	if (explanation->origin != 0)
		name = name_of(explanation, explanation->origin, &confirmed);
	fputs("{\n  \"client\": ", stdout);
	safe_json(stdout, view_trim(view_string(subject->asked)));
	key("kind");
	fputs(subject->kind == SUBJECT_CLIENT	 ? "\"client\""
	      : subject->kind == SUBJECT_NETWORK ? "\"network\""
						 : "\"address\"",
	      stdout);
	key("name");
	put_name(name);
	key("confirmed");
	fputs(confirmed ? "true" : "false", stdout);
	key("network");
	if (subject->kind == SUBJECT_MAILBOX) {
		fputs("null", stdout);
		return;
	}
	prefix_format_network(&subject->prefix, network);
	printf("\"%s\"", network);
}

static void put_findings(const struct explanation *explanation)
{
	key("findings");
	fputs("[", stdout);
	for (size_t i = 0; i < explanation->finding_count; i++) {
		element(i);
		block_finding_json(stdout, explanation->judgement->detection,
				   explanation->findings[i]);
	}
	array_end(explanation->finding_count);
}

static void put_against(const struct explanation *explanation)
{
	key("against");
	fputs("[", stdout);
	for (size_t i = 0; i < explanation->against_count; i++) {
		element(i);
		put_text(&explanation->against[i]);
	}
	array_end(explanation->against_count);
}

static void put_strings(const struct strings *strings, const uint32_t *list, size_t count)
{
	fputs("[", stdout);
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ", " : "", stdout);
		put_string(strings, list[i]);
	}
	fputs("]", stdout);
}

static void put_refused(const struct explanation *explanation, const struct refused *refused)
{
	const struct strings *strings = explanation->judgement->directory->strings;

	printf("{\"reason\": \"%s\", \"count\": %" PRIu64 ", \"code\": ",
	       reason_name((enum reason)refused->reason), refused->count);
	if (refused->code != 0)
		printf("%u", refused->code);
	else
		fputs("null", stdout);
	fputs(", \"senders\": ", stdout);
	put_strings(strings, refused->senders, refused->sender_count);
	fputs(", \"recipients\": ", stdout);
	put_strings(strings, refused->recipients, refused->recipient_count);
	printf(", \"more\": %s, \"reply\": ",
	       refused->more_senders || refused->more_recipients ? "true" : "false");
	put_string(strings, refused->text);
	fputs("}", stdout);
}

static void put_session(const struct explanation *explanation, const struct session_fact *session)
{
	struct refused refused[REFUSED_MAX];
	size_t count;
	const struct attempt *attempts =
		subject_attempts(explanation->subject, session->number, &count);
	size_t kinds = session->number ? explain_refused(attempts, count, refused) : 0;

	fputs("{\"client\": ", stdout);
	put_ip(explanation, session->client);
	fputs(", \"start\": ", stdout);
	put_time(explanation, session->start);
	fputs(", \"end\": ", stdout);
	put_time(explanation, session->end);
	printf(", \"seconds\": %u, \"exact\": %s, \"helo\": ", session->end - session->start,
	       session->flags & SESSION_INFERRED ? "false" : "true");
	put_name(strings_get(explanation->judgement->directory->strings, session->helo));
	printf(", \"refusals\": %u, \"accepted\": %u, \"auth_failures\": %u, \"ending\": ",
	       session->refusals, session->accepted, session->users_failed);
	put_name(view_string(explain_ending(session)));
	fputs(", \"refused\": [", stdout);
	for (size_t i = 0; i < kinds; i++) {
		fputs(i ? ", " : "", stdout);
		put_refused(explanation, &refused[i]);
	}
	fputs("]}", stdout);
}

static void put_sessions(const struct explanation *explanation)
{
	const struct subject *subject = explanation->subject;

	key("sessions");
	fputs("[", stdout);
	for (size_t i = 0; i < subject->sessions.count; i++) {
		element(i);
		put_session(explanation, subject_session(subject, i));
	}
	array_end(subject->sessions.count);
	key("sessions_total");
	printf("%" PRIu64, subject->totals.sessions);
}

static void put_timeline(const struct explanation *explanation)
{
	static const char *const events[] = {"session", "refused", "finding"};
	struct text text = {0};

	key("timeline");
	fputs("[", stdout);
	for (size_t i = 0; i < explanation->timeline_count; i++) {
		const struct timeline_entry *entry = &explanation->timeline[i];

		element(i);
		fputs("{\"time\": ", stdout);
		put_time(explanation, entry->time);
		printf(", \"event\": \"%s\", \"text\": ", events[entry->kind]);
		explain_say_entry(explanation, entry, &text);
		put_text(&text);
		text_clear(&text);
		fputs("}", stdout);
	}
	array_end(explanation->timeline_count);
	key("timeline_left_out");
	printf("%" PRIu64, explanation->timeline_left_out);
	text_release(&text);
}

static void put_client(const struct explanation *explanation, const struct explained_client *client)
{
	const struct origins *origins =
		detection_context(explanation->judgement->detection)->origins;
	const struct origin *origin = origins_at(origins, client->origin);
	char prefix[PREFIX_TEXT_MAX];
	struct text because = {0};
	bool confirmed;

	prefix_format(&origin->prefix, prefix);
	printf("{\"client\": \"%s\", \"name\": ", prefix);
	put_name(name_of(explanation, client->origin, &confirmed));
	printf(", \"confirmed\": %s, \"verdict\": \"%s\", \"because\": ",
	       confirmed ? "true" : "false", verdict_name(client->verdict.kind));
	verdict_because(explanation->verdicts, &client->verdict, &because);
	put_text(&because);
	text_release(&because);
	printf(", \"sessions\": %u, \"refusals\": %u, \"messages\": %u", origin->sessions,
	       origin->attempts, origin->messages);
	if (client->use) {
		printf(", \"as_sender\": %u, \"as_recipient\": %u, \"first\": ",
		       client->use->as_sender, client->use->as_recipient);
		put_time(explanation, client->use->first);
		fputs(", \"last\": ", stdout);
		put_time(explanation, client->use->last);
	}
	fputs("}", stdout);
}

static void put_clients(const struct explanation *explanation)
{
	if (explanation->subject->kind == SUBJECT_CLIENT)
		return;
	key("clients");
	fputs("[", stdout);
	for (size_t i = 0; i < explanation->client_count; i++) {
		element(i);
		put_client(explanation, &explanation->clients[i]);
	}
	array_end(explanation->client_count);
}

static void put_pair(const struct explanation *explanation, const struct pair_pattern *pair)
{
	const struct strings *strings = explanation->judgement->directory->strings;

	fputs("{\"sender\": ", stdout);
	put_string(strings, pair->sender);
	fputs(", \"recipient\": ", stdout);
	put_string(strings, pair->recipient);
	printf(", \"clients\": %u, \"sources\": %u, \"attempts\": %u, \"cleared\": %s, \"first\": ",
	       pair->clients, pair->sources, pair->attempts, pair->cleared ? "true" : "false");
	put_time(explanation, pair->first);
	fputs(", \"last\": ", stdout);
	put_time(explanation, pair->last);
	fputs("}", stdout);
}

static void put_pairs(const struct explanation *explanation)
{
	const struct patterns *patterns = &explanation->patterns;
	size_t count = 0;

	key("pairs");
	fputs("[", stdout);
	for (size_t i = 0; i < patterns->pair_count; i++) {
		if (!explain_in_pair(explanation, &patterns->pairs[i]))
			continue;
		element(count++);
		put_pair(explanation, &patterns->pairs[i]);
	}
	array_end(count);
}

static void put_family(const struct explanation *explanation, uint32_t number, uint32_t first,
		       uint32_t last)
{
	const struct family *family = &explanation->patterns.families[number];

	printf("{\"family\": \"%s\", \"label\": ", family->name);
	safe_json(stdout, view_string(family->label));
	fputs(", \"first\": ", stdout);
	put_time(explanation, first);
	fputs(", \"last\": ", stdout);
	put_time(explanation, last);
	fputs("}", stdout);
}

static void put_families(const struct explanation *explanation)
{
	const struct patterns *patterns = &explanation->patterns;
	size_t count = 0;

	key("families");
	fputs("[", stdout);
	for (size_t i = 0; i < patterns->member_count; i++) {
		const struct family_member *member = &patterns->members[i];

		if (!explain_in_family(explanation, member))
			continue;
		element(count++);
		put_family(explanation, member->family, member->first, member->last);
	}
	for (size_t i = 0; i < patterns->box_count; i++) {
		const struct family_box *box = &patterns->boxes[i];

		if (!explain_in_box(explanation, box))
			continue;
		element(count++);
		put_family(explanation, box->family, box->first, box->last);
	}
	for (size_t i = 0; i < patterns->sender_count; i++) {
		const struct family_sender *sender = &patterns->senders[i];
		const struct family *family = &patterns->families[sender->family];

		if (!explain_in_senders(explanation, sender))
			continue;
		element(count++);
		put_family(explanation, sender->family, family->first, family->last);
	}
	array_end(count);
}

static void put_state(const char *name, uint8_t state)
{
	printf(", \"%s\": %s", name,
	       state == ENRICHMENT_YES	? "true"
	       : state == ENRICHMENT_NO ? "false"
					: "null");
}

static void put_lists(const struct explanation *explanation, const struct enrichment_row *row)
{
	const struct enrichment *enrichment = &explanation->judgement->enrichment;
	size_t count = 0;

	fputs(", \"lists\": [", stdout);
	for (uint32_t i = 0; i < enrichment->zone_count; i++) {
		if (!((row->listed | row->not_listed) & 1u << i))
			continue;
		fputs(count++ ? ", {\"list\": " : "{\"list\": ", stdout);
		put_string(enrichment->strings, enrichment->zones[i]);
		printf(", \"listed\": %s, \"asked\": ", row->listed & 1u << i ? "true" : "false");
		put_time(explanation, row->zone_asked[i]);
		fputs("}", stdout);
	}
	fputs("]", stdout);
}

static void put_enrichment(const struct explanation *explanation)
{
	const struct strings *strings = explanation->judgement->enrichment.strings;
	const struct enrichment_row *row = explain_enrichment(explanation);
	char network[PREFIX_TEXT_MAX];

	if (!row)
		return;
	key("enrichment");
	fputs("{\"name\": ", stdout);
	put_name(strings_get(strings, row->name));
	put_state("has_name", row->ptr);
	put_state("confirmed", row->confirmed);
	printf(", \"dynamic\": %s, \"asked\": ", row->dynamic ? "true" : "false");
	put_time(explanation, row->asked);
	fputs(", \"network\": ", stdout);
	prefix_format_network(&row->network, network);
	put_name(view_string(row->network.bits ? network : ""));
	fputs(", \"as_number\": ", stdout);
	if (row->as_number != 0)
		printf("%u", row->as_number);
	else
		fputs("null", stdout);
	fputs(", \"organisation\": ", stdout);
	put_name(strings_get(strings, row->organisation));
	fputs(", \"country\": ", stdout);
	put_name(strings_get(strings, row->country));
	put_lists(explanation, row);
	fputs("}", stdout);
}

static void put_totals(const struct explanation *explanation)
{
	const struct subject_totals *totals = &explanation->subject->totals;
	bool known = totals->first <= totals->last;
	size_t count = 0;

	key("known");
	fputs("{\"first\": ", stdout);
	put_time(explanation, known ? totals->first : 0);
	fputs(", \"last\": ", stdout);
	put_time(explanation, known ? totals->last : 0);
	printf(", \"sessions\": %" PRIu64 ", \"refusals\": %" PRIu64 ", \"messages\": %" PRIu64
	       ", \"reasons\": {",
	       totals->sessions, totals->refusals, totals->messages);
	for (int reason = 0; reason < REASON_MAX; reason++)
		if (totals->reasons[reason] > 0)
			printf("%s\"%s\": %" PRIu64, count++ ? ", " : "",
			       reason_name((enum reason)reason), totals->reasons[reason]);
	fputs("}}", stdout);
}

static void put_block(const struct explanation *explanation)
{
	uint32_t newest = explain_context(explanation)->newest;
	uint64_t until = explanation->decided ? explanation->block_until : newest;

	key("ttl_seconds");
	printf("%u", explanation->ttl_s);
	key("block");
	fputs("{\"from\": ", stdout);
	put_time(explanation, explanation->decided);
	fputs(", \"until\": ", stdout);
	put_time(explanation, explanation->block_until);
	printf(", \"seconds_left\": %" PRIu64 ", \"times_renewed\": %u",
	       until > newest ? until - newest : 0, explanation->again);
	printf(", \"connections_stopped\": %u, \"refusals_stopped\": %u, "
	       "\"wanted_messages_lost\": %u}",
	       explanation->stopped.connections, explanation->stopped.refusals,
	       explanation->stopped.messages);
}

void explain_json(const struct explanation *explanation)
{
	put_subject(explanation);
	key("verdict");
	printf("\"%s\"", verdict_name(explanation->kind));
	key("because");
	put_text(&explanation->because);
	put_findings(explanation);
	put_against(explanation);
	put_block(explanation);
	put_totals(explanation);
	put_clients(explanation);
	put_pairs(explanation);
	put_families(explanation);
	put_enrichment(explanation);
	put_sessions(explanation);
	put_timeline(explanation);
	fputs("\n}\n", stdout);
}
