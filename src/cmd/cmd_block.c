/*
 * mxwatch block: the plan in a form for a gate, put in force, taken back, played
 * against history; and what came of it.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/safe.h"
#include "block/file.h"
#include "block/form.h"
#include "cmd/block.h"

#define NAME_MAX_BYTES 128

/* Who runs this: "alice", or "root (alice)" by way of sudo. */
static void who_runs(char name[static NAME_MAX_BYTES])
{
	char room[4096], safe[NAME_MAX_BYTES / 2];
	const char *sudo = getenv("SUDO_USER");
	struct passwd entry, *found = NULL;
	int len;

	if (getpwuid_r(geteuid(), &entry, room, sizeof(room), &found) == 0 && found)
		len = snprintf(name, NAME_MAX_BYTES, "%.60s", found->pw_name);
	else
		len = snprintf(name, NAME_MAX_BYTES, "%u", (unsigned int)geteuid());
	if (!sudo || !*sudo || geteuid() != 0)
		return;
	safe_text_buffer(safe, sizeof(safe), view_string(sudo));
	snprintf(name + len, NAME_MAX_BYTES - (size_t)len, " (%s)", safe);
}

static uint32_t clock_now(void)
{
	time_t now = time(NULL);

	return now < 0 ? 0 : now > UINT32_MAX ? UINT32_MAX : (uint32_t)now;
}

static uint32_t until_of(uint32_t now, uint32_t ttl_s)
{
	return ttl_s > UINT32_MAX - now ? UINT32_MAX : now + ttl_s;
}

/* The blocks of a plan as records, one by one. */
struct recording {
	const struct block_form *form;
	const struct plan *plan; /* NULL: none */
	size_t at;
	uint32_t now;
	char who[NAME_MAX_BYTES];
	/* Of the record at hand. */
	char prefix[PREFIX_TEXT_MAX];
	char *because, *evidence;
};

static void recording_forget(struct recording *recording)
{
	free(recording->because);
	free(recording->evidence);
	recording->because = recording->evidence = NULL;
}

static bool next_record(void *context, struct block_record *ret_record)
{
	struct recording *recording = context;
	const struct plan *plan = recording->plan;
	const struct block *block;

	recording_forget(recording);
	if (!plan || recording->at == plan->count)
		return false;
	block = &plan->blocks[recording->at++];
	prefix_format(&block->prefix, recording->prefix);
	recording->because = block_because(plan, block);
	recording->evidence = block_evidence(plan, block);
	*ret_record = (struct block_record){
		.prefix = recording->prefix,
		.form = recording->form->name,
		.pattern = block->pattern,
		.because = recording->because,
		.evidence = recording->evidence,
		.evidence_id = block->id,
		.since = recording->now,
		.until = until_of(recording->now, block->ttl_s),
		.by = recording->who,
	};
	return true;
}

/* The blocks of PLAN (NULL: none), which are, or are to be, in force in FORM from now on. */
static struct recording recording_of(const struct block_form *form, const struct plan *plan)
{
	struct recording recording = {.form = form, .plan = plan, .now = clock_now()};

	who_runs(recording.who);
	return recording;
}

/* Before they are put in force: the audit trail tells of all that are new. */
static int announce(struct store *store, struct recording recording, struct err *err)
{
	const struct block_records records = {&recording, next_record};
	int r = store_blocks_announce(store, &records, recording.now, err);

	recording_forget(&recording);
	return r;
}

static int record(struct store *store, struct recording recording, struct err *err)
{
	const struct block_records records = {&recording, next_record};
	char undone_by[NAME_MAX_BYTES + 32];
	int r;

	snprintf(undone_by, sizeof(undone_by), "%s%s", recording.who,
		 recording.plan ? ": no longer due" : "");
	r = store_blocks_put(store, recording.form->name, &records, recording.now, undone_by, err);
	recording_forget(&recording);
	return r;
}

static struct form_options form_options_of(const struct options *options)
{
	struct form_options form = {.zone = options->block.zone, .url = options->block.url};

