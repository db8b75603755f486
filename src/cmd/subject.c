/* The subject of explain: see subject.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "block/history.h"
#include "cmd/subject.h"
#include "detect/origins.h"

#define ATTEMPTS_KEPT 20000    /* from each end */
#define MOMENTS_MAX (1u << 20) /* more are summed up into longer ones */

static void ends_sort(struct ends *ends)
{
	if (ends->count > 1)
		qsort(ends->rows, ends->count, ends->row_size, ends->compare);
}

/* Leaves the first and the last KEEP. */
static void ends_trim(struct ends *ends)
{
	size_t size = ends->row_size, keep = ends->keep;

	ends_sort(ends);
	if (ends->count <= 2 * keep)
		return;
	memmove(ends->rows + keep * size, ends->rows + (ends->count - keep) * size, keep * size);
	ends->dropped += ends->count - 2 * keep;
	ends->count = 2 * keep;
}

static void ends_add(struct ends *ends, const void *row)
{
	if (ends->count >= 4 * ends->keep)
		ends_trim(ends);
	ends->rows = memory_grow(ends->rows, ends->count, &ends->capacity, ends->row_size);
	memcpy(ends->rows + ends->count++ * ends->row_size, row, ends->row_size);
}

static int order(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int by_start(const void *a, const void *b)
{
	const struct session_fact *left = a, *right = b;
	int by = order(left->start, right->start);

	by = by ? by : order(left->end, right->end);
	return by ? by : order(left->number, right->number);
}

static int by_time(const void *a, const void *b)
{
	const struct attempt *left = a, *right = b;
	int by = order(left->time, right->time);

	by = by ? by : order(left->session, right->session);
	by = by ? by : order(left->recipient, right->recipient);
	return by ? by : order(left->sender, right->sender);
}

static int by_session(const void *a, const void *b)
{
	const struct attempt *left = a, *right = b;
	int by = order(left->session, right->session);

	return by ? by : by_time(a, b);
}

static int moment_order(const void *a, const void *b)
{
	return order(((const struct moment *)a)->start, ((const struct moment *)b)->start);
}

static void add_to(struct moment *sum, const struct moment *moment)
{
	sum->connections += moment->connections;
	sum->refusals += moment->refusals;
	sum->messages += moment->messages;
}

/* Sums up what lies in one moment, and makes moments longer until there are few enough. */
static void merge_moments(struct subject *subject, size_t max)
{
	struct moment *moments = subject->moments;

	if (subject->moment_count > 1)
		qsort(moments, subject->moment_count, sizeof(*moments), moment_order);
	for (;;) {
		size_t kept = 0;

		for (size_t i = 0; i < subject->moment_count; i++) {
			struct moment *last = kept ? &moments[kept - 1] : NULL;

			if (!last || last->start / subject->moment_s !=
					     moments[i].start / subject->moment_s) {
				moments[kept++] = moments[i];
				continue;
			}
			add_to(last, &moments[i]);
			last->end = moments[i].end > last->end ? moments[i].end : last->end;
		}
		subject->moment_count = kept;
		if (kept <= max)
			return;
		subject->moment_s *= 2;
	}
}

static void add_moment(struct subject *subject, const struct session_fact *session)
{
	if (subject->moment_count >= MOMENTS_MAX)
		merge_moments(subject, MOMENTS_MAX / 2);
	ARRAY_GROW(subject->moments, subject->moment_count, subject->moment_capacity);
	subject->moments[subject->moment_count++] = (struct moment){
		.start = session->start,
		.end = session->end,
		.connections = !(session->flags & SESSION_UNTIMED),
		.refusals = session->refusals,
		.messages = session->accepted,
	};
}

static bool is_client(const struct subject *subject, uint32_t client)
{
	return client != 0 && subject->kind != SUBJECT_MAILBOX &&
	       prefix_contains_ip(&subject->prefix,
				  &directory_client_at(subject->directory, client)->ip);
}

static bool is_mailbox(const struct subject *subject, uint32_t string)
{
	return view_is_nocase(strings_get(subject->directory->strings, string), subject->mailbox);
}

static bool is_outside(const struct subject *subject, uint32_t time)
{
	return time < subject->from || time >= subject->until;
}

static void seen(struct subject_totals *totals, uint32_t from, uint32_t until)
{
	totals->first = from < totals->first ? from : totals->first;
	totals->last = until > totals->last ? until : totals->last;
}

/* Returns whether the attempt touches the mail address. */
static bool take_mailbox(struct subject *subject, const struct attempt *attempt)
{
	struct subject_totals *totals = &subject->totals;
	bool recipient = attempt->recipient && is_mailbox(subject, attempt->recipient);
	bool sender = attempt->sender && is_mailbox(subject, attempt->sender);
	struct mailbox_client *client;

	if (!recipient && !sender)
		return false;
	client = map_at(&subject->clients, &attempt->client);
	if (client->last == 0 || attempt->time < client->first)
		client->first = attempt->time;
	client->last = attempt->time > client->last ? attempt->time : client->last;
	client->as_sender += sender ? attempt->count : 0;
	client->as_recipient += recipient ? attempt->count : 0;
	totals->as_recipient += recipient ? attempt->count : 0;
	if (sender && attempt->reason == REASON_AUTH_FAILED)
		totals->as_user += attempt->count;
	else if (sender)
		totals->as_sender += attempt->count;
	return true;
}

static void take_attempt(void *context, const struct attempt *attempt)
{
	struct subject *subject = context;

	if (attempt->client == 0 || is_outside(subject, attempt->time))
		return;
	if (subject->kind == SUBJECT_MAILBOX ? !take_mailbox(subject, attempt)
					     : !is_client(subject, attempt->client))
		return;
	ends_add(&subject->attempts, attempt);
	subject->totals.refusals += attempt->count;
	subject->totals.reasons[attempt->reason < REASON_MAX ? attempt->reason : REASON_OTHER] +=
		attempt->count;
	seen(&subject->totals, attempt->time, attempt->time);
}

static void take_session(void *context, const struct session_fact *session)
{
	struct subject *subject = context;

	if (is_outside(subject, session->end) || !is_client(subject, session->client))
		return;
	ends_add(&subject->sessions, session);
	add_moment(subject, session);
	subject->totals.sessions++;
	subject->totals.messages += session->accepted;
	seen(&subject->totals, session->start, session->end);
}

static void take_role(void *context, const struct role_fact *role)
{
	struct subject *subject = context;
	const uint32_t key[] = {role->day, role->role};
	bool is_new;

	if (subject->kind != SUBJECT_MAILBOX || role->string == 0 ||
	    is_outside(subject, role->day * 86400) || !is_mailbox(subject, role->string))
		return;
	map_add(&subject->days, key, map_hash(&subject->days, key), &is_new);
	if (role->role == ROLE_MAIL_SENDER) {
		subject->totals.sender_days += is_new;
		if (role->day > subject->totals.sender_day)
			subject->totals.sender_day = role->day;
	} else if (role->role == ROLE_MAIL_RECIPIENT) {
		subject->totals.recipient_days += is_new;
		if (role->day > subject->totals.recipient_day)
			subject->totals.recipient_day = role->day;
	}
}

/* The network around a client that is judged as one; a network as it is told. */
static int set_prefix(struct subject *subject, struct view text, struct err *err)
{
	struct prefix prefix, origin;
	int r = prefix_parse(text, &prefix, err);

	if (r < 0)
		return r;
	origin = origin_prefix(&prefix.ip);
	subject->kind = prefix.bits >= origin.bits ? SUBJECT_CLIENT : SUBJECT_NETWORK;
	subject->prefix = prefix.bits >= origin.bits ? origin : prefix;
	return 0;
}

static int parse(struct subject *subject, struct view text, struct err *err)
{
	if (view_find_byte(text, '@') == VIEW_NONE)
		return set_prefix(subject, text, err);
	view_eat(&text, VIEW("<"));
	if (view_ends(text, VIEW(">")))
		text.len--;
	subject->kind = SUBJECT_MAILBOX;
	subject->mailbox = text;
	return 0;
}

int subject_init(struct subject *subject, const char *text, size_t keep, struct err *err)
{
	*subject = (struct subject){
		.asked = text,
		.sessions = {.row_size = sizeof(struct session_fact),
			     .keep = keep,
			     .compare = by_start},
		.attempts = {.row_size = sizeof(struct attempt),
			     .keep = ATTEMPTS_KEPT,
			     .compare = by_time},
		.moment_s = 1,
		.totals = {.first = UINT32_MAX},
	};
	map_init(&subject->clients, sizeof(struct mailbox_client), sizeof(uint32_t));
	map_init(&subject->days, 2 * sizeof(uint32_t), 2 * sizeof(uint32_t));
	return parse(subject, view_trim(view_string(text)), err);
}

void subject_release(struct subject *subject)
{
	free(subject->sessions.rows);
	free(subject->attempts.rows);
	free(subject->moments);
	map_release(&subject->clients);
	map_release(&subject->days);
}

struct fact_sink subject_sink(struct subject *subject, const struct directory *directory,
			      uint32_t from, uint32_t until)
{
	struct fact_sink sink = fact_nowhere;

	subject->directory = directory;
	subject->from = from;
	subject->until = until;
	sink.context = subject;
	sink.attempt = take_attempt;
	sink.session = take_session;
	sink.role = take_role;
	return sink;
}

void subject_finish(struct subject *subject)
{
	ends_trim(&subject->sessions);
	ends_trim(&subject->attempts);
	merge_moments(subject, MOMENTS_MAX);
	if (subject->kind == SUBJECT_MAILBOX)
		return;
	subject->attempts.compare = by_session;
	ends_sort(&subject->attempts);
}

const struct attempt *subject_attempts(const struct subject *subject, uint32_t session,
				       size_t *ret_count)
{
	const struct attempt *attempts = (const void *)subject->attempts.rows;
	size_t low = 0, high = subject->attempts.count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (attempts[middle].session < session)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < subject->attempts.count && attempts[end].session == session;)
		end++;
	*ret_count = end - low;
	return attempts + low;
}

struct moment subject_between(const struct subject *subject, uint32_t from, uint64_t until)
{
	struct moment sum = {.start = from};

	for (size_t i = 0; i < subject->moment_count; i++) {
		const struct moment *moment = &subject->moments[i];

		if (moment->start >= from && moment->start < until)
			add_to(&sum, moment);
	}
	return sum;
}

struct moment subject_blocked(const struct subject *subject, uint32_t decided, uint32_t ttl_s,
			      uint32_t *ret_times)
{
	struct moment sum = {.start = decided};
	uint64_t from = decided, until = from + ttl_s;

	*ret_times = 0;
	for (size_t i = 0; i < subject->moment_count; i++) {
		const struct moment *moment = &subject->moments[i];

		if (moment->start > from && moment->start <= until) {
			add_to(&sum, moment);
		} else if (moment->start > until && moment->refusals > 0) {
			ttl_s = block_again_s(ttl_s);
			from = moment->end;
			until = from + ttl_s;
			(*ret_times)++;
		}
	}
	return sum;
}
