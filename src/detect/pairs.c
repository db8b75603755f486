/*
 * One mail through several clients: the same sender and recipient refused
 * through clients that have nothing to do with each other, within minutes. Somebody
 * sends it through whatever machine lets him: they are apparent open relays, or
 * machines taken over.
 *
 * What does not count: greylisting, and a missing PTR; bounces; a client that had mail
 * taken in since; a mail that got through on that day or the next. What is asked to
 * come again (4yz) comes again, from any machine of a pool: such refusals count only
 * of clients without a name that are far from each other.
 *
 * Data: rows of refusals that count, sorted by mail and time when the array is full
 * and when findings are asked for; then a window slides over each mail's. What lies
 * between two rows of one client within the window changes no count of clients and
 * is joined; what is old and came through one client alone is dropped. So the array
 * grows with mails and clients of a day, not with refusals, up to ROWS_MAX.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"
#include "detect/hosts.h"
#include "detect/rows.h"

#define ROWS_FIRST 1024
#define ROWS_MAX ((size_t)2 << 20)
#define LOOK_BACK 64 /* rows, for one of the same client */
#define TABLE_SOURCES 2
/* A user's mail may come over a few forwarders, all of them servers with names. */
#define NAMED_SOURCES 5
#define DAY_S 86400u

struct
try {
	uint32_t mail[2]; /* hash of sender and recipient, without case */
	uint32_t time;
	uint32_t client, sender, recipient;
	uint32_t count : 29;
	uint32_t relayed : 1; /* denied to relay */
	uint32_t whole : 1;   /* the message was refused when it had been read */
	uint32_t weak : 1;
	uint32_t session;
};

/* Days on which an address had a role in mail that got through. */
struct role_days {
	uint32_t address[2]; /* the key: its hash */
	uint32_t day;	     /* bit n of the others is day - n */
	uint32_t sent, received;
};

struct state {
	const struct detect_context *context;
	const uint32_t *parameters;
	struct sites *sites;
	struct try *tries;
	size_t count, capacity;
	struct map roles; /* struct role_days */
};

enum parameter { WINDOW, SOURCES };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct state *state = memory_get_zeroed(1, sizeof(*state));

	state->context = context;
	state->parameters = parameters;
	state->sites = sites_new();
	map_init(&state->roles, sizeof(struct role_days), 2 * sizeof(uint32_t));
	return state;
}

/*
 * How much a refusal says. Weak is what is asked to come again, for reasons that do not pass by
 * themselves; and of a whole mail whose recipient the log does not tell.
 */
enum strength { NO_EVIDENCE, WEAK, GOOD };

static bool is_temporary(const struct attempt *attempt)
{
	return attempt->code >= 400 && attempt->code < 500;
}

static enum strength strength_of_mail(const struct attempt *attempt)
{
	if (attempt->flags & ATTEMPT_HAS_RECIPIENT)
		return is_temporary(attempt) ? WEAK : GOOD;
	return attempt->stage >= STAGE_DATA && attempt->stage <= STAGE_BODY &&
			       !is_temporary(attempt)
		       ? WEAK
		       : NO_EVIDENCE;
}

static enum strength strength_of(const struct attempt *attempt)
{
	if (!(attempt->flags & ATTEMPT_HAS_SENDER))
		return NO_EVIDENCE;
	switch ((enum reason)attempt->reason) {
	case REASON_RELAY_DENIED:
		return attempt->flags & ATTEMPT_HAS_RECIPIENT ? GOOD : NO_EVIDENCE;
	case REASON_UNKNOWN_RECIPIENT:
	case REASON_UNKNOWN_SENDER:
	case REASON_DNSBL:
	case REASON_DYNAMIC:
	case REASON_HELO:
	case REASON_ACCESS:
	case REASON_PREGREET:
	case REASON_MESSAGE_ID:
	case REASON_CONTENT:
		return attempt->sender ? strength_of_mail(attempt) : NO_EVIDENCE;
	case REASON_OTHER:
	case REASON_SENDER_VERIFY:
	case REASON_PROTOCOL:
	case REASON_SIZE:
	case REASON_POLICY:
		return attempt->sender && strength_of_mail(attempt) == GOOD ? GOOD : NO_EVIDENCE;
	default: /* of the moment; or a missing PTR, which is never enough */
		return NO_EVIDENCE;
	}
}

