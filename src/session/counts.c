/*
 * Counts by the quarter of an hour, and roles of addresses.
 *
 * Sessions are booked where they end, and what expires ended a while ago, so
 * some quarters are in hand at a time; one that another needs the place of goes
 * out, and may begin anew: counts add up, maxima stay maxima. Roles are told
 * once a day; two days are in hand because lines around midnight are not in
 * order.
 */
#include <string.h>

#include "session/stage.h"

#define DOMAIN_MAX 255 /* RFC 5321, 4.5.3.1.2 */

void counts_init(struct counts *counts)
{
	*counts = (struct counts){.now_start = SLOT_NONE};
	for (size_t i = 0; i < SLOTS_IN_HAND; i++)
		counts->slots[i].start = SLOT_NONE;
	for (size_t i = 0; i < 2; i++) {
		map_init(&counts->roles[i], sizeof(uint64_t), sizeof(uint64_t));
		counts->role_days[i] = (uint32_t)i;
	}
}

void counts_release(struct counts *counts)
{
	for (size_t i = 0; i < 2; i++)
		map_release(&counts->roles[i]);
}

void counts_forget_roles(struct counts *counts)
{
	for (size_t i = 0; i < 2; i++)
		map_clear(&counts->roles[i]);
	memset(counts->domains, 0, sizeof(counts->domains));
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

static uint64_t role_key(const struct role_fact *role)
{
	return (uint64_t)role->string << 3 | role->role;
}

/* The roles told on a day, which is the only one of its place from now on. */
static struct map *roles_of(struct counts *counts, uint32_t day)
{
	struct map *roles = &counts->roles[day & 1];

	if (counts->role_days[day & 1] != day) {
		map_clear(roles);
		counts->role_days[day & 1] = day;
	}
	return roles;
}

static void role_give(struct sessions *sessions, struct role_fact *role)
{
	uint64_t key = role_key(role);
	struct map *roles;
	bool is_new;

	if (role->role == 0 || (role->string == 0 && role->role != ROLE_MAIL_SENDER))
		return;
	roles = roles_of(&sessions->counts, role->day);
	map_add(roles, &key, map_hash(roles, &key), &is_new);
	if (is_new)
		sessions->sink.role(sessions->sink.context, role);
	role->role = 0;
}

static void role_prefetch_row(const struct counts *counts, const struct role_fact *role)
{
	const struct map *roles = &counts->roles[role->day & 1];
	uint64_t key = role_key(role);

	map_prefetch_row(roles, map_hash(roles, &key));
}

void counts_role(struct sessions *sessions, uint32_t time, uint32_t string, enum role role)
{
	struct counts *counts = &sessions->counts;
	struct role_fact *place = &counts->role_ring[counts->role_next];
	struct map *roles = &counts->roles[time / 86400 & 1];
	uint64_t key;

	role_give(sessions, place);
	*place = (struct role_fact){.day = time / 86400, .string = string, .role = role};
	key = role_key(place);
	map_prefetch_slot(roles, map_hash(roles, &key));
	counts->role_next = (counts->role_next + 1) % ROLES_WAITING;
	role_prefetch_row(
		counts,
		&counts->role_ring[(counts->role_next + ROLES_WAITING / 2) % ROLES_WAITING]);
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
	struct counts *counts = &sessions->counts;

	for (size_t i = 0; i < ROLES_WAITING; i++)
		role_give(sessions, &counts->role_ring[(counts->role_next + i) % ROLES_WAITING]);
	for (size_t i = 0; i < SLOTS_IN_HAND; i++)
		slot_give(sessions, &sessions->counts.slots[i]);
}
