/*
 * Look-ups, bounded: each server is asked about a hundred questions at a time.
 *
 * A lane walks through the list and asks what is not known or too old. The lane of
 * names asks for the PTR and then, one after the other, whether one of its names leads
 * back; a lane of a block list asks for one A record. Places are shared by the lanes that
 * have something to ask, so that a dead list does not hold up the names, and a lane that
 * gets nothing but failures gives up: the rest is left for another run.
 *
 * A question is one struct place from its first query to its last answer. Answers only
 * mark it: what follows is asked by the loop, so that no call nests.
 */
#include "enrich/lookups.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "enrich/answers.h"
#include "enrich/resolver.h"

#define PLACES_A_SERVER 100
#define PLACES_BEFORE_ANSWER 16 /* while it is not known whether anybody answers */
#define FAILURES_MAX 400	/* failures in a row: it stopped working */
#define REFUSED_MAX 20		/* error codes of a list in a row: it does not want us */
#define WAIT_MS 100
#define KEEP_COUNT 10000
#define NS_A_SECOND UINT64_C(1000000000)
#define KEEP_NS (3 * NS_A_SECOND)
#define PROGRESS_NS (NS_A_SECOND / 5)
#define BURST_NS (NS_A_SECOND / 20)

enum stage {
	STAGE_CHECK_EMPTY, /* of a list: 127.0.0.1 is in none, */
	STAGE_CHECK_TEST,  /* 127.0.0.2 is in each (RFC 5782, 5) */
	STAGE_POINTER,
	STAGE_FORWARD,
	STAGE_LIST
};

struct lane {
	int zone;		    /* of the enrichment; -1: names */
	struct view domain;	    /* of the zone */
	enum stage stage;	    /* what is asked next */
	bool waiting;		    /* for the answer to a check */
	size_t next;		    /* of the list */
	uint32_t open;		    /* questions on their way */
	uint32_t failures, refused; /* in a row */
	uint64_t due_ns;	    /* when the next question may go */
	bool answered, given_up;
};

struct place {
	struct question question; /* the first member */
	struct lookups *lookups;
	struct lane *lane;
	struct place *next; /* of the free or the finished ones */
	enum stage stage;
	struct ip ip;
	enum enrichment_state state; /* the answer */
	bool refused, silent;
	struct names names;  /* STAGE_FORWARD: those of the PTR, */
	uint32_t name;	     /* the one asked for, */
	bool forward_failed; /* and whether one could not be asked for */
};

struct lookups {
	struct resolver *resolver;
	struct enrichment *enrichment;
	const struct ip *list;
	size_t count;
	const struct enrich_options *options;
	const struct enrich_listener *listener;
	struct lane lanes[1 + ENRICHMENT_ZONES_MAX];
	uint32_t lane_count;
	struct place *places, *free, *finished;
	uint32_t place_count;
	uint32_t now, max_age_s; /* Unix time */
	uint64_t now_ns;	 /* of a clock that never jumps */
	uint64_t interval_ns;	 /* between questions to a list */
	uint64_t done, all;
	uint64_t kept_ns, told_ns;
	struct ip *changed;
	size_t changed_count, changed_capacity;
};

static void look_at_clocks(struct lookups *lookups)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	lookups->now_ns = (uint64_t)now.tv_sec * NS_A_SECOND + (uint64_t)now.tv_nsec;
	lookups->now = (uint32_t)time(NULL);
}

static void note(const struct lookups *lookups, const struct err *words)
{
	if (lookups->listener->note)
		lookups->listener->note(lookups->listener->context, words);
}

/* Places */

static void on_done(struct question *question, enum resolver_status status, struct view message)
{
	struct place *place = (struct place *)question;

	place->silent = status == RESOLVER_SILENT;
	place->refused = false;
	if (status == RESOLVER_NONE)
		place->state = ENRICHMENT_NO;
	else if (status != RESOLVER_ANSWER)
		place->state = ENRICHMENT_FAILED;
	else if (place->stage == STAGE_POINTER)
		place->state = answer_names(message, &place->names);
	else if (place->stage == STAGE_FORWARD)
		place->state = answer_leads_to(message, question->type, &place->ip);
	else
		place->state = answer_listing(message, &place->refused);
	place->next = place->lookups->finished;
	place->lookups->finished = place;
}

