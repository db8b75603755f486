/*
 * For the build: man pages and shell completions, made from the same tables as
 * the help texts.
 *
 *   generate man [COMMAND | TOPIC] | generate bash | generate zsh
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/topics.h"
#include "detect/detector.h"

#define MANUAL_DATE "2026-11-22"

/* Text for roff: backslashes and dots at a line's begin are not its own. */
static void roff(const char *text)
{
	bool begin = true;

	for (; *text; text++) {
		if (*text == '\n' && text[1] == '\n') {
			fputs("\n.PP\n", stdout);
			text++;
			begin = true;
			continue;
		}
		if (begin && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
		begin = *text == '\n';
	}
}

static void man_options(unsigned int groups)
{
	fputs("\n.SH OPTIONS\n", stdout);
	for (int i = 0; option_specs[i].name; i++) {
		const struct option_spec *spec = &option_specs[i];

		if (!(spec->groups & (groups | GROUP_ANY)))
			continue;
		fputs(".TP\n", stdout);
		if (spec->letter)
			printf("\\fB\\-%c\\fR, ", spec->letter);
		fputs("\\fB\\-\\-", stdout);
		roff(spec->name);
		fputs("\\fR", stdout);
		if (spec->argument)
			printf("%s\\fI%s\\fR", spec->argument[0] == '[' ? "" : " ", spec->argument);
		putchar('\n');
		roff(spec->help);
		putchar('\n');
	}
}

static void man_examples(const char *examples)
{
	if (*examples)
		fputs(".SH EXAMPLES\n", stdout);
	while (*examples) {
		size_t command = strcspn(examples, "\t");
		size_t what = strcspn(examples + command + 1, "\n");
		char line[1024];

		snprintf(line, sizeof(line), "%.*s", (int)command, examples);
		fputs(".TP\n\\fB", stdout);
		roff(line);
		snprintf(line, sizeof(line), "%.*s", (int)what, examples + command + 1);
		fputs("\\fR\n", stdout);
		roff(line);
		putchar('\n');
		examples += command + 1 + what + 1;
	}
}

static void man_reports(void)
{
	struct report **reports;
	size_t count;

	if (reports_load(NULL, &reports, &count, NULL) < 0)
		return;
	fputs(".SH REPORTS\n", stdout);
	for (size_t i = 0; i < count; i++) {
		printf(".TP\n\\fB%s\\fR\n", report_name(reports[i]));
		roff(report_about(reports[i]));
		putchar('\n');
	}
	reports_free(reports, count);
}

static void man_exit_status(void)
{
	fputs(".SH EXIT STATUS\n0 done; 1 something asked about was found; 2 usage; 3 input could "
	      "not be read; 4 the store could not be used.\n",
	      stdout);
}

static void man_files(void)
{
	fputs(".SH FILES\n.TP\n\\fI~/.config/mxwatch/mxwatch.conf\\fR, else "
	      "\\fI/etc/mxwatch/mxwatch.conf\\fR\nThe configuration: long options, with _ "
	      "for \\-, for every run; what may be repeated is a list. The command line goes "
	      "before.\n.PP\n.RS\n.nf\nlocal = [ \"example.org\", \"example.net\" ];\n"
	      "top = 50;\ntz = \"Europe/Berlin\";\nsession_gap = \"90s\";\n.fi\n.RE\n"
	      ".TP\n\\fIreports/*.sql\\fR beside it\nReports of one's own, made like those in "
	      "\\fIshare/mxwatch/reports\\fR; one of the same name takes the place of that.\n"
	      ".TP\n\\fI/var/lib/mxwatch/store.db\\fR (root), "
	      "\\fI~/.local/state/mxwatch/store.db\\fR\nThe store.\n",
	      stdout);
}

static void man_program(void)
{
	fputs(".TH MXWATCH 1 \"" MANUAL_DATE "\" \"mxwatch " MXWATCH_VERSION
	      "\" \"User Commands\"\n.SH NAME\n"
	      "mxwatch \\- who connected to your mail server, what they tried and what they were "
	      "told\n.SH SYNOPSIS\n\\fBmxwatch\\fR \\fILOG\\fR...\n.br\n\\fBmxwatch\\fR "
	      "\\fICOMMAND\\fR [\\fIOPTION\\fR...] ...\n.SH DESCRIPTION\nReads what Postfix, Exim "
	      "and Sendmail log, rebuilds sessions, attempts and refusals, and prints the tables "
	      "that a postmaster wants.\n.SH COMMANDS\n",
	      stdout);
	for (int i = 0; commands[i]; i++) {
		printf(".TP\n\\fB%s\\fR\n", commands[i]->name);
		roff(commands[i]->summary);
		putchar('\n');
	}
	man_options(command_overview.groups);
	man_reports();
	man_files();
	man_exit_status();
	fputs(".SH SEE ALSO\n", stdout);
	for (int i = 0; commands[i]; i++)
		printf("\\fBmxwatch\\-%s\\fR(1), ", commands[i]->name);
	for (int i = 0; topics[i].name; i++)
		printf("%s\\fBmxwatch\\-%s\\fR(7)", i ? ", " : "", topics[i].name);
	putchar('\n');
}

static void man_command(const struct command *command)
{
	fputs(".TH MXWATCH-", stdout);
	for (const char *c = command->name; *c; c++)
		putchar(toupper((unsigned char)*c));
	printf(" 1 \"" MANUAL_DATE
	       "\" \"mxwatch %s\" \"User Commands\"\n.SH NAME\nmxwatch\\-%s \\- ",
	       MXWATCH_VERSION, command->name);
	roff(command->summary);
	printf("\n.SH SYNOPSIS\n\\fBmxwatch %s\\fR [\\fIOPTION\\fR...] %s\n.SH DESCRIPTION\n",
	       command->name, command->synopsis);
	roff(command->text);
	putchar('\n');
	man_options(command->groups);
	if (command == &command_report)
		man_reports();
	man_examples(command->examples);
	man_exit_status();
	fputs(".SH SEE ALSO\n\\fBmxwatch\\fR(1)\n", stdout);
}

static void man_parameters(const struct topic_entry *entry)
{
	const struct detect_parameter *parameter = entry->parameters;

	for (; parameter && parameter->name; parameter++) {
		printf(".RS\n.TP\n\\fB%s.%s\\fR = %u\n", entry->name, parameter->name,
		       parameter->preset);
		roff(parameter->about);
		puts("\n.RE");
	}
}

static void man_topic(const struct topic *topic)
{
	struct topic_entry entry;

	printf(".TH MXWATCH-%s 7 \"" MANUAL_DATE "\" \"mxwatch %s\" \"Miscellanea\"\n.SH NAME\n"
	       "mxwatch\\-%s \\- %s\n.SH DESCRIPTION\n",
	       topic->name, MXWATCH_VERSION, topic->name, topic->summary);
	roff(topic->text);
	putchar('\n');
	for (size_t n = 0; topic->entry(n, &entry); n++) {
		printf(".TP\n\\fB%s\\fR: %s\n", entry.name, entry.title);
		roff(entry.about);
		putchar('\n');
		man_parameters(&entry);
	}
	fputs(".SH SEE ALSO\n\\fBmxwatch\\fR(1)\n", stdout);
}

static void words_of_options(unsigned int groups)
{
	for (int i = 0; option_specs[i].name; i++)
		if (option_specs[i].groups & (groups | GROUP_ANY))
			printf("--%s ", option_specs[i].name);
}

static void words_of_reports(void)
{
	struct report **reports;
	size_t count;

	if (reports_load(NULL, &reports, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		printf("%s ", report_name(reports[i]));
	reports_free(reports, count);
}

/* What a topic tells of; of patterns also "NAME.PARAMETER=". */
static void words_of_topic(const char *name, bool parameters)
{
	const struct topic *topic = topic_find(name);
	struct topic_entry entry;

	for (size_t n = 0; topic && topic->entry(n, &entry); n++) {
		const struct detect_parameter *parameter = entry.parameters;

		if (!parameters)
			printf("%s ", entry.name);
		for (; parameters && parameter && parameter->name; parameter++)
			printf("%s.%s= ", entry.name, parameter->name);
	}
}

static void words_of_all(void)
{
	fputs("commands='", stdout);
	for (int i = 0; commands[i]; i++)
		printf("%s ", commands[i]->name);
	fputs("' topics='", stdout);
	for (size_t i = 0; topics[i].name; i++)
		printf("%s ", topics[i].name);
	fputs("'\n\tlocal reports='", stdout);
	words_of_reports();
	fputs("' forms='", stdout);
	words_of_topic("forms", false);
	fputs("'\n", stdout);
}

/* Options whose values are few: the words in "text|json|csv". */
static void completion_of_values(void)
{
	for (int i = 0; option_specs[i].name; i++) {
		const struct option_spec *spec = &option_specs[i];

		if (!spec->argument || !islower((unsigned char)spec->argument[0]))
			continue;
		fputs("\t", stdout);
		if (spec->letter)
			printf("-%c|", spec->letter);
		printf("--%s) words='", spec->name);
		for (const char *c = spec->argument; *c; c++)
			putchar(*c == '|' ? ' ' : *c);
		fputs("' ;;\n", stdout);
	}
	fputs("\t--pattern) words='", stdout);
	words_of_topic("patterns", false);
	fputs("' ;;\n\t--set) compopt -o nospace 2>/dev/null; words='", stdout);
	words_of_topic("patterns", true);
	fputs("' ;;\n", stdout);
}

static void completion_of_options(void)
{
	for (int i = 0; commands[i]; i++) {
		printf("\t\t%s) words='", commands[i]->name);
		words_of_options(commands[i]->groups);
		fputs("' ;;\n", stdout);
	}
	fputs("\t\t*) words='", stdout);
	words_of_options(command_overview.groups);
	fputs("' ;;\n", stdout);
}

/* One function for both shells: zsh runs it through bashcompinit. */
static void completion(void)
{
	fputs("_mxwatch()\n{\n\tlocal word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
	      "\tlocal before=${COMP_WORDS[COMP_CWORD-1]} words= ",
	      stdout);
	words_of_all();
	fputs("\tcase $before in\n", stdout);
	completion_of_values();
	fputs("\tesac\n\tif [[ -z $words && $word == -* ]]; then\n\t\tcase $command in\n", stdout);
	completion_of_options();
	fputs("\t\tesac\n\tfi\n\tif [[ -n $words ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n\t\treturn\n\tfi\n"
	      "\tif [[ $COMP_CWORD == 1 ]]; then\n\t\twords=$commands\n"
	      "\telif [[ $command == help && $COMP_CWORD == 2 ]]; then\n"
	      "\t\twords=\"$commands $topics\"\n"
	      "\telif [[ $command == block ]]; then\n\t\twords=$forms\n"
	      "\telif [[ $command == report && $COMP_CWORD == 2 || $command == help && "
	      "$before == report ]]; then\n\t\twords=$reports\n\tfi\n"
	      "\tlocal head=\n\t[[ $words == \"$reports\" && $word == *,* ]] && head=${word%,*},\n"
	      "\tCOMPREPLY=($(compgen -P \"$head\" -W \"$words\" -- \"${word##*,}\"))\n"
	      "\t[[ $command == help ]] || COMPREPLY+=($(compgen -f -- \"$word\"))\n}\n"
	      "complete -o filenames -F _mxwatch mxwatch\n",
	      stdout);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "man") == 0 && argc > 2 && command_find(argv[2]))
		man_command(command_find(argv[2]));
	else if (strcmp(what, "man") == 0 && argc > 2 && topic_find(argv[2]))
		man_topic(topic_find(argv[2]));
	else if (strcmp(what, "man") == 0)
		man_program();
	else if (strcmp(what, "zsh") == 0)
		fputs("#compdef mxwatch\nautoload -Uz bashcompinit && bashcompinit\n", stdout);
	if (strcmp(what, "bash") == 0 || strcmp(what, "zsh") == 0)
		completion();
	/* The first time zsh runs the file itself to complete. */
	if (strcmp(what, "zsh") == 0)
		fputs("_bash_complete -o filenames -F _mxwatch\n", stdout);
	return ferror(stdout) != 0;
}
