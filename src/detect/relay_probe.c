/*
 * Relay probes: one client that tries whether this server relays for anybody.
 * It asks for several strangers' recipients in a short time, or for the same ones in
 * the many forms that careless servers fall for.
 *
 * How many recipients are enough depends on what else they could be: mail to a
 * domain that was served here once goes to a few users of that one domain, so
 * recipients of a single domain need to be more. See relay_doubt for the rest.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"
#include "detect/relay_form.h"

#define SINGLE_DOMAIN_MORE 2 /* recipients needed above the parameter */
#define FORMS_ENOUGH 2
#define TOTAL_DOMAINS 3
#define HINT_RECIPIENTS 2
#define HINT_REPEATS 10
#define OFFICE_RECIPIENTS_MAX 20

struct tricks {
	uint32_t origin;	     /* the key */
	uint32_t forms;		     /* bits enum relay_form */
	uint32_t first[RELAY_FORMS]; /* when each form was first met */
	uint32_t last;
	uint32_t attempts;
};

struct state {
	const struct detect_context *context;
	const uint32_t *parameters;
	struct map tricks; /* struct tricks */
};

enum parameter { RECIPIENTS, TOTAL };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct state *state = memory_get_zeroed(1, sizeof(*state));

	state->context = context;
	state->parameters = parameters;
	map_init(&state->tricks, sizeof(struct tricks), sizeof(uint32_t));
	return state;
}

/* Servers refuse these forms for many reasons; what says nothing of the recipient is left out. */
static bool is_about_recipient(const struct attempt *attempt)
{
	switch ((enum reason)attempt->reason) {
	case REASON_RELAY_DENIED:
	case REASON_UNKNOWN_RECIPIENT:
	case REASON_PROTOCOL:
	case REASON_POLICY:
	case REASON_ACCESS:
	case REASON_OTHER:
		return attempt->flags & ATTEMPT_HAS_RECIPIENT;
	default:
		return false;
	}
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct state *state = data;
	const struct strings *strings = state->context->directory->strings;
	struct tricks *tricks;
	unsigned int forms;

	if (!is_about_recipient(attempt))
		return;
	forms = relay_form(strings_get(strings, attempt->recipient));
	if (!forms)
		return;
	tricks = map_at(&state->tricks, &origin);
	for (unsigned int n = 0; n < RELAY_FORMS; n++)
		if (forms & 1u << n &&
		    (!(tricks->forms & 1u << n) || attempt->time < tricks->first[n]))
			tricks->first[n] = attempt->time;
	tricks->forms |= forms;
	tricks->attempts += attempt->count;
	tricks->last = attempt->time > tricks->last ? attempt->time : tricks->last;
}

static unsigned int bits(unsigned int forms)
{
	return (unsigned int)__builtin_popcount(forms);
}

/* The time of the FORMS_ENOUGHth form. */
static uint32_t tricks_decided(const struct tricks *tricks)
{
	uint32_t least = UINT32_MAX, second = UINT32_MAX;

	for (unsigned int n = 0; n < RELAY_FORMS; n++) {
		uint32_t time = tricks->forms & 1u << n ? tricks->first[n] : UINT32_MAX;

		if (time < least) {
			second = least;
			least = time;
		} else if (time < second) {
			second = time;
		}
	}
	return second;
}

/* Whether a sender or recipient of the rows names some address, as a mark of the probed server. */
static bool marks_server(const struct state *state, const struct relay_sum *sum)
{
	const struct strings *strings = state->context->directory->strings;
	const struct relay *rows = &state->context->relays->rows[sum->row];
	const struct origin *origin = origins_at(state->context->origins, sum->origin);
	const struct ip *ip = &directory_client_at(state->context->directory, origin->client)->ip;

	for (uint32_t i = 0; i < sum->rows; i++)
		if (relay_names_address(strings_get(strings, rows[i].recipient), ip) ||
		    (rows[i].sender != RELAY_NO_SENDER &&
		     relay_names_address(strings_get(strings, rows[i].sender), ip)))
			return true;
	return false;
}

/* When there were enough recipients; 0 if there never were. */
static uint32_t recipients_decided(const struct state *state, const struct relay_sum *sum)
{
	uint32_t need = state->parameters[RECIPIENTS] + (sum->domains > 1 ? 0 : SINGLE_DOMAIN_MORE);

	if (sum->burst >= need)
		return relay_enough(state->context, sum, need, RELAY_BURST_S);
	if (sum->recipients >= state->parameters[TOTAL] && sum->domains >= TOTAL_DOMAINS)
		return relay_enough(state->context, sum, state->parameters[TOTAL], UINT32_MAX);
	return 0;
}

/* The time of the first trick; UINT32_MAX: none. */
static uint32_t tricks_first(const struct tricks *tricks)
{
	uint32_t first = UINT32_MAX;

	for (unsigned int n = 0; n < RELAY_FORMS; n++)
		if (tricks->forms & 1u << n && tricks->first[n] < first)
			first = tricks->first[n];
	return first;
}

static void put_times(struct finding *finding, const struct relay_sum *sum,
		      const struct tricks *tricks)
{
	uint32_t first = tricks ? tricks_first(tricks) : UINT32_MAX;
	uint32_t last = tricks ? tricks->last : 0;

	finding->since = sum->first < first ? sum->first : first;
	finding->until = sum->last > last ? sum->last : last;
}

static void put_evidence(struct finding *finding, const struct relay_sum *sum, unsigned int forms,
			 enum relay_doubt doubt)
{
	if (sum->attempts > 0) {
		finding_count(finding, "recipients", sum->recipients);
		finding_count(finding, "within_hour", sum->burst);
		finding_count(finding, "domains", sum->domains);
		finding_count(finding, "attempts", sum->attempts);
	}
	if (forms)
		finding_count(finding, "forms", forms);
	if (doubt != RELAY_NO_DOUBT)
		finding_words(finding, "doubt", relay_doubt_name(doubt));
}