static void make_places(struct lookups *lookups)
{
	lookups->place_count = resolver_servers(lookups->resolver) * PLACES_A_SERVER;
	lookups->places = memory_get_zeroed(lookups->place_count, sizeof(*lookups->places));
	for (uint32_t i = 0; i < lookups->place_count; i++) {
		lookups->places[i].lookups = lookups;
		lookups->places[i].question.done = on_done;
		lookups->places[i].next = lookups->free;
		lookups->free = &lookups->places[i];
	}
}

static void ask(struct place *place, enum stage stage, enum wire_type type)
{
	place->stage = stage;
	place->question.type = type;
	resolver_ask(place->lookups->resolver, &place->question);
}

/* Asks for IP in a free place, of which there must be one. */
static void start(struct lookups *lookups, struct lane *lane, enum stage stage, const struct ip *ip)
{
	struct place *place = lookups->free;

	lookups->free = place->next;
	place->lane = lane;
	place->ip = *ip;
	place->forward_failed = false;
	lane->open++;
	if (stage == STAGE_POINTER) {
		wire_pointer_name(ip, place->question.name);
		ask(place, stage, WIRE_PTR);
		return;
	}
	wire_list_name(ip, lane->domain, place->question.name); /* its length was checked */
	ask(place, stage, WIRE_A);
}

static void ask_forward(struct place *place)
{
	memcpy(place->question.name, place->names.list[place->name], WIRE_NAME_MAX);
	ask(place, STAGE_FORWARD, ip_is_v4(&place->ip) ? WIRE_A : WIRE_AAAA);
}

/* Lanes */

static void lane_give_up(const struct lookups *lookups, struct lane *lane, const char *why)
{
	struct err words;

	if (lane->given_up)
		return;
	lane->given_up = true;
	if (lane->zone < 0)
		err_set(&words, 0, "names are not asked for any more: %s", why);
	else
		err_set(&words, 0, "the list '%.*s' is not asked any more: %s",
			(int)lane->domain.len, lane->domain.ptr, why);
	note(lookups, &words);
}

/* Nothing but silence in a lane: is it the list, or everything? */
static void lane_is_silent(struct lookups *lookups, struct lane *lane)
{
	struct err words;
	bool any = false;

	for (uint32_t i = 0; i < lookups->lane_count; i++)
		any = any || lookups->lanes[i].answered || lookups->lanes[i].given_up;
	if (any) {
		lane_give_up(lookups, lane, "no answer comes");
		return;
	}
	for (uint32_t i = 0; i < lookups->lane_count; i++)
		lookups->lanes[i].given_up = true;
	err_set(&words, 0, "no DNS server answers; name one with --dns, or try again later");
	note(lookups, &words);
}

/* Draws from the answer in PLACE whether the lane works. */
static void lane_learn(struct lookups *lookups, const struct place *place)
{
	struct lane *lane = place->lane;

	lane->answered |= !place->silent;
	lane->failures = place->state == ENRICHMENT_FAILED ? lane->failures + 1 : 0;
	lane->refused = place->refused ? lane->refused + 1 : 0;
	if (lane->given_up)
		return;
	if (lane->refused >= REFUSED_MAX)
		lane_give_up(lookups, lane,
			     "it answers with error codes; ask it through a resolver of your own "
			     "(--dns), or more slowly (--rate)");
	else if (!lane->answered && lane->failures >= PLACES_BEFORE_ANSWER)
		lane_is_silent(lookups, lane);
	else if (lane->failures >= FAILURES_MAX)
		lane_give_up(lookups, lane, "nothing but failures; try again later");
}

static bool lane_wants(const struct lookups *lookups, const struct lane *lane, const struct ip *ip)
{
	const struct enrichment_row *row = enrichment_find(lookups->enrichment, ip);

	return lane->zone < 0 ? row_wants_names(row, lookups->now, lookups->max_age_s)
			      : row_wants_zone(row, lane->zone, lookups->now, lookups->max_age_s);
}