	memcpy(form.ports, options->block.ports, sizeof(form.ports));
	return form;
}

/* Says so on the standard error. */
static void say(const struct options *options, const struct plan *plan, const char *before,
		const char *name, const char *after)
{
	if (options->quiet)
		return;
	fprintf(stderr, "mxwatch: %s%zu block%s%s", before, plan->count,
		plan->count == 1 ? "" : "s", *name ? " in " : "");
	safe_text(stderr, view_string(name));
	fprintf(stderr, "%s\n", after);
}

static int write_file(const struct block_form *form, const struct plan *plan,
		      const struct form_options *form_options, const char *path, bool *ret_changed,
		      struct err *err)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int r;

	if (!out)
		return err_set(err, -ENOMEM, "out of memory");
	r = form->write(plan, form_options, out, err);
	if (fclose(out) != 0 && r >= 0)
		r = err_set(err, -ENOMEM, "out of memory");
	return r < 0 ? r : file_replace(path, view_of(text, len), ret_changed, err);
}

static int write_out(const struct block_form *form, const struct plan *plan,
		     const struct options *options)
{
	struct form_options form_options = form_options_of(options);
	const char *path = options->block.output;
	bool changed = false;
	struct err err;
	int r = path ? write_file(form, plan, &form_options, path, &changed, &err)
		     : form->write(plan, &form_options, stdout, &err);

	if (r < 0)
		return fail(r == -EINVAL ? EXIT_USAGE : EXIT_INPUT, &err);
	if (path)
		say(options, plan, changed ? "" : "still ", path, changed ? "" : ", unchanged");
	return EXIT_DONE;
}

static int apply(const struct block_form *form, const struct plan *plan,
		 const struct options *options)
{
	struct form_options form_options = form_options_of(options);
	struct err err;

	if (form->apply(plan, &form_options, &err) < 0)
		return fail(EXIT_INPUT, &err);
	say(options, plan, "", "", " in force");
	return EXIT_DONE;
}

/* Puts the plan in force and writes it, as far as either is asked for. *ret_done: something of it
   was done. */
static int put_out(const struct block_form *form, const struct plan *plan,
		   const struct options *options, bool *ret_done)
{
	int status = options->block.apply ? apply(form, plan, options) : EXIT_DONE;

	*ret_done = options->block.apply && !status;
	if (status || (options->block.apply && !options->block.output))
		return status;
	status = write_out(form, plan, options);
	*ret_done |= !status;
	return status;
}

/* The same with the store's audit trail, which tells of the blocks before anybody is blocked:
   killed in mid, or on a full disk, it may tell of too many, never of too few. */
static int put_out_audited(const struct block_form *form, const struct plan *plan,
			   const struct options *options, struct store *store)
{
	struct err err;
	bool done;
	int status;

	if (announce(store, recording_of(form, plan), &err) < 0)
		return fail(EXIT_STORE, &err);
	status = put_out(form, plan, options, &done);
	if ((done ? record(store, recording_of(form, plan), &err)
		  : store_blocks_withdraw(store, &err)) < 0)
		status = fail(EXIT_STORE, &err);
	return status;
}

/* What is written to a file or put in force from a store is kept in its audit trail. */
static int act(const struct block_form *form, const struct plan *plan,
	       const struct judgement *judgement)
{
	const struct options *options = judgement->options;
	struct store *store;
	bool done;
	int status;

	if (!judgement->store || !(options->block.apply || options->block.output))
		return put_out(form, plan, options, &done);
	status = store_asked_for(options, STORE_WRITE, &store);
	if (status)
		return status;
	status = put_out_audited(form, plan, options, store);
	store_close(store);
	return status;
}

static struct plan_options plan_options_of(const struct options *options)
{
	return (struct plan_options){
		.ttl_s = options->block.ttl_s,
		.no_networks = options->block.no_networks,
		.pattern = options->block.pattern,
		.network = options->block.network,
	};
}

#define STALE_S 86400

/* Blocks last from the end of the logs on, as if that were now: who acts on old ones, or whose
   store is no longer fed, is told. */
