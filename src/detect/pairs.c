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
#include "detect/pairs.h"

#include <stdlib.h>

#include "base/memory.h"
#include "detect/rows.h"

#define ROWS_FIRST 1024
#define ROWS_MAX ((size_t)2 << 20)
#define LOOK_BACK 64 /* rows, for one of the same client */
#define DAY_S 86400u

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct pairs *pairs = memory_get_zeroed(1, sizeof(*pairs));

	pairs->context = context;
	pairs->parameters = parameters;
	pairs->sites = sites_new();
	map_init(&pairs->roles, sizeof(struct role_days), 2 * sizeof(uint32_t));
	return pairs;
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

static uint64_t address_hash(const struct pairs *pairs, uint32_t string)
{
	return detect_address_hash(strings_get(pairs->context->directory->strings, string));
}

static bool same_mail(const struct try *a, const struct try *b)
{
	return a->mail[0] == b->mail[0] && a->mail[1] == b->mail[1];
}

size_t pairs_mail_end(const struct pairs *pairs, size_t from)
{
	size_t until = from + 1;

	while (until < pairs->count && same_mail(&pairs->tries[until], &pairs->tries[from]))
		until++;
	return until;
}

bool pairs_is_near(const struct pairs *pairs, const struct try *a, const struct try *b)
{
	return b->time - a->time <= pairs->parameters[WINDOW];
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
static size_t thin_out(const struct pairs *pairs, size_t from, size_t until, size_t to)
{
	struct try *tries = pairs->tries;
	size_t begin = to;

	for (; from < until; from++) {
		struct try held = tries[from];
		size_t last = last_of(tries, begin, to, held.client);
		size_t before = last_of(tries, begin, last, held.client);

		if (last < to && before < last && pairs_is_near(pairs, &tries[before], &held)) {
			tries[before].count += tries[last].count;
			memmove(&tries[last], &tries[last + 1], (to - last - 1) * sizeof(*tries));
			to--;
		}
		tries[to++] = held;
	}
	return to;
}

bool pairs_is_shared(const struct pairs *pairs, size_t from, size_t until)
{
	for (size_t i = from + 1; i < until; i++)
		if (pairs->tries[i].client != pairs->tries[i - 1].client &&
		    pairs_is_near(pairs, &pairs->tries[i - 1], &pairs->tries[i]))
			return true;
	return false;
}

static void settle(struct pairs *pairs)
{
	uint32_t newest = pairs->context->newest;
	uint32_t age = DETECT_DISORDER_S + pairs->parameters[WINDOW];
	uint32_t horizon = newest > age ? newest - age : 0;
	size_t to = 0;

	rows_sort(pairs->tries, pairs->count, sizeof(*pairs->tries));
	for (size_t from = 0, until; from < pairs->count; from = until) {
		until = pairs_mail_end(pairs, from);
		if (pairs->tries[until - 1].time >= horizon || pairs_is_shared(pairs, from, until))
			to = thin_out(pairs, from, until, to);
	}
	pairs->count = to;
}

static int compare_times(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

/* Drops the older half. */
static void forget_half(struct pairs *pairs)
{
	uint32_t *times = memory_get(pairs->count * sizeof(*times));
	uint32_t middle;
	size_t to = 0;

	for (size_t i = 0; i < pairs->count; i++)
		times[i] = pairs->tries[i].time;
	qsort(times, pairs->count, sizeof(*times), compare_times);
	middle = times[pairs->count / 2];
	free(times);
	for (size_t i = 0; i < pairs->count; i++)
		if (pairs->tries[i].time > middle)
			pairs->tries[to++] = pairs->tries[i];
	pairs->count = to;
}

static void make_room(struct pairs *pairs)
{
	settle(pairs);
	if (pairs->count >= ROWS_MAX)
		forget_half(pairs);
	if (pairs->count < pairs->capacity / 2 || pairs->capacity >= 2 * ROWS_MAX)
		return;
	pairs->capacity = pairs->capacity ? pairs->capacity + pairs->capacity / 2 : ROWS_FIRST;
	pairs->tries = memory_resize(pairs->tries, pairs->capacity, sizeof(*pairs->tries));
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct pairs *pairs = data;
	enum strength strength = strength_of(attempt);
	uint64_t mail;

	(void)origin;
	if (strength == NO_EVIDENCE)
		return;
	if (pairs->count == pairs->capacity)
		make_room(pairs);
	mail = hash_pair(address_hash(pairs, attempt->sender),
			 address_hash(pairs, attempt->recipient));
	pairs->tries[pairs->count++] = (struct try){
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

static struct role_days *role_row(struct pairs *pairs, uint32_t string, bool add)
{
	uint64_t hash = address_hash(pairs, string);
	const uint32_t key[] = {(uint32_t)(hash >> 32), (uint32_t)hash};

	return add ? map_at(&pairs->roles, key)
		   : map_find(&pairs->roles, key, map_hash(&pairs->roles, key));
}

/* Days may be told in any order; those more than a month before the last are forgotten. */
static void role(void *data, const struct role_fact *role)
{
	struct pairs *pairs = data;
	struct role_days *days;
	uint32_t bit;

	if (!(role->role & (ROLE_MAIL_SENDER | ROLE_MAIL_RECIPIENT)))
		return;
	days = role_row(pairs, role->string, true);
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

static bool is_ours(const struct pairs *pairs, uint32_t sender)
{
	return detect_is_ours(pairs->context, detect_domain(strings_get(
						      pairs->context->directory->strings, sender)));
}

static bool on_day(const struct role_days *days, uint32_t bits, uint32_t day)
{
	return days->day >= day && days->day - day < 32 && bits & 1u << (days->day - day);
}

bool pairs_got_through(struct pairs *pairs, const struct try *try)
{
	const struct role_days *sender = role_row(pairs, try->sender, false);
	const struct role_days *recipient = role_row(pairs, try->recipient, false);
	uint32_t day = try->time / DAY_S;

	if (!sender || !recipient || (try->relayed && !is_ours(pairs, try->sender)))
		return false;
	for (uint32_t sent = day + try->whole; sent <= day + 1; sent++)
		for (uint32_t received = sent; received <= day + 1; received++)
			if (on_day(sender, sender->sent, sent) &&
			    on_day(recipient, recipient->received, received))
				return true;
	return false;
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
	struct pairs *pairs = data;

	sites_free(pairs->sites);
	map_release(&pairs->roles);
	free(pairs->tries);
	free(pairs);
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
	.find = pairs_find,
	.tell = pairs_tell,
	.say = say,
	.release = release,
};
