/*
 * HELO forging: a client that calls itself by our name, by that of a known attack
 * program, "localhost", or another's address. Its own address in brackets is a legal
 * name (RFC 5321, 4.1.3), and a private one is what mail programs of people send.
 *
 * Which domains are ours is known only in the end. So for each client the names
 * are kept that it used in sessions that brought no mail, but for the one that is
 * its confirmed name, and judged when findings are made. Of each name the
 * earliest sessions are kept, to tell when there were enough.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/standing.h"

#define EARLIEST 8
#define USES_MAX (1u << 19)
#define SHOWN_WIDTH 60

enum parameter { SESSIONS };

/* The weightier the higher. */
enum kind {
	KIND_FINE,
	KIND_REFUSED,
	KIND_BARE_OWN,
	KIND_FOREIGN,
	KIND_LOCALHOST,
	KIND_BELOW_OURS,
	KIND_OURS,
	KIND_PROGRAM,
	KIND_MAX
};

/* A name in use by an origin. */
struct use {
	uint32_t origin, helo; /* the key */
	uint32_t last;
	uint32_t sessions;
	uint32_t refused;     /* those with a refusal for the name */
	uint32_t auth;	      /* those that tried to log in: people's programs, or guessers */
	uint32_t turned_away; /* those with any refusal */
	struct earliest {
		uint32_t time, session;
	} earliest[EARLIEST]; /* in order; time 0: none */
};

struct state {
	const struct detect_context *context;
	const uint32_t *parameters;
	struct map uses; /* struct use */
};

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct state *state = memory_get_zeroed(1, sizeof(*state));

	state->context = context;
	state->parameters = parameters;
	map_init(&state->uses, sizeof(struct use), 2 * sizeof(uint32_t));
	return state;
}

static bool is_before(const struct earliest *a, const struct earliest *b)
{
	return b->time == 0 || a->time < b->time || (a->time == b->time && a->session < b->session);
}

static void note_earliest(struct earliest list[static EARLIEST], struct earliest new)
{
	for (size_t i = 0; new.time &&i < EARLIEST; i++)
		if (is_before(&new, &list[i])) {
			struct earliest other = list[i];

			list[i] = new;
			new = other;
		}
}

static void session(void *data, const struct session_fact *session, uint32_t origin)
{
	struct state *state = data;
	const struct client *client =
		directory_client_at(state->context->directory, session->client);
	bool refused = session->reasons & 1u << REASON_HELO;
	const uint32_t key[] = {origin, session->helo};
	uint64_t hash;
	struct use *use;

	if (session->accepted > 0 || session->flags & SESSION_OUTBOUND ||
	    (session->helo == 0 && !refused) ||
	    (session->helo == client->name && !client->unsure && !refused))
		return;
	hash = map_hash(&state->uses, key);
	use = map_find(&state->uses, key, hash);
	if (!use && state->uses.count >= USES_MAX)
		return;
	if (!use)
		use = map_add(&state->uses, key, hash, NULL);
	use->sessions++;
	use->refused += refused;
	use->turned_away += session->refusals > 0;
	use->auth += session->reasons >> REASON_AUTH_FAILED & 1;
	use->last = session->end > use->last ? session->end : use->last;
	note_earliest(use->earliest, (struct earliest){session->end, session->number});
}

/* What tools call themselves that do nothing but attack or scan. */
static bool is_program(struct view name)
{
	return view_is_nocase(name, VIEW("ylmf-pc")) || view_is_nocase(name, VIEW("masscan")) ||
	       view_is_nocase(name, VIEW("nmap.scanme.org"));
}

static bool is_localhost(struct view name)
{
	return view_is_nocase(name, VIEW("localhost")) ||
	       view_is_nocase(name, VIEW("localhost.localdomain")) ||
	       view_is_nocase(name, VIEW("localhost.localhost"));
}

static bool is_at_or_below(struct view name, struct view domain)
{
	if (name.len > domain.len && name.ptr[name.len - domain.len - 1] != '.')
		return false;
	return name.len >= domain.len &&
	       view_is_nocase(view_from(name, name.len - domain.len), domain);
}

/* The domain of ours that NAME is or lies below; empty if there is none. */
static struct view domain_of_ours(const struct detect_context *context, struct view name)
{
	while (name.len > 0 && view_find_byte(name, '.') != VIEW_NONE) {
		if (detect_is_ours(context, name))
			return name;
		name = view_from(name, view_find_byte(name, '.') + 1);
	}
	return name.len ? view_to(name, 0) : name;
}

