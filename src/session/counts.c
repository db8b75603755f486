/*
 * Counts by the quarter of an hour, and roles of addresses.
 *
 * Sessions are booked where they end, and what expires ended a while ago, so
 * some quarters are in hand at a time; one that another needs the place of goes
 * out, and may begin anew: counts add up, maxima stay maxima. Roles are told
 * once a day; two days are in hand because lines around midnight are not in
 * order. That an address was told as sender or recipient stands in its own role
 * bits (base/strings.h), two for even days and two for odd ones: whoever tells
 * it has just looked the string up, so no table is asked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "session/stage.h"

#define DOMAIN_MAX 255 /* RFC 5321, 4.5.3.1.2 */

void counts_init(struct counts *counts)
{
	*counts = (struct counts){.now_start = SLOT_NONE};
	for (size_t i = 0; i < SLOTS_IN_HAND; i++)
		counts->slots[i].start = SLOT_NONE;
	for (size_t i = 0; i < 2; i++) {
		map_init(&counts->told[i].others, sizeof(uint64_t), sizeof(uint64_t));
		counts->told[i].day = (uint32_t)i;
	}
}

/* The bits of even or odd days for the roles of whole addresses. */
static uint8_t told_bits(uint32_t day, uint32_t roles)
{
	return (uint8_t)(roles << (day & 1) * 2);
}

static void told_clear(struct told *told, struct strings *strings)
{
	for (size_t i = 0; i < told->count; i++)
		strings_clear_roles(strings, told->strings[i],
				    told_bits(told->day, ROLE_MAIL_SENDER | ROLE_MAIL_RECIPIENT));
	told->count = 0;
	map_clear(&told->others);
}

void counts_forget_roles(struct counts *counts, struct strings *strings)
{
	for (size_t i = 0; i < 2; i++)
		told_clear(&counts->told[i], strings);
	memset(counts->domains, 0, sizeof(counts->domains));
}

void counts_release(struct counts *counts, struct strings *strings)
{
	counts_forget_roles(counts, strings);
	for (size_t i = 0; i < 2; i++) {
		map_release(&counts->told[i].others);
		free(counts->told[i].strings);
	}
}

static void slot_give(struct sessions *sessions, struct slot *slot)
{
	if (slot->start != SLOT_NONE)
		sessions->sink.slot(sessions->sink.context, slot);
	slot->start = SLOT_NONE;
}

struct slot *counts_at(struct sessions *sessions, uint32_t time)
{
	struct counts *counts = &sessions->counts;
	struct slot *slot = &counts->slots[counts->last];
	uint32_t start;

	if (slot->start != SLOT_NONE && time - slot->start < SLOT_S)
		return slot;
	start = time - time % SLOT_S;
	counts->last = start / SLOT_S % SLOTS_IN_HAND;
	slot = &counts->slots[counts->last];
	if (slot->start != start) {
		slot_give(sessions, slot);
		*slot = (struct slot){.start = start};
	}
	return slot;
}

void counts_advance(struct sessions *sessions, uint32_t time)
{
	struct counts *counts = &sessions->counts;
	struct slot *slot;

	if (counts->now_start != SLOT_NONE && time - counts->now_start < SLOT_S)
		return;
	counts->now_start = time - time % SLOT_S;
	if (sessions->concurrent == 0)
		return;
	slot = counts_at(sessions, time);
	if (slot->peak_concurrent < sessions->concurrent)
		slot->peak_concurrent = sessions->concurrent;
}

/* The roles told on a day, which is the only one of its place from now on. */
static struct told *told_on(struct sessions *sessions, uint32_t day)
{
	struct told *told = &sessions->counts.told[day & 1];

	if (told->day != day) {
		told_clear(told, sessions->directory->strings);
		told->day = day;
	}
	return told;
}

/* Notes that STRING's ROLE is told; returns whether it was not. */
static bool told_add(struct told *told, struct strings *strings, uint32_t string, enum role role)
{
	uint64_t key = (uint64_t)string << 3 | role;
	bool is_new;

	if (string && role != ROLE_LOCAL_DOMAIN) {
		if (!strings_set_roles(strings, string, told_bits(told->day, role)))
			return false;
		ARRAY_GROW(told->strings, told->count, told->capacity);
		told->strings[told->count++] = string;
		return true;
	}
	map_add(&told->others, &key, map_hash(&told->others, &key), &is_new);
	return is_new;
}

void counts_role(struct sessions *sessions, uint32_t time, uint32_t string, enum role role)
{
	const struct role_fact fact = {.day = time / 86400, .string = string, .role = role};

	if (string == 0 && role != ROLE_MAIL_SENDER)
		return;
	if (told_add(told_on(sessions, fact.day), sessions->directory->strings, string, role))
		sessions->sink.role(sessions->sink.context, &fact);
}

/* What stands behind the last @; empty if nothing does. */
static struct view domain_of(struct word address)
{
	const char *at = address.len ? memrchr(address.ptr, '@', address.len) : NULL;

	if (!at)
		return (struct view){0};
	return view_of(at + 1, (size_t)(address.ptr + address.len - (at + 1)));
}

static uint32_t add_lower(struct sessions *sessions, struct view domain)
{
	char text[DOMAIN_MAX];

	for (size_t i = 0; i < domain.len; i++) {
		char c = domain.ptr[i];

		text[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	return strings_add(sessions->directory->strings, view_of(text, domain.len));
}

void counts_local(struct sessions *sessions, uint32_t time, struct word address)
{
	struct view domain = domain_of(address);
	uint64_t hash = hash64(domain.ptr, domain.len);
	size_t place = hash % DOMAINS_IN_HAND;
	uint32_t day = time / 86400;

	if (domain.len == 0 || domain.len > DOMAIN_MAX)
		return;
	if (sessions->counts.domains[place].hash == hash &&
	    sessions->counts.domains[place].day == day)
		return;
	sessions->counts.domains[place].hash = hash;
	sessions->counts.domains[place].day = day;
	counts_role(sessions, time, add_lower(sessions, domain), ROLE_LOCAL_DOMAIN);
}

void counts_flush(struct sessions *sessions)
{
	for (size_t i = 0; i < SLOTS_IN_HAND; i++)
		slot_give(sessions, &sessions->counts.slots[i]);
}
