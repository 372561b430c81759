#include "chain/reply.h"

#include <string.h>

#define ARENA_CAP (256u << 20)

enum err reply_init(struct reply *reply, const struct reply_reader *reader,
		    size_t cap)
{
	*reply = (struct reply){.reader = reader};
	buf_init(&reply->kept, cap);
	buf_init(&reply->partial, cap);
	if (!reader)
		return OK;
	reply->element = json_doc_new();
	reply->arena = arena_new(ARENA_CAP);
	if (reply->element && reply->arena)
		return OK;
	reply_free(reply);
	return ERR_NOMEM;
}

void reply_free(struct reply *reply)
{
	json_doc_free(reply->element);
	arena_free(reply->arena);
	buf_free(&reply->kept);
	buf_free(&reply->partial);
}

/* Passes what has arrived of a string. */
static const char *pass_string(struct reply *r, const char *at, const char *end)
{
	if (r->escaped) {
		r->escaped = false;
		at++;
	}
	while (at < end) {
		size_t left = (size_t)(end - at);
		const char *quote = memchr(at, '"', left);
		const char *escape =
		    memchr(at, '\\', quote ? (size_t)(quote - at) : left);

		if (!escape && quote) {
			r->in_string = false;
			return quote + 1;
		}
		if (!escape)
			return end;
		r->escaped = escape + 1 == end;
		at = r->escaped ? end : escape + 2;
	}
	return end;
}

static void read_element(struct reply *r, const char *text, size_t len)
{
	struct fault why;

	r->err = json_doc_read(r->element, text, len, &why);
	if (r->err != OK) {
		fault_set(&r->fault, r->err, "%s, in element %zu of an array",
			  why.text, r->n_elements);
		return;
	}
	r->reader->element(r->reader->arg, r->array, json_doc_root(r->element),
			   r->arena);
	r->n_elements++;
}

static void out_of_room(struct reply *r, enum err err)
{
	r->err = fault_set(&r->fault, err, "%s", err_text(err));
}

static void add(struct reply *r, struct buf *to, const char *text, size_t len)
{
	buf_add(to, text, len);
	if (to->err != OK)
		out_of_room(r, to->err);
}

/* Anything but blanks. */
static bool has_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", text[i]))
			return true;
	return false;
}

/* An element ends, before a comma or the end of the array. */
static void end_element(struct reply *r, const char *from, size_t len,
			bool is_last)
{
	const char *text = from;

	if (r->partial.len > 0) {
		add(r, &r->partial, from, len);
		text = r->partial.data;
		len = r->partial.len;
	}
	if (r->err == OK &&
	    (!is_last || r->n_elements > 0 || has_text(text, len)))
		read_element(r, text, len);
	buf_reset(&r->partial);
}

/* Within an array that is read. Returns what is behind the end of an element,
 * or of what has arrived. */
static const char *take_element(struct reply *r, const char *from,
				const char *end)
{
	const char *at = from;

	while (at < end) {
		if (r->in_string) {
			at = pass_string(r, at, end);
			continue;
		}
		switch (*at++) {
		case '"':
			r->in_string = true;
			break;
		case '[':
		case '{':
			r->inside++;
			break;
		case '}':
			r->inside -= r->inside > 0;
			break;
		case ',':
			if (r->inside > 0)
				break;
			end_element(r, from, (size_t)(at - 1 - from), false);
			return at;
		case ']':
			if (r->inside > 0) {
				r->inside--;
				break;
			}
			end_element(r, from, (size_t)(at - 1 - from), true);
			r->array = NULL;
			return at - 1; /* it is kept */
		}
	}
	add(r, &r->partial, from, (size_t)(end - from));
	return end;
}

