/*
 * Detection: facts go in, findings come out. It runs all detectors over one
 * stream of facts, from a log as it is read or from a store.
 */
#ifndef MXWATCH_DETECT_DETECTION_H
#define MXWATCH_DETECT_DETECTION_H

#include "detect/detector.h"

struct detect_options {
	const char *const *local_domains; /* --local; NULL-terminated or NULL */
	const char *const *settings; /* --set: "flood.connections=200"; NULL-terminated or NULL */
	uint32_t from, until; /* facts outside [from, until) are left out; 0, UINT32_MAX: all */
};

struct detection;

/* Returns 0, or -EINVAL with *err filled for a setting that is none. DIRECTORY must outlive
   it. Free with detection_free. */
must_check int detection_new(const struct directory *directory,
			     const struct detect_options *options, struct detection **ret_detection,
			     struct err *err);
void detection_free(struct detection *detection);
/* A sink whose facts go into the detection. */
struct fact_sink detection_sink(struct detection *detection);

const struct detect_context *detection_context(const struct detection *detection);
/* What has been found so far, sorted (findings_sort); to be released by the caller. */
void detection_find(struct detection *detection, struct findings *ret_findings);
/* The tables of patterns, findings in words included; to be released by the caller. */
void detection_tell(struct detection *detection, const struct findings *findings,
		    struct patterns *ret_patterns);
/* The finding in words, without the client: "tried 21 recipients …". */
void detection_say(const struct detection *detection, const struct finding *finding,
		   struct text *text);

/* What must outlive the facts (see struct detector), of all detectors. */
#define DETECTION_MEMORY "detection" /* by this name the store keeps it */
void detection_save(struct detection *detection, struct text *bytes);
/* Returns 0 or -EBADMSG; nothing is loaded then. */
must_check int detection_load(struct detection *detection, struct view bytes);

#endif