static uint64_t address_hash(const struct state *state, uint32_t string)
{
	return detect_address_hash(strings_get(state->context->directory->strings, string));
}

static bool same_mail(const struct try *a, const struct try *b)
{
	return a->mail[0] == b->mail[0] && a->mail[1] == b->mail[1];
}

/* Where the rows of the mail of tries[from] end. */
static size_t mail_end(const struct state *state, size_t from)
{
	size_t until = from + 1;

	while (until < state->count && same_mail(&state->tries[until], &state->tries[from]))
		until++;
	return until;
}

static bool is_near(const struct state *state, const struct try *a, const struct try *b)
{
	return b->time - a->time <= state->parameters[WINDOW];
}

/* The last row of CLIENT in [begin, until), or UNTIL if it is not among the last LOOK_BACK. */
static size_t last_of(const struct try *tries, size_t begin, size_t until, uint32_t client)
{
	size_t stop = until - begin > LOOK_BACK ? until - LOOK_BACK : begin;

	for (size_t at = until; at > stop; at--)
		if (tries[at - 1].client == client)
			return at - 1;
	return until;
}

/* Moves the rows [from, until) of one mail to TO, joined where that changes nothing. */
static size_t thin_out(const struct state *state, size_t from, size_t until, size_t to)
{
	struct try *tries = state->tries;
	size_t begin = to;

	for (; from < until; from++) {
		struct try held = tries[from];
		size_t last = last_of(tries, begin, to, held.client);
		size_t before = last_of(tries, begin, last, held.client);

		if (last < to && before < last && is_near(state, &tries[before], &held)) {
			tries[before].count += tries[last].count;
			memmove(&tries[last], &tries[last + 1], (to - last - 1) * sizeof(*tries));
			to--;
		}
		tries[to++] = held;
	}
	return to;
}

/* Whether some client of the mail was followed by another within the window. */
static bool is_shared(const struct state *state, size_t from, size_t until)
{
	for (size_t i = from + 1; i < until; i++)
		if (state->tries[i].client != state->tries[i - 1].client &&
		    is_near(state, &state->tries[i - 1], &state->tries[i]))
			return true;
	return false;
}

static void settle(struct state *state)
{
	uint32_t newest = state->context->newest;
	uint32_t age = DETECT_DISORDER_S + state->parameters[WINDOW];
	uint32_t horizon = newest > age ? newest - age : 0;
	size_t to = 0;

	rows_sort(state->tries, state->count, sizeof(*state->tries));
	for (size_t from = 0, until; from < state->count; from = until) {
		until = mail_end(state, from);
		if (state->tries[until - 1].time >= horizon || is_shared(state, from, until))
			to = thin_out(state, from, until, to);
	}
	state->count = to;
}

