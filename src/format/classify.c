/*
 * Recognising a refusal by its words.
 *
 * One pass: at the beginning of each word the phrases of its first letter are
 * tried. Of the phrases found the strongest decides, and of equals the one that
 * stands first. Three strengths: sure phrases say it all ("blocked using"),
 * plain ones name a cause ("dynamic"), weak ones tell only what the rule was
 * about ("sender address rejected").
 *
 * Where texts come from: Postfix smtpd_check.c, smtpd.c, postscreen*.c; Exim
 * receive.c, smtp_in.c, verify.c and the configurations that Debian ships;
 * Sendmail proto.m4, srvrsmtp.c, collect.c; the usual policy services, lists and
 * mail filters; replies of large providers.
 */
#include "format/classify.h"

#define TEXT_MAX 500

enum strength { WEAK = 1, PLAIN, SURE };

struct phrase {
	const char *text; /* small letters */
	uint8_t len;
	uint8_t strength;
	uint8_t reason;
	bool stem; /* the last word may go on */
};

#define PHRASE(words, strength, reason)                                    \
	{                                                                  \
		words, sizeof(words) - 1, strength, REASON_##reason, false \
	}
#define STEM(words, strength, reason)                                     \
	{                                                                 \
		words, sizeof(words) - 1, strength, REASON_##reason, true \
	}
#define END                          \
	{                            \
		NULL, 0, 0, 0, false \
	}

static const struct phrase phrases_a[] = {
	STEM("abused", PLAIN, POLICY),
	PHRASE("access denied", WEAK, ACCESS),
	PHRASE("access not allowed", WEAK, ACCESS),
	PHRASE("account disabled", PLAIN, UNKNOWN_RECIPIENT),
	PHRASE("account is disabled", PLAIN, UNKNOWN_RECIPIENT),
	PHRASE("account not found", PLAIN, UNKNOWN_RECIPIENT),
	PHRASE("address unknown", PLAIN, UNKNOWN_RECIPIENT),
	PHRASE("address does not exist", PLAIN, UNKNOWN_RECIPIENT),
	PHRASE("address lookup failed", WEAK, RESOURCE),
	PHRASE("administrative prohibition", WEAK, POLICY),
	PHRASE("administratively denied", WEAK, ACCESS),
	PHRASE("all screening ports busy", SURE, RESOURCE),
	PHRASE("all server ports busy", SURE, RESOURCE),
	PHRASE("attachment", WEAK, CONTENT),
	PHRASE("authentication failed", SURE, AUTH_FAILED),
	PHRASE("authentication failure", SURE, AUTH_FAILED),
	PHRASE("authentication credentials invalid", SURE, AUTH_FAILED),
	PHRASE("authentication required", PLAIN, ACCESS),
	PHRASE("authorization failed", SURE, AUTH_FAILED),
	END};
static const struct phrase phrases_b[] = {STEM("backscatter", PLAIN, DNSBL),
					  PHRASE("bad command sequence", PLAIN, PROTOCOL),
					  PHRASE("bad helo", SURE, HELO),
					  PHRASE("bad hostname", WEAK, HELO),
					  PHRASE("bad recipient address syntax", SURE, PROTOCOL),
					  PHRASE("bad reputation", PLAIN, DNSBL),
					  PHRASE("bad reverse dns", SURE, BAD_PTR),
					  PHRASE("bad sender address syntax", SURE, UNKNOWN_SENDER),
					  PHRASE("bad sequence", PLAIN, PROTOCOL),
					  PHRASE("bad sender's mailbox", SURE, UNKNOWN_SENDER),
					  PHRASE("bad syntax", PLAIN, PROTOCOL),
					  PHRASE("bad user", PLAIN, UNKNOWN_RECIPIENT),
					  PHRASE("bad utf-8 syntax", SURE, PROTOCOL),
					  PHRASE("banned", WEAK, ACCESS),
					  PHRASE("bare <lf> received", SURE, PROTOCOL),
					  STEM("barracuda", PLAIN, DNSBL),
					  PHRASE("black-list", PLAIN, DNSBL),
					  PHRASE("black list", PLAIN, DNSBL),
					  STEM("blacklist", PLAIN, DNSBL),
					  PHRASE("blocked at", PLAIN, DNSBL),
					  PHRASE("blocked by", WEAK, ACCESS),
					  PHRASE("blocked due to", WEAK, ACCESS),
					  PHRASE("blocked using", SURE, DNSBL),
					  PHRASE("blocked", WEAK, ACCESS),
					  STEM("blocklist", PLAIN, DNSBL),
					  PHRASE("block list", PLAIN, DNSBL),
					  PHRASE("bogus helo", SURE, HELO),
					  PHRASE("body rejected", WEAK, CONTENT),
					  END};
