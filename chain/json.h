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

/* All of text, which is copied. A name twice in one object, bad UTF-8 or
 * nesting above 2048 is refused. ERR_NONSENSE, with a fault that says where,
 * for what is no JSON. The document takes up to about a hundred times the
 * memory of a hostile text (tiny empty arrays), six times that of an honest
 * one: cap len. */
enum err json_doc_parse(struct json_doc **out, const char *text, size_t len,
			struct fault *fault) MUST_CHECK;
void json_doc_free(struct json_doc *doc); /* NULL is allowed */
const struct json *json_doc_root(const struct json_doc *doc);

enum json_kind json_kind(const struct json *value);
/* "an array", "a string", "absent", ... for a fault. */
const char *json_kind_name(enum json_kind kind);

/* The member of an object; NULL when it has none or is no object. */
const struct json *json_member(const struct json *object, const char *name);
/* Members or elements; 0 for everything else. */
size_t json_count(const struct json *value);
/* NULL beyond the end, and for what is no array. */
const struct json *json_element(const struct json *array, size_t i);
/* The text of a string without NUL in it; NULL for everything else. Lives as
 * long as the document; len may be NULL. */
const char *json_text(const struct json *value, size_t *len);
/* False, with out untouched, for what is no such value. */
bool json_int(int64_t *out, const struct json *value) MUST_CHECK;
bool json_bool(bool *out, const struct json *value) MUST_CHECK;

/* Appends the value as compact JSON text; the absent value as null. */
void json_print(struct buf *out, const struct json *value);

#endif