/* Whether it has something to ask. Passes over what is known. */
static bool lane_has_more(const struct lookups *lookups, struct lane *lane)
{
	if (lane->given_up)
		return false;
	while (lane->next < lookups->count &&
	       !lane_wants(lookups, lane, &lookups->list[lane->next]))
		lane->next++;
	return lane->next < lookups->count;
}

static bool lane_may(const struct lookups *lookups, const struct lane *lane, uint32_t share)
{
	if (lane->waiting || lane->open >= share ||
	    (!lane->answered && lane->open >= PLACES_BEFORE_ANSWER))
		return false;
	return lane->zone < 0 || lane->due_ns <= lookups->now_ns;
}

/* Counts one question against the rate; what was not used is lost but for a little. */
static void lane_pay(const struct lookups *lookups, struct lane *lane)
{
	if (lane->due_ns + BURST_NS < lookups->now_ns)
		lane->due_ns = lookups->now_ns - BURST_NS;
	lane->due_ns += lookups->interval_ns;
}

static void lane_ask(struct lookups *lookups, struct lane *lane)
{
	static const struct ip empty = {{[10] = 0xff, 0xff, 127, 0, 0, 1}};
	static const struct ip test = {{[10] = 0xff, 0xff, 127, 0, 0, 2}};

	lane_pay(lookups, lane);
	if (lane->stage == STAGE_CHECK_EMPTY || lane->stage == STAGE_CHECK_TEST) {
		lane->waiting = true;
		start(lookups, lane, lane->stage,
		      lane->stage == STAGE_CHECK_EMPTY ? &empty : &test);
	} else {
		start(lookups, lane, lane->stage, &lookups->list[lane->next++]);
	}
}

/* Asks as long as there are places; returns whether anything is open or left. */
static bool ask_more(struct lookups *lookups)
{
	bool asked = true, alive = false;
	uint32_t active = 0;

	for (uint32_t i = 0; i < lookups->lane_count; i++) {
		bool more = lane_has_more(lookups, &lookups->lanes[i]);

		active += more;
		alive = alive || more || lookups->lanes[i].open > 0;
	}
	while (asked && lookups->free) {
		asked = false;
		for (uint32_t i = 0; i < lookups->lane_count && lookups->free; i++) {
			struct lane *lane = &lookups->lanes[i];

			if (lane_has_more(lookups, lane) &&
			    lane_may(lookups, lane, (lookups->place_count + active - 1) / active)) {
				lane_ask(lookups, lane);
				asked = true;
			}
		}
	}
	return alive;
}

/* Answers */

static void change(struct lookups *lookups, const struct ip *ip)
{
	ARRAY_GROW(lookups->changed, lookups->changed_count, lookups->changed_capacity);
	lookups->changed[lookups->changed_count++] = *ip;
}

static void finish_names(struct lookups *lookups, const struct place *place,
			 enum enrichment_state ptr, enum enrichment_state confirmed)
{
	struct enrichment_row *row = enrichment_add(lookups->enrichment, &place->ip);
	uint32_t which =
		place->stage == STAGE_FORWARD && confirmed == ENRICHMENT_YES ? place->name : 0;

	row_note_names(lookups->enrichment, row, lookups->now, ptr, confirmed,
		       ptr == ENRICHMENT_YES && place->names.count > 0
			       ? view_string(place->names.list[which])
			       : VIEW(""));
	change(lookups, &place->ip);
}

/* Returns whether the place goes on with another question. */
static bool take_pointer(struct lookups *lookups, struct place *place)
{
	if (place->state == ENRICHMENT_YES && place->names.count > 0) {
		place->name = 0;
		ask_forward(place);
		return true;
	}
	finish_names(lookups, place, place->state,
		     place->state == ENRICHMENT_FAILED ? ENRICHMENT_UNKNOWN : ENRICHMENT_NO);
	return false;
}