static const struct phrase phrases_c[] = {
	PHRASE("callout", PLAIN, SENDER_VERIFY),
	PHRASE("cannot find your hostname", SURE, BAD_PTR),
	PHRASE("cannot find your reverse hostname", SURE, NO_PTR),
	PHRASE("certificate not verified", SURE, TLS),
	PHRASE("cannot resolve your", PLAIN, BAD_PTR),
	PHRASE("can't resolve your", PLAIN, BAD_PTR),
	PHRASE("client host rejected", WEAK, ACCESS),
	PHRASE("client ip address", WEAK, NO_PTR),
	STEM("clam", PLAIN, CONTENT),
	PHRASE("come back later", PLAIN, GREYLIST),
	PHRASE("command not recognized", PLAIN, PROTOCOL),
	PHRASE("command rejected", WEAK, POLICY),
	PHRASE("command time limit", SURE, TIMEOUT),
	PHRASE("command unrecognized", PLAIN, PROTOCOL),
	PHRASE("connection concurrency limit", SURE, RATE),
	PHRASE("connection rate", SURE, RATE),
	PHRASE("connection refused", WEAK, ACCESS),
	PHRASE("could not be verified", WEAK, SENDER_VERIFY),
	PHRASE("could not complete sender verify", SURE, SENDER_VERIFY),
	PHRASE("csa verification", PLAIN, HELO),
	END};
static const struct phrase phrases_d[] = {PHRASE("data command rejected", WEAK, POLICY),
					  PHRASE("deferred due to", WEAK, POLICY),
					  STEM("delayed", WEAK, GREYLIST),
					  PHRASE("dial-up", PLAIN, DYNAMIC),
					  STEM("dialup", PLAIN, DYNAMIC),
					  PHRASE("disk full", SURE, RESOURCE),
					  PHRASE("disk quota", PLAIN, RESOURCE),
					  PHRASE("disabled recipient", PLAIN, UNKNOWN_RECIPIENT),
					  STEM("dkim", PLAIN, POLICY),
					  STEM("dmarc", PLAIN, POLICY),
					  STEM("dnsbl", PLAIN, DNSBL),
					  STEM("dnswl", PLAIN, DNSBL),
					  PHRASE("does not accept mail", SURE, UNKNOWN_SENDER),
					  PHRASE("does not exist", PLAIN, UNKNOWN_RECIPIENT),
					  PHRASE("does not have a valid reverse", SURE, NO_PTR),
					  PHRASE("domain must exist", PLAIN, UNKNOWN_SENDER),
					  PHRASE("domain name required", SURE, UNKNOWN_SENDER),
					  PHRASE("domain not found", PLAIN, UNKNOWN_SENDER),
					  PHRASE("domain of sender address", SURE, UNKNOWN_SENDER),
					  PHRASE("domain of sender", PLAIN, UNKNOWN_SENDER),
					  PHRASE("dsl", PLAIN, DYNAMIC),
					  STEM("dynamic", PLAIN, DYNAMIC),
					  END};
static const struct phrase phrases_e[] = {
	PHRASE("ehlo rejected", SURE, HELO),	  PHRASE("encryption needed", SURE, TLS),
	PHRASE("encryption required", SURE, TLS), PHRASE("end-of-data rejected", WEAK, CONTENT),
	PHRASE("exceeded", WEAK, RATE),		  END};