static void say_stale(const struct options *options, const struct plan *plan)
{
	int64_t age_s = clock_now() - (int64_t)plan->now;
	struct text age = {0};

	if (options->quiet || plan->count == 0 || age_s < STALE_S ||
	    !(options->block.apply || options->block.output))
		return;
	text_span(&age, (uint64_t)age_s);
	fprintf(stderr,
		"mxwatch: note: what was read ends %s ago; blocks last as if that were now\n",
		text_string(&age));
	text_release(&age);
}

static int plan_and_act(const struct block_form *form, struct judgement *judgement)
{
	struct plan_options wishes = plan_options_of(judgement->options);
	struct plan plan;
	int status;

	plan_make(&judgement->verdicts, &wishes, &plan);
	status = act(form, &plan, judgement);
	if (!status)
		say_stale(judgement->options, &plan);
	plan_release(&plan);
	return status;
}

/* FORM: NULL for --what-if. */
static int judge(struct options *options, const struct block_form *form, char **logs, size_t count)
{
	struct plan_options wishes = plan_options_of(options);
	struct judgement judgement;
	struct history history = {0};
	struct fact_sink sink;
	int status = judgement_open(options, logs, count, &judgement), read = EXIT_DONE;

	if (!status) {
		history_init(&history, judgement.from, judgement.until);
		sink = history_sink(&history);
		read = judgement_read(&judgement, &sink, options->block.what_if ? 1 : 0,
				      WORDS_JUDGED);
		status = read == EXIT_INPUT && judgement.totals.lines > 0 ? EXIT_DONE : read;
	}
	/* Half a log is enough to show, not to act upon. */
	if (!status && read && (options->block.apply || options->block.output))
		status = fail_with(read, "nothing was done, because not all logs could be read");
	if (!status)
		status = judgement_judge(&judgement);
	if (!status)
		status = options->block.what_if ? block_what_if(&judgement, &wishes, &history)
						: plan_and_act(form, &judgement);
	history_release(&history);
	judgement_release(&judgement);
	return status ? status : read;
}

/* The store whose audit trail is to be changed; none is no failure unless it was named. */
static int trail_to_change(const struct options *options, struct store **ret_store)
{
	char path[4096];
	struct stat unused;

	*ret_store = NULL;
	if (!options->store &&
	    (store_default_path(path, sizeof(path), NULL) < 0 || stat(path, &unused) < 0))
		return EXIT_DONE;
	return store_asked_for(options, STORE_WRITE, ret_store);
}

static int undo(const struct options *options, const struct block_form *form)
{
	struct store *store;
	struct err err;
	int status = trail_to_change(options, &store);

	if (status)
		return status;
	if (form->undo(&err) < 0)
		status = fail(EXIT_INPUT, &err);
	else if (store && record(store, recording_of(form, NULL), &err) < 0)
		status = fail(EXIT_STORE, &err);
	else if (!options->quiet)
		fprintf(stderr, "mxwatch: all blocks of %s are taken back\n", form->name);
	if (store)
		store_close(store);
	return status;
}

static int look_back(struct options *options, const struct block_form *form, char **logs,
		     size_t count)
{
	struct store *store;
	struct err err;
	uint32_t from, until;
	int status;

	if (options_finish(options, &from, &until, &err) < 0 ||
	    block_trail_check(&options->report, options->block.hits, &err) < 0)
		return fail(EXIT_USAGE, &err);
	status = store_asked_for(options, STORE_READ, &store);
	if (status)
		return status;
	status = options->block.hits ? block_hits(options, form, store, logs, count)
				     : block_trail(options, form, store);
	store_close(store);
	return status;
}

static int list_forms(const char *wrong)
{
	char names[256] = "";
	size_t len = 0;

	for (size_t i = 0; block_forms[i] && len < sizeof(names); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					block_forms[i]->name);
	if (wrong)
		return fail_with(EXIT_USAGE, "there is no form '%s'; there are: %s", wrong, names);
	return fail_with(EXIT_USAGE, "name a form: %s; or --what-if, --history, --hits", names);
}

