/* Text that grows: see text.h. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/safe.h"
#include "base/text.h"

static void make_room(struct text *text, size_t more)
{
	size_t need = text->len + more + 1;

	if (need <= text->capacity)
		return;
	text->capacity = need < 64 ? 64 : need * 2;
	text->ptr = memory_resize(text->ptr, text->capacity, 1);
}

void text_add(struct text *text, struct view more)
{
	make_room(text, more.len);
	if (more.len > 0)
		memcpy(text->ptr + text->len, more.ptr, more.len);
	text->len += more.len;
	text->ptr[text->len] = '\0';
}

void text_format(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	make_room(text, (size_t)len);
	va_start(args, format);
	vsnprintf(text->ptr + text->len, (size_t)len + 1, format, args);
	va_end(args);
	text->len += (size_t)len;
}

void text_number(struct text *text, uint64_t number)
{
	char digits[NUMBER_TEXT_MAX];

	text_add(text, view_of(digits, number_grouped((int64_t)number, digits)));
}

/* Whether the noun's plural ends in "es": box, address, match. */
static bool takes_es(struct view noun)
{
	return view_ends(noun, VIEW("s")) || view_ends(noun, VIEW("x")) ||
	       view_ends(noun, VIEW("ch")) || view_ends(noun, VIEW("sh"));
}

void text_counted(struct text *text, uint64_t number, const char *noun)
{
	const char *plural = takes_es(view_string(noun)) ? "es" : "s";

	text_number(text, number);
	text_format(text, " %s%s", noun, number == 1 ? "" : plural);
}

void text_span(struct text *text, uint64_t seconds)
{
	if (seconds < 120)
		text_format(text, "%llu s", (unsigned long long)seconds);
	else if (seconds < 7200)
		text_format(text, "%llu min", (unsigned long long)(seconds + 30) / 60);
	else if (seconds < (uint64_t)2 * 86400)
		text_format(text, "%llu h", (unsigned long long)(seconds + 1800) / 3600);
	else
		text_format(text, "%llu days", (unsigned long long)(seconds + 43200) / 86400);
}

void text_span_seen(struct text *text, uint64_t seconds)
{
	text_span(text, seconds > 0 ? seconds : 1);
}

void text_safe(struct text *text, struct view strange, size_t width)
{
	bool cut = strange.len > width;
	size_t room;

	strange = view_to(strange, width);
	room = strange.len * 4 + 1;
	make_room(text, room);
	text->len += safe_text_buffer(text->ptr + text->len, room, strange);
	if (cut)
		text_add(text, VIEW("…"));
}

void text_clear(struct text *text)
{
	text->len = 0;
	if (text->ptr)
		text->ptr[0] = '\0';
}

const char *text_string(const struct text *text)
{
	return text->ptr ? text->ptr : "";
}

char *text_take(struct text *text)
{
	char *taken;

	make_room(text, 0);
	text->ptr[text->len] = '\0';
	taken = text->ptr;
	*text = (struct text){0};
	return taken;
}

void text_release(struct text *text)
{
	free(text->ptr);
	*text = (struct text){0};
}
