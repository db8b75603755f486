/*
 * Text that grows: sentences put together piece by piece.
 */
#ifndef MXWATCH_BASE_TEXT_H
#define MXWATCH_BASE_TEXT_H

#include <stdarg.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct text {
	char *ptr; /* NUL-terminated once something was added; NULL before */
	size_t len, capacity;
};

void text_add(struct text *text, struct view more);
void text_format(struct text *text, const char *format, ...) printf_like(2, 3);
/* 18290 as "18,290". */
void text_number(struct text *text, uint64_t number);
/* "1 client", "3 clients": the noun in the singular gets an s where it needs one. */
void text_counted(struct text *text, uint64_t number, const char *noun);
/* A length of time for people: "40 s", "12 min", "5 h", "3 days". */
void text_span(struct text *text, uint64_t seconds);
/* The same of what a log's stamps tell: within one second is 1 s. */
void text_span_seen(struct text *text, uint64_t seconds);
/* What strangers wrote, made harmless (base/safe.h) and cut to WIDTH columns. */
void text_safe(struct text *text, struct view strange, size_t width);
void text_clear(struct text *text);
/* What was added, "" if nothing; valid until the next change. */
const char *text_string(const struct text *text);
/* The same, handed over: to be freed by the caller; TEXT is empty then. */
char *text_take(struct text *text);
void text_release(struct text *text);

#endif