static const struct phrase phrases_f[] = {PHRASE("failed to find host name", SURE, NO_PTR),
					  PHRASE("faked helo", SURE, HELO),
					  PHRASE("fix reverse dns", SURE, NO_PTR),
					  PHRASE("forged helo", SURE, HELO),
					  PHRASE("forged hostname", SURE, BAD_PTR),
					  PHRASE("found in", PLAIN, DNSBL),
					  PHRASE("found on", PLAIN, DNSBL),
					  END};
static const struct phrase phrases_g[] = {PHRASE("generic", PLAIN, DYNAMIC),
					  PHRASE("grey-list", SURE, GREYLIST),
					  PHRASE("grey list", SURE, GREYLIST),
					  STEM("greylist", SURE, GREYLIST),
					  PHRASE("gray-list", SURE, GREYLIST),
					  STEM("graylist", SURE, GREYLIST),
					  END};
static const struct phrase phrases_h[] = {PHRASE("helo command rejected", SURE, HELO),
					  PHRASE("helo name", PLAIN, HELO),
					  PHRASE("helo required", SURE, HELO),
					  PHRASE("helo", WEAK, HELO),
					  PHRASE("high probability of spam", SURE, CONTENT),
					  PHRASE("host is listed", PLAIN, DNSBL),
					  PHRASE("host lookup did not complete", PLAIN, BAD_PTR),
					  PHRASE("host lookup failed", PLAIN, BAD_PTR),
					  END};
static const struct phrase phrases_i[] = {
	PHRASE("i can break rules", SURE, PROTOCOL),
	PHRASE("illegal helo", SURE, HELO),
	PHRASE("improper command pipelining", SURE, PROTOCOL),
	PHRASE("improper use of smtp command pipelining", SURE, PROTOCOL),
	PHRASE("incorrect authentication data", SURE, AUTH_FAILED),
	PHRASE("infected", PLAIN, CONTENT),
	PHRASE("input sent without waiting", SURE, PREGREET),
	PHRASE("insufficient system", PLAIN, RESOURCE),
	PHRASE("insufficient storage", PLAIN, RESOURCE),
	PHRASE("insufficient disk", PLAIN, RESOURCE),
	PHRASE("invalid hostname", WEAK, HELO),
	PHRASE("invalid mailbox", PLAIN, UNKNOWN_RECIPIENT),
	PHRASE("invalid message-id", SURE, MESSAGE_ID),
	PHRASE("invalid name", WEAK, HELO),
	PHRASE("invalid recipient", PLAIN, UNKNOWN_RECIPIENT),
	PHRASE("invalid sender", PLAIN, UNKNOWN_SENDER),
	PHRASE("ip lookup failed", PLAIN, NO_PTR),
	PHRASE("ip name lookup failed", PLAIN, NO_PTR),
	PHRASE("ip name possibly forged", PLAIN, BAD_PTR),
	END};
static const struct phrase phrases_j[] = {PHRASE("junk mail", PLAIN, CONTENT), END};
static const struct phrase phrases_l[] = {PHRASE("later", WEAK, OTHER),
					  PHRASE("lacks message-id", SURE, MESSAGE_ID),
					  PHRASE("line too long", PLAIN, PROTOCOL),
					  PHRASE("listed at", PLAIN, DNSBL),
					  PHRASE("listed by", PLAIN, DNSBL),
					  PHRASE("listed in", PLAIN, DNSBL),
					  PHRASE("listed on", PLAIN, DNSBL),
					  PHRASE("load average", SURE, RESOURCE),
					  PHRASE("load too high", SURE, RESOURCE),
					  PHRASE("local policy", WEAK, POLICY),
					  PHRASE("looks like spam", SURE, CONTENT),
					  PHRASE("looks like a dynamic", SURE, DYNAMIC),
					  END};
