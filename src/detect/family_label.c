/* Labels and names of families: see family_label.h. */
#include "detect/family_label.h"

#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"

#define ALIKE_MIN 3	/* addresses that must be alike */
#define ALIKE_TENTHS 6	/* of all of them */
#define STEM_MIN 4	/* letters that they must share */
#define ADDRESS_MAX 320 /* longer ones are cut: RFC 5321, 4.5.3.1 */
#define NAME_LETTERS (FAMILY_NAME_LENGTH - 2)

/* An address turned round: its domain, '@', its local part, in small letters. */
struct turned {
	char text[ADDRESS_MAX];
	size_t len, local; /* where the local part begins */
};

static void add_lower(struct turned *turned, struct view text)
{
	text = view_to(text, ADDRESS_MAX - turned->len);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		turned->text[turned->len++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
}

static void turn(struct view address, struct turned *turned)
{
	turned->len = 0;
	add_lower(turned, detect_domain(address));
	add_lower(turned, VIEW("@"));
	turned->local = turned->len;
	add_lower(turned, detect_user(address));
}

static int compare(const void *a, const void *b)
{
	const struct turned *left = a, *right = b;
	size_t len = left->len < right->len ? left->len : right->len;
	int order = memcmp(left->text, right->text, len);

	if (order != 0)
		return order;
	return left->len < right->len ? -1 : left->len > right->len;
}

/* How many letters of the local part two addresses of one domain share. */
static size_t common_stem(const struct turned *a, const struct turned *b)
{
	size_t at = a->local;

	if (a->local != b->local || memcmp(a->text, b->text, a->local) != 0)
		return 0;
	while (at < a->len && at < b->len && a->text[at] == b->text[at])
		at++;
	/* A number that goes on counting is no part of it. */
	while (at > a->local && a->text[at - 1] >= '0' && a->text[at - 1] <= '9')
		at--;
	return at - a->local;
}

/* The longest stem that NEED neighbours share; 0 if it is too short. */
static size_t longest_stem(const struct turned *sorted, size_t count, size_t need, size_t *ret_at)
{
	size_t best = 0;

	for (size_t i = 0; i + need <= count; i++) {
		size_t stem = common_stem(&sorted[i], &sorted[i + need - 1]);

		if (stem > best) {
			best = stem;
			*ret_at = i;
		}
	}
	return best < STEM_MIN ? 0 : best;
}

bool family_pattern(const struct view *addresses, size_t count, struct text *ret_pattern)
{
	size_t need = (count * ALIKE_TENTHS + 9) / 10;
	struct turned *sorted;
	size_t at = 0, stem;

	if (count < ALIKE_MIN)
		return false;
	need = need < ALIKE_MIN ? ALIKE_MIN : need;
	sorted = memory_get(count * sizeof(*sorted));
	for (size_t i = 0; i < count; i++)
		turn(addresses[i], &sorted[i]);
	qsort(sorted, count, sizeof(*sorted), compare);
	stem = longest_stem(sorted, count, need, &at);
	if (stem > 0) {
		text_add(ret_pattern, view_of(sorted[at].text + sorted[at].local, stem));
		text_add(ret_pattern, VIEW("*@"));
		text_add(ret_pattern, view_of(sorted[at].text, sorted[at].local - 1));
	}
	free(sorted);
	return stem > 0;
}

void family_name(uint64_t hash, char ret_name[static FAMILY_NAME_MAX])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

	memcpy(ret_name, "f-", 2);
	for (int i = 0; i < NAME_LETTERS; i++)
		ret_name[2 + i] = letters[hash >> 5 * i & 31];
	ret_name[2 + NAME_LETTERS] = '\0';
}
