/* An explanation for people. Everything that strangers wrote was made harmless when it became part
   of a struct text. */
#include "base/safe.h"
#include "cmd/explain.h"
#include "verdict/words.h"

#define INDENT 2
#define STAMP_COLUMN 23 /* behind "  2026-11-22 01:11:45  " */
#define NAME_WIDTH 80
#define PATTERNS_SHOWN 10

static void heading(const struct explanation *explanation, const char *words)
{
	bool colour = explanation->judgement->options->report.colour;

	printf("\n%s%s%s\n", colour ? "\033[1m" : "", words, colour ? "\033[0m" : "");
}

/* TEXT as a paragraph that begins with a dash or stamp of COLUMN columns already printed. */
static void paragraph(const struct text *text, size_t indent, size_t column)
{
	help_wrap(stdout, text_string(text), indent, column);
}

static void bullet(struct text *text)
{
	fputs("  - ", stdout);
	paragraph(text, 4, 4);
	text_clear(text);
}

static size_t count_blocks(const struct explanation *explanation)
{
	size_t count = 0;

	for (size_t i = 0; i < explanation->client_count; i++)
		count += explanation->clients[i].verdict.kind == VERDICT_BLOCK;
	return count;
}

static void print_verdict(const struct explanation *explanation)
{
	bool colour = explanation->judgement->options->report.colour;
	bool block = explanation->kind == VERDICT_BLOCK;
	size_t blocks = count_blocks(explanation);
	struct text text = {0};

	printf("%s: %s%s%s", text_string(&explanation->title),
	       colour ? (block ? "\033[1;31m" : "\033[1m") : "", verdict_name(explanation->kind),
	       colour ? "\033[0m" : "");
	if (block) {
		text_add(&text, VIEW(", for "));
		text_span(&text, explanation->ttl_s);
		text_add(&text, VIEW(" after it was last seen at it"));
	} else if (blocks > 0 && explanation->subject->kind == SUBJECT_NETWORK) {
		text_format(&text, "; block %zu of its clients one by one", blocks);
	}
	puts(text_string(&text));
	text_release(&text);
}

static void print_against(const struct explanation *explanation)
{
	heading(explanation, "What speaks against it");
	if (explanation->against_count == 0)
		puts("  Nothing.");
	for (size_t i = 0; i < explanation->against_count; i++) {
		fputs("  - ", stdout);
		paragraph(&explanation->against[i], 4, 4);
	}
	if (explanation->against_more > 0)
		printf("  - and %zu more\n", explanation->against_more);
}

static void add_evidence(const struct explanation *explanation, const struct evidence *evidence,
			 struct text *text)
{
	const struct directory *directory = explanation->judgement->directory;
	char ip[IP_TEXT_MAX] = "unknown";

	text_format(text, "; %s ", evidence->name);
	switch (evidence->kind) {
	case EVIDENCE_COUNT:
		text_number(text, evidence->number);
		break;
	case EVIDENCE_SECONDS:
		text_span(text, evidence->number);
		break;
	case EVIDENCE_TIME:
		words_time(text, (uint32_t)evidence->number, explanation->verdicts->zone);
		break;
	case EVIDENCE_PER_MILLE:
		text_format(text, "%.1f %%", (double)evidence->number / 10);
		break;
	case EVIDENCE_STRING:
		text_add(text, VIEW("<"));
		text_safe(text, strings_get(directory->strings, (uint32_t)evidence->number),
			  NAME_WIDTH);
		text_add(text, VIEW(">"));
		break;
	case EVIDENCE_CLIENT:
		if (evidence->number != 0)
			ip_format(&directory_client_at(directory, (uint32_t)evidence->number)->ip,
				  ip);
		text_add(text, view_string(ip));
		break;
	case EVIDENCE_WORDS:
		text_add(text, view_string(evidence->words));
		break;
	}
}

static void print_finding(const struct explanation *explanation, const struct finding *finding)
{
	struct text text = {0};

	if (explanation->subject->kind != SUBJECT_CLIENT) {
		verdict_subject(explanation->verdicts, finding->origin, &text);
		text_add(&text, VIEW(": "));
	}
	text_format(&text, "%s (%s): ", finding->pattern, grade_name((enum grade)finding->grade));
	detection_say(explanation->judgement->detection, finding, &text);
	text_add(&text, VIEW("; "));
	words_period(&text, finding->since, finding->until, explanation->verdicts->zone);
	for (unsigned int i = 0; i < finding->evidence_count; i++)
		add_evidence(explanation, &finding->evidence[i], &text);
	bullet(&text);
	text_release(&text);
}

