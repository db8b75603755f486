/*
 * Scanner families: clients that try this server with the same drop-boxes, over
 * years and from ever new addresses.
 *
 * Data: a book of families (family_book.h), made from what is too old to change and
 * from history, and the denials since, which are folded into a copy of it when
 * somebody asks. Denials that may belong to no candidate wait KEEP_S for others to try
 * the same recipient, DENIALS_MAX of them at most.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/detector.h"
#include "detect/family_fold.h"
#include "detect/family_index.h"
#include "detect/family_label.h"

#define ROWS_FIRST 1024
#define KEEP_S (60 * 86400u)
#define DENIALS_MAX ((size_t)2 << 20)
#define FAMILIES_MAX (BOOK_BOXES_MAX / 2) /* then numbers of those that are gone are used again */

struct kept_name {
	char name[FAMILY_NAME_LENGTH]; /* the key */
	char *text;		       /* NUL-terminated; owned */
};

struct state {
	const struct detect_context *context;
	const uint32_t *parameters;
	struct sites *sites;
	struct strings *texts; /* boxes of books */
	struct book book;
	struct denial *denials;
	size_t count, capacity;
	struct book view; /* the book with the denials folded in */
	bool viewed;	  /* it is of now */
	struct map names; /* struct kept_name: that findings point to */
};

enum parameter { SOURCES };

static void *start(const struct detect_context *context, const uint32_t *parameters)
{
	struct state *state = memory_get_zeroed(1, sizeof(*state));

	state->context = context;
	state->parameters = parameters;
	state->sites = sites_new();
	state->texts = strings_new();
	book_init(&state->book, state->texts);
	map_init(&state->names, sizeof(struct kept_name), FAMILY_NAME_LENGTH);
	return state;
}

static struct fold fold_of(const struct state *state, struct book *book)
{
	return (struct fold){state->context, state->sites, book, state->parameters[SOURCES]};
}

static void drop_before(struct state *state, uint32_t time)
{
	size_t to = 0;

	for (size_t i = 0; i < state->count; i++)
		if (state->denials[i].time >= time)
			state->denials[to++] = state->denials[i];
	state->count = to;
}

/* Makes room: what is over goes into the book, what waited too long goes. */
static void make_room(struct state *state)
{
	uint32_t newest = state->context->newest;
	uint32_t age = DETECT_DISORDER_S + FAMILY_HOUR_S;
	struct fold fold = fold_of(state, &state->book);

	if (state->book.count > FAMILIES_MAX)
		book_renumber(&state->book);
	if (newest > age)
		state->count = family_fold(&fold, state->denials, state->count, newest - age,
					   FOLD_CANDIDATES);
	if (newest > KEEP_S)
		drop_before(state, newest - KEEP_S);
	for (uint32_t keep = KEEP_S; state->count >= DENIALS_MAX && keep > 0; keep /= 2)
		drop_before(state, newest > keep ? newest - keep : 0);
	if (state->count >= DENIALS_MAX) /* of one second: any half is as good */
		state->count /= 2;
	if (state->count < state->capacity / 2 || state->capacity > DENIALS_MAX)
		return;
	state->capacity = state->capacity ? state->capacity + state->capacity / 2 : ROWS_FIRST;
	state->denials = memory_resize(state->denials, state->capacity, sizeof(*state->denials));
}

static void attempt(void *data, const struct attempt *attempt, uint32_t origin)
{
	struct state *state = data;

	(void)origin;
	if (attempt->reason != REASON_RELAY_DENIED || !(attempt->flags & ATTEMPT_HAS_RECIPIENT))
		return;
	if (state->count == state->capacity)
		make_room(state);
	state->denials[state->count++] = (struct denial){
		.client = attempt->client,
		.session = attempt->session,
		.time = attempt->time,
		.sender = attempt->flags & ATTEMPT_HAS_SENDER ? attempt->sender : RELAY_NO_SENDER,
		.recipient = attempt->recipient,
	};
	state->viewed = false;
}

static void session(void *data, const struct session_fact *session, uint32_t origin)
{
	struct state *state = data;

	(void)origin;
	if (session->accepted > 0)
		state->viewed = false;
}

static const struct book *view_now(struct state *state)
{
	struct fold fold = fold_of(state, &state->view);

	if (state->viewed)
		return &state->view;
	if (state->view.text)
		book_release(&state->view);
	book_copy(&state->book, &state->view);
	family_fold(&fold, state->denials, state->count, UINT32_MAX, FOLD_ALL);
	state->viewed = true;
	return &state->view;
}

/* A copy that lives as long as the state. */
static const char *keep_name(struct state *state, const char *name)
{
	struct kept_name *kept = map_at(&state->names, name);
	struct text text = {0};

	if (!kept->text) {
		text_add(&text, view_string(name));
		kept->text = text_take(&text);
	}
	return kept->text;
}

