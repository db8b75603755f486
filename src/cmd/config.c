/*
 * The configuration file: libconfig's syntax, the long options' names, "-" as
 * "_". What may be given several times is a list.
 *
 *   local = [ "example.org", "example.net" ];
 *   session_gap = "90s";
 */
#include <errno.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/options.h"
#include "source/trouble.h"

/* The user's folder if there is one, else the system's if there is one. */
void config_folder(char *path, size_t size)
{
	static const char system_folder[] = "/etc/mxwatch";
	const char *folder = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (folder && *folder)
		snprintf(path, size, "%s/mxwatch", folder);
	else
		snprintf(path, size, "%s/.config/mxwatch", home ? home : "");
	if (access(path, F_OK) != 0 && (geteuid() == 0 || access(system_folder, F_OK) == 0))
		snprintf(path, size, "%s", system_folder);
}

static const struct option_spec *spec_named(const char *setting, unsigned int groups)
{
	const struct option_spec *other = NULL;

	for (int i = 0; option_specs[i].name; i++) {
		const char *a = option_specs[i].name, *b = setting;

		while (*a && (*a == *b || (*a == '-' && *b == '_')))
			a++, b++;
		if (*a || *b)
			continue;
		other = &option_specs[i];
		if (other->groups & (groups | GROUP_ANY))
			break;
	}
	return other;
}

/* A setting's value as the command line would have it; freed by the caller. */
static char *text_of(const config_setting_t *setting)
{
	char *text = NULL;
	int n = 0;

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_STRING:
		return strdup(config_setting_get_string(setting));
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		n = asprintf(&text, "%lld", config_setting_get_int64(setting));
		break;
	default:
		break;
	}
	return n < 0 ? NULL : text;
}

static int apply_value(const config_setting_t *setting, const struct option_spec *spec,
		       struct options *options, struct err *err)
{
	struct err cause;
	char *text;

	if (!spec->argument) {
		if (config_setting_type(setting) == CONFIG_TYPE_BOOL &&
		    !config_setting_get_bool(setting))
			return 0;
		return spec->set(options, NULL, err);
	}
	text = text_of(setting);
	if (!text)
		return err_set(err, -EINVAL, "'%s', line %d: '%s' is to be a string or a number",
			       config_setting_source_file(setting) ?: "configuration",
			       config_setting_source_line(setting), spec->name);
	if (spec->set(options, options_own(options, text), &cause) < 0)
		return err_set(err, -EINVAL, "'%s', line %d: %s",
			       config_setting_source_file(setting) ?: "configuration",
			       config_setting_source_line(setting), cause.text);
	return 0;
}

static int apply(const config_setting_t *setting, unsigned int groups, struct options *options,
		 struct err *err)
{
	const struct option_spec *spec = spec_named(config_setting_name(setting), groups);
	int r = 0;

	if (!spec)
		return err_set(err, -EINVAL, "'%s', line %d: there is no option '%s'",
			       config_setting_source_file(setting) ?: "configuration",
			       config_setting_source_line(setting), config_setting_name(setting));
	if (!(spec->groups & (groups | GROUP_ANY)))
		return 0;
	if (!config_setting_is_aggregate(setting))
		return apply_value(setting, spec, options, err);
	for (int i = 0; r == 0 && i < config_setting_length(setting); i++)
		r = apply_value(config_setting_get_elem(setting, (unsigned int)i), spec, options,
				err);
	return r;
}

int configuration_read(const char *path, unsigned int groups, struct options *options,
		       struct err *err)
{
	char words[TROUBLE_WORDS_MAX];
	config_t config;
	int r = 0;

	if (access(path, F_OK) != 0)
		return err_set(err, -ENOENT, "can't read the configuration '%s': %s", path,
			       trouble_words(errno, words));
	config_init(&config);
	if (!config_read_file(&config, path))
		r = err_set(err, -EINVAL, "'%s', line %d: %s", path, config_error_line(&config),
			    config_error_text(&config));
	for (int i = 0; r == 0 && i < config_setting_length(config_root_setting(&config)); i++)
		r = apply(config_setting_get_elem(config_root_setting(&config), (unsigned int)i),
			  groups, options, err);
	config_destroy(&config);
	return r;
}
