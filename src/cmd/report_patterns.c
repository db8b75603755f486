/* Patterns for reports: see report_patterns.h. */
#include "cmd/report_patterns.h"

#include "cmd/judge.h"

int report_patterns_begin(struct options *options, const struct directory *directory,
			  uint32_t parts, uint32_t from, uint32_t until, struct fact_sink *sink,
			  struct report_patterns *patterns)
{
	const struct detect_options detect = {
		.local_domains = options->local,
		.settings = options->settings,
		.from = from,
		.until = until,
	};
	struct err err;

	*patterns = (struct report_patterns){0};
	if (!(parts & REPORT_NEEDS_PATTERNS))
		return EXIT_DONE;
	if (detection_new(directory, &detect, &patterns->detection, &err) < 0)
		return fail(EXIT_USAGE, &err);
	options->pipeline.in_line = true;
	options->pipeline.sessions.words = WORDS_JUDGED;
	patterns->fan.sinks[0] = *sink;
	patterns->fan.sinks[1] = detection_sink(patterns->detection);
	patterns->fan.count = 2;
	*sink = fact_fan_sink(&patterns->fan);
	return EXIT_DONE;
}

int report_patterns_replay(struct report_patterns *patterns, struct store *store, uint32_t from,
			   uint32_t until)
{
	struct fact_sink sink;
	struct err err;
	int status;

	if (!patterns->detection)
		return EXIT_DONE;
	status = judgement_recall(store, patterns->detection);
	if (status)
		return status;
	sink = detection_sink(patterns->detection);
	return store_replay(store, from, until, &sink, &err) < 0 ? fail(EXIT_STORE, &err)
								 : EXIT_DONE;
}

void report_patterns_end(struct report_patterns *patterns, struct options *options)
{
	if (!patterns->detection)
		return;
	detection_find(patterns->detection, &patterns->findings);
	detection_tell(patterns->detection, &patterns->findings, &patterns->patterns);
	options->report.patterns = &patterns->patterns;
}

void report_patterns_release(struct report_patterns *patterns)
{
	patterns_release(&patterns->patterns);
	findings_release(&patterns->findings);
	detection_free(patterns->detection);
}