/* What is told of one family, for all of its members. */
struct shown {
	const char *name;
	uint32_t box; /* string of the box that most clients tried; 0: not of this directory */
	uint32_t clients, first;
	const struct book_family *family;
};

static struct shown *show_families(struct state *state, const struct book *book)
{
	struct shown *shown = memory_get_zeroed(book->count + 1, sizeof(*shown));
	struct family_index index = family_index_boxes(book);

	for (size_t from = 0, until; from < index.count; from = until) {
		const struct book_family *family = &book->families[index.list[from].family];
		const struct book_box *box;

		until = family_index_end(&index, from);
		if (!family_is_shown(family))
			continue;
		box = map_row(&book->boxes, book_main_box(book, &index.list[from], until - from));
		shown[index.list[from].family] = (struct shown){
			.name = keep_name(state, family->name),
			.box = box->string,
			.clients = family->members,
			.first = family->first,
			.family = family,
		};
	}
	free(index.list);
	return shown;
}

/*
 * Clients of a single attempt are left alone, unless it was at a box of a scanner that is known by
 * several. Where each client has a sender of its own, they are alike in little.
 */
static enum grade grade_of(const struct shown *shown, const struct book_member *member)
{
	if (shown->family->single && member->attempts < 2)
		return GRADE_NOTE;
	if (!shown->family->established || shown->family->mixed)
		return GRADE_HINT;
	return GRADE_STRONG;
}

static void find_member(const struct state *state, const struct book_member *member,
			const struct shown *shown, struct findings *findings)
{
	struct origins *origins = state->context->origins;
	uint32_t origin = origins_of_client(origins, member->client);
	const struct origin *row = origins_at(origins, origin);
	struct finding *finding;

	if (row->messages > 0 || row->flags & ORIGIN_OUTBOUND || !member->counts)
		return;
	finding = findings_add(findings, "scanner-family", origin, grade_of(shown, member));
	finding->since = member->first;
	finding->until = finding->decided = member->last;
	finding_words(finding, "family", shown->name);
	finding_count(finding, "boxes", member->boxes);
	finding_string(finding, "box", shown->box);
	finding_count(finding, "clients", shown->clients);
	finding_count(finding, "sessions", member->sessions);
	finding_time(finding, "known_since", shown->first);
	for (int i = 0; i < 2 && member->sample_sessions[i]; i++)
		finding->sessions[finding->session_count++] = member->sample_sessions[i];
}

static void find(void *data, struct findings *findings)
{
	struct state *state = data;
	const struct book *book = view_now(state);
	struct shown *shown = show_families(state, book);

	for (uint32_t i = 0; i < book->members.count; i++) {
		const struct book_member *member = map_row(&book->members, i);

		if (member->sessions > 0 && member->client && shown[member->family].name)
			find_member(state, member, &shown[member->family], findings);
	}
	free(shown);
}

static void tell_members(const struct book *book, uint32_t family, const struct belonging *list,
			 size_t count, struct patterns *patterns)
{
	for (size_t i = 0; i < count; i++) {
		const struct book_member *member = map_row(&book->members, list[i].row);

		ARRAY_GROW(patterns->members, patterns->member_count, patterns->member_capacity);
		patterns->members[patterns->member_count++] = (struct family_member){
			.family = family,
			.client = member->client,
			.ip = member->ip,
			.sessions = member->sessions,
			.first = member->first,
			.last = member->last,
		};
	}
}

/* A copy that ends at no NUL of a stranger's. */
static char *copy_address(struct view address)
{
	struct text text = {0};

	for (size_t i = 0; i < address.len; i++)
		text_add(&text, address.ptr[i] ? view_of(&address.ptr[i], 1) : VIEW("?"));
	text_add(&text, VIEW(""));
	return text_take(&text);
}

static void tell_boxes(const struct state *state, uint32_t family, const struct belonging *list,
		       size_t count, struct patterns *patterns)
{
	for (size_t i = 0; i < count; i++) {
		const struct book_box *box = map_row(&state->view.boxes, list[i].row);

		ARRAY_GROW(patterns->boxes, patterns->box_count, patterns->box_capacity);
		patterns->boxes[patterns->box_count++] = (struct family_box){
			.family = family,
			.recipient = box->string,
			.address = copy_address(book_box_text(&state->view, state->context, box)),
			.clients = box->clients,
			.attempts = box->attempts,
			.first = box->first,
			.last = box->last,
		};
	}
}

