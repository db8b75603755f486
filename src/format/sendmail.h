/*
 * Sendmail 8.12 to 8.18: what the parts of this format share. See
 * format/format.h for what a format is, format/sendmail.c for the flow.
 *
 * Sendmail writes a line through sm_syslog() (sendmail/syslog.c), which makes
 * the whole of it printable (util.c, str2prt): a backslash is doubled, tab is
 * \t, other bytes are \ooo. So a quoted character in an address is two
 * backslashes and the character. Words of events are views and keep that form.
 */
#ifndef MXWATCH_FORMAT_SENDMAIL_H
#define MXWATCH_FORMAT_SENDMAIL_H

#include "format/format.h"

/* One line under way: what is left to read, and where it goes. */
struct sendmail {
	struct view message; /* behind the queue id */
	struct view rest;    /* behind the words that chose the reader */
	/* sm_syslog() cut the line and wrote the rest as another one; what stands
	   at the end is not what Sendmail put at the end. */
	bool cut;
	struct event *event;
};

typedef enum parsed sendmail_reader(struct sendmail *line);

/* sendmail_ruleset.c: ruleset=check_…, Milter: …, and refusals that name no client. */
sendmail_reader sendmail_ruleset, sendmail_milter, sendmail_milter_action, sendmail_user_error;
/* sendmail_message.c: from=, to=, and the notes about a queued message. */
sendmail_reader sendmail_from, sendmail_to, sendmail_finished;
/* The line tells the new message QUEUE_ID, made from the one of the event. */
enum parsed sendmail_offspring(struct sendmail *line, struct view queue_id);
/* sendmail_session.c: all else that a line may begin with. */
enum parsed sendmail_session(struct sendmail *line);

/*
 * sendmail_relay.c: the client, as "name [address] (may be forged)" and the
 * other forms of $_ (daemon.c, getauthinfo).
 */
/* Sets client, name and their flags from the whole of RELAY; returns whether
   there is an address. */
bool sendmail_relay(struct view relay, struct event *event);
/* Whether TEXT could be such: it ends in an address, or is one plain word. */
bool sendmail_is_relay(struct view text);

/*
 * Where the two bytes FIRST, SECOND stand in TEXT outside quoted strings and
 * comments (RFC 5322, 3.2), as no address that Sendmail parsed can hold a
 * blank elsewhere; VIEW_NONE if nowhere. FIRST is a comma or
 * a full stop, SECOND may be '\0' for any.
 */
size_t sendmail_unquoted(struct view text, char first, char second);

/* Cuts off what stands before the first MARK and, with it, the mark. Returns
   false, nothing changed, if there is none. */
bool sendmail_split(struct view *text, struct view mark, struct view *ret_before);

/* Eats a queue id, the number of a part of a cut line in brackets and ": ";
 *ret_part is 0 for a whole line. */
bool sendmail_eat_queue_id(struct view *text, struct view *ret_id, unsigned int *ret_part);

/* ADDRESS without its angle brackets. */
struct view sendmail_bare(struct view address);

/* sendmail_reason.c: reads REPLY ("550 5.7.1 <x>... Relaying denied") into code,
   text, reason and Message-ID flags of EVENT, whose stage is known. */
void sendmail_reply(struct view reply, struct event *event);

static inline void sendmail_tell_text(struct event *event, struct view text)
{
	event->text = (struct word){text.ptr, (uint32_t)text.len, 0};
}

/* Set sender and recipient, their brackets cut off. */
static inline void sendmail_tell_sender(struct event *event, struct view address)
{
	word_set(&event->sender, sendmail_bare(address));
	event->flags |= EVENT_HAS_SENDER;
}

static inline void sendmail_tell_recipient(struct event *event, struct view address)
{
	word_set(&event->recipient, sendmail_bare(address));
	event->flags |= EVENT_HAS_RECIPIENT;
}

/* Fills the fields that tell an event of an SMTP session: kind, and the key by
   what the line told of process and client. */
enum parsed sendmail_tell(struct event *event, enum event_kind kind);
/* The same for a refusal: as EVENT_REFUSAL_BY_ID where only the queue id leads
   to the client. */
enum parsed sendmail_refuse(struct event *event, enum reason reason, enum stage stage);

#endif
