#include "source/sniff.h"

#include "source/mailname.h"

/* Whether TEXT begins as SHAPE says: 9 a digit, _ a digit or blank, A a letter,
   everything else itself. Cuts it off. */
static bool sniff_eat_shape(struct view *text, const char *shape)
{
	size_t len = strlen(shape);

	if (text->len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text->ptr[i];
		bool digit = c >= '0' && c <= '9';
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (shape[i] == '9'   ? !digit
		    : shape[i] == '_' ? !digit && c != ' '
		    : shape[i] == 'A' ? !letter
				      : c != shape[i])
			return false;
	}
	*text = view_from(*text, len);
	return true;
}

/* Cuts the next word off. */
static struct view sniff_eat_word(struct view *text)
{
	struct view word;
	size_t blank;

	while (view_eat(text, VIEW(" ")))
		;
	blank = view_find_byte(*text, ' ');
	word = blank == VIEW_NONE ? *text : view_to(*text, blank);
	*text = view_from(*text, word.len);
	return word;
}

/* Exim's own file has no program's name: "H=… rejected", "1xUvPC-00013X-2f <=",
   "1xUvPC-0000000abcd-2fgh" since 4.97, with [pid] before them or not. */
static bool sniff_is_exim(struct view text)
{
	struct view word = sniff_eat_word(&text);

	if (view_starts(word, VIEW("+")) || view_starts(word, VIEW("-")))
		word = sniff_eat_word(&text);
	if (view_starts(word, VIEW("[")))
		word = sniff_eat_word(&text);
	if (view_starts(word, VIEW("H=")) || view_is(word, VIEW("exim")))
		return true;
	if (view_is(word, VIEW("SMTP")))
		return view_starts(text, VIEW(" connection")) ||
		       view_starts(text, VIEW(" protocol"));
	return (word.len == 16 && word.ptr[6] == '-' && word.ptr[13] == '-') ||
	       (word.len == 23 && word.ptr[6] == '-' && word.ptr[18] == '-');
}

/* "host program[pid]:" in the words behind the stamp; RFC 5424 has no colon. */
static bool sniff_names_mail_program(struct view text, bool structured)
{
	for (int i = 0; i < 4; i++) {
		struct view word = sniff_eat_word(&text);
		size_t bracket = view_find_byte(word, '[');
		bool colon = view_ends(word, VIEW(":"));

		if (colon)
			word.len--;
		if (!colon && !structured)
			continue;
		if (mailname_is(view_to(word, bracket)))
			return true;
		if (colon)
			return false;
	}
	return false;
}

static enum sniff sniff_line(struct view line)
{
	bool structured = false, iso = false;
	unsigned long long priority;
	struct view rest = line;

	if (view_eat(&rest, VIEW("<")) && view_eat_number(&rest, &priority) &&
	    view_eat(&rest, VIEW(">")))
		structured = sniff_eat_shape(&rest, "9 ");
	else
		rest = line;
	if (sniff_eat_shape(&rest, "9999-99-99T99:99:99") ||
	    sniff_eat_shape(&rest, "9999-99-99 99:99:99"))
		iso = true;
	else if (!sniff_eat_shape(&rest, "AAA _9 99:99:99"))
		return SNIFF_OTHER;
	/* The rest of the stamp, fraction and zone, is no name. */
	if (rest.len > 0 && rest.ptr[0] != ' ')
		sniff_eat_word(&rest);
	if (sniff_names_mail_program(rest, structured) || (iso && sniff_is_exim(rest)))
		return SNIFF_MAIL_LOG;
	return SNIFF_LOG;
}

/* Many control bytes are no text. A run of NULs at the beginning is a hole that
   copytruncate left behind a writer that does not append. */
static bool sniff_is_binary(struct view head)
{
	size_t control = 0;

	for (size_t i = 0; i < head.len; i++) {
		unsigned char c = (unsigned char)head.ptr[i];

		control += c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != 033;
	}
	return control > head.len / 8;
}

enum sniff sniff_text(struct view head)
{
	size_t lines = 0, stamped = 0, mail = 0;

	if (head.len == 0)
		return SNIFF_EMPTY;
	while (view_eat(&head, VIEW("\0")))
		;
	if (sniff_is_binary(head))
		return SNIFF_OTHER;
	while (head.len > 0) {
		size_t newline = view_find_byte(head, '\n');
		enum sniff kind = sniff_line(view_to(head, newline));

		lines++;
		stamped += kind != SNIFF_OTHER;
		mail += kind == SNIFF_MAIL_LOG;
		head = newline == VIEW_NONE ? VIEW("") : view_from(head, newline + 1);
	}
	if (mail > 0 && stamped >= lines / 2)
		return SNIFF_MAIL_LOG;
	return stamped > 0 ? SNIFF_LOG : SNIFF_OTHER;
}
