/* Listings of nft: whatever they hold, elements are prefixes of our sets. */
#include <stdint.h>
#include <stdlib.h>

#include "block/nft_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct map elements;

	nft_elements_init(&elements);
	nft_elements_read(view_of((const char *)data, size), &elements);
	for (uint32_t i = 0; i < elements.count; i++) {
		const struct nft_element *element = map_row(&elements, i);
		struct prefix again = prefix_of(&element->prefix.ip, element->prefix.bits);

		if (element->prefix.bits > PREFIX_BITS_MAX ||
		    !prefix_equal(&again, &element->prefix))
			abort();
	}
	map_release(&elements);
	return 0;
}