static const struct phrase phrases_m[] = {
	PHRASE("mail server configuration error", SURE, RESOURCE),
	PHRASE("mail not wanted", WEAK, ACCESS),
	PHRASE("mailbox does not exist", SURE, UNKNOWN_RECIPIENT),
	PHRASE("mailbox full", PLAIN, RESOURCE),
	PHRASE("mailbox is full", PLAIN, RESOURCE),
	PHRASE("mailbox not found", SURE, UNKNOWN_RECIPIENT),
	PHRASE("mailbox unavailable", SURE, UNKNOWN_RECIPIENT),
	PHRASE("mailbox unknown", SURE, UNKNOWN_RECIPIENT),
	PHRASE("malformed domain", PLAIN, PROTOCOL),
	STEM("malware", PLAIN, CONTENT),
	PHRASE("max message size", SURE, SIZE),
	PHRASE("maximum connections", SURE, RATE),
	PHRASE("maximum message size", SURE, SIZE),
	PHRASE("message content rejected", PLAIN, CONTENT),
	PHRASE("message delivery request rate limit", SURE, RATE),
	PHRASE("message exceeds maximum", SURE, SIZE),
	PHRASE("message file too big", SURE, SIZE),
	PHRASE("message size exceeds", SURE, SIZE),
	PHRASE("message too big", SURE, SIZE),
	PHRASE("message too large", SURE, SIZE),
	PHRASE("message-id", PLAIN, MESSAGE_ID),
	PHRASE("message id", PLAIN, MESSAGE_ID),
	PHRASE("messageid", PLAIN, MESSAGE_ID),
	PHRASE("missing message-id", SURE, MESSAGE_ID),
	PHRASE("missing or malformed local part", PLAIN, PROTOCOL),
	PHRASE("must have a valid reverse", SURE, NO_PTR),
	PHRASE("must have reverse dns", SURE, NO_PTR),
	PHRASE("must encrypt", PLAIN, TLS),
	PHRASE("must issue a starttls", SURE, TLS),
	END};
static const struct phrase phrases_n[] = {PHRASE("need fully-qualified address", PLAIN, PROTOCOL),
					  PHRASE("need fully-qualified hostname", PLAIN, HELO),
					  PHRASE("need mail command", SURE, PROTOCOL),
					  PHRASE("need rcpt command", SURE, PROTOCOL),
					  PHRASE("nested mail command", SURE, PROTOCOL),
					  PHRASE("no matches to nameserver query", PLAIN, NO_PTR),
					  PHRASE("no mailbox", PLAIN, UNKNOWN_RECIPIENT),
					  PHRASE("no message-id", SURE, MESSAGE_ID),
					  PHRASE("no mx", PLAIN, UNKNOWN_SENDER),
					  PHRASE("no ptr", SURE, NO_PTR),
					  PHRASE("no rdns", SURE, NO_PTR),
					  PHRASE("no reverse dns", SURE, NO_PTR),
					  PHRASE("no such address", SURE, UNKNOWN_RECIPIENT),
					  PHRASE("no such domain", PLAIN, UNKNOWN_RECIPIENT),
					  PHRASE("no such mailbox", SURE, UNKNOWN_RECIPIENT),
					  PHRASE("no such person", SURE, UNKNOWN_RECIPIENT),
					  PHRASE("no such recipient", SURE, UNKNOWN_RECIPIENT),
					  PHRASE("no such user", SURE, UNKNOWN_RECIPIENT),
					  PHRASE("no unicode", WEAK, PROTOCOL),
					  PHRASE("no valid recipients", SURE, PROTOCOL),
					  PHRASE("not a local mailbox", SURE, UNKNOWN_RECIPIENT),
					  PHRASE("not permitted to relay", SURE, RELAY_DENIED),
					  PHRASE("not allowed to relay", SURE, RELAY_DENIED),
					  PHRASE("not relaying", SURE, RELAY_DENIED),
					  PHRASE("not enough disk", SURE, RESOURCE),
					  PHRASE("not enough free space", SURE, RESOURCE),
					  PHRASE("not authorized to relay", SURE, RELAY_DENIED),
					  PHRASE("not our customer", SURE, RELAY_DENIED),
					  STEM("nullmx", SURE, UNKNOWN_SENDER),
					  PHRASE("null mx", SURE, UNKNOWN_SENDER),
					  END};
