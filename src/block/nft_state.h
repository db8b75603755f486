/*
 * What the kernel's packet filter has counted: the elements of our sets, as
 * `nft list table` shows them, with the packets that each block has met.
 */
#ifndef MXWATCH_BLOCK_NFT_STATE_H
#define MXWATCH_BLOCK_NFT_STATE_H

#include "base/err.h"
#include "base/map.h"
#include "base/prefix.h"
#include "base/view.h"

struct nft_element {
	struct prefix prefix; /* the key */
	uint32_t id;	      /* of the evidence, from the comment; 0: none */
	uint64_t packets, bytes;
};

/* An empty table of struct nft_element; release with map_release. */
void nft_elements_init(struct map *elements);
/* Adds what TEXT, a listing of our table, shows. */
void nft_elements_read(struct view text, struct map *elements);
/* Adds what is in force. Returns 0 (also where there is no table of ours), or as tool_run. */
must_check int nft_elements_list(struct map *elements, struct err *err);

#endif