static bool is_host_of_ours(const struct state *state, uint32_t origin, struct view domain)
{
	bool confirmed;
	struct view own = origin_name(state->context->origins,
				      origins_at(state->context->origins, origin), &confirmed);

	return confirmed && is_at_or_below(own, domain);
}

/* Addresses of inner networks (RFC 1918, 6598, 3927, 4193, 4291). */
static bool is_private(const struct ip *ip)
{
	const unsigned char *v4 = ip->bytes + 12;

	if (ip_is_loopback(ip))
		return true;
	if (!ip_is_v4(ip))
		return (ip->bytes[0] & 0xfe) == 0xfc ||
		       (ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80);
	return v4[0] == 10 || (v4[0] == 172 && (v4[1] & 0xf0) == 16) ||
	       (v4[0] == 192 && v4[1] == 168) || (v4[0] == 169 && v4[1] == 254) ||
	       (v4[0] == 100 && (v4[1] & 0xc0) == 64);
}

static enum kind kind_of_address(const struct state *state, uint32_t origin, struct view name)
{
	const struct prefix *own = &origins_at(state->context->origins, origin)->prefix;
	bool literal = name.len > 2 && view_starts(name, VIEW("[")) && view_ends(name, VIEW("]"));
	struct prefix prefix;
	struct ip ip;

	if (literal)
		name = view_to(view_from(name, 1), name.len - 2);
	if (!ip_parse(name, &ip))
		return KIND_FINE;
	prefix = origin_prefix(&ip);
	if (prefix_equal(&prefix, own) || (literal && is_private(&ip)))
		return literal ? KIND_FINE : KIND_BARE_OWN;
	/* A machine with addresses of both kinds may tell the other one. */
	return literal && prefix_is_v4(&prefix) != prefix_is_v4(own) ? KIND_FINE : KIND_FOREIGN;
}

static enum kind kind_of(const struct state *state, const struct use *use)
{
	struct view name = strings_get(state->context->directory->strings, use->helo), domain;
	bool people = use->auth > use->sessions / 2, harmless;
	enum kind kind;

	if (view_ends(name, VIEW(".")))
		name.len--;
	if (is_program(name))
		return KIND_PROGRAM;
	domain = domain_of_ours(state->context, name);
	if (domain.len > 0 && is_host_of_ours(state, use->origin, domain))
		return KIND_FINE;
	if (domain.len > 0)
		return domain.len == name.len ? KIND_OURS : KIND_BELOW_OURS;
	harmless = people || use->turned_away == 0; /* as monitors are */
	if (is_localhost(name) && !harmless)
		return KIND_LOCALHOST;
	kind = harmless ? KIND_FINE : kind_of_address(state, use->origin, name);
	if (kind != KIND_FINE)
		return kind;
	return use->refused ? KIND_REFUSED : KIND_FINE;
}

/* What an origin did under names of its weightiest kind. */
struct sum {
	enum kind kind;
	const struct use *most; /* the name used most */
	uint32_t sessions, last;
	struct earliest earliest[EARLIEST];
};

static bool is_more(const struct state *state, const struct use *a, const struct use *b)
{
	struct view x, y;
	int order;

	if (!b || a->sessions != b->sessions)
		return !b || a->sessions > b->sessions;
	x = strings_get(state->context->directory->strings, a->helo);
	y = strings_get(state->context->directory->strings, b->helo);
	order = memcmp(x.ptr, y.ptr, x.len < y.len ? x.len : y.len);
	return order < 0 || (order == 0 && x.len < y.len);
}

static void add_use(const struct state *state, const struct use *use, struct sum *sum)
{
	enum kind kind = kind_of(state, use);

	if (kind == KIND_FINE || kind < sum->kind)
		return;
	if (kind > sum->kind)
		*sum = (struct sum){.kind = kind};
	if (is_more(state, use, sum->most))
		sum->most = use;
	sum->sessions += kind == KIND_REFUSED ? use->refused : use->sessions;
	sum->last = use->last > sum->last ? use->last : sum->last;
	for (size_t i = 0; i < EARLIEST; i++)
		note_earliest(sum->earliest, use->earliest[i]);
}