static bool take_forward(struct lookups *lookups, struct place *place)
{
	if (place->state == ENRICHMENT_YES) {
		finish_names(lookups, place, ENRICHMENT_YES, ENRICHMENT_YES);
		return false;
	}
	place->forward_failed |= place->state == ENRICHMENT_FAILED;
	if (++place->name < place->names.count) {
		ask_forward(place);
		return true;
	}
	finish_names(lookups, place, ENRICHMENT_YES,
		     place->forward_failed ? ENRICHMENT_FAILED : ENRICHMENT_NO);
	return false;
}

/* The lane's list was checked: is it one that can be believed? */
static void take_check(const struct lookups *lookups, const struct place *place)
{
	struct lane *lane = place->lane;
	struct err words;

	lane->waiting = false;
	if (place->stage == STAGE_CHECK_TEST) {
		lane->stage = STAGE_LIST;
		if (place->state != ENRICHMENT_NO)
			return;
		err_set(&words, 0,
			"the list '%.*s' does not hold the test entry 127.0.0.2 (RFC 5782): is "
			"its name right?",
			(int)lane->domain.len, lane->domain.ptr);
		note(lookups, &words);
	} else if (place->state == ENRICHMENT_YES) {
		lane_give_up(lookups, lane,
			     "it lists 127.0.0.1, so it lists everything (RFC 5782)");
	} else {
		lane->stage = STAGE_CHECK_TEST;
	}
}

static bool take(struct lookups *lookups, struct place *place)
{
	lane_learn(lookups, place);
	switch (place->stage) {
	case STAGE_POINTER:
		return take_pointer(lookups, place);
	case STAGE_FORWARD:
		return take_forward(lookups, place);
	case STAGE_LIST:
		row_note_zone(enrichment_add(lookups->enrichment, &place->ip), place->lane->zone,
			      lookups->now, place->state);
		change(lookups, &place->ip);
		return false;
	case STAGE_CHECK_EMPTY:
	case STAGE_CHECK_TEST:
		break;
	}
	take_check(lookups, place);
	return false;
}

static void take_all(struct lookups *lookups)
{
	struct place *place = lookups->finished;

	lookups->finished = NULL;
	while (place) {
		struct place *next = place->next;
		bool counts = place->stage >= STAGE_POINTER;

		if (!take(lookups, place)) {
			place->lane->open--;
			place->next = lookups->free;
			lookups->free = place;
			lookups->done += counts;
		}
		place = next;
	}
}

/* The run */

static int keep(struct lookups *lookups, bool last, struct err *err)
{
	const struct enrich_listener *listener = lookups->listener;
	int r;

	if (!last && lookups->changed_count < KEEP_COUNT &&
	    lookups->now_ns - lookups->kept_ns < KEEP_NS)
		return 0;
	lookups->kept_ns = lookups->now_ns;
	if (!listener->keep || lookups->changed_count == 0) {
		lookups->changed_count = 0;
		return 0;
	}
	r = listener->keep(listener->context, lookups->enrichment, lookups->changed,
			   lookups->changed_count, err);
	if (r == 0)
		lookups->changed_count = 0;
	return r == -EBUSY && !last ? 0 : r;
}

static void tell_progress(struct lookups *lookups)
{
	if (!lookups->listener->progress || lookups->now_ns - lookups->told_ns < PROGRESS_NS)
		return;
	lookups->told_ns = lookups->now_ns;
	lookups->listener->progress(lookups->listener->context, lookups->done, lookups->all);
}

/* Until when nothing but answers can happen. */
static int wait_ms(const struct lookups *lookups)
{
	uint64_t wait_ns = WAIT_MS * (NS_A_SECOND / 1000);

	for (uint32_t i = 0; i < lookups->lane_count; i++) {
		const struct lane *lane = &lookups->lanes[i];

		if (!lane->given_up && lane->next < lookups->count && lane->zone >= 0 &&
		    lane->due_ns > lookups->now_ns && lane->due_ns - lookups->now_ns < wait_ns)
			wait_ns = lane->due_ns - lookups->now_ns;
	}
	return (int)((wait_ns + 999999) / 1000000);
}