static const struct phrase phrases_o[] = {
	PHRASE("one-time delay", SURE, GREYLIST), STEM("openspf", PLAIN, POLICY),
	PHRASE("out of memory", SURE, RESOURCE), PHRASE("over quota", PLAIN, RESOURCE), END};
static const struct phrase phrases_p[] = {STEM("phish", PLAIN, CONTENT),
					  PHRASE("plaintext authentication disallowed", SURE, TLS),
					  PHRASE("please see http://www.spamhaus", SURE, DNSBL),
					  PHRASE("policy violation", WEAK, POLICY),
					  PHRASE("policy rejection", WEAK, POLICY),
					  PHRASE("possibly forged hostname", SURE, BAD_PTR),
					  STEM("postgrey", SURE, GREYLIST),
					  PHRASE("pre-greeting", SURE, PREGREET),
					  PHRASE("protocol error", SURE, PREGREET),
					  PHRASE("prohibited", WEAK, POLICY),
					  PHRASE("ptr", PLAIN, NO_PTR),
					  END};
static const struct phrase phrases_q[] = {PHRASE("quota exceeded", PLAIN, RESOURCE),
					  PHRASE("quota verification", PLAIN, RESOURCE),
					  PHRASE("queue file size limit", SURE, SIZE), END};
static const struct phrase phrases_r[] = {
	PHRASE("rate limit", SURE, RATE),
	PHRASE("ratelimit", SURE, RATE),
	PHRASE("rate limited", SURE, RATE),
	PHRASE("ratelimited", SURE, RATE),
	PHRASE("rate overlimit", SURE, RATE),
	STEM("rbl", PLAIN, DNSBL),
	PHRASE("recipient address rejected: domain not found", SURE, UNKNOWN_RECIPIENT),
	PHRASE("recipient address rejected: malformed dns", SURE, UNKNOWN_RECIPIENT),
	PHRASE("recipient address rejected: mailbox", SURE, UNKNOWN_RECIPIENT),
	PHRASE("recipient address rejected: undeliverable address", SURE, UNKNOWN_RECIPIENT),
	PHRASE("recipient address rejected: unverified address", SURE, UNKNOWN_RECIPIENT),
	PHRASE("recipient address rejected: user unknown", SURE, UNKNOWN_RECIPIENT),
	PHRASE("recipient address rejected", WEAK, POLICY),
	PHRASE("recipient count", PLAIN, RATE),
	PHRASE("recipient limit exceeded", SURE, RATE),
	PHRASE("recipient not found", SURE, UNKNOWN_RECIPIENT),
	PHRASE("recipient rejected", WEAK, UNKNOWN_RECIPIENT),
	PHRASE("recipient unknown", SURE, UNKNOWN_RECIPIENT),
	PHRASE("recipient verify failed", SURE, UNKNOWN_RECIPIENT),
	PHRASE("rejected due to spam", SURE, CONTENT),
	PHRASE("relay access denied", SURE, RELAY_DENIED),
	PHRASE("relay denied", SURE, RELAY_DENIED),
	PHRASE("relay not permitted", SURE, RELAY_DENIED),
	PHRASE("relay operation rejected", SURE, RELAY_DENIED),
	STEM("relaying", PLAIN, RELAY_DENIED),
	PHRASE("relaying denied", SURE, RELAY_DENIED),
	PHRASE("remote host address is null", WEAK, NO_PTR),
	PHRASE("remote host name", PLAIN, BAD_PTR),
	STEM("reputation", PLAIN, DNSBL),
	PHRASE("require ssl/tls", SURE, TLS),
	PHRASE("restricted characters in address", SURE, PROTOCOL),
	PHRASE("retry later", WEAK, GREYLIST),
	PHRASE("reverse dns", PLAIN, NO_PTR),
	PHRASE("reverse hostname", PLAIN, NO_PTR),
	PHRASE("reverse lookup", PLAIN, NO_PTR),
	STEM("rfc-ignorant", PLAIN, DNSBL),
	STEM("rhsbl", PLAIN, DNSBL),
	END};
