#include "model/event.h"

const char *mta_name(enum mta mta)
{
	static const char *const names[MTA_MAX] = {
		[MTA_UNKNOWN] = "unknown",
		[MTA_POSTFIX] = "postfix",
		[MTA_EXIM] = "exim",
		[MTA_SENDMAIL] = "sendmail",
	};

	return mta < MTA_MAX ? names[mta] : names[MTA_UNKNOWN];
}
