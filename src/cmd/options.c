#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/number.h"
#include "source/trouble.h"

static int set_number(const char *value, const char *name, long min, long max, long *ret,
		      struct err *err)
{
	char *end;

	errno = 0;
	*ret = strtol(value, &end, 10);
	if (errno || *end || end == value || *ret < min || *ret > max)
		return err_set(err, -EINVAL, "--%s '%s' is not a number from %ld to %ld", name,
			       value, min, max);
	return 0;
}

static int set_store(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->store = value;
	return 0;
}

static int set_config(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->config = value;
	return 0;
}

static int set_format(struct options *o, const char *value, struct err *err)
{
	static const char *const names[] = {"text", "json", "csv"};

	for (int i = 0; i < 3; i++)
		if (strcmp(value, names[i]) == 0) {
			o->report.format = (enum report_format)i;
			return 0;
		}
	return err_set(err, -EINVAL, "unknown --format '%s'; there are text, json and csv", value);
}

static int set_since(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->since = value;
	return 0;
}

static int set_until(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->until = value;
	return 0;
}

static int set_last(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->last = value;
	return 0;
}

static int set_top(struct options *o, const char *value, struct err *err)
{
	long n = 0;
	int r = set_number(value, "top", 1, 100000000, &n, err);

	o->report.top = (uint32_t)n;
	return r;
}

static int set_mta(struct options *o, const char *value, struct err *err)
{
	if (strcmp(value, "auto") == 0) {
		o->pipeline.mta = MTA_UNKNOWN;
		return 0;
	}
	for (int i = MTA_UNKNOWN + 1; i < MTA_MAX; i++)
		if (strcmp(value, mta_name((enum mta)i)) == 0) {
			o->pipeline.mta = (enum mta)i;
			return 0;
		}
	return err_set(err, -EINVAL,
		       "unknown --mta '%s'; there are postfix, exim, sendmail and auto", value);
}

static int set_year(struct options *o, const char *value, struct err *err)
{
	long n = 0;
	int r = set_number(value, "year", 1970, 2105, &n, err);

	o->pipeline.year = (int)n;
	return r;
}

static int set_tz(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->tz = value;
	return 0;
}

const char *options_own(struct options *options, char *text)
{
	ARRAY_GROW(options->owned, options->owned_count, options->owned_capacity);
	options->owned[options->owned_count++] = text;
	return text;
}

static int add(const char **list, size_t *count, const char *value, const char *name,
	       struct err *err)
{
	if (*count == LIST_MAX)
		return err_set(err, -EINVAL, "more than %d times --%s", LIST_MAX, name);
	list[(*count)++] = value;
	return 0;
}

static int add_local(struct options *o, const char *value, struct err *err)
{
	return add(o->local, &o->local_count, value, "local", err);
}

static int add_allow(struct options *o, const char *value, struct err *err)
{
	(void)err;
	ARRAY_GROW(o->allow, o->allow_count, o->allow_capacity);
	o->allow[o->allow_count++] = value;
	ARRAY_GROW(o->allow, o->allow_count, o->allow_capacity);
	o->allow[o->allow_count] = NULL;
	return 0;
}

static int set_span(const char *value, const char *name, int64_t max, int64_t *ret, struct err *err)
{
	struct err cause;

	if (civil_parse_span(view_string(value), ret, &cause) < 0)
		return err_set(err, -EINVAL, "--%s: %s", name, cause.text);
	if (*ret < 0 || *ret > max)
		return err_set(err, -EINVAL, "--%s '%s' is too long", name, value);
	return 0;
}

/* Entries of FILE, one a line; # begins a comment. */
static int add_allow_file(struct options *o, const char *value, struct err *err)
{
	_cleanup_fclose_ FILE *file = fopen(value, "re");
	_cleanup_free_ char *line = NULL;
	char words[TROUBLE_WORDS_MAX];
	size_t capacity = 0;
	ssize_t len;
	int r = 0;

	if (!file)
		return err_set(err, -EINVAL, "can't open '%s': %s", value,
			       trouble_words(errno, words));
	while (r == 0 && (len = getline(&line, &capacity, file)) >= 0) {
		struct view text = view_of(line, strcspn(line, "#\r\n"));
		char *entry;

		text = view_trim(text);
		if (text.len == 0)
			continue;
		entry = strndup(text.ptr, text.len);
		r = entry ? add_allow(o, options_own(o, entry), err)
			  : err_set(err, -ENOMEM, "out of memory");
	}
	/* Half of a list is none: who is allowed must not be blocked. */
	if (r == 0 && ferror(file))
		r = err_set(err, -EINVAL, "can't read '%s': %s", value,
			    trouble_words(errno, words));
	return r;
}