static int check_actions(const struct options *options, const struct block_form *form, size_t count)
{
	const struct options_of_block *block = &options->block;
	int actions = block->what_if + block->apply + block->undo + block->hits + block->history;

	if (actions > 1)
		return fail_with(EXIT_USAGE, "--what-if, --apply, --undo, --hits and --history "
					     "exclude each other");
	if (block->output && (actions - block->apply) > 0)
		return fail_with(EXIT_USAGE, "--output goes with a form that is to be written");
	if ((block->apply && !form->apply) || (block->undo && !form->undo))
		return fail_with(EXIT_USAGE,
				 "the form '%s' is a file that its owner loads; --apply and "
				 "--undo are for nft and route",
				 form->name);
	if (block->undo && count > 0)
		return fail_with(EXIT_USAGE, "--undo takes all of it back; it reads no logs");
	if (block->pattern && !detector_find(view_string(block->pattern)))
		return fail_with(EXIT_USAGE,
				 "there is no pattern '%s'; 'mxwatch help patterns' lists them",
				 block->pattern);
	return EXIT_DONE;
}

static int run(struct options *options, char **args, size_t count)
{
	const struct options_of_block *block = &options->block;
	bool shows = block->what_if || block->hits || block->history;
	const struct block_form *form = count ? block_form_find(view_string(args[0])) : NULL;
	struct err err;
	int status;

	if (!form && !shows)
		return list_forms(count ? args[0] : NULL);
	if (form) {
		args++;
		count--;
	}
	status = check_actions(options, form, count);
	if (status)
		return status;
	if (block->hits || block->history)
		return look_back(options, form, args, count);
	if (block->undo)
		return undo(options, form);
	if (block->what_if && block_what_if_check(&options->report, &err) < 0)
		return fail(EXIT_USAGE, &err);
	return judge(options, form, args, count);
}

const struct command command_block = {
	.name = "block",
	.synopsis = "FORM [LOG...]",
	.summary = "who should be blocked, in a form for nft, Postfix, Exim, Sendmail, DNS",
	.text = "Judges the clients of the LOGs, or of the store, and writes whom to block in a "
		"FORM ('mxwatch help forms'): nft, route, sendmail, postfix, postscreen, exim, "
		"rbldnsd, plain, json. Each block tells why in one sentence, carries the id of its "
		"evidence, and ends by itself: after its last evidence it lasts as long as "
		"clients of this server stay away before they return, and longer for those who "
		"did. Nobody is blocked who is allowed, is ours, sent mail that was taken in, or "
		"is a large provider. Neighbours become a network where at least half of it is to "
		"be blocked and nobody else is known there.\n\n"
		"--output writes a file, whole or not at all, and leaves it alone if nothing "
		"changed. --apply (nft, route) puts the blocks in force and takes back those that "
		"are no longer due; --undo takes all of them back. What is written to a file or "
		"put in force from a store is kept in its audit trail: --history shows it, --hits "
		"what each block has met since.\n\n"
		"--what-if does nothing but play the blocks against the history, each from the "
		"time on at which its evidence was enough: connections stopped, refusals saved, "
		"sessions at once before and after, wanted messages lost, for several times to "
		"live side by side; with --client, --network or --pattern for these alone. When a "
		"block ends, the client's next refused session puts it in force again, for twice "
		"the time.",
	.examples = "mxwatch block --what-if /var/log/mail.log*\twhat blocking would have done\n"
		    "mxwatch block nft --apply\tput in force what the store's facts tell\n"
		    "mxwatch block nft --undo\ttake it all back\n"
		    "mxwatch block postfix --output /etc/postfix/mxwatch.cidr\tfor "
		    "check_client_access\n"
		    "mxwatch block --what-if --pattern flood --table effect -f csv mail.log\tone "
		    "pattern "
		    "alone\n"
		    "mxwatch block --hits\twhich blocks earn their place\n",
	.groups = GROUP_INPUT | GROUP_STORE | GROUP_PERIOD | GROUP_JUDGE | GROUP_ROWS | GROUP_BLOCK,
	.run = run,
};
