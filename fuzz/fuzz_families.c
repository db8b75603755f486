/*
 * The history of families, as a damaged store would give it back. What was taken
 * is gone on with, and what is saved of it must be taken back.
 */
#include <stdlib.h>

#include "detect/detection.h"
#include "detect/family_book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void save_again(const struct book *book, const struct detect_context *context,
		       struct strings *texts)
{
	struct text bytes = {0};
	struct book again;

	book_save(book, context, &bytes);
	book_init(&again, texts);
	if (book_load(&again, view_of(text_string(&bytes), bytes.len)) < 0)
		abort();
	book_release(&again);
	text_release(&bytes);
}

/* The same through a detection, with its tables. */
static void tell(struct detection *detection, const uint8_t *data, size_t size)
{
	struct text bytes = {0};
	struct findings none = {0};
	struct patterns patterns;

	text_format(&bytes, "scanner-family %zu\n", size);
	text_add(&bytes, view_of((const char *)data, size));
	if (detection_load(detection, view_of(bytes.ptr, bytes.len)) == 0) {
		detection_tell(detection, &none, &patterns);
		patterns_release(&patterns);
	}
	text_release(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct detect_options options = {.until = UINT32_MAX};
	struct directory directory;
	struct detection *detection;
	struct strings *texts = strings_new();
	struct book book;
	struct err err;

	directory_init(&directory);
	if (detection_new(&directory, &options, &detection, &err) < 0)
		abort();
	book_init(&book, texts);
	if (book_load(&book, view_of((const char *)data, size)) == 0) {
		book_assess(&book, detection_context(detection));
		book_name(&book, detection_context(detection));
		save_again(&book, detection_context(detection), texts);
	}
	tell(detection, data, size);
	book_release(&book);
	detection_free(detection);
	directory_release(&directory);
	strings_free(texts);
	return 0;
}