static int add_own(struct options *o, const char *value, struct err *err)
{
	return add(o->own, &o->own_count, value, "own", err);
}

static int add_setting(struct options *o, const char *value, struct err *err)
{
	return add(o->settings, &o->setting_count, value, "set", err);
}

static int set_window(struct options *o, const char *value, struct err *err)
{
	char *setting = NULL;
	int64_t s = 0;
	int r = set_span(value, "window", UINT32_MAX - 1, &s, err);

	if (r < 0)
		return r;
	if (asprintf(&setting, "one-mail-many-clients.window=%lld", (long long)s) < 0)
		return err_set(err, -ENOMEM, "out of memory");
	return add_setting(o, options_own(o, setting), err);
}

static int set_look_back(struct options *o, const char *value, struct err *err)
{
	int64_t s = 0;
	int r = set_span(value, "look-back", UINT32_MAX - 1, &s, err);

	o->look_back_s = (uint32_t)s;
	return r;
}

static int add_mark(struct options *o, const char *value, struct err *err)
{
	return add(o->mark, &o->mark_count, value, "mark", err);
}

static int add_journal(struct options *o, const char *value, struct err *err)
{
	char *path = NULL;

	if (asprintf(&path, "journal:%s", value ? value : "") < 0)
		return err_set(err, -ENOMEM, "out of memory");
	return add(o->journal, &o->journal_count, options_own(o, path), "journal", err);
}

const char *const option_by_names[] = {"", "hour", "day", "week", "month"};

static int set_by(struct options *o, const char *value, struct err *err)
{
	for (int i = BY_HOUR; i <= BY_MONTH; i++)
		if (strcmp(value, option_by_names[i]) == 0) {
			o->report.by = (enum report_by)i;
			return 0;
		}
	return err_set(err, -EINVAL, "unknown --by '%s'; there are hour, day, week and month",
		       value);
}

static int set_gap(struct options *o, const char *value, struct err *err)
{
	int64_t s = 0;
	int r = set_span(value, "gap", UINT32_MAX - 1, &s, err);

	o->report.gap_s = (uint32_t)s;
	return r;
}

static int set_session_gap(struct options *o, const char *value, struct err *err)
{
	int64_t s = 0;
	int r = set_span(value, "session-gap", UINT32_MAX - 1, &s, err);

	o->pipeline.sessions.gap_s = (uint32_t)s;
	return r;
}

static int set_keep(struct options *o, const char *value, struct err *err)
{
	return set_span(value, "keep", INT64_MAX / 2, &o->keep_s, err);
}

static int set_jobs(struct options *o, const char *value, struct err *err)
{
	long n = 0;
	int r = set_number(value, "jobs", 1, 64, &n, err);

	o->pipeline.jobs = (unsigned int)n;
	return r;
}

static int set_block(struct options *o, const char *value, struct err *err)
{
	uint64_t bytes = 0;
	int r = number_parse_size(view_string(value), &bytes, err);

	if (r == 0 && (bytes < 1 || bytes > (64 << 20)))
		return err_set(err, -EINVAL, "--block-size '%s' is not between 1 and 64M", value);
	o->pipeline.block_bytes = (size_t)bytes;
	return r;
}

static int set_table(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->report.table = value;
	return 0;
}

static int set_log(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->log = value;
	return 0;
}

static int set_output(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->block.output = value;
	return 0;
}

static int set_zone(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->block.zone = value;
	return 0;
}

static int set_url(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->block.url = value;
	return 0;
}

static int set_pattern(struct options *o, const char *value, struct err *err)
{
	(void)err;
	o->block.pattern = value;
	return 0;
}