static size_t rows_shown(const struct explanation *explanation, size_t count)
{
	size_t top = 2 * explanation->subject->sessions.keep;

	return count < top ? count : top;
}

static void print_findings(const struct explanation *explanation)
{
	size_t shown = rows_shown(explanation, explanation->finding_count);

	/* The clients of a network tell theirs in their own sentences. */
	if (shown == 0 || explanation->subject->kind == SUBJECT_NETWORK)
		return;
	heading(explanation, "Findings");
	for (size_t i = 0; i < shown; i++)
		print_finding(explanation, explanation->findings[i]);
	if (explanation->finding_count > shown)
		printf("  … %zu more …\n", explanation->finding_count - shown);
}

static void add_lists(const struct enrichment *enrichment, const struct enrichment_row *row,
		      struct zone *zone, struct text *text)
{
	for (uint32_t i = 0; i < enrichment->zone_count; i++) {
		if (!((row->listed | row->not_listed) & 1u << i))
			continue;
		text_add(text, row->listed & 1u << i ? VIEW("listed in ") : VIEW("not listed in "));
		text_safe(text, strings_get(enrichment->strings, enrichment->zones[i]), NAME_WIDTH);
		text_add(text, VIEW(" when asked on "));
		words_time(text, row->zone_asked[i], zone);
		bullet(text);
	}
}

static void add_network(const struct enrichment *enrichment, const struct enrichment_row *row,
			struct text *text)
{
	char prefix[PREFIX_TEXT_MAX];

	if (row->network.bits == 0 && row->as_number == 0)
		return;
	text_add(text, VIEW("network"));
	if (row->network.bits != 0) {
		prefix_format_network(&row->network, prefix);
		text_format(text, " %s", prefix);
	}
	if (row->as_number != 0)
		text_format(text, ", AS%u", row->as_number);
	if (row->organisation != 0) {
		text_add(text, VIEW(" "));
		text_safe(text, strings_get(enrichment->strings, row->organisation), NAME_WIDTH);
	}
	if (row->country != 0) {
		text_add(text, VIEW(", "));
		text_safe(text, strings_get(enrichment->strings, row->country), NAME_WIDTH);
	}
	bullet(text);
}

static void add_name(const struct enrichment *enrichment, const struct enrichment_row *row,
		     struct zone *zone, struct text *text)
{
	static const char *const confirmed[] = {"not known whether it leads back",
						"it leads back to the address",
						"it does not lead back to the address",
						"not known whether it leads back: no answer"};

	if (row->asked == 0)
		return;
	if (row->name != 0) {
		text_add(text, VIEW("named "));
		text_safe(text, strings_get(enrichment->strings, row->name), NAME_WIDTH);
		text_format(text, " in the DNS; %s", confirmed[row->confirmed]);
	} else {
		text_add(text, row->ptr == ENRICHMENT_NO ? VIEW("no name in the DNS")
							 : VIEW("name in the DNS not known"));
	}
	if (row->dynamic)
		text_add(text, VIEW("; the name is that of a home line"));
	text_add(text, VIEW("; asked on "));
	words_time(text, row->asked, zone);
	bullet(text);
}

static void print_enrichment(const struct explanation *explanation)
{
	const struct enrichment *enrichment = &explanation->judgement->enrichment;
	const struct enrichment_row *row = explain_enrichment(explanation);
	struct zone *zone = explanation->verdicts->zone;
	struct text text = {0};

	if (!row)
		return;
	heading(explanation, "What the network says");
	add_name(enrichment, row, zone, &text);
	add_lists(enrichment, row, zone, &text);
	add_network(enrichment, row, &text);
	text_release(&text);
}

static void print_client(const struct explanation *explanation,
			 const struct explained_client *client)
{
	struct text text = {0};

	text_format(&text, "%s: ", verdict_name(client->verdict.kind));
	verdict_because(explanation->verdicts, &client->verdict, &text);
	if (client->use) {
		text_add(&text, VIEW("; used this address "));
		text_counted(&text, (uint64_t)client->use->as_sender + client->use->as_recipient,
			     "time");
		text_add(&text, VIEW(", "));
		words_period(&text, client->use->first, client->use->last,
			     explanation->verdicts->zone);
	}
	bullet(&text);
	text_release(&text);
}