static int run(struct lookups *lookups, struct err *err)
{
	int r = 0;

	look_at_clocks(lookups);
	lookups->kept_ns = lookups->told_ns = lookups->now_ns;
	while (r == 0 && ask_more(lookups)) {
		if (!lookups->finished)
			resolver_run(lookups->resolver, wait_ms(lookups));
		look_at_clocks(lookups);
		take_all(lookups);
		tell_progress(lookups);
		r = keep(lookups, false, err);
	}
	return r == 0 ? keep(lookups, true, err) : r;
}

static int add_lane(struct lookups *lookups, struct view domain, struct err *err)
{
	const size_t longest = 2 * 32; /* the nibbles of an IPv6 address */
	struct lane lane = {.zone = -1, .stage = STAGE_POINTER};

	if (domain.len > 0) {
		if (!wire_is_domain(domain) || domain.len + longest >= WIRE_NAME_MAX)
			return err_set(err, -EINVAL, "--dnsbl '%.*s' is not the name of a DNS zone",
				       (int)domain.len, domain.ptr);
		lane.stage = STAGE_CHECK_EMPTY;
		lane.zone = enrichment_zone(lookups->enrichment, domain);
		if (lane.zone < 0)
			return err_set(err, -EINVAL, "more than %d lists in use; see --dnsbl",
				       ENRICHMENT_ZONES_MAX);
		lane.domain = strings_get(lookups->enrichment->strings,
					  lookups->enrichment->zones[lane.zone]);
	}
	for (uint32_t i = 0; i < lookups->lane_count; i++)
		if (lookups->lanes[i].zone == lane.zone)
			return 0;
	for (size_t i = 0; i < lookups->count; i++)
		lookups->all += lane_wants(lookups, &lane, &lookups->list[i]);
	lookups->lanes[lookups->lane_count++] = lane;
	return 0;
}

/* A zone's name as it is kept: small letters, no final dot. */
static size_t plain_zone(const char *zone, char *text, size_t size)
{
	size_t len = strlen(zone);

	if (len > 0 && zone[len - 1] == '.')
		len--;
	len = len < size ? len : size;
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(zone[i] >= 'A' && zone[i] <= 'Z' ? zone[i] + 32 : zone[i]);
	return len;
}

static int make_lanes(struct lookups *lookups, struct err *err)
{
	const char *const *zones = lookups->options->zones;
	int r = add_lane(lookups, VIEW(""), err);

	for (; r == 0 && zones && *zones; zones++) {
		char text[WIRE_NAME_MAX];
		size_t len = plain_zone(*zones, text, sizeof(text));

		r = len > 0 ? add_lane(lookups, view_of(text, len), err)
			    : err_set(err, -EINVAL, "--dnsbl '%s' is not the name of a DNS zone",
				      *zones);
	}
	return r;
}

/* Nanoseconds between questions to one list. */
static uint64_t interval_ns(const struct enrich_options *options)
{
	bool named = options->servers && options->servers[0];
	uint32_t rate = options->rate ? options->rate : named ? UINT32_MAX : ENRICH_RATE_PRESET;

	return rate == UINT32_MAX ? 0 : NS_A_SECOND / rate;
}

int lookups_run(struct enrichment *enrichment, const struct ip *list, size_t count,
		const struct enrich_options *options, const struct enrich_listener *listener,
		struct err *err)
{
	struct lookups lookups = {
		.enrichment = enrichment,
		.list = list,
		.count = count,
		.options = options,
		.listener = listener,
		.max_age_s = options->max_age_s ? options->max_age_s : ENRICH_MAX_AGE_PRESET_S,
		.interval_ns = interval_ns(options),
	};
	int r;

	look_at_clocks(&lookups);
	r = make_lanes(&lookups, err);
	if (r == 0)
		r = resolver_new(options->servers, &lookups.resolver, err);
	if (r == 0 && lookups.all > 0) {
		make_places(&lookups);
		r = run(&lookups, err);
	}
	resolver_free(lookups.resolver);
	free(lookups.places);
	free(lookups.changed);
	return r;
}