static int set_network(struct options *o, const char *value, struct err *err)
{
	return prefix_parse(view_string(value), &o->block.network, err);
}

static int set_ttl(struct options *o, const char *value, struct err *err)
{
	int64_t s = 0;
	int r = set_span(value, "ttl", UINT32_MAX - 1, &s, err);

	if (r >= 0 && s == 0)
		return err_set(err, -EINVAL, "--ttl must be at least a second");
	o->block.ttl_s = (uint32_t)s;
	return r;
}

/* Numbers with commas between them. */
static int set_ports(struct options *o, const char *value, struct err *err)
{
	const size_t most = sizeof(o->block.ports) / sizeof(o->block.ports[0]) - 1;
	struct view rest = view_string(value);
	unsigned long long port;
	size_t count = 0;

	memset(o->block.ports, 0, sizeof(o->block.ports));
	do {
		if (count == most || !view_eat_number(&rest, &port) || port == 0 ||
		    port > UINT16_MAX)
			return err_set(err, -EINVAL,
				       "--ports '%s' is not a list of at most %zu ports, such as "
				       "25,465,587",
				       value, most);
		o->block.ports[count++] = (uint16_t)port;
	} while (view_eat(&rest, VIEW(",")));
	if (rest.len > 0)
		return err_set(err, -EINVAL, "--ports '%s' is not a list such as 25,465,587",
			       value);
	return 0;
}

#define FLAG(name, field)                                                      \
	static int name(struct options *o, const char *value, struct err *err) \
	{                                                                      \
		(void)value;                                                   \
		(void)err;                                                     \
		o->field = true;                                               \
		return 0;                                                      \
	}
FLAG(set_by_address, report.by_address)
FLAG(set_log_scale, report.log_scale)
FLAG(set_what_if, block.what_if)
FLAG(set_apply, block.apply)
FLAG(set_undo, block.undo)
FLAG(set_hits, block.hits)
FLAG(set_history, block.history)
FLAG(set_no_networks, block.no_networks)
FLAG(set_check, check)
FLAG(set_resolve, report.resolve)
FLAG(set_all, lookups.all)
FLAG(set_quiet, quiet)
FLAG(set_verbose, verbose)
FLAG(set_help, help)
FLAG(set_version, version)

#define GROUP_LOOKUPS (GROUP_ENRICH | GROUP_REPORT | GROUP_JUDGE)