static void print_clients(const struct explanation *explanation)
{
	size_t shown = rows_shown(explanation, explanation->client_count);

	if (shown == 0)
		return;
	heading(explanation, "Clients");
	for (size_t i = 0; i < shown; i++)
		print_client(explanation, &explanation->clients[i]);
	if (explanation->client_count > shown)
		printf("  … %zu more …\n", explanation->client_count - shown);
}

static void print_pair(const struct explanation *explanation, const struct pair_pattern *pair)
{
	const struct directory *directory = explanation->judgement->directory;
	struct text text = {0};

	text_add(&text, VIEW("one mail, from <"));
	text_safe(&text, strings_get(directory->strings, pair->sender), NAME_WIDTH);
	text_add(&text, VIEW("> to <"));
	text_safe(&text, strings_get(directory->strings, pair->recipient), NAME_WIDTH);
	text_add(&text, VIEW(">, was tried "));
	text_counted(&text, pair->attempts, "time");
	text_add(&text, VIEW(" through "));
	text_counted(&text, pair->clients, "client");
	text_add(&text, VIEW(" "));
	words_period(&text, pair->first, pair->last, explanation->verdicts->zone);
	if (pair->cleared)
		text_add(&text, VIEW("; it was taken in later, so it is wanted"));
	bullet(&text);
	text_release(&text);
}

/* FIRST and LAST: of the subject's part in it. */
static void print_family(const struct explanation *explanation, uint32_t number, const char *part,
			 uint32_t first, uint32_t last)
{
	const struct family *family = &explanation->patterns.families[number];
	struct text text = {0};

	text_format(&text, "the scanner family %s (", family->name);
	text_safe(&text, view_string(family->label), NAME_WIDTH);
	text_format(&text, "), %s ", part);
	words_period(&text, first, last, explanation->verdicts->zone);
	text_add(&text, VIEW("; "));
	text_counted(&text, family->clients, "client");
	text_add(&text,
		 family->clients == 1 ? VIEW(" was seen in it ") : VIEW(" were seen in it "));
	words_period(&text, family->first, family->last, explanation->verdicts->zone);
	bullet(&text);
	text_release(&text);
}

static void print_sender_of(const struct explanation *explanation, uint32_t number)
{
	const struct family *family = &explanation->patterns.families[number];

	print_family(explanation, number, "as a sender", family->first, family->last);
}

/* Whether an earlier member told of the same family: of a network one is enough. */
static bool is_told(const struct explanation *explanation, size_t n)
{
	const struct family_member *members = explanation->patterns.members;

	for (size_t i = 0; i < n; i++)
		if (members[i].family == members[n].family &&
		    explain_in_family(explanation, &members[i]))
			return true;
	return false;
}

static void print_patterns(const struct explanation *explanation)
{
	const struct patterns *patterns = &explanation->patterns;
	size_t shown = 0;

	for (size_t i = 0; i < patterns->member_count && shown < PATTERNS_SHOWN; i++) {
		const struct family_member *member = &patterns->members[i];

		if (!explain_in_family(explanation, member) || is_told(explanation, i))
			continue;
		if (shown++ == 0)
			heading(explanation, "Part of");
		print_family(explanation, member->family, "as a client", member->first,
			     member->last);
	}
	for (size_t i = 0; i < patterns->box_count && shown < PATTERNS_SHOWN; i++) {
		const struct family_box *box = &patterns->boxes[i];

		if (!explain_in_box(explanation, box))
			continue;
		if (shown++ == 0)
			heading(explanation, "Part of");
		print_family(explanation, box->family, "as a drop-box", box->first, box->last);
	}
	for (size_t i = 0; i < patterns->sender_count && shown < PATTERNS_SHOWN; i++) {
		const struct family_sender *sender = &patterns->senders[i];

		if (!explain_in_senders(explanation, sender))
			continue;
		if (shown++ == 0)
			heading(explanation, "Part of");
		print_sender_of(explanation, sender->family);
	}
	for (size_t i = 0; i < patterns->pair_count && shown < PATTERNS_SHOWN; i++) {
		if (!explain_in_pair(explanation, &patterns->pairs[i]))
			continue;
		if (shown++ == 0)
			heading(explanation, "Part of");
		print_pair(explanation, &patterns->pairs[i]);
	}
}

