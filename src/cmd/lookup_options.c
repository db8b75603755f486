/* The options of commands that ask the DNS: see lookup_options.h. */
#include "cmd/lookup_options.h"

#include <errno.h>

#include "base/civil.h"
#include "cmd/options.h"

#define MAX_AGE_MAX_S (10 * 366 * 86400)

static int add(struct lookup_list *list, const char *value, const char *name, struct err *err)
{
	if (list->configured)
		*list = (struct lookup_list){0};
	if (list->count == LOOKUP_LIST_MAX)
		return err_set(err, -EINVAL, "more than %d times --%s", LOOKUP_LIST_MAX, name);
	list->values[list->count++] = value;
	return 0;
}

int set_dns(struct options *options, const char *value, struct err *err)
{
	return add(&options->lookups.dns, value, "dns", err);
}

int set_dnsbl(struct options *options, const char *value, struct err *err)
{
	return add(&options->lookups.dnsbl, value, "dnsbl", err);
}

int set_mmdb(struct options *options, const char *value, struct err *err)
{
	return add(&options->lookups.mmdb, value, "mmdb", err);
}

int set_max_age(struct options *options, const char *value, struct err *err)
{
	struct err cause;
	int64_t s;

	if (civil_parse_span(view_string(value), &s, &cause) < 0)
		return err_set(err, -EINVAL, "--max-age: %s", cause.text);
	if (s < 1 || s > MAX_AGE_MAX_S)
		return err_set(err, -EINVAL, "--max-age '%s' is not between 1s and 10 years",
			       value);
	options->lookups.max_age_s = (uint32_t)s;
	return 0;
}

int set_rate(struct options *options, const char *value, struct err *err)
{
	struct view rest = view_string(value);
	unsigned long long rate;

	if (!view_eat_number(&rest, &rate) || rest.len > 0 || rate > UINT32_MAX)
		return err_set(err, -EINVAL, "--rate '%s' is not a number of look-ups a second",
			       value);
	options->lookups.rate = rate == 0 ? UINT32_MAX : (uint32_t)rate;
	return 0;
}

void lookup_options_configured(struct options_of_lookups *lookups)
{
	lookups->dns.configured = lookups->dns.count > 0;
	lookups->dnsbl.configured = lookups->dnsbl.count > 0;
	lookups->mmdb.configured = lookups->mmdb.count > 0;
}
