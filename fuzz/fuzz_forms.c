/* Forms of blocks: whatever a sentence holds, it stays one sentence on the lines that are its own.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "block/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
	if (!truth)
		abort();
}

static char *written(const struct block_form *form, const char *because)
{
	const struct form_options options = {.url = "https://mx.example/?ip=$"};
	struct block block = {.pattern = "flood",
			      .because = (char *)(uintptr_t)because,
			      .evidence = (char *)(uintptr_t) "{}",
			      .id = 42,
			      .ttl_s = 60};
	const struct plan plan = {.blocks = &block, .count = 1};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	require(out && prefix_parse(VIEW("192.0.2.0/25"), &block.prefix, NULL) >= 0);
	require(form->write(&plan, &options, out, NULL) >= 0);
	require(fclose(out) == 0 && strlen(text) == len);
	return text;
}

static size_t count(const char *text, char byte)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == byte;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *because = malloc(size + 1);

	require(because != NULL);
	if (size)
		memcpy(because, data, size);
	because[size] = '\0';
	for (size_t i = 0; block_forms[i]; i++) {
		char *plain = written(block_forms[i], "words"), *text;

		text = written(block_forms[i], because);
		require(count(text, '\n') == count(plain, '\n'));
		require(count(text, '\t') == count(plain, '\t'));
		if (strcmp(block_forms[i]->name, "nft") == 0)
			require(count(text, '"') == count(plain, '"'));
		free(text);
		free(plain);
	}
	free(because);
	return 0;
}
