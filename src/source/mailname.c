#include "source/mailname.h"

#include <ctype.h>

static bool mailname_clean(struct view name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (!isalnum(c) && !strchr("-_./+@", c))
			return false;
	}
	return name.len > 0;
}

/* Postfix under any syslog_name: its daemons' names (postfix-3.10 conf/postfix-files). */
static bool mailname_is_postfix_daemon(struct view daemon)
{
	static const char *const names[] = {
		"smtpd",    "smtp",	"lmtp",	    "cleanup",	"qmgr",
		"pickup",   "local",	"virtual",  "pipe",	"error",
		"discard",  "bounce",	"anvil",    "master",	"postscreen",
		"dnsblog",  "tlsproxy", "postdrop", "sendmail", "trivial-rewrite",
		"scache",   "flush",	"verify",   "proxymap", "postsuper",
		"postlogd", "tlsmgr",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (view_is(daemon, view_string(names[i])))
			return true;
	return false;
}

bool mailname_is(struct view name)
{
	static const char *const beginnings[] = {
		"postfix",  "exim",    "sendmail", "sm-mta",	"sm-msp",  "sm-que",
		"postgrey", "policyd", "opendkim", "opendmarc", "dovecot",
	};
	size_t slash;

	if (!mailname_clean(name))
		return false;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (view_starts(name, view_string(beginnings[i])))
			return true;
	slash = view_find_last_byte(name, '/');
	return slash != VIEW_NONE && mailname_is_postfix_daemon(view_from(name, slash + 1));
}