static int compare_times(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

/* Drops the older half. */
static void forget_half(struct state *state)
{
	uint32_t *times = memory_get(state->count * sizeof(*times));
	uint32_t middle;
	size_t to = 0;

	for (size_t i = 0; i < state->count; i++)
		times[i] = state->tries[i].time;
	qsort(times, state->count, sizeof(*times), compare_times);
	middle = times[state->count / 2];
	free(times);
	for (size_t i = 0; i < state->count; i++)
		if (state->tries[i].time > middle)
			state->tries[to++] = state->tries[i];
	state->count = to;
}

static void make_room(struct state *state)
{
	settle(state);
	if (state->count >= ROWS_MAX)
		forget_half(state);
	if (state->count < state->capacity / 2 || state->capacity >= 2 * ROWS_MAX)
		return;
	state->capacity = state->capacity ? state->capacity + state->capacity / 2 : ROWS_FIRST;
	state->tries = memory_resize(state->tries, state->capacity, sizeof(*state->tries));
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct state *state = data;
	enum strength strength = strength_of(attempt);
	uint64_t mail;

	(void)origin;
	if (strength == NO_EVIDENCE)
		return;
	if (state->count == state->capacity)
		make_room(state);
	mail = hash_pair(address_hash(state, attempt->sender),
			 address_hash(state, attempt->recipient));
	state->tries[state->count++] = (struct try){
		.mail = {(uint32_t)(mail >> 32), (uint32_t)mail},
		.time = attempt->time,
		.client = attempt->client,
		.sender = attempt->sender,
		.recipient = attempt->recipient,
		.count = attempt->count & ((1u << 29) - 1),
		.relayed = attempt->reason == REASON_RELAY_DENIED,
		.whole = attempt->stage >= STAGE_DATA && attempt->stage <= STAGE_BODY,
		.weak = strength == WEAK,
		.session = attempt->session,
	};
}

static struct role_days *role_row(struct state *state, uint32_t string, bool add)
{
	uint64_t hash = address_hash(state, string);
	const uint32_t key[] = {(uint32_t)(hash >> 32), (uint32_t)hash};

	return add ? map_at(&state->roles, key)
		   : map_find(&state->roles, key, map_hash(&state->roles, key));
}

/* Days may be told in any order; those more than a month before the last are forgotten. */
static void role(void *data, const struct role_fact *role)
{
	struct state *state = data;
	struct role_days *days;
	uint32_t bit;

	if (!(role->role & (ROLE_MAIL_SENDER | ROLE_MAIL_RECIPIENT)))
		return;
	days = role_row(state, role->string, true);
	if (role->day > days->day) {
		uint32_t later = role->day - days->day;

		days->sent = later < 32 ? days->sent << later : 0;
		days->received = later < 32 ? days->received << later : 0;
		days->day = role->day;
	}
	if (days->day - role->day >= 32)
		return;
	bit = 1u << (days->day - role->day);
	if (role->role & ROLE_MAIL_SENDER)
		days->sent |= bit;
	if (role->role & ROLE_MAIL_RECIPIENT)
		days->received |= bit;
}

static bool is_ours(const struct state *state, uint32_t sender)
{
	return detect_is_ours(state->context, detect_domain(strings_get(
						      state->context->directory->strings, sender)));
}

static bool on_day(const struct role_days *days, uint32_t bits, uint32_t day)
{
	return days->day >= day && days->day - day < 32 && bits & 1u << (days->day - day);
}

/*
 * Whether mail of that sender and mail for that recipient got through on that day or the next. What
 * is denied to relay gets through only if a user of ours logs in after all. What was refused when
 * it had been read may have been logged as received before.
 */
static bool got_through(struct state *state, const struct try *try)
{
	const struct role_days *sender = role_row(state, try->sender, false);
	const struct role_days *recipient = role_row(state, try->recipient, false);
	uint32_t day = try->time / DAY_S;

	if (!sender || !recipient || (try->relayed && !is_ours(state, try->sender)))
		return false;
	for (uint32_t sent = day + try->whole; sent <= day + 1; sent++)
		for (uint32_t received = sent; received <= day + 1; received++)
			if (on_day(sender, sender->sent, sent) &&
			    on_day(recipient, recipient->received, received))
				return true;
	return false;
}

/* What is known of an origin that is part of the pattern. */
struct involved {
	uint32_t origin; /* the key */
	uint32_t mails, attempts;
	uint32_t first, last, decided;
	uint32_t sources, span_s; /* of the mail with the most sources */
	uint32_t sender, recipient;
	uint32_t sessions[FINDING_SESSIONS_MAX], session_count;
	uint32_t mail;	 /* number of the mail that was counted last */
	bool convincing; /* of one of its mails, at least, the sources are */
};

/* One walk over all mails. */
struct sweep {
	struct state *state;
	struct map *involved;	   /* struct involved; NULL: not asked for */
	struct patterns *patterns; /* NULL: not asked for */
	uint32_t mail;		   /* number of the present mail */
	bool tells_names;
	/* Of the present mail: its rows that count, in the order of time. */
	struct counted {
		const struct try *try;
		uint64_t source;
		bool in_table, found;
	} * rows;
	size_t count, capacity;
	struct map sources; /* struct in_window */
	struct map clients; /* seen */
	uint32_t most;	    /* sources in one window */
	uint32_t span_s;    /* how long that took */
	uint32_t decided;   /* when there were enough; 0: never */
	bool convincing;    /* some of them have no name, or they are many */
};

struct in_window {
	uint32_t source[2]; /* the key */
	uint32_t rows;
};

static uint32_t *window_rows(struct sweep *sweep, uint64_t source)
{
	const uint32_t key[] = {(uint32_t)(source >> 32), (uint32_t)source};

	return &((struct in_window *)map_at(&sweep->sources, key))->rows;
}

static int compare_counted(const void *a, const void *b, void *context)
{
	const struct directory *directory = context;
	const struct try *left = ((const struct counted *)a)->try;
	const struct try *right = ((const struct counted *)b)->try;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return ip_compare(&directory_client_at(directory, left->client)->ip,
			  &directory_client_at(directory, right->client)->ip);
}

/* Whether the log tells names of clients at all. */
static bool tells_names(const struct directory *directory)
{
	for (uint32_t id = 1; id <= directory->clients.count; id++) {
		const struct client *client = directory_client_at(directory, id);

		if (client->name && !client->unsure)
			return true;
	}
	return false;
}

/*
 * A client that logs in, or had mail taken in since, is no evidence. Weak refusals of servers with
 * a name may be those of a pool.
 */
static bool counts(const struct sweep *sweep, const struct try *try)
{
	const struct detect_context *context = sweep->state->context;
	const struct origin *origin =
		origins_at(context->origins, origins_of_client(context->origins, try->client));

	if (host_is_ours(context, try->client))
		return false;
	if (try->weak && (!sweep->tells_names || host_is_named(context, try->client)))
		return false;
	return !(origin->flags & ORIGIN_OUTBOUND) &&
	       !(origin->messages > 0 && origin->message_last >= try->time);
}

static uint64_t source_of(const struct state *state, const struct try *try)
{
	return try->weak ? host_wide_source(state->context, try->client)
			 : host_source(state->context, state->sites, try->client);
}

static void gather(struct sweep *sweep, size_t from, size_t until)
{
	struct state *state = sweep->state;

	sweep->count = 0;
	for (size_t i = from; i < until; i++) {
		const struct try *try = &state->tries[i];

		if (!counts(sweep, try))
			continue;
		ARRAY_GROW(sweep->rows, sweep->count, sweep->capacity);
		sweep->rows[sweep->count++] = (struct counted){
			.try = try,
			.source = source_of(state, try),
		};
	}
	if (sweep->count > 1)
		qsort_r(sweep->rows, sweep->count, sizeof(*sweep->rows), compare_counted,
			(void *)state->context->directory);
}

static void note_window(struct sweep *sweep, size_t from, size_t last, uint32_t distinct)
{
	uint32_t span_s = sweep->rows[last].try->time - sweep->rows[from].try->time;
	bool enough = distinct >= sweep->state->parameters[SOURCES];

	if (distinct > sweep->most) {
		sweep->most = distinct;
		sweep->span_s = span_s;
	}
	if (enough && !sweep->decided)
		sweep->decided = sweep->rows[last].try->time;
	/* Back to rows that an earlier window has marked so already. */
	for (size_t i = last + 1; distinct >= TABLE_SOURCES && i > from; i--) {
		struct counted *row = &sweep->rows[i - 1];

		if (row->in_table && (row->found || !enough))
			break;
		row->in_table = true;
		row->found |= enough;
	}
}

static void slide(struct sweep *sweep)
{
	uint32_t distinct = 0;
	size_t from = 0;

	map_clear(&sweep->sources);
	sweep->most = sweep->span_s = sweep->decided = 0;
	for (size_t i = 0; i < sweep->count; i++) {
		while (!is_near(sweep->state, sweep->rows[from].try, sweep->rows[i].try))
			distinct -= --*window_rows(sweep, sweep->rows[from++].source) == 0;
		distinct += (*window_rows(sweep, sweep->rows[i].source))++ == 0;
		note_window(sweep, from, i, distinct);
	}
}

static bool is_convincing(const struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->count; i++)
		if (sweep->rows[i].found &&
		    !host_is_named(sweep->state->context, sweep->rows[i].try->client))
			return true;
	return sweep->most >= NAMED_SOURCES;
}

