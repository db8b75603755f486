/*
 * All detectors over one stream of facts. The values of their parameters lie
 * here; what is known of domains and origins is folded once for all of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "detect/detection.h"

/* How much log time passes between two calls of forget. */
#define FORGET_EVERY_S 3600

struct running {
	const struct detector *detector;
	uint32_t parameters[DETECT_PARAMETERS_MAX];
	void *state;
};

struct detection {
	struct detect_context context;
	struct origins origins;
	struct relays relays;
	uint32_t from, until;
	uint32_t forgotten; /* when forget was called last */
	struct running *running;
	size_t count;
};

struct view detect_domain(struct view address)
{
	size_t at = view_find_last_byte(address, '@');

	return at == VIEW_NONE ? view_to(address, 0) : view_from(address, at + 1);
}

struct view detect_user(struct view address)
{
	size_t at = view_find_last_byte(address, '@');

	return view_to(address, at == VIEW_NONE ? address.len : at);
}

#define DOMAIN_MAX 255 /* RFC 5321, 4.5.3.1.2 */
#define DOMAIN_ROOM 256

/* In small letters, without a final dot; false if it is none. */
static bool plain_domain(struct view domain, char plain[static DOMAIN_ROOM], struct view *ret_plain)
{
	if (view_ends(domain, VIEW(".")))
		domain.len--;
	if (domain.len == 0 || domain.len > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < domain.len; i++) {
		char c = domain.ptr[i];

		plain[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	*ret_plain = view_of(plain, domain.len);
	return true;
}

bool detect_is_ours(const struct detect_context *context, struct view domain)
{
	char buffer[DOMAIN_ROOM];
	struct view plain;

	return plain_domain(domain, buffer, &plain) &&
	       strings_find(context->ours, plain) != UINT32_MAX;
}

uint64_t detect_address_hash(struct view address)
{
	char plain[STRINGS_LENGTH_MAX];

	address = view_to(address, sizeof(plain));
	for (size_t i = 0; i < address.len; i++) {
		char c = address.ptr[i];

		plain[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	return hash64(plain, address.len);
}

static void add_ours(struct detection *detection, struct view domain)
{
	char buffer[DOMAIN_ROOM];
	struct view plain;

	if (plain_domain(domain, buffer, &plain))
		strings_add(detection->context.ours, plain);
}

static void pass_time(struct detection *detection, uint32_t time)
{
	if (time > detection->context.newest)
		detection->context.newest = time;
	if (detection->context.newest - detection->forgotten < FORGET_EVERY_S)
		return;
	detection->forgotten = detection->context.newest;
	for (size_t i = 0; i < detection->count; i++)
		if (detection->running[i].detector->forget)
			detection->running[i].detector->forget(detection->running[i].state,
							       detection->context.newest);
}

static bool outside(const struct detection *detection, uint32_t time)
{
	return time < detection->from || time >= detection->until;
}

static void take_attempt(void *context, const struct attempt *attempt)
{
	struct detection *detection = context;
	uint32_t origin = origins_of_client(&detection->origins, attempt->client);

	if (origin == 0 || outside(detection, attempt->time))
		return;
	origins_take_attempt(&detection->origins, origin, attempt);
	relays_take(&detection->relays, origin, attempt);
	for (size_t i = 0; i < detection->count; i++)
		if (detection->running[i].detector->attempt)
			detection->running[i].detector->attempt(detection->running[i].state,
								attempt, origin);
	pass_time(detection, attempt->time);
}

static void take_session(void *context, const struct session_fact *session)
{
	struct detection *detection = context;
	uint32_t origin = origins_of_client(&detection->origins, session->client);

	if (origin == 0 || outside(detection, session->end))
		return;
	origins_take_session(&detection->origins, origin, session);
	for (size_t i = 0; i < detection->count; i++)
		if (detection->running[i].detector->session)
			detection->running[i].detector->session(detection->running[i].state,
								session, origin);
	pass_time(detection, session->end);
}

#define AHEAD 8 /* facts: so long takes what memory is asked for to come near */

static void expect_attempt(const struct detection *detection, const struct attempt *attempt)
{
	uint32_t origin = origins_expect(&detection->origins, attempt->client);

	for (size_t i = 0; origin && i < detection->count; i++)
		if (detection->running[i].detector->expect_attempt)
			detection->running[i].detector->expect_attempt(detection->running[i].state,
								       attempt, origin);
}

static void expect_session(const struct detection *detection, const struct session_fact *session)
{
	uint32_t origin = origins_expect(&detection->origins, session->client);

	for (size_t i = 0; origin && i < detection->count; i++)
		if (detection->running[i].detector->expect_session)
			detection->running[i].detector->expect_session(detection->running[i].state,
								       session, origin);
}

static void take_attempts(void *context, const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			expect_attempt(context, &attempts[i + AHEAD]);
		take_attempt(context, &attempts[i]);
	}
}

static void take_sessions(void *context, const struct session_fact *sessions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			expect_session(context, &sessions[i + AHEAD]);
		take_session(context, &sessions[i]);
	}
}

static void take_role(void *context, const struct role_fact *role)
{
	struct detection *detection = context;

	if (role->role == ROLE_LOCAL_DOMAIN)
		add_ours(detection,
			 strings_get(detection->context.directory->strings, role->string));
	for (size_t i = 0; i < detection->count; i++)
		if (detection->running[i].detector->role)
			detection->running[i].detector->role(detection->running[i].state, role);
}

struct fact_sink detection_sink(struct detection *detection)
{
	struct fact_sink sink = fact_nowhere;

	sink.context = detection;
	sink.attempt = take_attempt;
	sink.session = take_session;
	sink.role = take_role;
	sink.attempts = take_attempts;
	sink.sessions = take_sessions;
	return sink;
}

void *detect_bare_start(const struct detect_context *context, const uint32_t *parameters)
{
	struct detect_bare *bare = memory_get_zeroed(1, sizeof(*bare));

	bare->context = context;
	bare->parameters = parameters;
	return bare;
}

const struct detector *detector_find(struct view name)
{
	for (size_t i = 0; detectors[i]; i++)
		if (view_is(name, view_string(detectors[i]->name)))
			return detectors[i];
	return NULL;
}

static struct running *running_find(struct detection *detection, struct view name)
{
	for (size_t i = 0; i < detection->count; i++)
		if (view_is(name, view_string(detection->running[i].detector->name)))
			return &detection->running[i];
	return NULL;
}

static int parameter_find(const struct detector *detector, struct view name)
{
	for (int i = 0; i < DETECT_PARAMETERS_MAX && detector->parameters[i].name; i++)
		if (view_is(name, view_string(detector->parameters[i].name)))
			return i;
	return -1;
}

/* One "PATTERN.PARAMETER=VALUE". */
static int set(struct detection *detection, const char *setting, struct err *err)
{
	struct view text = view_string(setting);
	size_t equals = view_find_byte(text, '=');
	struct view name = view_to(text, equals == VIEW_NONE ? text.len : equals);
	struct view value = view_from(text, name.len + 1);
	size_t dot = view_find_byte(name, '.');
	struct running *running =
		running_find(detection, view_to(name, dot == VIEW_NONE ? name.len : dot));
	const struct detect_parameter *parameter;
	unsigned long long number;
	int n;

	if (!running || dot == VIEW_NONE)
		return err_set(err, -EINVAL,
			       "can't set '%s': it must be PATTERN.PARAMETER=NUMBER, "
			       "as 'mxwatch help patterns' lists them",
			       setting);
	n = parameter_find(running->detector, view_from(name, dot + 1));
	if (n < 0)
		return err_set(err, -EINVAL,
			       "can't set '%s': '%s' has no such parameter; "
			       "'mxwatch help patterns' lists them",
			       setting, running->detector->name);
	parameter = &running->detector->parameters[n];
	if (!view_eat_number(&value, &number) || value.len > 0 || number < parameter->min ||
	    number > parameter->max)
		return err_set(err, -EINVAL, "can't set '%s': it must be a number from %u to %u",
			       setting, parameter->min, parameter->max);
	running->parameters[n] = (uint32_t)number;
	return 0;
}

static void add_detectors(struct detection *detection)
{
	while (detectors[detection->count])
		detection->count++;
	detection->running = memory_get_zeroed(detection->count + 1, sizeof(*detection->running));
	for (size_t i = 0; i < detection->count; i++) {
		struct running *running = &detection->running[i];

		running->detector = detectors[i];
		for (size_t n = 0; n < DETECT_PARAMETERS_MAX; n++)
			running->parameters[n] = detectors[i]->parameters[n].preset;
	}
}

int detection_new(const struct directory *directory, const struct detect_options *options,
		  struct detection **ret_detection, struct err *err)
{
	struct detection *detection = memory_get_zeroed(1, sizeof(*detection));
	int r = 0;

	origins_init(&detection->origins, directory);
	detection->context.directory = directory;
	detection->context.origins = &detection->origins;
	detection->context.relays = &detection->relays;
	detection->context.ours = strings_new();
	detection->from = options->from;
	detection->until = options->until;
	for (size_t i = 0; options->local_domains && options->local_domains[i]; i++)
		add_ours(detection, view_string(options->local_domains[i]));
	add_detectors(detection);
	for (size_t i = 0; options->settings && options->settings[i] && r == 0; i++)
		r = set(detection, options->settings[i], err);
	if (r < 0) {
		detection_free(detection);
		return r;
	}
	for (size_t i = 0; i < detection->count; i++)
		detection->running[i].state = detection->running[i].detector->start(
			&detection->context, detection->running[i].parameters);
	*ret_detection = detection;
	return 0;
}

void detection_free(struct detection *detection)
{
	if (!detection)
		return;
	for (size_t i = 0; i < detection->count; i++)
		if (detection->running[i].state)
			detection->running[i].detector->release(detection->running[i].state);
	free(detection->running);
	strings_free(detection->context.ours);
	relays_release(&detection->relays);
	origins_release(&detection->origins);
	free(detection);
}

const struct detect_context *detection_context(const struct detection *detection)
{
	return &detection->context;
}

void detection_find(struct detection *detection, struct findings *ret_findings)
{
	*ret_findings = (struct findings){0};
	for (size_t i = 0; i < detection->count; i++)
		if (detection->running[i].detector->find)
			detection->running[i].detector->find(detection->running[i].state,
							     ret_findings);
	findings_sort(ret_findings);
}

void detection_say(const struct detection *detection, const struct finding *finding,
		   struct text *text)
{
	const struct detector *detector = detector_find(view_string(finding->pattern));

	if (detector && detector->say)
		detector->say(finding, &detection->context, text);
}

static void tell_finding(const struct detection *detection, const struct finding *finding,
			 struct patterns *patterns)
{
	const struct origin *origin = origins_at(&detection->origins, finding->origin);
	struct text sentence = {0}, network = {0};
	char prefix[PREFIX_TEXT_MAX];

	detection_say(detection, finding, &sentence);
	prefix_format(&origin->prefix, prefix);
	text_add(&network, view_string(prefix));
	ARRAY_GROW(patterns->findings, patterns->finding_count, patterns->finding_capacity);
	patterns->findings[patterns->finding_count++] = (struct pattern_finding){
		.pattern = finding->pattern,
		.grade = grade_name((enum grade)finding->grade),
		.client = origin->flags & ORIGIN_CLIENTS_MANY ? 0 : origin->client,
		.network = text_take(&network),
		.sentence = text_take(&sentence),
		.since = finding->since,
		.until = finding->until,
	};
}

void detection_tell(struct detection *detection, const struct findings *findings,
		    struct patterns *ret_patterns)
{
	*ret_patterns = (struct patterns){0};
	for (size_t i = 0; i < detection->count; i++)
		if (detection->running[i].detector->tell)
			detection->running[i].detector->tell(detection->running[i].state,
							     ret_patterns);
	for (size_t i = 0; i < findings->count; i++)
		tell_finding(detection, &findings->list[i], ret_patterns);
}

/*
 * Saved form: for each detector that saves, "NAME LENGTH\n" and LENGTH bytes.
 */
void detection_save(struct detection *detection, struct text *bytes)
{
	for (size_t i = 0; i < detection->count; i++) {
		const struct running *running = &detection->running[i];
		struct text part = {0};

		if (!running->detector->save)
			continue;
		running->detector->save(running->state, &part);
		text_format(bytes, "%s %zu\n", running->detector->name, part.len);
		text_add(bytes, view_of(text_string(&part), part.len));
		text_release(&part);
	}
}

/* Takes the next part off *bytes. */
static bool next_part(struct view *bytes, struct view *ret_name, struct view *ret_part)
{
	size_t space = view_find_byte(*bytes, ' ');
	unsigned long long len;

	if (space == VIEW_NONE)
		return false;
	*ret_name = view_to(*bytes, space);
	*bytes = view_from(*bytes, space + 1);
	if (!view_eat_number(bytes, &len) || !view_eat(bytes, VIEW("\n")) || len > bytes->len)
		return false;
	*ret_part = view_to(*bytes, (size_t)len);
	*bytes = view_from(*bytes, (size_t)len);
	return true;
}

int detection_load(struct detection *detection, struct view bytes)
{
	struct view name, part;

	while (bytes.len > 0) {
		struct running *running;

		if (!next_part(&bytes, &name, &part))
			return -EBADMSG;
		running = running_find(detection, name);
		if (running && running->detector->load &&
		    running->detector->load(running->state, part) < 0)
			return -EBADMSG;
	}
	return 0;
}
