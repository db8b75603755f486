/* Findings as JSON, for those who want to check them. */
#include <inttypes.h>

#include "base/safe.h"
#include "block/plan.h"

static void json_string(FILE *out, const struct directory *directory, uint32_t string)
{
	safe_json(out, strings_get(directory->strings, string));
}

static void json_client(FILE *out, const struct directory *directory, uint32_t client)
{
	char text[IP_TEXT_MAX];

	if (client == 0) {
		fputs("null", out);
		return;
	}
	ip_format(&directory_client_at(directory, client)->ip, text);
	fprintf(out, "\"%s\"", text);
}

static void json_moment(FILE *out, uint32_t time)
{
	char text[CIVIL_TEXT_MAX];

	civil_format_rfc3339(time, NULL, text);
	fprintf(out, "\"%s\"", text);
}

void block_span_json(FILE *out, const char *pattern, uint32_t since, uint32_t until)
{
	fprintf(out, "{\"pattern\": \"%s\", \"since\": ", pattern);
	json_moment(out, since);
	fputs(", \"until\": ", out);
	json_moment(out, until);
}

static void json_evidence(FILE *out, const struct directory *directory,
			  const struct evidence *evidence)
{
	switch (evidence->kind) {
	case EVIDENCE_COUNT:
	case EVIDENCE_SECONDS:
		fprintf(out, "%" PRIu64, evidence->number);
		break;
	case EVIDENCE_TIME:
		json_moment(out, (uint32_t)evidence->number);
		break;
	case EVIDENCE_PER_MILLE:
		fprintf(out, "%" PRIu64 ".%03" PRIu64, evidence->number / 1000,
			evidence->number % 1000);
		break;
	case EVIDENCE_STRING:
		json_string(out, directory, (uint32_t)evidence->number);
		break;
	case EVIDENCE_CLIENT:
		json_client(out, directory, (uint32_t)evidence->number);
		break;
	case EVIDENCE_WORDS:
		safe_json(out, view_string(evidence->words));
		break;
	}
}

void block_finding_json(FILE *out, const struct detection *detection, const struct finding *finding)
{
	const struct directory *directory = detection_context(detection)->directory;

	block_span_json(out, finding->pattern, finding->since, finding->until);
	fprintf(out, ", \"grade\": \"%s\", \"evidence\": {",
		grade_name((enum grade)finding->grade));
	for (uint8_t i = 0; i < finding->evidence_count; i++) {
		fprintf(out, "%s\"%s\": ", i ? ", " : "", finding->evidence[i].name);
		json_evidence(out, directory, &finding->evidence[i]);
	}
	fputs("}}", out);
}
