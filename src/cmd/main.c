/* The program: finds the command and runs it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cmd/command.h"
#include "source/trouble.h"

/* A full disk or a closed pipe shows at the latest when the output is closed. */
static int close_output(int status)
{
	char words[TROUBLE_WORDS_MAX];

	if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_DONE)
		return fail_with(EXIT_INPUT, "can't write the output: %s",
				 trouble_words(errno, words));
	return status;
}

static int help_show(const struct command *command)
{
	help_print(command, stdout);
	return EXIT_DONE;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct options options;
	struct err err;
	char **rest;
	size_t count;
	int status;

	if (options_parse(&options, command->groups, argc, argv, &rest, &count, &err) < 0)
		status = fail(EXIT_USAGE, &err);
	else if (options.version)
		status = puts("mxwatch " MXWATCH_VERSION) < 0 ? EXIT_INPUT : EXIT_DONE;
	else if (options.help)
		status = help_show(command);
	else
		status = command->run(&options, rest, count);
	options_release(&options);
	return status;
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;

	/* A limit on file sizes is to be an error of write(), like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	/* Where whoever started this ignores it, no tool's end could be waited for. */
	signal(SIGCHLD, SIG_DFL);
	memory_keep_freed();

	if (argc < 2) {
		help_print(NULL, stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help_print(NULL, stdout);
		return close_output(EXIT_DONE);
	}
	/* "mxwatch LOG…" is "mxwatch report overview LOG…". */
	if (!command)
		return close_output(run(&command_overview, argc, argv));
	return close_output(run(command, argc - 1, argv + 1));
}
