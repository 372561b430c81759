#ifndef GS_CHAIN_JSON_H
#define GS_CHAIN_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

/* Reading JSON that a node sent (RFC 8259). The engine below may change; its
 * types do not show here. */

/* A parsed text. */
struct json_doc;
/* A value inside a document, borrowed from it. NULL is the absent value and
 * may be given to every function here. */
struct json;

enum json_kind {
	JSON_KIND_ABSENT,
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_INTEGER, /* fits int64_t */
	JSON_KIND_REAL,
	JSON_KIND_STRING,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT,
};

/* An empty document, to be read into again and again; NULL: no memory. */
struct json_doc *json_doc_new(void);
/* All of text, which is copied; what doc held before is gone, and its memory
 * taken again. A name twice in one object, a NUL in a name, bad UTF-8, numbers
 * beyond int64_t or double and nesting above 2048 are refused. ERR_NONSENSE,
 * with a fault that says where, for what is no JSON; the document is empty
 * then. It takes up to 24 times the memory of a hostile text (tiny arrays), not
 * twice that of an honest one: cap len, which is below 4 GB. */
enum err json_doc_read(struct json_doc *doc, const char *text, size_t len,
		       struct fault *fault) MUST_CHECK;
/* A new document, only when it is OK. */
enum err json_doc_parse(struct json_doc **out, const char *text, size_t len,
			struct fault *fault) MUST_CHECK;
void json_doc_free(struct json_doc *doc); /* NULL is allowed */
/* NULL when it is empty. */
const struct json *json_doc_root(const struct json_doc *doc);

enum json_kind json_kind(const struct json *value);
/* "an array", "a string", "absent", ... for a fault. */
const char *json_kind_name(enum json_kind kind);

/* The member of an object; NULL when it has none or is no object. */
const struct json *json_member(const struct json *object, const char *name);
/* Members or elements; 0 for everything else. */
size_t json_count(const struct json *value);
/* NULL beyond the end, and for what is no array. It is counted from the first:
 * who wants all of them takes json_first and json_next. */
const struct json *json_element(const struct json *array, size_t i);
/* NULL for an array without any, and for everything else. */
const struct json *json_first(const struct json *array);
/* The element behind that one, of which there must be another. */
const struct json *json_next(const struct json *element);
/* The text of a string without NUL in it; NULL for everything else. Lives as
 * long as the document; len may be NULL. */
const char *json_text(const struct json *value, size_t *len);
/* False, with out untouched, for what is no such value. */
bool json_int(int64_t *out, const struct json *value) MUST_CHECK;
bool json_bool(bool *out, const struct json *value) MUST_CHECK;

/* Appends the value as compact JSON text; the absent value as null. */
void json_print(struct buf *out, const struct json *value);

#endif
