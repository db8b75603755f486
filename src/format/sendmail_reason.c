/*
 * Replies: code, words and reason.
 *
 * A reply reads "550 5.7.1 <recipient>... Relaying denied. Proper …"; the
 * enhanced code (RFC 3463) and the address are not always there. The words
 * that Sendmail's own configuration uses (cf/m4/proto.m4, cf/feature) are
 * known here, because client text follows some of them; local rules' words
 * are for classify().
 */
#include "format/classify.h"
#include "format/sendmail.h"

static const struct {
	struct view words;
	enum reason reason;
} own_words[] = {
	{VIEW("Relaying denied"), REASON_RELAY_DENIED},
	{VIEW("Relaying temporarily denied"), REASON_RELAY_DENIED},
	{VIEW("User unknown"), REASON_UNKNOWN_RECIPIENT},
	{VIEW("No such user"), REASON_UNKNOWN_RECIPIENT},
	{VIEW("Domain of sender address "), REASON_UNKNOWN_SENDER},
	{VIEW("Domain name required for sender address "), REASON_UNKNOWN_SENDER},
	{VIEW("Domain must resolve"), REASON_UNKNOWN_SENDER},
	{VIEW("Real domain name required for sender address"), REASON_UNKNOWN_SENDER},
	{VIEW("bogus HELO name used: "), REASON_HELO},
	{VIEW("Fix reverse DNS for "), REASON_NO_PTR},
	{VIEW("Client IP address "), REASON_NO_PTR},
	{VIEW("Possibly forged hostname for "), REASON_BAD_PTR},
	{VIEW("Connection rate limit exceeded"), REASON_RATE},
	{VIEW("Too many open connections"), REASON_RATE},
	{VIEW("Unidentified messages are not acceptable"), REASON_MESSAGE_ID},
	{VIEW("Message-ID must be an addr-spec"), REASON_MESSAGE_ID},
	{VIEW("Access denied"), REASON_ACCESS},
	{VIEW("Access temporarily denied"), REASON_ACCESS},
	{VIEW("Invalid route address"), REASON_PROTOCOL},
	{VIEW("Invalid numeric domain spec"), REASON_PROTOCOL},
	{VIEW("Hostname required"), REASON_PROTOCOL},
	{VIEW("User address required"), REASON_PROTOCOL},
	{VIEW("Mailbox disabled for this recipient"), REASON_ACCESS},
};

/* What FEATURE(dnsbl) and FEATURE(enhdnsbl) were told to say over the years: the
   client's address stands in front, so these words are within. */
static bool is_about_list(struct view words)
{
	static const struct view marks[] = {
		VIEW(" refused by blackhole site "), VIEW(" blocked see"), VIEW(" blocked, see"),
		VIEW(" rejected; see http"), VIEW(" rejected;see http")};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (view_find(words, marks[i]) != VIEW_NONE)
			return true;
	return false;
}

static enum reason reason_of_words(struct view words, unsigned int code, enum stage stage)
{
	enum reason reason;

	for (size_t i = 0; i < sizeof(own_words) / sizeof(own_words[0]); i++)
		if (words.len && words.ptr[0] == own_words[i].words.ptr[0] &&
		    view_starts(words, own_words[i].words))
			return own_words[i].reason;
	reason = classify(words, code, stage);
	if ((reason == REASON_OTHER || reason == REASON_CONTENT) && is_about_list(words))
		return REASON_DNSBL;
	return reason;
}

/* What stands behind "550 ", or 0 where there is no code. */
static unsigned int eat_code(struct view *reply)
{
	const char *p = reply->ptr;
	unsigned int code;

	if (reply->len < 3 || (p[0] != '4' && p[0] != '5') || p[1] < '0' || p[1] > '9' ||
	    p[2] < '0' || p[2] > '9')
		return 0;
	if (reply->len > 3 && p[3] != ' ' && p[3] != '-' && p[3] != ',')
		return 0;
	code = (unsigned int)(p[0] - '0') * 100 + (unsigned int)(p[1] - '0') * 10 +
	       (unsigned int)(p[2] - '0');
	*reply = view_from(*reply, 4);
	return code;
}

/* Cuts off "5.7.1 ". */
static void eat_enhanced_code(struct view *reply)
{
	struct view rest = *reply;
	unsigned long long number;

	if (view_eat_number(&rest, &number) && view_eat(&rest, VIEW(".")) &&
	    view_eat_number(&rest, &number) && view_eat(&rest, VIEW(".")) &&
	    view_eat_number(&rest, &number) && (rest.len == 0 || view_eat(&rest, VIEW(" "))))
		*reply = rest;
}

/* Cuts off "<address>... "; where its quotes do not close, for it was shortened, it
   ends as late as may be. */
static void eat_address(struct view *reply)
{
	size_t end;

	if (!reply->len || reply->ptr[0] != '<')
		return;
	end = sendmail_unquoted(*reply, '.', ' ');
	if (end != VIEW_NONE && end >= 2 && memcmp(reply->ptr + end - 2, "...", 3) == 0) {
		*reply = view_from(*reply, end + 2);
		return;
	}
	end = view_find_last(*reply, VIEW(">... "));
	if (end != VIEW_NONE)
		*reply = view_from(*reply, end + VIEW(">... ").len);
}

/* Why, where the words do not say: by the ruleset that was asked. */
static enum reason reason_of_stage(enum stage stage)
{
	switch (stage) {
	case STAGE_CONNECT:
	case STAGE_MAIL:
		return REASON_ACCESS;
	case STAGE_STARTTLS:
		return REASON_TLS;
	case STAGE_HEADER:
		return REASON_CONTENT;
	default:
		return REASON_OTHER;
	}
}

void sendmail_reply(struct view reply, struct event *event)
{
	event->code = (uint16_t)eat_code(&reply);
	eat_enhanced_code(&reply);
	eat_address(&reply);
	sendmail_tell_text(event, reply);
	event->reason = (uint8_t)reason_of_words(reply, event->code, event->stage);
	if (event->reason == REASON_OTHER)
		event->reason = (uint8_t)reason_of_stage(event->stage);
	if (event->reason == REASON_MESSAGE_ID)
		event->flags |= view_starts(reply, VIEW("Unidentified ")) ||
						classify_message_id_missing(reply)
					? EVENT_MESSAGE_ID_MISSING
					: EVENT_MESSAGE_ID_MALFORMED;
	if (event->reason == REASON_HELO) {
		struct view helo = reply;

		if (view_eat(&helo, VIEW("bogus HELO name used: ")))
			word_set(&event->helo, helo);
	}
	if (event->code == 421)
		event->flags |= EVENT_ENDS_SESSION;
}

enum parsed sendmail_tell(struct event *event, enum event_kind kind)
{
	event->kind = (uint8_t)kind;
	if (event->pid)
		event->key = KEY_PROCESS;
	else if (event->flags & EVENT_HAS_CLIENT)
		event->key = KEY_CLIENT;
	return PARSED_EVENT;
}

enum parsed sendmail_refuse(struct event *event, enum reason reason, enum stage stage)
{
	bool by_id = !(event->flags & EVENT_HAS_CLIENT) && event->queue_id.len;

	event->reason = (uint8_t)reason;
	event->stage = (uint8_t)stage;
	return sendmail_tell(event, by_id ? EVENT_REFUSAL_BY_ID : EVENT_REFUSAL);
}