static void print_entry(const struct explanation *explanation, const struct timeline_entry *entry)
{
	struct text text = {0};

	words_time(&text, entry->time, explanation->verdicts->zone);
	printf("  %s  ", text_string(&text));
	text_clear(&text);
	if (entry->kind == TIMELINE_FINDING)
		text_add(&text, VIEW("* "));
	explain_say_entry(explanation, entry, &text);
	paragraph(&text, STAMP_COLUMN, STAMP_COLUMN);
	text_release(&text);
}

static void print_left_out(const struct explanation *explanation)
{
	struct text text = {0};

	text_number(&text, explanation->timeline_left_out);
	printf("  … %s more …\n", text_string(&text));
	text_release(&text);
}

static void print_timeline(const struct explanation *explanation)
{
	size_t facts = 0, half = explanation->subject->sessions.keep;

	if (explanation->timeline_count == 0)
		return;
	heading(explanation, "What happened");
	for (size_t i = 0; i < explanation->timeline_count; i++) {
		const struct timeline_entry *entry = &explanation->timeline[i];

		if (entry->kind != TIMELINE_FINDING && facts++ == half &&
		    explanation->timeline_left_out > 0)
			print_left_out(explanation);
		print_entry(explanation, entry);
	}
}

static void add_stopped(const struct moment *stopped, struct text *text)
{
	text_counted(text, stopped->connections, "connection");
	text_add(text, VIEW(" with "));
	text_counted(text, stopped->refusals, "refusal");
	text_add(text, stopped->messages ? VIEW(", and lost ") : VIEW(", and lost no wanted mail"));
	if (stopped->messages)
		text_counted(text, stopped->messages, "wanted message");
}

/* How its length came about. */
static void add_length(const struct explanation *explanation, struct text *text)
{
	const struct ttl_table *table = &explanation->verdicts->ttl;
	uint32_t returns = explanation->verdict.returns;

	text_add(text, VIEW(" A block lasts "));
	text_span(text, explanation->ttl_s);
	text_add(text, VIEW(" after the last evidence"));
	if (table->origins > 0 && table->base_s != TTL_PRESET_S) {
		text_add(text, VIEW(": "));
		text_counted(text, table->origins, "client");
		text_add(text, VIEW(" that came back here stayed away for less than "));
		text_span(text, table->base_s);
		text_add(text, VIEW(" in nine cases of ten"));
	}
	if (returns > 0) {
		text_add(text, VIEW("; longer, since this one came back "));
		text_counted(text, returns, "time");
		text_add(text, VIEW(" after a day or more"));
	}
	text_add(text, VIEW("."));
}

static void print_block(const struct explanation *explanation)
{
	struct zone *zone = explanation->verdicts->zone;
	struct text text = {0};

	if (explanation->subject->kind == SUBJECT_MAILBOX || explanation->timeline_count == 0)
		return;
	heading(explanation, "What a block would do");
	if (explanation->decided != 0) {
		text_add(&text, VIEW("From "));
		words_time(&text, explanation->decided, zone);
		text_add(&text, VIEW(" on, when the evidence was enough, until "));
		words_time(&text, (uint32_t)explanation->block_until, zone);
		text_add(&text, VIEW(" it would have stopped "));
	} else {
		text_add(&text, VIEW("There is no reason for one. From the beginning it would have "
				     "stopped "));
	}
	add_stopped(&explanation->stopped, &text);
	if (explanation->again > 0) {
		text_add(&text, VIEW("; it would have ended and been put in force again "));
		text_counted(&text, explanation->again, "time");
	}
	text_add(&text, VIEW("."));
	if (explanation->ttl_s > 0)
		add_length(explanation, &text);
	fputs("  ", stdout);
	paragraph(&text, INDENT, INDENT);
	text_release(&text);
}

void explain_text(const struct explanation *explanation)
{
	print_verdict(explanation);
	heading(explanation, "Why");
	fputs("  ", stdout);
	help_wrap(stdout, text_string(&explanation->because), INDENT, INDENT);
	if (explanation->timeline_count == 0 && explanation->client_count == 0 &&
	    explanation->against_count == 0)
		return;
	print_against(explanation);
	print_findings(explanation);
	print_patterns(explanation);
	print_clients(explanation);
	print_enrichment(explanation);
	print_timeline(explanation);
	print_block(explanation);
}
