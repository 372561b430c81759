#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/file.h"
#include "config/settings.h"

#define FILE_MAX (1024 * 1024)
#define OPTIONS_MAX 64

/* The file is read event by event. Nothing nests deeper than the table of
 * options, and aliases are refused, so no file can make us do much work. */
struct reader {
	struct settings *settings;
	struct fault *fault;
	const struct buf *text;
	yaml_parser_t parser;
	yaml_event_t event; /* the one in hand, read by next */
};

static size_t event_line(const struct reader *r)
{
	return r->event.start_mark.line + 1;
}

static enum err PRINTF_LIKE(3, 4)
    complain(struct reader *r, size_t line, const char *fmt, ...)
{
	char why[sizeof(r->fault->text)];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	return fault_set(r->fault, ERR_USAGE, "%s:%zu: %s", r->settings->file,
			 line, why);
}

/* Where the reader of bytes stopped it has a byte's offset, no line. */
static size_t line_of_offset(const struct reader *r, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset && i < r->text->len; i++)
		line += r->text->data[i] == '\n';
	return line;
}

static enum err broken(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem ? p->problem : "unknown problem";

	switch (p->error) {
	case YAML_MEMORY_ERROR:
		return fault_set(r->fault, ERR_NOMEM, "out of memory");
	case YAML_READER_ERROR:
		return complain(r, line_of_offset(r, p->problem_offset),
				"not UTF-8 text (%s): save the file as UTF-8 "
				"without control characters",
				problem);
	default:
		break;
	}
	if (!p->context)
		return complain(r, p->problem_mark.line + 1,
				"broken YAML: %s: check indentation, colons "
				"and quotes",
				problem);
	return complain(r, p->problem_mark.line + 1,
			"broken YAML: %s that begins in line %zu, %s: check "
			"indentation, colons and quotes",
			p->context, p->context_mark.line + 1, problem);
}

static enum err next(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (!yaml_parser_parse(&r->parser, &r->event))
		return broken(r);
	if (r->event.type == YAML_ALIAS_EVENT)
		return complain(r, event_line(r),
				"aliases (*name) are not understood: write "
				"the value itself");
	return OK;
}

static const char *scalar(const struct reader *r)
{
	return (const char *)r->event.data.scalar.value;
}

static bool holds_nul(const struct reader *r)
{
	return strlen(scalar(r)) != r->event.data.scalar.length;
}

