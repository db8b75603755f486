/*
 * Reading the envelope.
 *
 * A line begins with a stamp of one of four families, told apart by its first
 * bytes: a month's name (RFC 3164), a digit (ISO 8601), "<" (a priority, then
 * either of the two or RFC 5424), a weekday (journalctl's short-full). Behind it stand
 * host, program, pid. All of it is read from the front, byte by byte: what
 * follows is text of strangers and is not searched.
 *
 * Within a second most lines carry the same stamp: the bytes of the last one
 * are kept in the memo and compared before anything is computed. What is kept is
 * the stamp down to the second; fraction and zone are read each time.
 */
#include "format/envelope.h"

#include <endian.h>

#include "base/civil.h"
#include "base/scan.h"

#define STAMP_SYSLOG 15 /* "Nov 22 00:34:40" */
#define STAMP_ISO 19	/* "2026-11-22T00:34:40" */

/* What is left of a line. */
struct reader {
	const char *at, *end;
};

static size_t left(const struct reader *reader)
{
	return (size_t)(reader->end - reader->at);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number that the N digits at P make; -1 if they are not all digits. */
static int digits(const char *p, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (!is_digit(p[i]))
			return -1;
		value = value * 10 + (p[i] - '0');
	}
	return value;
}

/* 1 to 12 for a month's English name of three letters; 0 if it is none. */
static int month_number(const char *p)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int month = 0; month < 12; month++)
		if (memcmp(names + month * 3, p, 3) == 0)
			return month + 1;
	return 0;
}

/* Reads "00:34:40" at P into *civil; a leap second counts as the one before it. */
static bool read_clock(const char *p, struct civil *civil)
{
	civil->hour = digits(p, 2);
	civil->minute = digits(p + 3, 2);
	civil->second = digits(p + 6, 2);
	if (p[2] != ':' || p[5] != ':' || civil->hour < 0 || civil->hour > 23 ||
	    civil->minute < 0 || civil->minute > 59 || civil->second < 0 || civil->second > 60)
		return false;
	if (civil->second == 60)
		civil->second = 59;
	return true;
}

static bool day_exists(const struct civil *civil)
{
	return civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
	       civil->day <= civil_month_days(civil->year, civil->month);
}

/* Reads ".155962" or ",155" if it is there. */
static void read_fraction(struct reader *reader, uint32_t *ret_us)
{
	uint32_t us = 0, unit = 100000;

	if (left(reader) < 2 || (reader->at[0] != '.' && reader->at[0] != ',') ||
	    !is_digit(reader->at[1]))
		return;
	for (reader->at++; reader->at < reader->end && is_digit(*reader->at); reader->at++) {
		us += unit * (uint32_t)(*reader->at - '0');
		unit /= 10;
	}
	*ret_us = us;
}

/* Reads "Z", "+02:00", "+0200" or "+02" if it is there: seconds east of UTC. */
static bool read_zone(struct reader *reader, int *ret_seconds)
{
	const char *p = reader->at;
	size_t n = left(reader);
	int hours, minutes = 0, length = 3;

	if (n >= 1 && *p == 'Z') {
		reader->at++;
		*ret_seconds = 0;
		return true;
	}
	if (n < 3 || (*p != '+' && *p != '-') || (hours = digits(p + 1, 2)) < 0)
		return false;
	if (n >= 6 && p[3] == ':' && (minutes = digits(p + 4, 2)) >= 0)
		length = 6;
	else if (n >= 5 && (minutes = digits(p + 3, 2)) >= 0)
		length = 5;
	else
		minutes = 0;
	if (hours > 24 || minutes > 59)
		return false;
	reader->at += length;
	*ret_seconds = (hours * 60 + minutes) * (*p == '-' ? -60 : 60);
	return true;
}