const struct option_spec option_specs[] = {
	{"store", 's', "PATH", GROUP_STORE, "The store to use instead of the default one.",
	 set_store},
	{"config", 0, "FILE", GROUP_ANY, "Read options from FILE instead of the default one.",
	 set_config},
	{"format", 'f', "text|json|csv", GROUP_ROWS, "The form of the output.", set_format},
	{"since", 0, "TIME", GROUP_PERIOD,
	 "Leave out what was before TIME (2026-11-22, '2026-11-22 08:00', yesterday, -28d); "
	 "rounded down to a quarter of an hour.",
	 set_since},
	{"until", 0, "TIME", GROUP_PERIOD,
	 "Leave out what was at TIME and later; rounded up to a quarter of an hour.", set_until},
	{"last", 0, "SPAN", GROUP_PERIOD, "Only the last SPAN (4h, 28d, 6w) up to now.", set_last},
	{"top", 'n', "N", GROUP_REPORT | GROUP_BLOCK | GROUP_EXPLAIN, "Rows of the long tables.",
	 set_top},
	{"top", 'n', "N", GROUP_ENRICH, "Only the N clients that were refused most often.",
	 set_top},
	{"table", 0, "NAME", GROUP_REPORT | GROUP_BLOCK | GROUP_ENRICH,
	 "Only this table of the report; --format csv needs it.", set_table},
	{"by", 0, "hour|day|week|month", GROUP_REPORT, "The length of a row's period.", set_by},
	{"by-address", 0, NULL, GROUP_REPORT, "connections: clients by address, not by domain.",
	 set_by_address},
	{"gap", 0, "SPAN", GROUP_REPORT,
	 "retries: count clients whose first and last sessions are that far apart (5s).", set_gap},
	{"log", 0, NULL, GROUP_REPORT, "trend: draw on a logarithmic scale.", set_log_scale},
	{"log", 0, "LOG", GROUP_SQL, "Query this log instead of a store.", set_log},
	{"mark", 0, "DATE=TEXT", GROUP_REPORT, "trend: note what happened then (repeatable).",
	 add_mark},
	{"local", 0, "DOMAIN", GROUP_REPORT | GROUP_JUDGE, "A domain that is ours (repeatable).",
	 add_local},
	{"allow", 0, "NET|NAME", GROUP_REPORT | GROUP_JUDGE,
	 "A client, network or confirmed name (and what is below it) never to blame (repeatable).",
	 add_allow},
	{"allow-file", 0, "FILE", GROUP_REPORT | GROUP_JUDGE,
	 "Read such entries from FILE, one a line; # begins a comment.", add_allow_file},
	{"own", 0, "NET", GROUP_REPORT | GROUP_JUDGE,
	 "A network of ours, never to blame (repeatable).", add_own},
	{"look-back", 0, "SPAN", GROUP_REPORT | GROUP_JUDGE,
	 "How long mail that was taken in protects its sender (30d).", set_look_back},
	{"set", 0, "PATTERN.NAME=N", GROUP_REPORT | GROUP_JUDGE,
	 "Set a parameter of a pattern; 'mxwatch help patterns' lists them (repeatable).",
	 add_setting},
	{"window", 0, "SPAN", GROUP_REPORT | GROUP_JUDGE,
	 "One mail through several clients within SPAN is a pattern (10m).", set_window},
	{"output", 'o', "FILE", GROUP_BLOCK,
	 "Write to FILE: whole or not at all, and not if nothing changed.", set_output},
	{"apply", 0, NULL, GROUP_BLOCK,
	 "Put the blocks in force in place of the earlier ones (nft, route).", set_apply},
	{"undo", 0, NULL, GROUP_BLOCK, "Take back all that --apply put in force.", set_undo},
	{"what-if", 0, NULL, GROUP_BLOCK, "Do nothing but tell what the blocks would have stopped.",
	 set_what_if},
	{"history", 0, NULL, GROUP_BLOCK,
	 "Who was blocked when, why, until when, and who took it back.", set_history},
	{"hits", 0, NULL, GROUP_BLOCK, "What each block has met since.", set_hits},
	{"ttl", 0, "SPAN", GROUP_BLOCK,
	 "How long a block lasts after its last evidence, for all blocks.", set_ttl},
	{"no-networks", 0, NULL, GROUP_BLOCK, "Do not join neighbours into networks.",
	 set_no_networks},
	{"pattern", 0, "NAME", GROUP_BLOCK, "Only clients that were found in this pattern.",
	 set_pattern},
	{"client", 0, "ADDRESS", GROUP_BLOCK, "Only this client.", set_network},
	{"network", 0, "NET", GROUP_BLOCK, "Only clients in this network.", set_network},
	{"ports", 0, "N,N", GROUP_BLOCK, "nft: the ports to guard (25,465,587).", set_ports},
	{"zone", 0, "NAME", GROUP_BLOCK, "rbldnsd: the name of the zone (bl.example).", set_zone},
	{"url", 0, "URL", GROUP_BLOCK,
	 "rbldnsd: a page that tells more; $ in it becomes the client's address.", set_url},
	{"check", 0, NULL, GROUP_EXPLAIN, "Exit with status 1 if the verdict is to block.",
	 set_check},
	{"resolve", 0, NULL, GROUP_REPORT | GROUP_JUDGE,
	 "Ask the DNS and network tables about the clients at hand.", set_resolve},
	{"dns", 0, "ADDRESS[:PORT]", GROUP_LOOKUPS,
	 "The DNS server to ask instead of the system's (repeatable).", set_dns},
	{"dnsbl", 0, "ZONE", GROUP_LOOKUPS, "A DNS block list to ask (repeatable).", set_dnsbl},
	{"mmdb", 0, "FILE", GROUP_LOOKUPS,
	 "A table of networks in MaxMind's format (repeatable); else those that "
	 "tools/fetch-networks fetched.",
	 set_mmdb},
	{"max-age", 0, "SPAN", GROUP_LOOKUPS,
	 "Ask again what was answered longer ago (1d); failures after a 24th of it.", set_max_age},
	{"rate", 0, "N", GROUP_LOOKUPS,
	 "Look-ups a second in each block list; 0: no limit (200; 0 where --dns names a server).",
	 set_rate},
	{"all", 0, NULL, GROUP_ENRICH, "Clients too that were never refused.", set_all},
	{"mta", 0, "postfix|exim|sendmail|auto", GROUP_INPUT, "Read only this server's lines.",
	 set_mta},
	{"year", 0, "YEAR", GROUP_INPUT, "The year of a log's first stamp, where stamps have none.",
	 set_year},
	{"tz", 0, "ZONE", GROUP_ANY,
	 "The zone of stamps without one, and of times shown (Europe/Berlin, UTC, +02:00).",
	 set_tz},
	{"journal", 0, "[=PATH]", GROUP_INPUT, "Read the systemd journal, or the one in PATH.",
	 add_journal},
	{"session-gap", 0, "SPAN", GROUP_INPUT,
	 "Silence that ends a session whose end the log does not show (60s).", set_session_gap},
	{"keep", 0, "SPAN", GROUP_INGEST, "Afterwards forget what is older than SPAN (400d).",
	 set_keep},
	{"jobs", 'j', "N", GROUP_INPUT, "Threads to read with; by default one a processor.",
	 set_jobs},
	{"block-size", 0, "SIZE", GROUP_INPUT, "Bytes that a thread reads at a time.", set_block},
	{"quiet", 'q', NULL, GROUP_ANY, "No progress, no notes on the standard error.", set_quiet},
	{"verbose", 'v', NULL, GROUP_ANY, "Show a line of each kind that was not understood.",
	 set_verbose},
	{"help", 'h', NULL, GROUP_ANY, "Show this help.", set_help},
	{"version", 'V', NULL, GROUP_ANY, "Show the version.", set_version},
	{NULL, 0, NULL, 0, NULL, NULL},
};

