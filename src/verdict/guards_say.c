/* Guards in words: each follows the client's name. */
#include "verdict/guards_data.h"
#include "verdict/words.h"

#define NAME_WIDTH 100 /* columns of a name in a sentence */

static void say_network(const struct prefix_set *set, const struct prefix *prefix,
			struct text *text)
{
	const struct prefix *network = prefix_set_touching(set, prefix);
	char written[PREFIX_TEXT_MAX];

	if (!network)
		return;
	prefix_format(network, written);
	text_format(text, " (%s)", written);
}

/* " by its confirmed name NAME, under DOMAIN". */
static void say_name(const struct names *names, struct view name, struct text *text)
{
	char buffer[SITE_NAME_MAX + 1];
	struct view plain = site_plain_name(name, buffer);
	struct view domain = names_covering(names, plain);

	text_add(text, VIEW(" by its confirmed name "));
	text_safe(text, plain, NAME_WIDTH);
	if (domain.len > 0 && domain.len < plain.len) {
		text_add(text, VIEW(", under "));
		text_safe(text, domain, NAME_WIDTH);
	}
}

static void say_wanted(const struct origin *origin, struct zone *zone, struct text *text)
{
	text_add(text, VIEW("sent "));
	text_counted(text, origin->messages, "message");
	text_add(text, origin->messages == 1 ? VIEW(" that was taken in, on ")
					     : VIEW(" that were taken in, the last on "));
	words_day(text, origin->message_last, zone);
}

static void say_pool(const struct guards *guards, const struct standing *standing,
		     struct text *text)
{
	const struct pool *pool = map_row(&guards->pools, standing->pool - 1);
	uint32_t others = pool->wanted - ((standing->guards & 1u << GUARD_WANTED) != 0);

	text_add(text, VIEW("is one of "));
	text_counted(text, pool->origins, "host");
	text_add(text, VIEW(" under "));
	text_safe(text, strings_get(guards->site_names, pool->site), NAME_WIDTH);
	text_add(text, VIEW(" by its confirmed name; "));
	text_number(text, others);
	text_add(text, VIEW(" of the others sent mail that was taken in"));
}

void guards_say(const struct guards *guards, uint32_t origin, enum guard guard, struct zone *zone,
		struct text *text)
{
	const struct origin *row = origins_at(guards->context->origins, origin);
	struct view name = guards_confirmed_name(guards, origin);

	switch (guard) {
	case GUARD_ALLOWED:
		text_add(text, VIEW("is allowed"));
		if (prefix_set_touching(&guards->allowed, &row->prefix))
			say_network(&guards->allowed, &row->prefix, text);
		else
			say_name(&guards->allowed_names, name, text);
		break;
	case GUARD_OURS:
		text_add(text, VIEW("is in a network of ours"));
		say_network(&guards->own, &row->prefix, text);
		break;
	case GUARD_OUTBOUND:
		text_add(text, VIEW("sends our own mail: it is local or has logged in"));
		break;
	case GUARD_WANTED:
		say_wanted(row, zone, text);
		break;
	case GUARD_PROVIDER:
		text_add(text, VIEW("is a large provider's"));
		say_name(&guards->providers, name, text);
		break;
	case GUARD_POOL:
		if (origin <= guards->count && guards->standings[origin - 1].pool != 0)
			say_pool(guards, &guards->standings[origin - 1], text);
		break;
	case GUARD_MAX:
		break;
	}
}
