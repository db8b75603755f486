/*
 * Time zones from the system's database (TZif, RFC 9636), read here and not by
 * the C library: localtime keeps one zone for the whole process, and its state
 * is shared by all threads.
 *
 * A zone is a list of stretches with one offset each, in order, the first from
 * the beginning of time; what comes after the last is told by the file's rule,
 * if it has one. The stretch that answered last is kept: logs ask for moments
 * near each other.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/civil.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/zone_rule.h"

#define DATABASE "/usr/share/zoneinfo"
#define LOCAL_FILE "/etc/localtime"
#define FILE_BYTES_MAX (1 << 20) /* real ones are under 4 KiB */
#define OFFSET_MAX (26 * 3600)	 /* RFC 9636, 3.2 */
#define TIME_MAX (INT64_MAX / 2) /* offsets can be added without a thought */
#define TZIF_HEADER_BYTES 44

struct span {
	int64_t from;
	int32_t offset;
};

struct zone {
	char *name;
	struct span *spans; /* one at least, spans[0].from is INT64_MIN */
	size_t span_count;
	struct zone_rule rule; /* from the last span on */
	bool has_rule;
	struct zone_stretch last; /* that answered */
};

/* The numbers of entries that a TZif header announces. */
struct tzif_header {
	int version;
	uint64_t isut, isstd, leap, time, type, character;
};

static uint64_t big_endian(const char *ptr, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | (unsigned char)ptr[i];
	return value;
}

static bool eat_header(struct view *file, struct tzif_header *header)
{
	const char *ptr = file->ptr;

	if (file->len < TZIF_HEADER_BYTES || !view_starts(*file, VIEW("TZif")))
		return false;
	header->version = ptr[4] ? ptr[4] - '0' : 1;
	header->isut = big_endian(ptr + 20, 4);
	header->isstd = big_endian(ptr + 24, 4);
	header->leap = big_endian(ptr + 28, 4);
	header->time = big_endian(ptr + 32, 4);
	header->type = big_endian(ptr + 36, 4);
	header->character = big_endian(ptr + 40, 4);
	*file = view_from(*file, TZIF_HEADER_BYTES);
	return true;
}

static uint64_t block_bytes(const struct tzif_header *header, uint64_t time_bytes)
{
	return header->time * (time_bytes + 1) + header->type * 6 + header->character +
	       header->leap * (time_bytes + 4) + header->isstd + header->isut;
}

/* The offset of type N; false if there is no such type or it is absurd. */
static bool type_offset(const struct tzif_header *header, const char *types, unsigned n,
			int32_t *ret_offset)
{
	int32_t offset;

	if (n >= header->type)
		return false;
	offset = (int32_t)big_endian(types + 6 * (size_t)n, 4);
	if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
		return false;
	*ret_offset = offset;
	return true;
}

/* Reads the changes of a data block whose size was checked. */
static bool read_spans(struct zone *zone, const struct tzif_header *header, const char *times,
		       size_t time_bytes)
{
	const char *indices = times + header->time * time_bytes;
	const char *types = indices + header->time;
	struct span *spans;

	free(zone->spans);
	zone->spans = spans = memory_get_zeroed(header->time + 1, sizeof(*spans));
	zone->span_count = header->time + 1;
	spans[0].from = INT64_MIN;
	if (!type_offset(header, types, 0, &spans[0].offset))
		return false;
	for (size_t i = 1; i < zone->span_count; i++) {
		uint64_t bits = big_endian(times + (i - 1) * time_bytes, time_bytes);
		unsigned type = (unsigned char)indices[i - 1];

		spans[i].from = time_bytes == 8 ? (int64_t)bits : (int32_t)(uint32_t)bits;
		if (spans[i].from <= spans[i - 1].from ||
		    !type_offset(header, types, type, &spans[i].offset))
			return false;
	}
	return true;
}

/* Fills ZONE from the bytes of a TZif file: from the block with 64-bit times if
   there is one (version 2 on), else from the old one. */
static bool read_tzif(struct zone *zone, struct view file)
{
	struct tzif_header header;
	size_t time_bytes = 4, end;

	if (!eat_header(&file, &header))
		return false;
	if (header.version >= 2) {
		if (file.len < block_bytes(&header, 4))
			return false;
		file = view_from(file, block_bytes(&header, 4));
		if (!eat_header(&file, &header))
			return false;
		time_bytes = 8;
	}
	if (file.len < block_bytes(&header, time_bytes) ||
	    !read_spans(zone, &header, file.ptr, time_bytes))
		return false;
	file = view_from(file, block_bytes(&header, time_bytes));
	if (header.version >= 2 && view_eat(&file, VIEW("\n"))) {
		end = view_find_byte(file, '\n');
		zone->has_rule =
			end != VIEW_NONE && zone_rule_parse(view_to(file, end), &zone->rule);
	}
	return true;
}