#define LONG_BASE 1000 /* getopt_long's value for option_specs[i] is LONG_BASE + i */
#define SPECS_MAX 128

static int has_argument(const struct option_spec *spec)
{
	if (!spec->argument)
		return no_argument;
	return spec->argument[0] == '[' ? optional_argument : required_argument;
}

static void getopt_tables(unsigned int groups, struct option *longs, char *shorts)
{
	size_t n = 0, s = 0;

	shorts[s++] = ':';
	for (int i = 0; option_specs[i].name; i++) {
		const struct option_spec *spec = &option_specs[i];

		if (!(spec->groups & (groups | GROUP_ANY)))
			continue;
		longs[n++] = (struct option){spec->name, has_argument(spec), NULL, LONG_BASE + i};
		if (spec->letter) {
			shorts[s++] = spec->letter;
			if (spec->argument)
				shorts[s++] = ':';
		}
	}
	longs[n] = (struct option){NULL, 0, NULL, 0};
	shorts[s] = '\0';
}

static const struct option_spec *spec_of(int value)
{
	if (value >= LONG_BASE)
		return &option_specs[value - LONG_BASE];
	for (int i = 0; option_specs[i].name; i++)
		if (option_specs[i].letter == value)
			return &option_specs[i];
	return NULL;
}

static int complain(int value, char **argv, struct err *err)
{
	const char *what = optind > 0 ? argv[optind - 1] : "";

	if (value == ':')
		return err_set(err, -EINVAL, "option '%s' needs a value; see --help", what);
	return err_set(err, -EINVAL, "unknown option '%s'; see --help", what);
}

static int parse_all(struct options *options, unsigned int groups, int argc, char **argv,
		     struct err *err)
{
	struct option longs[SPECS_MAX];
	char shorts[2 * SPECS_MAX];
	int value, r = 0;

	getopt_tables(groups, longs, shorts);
	opterr = 0;
	optind = 1;
	while (r == 0 && (value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_spec *spec =
			value == '?' || value == ':' ? NULL : spec_of(value);

		if (!spec)
			return complain(value, argv, err);
		r = spec->set(options, optarg, err);
	}
	return r;
}

static int parse_configuration(struct options *options, unsigned int groups, const char *asked,
			       struct err *err)
{
	char folder[PATH_MAX - 16], path[PATH_MAX];
	int r;

