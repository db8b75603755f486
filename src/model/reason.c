#include "model/reason.h"

#include <errno.h>

static const char *const reasons[REASON_MAX] = {
	[REASON_OTHER] = "other",
	[REASON_RELAY_DENIED] = "relay-denied",
	[REASON_UNKNOWN_RECIPIENT] = "unknown-recipient",
	[REASON_UNKNOWN_SENDER] = "unknown-sender",
	[REASON_SENDER_VERIFY] = "sender-verify",
	[REASON_DNSBL] = "dnsbl",
	[REASON_NO_PTR] = "no-ptr",
	[REASON_BAD_PTR] = "bad-ptr",
	[REASON_DYNAMIC] = "dynamic",
	[REASON_HELO] = "helo",
	[REASON_GREYLIST] = "greylist",
	[REASON_ACCESS] = "access",
	[REASON_RATE] = "rate",
	[REASON_AUTH_FAILED] = "auth-failed",
	[REASON_TLS] = "tls",
	[REASON_PROTOCOL] = "protocol",
	[REASON_PREGREET] = "pregreet",
	[REASON_TOO_MANY_ERRORS] = "too-many-errors",
	[REASON_TIMEOUT] = "timeout",
	[REASON_SIZE] = "size",
	[REASON_MESSAGE_ID] = "message-id",
	[REASON_CONTENT] = "content",
	[REASON_POLICY] = "policy",
	[REASON_RESOURCE] = "resource",
};

static const char *const stages[STAGE_MAX] = {
	[STAGE_UNKNOWN] = "unknown",   [STAGE_CONNECT] = "connect", [STAGE_HELO] = "helo",
	[STAGE_STARTTLS] = "starttls", [STAGE_AUTH] = "auth",	    [STAGE_MAIL] = "mail",
	[STAGE_RCPT] = "rcpt",	       [STAGE_DATA] = "data",	    [STAGE_HEADER] = "header",
	[STAGE_BODY] = "body",	       [STAGE_COMMAND] = "command",
};

const char *reason_name(enum reason reason)
{
	return reasons[reason < REASON_MAX ? reason : REASON_OTHER];
}

int reason_from_name(struct view name)
{
	for (int i = 0; i < REASON_MAX; i++)
		if (view_is(name, view_string(reasons[i])))
			return i;
	return -EINVAL;
}

const char *stage_name(enum stage stage)
{
	return stages[stage < STAGE_MAX ? stage : STAGE_UNKNOWN];
}