static void put_pair(struct sweep *sweep, bool cleared)
{
	struct patterns *patterns = sweep->patterns;
	struct pair_pattern pair = {
		.sources = sweep->most,
		.cleared = cleared,
		.list = (uint32_t)patterns->client_count,
	};

	map_clear(&sweep->clients);
	for (size_t i = 0; i < sweep->count; i++) {
		const struct try *try = sweep->rows[i].try;
		bool is_new;

		if (!sweep->rows[i].in_table)
			continue;
		if (pair.attempts == 0) {
			pair.sender = try->sender;
			pair.recipient = try->recipient;
			pair.first = try->time;
		}
		pair.attempts += try->count;
		pair.last = try->time;
		map_add(&sweep->clients, &try->client, map_hash(&sweep->clients, &try->client),
			&is_new);
		if (!is_new)
			continue;
		ARRAY_GROW(patterns->clients, patterns->client_count, patterns->client_capacity);
		patterns->clients[patterns->client_count++] = try->client;
		pair.clients++;
	}
	ARRAY_GROW(patterns->pairs, patterns->pair_count, patterns->pair_capacity);
	patterns->pairs[patterns->pair_count++] = pair;
}

static void involve(struct sweep *sweep, const struct try *try)
{
	struct origins *origins = sweep->state->context->origins;
	uint32_t origin = origins_of_client(origins, try->client);
	struct involved *row = map_at(sweep->involved, &origin);
	uint32_t decided = try->time > sweep->decided ? try->time : sweep->decided;
	bool known = try->session == 0;

	row->first = row->attempts == 0 || try->time < row->first ? try->time : row->first;
	row->last = try->time > row->last ? try->time : row->last;
	row->decided = row->attempts == 0 || decided < row->decided ? decided : row->decided;
	row->attempts += try->count;
	row->mails += row->mail != sweep->mail;
	row->mail = sweep->mail;
	row->convincing |= sweep->convincing;
	if (sweep->most > row->sources) {
		row->sources = sweep->most;
		row->span_s = sweep->span_s;
		row->sender = try->sender;
		row->recipient = try->recipient;
	}
	for (uint32_t i = 0; i < row->session_count; i++)
		known |= row->sessions[i] == try->session;
	if (!known && row->session_count < FINDING_SESSIONS_MAX)
		row->sessions[row->session_count++] = try->session;
}

