/*
 * Making text harmless for where it goes. Logs hold what strangers typed:
 * escape sequences, NUL, bad UTF-8, markup, spreadsheet formulas.
 */
#ifndef MXWATCH_BASE_SAFE_H
#define MXWATCH_BASE_SAFE_H

#include <stdio.h>

#include "base/view.h"

/* For a terminal or a text table: well-formed UTF-8 stays, but for C0, C1, DEL,
   bidirectional controls and zero-width characters; those and bad bytes become \xNN. */
void safe_text(FILE *out, struct view text);
/* How many columns safe_text takes for TEXT. */
size_t safe_text_width(struct view text);
/* As safe_text, cut to WIDTH columns with "…" at the end where cut; returns the
   columns written. */
size_t safe_text_cut(FILE *out, struct view text, size_t width);
/* As safe_text into BUFFER of SIZE bytes, NUL-terminated, cut where it ends. */
size_t safe_text_buffer(char *buffer, size_t size, struct view text);

/* A JSON string (RFC 8259) with its quotes; bad UTF-8 becomes U+FFFD. */
void safe_json(FILE *out, struct view text);

/* A CSV field (RFC 4180), quoted where needed; a field that a spreadsheet would
   take as a formula (= + - @ tab CR first, unless a plain number) gets ' before
   it; control bytes become \xNN. */
void safe_csv(FILE *out, struct view text);

#endif
