/*
 * The directory: ids of the clients and strings that facts speak of.
 *
 * A client is an IP address. With it is kept the latest name that a server
 * told, and whether that name was confirmed (led back to the address).
 */
#ifndef MXWATCH_MODEL_DIRECTORY_H
#define MXWATCH_MODEL_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/map.h"
#include "base/strings.h"

struct client {
	struct ip ip;	/* the key */
	uint32_t name;	/* string; 0 if none was told */
	uint8_t unsure; /* the name was not confirmed */
	uint8_t dirty;	/* changed since directory_clean */
	uint16_t unused;
	uint32_t name_hash; /* hash32 of name as last told, to know it again; 0: not known */
	uint32_t padding;   /* to 32 bytes: no row lies in two cache lines */
};

struct directory {
	struct strings *strings;
	struct map clients; /* struct client; id = row + 1 */
};

void directory_init(struct directory *directory);
void directory_release(struct directory *directory);

/* The id (1, 2, …) of the client with address IP, added if new. */
uint32_t directory_client(struct directory *directory, const struct ip *ip);
/* The same with what map_hash and map_prefetch_row of directory->clients gave. */
uint32_t directory_client_guessed(struct directory *directory, const struct ip *ip, uint64_t hash,
				  uint32_t guess);
/* The client of ID, which must be one; valid until the next directory_client. */
static inline struct client *directory_client_at(const struct directory *directory, uint32_t id)
{
	return map_row(&directory->clients, id - 1);
}
/* Notes the name that a server told for a client. An empty name is no news. */
void directory_name_client(struct directory *directory, uint32_t id, struct word name, bool unsure);

#endif