static void memo_keep(struct envelope_memo *memo, const char *stamp, uint8_t len, int64_t time_s,
		      uint32_t flags)
{
	memcpy(memo->stamp, stamp, len);
	memo->stamp_len = len;
	memo->time_s = time_s;
	memo->flags = flags;
}

/* Whether the line begins with the kept stamp of LEN bytes (at least 15). */
static inline bool memo_matches(const struct envelope_memo *memo, const char *p, uint8_t len)
{
	return memo->stamp_len == len && hash_load64(p) == hash_load64(memo->stamp) &&
	       hash_load64(p + 7) == hash_load64(memo->stamp + 7) &&
	       (len == STAMP_SYSLOG ||
		hash_load64(p + STAMP_ISO - 8) == hash_load64(memo->stamp + STAMP_ISO - 8));
}

/*
 * "Nov 22 00:34:40", "Nov  2 00:34:40", "Nov 2 00:34:40"; with YEAR 0 a year
 * may stand behind the day. Leaves the reader behind the stamp.
 */
static bool read_month_stamp(struct reader *reader, int year, struct civil *civil)
{
	const char *p = reader->at, *end = reader->end;

	civil->year = year ? year : 1972;
	civil->month = month_number(p);
	if (!civil->month || p[3] != ' ')
		return false;
	p += 4;
	if (*p == ' ')
		p++;
	civil->day = digits(p, 1);
	if (civil->day < 0)
		return false;
	p++;
	if (is_digit(*p))
		civil->day = civil->day * 10 + (*p++ - '0');
	if (end - p < 9 || *p != ' ')
		return false;
	p++;
	if (!year && end - p >= 13 && p[4] == ' ' && digits(p, 4) >= 1000) {
		civil->year = digits(p, 4);
		p += 5;
	}
	if (!read_clock(p, civil) || !day_exists(civil))
		return false;
	reader->at = p + 8;
	return true;
}

static bool read_syslog_stamp(struct reader *reader, struct envelope_memo *memo,
			      struct event *event)
{
	const char *stamp = reader->at;
	struct civil civil;

	if (memo_matches(memo, stamp, STAMP_SYSLOG)) {
		reader->at += STAMP_SYSLOG;
		event->time_s = memo->time_s;
		event->flags = memo->flags;
		read_fraction(reader, &event->time_us);
		return true;
	}
	if (!read_month_stamp(reader, 0, &civil))
		return false;
	event->time_s = civil_to_seconds(&civil);
	event->flags = EVENT_NO_ZONE | (civil.year == 1972 ? EVENT_NO_YEAR : 0);
	if (reader->at - stamp == STAMP_SYSLOG)
		memo_keep(memo, stamp, STAMP_SYSLOG, event->time_s, event->flags);
	read_fraction(reader, &event->time_us);
	return true;
}

/* "2026-11-22T00:34:40", with a blank instead of T, with fraction and zone. */
static bool read_iso_stamp(struct reader *reader, struct envelope_memo *memo, struct event *event)
{
	const char *p = reader->at;
	int zone;

	if (left(reader) < STAMP_ISO)
		return false;
	if (memo_matches(memo, p, STAMP_ISO)) {
		event->time_s = memo->time_s;
	} else {
		struct civil civil = {
			.year = digits(p, 4), .month = digits(p + 5, 2), .day = digits(p + 8, 2)};

		if (civil.year < 0 || p[4] != '-' || p[7] != '-' ||
		    (p[10] != 'T' && p[10] != ' ') || !day_exists(&civil) ||
		    !read_clock(p + 11, &civil))
			return false;
		event->time_s = civil_to_seconds(&civil);
		memo_keep(memo, p, STAMP_ISO, event->time_s, 0);
	}
	reader->at += STAMP_ISO;
	read_fraction(reader, &event->time_us);
	if (read_zone(reader, &zone))
		event->time_s -= zone;
	else
		event->flags = EVENT_NO_ZONE;
	return true;
}

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t'))
		reader->at++;
}

