#include "pipeline/once.h"

#define ALL_LANES UINT64_MAX

struct line_count {
	uint64_t line, lane; /* key; lane ALL_LANES: the most of any lane */
	uint64_t count;
};

void once_init(struct once *once)
{
	once->second = INT64_MIN;
	map_init(&once->counts, sizeof(struct line_count), 2 * sizeof(uint64_t));
}

void once_release(struct once *once)
{
	map_release(&once->counts);
}

void once_forget(struct once *once)
{
	map_clear(&once->counts);
}

static uint64_t *count_of(struct once *once, uint64_t line, uint64_t lane)
{
	struct line_count *row = map_at(&once->counts, (uint64_t[]){line, lane});

	return &row->count;
}

bool once_counts(struct once *once, size_t lane, int64_t second, uint64_t line_hash)
{
	uint64_t count;
	uint64_t *most;

	if (second != once->second) {
		map_clear(&once->counts);
		once->second = second;
	}
	count = ++*count_of(once, line_hash, lane);
	most = count_of(once, line_hash, ALL_LANES);
	if (count <= *most)
		return false;
	*most = count;
	return true;
}
