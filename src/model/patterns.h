/*
 * Patterns across clients, as tables for reports: one mail tried through several
 * clients, and families of scanners. Detectors fill them, reports show them.
 */
#ifndef MXWATCH_MODEL_PATTERNS_H
#define MXWATCH_MODEL_PATTERNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

/* One mail (sender and recipient) tried through several clients within a window. */
struct pair_pattern {
	uint32_t sender, recipient; /* strings */
	uint32_t clients;	    /* addresses */
	uint32_t
		sources; /* independent ones: those of one confirmed domain or network count once */
	uint32_t attempts;
	uint32_t first, last;
	uint32_t list;	 /* its clients: patterns->clients[list] and on, in order of appearance */
	uint8_t cleared; /* a later acceptance shows that it was wanted mail */
};

#define FAMILY_NAME_MAX 16
/* A family: sessions that share drop-boxes, a scanner's own test recipients. */
struct family {
	char name[FAMILY_NAME_MAX]; /* stable: "f-7k3q9z" */
	char *label;		    /* what people see in it: "therichsheick*@yahoo.com" */
	uint32_t senders, recipients, clients, sessions, sensors;
	uint32_t first, last;
	uint32_t subject_tag; /* string: what its Subjects share; 0: not known */
};

struct family_member {
	uint32_t family; /* its place in patterns->families */
	uint32_t client; /* 0: not of this directory; its history is older */
	struct ip ip;
	uint32_t sessions;
	uint32_t first, last;
};

struct family_box { /* a drop-box */
	uint32_t family;
	uint32_t recipient; /* string; 0: not of this directory; its history is older */
	char *address;	    /* from strangers; without NUL bytes */
	uint32_t clients, attempts;
	uint32_t first, last;
};

struct family_sender { /* an address that one of its clients gave as the sender */
	uint32_t family;
	uint64_t hash; /* detect_address_hash: families remember no more of it */
};

/* One finding in words. */
struct pattern_finding {
	const char *pattern, *grade; /* static */
	uint32_t client;	     /* 0: a network; see network */
	char *network;		     /* the origin as text */
	char *sentence;
	uint32_t since, until;
};

struct patterns {
	struct pair_pattern *pairs;
	size_t pair_count, pair_capacity;
	uint32_t *clients;
	size_t client_count, client_capacity;
	struct family *families;
	size_t family_count, family_capacity;
	struct family_member *members;
	size_t member_count, member_capacity;
	struct family_box *boxes;
	size_t box_count, box_capacity;
	struct family_sender *senders;
	size_t sender_count, sender_capacity;
	struct pattern_finding *findings;
	size_t finding_count, finding_capacity;
};

void patterns_release(struct patterns *patterns);

#endif
