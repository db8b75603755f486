#include "model/directory.h"

void directory_init(struct directory *directory)
{
	directory->strings = strings_new();
	map_init(&directory->clients, sizeof(struct client), sizeof(struct ip));
}

void directory_release(struct directory *directory)
{
	strings_free(directory->strings);
	directory->strings = NULL;
	map_release(&directory->clients);
}

static uint32_t id_of(const struct map *clients, const char *row)
{
	return (uint32_t)((size_t)(row - clients->rows) / sizeof(struct client)) + 1;
}

uint32_t directory_client(struct directory *directory, const struct ip *ip)
{
	struct map *clients = &directory->clients;

	return id_of(clients, map_at(clients, ip));
}

uint32_t directory_client_guessed(struct directory *directory, const struct ip *ip, uint64_t hash,
				  uint32_t guess)
{
	struct map *clients = &directory->clients;

	if (guess && ip_equal(&directory_client_at(directory, guess)->ip, ip))
		return guess;
	return id_of(clients, map_add(clients, ip, hash, NULL));
}

void directory_name_client(struct directory *directory, uint32_t id, struct word name, bool unsure)
{
	struct client *client = directory_client_at(directory, id);
	struct view known;

	if (name.len == 0)
		return;
	if (client->name && client->unsure == unsure && client->name_hash == name.hash)
		return; /* most lines tell what is known: its text need not be looked at */
	known = strings_get(directory->strings, client->name);
	client->name_hash = name.hash;
	if (client->name && client->unsure == unsure && view_is(known, word_view(name)))
		return;
	client->name = strings_add_word(directory->strings, name);
	client->unsure = unsure;
	client->dirty = 1;
}