/* The bytes up to the next blank, which is skipped; an empty view if there is none. */
static struct view read_token(struct reader *reader)
{
	const char *start = reader->at;
	const char *blank = scan_byte(start, reader->end, ' ');

	if (blank == reader->end)
		return view_of(start, 0);
	reader->at = blank + 1;
	return view_of(start, (size_t)(blank - start));
}

/* Busybox's "mail.info", syslogd's "<mail.info>": facility and severity. */
static bool is_priority(struct view token)
{
	static const struct view severities[] = {VIEW("emerg"),	  VIEW("panic"), VIEW("alert"),
						 VIEW("crit"),	  VIEW("err"),	 VIEW("error"),
						 VIEW("warning"), VIEW("warn"),	 VIEW("notice"),
						 VIEW("info"),	  VIEW("debug")};
	struct view severity;
	size_t dot = view_find_byte(token, '.');

	if (dot == VIEW_NONE || dot > 10)
		return false;
	severity = view_from(token, dot + 1);
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (view_is(severity, severities[i]))
			return true;
	return false;
}

/* Reads "program[pid]: ", "program: " or "program " and the blanks behind it. */
static bool read_program(struct reader *reader, struct record *record)
{
	const char *p = reader->at, *end = reader->end;
	const char *start = p;

	p = scan_three(p, end, '[', ':', ' ');
	if (p == end || p == start)
		return false;
	record->program = view_of(start, (size_t)(p - start));
	if (*p == '[') {
		uint32_t pid = 0;

		for (p++; p < end && is_digit(*p); p++)
			pid = pid * 10 + (uint32_t)(*p - '0');
		while (p < end && *p != ']' && *p != ' ')
			p++;
		if (p == end || *p != ']')
			return false;
		p++;
		record->pid = pid;
	}
	if (p < end && *p == ':')
		p++;
	reader->at = p;
	skip_blanks(reader);
	return true;
}

/* Solaris puts "[ID 197553 mail.info] " before the message. */
static void skip_message_id(struct reader *reader)
{
	const char *p = reader->at;
	const char *close;

	if (left(reader) < 8 || memcmp(p, "[ID ", 4) != 0 || !is_digit(p[4]))
		return;
	close = memchr(p, ']', left(reader));
	if (!close)
		return;
	reader->at = close + 1;
	skip_blanks(reader);
}

/* "message repeated 5 times: [ … ]" becomes what stands in it (rsyslog). */
static void unwrap_repeat(struct view *message, struct event *event)
{
	struct view inside = *message;
	unsigned long long times;

	if (!view_eat(&inside, VIEW("message repeated ")) || !view_eat_number(&inside, &times) ||
	    !view_eat(&inside, VIEW(" times: [")) || !view_ends(inside, VIEW("]")))
		return;
	inside.len--;
	*message = view_trim(inside);
	event->repeat = times == 0 ? 1 : times > UINT32_MAX ? UINT32_MAX : (uint32_t)times;
}

/* "last message repeated 5 times": what syslogd writes instead of a program. */
static bool read_last_repeated(struct reader *reader, struct event *event)
{
	struct view text = view_of(reader->at, left(reader));
	unsigned long long times;

	if (!view_eat(&text, VIEW("last message repeated ")) || !view_eat_number(&text, &times) ||
	    !view_starts(text, VIEW(" time")))
		return false;
	event->kind = EVENT_REPEAT_LAST;
	event->repeat = times == 0 ? 1 : times > UINT32_MAX ? UINT32_MAX : (uint32_t)times;
	return true;
}

/* What is left is the message. */
static void end_with_message(const struct reader *reader, struct record *record,
			     struct event *event)
{
	record->message = view_of(reader->at, left(reader));
	if (record->message.len > 17 && reader->at[0] == 'm')
		unwrap_repeat(&record->message, event);
}

