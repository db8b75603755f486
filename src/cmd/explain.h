/*
 * An explanation: all that `mxwatch explain` tells of its subject, put together
 * before it is written, so that text and JSON say the same.
 */
#ifndef MXWATCH_CMD_EXPLAIN_H
#define MXWATCH_CMD_EXPLAIN_H

#include "cmd/judge.h"
#include "cmd/subject.h"

/* A client of the network, or one that used the mail address. */
struct explained_client {
	uint32_t origin;
	struct verdict verdict;
	const struct mailbox_client *use; /* of a mail address; else NULL */
};

enum timeline_kind {
	TIMELINE_SESSION, /* session: of subject->sessions */
	TIMELINE_REFUSED, /* attempt: one of no session, or of a mail address */
	TIMELINE_FINDING  /* finding: when its evidence was enough for the grade */
};
struct timeline_entry {
	uint32_t time;
	enum timeline_kind kind;
	union {
		const struct session_fact *session;
		const struct attempt *attempt;
		const struct finding *finding;
	};
};

#define AGAINST_MAX 24

struct explanation {
	struct judgement *judgement;
	struct subject *subject;
	const struct verdicts *verdicts;
	enum verdict_kind kind;
	struct text title;   /* the subject and its name */
	struct text because; /* one sentence */
	struct text against[AGAINST_MAX];
	size_t against_count;
	size_t against_more;	/* what found no room there */
	uint32_t origin;	/* of SUBJECT_CLIENT; 0: nothing is known of it */
	struct verdict verdict; /* of it */
	const struct finding **findings;
	size_t finding_count, finding_capacity;
	struct patterns patterns;	  /* of a mail address: those that it is part of are told */
	struct explained_client *clients; /* the weightiest verdicts first */
	size_t client_count, client_capacity;
	struct timeline_entry *timeline;
	size_t timeline_count, timeline_capacity;
	uint64_t timeline_left_out; /* sessions (refusals of a mail address) between its halves */
	uint32_t ttl_s;		    /* 0: there is no reason to block */
	uint32_t decided;	    /* when a block could have begun; 0: never */
	uint64_t block_until;	    /* when it would end */
	struct moment stopped;	    /* what it would have stopped, wanted messages included */
	uint32_t again;		    /* how often it would have been put in force again */
};

/* --resolve: looks up the clients that the explanation will be about; returns an exit status. */
int explain_resolve(struct judgement *judgement, const struct subject *subject);
/* Release in any case. SUBJECT must be finished, JUDGEMENT judged. */
void explanation_make(struct judgement *judgement, struct subject *subject,
		      struct explanation *ret_explanation);
void explanation_release(struct explanation *explanation);

/* Refusals of one kind in a session. */
#define REFUSED_SENDERS 2
#define REFUSED_RECIPIENTS 3
struct refused {
	uint8_t reason;
	uint16_t code;
	uint32_t text; /* string: the server's words, of the first one */
	uint64_t count;
	uint32_t senders[REFUSED_SENDERS], recipients[REFUSED_RECIPIENTS]; /* strings */
	uint8_t sender_count, recipient_count;
	bool more_senders, more_recipients;
};
#define REFUSED_MAX 6
/* Sums attempts up by reason and code, in the order in which they came; returns how many kinds
   there are, at most REFUSED_MAX. */
size_t explain_refused(const struct attempt *attempts, size_t count,
		       struct refused refused[static REFUSED_MAX]);
/* How the session ended, in words; "" if that is not known. */
const char *explain_ending(const struct session_fact *session);
/* What a kind of refusal was about and what was told, in words. */
void explain_say_refused(const struct directory *directory, const struct refused *refused,
			 struct text *text);
/* The entry in one line, without its time. */
void explain_say_entry(const struct explanation *explanation, const struct timeline_entry *entry,
		       struct text *text);

/* What there is to know of a family or pair that the mail address is part of. */
bool explain_in_pair(const struct explanation *explanation, const struct pair_pattern *pair);
bool explain_in_box(const struct explanation *explanation, const struct family_box *box);
bool explain_in_senders(const struct explanation *explanation, const struct family_sender *sender);
/* Whether the member of a family is the client, or one in the network. */
bool explain_in_family(const struct explanation *explanation, const struct family_member *member);
/* What was looked up of the client; NULL: nothing. */
const struct enrichment_row *explain_enrichment(const struct explanation *explanation);

void explain_text(const struct explanation *explanation);
void explain_json(const struct explanation *explanation);

#endif