static void look_at_mail(struct sweep *sweep, size_t from, size_t until)
{
	bool cleared;

	if (!is_shared(sweep->state, from, until))
		return;
	cleared = got_through(sweep->state, &sweep->state->tries[from]) ||
		  got_through(sweep->state, &sweep->state->tries[until - 1]);
	sweep->mail++;
	gather(sweep, from, until);
	slide(sweep);
	sweep->convincing = is_convincing(sweep);
	if (sweep->patterns && sweep->most >= TABLE_SOURCES)
		put_pair(sweep, cleared);
	for (size_t i = 0; sweep->involved && !cleared && i < sweep->count; i++)
		if (sweep->rows[i].found)
			involve(sweep, sweep->rows[i].try);
}

static void sweep_all(struct state *state, struct map *involved, struct patterns *patterns)
{
	struct sweep sweep = {.state = state, .involved = involved, .patterns = patterns};

	sweep.tells_names = tells_names(state->context->directory);
	map_init(&sweep.sources, sizeof(struct in_window), 2 * sizeof(uint32_t));
	map_init(&sweep.clients, sizeof(uint32_t), sizeof(uint32_t));
	rows_sort(state->tries, state->count, sizeof(*state->tries));
	for (size_t from = 0, until; from < state->count; from = until) {
		until = mail_end(state, from);
		if (until - from > 1)
			look_at_mail(&sweep, from, until);
	}
	free(sweep.rows);
	map_release(&sweep.sources);
	map_release(&sweep.clients);
}

