/* mxwatch help: how to use the program, a command, a report. */
#include <string.h>

#include "cmd/command.h"
#include "cmd/topics.h"
#include "detect/detector.h"

#define WIDTH 78
#define OPTION_COLUMN 26
#define PARAMETER_COLUMN 34

void help_wrap(FILE *out, const char *text, size_t indent, size_t column)
{
	while (*text) {
		size_t len = strcspn(text, " \n");

		if (column > indent && column + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', out);
			column++;
		} else {
			fprintf(out, "%*s", (int)(indent - column), "");
			column = indent;
		}
		fwrite(text, 1, len, out);
		column += len;
		text += len;
		if (text[0] == '\n' && text[1] == '\n') {
			fprintf(out, "\n\n");
			column = 0;
		}
		text += strspn(text, " \n");
	}
	fputc('\n', out);
}

static size_t option_head(FILE *out, const struct option_spec *spec)
{
	int n = spec->letter ? fprintf(out, "  -%c, --%s", spec->letter, spec->name)
			     : fprintf(out, "      --%s", spec->name);

	if (spec->argument)
		n += fprintf(out, "%s%s", spec->argument[0] == '[' ? "" : " ", spec->argument);
	return (size_t)n;
}

static void print_options(FILE *out, unsigned int groups)
{
	fputs("\nOptions:\n", out);
	for (int i = 0; option_specs[i].name; i++) {
		const struct option_spec *spec = &option_specs[i];
		size_t column;

		if (!(spec->groups & (groups | GROUP_ANY)))
			continue;
		column = option_head(out, spec);
		if (column >= OPTION_COLUMN) {
			fputc('\n', out);
			column = 0;
		}
		help_wrap(out, spec->help, OPTION_COLUMN, column);
	}
}

static void print_examples(FILE *out, const char *examples)
{
	if (!*examples)
		return;
	fputs("\nExamples:\n", out);
	while (*examples) {
		size_t command = strcspn(examples, "\t");
		size_t what = strcspn(examples + command + 1, "\n");

		fprintf(out, "  %.*s\n      %.*s\n", (int)command, examples, (int)what,
			examples + command + 1);
		examples += command + 1 + what + 1;
	}
}

static void print_program(FILE *out)
{
	char path[4096] = "", folder[4096];

	fputs("mxwatch reads what Postfix, Exim and Sendmail log and tells a postmaster who\n"
	      "connected, what they tried and what they were told.\n\n"
	      "Usage: mxwatch LOG...             the overview of logs\n"
	      "       mxwatch COMMAND [OPTION...] ...\n\nCommands:\n",
	      out);
	for (int i = 0; commands[i]; i++)
		fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	print_options(out, command_overview.groups);
	if (store_default_path(path, sizeof(path), NULL) == 0)
		fprintf(out, "\nThe default store is %s.\n", path);
	config_folder(folder, sizeof(folder));
	fprintf(out,
		"Options for always stand in %s/mxwatch.conf (mxwatch(1)),\n"
		"reports of one's own in %s/reports.\n",
		folder, folder);
	fputs("\nFurther help:\n", out);
	for (int i = 0; topics[i].name; i++)
		fprintf(out, "  %-8s %s\n", topics[i].name, topics[i].summary);
	fputs("\nExit status: 0 done, 1 something asked about was found, 2 usage, 3 input could\n"
	      "not be read, 4 the store could not be used.\n"
	      "\n'mxwatch help COMMAND' and 'mxwatch help report NAME' tell more.\n",
	      out);
}

void help_print(const struct command *command, FILE *out)
{
	if (!command || command == &command_overview) {
		print_program(out);
		return;
	}
	fprintf(out, "Usage: mxwatch %s [OPTION...] %s\n\n", command->name, command->synopsis);
	help_wrap(out, command->text, 0, 0);
	print_examples(out, command->examples);
	print_options(out, command->groups);
}

static int describe_report(const char *name)
{
	struct report **reports;
	size_t count, i = 0;
	int status = reports_of_user(&reports, &count);

	if (status)
		return status;
	while (i < count && strcmp(report_name(reports[i]), name) != 0)
		i++;
	if (i < count)
		report_describe(reports[i], stdout);
	else
		status = fail_with(EXIT_USAGE,
				   "there is no report '%s'; 'mxwatch report' lists them", name);
	reports_free(reports, count);
	return status;
}

static void print_parameters(const struct topic_entry *entry)
{
	const struct detect_parameter *parameter = entry->parameters;

	for (; parameter && parameter->name; parameter++) {
		size_t column = (size_t)printf("      %s.%s=%u", entry->name, parameter->name,
					       parameter->preset);

		if (column >= PARAMETER_COLUMN) {
			putchar('\n');
			column = 0;
		}
		help_wrap(stdout, parameter->about, PARAMETER_COLUMN, column);
	}
}

/* All of a topic, or what it tells of NAME. */
static int describe_topic(const struct topic *topic, const char *name)
{
	struct topic_entry entry;
	bool found = false;

	if (!name)
		help_wrap(stdout, topic->text, 0, 0);
	for (size_t n = 0; topic->entry(n, &entry); n++) {
		if (name && strcmp(name, entry.name) != 0)
			continue;
		found = true;
		printf("%s  %s: %s\n", name ? "" : "\n", entry.name, entry.title);
		help_wrap(stdout, entry.about, 6, 0);
		print_parameters(&entry);
	}
	if (!found)
		return fail_with(EXIT_USAGE,
				 "there is no '%s' among the %s; 'mxwatch help %s' "
				 "lists them",
				 name, topic->name, topic->name);
	return EXIT_DONE;
}

static int run(struct options *options, char **args, size_t count)
{
	const struct command *command;
	const struct topic *topic = count > 0 ? topic_find(args[0]) : NULL;

	(void)options;
	if (topic)
		return describe_topic(topic, count > 1 ? args[1] : NULL);
	if (count == 0) {
		print_program(stdout);
		return EXIT_DONE;
	}
	command = command_find(args[0]);
	if (!command)
		return fail_with(EXIT_USAGE,
				 "there is no command or topic '%s'; see 'mxwatch help'", args[0]);
	if (command == &command_report && count > 1)
		return describe_report(args[1]);
	help_print(command, stdout);
	return EXIT_DONE;
}

const struct command command_help = {
	.name = "help",
	.synopsis = "[COMMAND | report NAME | patterns [NAME] | forms [NAME]]",
	.summary = "tell how to use a command or what a report shows",
	.text = "Tells how to use mxwatch, one of its commands, what a report shows, which "
		"patterns "
		"are recognised, or which forms of blocks there are.",
	.examples = "mxwatch help report relay\tthe relay report's tables and columns\n"
		    "mxwatch help patterns flood\tone pattern and its parameters\n",
	.groups = 0,
	.run = run,
};
