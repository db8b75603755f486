/*
 * Findings: what a detector has to say about a client, with its evidence.
 *
 * A finding is about an origin: an IPv4 address, or the /64 of an IPv6 one,
 * which is what one customer gets and can change within at will. It says when
 * it was seen, how much it weighs, and what the evidence was; its words are made
 * from that when they are wanted (detect/detector.h).
 */
#ifndef MXWATCH_MODEL_FINDING_H
#define MXWATCH_MODEL_FINDING_H

#include <stddef.h>
#include <stdint.h>

/* How much a finding weighs. */
enum grade {
	GRADE_NOTE,  /* worth telling, but never a reason to block: missing PTR, Message-ID */
	GRADE_HINT,  /* a reason to block only beside a hint of another pattern */
	GRADE_STRONG /* a reason to block by itself, if nothing speaks against it */
};

/* "note", "hint", "strong". */
const char *grade_name(enum grade grade);

enum evidence_kind {
	EVIDENCE_COUNT,
	EVIDENCE_SECONDS,
	EVIDENCE_TIME,	    /* Unix time */
	EVIDENCE_PER_MILLE, /* a share */
	EVIDENCE_STRING,    /* id of a string of the directory: strangers' words */
	EVIDENCE_CLIENT,    /* id of a client of the directory */
	EVIDENCE_WORDS	    /* our own words: a static string */
};

struct evidence {
	const char *name; /* "recipients"; static, a name as in JSON */
	enum evidence_kind kind;
	union {
		uint64_t number;
		const char *words;
	};
};

#define EVIDENCE_MAX 6
#define FINDING_SESSIONS_MAX 4

struct finding {
	const char *pattern;   /* the detector's name; static */
	uint32_t origin;       /* number of the origin (detect/origins.h) */
	uint32_t since, until; /* times of the first and last fact of the evidence */
	uint32_t decided;      /* when the evidence was enough for the grade */
	uint8_t grade;	       /* enum grade */
	uint8_t evidence_count;
	uint8_t session_count;
	uint8_t unused;
	struct evidence evidence[EVIDENCE_MAX];
	uint32_t sessions[FINDING_SESSIONS_MAX]; /* numbers of some sessions it was seen in */
};

/* Adds evidence, as long as there is room. */
void finding_count(struct finding *finding, const char *name, uint64_t count);
void finding_seconds(struct finding *finding, const char *name, uint64_t seconds);
void finding_time(struct finding *finding, const char *name, uint32_t time);
void finding_per_mille(struct finding *finding, const char *name, uint64_t share);
void finding_string(struct finding *finding, const char *name, uint32_t string);
void finding_client(struct finding *finding, const char *name, uint32_t client);
void finding_words(struct finding *finding, const char *name, const char *words);
/* The number of the evidence NAME; 0 if there is none. */
uint64_t finding_number(const struct finding *finding, const char *name);
/* The words of the evidence NAME; "" if there are none. */
const char *finding_told(const struct finding *finding, const char *name);

struct findings {
	struct finding *list;
	size_t count, capacity;
};

/* A new finding, all zero but for what is given; valid until the next one. */
struct finding *findings_add(struct findings *findings, const char *pattern, uint32_t origin,
			     enum grade grade);
/* By origin, then the weightier first, then by pattern. */
void findings_sort(struct findings *findings);
void findings_release(struct findings *findings);

#endif