static uint32_t tell_family(const struct state *state, const struct belonging *boxes, size_t count,
			    struct patterns *patterns)
{
	const struct book_family *family = &state->view.families[boxes[0].family];
	struct family row = {
		.label = book_label(&state->view, state->context, boxes, count),
		.senders = family->senders,
		.recipients = (uint32_t)count,
		.clients = family->members,
		.sessions = family->sessions,
		.sensors = 1,
		.first = family->first,
		.last = family->last,
	};

	memcpy(row.name, family->name, sizeof(row.name));
	ARRAY_GROW(patterns->families, patterns->family_count, patterns->family_capacity);
	patterns->families[patterns->family_count] = row;
	return (uint32_t)patterns->family_count++;
}

/* ROWS: place in patterns->families + 1 of each of the book's; 0: not shown. */
static void tell_senders(const struct book *book, const uint32_t *rows, struct patterns *patterns)
{
	for (uint32_t i = 0; i < book->senders.count; i++) {
		const struct book_sender *sender = map_row(&book->senders, i);

		if (rows[sender->family] == 0)
			continue;
		ARRAY_GROW(patterns->senders, patterns->sender_count, patterns->sender_capacity);
		patterns->senders[patterns->sender_count++] = (struct family_sender){
			.family = rows[sender->family] - 1,
			.hash = (uint64_t)sender->hash[0] << 32 | sender->hash[1],
		};
	}
}

static void tell(void *data, struct patterns *patterns)
{
	struct state *state = data;
	const struct book *book = view_now(state);
	struct family_index boxes = family_index_boxes(book);
	struct family_index members = family_index_members(book);
	uint32_t *rows = memory_get_zeroed(book->count + 1, sizeof(*rows));
	size_t member = 0;

	for (size_t from = 0, until; from < boxes.count; from = until) {
		uint32_t family = boxes.list[from].family, row;
		size_t begin;

		until = family_index_end(&boxes, from);
		while (member < members.count && members.list[member].family < family)
			member++;
		begin = member;
		while (member < members.count && members.list[member].family == family)
			member++;
		if (!family_is_shown(&book->families[family]) || begin == member)
			continue;
		row = tell_family(state, &boxes.list[from], until - from, patterns);
		rows[family] = row + 1;
		tell_members(book, row, &members.list[begin], member - begin, patterns);
		tell_boxes(state, row, &boxes.list[from], until - from, patterns);
	}
	tell_senders(book, rows, patterns);
	free(rows);
	free(boxes.list);
	free(members.list);
}

#define ADDRESS_WIDTH 64

static void say(const struct finding *finding, const struct detect_context *context,
		struct text *text)
{
	uint64_t clients = finding_number(finding, "clients");
	uint64_t boxes = finding_number(finding, "boxes");
	uint32_t box = (uint32_t)finding_number(finding, "box");

	text_add(text, VIEW("tried "));
	text_counted(text, boxes, "drop-box");
	text_add(text, VIEW(" of the scanner family "));
	text_add(text, view_string(finding->evidence[0].words));
	if (box) {
		text_add(text, boxes > 1 ? VIEW(" (such as ") : VIEW(" ("));
		text_safe(text, strings_get(context->directory->strings, box), ADDRESS_WIDTH);
		text_add(text, VIEW(")"));
	}
	if (clients > 1) {
		text_add(text, VIEW(", which came from "));
		text_counted(text, clients, "client");
	}
}

static void save(void *data, struct text *bytes)
{
	struct state *state = data;

	book_save(view_now(state), state->context, bytes);
}

static int load(void *data, struct view bytes)
{
	struct state *state = data;

	state->viewed = false;
	return book_load(&state->book, bytes);
}

static void release(void *data)
{
	struct state *state = data;

	for (uint32_t i = 0; i < state->names.count; i++)
		free(((struct kept_name *)map_row(&state->names, i))->text);
	map_release(&state->names);
	if (state->view.text)
		book_release(&state->view);
	book_release(&state->book);
	strings_free(state->texts);
	sites_free(state->sites);
	free(state->denials);
	free(state);
}

const struct detector detector_families = {
	.name = "scanner-family",
	.title = "Scanner families",
	.about = "Clients that are denied to relay to the same drop-boxes, in any order, also when "
		 "some boxes were replaced, from other addresses or years later. Independent "
		 "clients make a family; a client joins it with half of the boxes, or with one "
		 "and a known sender. Servers with a confirmed name that share recipients but no "
		 "sender (newsletters to a domain once served here), and clients that had mail "
		 "taken in, do not.",
	.parameters = {{"sources", 3, 2, 1000000,
			"independent clients that make one recipient a drop-box"}},
	.start = start,
	.attempt = attempt,
	.session = session,
	.find = find,
	.tell = tell,
	.say = say,
	.save = save,
	.load = load,
	.release = release,
};