static void find(void *data, struct findings *findings)
{
	struct map involved;

	map_init(&involved, sizeof(struct involved), sizeof(uint32_t));
	sweep_all(data, &involved, NULL);
	for (uint32_t i = 0; i < involved.count; i++) {
		const struct involved *row = map_row(&involved, i);
		struct finding *finding =
			findings_add(findings, "one-mail-many-clients", row->origin,
				     row->convincing ? GRADE_STRONG : GRADE_HINT);

		finding->since = row->first;
		finding->until = row->last;
		finding->decided = row->decided;
		finding_count(finding, "sources", row->sources);
		finding_seconds(finding, "span", row->span_s);
		finding_string(finding, "sender", row->sender);
		finding_string(finding, "recipient", row->recipient);
		finding_count(finding, "mails", row->mails);
		finding_count(finding, "attempts", row->attempts);
		finding->session_count = (uint8_t)row->session_count;
		memcpy(finding->sessions, row->sessions, sizeof(row->sessions));
	}
	map_release(&involved);
}

static void tell(void *data, struct patterns *patterns)
{
	sweep_all(data, NULL, patterns);
}

#define ADDRESS_WIDTH 64

static void say_address(const struct finding *finding, const char *name,
			const struct detect_context *context, struct text *text)
{
	uint32_t string = (uint32_t)finding_number(finding, name);

	if (string == 0)
		text_add(text, strcmp(name, "sender") == 0 ? VIEW("<>") : VIEW("somebody here"));
	else
		text_safe(text, strings_get(context->directory->strings, string), ADDRESS_WIDTH);
}

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t mails = finding_number(finding, "mails");

	text_add(text, VIEW("is an apparent open relay: one mail (from "));
	say_address(finding, "sender", context, text);
	text_add(text, VIEW(" to "));
	say_address(finding, "recipient", context, text);
	text_add(text, VIEW(") was tried through "));
	text_number(text, finding_number(finding, "sources"));
	text_add(text, VIEW(" independent clients within "));
	text_span_seen(text, finding_number(finding, "span"));
	if (mails > 1) {
		text_add(text, VIEW(", and "));
		text_counted(text, mails - 1, "other mail");
		text_add(text, VIEW(" likewise"));
	}
}

static void release(void *data)
{
	struct state *state = data;

	sites_free(state->sites);
	map_release(&state->roles);
	free(state->tries);
	free(state);
}

const struct detector detector_pairs = {
	.name = "one-mail-many-clients",
	.title = "One mail through several clients",
	.about = "The same sender and recipient, whatever their case, refused through several "
		 "independent clients within minutes: apparent open relays. Clients under one "
		 "confirmed domain or in one network (/24, or /48 of IPv6) count once, so do "
		 "repeated tries of one client. Greylisting is no evidence, nor are temporary "
		 "refusals of servers with a name, or bounces; mail that got through clears it. Up "
		 "to "
		 "four sources that all have confirmed names are a hint: so does mail come that a "
		 "user has forwarded.",
	.parameters = {{"window", 600, 1, UINT32_MAX - DETECT_DISORDER_S - 1,
			"seconds within which the clients must come"},
		       {"sources", 3, 2, 1000000, "independent clients that are enough"}},
	.start = start,
	.attempt = attempt,
	.role = role,
	.find = find,
	.tell = tell,
	.say = say,
	.release = release,
};