#define BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The number that the 1 to 7 digits at P make, behind which other bytes stand: 8 may be
   read. *ret_len: how many digits. Returns 0, *ret_len 0, if there are none, or 8. */
static inline uint32_t read_pid(const char *p, size_t *ret_len)
{
	uint64_t word = le64toh(hash_load64(p)) ^ BYTES(0x30);
	uint64_t others = ((word + BYTES(0x76)) | word) & BYTES(0x80);

	*ret_len = others ? (size_t)__builtin_ctzll(others) / 8 : 0;
	if (*ret_len == 0)
		return 0;
	word <<= 64 - 8 * *ret_len;
	/* Two digits at a time, then four, then all. */
	word = word * 10 + (word >> 8);
	word = (word & UINT64_C(0xff000000ff)) * (100 + (UINT64_C(1000000) << 32)) +
	       (word >> 16 & UINT64_C(0xff000000ff)) * (1 + (UINT64_C(10000) << 32));
	return (uint32_t)(word >> 32);
}

/*
 * " host program[pid]: message", as nearly all lines have it: one blank each, nothing
 * else about it. Returns false, nothing read, if the line is not just so.
 */
static inline bool read_usual(struct reader *reader, struct record *record)
{
	const char *host = reader->at + 1, *end = reader->end;
	const char *blank, *program, *open, *close;
	size_t digits_len;
	uint32_t pid;

	if (end - host < 1 || *reader->at != ' ' || *host == '<' || *host == '\t')
		return false;
	blank = scan_byte(host, end, ' ');
	if (blank == end || blank == host)
		return false;
	program = blank + 1;
	open = scan_three(program, end, '[', ':', ' ');
	if (open == program || end - open < 12 || *open != '[' || *program == '\t')
		return false;
	pid = read_pid(open + 1, &digits_len);
	close = open + 1 + digits_len;
	/* "[ID " and "message repeated" may follow. */
	if (!digits_len || memcmp(close, "]: ", 3) != 0 || close[3] == ' ' || close[3] == '\t' ||
	    close[3] == '[' || close[3] == 'm')
		return false;
	record->host = view_of(host, (size_t)(blank - host));
	record->program = view_of(program, (size_t)(open - program));
	record->pid = pid;
	record->message = view_of(close + 3, (size_t)(end - close - 3));
	return true;
}

/* "host program[pid]: message", the reader standing before the host. */
static bool read_host_and_program(struct reader *reader, struct record *record, struct event *event)
{
	skip_blanks(reader);
	record->host = read_token(reader);
	if (record->host.len && record->host.ptr[0] == '<')
		record->host = read_token(reader);
	if (!record->host.len)
		return false;
	skip_blanks(reader);
	if (left(reader) && *reader->at == 'l' && read_last_repeated(reader, event))
		return true;
	if (!read_program(reader, record))
		return false;
	if (is_priority(record->program) && !read_program(reader, record))
		return false;
	skip_message_id(reader);
	end_with_message(reader, record, event);
	return true;
}

/* What follows the usual stamps. */
static inline bool read_rest(struct reader *reader, struct record *record, struct event *event)
{
	return read_usual(reader, record) || read_host_and_program(reader, record, event);
}

/* RFC 5424, 6.3: skips "-" or elements "[id name="value" …]", in whose values \ escapes. */
static bool skip_structured_data(struct reader *reader)
{
	bool quoted = false;

	if (left(reader) && *reader->at == '-') {
		reader->at++;
		return true;
	}
	if (!left(reader) || *reader->at != '[')
		return false;
	for (; reader->at < reader->end; reader->at++) {
		if (*reader->at == '\\' && quoted && left(reader) > 1) {
			reader->at++;
		} else if (*reader->at == '"') {
			quoted = !quoted;
		} else if (*reader->at == ']' && !quoted) {
			if (left(reader) > 1 && reader->at[1] == '[')
				continue;
			reader->at++;
			return true;
		}
	}
	return false;
}