static enum grade grade_of(const struct state *state, uint32_t origin, const struct sum *sum)
{
	bool often = sum->sessions >= state->parameters[SESSIONS];

	if (sum->sessions < 2)
		return GRADE_NOTE;
	switch (sum->kind) {
	case KIND_PROGRAM:
	case KIND_OURS:
		return often ? GRADE_STRONG : GRADE_HINT;
	case KIND_BELOW_OURS:
	case KIND_LOCALHOST:
	case KIND_FOREIGN: /* clumsy, when mail of it was taken in */
	case KIND_REFUSED:
		return often && standing_messages(state->context, origin) == 0 ? GRADE_HINT
									       : GRADE_NOTE;
	default:
		return GRADE_NOTE;
	}
}

static const char *words_of(enum kind kind)
{
	static const char *const words[KIND_MAX] = {
		[KIND_REFUSED] = "a name that the server refused",
		[KIND_BARE_OWN] = "its bare address",
		[KIND_FOREIGN] = "an address that is not its own",
		[KIND_LOCALHOST] = "a name that every machine has for itself",
		[KIND_BELOW_OURS] = "a name in a domain of ours",
		[KIND_OURS] = "a domain of ours",
		[KIND_PROGRAM] = "the name of a known attack program",
	};

	return words[kind];
}

/* How many sessions the grade needed. */
static size_t sessions_for(const struct state *state, enum kind kind, enum grade grade)
{
	if (grade == GRADE_STRONG || (grade == GRADE_HINT && kind < KIND_OURS))
		return state->parameters[SESSIONS];
	return grade == GRADE_HINT ? 2 : 1;
}

static void tell(const struct state *state, uint32_t origin, const struct sum *sum,
		 struct findings *findings)
{
	enum grade grade = standing_cap(state->context, origin, grade_of(state, origin, sum));
	size_t enough = sessions_for(state, sum->kind, grade);
	struct finding *finding = findings_add(findings, "helo", origin, grade);

	finding->since = sum->earliest[0].time;
	finding->until = sum->last;
	finding->decided = sum->earliest[enough - 1].time;
	for (size_t i = 0; i < FINDING_SESSIONS_MAX && sum->earliest[i].session; i++)
		finding->sessions[finding->session_count++] = sum->earliest[i].session;
	finding_string(finding, "helo", sum->most->helo);
	finding_count(finding, "sessions", sum->sessions);
	finding_words(finding, "kind", words_of(sum->kind));
}

static void find(void *data, struct findings *findings)
{
	struct state *state = data;
	uint32_t origins = origins_count(state->context->origins);
	struct sum *sums = memory_get_zeroed(origins + 1, sizeof(*sums));

	for (uint32_t i = 0; i < state->uses.count; i++) {
		const struct use *use = map_row(&state->uses, i);

		add_use(state, use, &sums[use->origin]);
	}
	for (uint32_t i = 1; i <= origins; i++)
		if (sums[i].kind != KIND_FINE)
			tell(state, i, &sums[i], findings);
	free(sums);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint32_t helo = (uint32_t)finding_number(finding, "helo");

	text_add(text, VIEW("called itself "));
	if (helo) {
		text_add(text, VIEW("'"));
		text_safe(text, strings_get(context->directory->strings, helo), SHOWN_WIDTH);
		text_add(text, VIEW("', "));
	}
	text_format(text, "%s,", finding_told(finding, "kind"));
	text_add(text, VIEW(" in "));
	text_counted(text, finding_number(finding, "sessions"), "session");
	text_add(text, VIEW(" without mail"));
}

static void release(void *data)
{
	struct state *state = data;

	map_release(&state->uses);
	free(state);
}

const struct detector detector_helo = {
	.name = "helo",
	.title = "HELO forging",
	.about =
		"Clients that bring no mail and call themselves by a domain of ours or the name of "
		"a known attack program: a hint from the second session on, strong in enough "
		"sessions. In as many sessions a name below a domain of ours, localhost, an "
		"address that is not the client's own, or another name that the server refused "
		"are a hint, unless mail of the client was taken in. Hosts whose confirmed name is "
		"ours, private addresses in brackets, and sessions that brought mail or logged in "
		"do not count.",
	.parameters = {{"sessions", 5, 1, EARLIEST, "sessions that make it strong"}},
	.start = start,
	.session = session,
	.find = find,
	.say = say,
	.release = release,
};
