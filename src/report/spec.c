#include "report/spec.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

/* The file is cut up in place: each string ends with a NUL written over its end. */
struct parser {
	struct report *report;
	struct report_table *table; /* the present one; NULL at the head */
	char *at, *end;
	unsigned int line;
	size_t table_capacity;
	char *about_end; /* where the report's about ends, for its next line */
	unsigned int about_line;
};

static const char *const format_names[] = {
	[COLUMN_PLAIN] = "plain",     [COLUMN_TEXT] = "text",	  [COLUMN_ADDRESS] = "address",
	[COLUMN_DOMAIN] = "domain",   [COLUMN_CLIENT] = "client", [COLUMN_COUNT] = "count",
	[COLUMN_SECONDS] = "seconds", [COLUMN_SHORT] = "short",	  [COLUMN_BYTES] = "bytes",
	[COLUMN_SHARE] = "share",     [COLUMN_PART] = "part",	  [COLUMN_TIME] = "time",
	[COLUMN_PERIOD] = "period",   [COLUMN_FLAG] = "flag",
};

const char *column_format_name(enum column_format format)
{
	return format_names[format];
}

static void fault(struct parser *parser, const char *what, const char *subject)
{
	const struct report *report = parser->report;

	if (report->fault.text[0])
		return;
	err_set(&parser->report->fault, -EINVAL, "can't use report '%s' line %u: %s '%s'",
		report->file ? report->file : report->name, parser->line, what, subject);
}

/* Cuts the next word off *text, or an empty string at its end. */
static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \t");

	*text = word + strcspn(word, " \t");
	if (**text)
		*(*text)++ = 0;
	return word;
}

static char *skip_blanks(char *text)
{
	return text + strspn(text, " \t");
}

/* Cuts TEXT at the first of SEPARATOR; returns what is behind it, or NULL. */
static char *cut_at(char *text, const char *separator)
{
	char *at = strstr(text, separator);

	if (!at)
		return NULL;
	for (char *blank = at; blank > text && (blank[-1] == ' ' || blank[-1] == '\t');)
		*--blank = 0;
	*at = 0;
	return skip_blanks(at + strlen(separator));
}

static void parse_needs(struct parser *parser, char *value)
{
	static const struct {
		const char *name;
		uint32_t part;
	} parts[] = {
		{"slots", LEDGER_SLOTS},
		{"sessions", LEDGER_SESSIONS},
		{"attempts", LEDGER_ATTEMPTS},
		{"roles", LEDGER_ROLES},
		{"pairs", LEDGER_PAIRS},
		{"all", LEDGER_ALL},
		{"patterns", REPORT_NEEDS_PATTERNS},
	};
	char *word;

	while (*(word = next_word(&value))) {
		size_t i = 0, n = sizeof(parts) / sizeof(*parts);

		while (i < n && strcmp(word, parts[i].name) != 0)
			i++;
		if (i == n)
			fault(parser, "no such part of the ledger:", word);
		else
			parser->report->parts |= parts[i].part;
	}
}

/* NAME [= DEFAULT [of CHOICE…]] [; ABOUT] */
static void parse_option(struct parser *parser, char *value)
{
	struct report *report = parser->report;
	struct report_option *option = &report->options[report->option_count];
	char *preset;

	if (report->option_count == REPORT_OPTIONS_MAX) {
		fault(parser, "too many options:", value);
		return;
	}
	report->option_count++;
	option->about = cut_at(value, ";");
	preset = cut_at(value, "=");
	option->preset = preset;
	option->choices = preset ? cut_at(preset, " of ") : NULL;
	option->name = next_word(&value);
}

static void parse_example(struct parser *parser, char *value)
{
	parser->report->example = value;
}

/* Lines of "about" are moved together, so that they are one string. */
static void parse_about(struct parser *parser, char *value)
{
	size_t len = strlen(value);

	if (parser->table) {
		parser->table->about = value;
		return;
	}
	parser->about_line++;
	if (!parser->report->about) {
		parser->report->about = value;
		parser->about_end = value + len;
		parser->about_line = parser->line;
		return;
	}
	if (parser->line != parser->about_line) {
		fault(parser, "'about' lines stand apart:", value);
		return;
	}
	*parser->about_end++ = '\n';
	memmove(parser->about_end, value, len + 1);
	parser->about_end += len;
}

static void parse_title(struct parser *parser, char *value)
{
	if (parser->table)
		parser->table->title = value;
	else
		parser->report->title = value;
}

static void parse_name(struct parser *parser, char *value)
{
	parser->report->name = next_word(&value);
}

static void parse_table(struct parser *parser, char *value)
{
	struct report *report = parser->report;

	ARRAY_GROW(report->tables, report->table_count, parser->table_capacity);
	parser->table = &report->tables[report->table_count++];
	*parser->table = (struct report_table){.name = next_word(&value), .sql = ""};
	parser->table->title = parser->table->name;
}

static bool needs_table(struct parser *parser, const char *value)
{
	if (!parser->table)
		fault(parser, "no table begun before", value);
	return parser->table != NULL;
}

static void parse_layout(struct parser *parser, char *value)
{
	char *word;

	if (!needs_table(parser, value))
		return;
	word = next_word(&value);
	if (strcmp(word, "list") == 0)
		parser->table->layout = LAYOUT_LIST;
	else if (strcmp(word, "picture") == 0)
		parser->table->layout = LAYOUT_PICTURE;
	else if (strcmp(word, "rows") != 0)
		fault(parser, "no such layout:", word);
	for (size_t i = 0; i < REPORT_PICTURES_MAX && *(word = next_word(&value)); i++)
		parser->table->pictures[i] = word;
}