static struct view unless_nil(struct view field)
{
	return view_is(field, VIEW("-")) ? view_of(field.ptr, 0) : field;
}

/* RFC 5424 behind "<priority>1 ". */
static bool read_5424(struct reader *reader, struct envelope_memo *memo, struct record *record,
		      struct event *event)
{
	struct view procid, number;
	unsigned long long pid;

	if (!read_iso_stamp(reader, memo, event) || !left(reader) || *reader->at++ != ' ')
		return false;
	record->host = unless_nil(read_token(reader));
	record->program = unless_nil(read_token(reader));
	number = procid = read_token(reader);
	if (view_eat_number(&number, &pid) && pid <= UINT32_MAX)
		record->pid = (uint32_t)pid;
	if (!procid.len || !read_token(reader).len || !skip_structured_data(reader))
		return false;
	skip_blanks(reader);
	if (left(reader) >= 3 && memcmp(reader->at, "\xef\xbb\xbf", 3) == 0)
		reader->at += 3;
	skip_blanks(reader);
	end_with_message(reader, record, event);
	return true;
}

/* Whether "host program[pid]:" follows; the reader stands before the host. Only so is a
   stamp with a blank in it a syslog's: else it is one of Exim's own files. */
static bool syslog_follows(const struct reader *reader)
{
	const char *p = reader->at, *end = reader->end, *program;

	if (end - p < 2 || p[1] == '=') /* Exim's "H=name" */
		return false;
	program = scan_byte(p, end, ' ');
	if (program == p || program == end)
		return false;
	program++;
	p = scan_three(program, end, '[', ':', ' ');
	if (p == program || p == end || *p == ' ')
		return false;
	if (*p == ':')
		return view_starts(view_of(program, (size_t)(p - program)), VIEW("postfix"));
	/* "H=[192.0.2.1]:1234" is no program with its pid. */
	for (p++; p < end && is_digit(*p);)
		p++;
	return end - p > 1 && p[0] == ']' && p[1] == ':';
}

/* Behind a stamp of Exim's own files: "[ +0000] [[pid]] message". */
static void read_exim_message(struct reader *reader, struct record *record, struct event *event)
{
	const char *p = reader->at;

	if (left(reader) > 3 && p[0] == '[' && is_digit(p[1])) {
		uint32_t pid = 0;

		for (p++; p < reader->end && is_digit(*p); p++)
			pid = pid * 10 + (uint32_t)(*p - '0');
		if (reader->end - p >= 2 && p[0] == ']' && p[1] == ' ') {
			record->pid = pid;
			reader->at = p + 2;
			skip_blanks(reader);
		}
	}
	end_with_message(reader, record, event);
}

/* What follows a stamp with a blank in it, and its zone. */
static bool read_unzoned(struct reader *reader, struct record *record, struct event *event)
{
	if (syslog_follows(reader))
		return read_host_and_program(reader, record, event);
	read_exim_message(reader, record, event);
	return true;
}

/* A line that begins with a digit: ISO 8601, or a year and a month's name. */
static bool read_digit_line(struct reader *reader, struct envelope_memo *memo,
			    struct record *record, struct event *event)
{
	char separator = reader->at[10];