static const struct phrase phrases_s[] = {
	STEM("sasl", WEAK, AUTH_FAILED),
	PHRASE("sender address rejected: domain not found", SURE, UNKNOWN_SENDER),
	PHRASE("sender address rejected: malformed dns", SURE, UNKNOWN_SENDER),
	PHRASE("sender address rejected: need fully-qualified address", SURE, UNKNOWN_SENDER),
	PHRASE("sender address rejected: not logged in", SURE, ACCESS),
	PHRASE("sender address rejected: not owned by user", SURE, ACCESS),
	PHRASE("sender address rejected: undeliverable address", SURE, SENDER_VERIFY),
	PHRASE("sender address rejected: unverified address", SURE, SENDER_VERIFY),
	PHRASE("sender address rejected: user unknown", SURE, UNKNOWN_SENDER),
	PHRASE("sender address rejected: mailbox", SURE, UNKNOWN_SENDER),
	PHRASE("sender address rejected", WEAK, ACCESS),
	PHRASE("sender address verification in progress", SURE, SENDER_VERIFY),
	PHRASE("sender callout", SURE, SENDER_VERIFY),
	PHRASE("sender domain must", SURE, UNKNOWN_SENDER),
	PHRASE("sender domain not found", SURE, UNKNOWN_SENDER),
	PHRASE("sender rejected", WEAK, ACCESS),
	PHRASE("sender verify", SURE, SENDER_VERIFY),
	PHRASE("sender verification", PLAIN, SENDER_VERIFY),
	PHRASE("send helo/ehlo first", SURE, PROTOCOL),
	PHRASE("server configuration error", SURE, RESOURCE),
	PHRASE("server configuration problem", SURE, RESOURCE),
	PHRASE("server local data error", SURE, RESOURCE),
	PHRASE("service currently unavailable", WEAK, RESOURCE),
	PHRASE("service unavailable - try again later", SURE, RESOURCE), /* Postfix: a milter */
	PHRASE("session encryption is required", SURE, TLS),
	PHRASE("smtp auth is required", PLAIN, ACCESS),
	PHRASE("smtp protocol synchronization", SURE, PROTOCOL),
	PHRASE("sorbs", PLAIN, DNSBL),
	PHRASE("spam detected", SURE, CONTENT),
	PHRASE("spam message", SURE, CONTENT),
	PHRASE("spam", PLAIN, CONTENT),
	STEM("spamassassin", SURE, CONTENT),
	STEM("spamcop", SURE, DNSBL),
	STEM("spamhaus", SURE, DNSBL),
	PHRASE("spf", PLAIN, POLICY),
	PHRASE("starttls", PLAIN, TLS),
	PHRASE("storage allocation", WEAK, RESOURCE),
	PHRASE("syntactically invalid argument", SURE, HELO),
	PHRASE("syntactically invalid helo", SURE, HELO),
	PHRASE("syntactically invalid ehlo", SURE, HELO),
	PHRASE("syntax error", PLAIN, PROTOCOL),
	PHRASE("system lacks", PLAIN, RESOURCE),
	PHRASE("surbl", PLAIN, DNSBL),
	END};
static const struct phrase phrases_t[] = {
	PHRASE("talk before", SURE, PREGREET),
	PHRASE("talks too soon", SURE, PREGREET),
	PHRASE("temporary lookup failure", SURE, RESOURCE),
	PHRASE("temporarily deferred", WEAK, GREYLIST),
	PHRASE("timeout exceeded", SURE, TIMEOUT),
	PHRASE("timed out", WEAK, TIMEOUT),
	PHRASE("tls required", SURE, TLS),
	PHRASE("too many bad commands", SURE, TOO_MANY_ERRORS),
	PHRASE("too many bad recipients", SURE, TOO_MANY_ERRORS),
	PHRASE("too many commands", SURE, TOO_MANY_ERRORS),
	PHRASE("too many concurrent", SURE, RATE),
	PHRASE("too many connections", SURE, RATE),
	PHRASE("too many errors", SURE, TOO_MANY_ERRORS),
	PHRASE("too many hops", SURE, CONTENT),
	PHRASE("too many messages", SURE, RATE),
	PHRASE("too many nonmail commands", SURE, TOO_MANY_ERRORS),
	PHRASE("too many open connections", SURE, RATE),
	PHRASE("too many recipients", SURE, RATE),
	PHRASE("too many sessions", SURE, RATE),
	PHRASE("too many syntax or protocol errors", SURE, TOO_MANY_ERRORS),
	PHRASE("too many unknown", PLAIN, TOO_MANY_ERRORS),
	PHRASE("too many unrecognized commands", SURE, TOO_MANY_ERRORS),
	PHRASE("traffic before response", SURE, PREGREET),
	PHRASE("try again later", WEAK, OTHER),
	PHRASE("try again in", WEAK, GREYLIST),
	END};
