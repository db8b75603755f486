/* Whether reports can be run with the options given. */
#include <errno.h>

#include "report/period.h"
#include "report/spec.h"

static bool any_takes(struct report *const *reports, size_t count, const char *option)
{
	for (size_t i = 0; i < count; i++)
		if (report_option(reports[i], option))
			return true;
	return false;
}

static int check_by(struct report *const *reports, size_t count,
		    const struct report_options *options, struct err *err)
{
	const char *word = period_word(options->by);

	for (size_t i = 0; i < count && options->by != BY_DEFAULT; i++) {
		const struct report_option *by = report_option(reports[i], "by");

		if (by && by->choices && !strstr(by->choices, word))
			return err_set(err, -EINVAL,
				       "can't use --by %s with report '%s': it takes %s", word,
				       reports[i]->name, by->choices);
	}
	return 0;
}

/* Options that nobody would take: the user means something that will not happen. */
static int check_options(struct report *const *reports, size_t count,
			 const struct report_options *options, struct err *err)
{
	const struct {
		const char *name;
		bool given;
	} given[] = {
		{"by", options->by != BY_DEFAULT},   {"gap", options->gap_s != UINT32_MAX},
		{"by-address", options->by_address}, {"log", options->log_scale},
		{"mark", options->mark_count > 0},   {"resolve", options->resolve},
	};

	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
		if (given[i].given && !any_takes(reports, count, given[i].name))
			return err_set(err, -EINVAL, "report '%s' takes no option '--%s'",
				       reports[0]->name, given[i].name);
	return check_by(reports, count, options, err);
}

static void list_tables(const struct report *report, char *buffer, size_t size)
{
	size_t len = 0;

	buffer[0] = 0;
	for (size_t i = 0; i < report->table_count && len < size; i++)
		len += (size_t)snprintf(buffer + len, size - len, "%s%s", i ? ", " : "",
					report->tables[i].name);
}

static int check_tables(struct report *const *reports, size_t count,
			const struct report_options *options, struct err *err)
{
	char names[512];
	size_t found = 0;

	list_tables(reports[0], names, sizeof(names));
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < reports[i]->table_count; j++)
			found += !options->table ||
				 strcmp(options->table, reports[i]->tables[j].name) == 0;
	if (options->table && found == 0)
		return err_set(err, -EINVAL, "report '%s' has no table '%s'; it has %s",
			       reports[0]->name, options->table, names);
	if (options->format == REPORT_CSV && found > 1)
		return err_set(err, -EINVAL,
			       "CSV holds one table: choose one with --table; '%s' has %s",
			       reports[0]->name, names);
	return 0;
}

int reports_check(struct report *const *reports, size_t count, const struct report_options *options,
		  struct err *err)
{
	int status;

	for (size_t i = 0; i < count; i++)
		if (reports[i]->fault.text[0])
			return err_set(err, -EINVAL, "%s", reports[i]->fault.text);
	status = check_options(reports, count, options, err);
	return status < 0 ? status : check_tables(reports, count, options, err);
}
