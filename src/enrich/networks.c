/*
 * Networks by MMDB files.
 *
 * Publishers name their fields in several ways; what is read here are the names of
 * GeoLite2 and of the free tables (ip-location-db, DB-IP, IPinfo). A table of countries and one
 * of autonomous systems cut the address space differently: the network that is
 * told is that of the table which told the system, else the country's.
 */
#include "enrich/networks.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <maxminddb.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "source/trouble.h"

#define FILES_MAX 16

struct networks {
	MMDB_s files[FILES_MAX];
	char *paths[FILES_MAX];
	size_t count;
};

void networks_folder(char *path, size_t size)
{
	const char *data = secure_getenv("XDG_DATA_HOME"), *home = secure_getenv("HOME");

	if (geteuid() == 0)
		snprintf(path, size, "/var/lib/mxwatch");
	else if (data && data[0] == '/')
		snprintf(path, size, "%s/mxwatch", data);
	else
		snprintf(path, size, "%s/.local/share/mxwatch", home ? home : "");
}

static int open_file(struct networks *networks, const char *path, struct err *err)
{
	char words[TROUBLE_WORDS_MAX];
	int status;

	if (networks->count == FILES_MAX)
		return err_set(err, -EINVAL, "more than %d times --mmdb", FILES_MAX);
	if (access(path, R_OK) < 0) {
		int code = errno;

		return err_set(err, -code, "can't read '%s': %s", path, trouble_words(code, words));
	}
	status = MMDB_open(path, MMDB_MODE_MMAP, &networks->files[networks->count]);
	if (status == MMDB_OUT_OF_MEMORY_ERROR)
		return err_set(err, -ENOMEM, "out of memory");
	if (status != MMDB_SUCCESS)
		return err_set(err, -EINVAL,
			       "'%s' is not an MMDB file, or a damaged one; fetch it again", path);
	networks->paths[networks->count++] = memory_string(path);
	return 0;
}

static int is_table(const struct dirent *entry)
{
	struct view name = view_string(entry->d_name);

	return name.ptr[0] != '.' && view_ends(name, VIEW(".mmdb"));
}

/* The files of the folder, in the order of their names. */
static int open_folder(struct networks *networks, struct err *err)
{
	char folder[PATH_MAX], path[2 * PATH_MAX];
	struct dirent **entries;
	int count, r = 0;

	networks_folder(folder, sizeof(folder));
	count = scandir(folder, &entries, is_table, alphasort);
	if (count < 0)
		return 0;
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (r == 0)
			r = open_file(networks, path, err);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int networks_open(const char *const *paths, struct networks **ret_networks, struct err *err)
{
	struct networks *networks = memory_get_zeroed(1, sizeof(*networks));
	int r = 0;

	if (!paths || !paths[0])
		r = open_folder(networks, err);
	for (size_t i = 0; r == 0 && paths && paths[i]; i++)
		r = open_file(networks, paths[i], err);
	if (r < 0) {
		networks_close(networks);
		return r;
	}
	*ret_networks = networks;
	return 0;
}

void networks_close(struct networks *networks)
{
	if (!networks)
		return;
	for (size_t i = 0; i < networks->count; i++) {
		MMDB_close(&networks->files[i]);
		free(networks->paths[i]);
	}
	free(networks);
}

bool networks_any(const struct networks *networks)
{
	return networks->count > 0;
}

/* The first of the paths (each NULL-terminated, the list ended by an empty one) that is there. */
static bool get(MMDB_entry_s *entry, const char *const paths[][3], uint32_t type,
		MMDB_entry_data_s *ret_data)
{
	for (size_t i = 0; paths[i][0]; i++)
		if (MMDB_aget_value(entry, ret_data, paths[i]) == MMDB_SUCCESS &&
		    ret_data->has_data && ret_data->type == type)
			return true;
	return false;
}

static struct view get_text(MMDB_entry_s *entry, const char *const paths[][3])
{
	MMDB_entry_data_s data;

	return get(entry, paths, MMDB_DATA_TYPE_UTF8_STRING, &data)
		       ? view_of(data.utf8_string, data.data_size)
		       : VIEW("");
}

/* As a number, or as "AS3320". */
static uint32_t get_as_number(MMDB_entry_s *entry)
{
	static const char *const paths[][3] = {
		{"autonomous_system_number"}, {"asn"}, {"as_number"}, {"as", "number"}, {NULL}};
	MMDB_entry_data_s data;
	unsigned long long number;
	struct view text;

	if (get(entry, paths, MMDB_DATA_TYPE_UINT32, &data))
		return data.uint32;
	if (get(entry, paths, MMDB_DATA_TYPE_UINT16, &data))
		return data.uint16;
	text = get_text(entry, paths);
	if (text.len > 2 && strncasecmp(text.ptr, "AS", 2) == 0)
		text = view_from(text, 2);
	return view_eat_number(&text, &number) && number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* The network that a look-up found, counted as in base/prefix.h. */
static struct prefix found_network(const MMDB_s *file, const struct ip *ip, uint32_t netmask)
{
	if (ip_is_v4(ip) && file->metadata.ip_version == 4)
		netmask += PREFIX_BITS_V4;
	return prefix_of(ip, netmask <= PREFIX_BITS_MAX ? netmask : PREFIX_BITS_MAX);
}

static void take(struct enrichment *enrichment, struct enrichment_row *row, MMDB_entry_s *entry,
		 const struct prefix *network)
{
	static const char *const organisations[][3] = {{"autonomous_system_organization"},
						       {"as_name"},
						       {"as_organization"},
						       {"organization"},
						       {"as", "name"},
						       {NULL}};
	static const char *const countries[][3] = {
		{"country", "iso_code"},
		{"country_code"},
		{"registered_country", "iso_code"},
		{"country"},
		{NULL},
	};
	struct view country = get_text(entry, countries);
	struct view organisation = get_text(entry, organisations);
	uint32_t number = get_as_number(entry);

	if (number && !row->as_number) {
		row->as_number = number;
		row->network = *network;
	}
	if (organisation.len && !row->organisation)
		row->organisation = strings_add(enrichment->strings, organisation);
	if (country.len && !row->country)
		row->country = strings_add(enrichment->strings, country);
	if (row->network.bits == 0)
		row->network = *network;
}

static MMDB_lookup_result_s look_up(const MMDB_s *file, const struct ip *ip, int *ret_status)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (ip_is_v4(ip)) {
		memcpy(&v4.sin_addr, ip->bytes + 12, 4);
		return MMDB_lookup_sockaddr(file, (const struct sockaddr *)&v4, ret_status);
	}
	memcpy(&v6.sin6_addr, ip->bytes, 16);
	return MMDB_lookup_sockaddr(file, (const struct sockaddr *)&v6, ret_status);
}

int networks_look_up(struct networks *networks, struct enrichment *enrichment,
		     struct enrichment_row *row, struct err *err)
{
	row->as_number = row->organisation = row->country = 0;
	row->network = (struct prefix){0};
	for (size_t i = 0; i < networks->count; i++) {
		const MMDB_s *file = &networks->files[i];
		int status = MMDB_SUCCESS;
		MMDB_lookup_result_s found = look_up(file, &row->ip, &status);
		struct prefix network;

		if (status == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
			continue;
		if (status != MMDB_SUCCESS)
			return err_set(err, -EBADMSG, "'%s' is damaged: %s; fetch it again",
				       networks->paths[i], MMDB_strerror(status));
		if (!found.found_entry)
			continue;
		network = found_network(file, &row->ip, found.netmask);
		take(enrichment, row, &found.entry, &network);
	}
	return 0;
}
