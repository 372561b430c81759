#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chain/json_index.h"

/* One pass over the text. The zeros behind it end every loop: a NUL is nowhere
 * allowed. Once something is refused, err stays, and all return false. */
struct scan {
	struct json_doc *doc;
	char *at; /* the next byte */
	unsigned depth;
	enum err err;
	const char *why;
};

/* As jansson has it; also what the stack bears. */
#define DEPTH_MOST 2048
/* Names of an object that are held against each other one by one; of more, at
 * its end and sorted. */
#define NAMES_FEW 64
/* Of the text, in a fault. */
#define NEAR_MOST 60

static bool refuse(struct scan *s, const char *why)
{
	if (s->err == OK) {
		s->err = ERR_NONSENSE;
		s->why = why;
	}
	return false;
}

static bool no_memory(struct scan *s)
{
	s->err = ERR_NOMEM;
	return false;
}

/* A new entry, of one value without others in it; NULL: no memory. It moves
 * when another is added. */
static struct json *add(struct scan *s, enum json_kind kind)
{
	struct json_doc *doc = s->doc;
	struct json *entry;

	if (doc->n == doc->room) {
		size_t room = doc->room ? 2 * doc->room : 64;
		struct json *index =
		    reallocarray(doc->index, room, sizeof(*index));

		if (!index) {
			(void)no_memory(s);
			return NULL;
		}
		doc->index = index;
		doc->room = room;
	}
	entry = &doc->index[doc->n++];
	entry->kind = kind;
	entry->size = 1;
	entry->n = 0;
	return entry;
}

static void skip_blanks(struct scan *s)
{
	while (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' ||
	       *s->at == '\t')
		s->at++;
}

/* At the opening quote. */
static bool read_string(struct scan *s)
{
	struct json *entry = add(s, JSON_KIND_STRING);
	const char *why;

	if (!entry)
		return false;
	why = json_unquote(&s->at, entry);
	return why ? refuse(s, why) : true;
}

static const char *skip_digits(const char *at)
{
	while (*at >= '0' && *at <= '9')
		at++;
	return at;
}

/* RFC 8259, 6. The end of the number, NULL when it is none. */
static const char *number_end(const char *at, bool *is_real)
{
	const char *digits = *at == '-' ? at + 1 : at;

	at = skip_digits(digits);
	if (at == digits || (*digits == '0' && at > digits + 1))
		return NULL;
	*is_real = false;
	if (*at == '.') {
		digits = at + 1;
		at = skip_digits(digits);
		if (at == digits)
			return NULL;
		*is_real = true;
	}
	if (*at == 'e' || *at == 'E') {
		digits = at + 1;
		if (*digits == '+' || *digits == '-')
			digits++;
		at = skip_digits(digits);
		if (at == digits)
			return NULL;
		*is_real = true;
	}
	return at;
}

static bool read_number(struct scan *s)
{
	bool is_real;
	const char *end = number_end(s->at, &is_real);
	struct json *entry;

	if (!end)
		return refuse(s, "no value");
	entry = add(s, is_real ? JSON_KIND_REAL : JSON_KIND_INTEGER);
	if (!entry)
		return false;
	errno = 0;
	if (!is_real) {
		entry->integer = strtoll(s->at, NULL, 10);
		if (errno == ERANGE)
			return refuse(s, "a number above 64 bits");
	} else {
		if (isinf(strtod(s->at, NULL)))
			return refuse(s, "a number too large");
		entry->text = s->at;
		entry->n = (uint32_t)(end - s->at);
	}
	s->at += end - s->at;
	return true;
}

static bool read_word(struct scan *s, const char *word, enum json_kind kind,
		      bool truth)
{
	size_t len = strlen(word);
	struct json *entry;

	if (strncmp(s->at, word, len) != 0)
		return refuse(s, "no value");
	entry = add(s, kind);
	if (!entry)
		return false;
	entry->truth = truth;
	s->at += len;
	return true;
}

static bool read_value(struct scan *s);

/* Another value of a container, before which blanks and, but for the first, a
 * comma must stand; false at its end, which is passed, or when it is refused. */
static bool has_next(struct scan *s, char end, uint32_t n)
{
	skip_blanks(s);
	if (*s->at == end) {
		s->at++;
		return false;
	}
	if (n == 0)
		return true;
	if (*s->at != ',')
		return refuse(s,
			      end == ']' ? "no ',' or ']'" : "no ',' or '}'");
	s->at++;
	skip_blanks(s);
	return true;
}

/* The container that began with the entry at place is read. */
static bool close_container(struct scan *s, size_t place, uint32_t n)
{
	struct json *self = &s->doc->index[place];

	self->n = n;
	self->size = (uint32_t)(s->doc->n - place);
	return true;
}