/* A key with nothing behind it, as YAML 1.2's core schema spells null. */
static bool is_null(const struct reader *r)
{
	const char *text = scalar(r);

	return r->event.type == YAML_SCALAR_EVENT &&
	       r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static enum err read_value(struct reader *r, const struct option *option,
			   size_t item)
{
	struct setting like = {
	    .option = option, .item = item, .line = event_line(r)};

	if (r->event.type != YAML_SCALAR_EVENT)
		return complain(r, event_line(r), "%s: expected one value",
				option->path);
	if (is_null(r) || !*scalar(r))
		return complain(r, event_line(r),
				"%s: has no value: write one, or remove the "
				"key",
				option->path);
	if (holds_nul(r))
		return complain(r, event_line(r), "%s: holds a NUL character",
				option->path);
	return settings_add(r->settings, &like, scalar(r), r->fault);
}

/* How much of a prefix a person is shown: no dot or brackets at its end. */
static int shown(struct prefix prefix)
{
	size_t len = prefix.len;

	while (len > 0 && strchr(".[]", prefix.path[len - 1]))
		len--;
	return (int)len;
}

/* Only what looks like a key is shown: it may be a secret gone astray. */
static bool is_showable(const char *key)
{
	size_t len = strlen(key);

	return len > 0 && len <= 32 &&
	       len == strspn(key, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789");
}

static enum err unknown_key(struct reader *r, struct prefix prefix,
			    const char *key)
{
	int section = shown(prefix);
	char hint[SUGGESTION_SIZE];

	option_suggest(hint, prefix, key);
	return complain(r, event_line(r), "unknown key %s%s%.*s: %s",
			is_showable(key) ? key : "(not shown)",
			section ? " in " : "", section, prefix.path, hint);
}

static enum err read_mapping(struct reader *r, struct prefix prefix,
			     size_t item);

static enum err read_section(struct reader *r, struct prefix prefix,
			     size_t item)
{
	if (is_null(r))
		return OK;
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return complain(r, event_line(r),
				"%.*s: expected keys with values, indented "
				"below it",
				shown(prefix), prefix.path);
	return read_mapping(r, prefix, item);
}

static enum err read_list(struct reader *r, const struct option *first,
			  struct prefix prefix)
{
	size_t n = 0;
	enum err err;

	if (is_null(r))
		return OK;
	if (r->event.type != YAML_SEQUENCE_START_EVENT)
		return complain(r, event_line(r),
				"%.*s: expected a list, each item after a "
				"hyphen",
				shown(prefix), prefix.path);
	for (;; n++) {
		err = next(r);
		if (err != OK)
			return err;
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return OK;
		if (r->event.type == YAML_MAPPING_START_EVENT &&
		    first->path[prefix.len])
			err = read_mapping(r, prefix, n);
		else
			err = read_value(r, first, n);
		if (err != OK)
			return err;
	}
}

/* One key in hand: remembers it in seen (lines, by the key's first option)
 * and reads what it holds. */
static enum err read_pair(struct reader *r, struct prefix prefix, size_t item,
			  size_t seen[OPTIONS_MAX])
{
	const struct option *first = NULL;
	struct prefix under = prefix;
	enum child child;
	size_t *before;
	enum err err;

	if (r->event.type != YAML_SCALAR_EVENT || holds_nul(r))
		return complain(r, event_line(r), "expected a key");
	child = option_child(&first, &under, prefix, scalar(r));
	if (child == CHILD_UNKNOWN)
		return unknown_key(r, prefix, scalar(r));
	before = &seen[first - options];
	if (*before)
		return complain(r, event_line(r),
				"%.*s is already given in line %zu: keep one",
				shown(under), under.path, *before);
	*before = event_line(r);
	err = next(r);
	if (err != OK)
		return err;
	switch (child) {
	case CHILD_OPTION:
		return read_value(r, first, item);
	case CHILD_LIST:
		return read_list(r, first, under);
	case CHILD_SECTION:
	case CHILD_UNKNOWN:
		break;
	}
	return read_section(r, under, item);
}

static enum err read_mapping(struct reader *r, struct prefix prefix,
			     size_t item)
{
	size_t seen[OPTIONS_MAX] = {0};
	size_t line = event_line(r);
	size_t n = 0;
	enum err err;

	if (n_options > OPTIONS_MAX)
		return fault_set(r->fault, ERR_BUG, "too many options");
	for (;; n++) {
		err = next(r);
		if (err != OK)
			return err;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			break;
		err = read_pair(r, prefix, item, seen);
		if (err != OK)
			return err;
	}
	if (n == 0 && prefix.len)
		return complain(r, line, "%.*s: is empty", shown(prefix),
				prefix.path);
	return OK;
}

static enum err read_document(struct reader *r)
{
	enum err err = next(r); /* the stream's start */

	if (err == OK)
		err = next(r);
	if (err != OK || r->event.type == YAML_STREAM_END_EVENT)
		return err;
	err = next(r); /* after the document's start */
	if (err != OK)
		return err;
	if (r->event.type == YAML_MAPPING_START_EVENT)
		err = read_mapping(r, (struct prefix){"", 0}, 0);
	else if (!is_null(r))
		err = complain(r, event_line(r),
			       "expected keys with values, such as chain: "
			       "and database:");
	if (err == OK)
		err = next(r); /* the document's end */
	if (err == OK)
		err = next(r);
	if (err == OK && r->event.type != YAML_STREAM_END_EVENT)
		err = complain(r, event_line(r),
			       "a second document begins here: keep one");
	return err;
}

enum err settings_read_file(struct settings *settings, struct fault *fault)
{
	struct reader r = {.settings = settings, .fault = fault};
	struct fault inner = {0};
	struct buf text;
	enum err err;

	buf_init(&text, FILE_MAX);
	if (file_read(&text, settings->file, &inner) != OK) {
		err = fault_set(fault, ERR_USAGE, "%.250s: %s", settings->file,
				inner.text);
		buf_free(&text);
		return err;
	}
	if (!yaml_parser_initialize(&r.parser)) {
		buf_free(&text);
		return fault_set(fault, ERR_NOMEM, "out of memory");
	}
	r.text = &text;
	yaml_parser_set_input_string(&r.parser, (unsigned char *)text.data,
				     text.len);
	err = read_document(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	buf_free(&text);
	return err;
}