static void parse_empty(struct parser *parser, char *value)
{
	if (needs_table(parser, value))
		parser->table->empty = value;
}

static int column_number(const struct report_table *table, const char *name)
{
	for (int i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return i;
	return -1;
}

static void parse_format(struct parser *parser, struct report_column *column, char *word)
{
	char *of = cut_at(word, "(");

	for (int i = 0; i < COLUMN_FORMATS; i++) {
		if (strcmp(word, format_names[i]) == 0) {
			column->format = (enum column_format)i;
			if (i != COLUMN_PART)
				return;
			if (of)
				of[strcspn(of, ")")] = 0;
			column->part_of = of ? column_number(parser->table, of) : -1;
			if (column->part_of < 0)
				fault(parser, "part of no column above:", of ? of : word);
			return;
		}
	}
	fault(parser, "no such format:", word);
}

/* NAME FORMAT ["LABEL"] ABOUT */
static void parse_column(struct parser *parser, char *value)
{
	struct report_column column = {0};
	char *word;

	if (!needs_table(parser, value))
		return;
	if (parser->table->column_count == REPORT_COLUMNS_MAX) {
		fault(parser, "too many columns:", value);
		return;
	}
	column.name = next_word(&value);
	word = next_word(&value);
	parse_format(parser, &column, word);
	value = skip_blanks(value);
	column.label = column.name;
	if (*value == '"') {
		column.label = ++value;
		value += strcspn(value, "\"");
		if (*value)
			*value++ = 0;
	}
	column.about = skip_blanks(value);
	parser->table->columns[parser->table->column_count++] = column;
}

static const struct {
	const char *key;
	void (*parse)(struct parser *parser, char *value);
} keys[] = {
	{"report", parse_name},	  {"title", parse_title},   {"about", parse_about},
	{"needs", parse_needs},	  {"option", parse_option}, {"example", parse_example},
	{"table", parse_table},	  {"layout", parse_layout}, {"empty", parse_empty},
	{"column", parse_column},
};

/* Whether LINE is "-- KEY: VALUE" of a key that we know; parses it then. */
static bool parse_line(struct parser *parser, char *line)
{
	char *key, *value;

	if (strncmp(line, "--", 2) != 0)
		return false;
	key = skip_blanks(line + 2);
	value = strchr(key, ':');
	if (!value)
		return false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (strlen(keys[i].key) == (size_t)(value - key) &&
		    strncmp(keys[i].key, key, (size_t)(value - key)) == 0) {
			keys[i].parse(parser, skip_blanks(value + 1));
			return true;
		}
	}
	return false;
}

/* Takes the select of the present table: from here to the line of the next table. */
static void take_sql(struct parser *parser, char *from)
{
	char *next = strstr(from, "\n-- table:");

	parser->table->sql = from;
	parser->table->sql_line = parser->line;
	for (const char *at = from; next && at < next; at++)
		parser->line += *at == '\n';
	if (next)
		*next = 0;
	parser->at = next ? next + 1 : parser->end;
	parser->line++;
}

static void parse_text(struct parser *parser)
{
	while (parser->at < parser->end) {
		char *line = parser->at;
		size_t len = strcspn(line, "\n");
		bool blank = strspn(line, " \t\r") >= len;
		bool comment = strncmp(line, "--", 2) == 0;

		if (!blank && !comment) {
			if (!needs_table(parser, "the select"))
				return;
			take_sql(parser, line);
			continue;
		}
		line[len] = 0;
		if (len && line[len - 1] == '\r')
			line[len - 1] = 0;
		parser->at = line + len + 1;
		if (comment)
			parse_line(parser, line);
		parser->line++;
	}
}

/* The file's own name, without folder and ending, names a report that does not. */
static void name_by_file(struct report *report)
{
	const char *slash = strrchr(report->file, '/');
	const char *base = slash ? slash + 1 : report->file;

	/* The text's room begins with it: see report_parse. */
	snprintf(report->text, strlen(report->file) + 1, "%s", base);
	report->text[strcspn(report->text, ".")] = 0;
	report->name = report->text;
}

static void check(struct parser *parser)
{
	struct report *report = parser->report;

	for (size_t i = 0; i < report->table_count; i++) {
		parser->line = report->tables[i].sql_line;
		if (!*report->tables[i].sql)
			fault(parser, "no select for table", report->tables[i].name);
	}
	if (report->table_count == 0)
		fault(parser, "no table in", report->name);
	if (!report->parts)
		report->parts = LEDGER_ALL;
	if (!report->title)
		report->title = report->name;
}

struct report *report_parse(struct view text, const char *file)
{
	struct report *report = memory_get_zeroed(1, sizeof(*report));
	struct parser parser = {.report = report, .line = 1};
	size_t room = file ? strlen(file) + 1 : 1;

	report->file = file ? memory_string(file) : NULL;
	report->text = memory_get(room + text.len + 1);
	report->text[0] = 0;
	report->name = report->text;
	if (report->file)
		name_by_file(report);
	parser.at = report->text + room;
	parser.end = parser.at + text.len;
	if (text.len)
		memcpy(parser.at, text.ptr, text.len);
	*parser.end = 0;
	if (strlen(parser.at) != text.len)
		fault(&parser, "NUL byte in", report->name);
	else
		parse_text(&parser);
	check(&parser);
	return report;
}

void report_free(struct report *report)
{
	if (!report)
		return;
	free(report->tables);
	free(report->file);
	free(report->text);
	free(report);
}

const struct report_option *report_option(const struct report *report, const char *name)
{
	for (size_t i = 0; i < report->option_count; i++)
		if (strcmp(report->options[i].name, name) == 0)
			return &report->options[i];
	return NULL;
}