static const struct phrase phrases_u[] = {
	STEM("uceprotect", SURE, DNSBL),
	PHRASE("unable to verify sender", SURE, SENDER_VERIFY),
	PHRASE("unacceptable cipher", SURE, TLS),
	PHRASE("unauthenticated", PLAIN, ACCESS),
	PHRASE("unauthorized", WEAK, ACCESS),
	PHRASE("undeliverable address", PLAIN, UNKNOWN_RECIPIENT),
	PHRASE("unidentified messages", SURE, MESSAGE_ID),
	PHRASE("unimplemented", PLAIN, PROTOCOL),
	PHRASE("unknown or illegal alias", SURE, UNKNOWN_RECIPIENT),
	PHRASE("unknown recipient", SURE, UNKNOWN_RECIPIENT),
	PHRASE("unknown user", SURE, UNKNOWN_RECIPIENT),
	PHRASE("unqualified", PLAIN, PROTOCOL),
	PHRASE("unrouteable address", SURE, UNKNOWN_RECIPIENT),
	PHRASE("unrouteable mail domain", PLAIN, UNKNOWN_RECIPIENT),
	PHRASE("unroutable address", SURE, UNKNOWN_RECIPIENT),
	PHRASE("unsolicited", PLAIN, CONTENT),
	PHRASE("unsupported option", PLAIN, PROTOCOL),
	PHRASE("unverified address", PLAIN, SENDER_VERIFY),
	PHRASE("user doesn't exist", SURE, UNKNOWN_RECIPIENT),
	PHRASE("user does not exist", SURE, UNKNOWN_RECIPIENT),
	PHRASE("user not found", SURE, UNKNOWN_RECIPIENT),
	PHRASE("user unknown", SURE, UNKNOWN_RECIPIENT),
	END};
static const struct phrase phrases_v[] = {PHRASE("verification failed", WEAK, SENDER_VERIFY),
					  STEM("virus", PLAIN, CONTENT), END};
static const struct phrase phrases_w[] = {PHRASE("we do not relay", SURE, RELAY_DENIED),
					  PHRASE("we don't relay", SURE, RELAY_DENIED), END};
static const struct phrase phrases_y[] = {PHRASE("you are not me", SURE, HELO),
					  PHRASE("your host name doesn't match", PLAIN, BAD_PTR),
					  END};
static const struct phrase phrases_none[] = {END};

static const struct phrase *const by_letter[26] = {
	phrases_a, phrases_b, phrases_c,    phrases_d,	  phrases_e,   phrases_f, phrases_g,
	phrases_h, phrases_i, phrases_j,    phrases_none, phrases_l,   phrases_m, phrases_n,
	phrases_o, phrases_p, phrases_q,    phrases_r,	  phrases_s,   phrases_t, phrases_u,
	phrases_v, phrases_w, phrases_none, phrases_y,	  phrases_none};

static inline bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