static bool read_array(struct scan *s)
{
	size_t place = s->doc->n;
	uint32_t n = 0;

	if (!add(s, JSON_KIND_ARRAY))
		return false;
	s->at++;
	for (; has_next(s, ']', n); n++)
		if (!read_value(s))
			return false;
	return s->err == OK && close_container(s, place, n);
}

static bool same_text(const struct json *a, const struct json *b)
{
	return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

/* Whether the last entry, a name, is one of the n before it in the object that
 * began at place. *seen has a bit for names like them, so that most need no
 * comparison. */
static bool stands_twice(const struct scan *s, size_t place, uint32_t n,
			 uint64_t *seen)
{
	const struct json *last = &s->doc->index[s->doc->n - 1];
	const struct json *name = &s->doc->index[place + 1];
	unsigned like = last->n;

	if (last->n > 0)
		like += 5u * (unsigned char)last->text[0] +
			11u * (unsigned char)last->text[last->n - 1];
	if (!(*seen >> like % 64 & 1)) {
		*seen |= UINT64_C(1) << like % 64;
		return false;
	}
	for (uint32_t i = 0; i < n; i++) {
		if (same_text(name, last))
			return true;
		name = json_behind(name + 1);
	}
	return false;
}

static int compare_names(const void *left, const void *right)
{
	const struct json *a = *(const struct json *const *)left;
	const struct json *b = *(const struct json *const *)right;

	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return memcmp(a->text, b->text, a->n);
}

/* All n names of the object that began at place, which are many. */
static bool check_names(struct scan *s, size_t place, uint32_t n)
{
	const struct json *name = &s->doc->index[place + 1];
	const struct json **names = calloc(n, sizeof(const struct json *));

	if (!names)
		return no_memory(s);
	for (uint32_t i = 0; i < n; i++) {
		names[i] = name;
		name = json_behind(name + 1);
	}
	qsort(names, n, sizeof(*names), compare_names);
	for (uint32_t i = 1; i < n && s->err == OK; i++)
		if (same_text(names[i - 1], names[i]))
			(void)refuse(s, "an object with a name twice");
	free(names);
	return s->err == OK;
}

/* A name and the colon behind it. */
static bool read_name(struct scan *s, size_t place, uint32_t n, uint64_t *seen)
{
	const struct json *name;

	if (*s->at != '"')
		return refuse(s, "no name");
	if (!read_string(s))
		return false;
	name = &s->doc->index[s->doc->n - 1];
	if (memchr(name->text, '\0', name->n))
		return refuse(s, "a NUL in a name");
	if (n < NAMES_FEW && stands_twice(s, place, n, seen))
		return refuse(s, "a name twice");
	skip_blanks(s);
	if (*s->at != ':')
		return refuse(s, "no ':'");
	s->at++;
	skip_blanks(s);
	return true;
}

static bool read_object(struct scan *s)
{
	size_t place = s->doc->n;
	uint64_t seen = 0;
	uint32_t n = 0;

	if (!add(s, JSON_KIND_OBJECT))
		return false;
	s->at++;
	for (; has_next(s, '}', n); n++)
		if (!read_name(s, place, n, &seen) || !read_value(s))
			return false;
	if (s->err != OK || (n > NAMES_FEW && !check_names(s, place, n)))
		return false;
	return close_container(s, place, n);
}

static bool read_value(struct scan *s)
{
	bool good;

	if (s->depth == DEPTH_MOST)
		return refuse(s, "values nested too deeply");
	s->depth++;
	switch (*s->at) {
	case '{':
		good = read_object(s);
		break;
	case '[':
		good = read_array(s);
		break;
	case '"':
		good = read_string(s);
		break;
	case 't':
		good = read_word(s, "true", JSON_KIND_BOOL, true);
		break;
	case 'f':
		good = read_word(s, "false", JSON_KIND_BOOL, false);
		break;
	case 'n':
		good = read_word(s, "null", JSON_KIND_NULL, false);
		break;
	default:
		good = read_number(s);
	}
	s->depth--;
	return good;
}

enum err json_scan(struct json_doc *doc, size_t len, struct fault *fault)
{
	struct scan s = {.doc = doc, .at = doc->text};

	skip_blanks(&s);
	if (read_value(&s)) {
		skip_blanks(&s);
		if (s.at != doc->text + len)
			(void)refuse(&s, "more behind its end");
	}
	if (s.err == ERR_NOMEM)
		return fault_set(fault, s.err,
				 "no memory for a reply of %zu bytes", len);
	if (s.err != OK)
		/* The excerpt last: what is cut there is still redacted. */
		return fault_set(
		    fault, s.err, "no JSON at byte %zu (%s), near: %.*s",
		    (size_t)(s.at - doc->text), s.why, NEAR_MOST, s.at);
	return OK;
}