static bool read_file(struct zone *zone, const char *path)
{
	_cleanup_free_ char *bytes = memory_get(FILE_BYTES_MAX);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;
	size_t len = 0;
	ssize_t got;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	do {
		got = read(fd, bytes + len, FILE_BYTES_MAX - len);
		if (got > 0)
			len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	return got == 0 && read_tzif(zone, view_of(bytes, len));
}

static bool set_fixed(struct zone *zone, int32_t offset)
{
	free(zone->spans);
	zone->spans = memory_get_zeroed(1, sizeof(*zone->spans));
	zone->spans[0] = (struct span){INT64_MIN, offset};
	zone->span_count = 1;
	return true;
}

static bool set_name(struct zone *zone, const char *name)
{
	free(zone->name);
	zone->name = memory_get(strlen(name) + 1);
	memcpy(zone->name, name, strlen(name) + 1);
	return true;
}

/* +02:00, -0330, +2 */
static bool set_from_offset(struct zone *zone, struct view text)
{
	bool west = view_starts(text, VIEW("-"));
	unsigned long long hours, minutes = 0;
	size_t digits;

	if (!west && !view_starts(text, VIEW("+")))
		return false;
	text = view_from(text, 1);
	digits = text.len;
	if (!view_eat_number(&text, &hours))
		return false;
	if (digits == 4 && text.len == 0) {
		minutes = hours % 100;
		hours /= 100;
	} else if (text.len > 0 && (!view_eat(&text, VIEW(":")) || text.len != 2 ||
				    !view_eat_number(&text, &minutes) || text.len > 0)) {
		return false;
	}
	if (hours > 24 || minutes > 59)
		return false;
	return set_fixed(zone, (west ? -1 : 1) * (int32_t)(hours * 3600 + minutes * 60));
}

static const char *database(void)
{
	const char *folder = getenv("TZDIR");

	return folder && *folder ? folder : DATABASE;
}

/* A name is a path below the database; it shall not lead out of it. */
static bool set_from_database(struct zone *zone, const char *name)
{
	char path[PATH_MAX];
	int len;

	if (name[0] == '/')
		return read_file(zone, name);
	if (strstr(name, ".."))
		return false;
	len = snprintf(path, sizeof(path), "%s/%s", database(), name);
	return len > 0 && (size_t)len < sizeof(path) && read_file(zone, path);
}

static bool set_from_rule(struct zone *zone, struct view text)
{
	if (!zone_rule_parse(text, &zone->rule))
		return false;
	zone->has_rule = true;
	return set_fixed(zone, zone->rule.standard_offset);
}

static bool set_from_name(struct zone *zone, const char *name)
{
	struct view text = view_string(name);

	if (text.len == 0 || view_is_nocase(text, VIEW("UTC")) || view_is_nocase(text, VIEW("Z")))
		return set_name(zone, "UTC") && set_fixed(zone, 0);
	return set_name(zone, name) && (set_from_offset(zone, text) ||
					set_from_database(zone, name) || set_from_rule(zone, text));
}

/* Where /etc/localtime points to tells the name. */
static bool set_from_system(struct zone *zone)
{
	static const char mark[] = "zoneinfo/";
	char target[PATH_MAX];
	const char *name;
	ssize_t len;

	if (!read_file(zone, LOCAL_FILE))
		return false;
	len = readlink(LOCAL_FILE, target, sizeof(target) - 1);
	target[len < 0 ? 0 : len] = '\0';
	name = strstr(target, mark);
	return set_name(zone, name ? name + strlen(mark) : "localtime");
}

/* What failed may have left something behind: UTC is set over it. */
static void set_from_environment(struct zone *zone)
{
	const char *name = getenv("TZ");

	if (name && name[0] == ':')
		name++;
	if (name ? set_from_name(zone, name) : set_from_system(zone))
		return;
	zone->has_rule = false;
	set_fixed(zone, 0);
	set_name(zone, "UTC");
}

static struct zone_stretch find_stretch(const struct zone *zone, int64_t utc)
{
	size_t low = 0, high = zone->span_count; /* spans[low].from <= utc < spans[high].from */
	struct zone_stretch found;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (zone->spans[middle].from <= utc)
			low = middle;
		else
			high = middle;
	}
	if (high == zone->span_count && zone->has_rule) {
		found = zone_rule_at(&zone->rule, utc);
		if (found.from < zone->spans[low].from)
			found.from = zone->spans[low].from;
		return found;
	}
	found.from = zone->spans[low].from;
	found.until = high < zone->span_count ? zone->spans[high].from : INT64_MAX;
	found.offset = zone->spans[low].offset;
	return found;
}

int zone_open(const char *name, struct zone **ret_zone, struct err *err)
{
	struct zone *zone = memory_get_zeroed(1, sizeof(*zone));

	if (!name) {
		set_from_environment(zone);
	} else if (!set_from_name(zone, name)) {
		zone_free(zone);
		return err_set(err, -ENOENT,
			       "no time zone '%.100s' in '%s'; try 'UTC' or '+02:00', or install "
			       "the package tzdata",
			       name, database());
	}
	zone->last = find_stretch(zone, 0);
	*ret_zone = zone;
	return 0;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->name);
	free(zone->spans);
	free(zone);
}

const char *zone_name(const struct zone *zone)
{
	return zone ? zone->name : "UTC";
}

bool zone_is_utc(const struct zone *zone)
{
	return !zone ||
	       (zone->span_count == 1 && zone->spans[0].offset == 0 &&
		(!zone->has_rule || (!zone->rule.has_summer && zone->rule.standard_offset == 0)));
}

int32_t zone_offset_at(struct zone *zone, int64_t utc)
{
	if (!zone)
		return 0;
	if (utc < zone->last.from || utc >= zone->last.until)
		zone->last = find_stretch(zone, utc);
	return zone->last.offset;
}

int64_t zone_to_utc(struct zone *zone, int64_t local)
{
	int32_t before, after;

	if (!zone)
		return local;
	local = local < -TIME_MAX ? -TIME_MAX : local;
	local = local > TIME_MAX ? TIME_MAX : local;
	/* Far from a change, as nearly always. */
	if (local - OFFSET_MAX >= zone->last.from && local + OFFSET_MAX < zone->last.until)
		return local - zone->last.offset;
	before = zone_offset_at(zone, local - OFFSET_MAX);
	after = zone_offset_at(zone, local + OFFSET_MAX);
	if (zone_offset_at(zone, local - before) == before)
		return local - before;
	if (zone_offset_at(zone, local - after) == after)
		return local - after;
	return local - before;
}