	if (asked)
		return configuration_read(asked, groups, options, err);
	config_folder(folder, sizeof(folder));
	snprintf(path, sizeof(path), "%s/mxwatch.conf", folder);
	r = configuration_read(path, groups, options, err);
	return r == -ENOENT ? 0 : r;
}

int options_parse(struct options *options, unsigned int groups, int argc, char **argv,
		  char ***ret_rest, size_t *ret_count, struct err *err)
{
	struct options asked = {0};
	int r;

	/* Twice: first for --config, then over what the configuration says. */
	*options = (struct options){.report.gap_s = UINT32_MAX};
	r = parse_all(&asked, groups, argc, argv, err);
	options_release(&asked);
	if (r < 0)
		return r;
	if (!asked.help && !asked.version)
		r = parse_configuration(options, groups, asked.config, err);
	options->configured = options->report;
	options->configured.mark_count = options->mark_count;
	lookup_options_configured(&options->lookups);
	if (r == 0)
		r = parse_all(options, groups, argc, argv, err);
	*ret_rest = argv + optind;
	*ret_count = (size_t)(argc - optind);
	return r;
}

static void terminal(struct options *options)
{
	struct winsize size;
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");

	if (!isatty(STDOUT_FILENO))
		return;
	options->report.colour = !(no_colour && *no_colour) && term && strcmp(term, "dumb") != 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		options->report.width = size.ws_col;
}

static int finish_marks(struct options *options, struct err *err)
{
	struct report_mark *marks = memory_get_zeroed(options->mark_count, sizeof(*marks));

	options->report.marks = marks;
	options->report.mark_count = options->mark_count;
	for (size_t i = 0; i < options->mark_count; i++) {
		struct view text = view_string(options->mark[i]);
		size_t equals = view_find_byte(text, '=');

		if (equals == VIEW_NONE)
			return err_set(err, -EINVAL, "--mark '%s' is not DATE=TEXT",
				       options->mark[i]);
		marks[i].text = options->mark[i] + equals + 1;
		if (civil_parse_user(view_to(text, equals), options->report.zone, time(NULL),
				     &marks[i].time, err) < 0)
			return -EINVAL;
	}
	return 0;
}

static uint32_t clamp_time(int64_t time)
{
	return time < 0 ? 0 : time > UINT32_MAX - SLOT_S ? UINT32_MAX : (uint32_t)time;
}

static int finish_period(struct options *options, uint32_t *ret_from, uint32_t *ret_until,
			 struct err *err)
{
	struct zone *zone = options->report.zone;
	int64_t now = time(NULL), from = 0, until = UINT32_MAX, span;
	int r = 0;

	if (options->last) {
		if (options->since)
			return err_set(err, -EINVAL, "--last and --since say the same; give one");
		r = set_span(options->last, "last", now, &span, err);
		if (r < 0)
			return r;
		from = now - span;
	}
	if (options->since)
		r = civil_parse_user(view_string(options->since), zone, now, &from, err);
	if (r == 0 && options->until)
		r = civil_parse_user(view_string(options->until), zone, now, &until, err);
	if (r < 0)
		return r;
	if (until <= from)
		return err_set(err, -EINVAL,
			       "the period ends before it begins; see --since, --until");
	*ret_from = clamp_time(from);
	*ret_until = clamp_time(until);
	return 0;
}

int options_finish(struct options *options, uint32_t *ret_from, uint32_t *ret_until,
		   struct err *err)
{
	int r;

	r = zone_open(options->tz, &options->report.zone, err);
	if (r < 0)
		return r;
	options->pipeline.zone = options->report.zone;
	options->report.local_domains = options->local;
	terminal(options);
	r = finish_marks(options, err);
	if (r < 0)
		return r;
	return finish_period(options, ret_from, ret_until, err);
}

void options_release(struct options *options)
{
	zone_free(options->report.zone);
	free((void *)options->report.marks);
	for (size_t i = 0; i < options->owned_count; i++)
		free(options->owned[i]);
	free(options->owned);
	free(options->allow);
}