static void put_sessions(const struct state *state, struct finding *finding,
			 const struct relay_sum *sum)
{
	const struct relay *rows = &state->context->relays->rows[sum->row];

	for (uint32_t i = 0; i < sum->rows && finding->session_count < FINDING_SESSIONS_MAX; i++) {
		bool known = rows[i].session == 0;

		for (unsigned int n = 0; n < finding->session_count; n++)
			known |= finding->sessions[n] == rows[i].session;
		if (!known)
			finding->sessions[finding->session_count++] = rows[i].session;
	}
}

/* An office of ours whose programs forgot to log in looks so. */
static bool is_office(const struct relay_sum *sum)
{
	return sum->senders > 0 && sum->senders == sum->local_senders &&
	       sum->recipients <= OFFICE_RECIPIENTS_MAX;
}

static enum grade grade_of(const struct state *state, const struct relay_sum *sum,
			   unsigned int forms, uint32_t decided)
{
	if (is_office(sum) && forms < FORMS_ENOUGH)
		return decided || forms ? GRADE_HINT : GRADE_NOTE;
	if (decided)
		return GRADE_STRONG;
	if (forms || sum->burst >= HINT_RECIPIENTS || sum->attempts >= HINT_REPEATS)
		return GRADE_HINT;
	return marks_server(state, sum) ? GRADE_HINT : GRADE_NOTE;
}

/* TRICKS may be NULL, SUM may have no rows. */
static void judge(const struct state *state, const struct relay_sum *sum,
		  const struct tricks *tricks, struct findings *findings)
{
	enum relay_doubt doubt = relay_doubt(state->context, sum);
	unsigned int forms = tricks ? bits(tricks->forms & ~(unsigned int)FORM_LITERAL) : 0;
	uint32_t decided = 0;
	struct finding *finding;
	enum grade grade;

	if (forms >= FORMS_ENOUGH && doubt != RELAY_OUR_HOST)
		decided = tricks_decided(tricks);
	else if (doubt == RELAY_NO_DOUBT)
		decided = recipients_decided(state, sum);
	grade = decided || doubt == RELAY_NO_DOUBT ? grade_of(state, sum, forms, decided)
						   : GRADE_NOTE;
	finding = findings_add(findings, "relay-probe", sum->origin, grade);
	put_times(finding, sum, tricks);
	put_evidence(finding, sum, tricks ? bits(tricks->forms) : 0, doubt);
	finding->decided = decided ? decided : finding->until;
	put_sessions(state, finding, sum);
}

static void find_tricks_alone(const struct state *state, const struct tricks *tricks,
			      struct findings *findings)
{
	const struct relay_sum none = {.origin = tricks->origin, .first = UINT32_MAX};

	if (tricks->forms & ~(unsigned int)FORM_LITERAL)
		judge(state, &none, tricks, findings);
}

static void find(void *data, struct findings *findings)
{
	struct state *state = data;
	size_t count;
	const struct relay_sum *sums = relays_sums(state->context, &count);

	for (size_t i = 0; i < count; i++)
		judge(state, &sums[i],
		      map_find(&state->tricks, &sums[i].origin,
			       map_hash(&state->tricks, &sums[i].origin)),
		      findings);
	for (uint32_t i = 0; i < state->tricks.count; i++) {
		const struct tricks *tricks = map_row(&state->tricks, i);

		if (!relays_sum_of(state->context, tricks->origin))
			find_tricks_alone(state, tricks, findings);
	}
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t recipients = finding_number(finding, "recipients");
	uint64_t burst = finding_number(finding, "within_hour");
	uint64_t domains = finding_number(finding, "domains");
	uint64_t attempts = finding_number(finding, "attempts");
	uint64_t forms = finding_number(finding, "forms");

	(void)context;
	text_add(text, VIEW("tried to relay through this server"));
	if (recipients > 0) {
		text_add(text, VIEW(" to "));
		text_counted(text, recipients, "recipient");
		text_add(text, VIEW(" in "));
		text_counted(text, domains, "domain");
	}
	if (burst > 1 && burst < recipients) {
		text_add(text, VIEW(", "));
		text_number(text, burst);
		text_add(text, VIEW(" of them within an hour"));
	}
	if (attempts > recipients) {
		text_add(text, VIEW(", "));
		text_number(text, attempts);
		text_add(text, VIEW(" times in all"));
	}
	if (forms > 0) {
		if (recipients > 0)
			text_add(text, VIEW(", also"));
		text_add(text, VIEW(" with "));
		text_counted(text, forms, "form");
		text_add(text, VIEW(" of address that fool open relays"));
	}
}

static void release(void *data)
{
	struct state *state = data;

	map_release(&state->tricks);
	free(state);
}

const struct detector detector_relay_probe = {
	.name = "relay-probe",
	.title = "Relay probes",
	.about =
		"A client that is denied to relay to several recipients elsewhere within an hour, "
		"or "
		"tries forms of address that fool open relays (user%elsewhere@here, source routes, "
		"bang paths). Recipients in a single domain must be two more. One recipient is "
		"only noted; so are servers with a confirmed name that ask for one or two domains "
		"(mail to a domain once served here) and users who forgot to log in.",
	.parameters = {{"recipients", 3, 2, 1000000,
			"distinct recipients within an hour that are enough"},
		       {"total", 8, 2, 1000000,
			"distinct recipients, in three or more domains, that are enough over any "
			"time"}},
	.start = start,
	.attempt = attempt,
	.find = find,
	.say = say,
	.release = release,
};