	/* Exim's own files within a second, without fraction or zone. */
	if (separator == ' ' && reader->at[STAMP_ISO] == ' ' && left(reader) > STAMP_ISO + 8 &&
	    reader->at[STAMP_ISO + 1] > ' ' && reader->at[STAMP_ISO + 6] != ' ' &&
	    memo_matches(memo, reader->at, STAMP_ISO)) {
		event->time_s = memo->time_s;
		event->flags = EVENT_NO_ZONE;
		reader->at += STAMP_ISO + 1;
		return read_unzoned(reader, record, event);
	}
	if (reader->at[4] == ' ') {
		struct civil civil;
		int year = digits(reader->at, 4);

		reader->at += 5;
		if (year < 1000 || left(reader) < STAMP_SYSLOG ||
		    !read_month_stamp(reader, year, &civil))
			return false;
		event->time_s = civil_to_seconds(&civil);
		event->flags = EVENT_NO_ZONE;
		read_fraction(reader, &event->time_us);
		return read_host_and_program(reader, record, event);
	}
	if (!read_iso_stamp(reader, memo, event))
		return false;
	if (left(reader) && *reader->at != ' ')
		return false;
	if (separator == 'T')
		return read_rest(reader, record, event);
	skip_blanks(reader);
	if (event->flags & EVENT_NO_ZONE) {
		int zone;

		if (left(reader) > 5 && reader->at[5] == ' ' && read_zone(reader, &zone)) {
			event->time_s -= zone;
			event->flags = 0;
			skip_blanks(reader);
		}
	}
	return read_unzoned(reader, record, event);
}

/* journalctl -o short-full: "Sun 2026-11-22 00:34:40 UTC host program[pid]: message". */
static bool read_weekday_line(struct reader *reader, struct envelope_memo *memo,
			      struct record *record, struct event *event)
{
	reader->at += 4;
	if (left(reader) < STAMP_ISO + 2 || reader->at[-1] != ' ' || !is_digit(*reader->at) ||
	    !read_iso_stamp(reader, memo, event))
		return false;
	skip_blanks(reader);
	if (view_is(read_token(reader), VIEW("UTC")))
		event->flags &= ~(uint32_t)EVENT_NO_ZONE;
	return read_host_and_program(reader, record, event);
}

/* Skips "<22>" and tells whether RFC 5424's version stands behind it. */
static bool read_priority(struct reader *reader, bool *ret_5424)
{
	const char *p = reader->at + 1;

	while (p < reader->end && is_digit(*p))
		p++;
	if (p == reader->at + 1 || p - reader->at > 4 || p == reader->end || *p != '>')
		return false;
	reader->at = p + 1;
	*ret_5424 = left(reader) > 2 && reader->at[0] == '1' && reader->at[1] == ' ';
	if (*ret_5424)
		reader->at += 2;
	return true;
}

/* Skips what may stand before the first line of a file: the hole of NULs that a writer
   leaves whose file was cut under it (logrotate's copytruncate), and a byte order mark. */
static void skip_file_start(struct reader *reader)
{
	while (left(reader) && *reader->at == '\0')
		reader->at++;
	if (left(reader) >= 3 && memcmp(reader->at, "\xef\xbb\xbf", 3) == 0)
		reader->at += 3;
}

bool envelope_parse(struct view line, struct envelope_memo *memo, struct record *record,
		    struct event *event)
{
	struct reader reader = {line.ptr, line.ptr + line.len};
	bool found, version = false;

	*record = (struct record){0};
	if (line.len && reader.end[-1] == '\r')
		reader.end--;
	event->repeat = 1;
	if (left(&reader) && (signed char)*reader.at <= 0)
		skip_file_start(&reader);
	if (left(&reader) && *reader.at == '<' && !read_priority(&reader, &version))
		return false;
	/* The shortest line of use; below, stamps are read without looking at the end. */
	if (left(&reader) < STAMP_ISO + 1)
		return false;
	if (version)
		found = read_5424(&reader, memo, record, event);
	else if (is_digit(*reader.at))
		found = read_digit_line(&reader, memo, record, event);
	else if (reader.at[3] == ' ' && is_digit(reader.at[4]) && is_digit(reader.at[5]) &&
		 is_digit(reader.at[6]))
		found = read_weekday_line(&reader, memo, record, event);
	else
		found = read_syslog_stamp(&reader, memo, event) &&
			read_rest(&reader, record, event);
	if (!found)
		return false;
	if (record->host.len)
		word_set(&event->host, record->host);
	else
		event->host.hash = hash32("", 0); /* known to the compiler */
	event->pid = record->pid;
	return true;
}
