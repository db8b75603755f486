/* The table of commands, and how a command fails. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"

const struct command *const commands[] = {
	&command_report, &command_ingest,  &command_enrich, &command_sql,
	&command_block,	 &command_explain, &command_help,   NULL,
};

const struct command *command_find(const char *name)
{
	for (int i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

int fail(int status, const struct err *err)
{
	fprintf(stderr, "mxwatch: %s\n", err->text);
	return status;
}

int fail_with(int status, const char *format, ...)
{
	char text[sizeof(struct err)];
	struct err err;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	err_set(&err, 0, "%s", text);
	return fail(status, &err);
}