/* A piece of a string that is a member's name, or a member. */
static void note_name(struct reply *r, const char *piece, size_t len)
{
	size_t room = sizeof(r->name) - r->name_len;
	size_t n = len < room ? len : room;

	memcpy(r->name + r->name_len, piece, n);
	r->name_len += n;
	if (r->in_string)
		return;
	r->lead = n == len && r->name_len == sizeof(r->name) &&
			  memcmp(r->name, "result\"", sizeof(r->name)) == 0
		      ? REPLY_NAME
		      : REPLY_ELSEWHERE;
}

/* An array that a call results in begins: is it to be read? */
static bool is_wanted(const struct reply *r)
{
	return r->reader && r->lead == REPLY_COLON &&
	       r->depth == r->entry_depth && r->n_entries > 0 &&
	       r->n_entries <= REPLY_ARRAYS_MOST &&
	       !r->arrays[r->n_entries - 1];
}

static void *begin_array(struct reply *r, size_t i)
{
	r->arrays[i] = arena_alloc(r->arena, 1, r->reader->size);
	if (!r->arrays[i])
		out_of_room(r, ERR_NOMEM);
	return r->arrays[i];
}

static void open_bracket(struct reply *r, char c)
{
	if (c == '[' && is_wanted(r)) {
		r->n_elements = 0;
		r->array = begin_array(r, r->n_entries - 1);
	}
	if (r->depth == 0)
		r->entry_depth = c == '{' ? 1 : 2;
	if (++r->depth == r->entry_depth && c == '{')
		r->n_entries++;
}

/* A byte that is kept, outside strings. */
static void follow(struct reply *r, char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		return;
	case '"':
		r->in_string = true;
		r->name_len = 0;
		return;
	case ':':
		r->lead = r->lead == REPLY_NAME ? REPLY_COLON : REPLY_ELSEWHERE;
		return;
	case '[':
	case '{':
		open_bracket(r, c);
		break;
	case ']':
	case '}':
		r->depth -= r->depth > 0;
		break;
	}
	r->lead = REPLY_ELSEWHERE;
}

/* Outside an array that is read. Returns what is behind the beginning of one,
 * or of what has arrived. */
static const char *keep(struct reply *r, const char *from, const char *end)
{
	const char *at = from;

	while (at < end && !r->array && r->err == OK) {
		const char *piece = at;

		if (!r->in_string) {
			follow(r, *at++);
			continue;
		}
		at = pass_string(r, at, end);
		if (r->depth == r->entry_depth)
			note_name(r, piece, (size_t)(at - piece));
	}
	add(r, &r->kept, from, (size_t)(at - from));
	return at;
}

enum err reply_add(struct reply *reply, const char *data, size_t len)
{
	const char *end = data + len;

	reply->bytes += len;
	if (reply->bytes > reply->kept.cap)
		return ERR_LIMIT;
	while (data < end && reply->err == OK)
		data = reply->array ? take_element(reply, data, end)
				    : keep(reply, data, end);
	return reply->err == ERR_NONSENSE ? OK : reply->err;
}

enum err reply_end(struct reply *reply, struct json_doc **out,
		   struct fault *fault)
{
	if (reply->err != OK) {
		*fault = reply->fault;
		return reply->err;
	}
	return json_doc_parse(out, reply->kept.data, reply->kept.len, fault);
}

enum err reply_array(void **out, struct reply *reply, size_t i,
		     const struct json *value)
{
	const struct reply_reader *reader = reply->reader;
	const struct json *element = json_first(value);
	size_t n = json_count(value);

	*out = NULL;
	if (!reader || json_kind(value) != JSON_KIND_ARRAY ||
	    i >= REPLY_ARRAYS_MOST)
		return OK;
	if (!reply->arrays[i] && !begin_array(reply, i))
		return ERR_NOMEM;
	/* Elements that were kept: the name was written with escapes. */
	for (; n > 0; n--, element = json_next(element))
		reader->element(reader->arg, reply->arrays[i], element,
				reply->arena);
	*out = reply->arrays[i];
	return OK;
}