/* TEXT in small letters; returns its length. LOWER is ended by a NUL. */
static size_t lower_text(struct view text, char lower[static TEXT_MAX + 1])
{
	text = view_to(text, TEXT_MAX);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		lower[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	lower[text.len] = '\0';
	return text.len;
}

static bool phrase_matches(const struct phrase *phrase, const char *at, size_t left)
{
	return phrase->len <= left && phrase->text[1] == at[1] &&
	       phrase->text[phrase->len - 1] == at[phrase->len - 1] &&
	       memcmp(phrase->text, at, phrase->len) == 0 &&
	       (phrase->stem || !is_word(at[phrase->len]));
}

/* The strongest phrase in TEXT, the first of equals; NULL if there is none. */
static const struct phrase *find_phrase(const char *text, size_t len)
{
	const struct phrase *best = NULL;

	for (size_t i = 0; i < len; i++) {
		if (!is_letter(text[i]) || (i > 0 && is_word(text[i - 1])))
			continue;
		for (const struct phrase *phrase = by_letter[text[i] - 'a']; phrase->text; phrase++)
			if ((!best || phrase->strength > best->strength) &&
			    phrase_matches(phrase, text + i, len - i))
				best = phrase;
		if (best && best->strength == SURE)
			break;
	}
	return best;
}

/* What code and stage let guess where words do not say. */
static enum reason reason_by_circumstance(unsigned int code, enum stage stage)
{
	switch (code) {
	case 452:
		return REASON_RESOURCE;
	case 530:
	case 550:
	case 553:
	case 554:
		break;
	case 534:
	case 535:
		return REASON_AUTH_FAILED;
	case 552:
		return REASON_SIZE;
	case 500:
	case 501:
	case 502:
	case 503:
	case 504:
	case 555:
		return stage == STAGE_HELO ? REASON_HELO : REASON_PROTOCOL;
	default:
		break;
	}
	switch (stage) {
	case STAGE_CONNECT:
		return REASON_ACCESS;
	case STAGE_HELO:
		return REASON_HELO;
	case STAGE_STARTTLS:
		return REASON_TLS;
	case STAGE_AUTH:
		return REASON_AUTH_FAILED;
	case STAGE_HEADER:
	case STAGE_BODY:
		return code >= 400 && code < 500 ? REASON_POLICY : REASON_CONTENT;
	default:
		return REASON_OTHER;
	}
}

enum reason classify(struct view text, unsigned int code, enum stage stage)
{
	char lower[TEXT_MAX + 1];
	const struct phrase *phrase;
	size_t len;

	/* By far the most frequent. */
	if (view_starts(text, VIEW("Relay access denied")))
		return REASON_RELAY_DENIED;
	len = lower_text(text, lower);
	phrase = find_phrase(lower, len);
	if (!phrase || phrase->reason == REASON_OTHER)
		return reason_by_circumstance(code, stage);
	return (enum reason)phrase->reason;
}

bool classify_message_id_missing(struct view text)
{
	static const struct view words[] = {
		VIEW("missing"),  VIEW("empty"),	VIEW("no message"),  VIEW("without"),
		VIEW("lack"),	  VIEW("unidentified"), VIEW("not present"), VIEW("absent"),
		VIEW("required"), VIEW("must contain"), VIEW("must have")};
	char lower[TEXT_MAX + 1];
	size_t len = lower_text(text, lower);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (view_find(view_of(lower, len), words[i]) != VIEW_NONE)
			return true;
	return false;
}

enum stage classify_command(struct view command)
{
	static const struct {
		struct view name;
		enum stage stage;
	} commands[] = {
		{VIEW("RCPT"), STAGE_RCPT},	      {VIEW("CONNECT"), STAGE_CONNECT},
		{VIEW("EHLO"), STAGE_HELO},	      {VIEW("HELO"), STAGE_HELO},
		{VIEW("LHLO"), STAGE_HELO},	      {VIEW("MAIL"), STAGE_MAIL},
		{VIEW("DATA"), STAGE_DATA},	      {VIEW("BDAT"), STAGE_DATA},
		{VIEW("AUTH"), STAGE_AUTH},	      {VIEW("STARTTLS"), STAGE_STARTTLS},
		{VIEW("DATA content"), STAGE_BODY},   {VIEW("BDAT content"), STAGE_BODY},
		{VIEW("END-OF-MESSAGE"), STAGE_BODY}, {VIEW("message content"), STAGE_BODY},
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (command.len && (command.ptr[0] | 0x20) == (commands[i].name.ptr[0] | 0x20) &&
		    view_is_nocase(command, commands[i].name))
			return commands[i].stage;
	return command.len ? STAGE_COMMAND : STAGE_UNKNOWN;
}
