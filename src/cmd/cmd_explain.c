/* mxwatch explain: all that is known of one client, network or mail address, and why. */
#include "cmd/command.h"
#include "cmd/explain.h"

#define TOP_TEXT 20 /* entries of the timeline where --top does not tell */
#define TOP_JSON 1000

static int read_and_explain(struct judgement *judgement, struct subject *subject)
{
	const struct options *options = judgement->options;
	struct fact_sink sink =
		subject_sink(subject, judgement->directory, judgement->from, judgement->until);
	struct explanation explanation;
	int status = judgement_read(judgement, &sink, 1, WORDS_ALL), judged;

	if (status != EXIT_DONE && status != EXIT_INPUT)
		return status;
	subject_finish(subject);
	judged = explain_resolve(judgement, subject);
	if (judged == EXIT_DONE)
		judged = judgement_judge(judgement);
	if (judged != EXIT_DONE)
		return judged;
	explanation_make(judgement, subject, &explanation);
	if (options->report.format == REPORT_JSON)
		explain_json(&explanation);
	else
		explain_text(&explanation);
	fflush(stdout);
	if (status == EXIT_DONE && options->check && explanation.kind == VERDICT_BLOCK)
		status = EXIT_FOUND;
	explanation_release(&explanation);
	return status;
}

static int run(struct options *options, char **args, size_t count)
{
	uint32_t top = options->report.top;
	struct judgement judgement;
	struct subject subject;
	struct err err;
	int status;

	if (count == 0)
		return fail_with(EXIT_USAGE, "nobody named; try 'mxwatch explain 192.0.2.7 LOG'");
	if (options->report.format == REPORT_CSV)
		return fail_with(EXIT_USAGE,
				 "explain has no --format csv; there are text and json");
	if (top == 0)
		top = options->report.format == REPORT_JSON ? TOP_JSON : TOP_TEXT;
	if (subject_init(&subject, args[0], top / 2 + top % 2, &err) < 0) {
		subject_release(&subject);
		return fail(EXIT_USAGE, &err);
	}
	status = judgement_open(options, args + 1, count - 1, &judgement);
	if (status == EXIT_DONE)
		status = read_and_explain(&judgement, &subject);
	judgement_release(&judgement);
	subject_release(&subject);
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.synopsis = "CLIENT|NETWORK|ADDRESS [LOG…]",
	.summary = "tell everything known of a client, and why it would be blocked or not",
	.text = "Tells the verdict on a client (an IP address), a network (192.0.2.0/24) or a mail "
		"address: 'block', 'watch' or 'clear', why, what speaks against it, the findings "
		"with their times and figures, what happened in each session and what was told, "
		"and what a block would have stopped and lost. Reads LOGs, or the store when none "
		"is given.\n\n"
		"IPv6 is judged by /64: the clients in one count as one. For a network all clients "
		"known in it are listed, the worst first; for a mail address those that used it as "
		"a sender, a recipient or a login. Somebody of whom nothing is known is clear.",
	.examples = "mxwatch explain 192.0.2.7\tfrom the store\n"
		    "mxwatch explain 198.51.100.0/24 /var/log/mail.log*\tall of a network\n"
		    "mxwatch explain test@live.com mail.log\twho used a sender's address\n"
		    "mxwatch explain --check 192.0.2.7 >/dev/null; [ $? -ne 1 ] || echo block\tin "
		    "a script\n",
	.groups =
		GROUP_INPUT | GROUP_STORE | GROUP_PERIOD | GROUP_ROWS | GROUP_JUDGE | GROUP_EXPLAIN,
	.run = run,
};
