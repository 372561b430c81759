#include "chain/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* struct json is jansson's json_t under another name. */

struct json_doc {
	json_t *root;
};

static const json_t *engine(const struct json *value)
{
	return (const json_t *)value;
}

static const struct json *ours(const json_t *value)
{
	return (const struct json *)value;
}

enum err json_doc_parse(struct json_doc **out, const char *text, size_t len,
			struct fault *fault)
{
	const size_t flags =
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	struct json_doc *doc;
	json_error_t error;

	/* The engine takes a NUL for the end, whatever stands behind it. */
	if (len > 0 && memchr(text, '\0', len))
		return fault_set(fault, ERR_NONSENSE,
				 "no JSON: there is a NUL byte in it");
	doc = malloc(sizeof(*doc));
	if (!doc)
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	doc->root = json_loadb(text, len, flags, &error);
	if (!doc->root) {
		free(doc);
		if (json_error_code(&error) == json_error_out_of_memory)
			return fault_set(fault, ERR_NOMEM,
					 "no memory for a reply of %zu bytes",
					 len);
		return fault_set(fault, ERR_NONSENSE,
				 "no JSON at line %d, column %d: %s",
				 error.line, error.column, error.text);
	}
	*out = doc;
	return OK;
}

void json_doc_free(struct json_doc *doc)
{
	if (!doc)
		return;
	json_decref(doc->root);
	free(doc);
}

const struct json *json_doc_root(const struct json_doc *doc)
{
	return ours(doc->root);
}

enum json_kind json_kind(const struct json *value)
{
	if (!value)
		return JSON_KIND_ABSENT;
	switch (json_typeof(engine(value))) {
	case JSON_NULL:
		return JSON_KIND_NULL;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_KIND_BOOL;
	case JSON_INTEGER:
		return JSON_KIND_INTEGER;
	case JSON_REAL:
		return JSON_KIND_REAL;
	case JSON_STRING:
		return JSON_KIND_STRING;
	case JSON_ARRAY:
		return JSON_KIND_ARRAY;
	case JSON_OBJECT:
		return JSON_KIND_OBJECT;
	}
	return JSON_KIND_ABSENT;
}

const char *json_kind_name(enum json_kind kind)
{
	static const char *const names[] = {
	    [JSON_KIND_ABSENT] = "absent",   [JSON_KIND_NULL] = "null",
	    [JSON_KIND_BOOL] = "a boolean",  [JSON_KIND_INTEGER] = "a number",
	    [JSON_KIND_REAL] = "a fraction", [JSON_KIND_STRING] = "a string",
	    [JSON_KIND_ARRAY] = "an array",  [JSON_KIND_OBJECT] = "an object",
	};

	return names[kind];
}

const struct json *json_member(const struct json *object, const char *name)
{
	return ours(json_object_get(engine(object), name));
}

size_t json_count(const struct json *value)
{
	if (json_kind(value) == JSON_KIND_OBJECT)
		return json_object_size(engine(value));
	return json_array_size(engine(value));
}

const struct json *json_element(const struct json *array, size_t i)
{
	return ours(json_array_get(engine(array), i));
}

const char *json_text(const struct json *value, size_t *len)
{
	const char *text = json_string_value(engine(value));
	size_t n = json_string_length(engine(value));

	if (!text || strlen(text) != n)
		return NULL;
	if (len)
		*len = n;
	return text;
}

bool json_int(int64_t *out, const struct json *value)
{
	if (json_kind(value) != JSON_KIND_INTEGER)
		return false;
	*out = json_integer_value(engine(value));
	return true;
}

bool json_bool(bool *out, const struct json *value)
{
	if (json_kind(value) != JSON_KIND_BOOL)
		return false;
	*out = json_is_true(engine(value));
	return true;
}

static int append(const char *text, size_t len, void *arg)
{
	struct buf *out = arg;

	buf_add(out, text, len);
	return out->err == OK ? 0 : -1;
}

/* buf keeps its own error; any other failure of the engine is memory. */
void json_print(struct buf *out, const struct json *value)
{
	if (!value) {
		buf_puts(out, "null");
		return;
	}
	if (json_dump_callback(engine(value), append, out,
			       JSON_COMPACT | JSON_ENCODE_ANY) != 0 &&
	    out->err == OK)
		out->err = ERR_NOMEM;
}
