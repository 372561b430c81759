#include "chain/json.h"

#include <stdlib.h>
#include <string.h>

#include "chain/json_index.h"

struct json_doc *json_doc_new(void)
{
	return calloc(1, sizeof(struct json_doc));
}

void json_doc_free(struct json_doc *doc)
{
	if (!doc)
		return;
	free(doc->text);
	free(doc->index);
	free(doc);
}

static bool reserve_text(struct json_doc *doc, size_t size)
{
	char *text;

	if (size <= doc->text_size)
		return true;
	text = realloc(doc->text, size);
	if (!text)
		return false;
	doc->text = text;
	doc->text_size = size;
	return true;
}

enum err json_doc_read(struct json_doc *doc, const char *text, size_t len,
		       struct fault *fault)
{
	enum err err;

	doc->n = 0;
	if (len > UINT32_MAX || !reserve_text(doc, len + JSON_PADDING))
		return fault_set(fault, ERR_NOMEM,
				 "no memory for a reply of %zu bytes", len);
	if (len > 0)
		memcpy(doc->text, text, len);
	memset(doc->text + len, 0, JSON_PADDING);
	err = json_scan(doc, len, fault);
	if (err != OK)
		doc->n = 0;
	return err;
}

enum err json_doc_parse(struct json_doc **out, const char *text, size_t len,
			struct fault *fault)
{
	struct json_doc *doc = json_doc_new();
	enum err err;

	if (!doc)
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	err = json_doc_read(doc, text, len, fault);
	if (err == OK)
		*out = doc;
	else
		json_doc_free(doc);
	return err;
}

const struct json *json_doc_root(const struct json_doc *doc)
{
	return doc->n > 0 ? doc->index : NULL;
}

enum json_kind json_kind(const struct json *value)
{
	return value ? value->kind : JSON_KIND_ABSENT;
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
	const struct json *entry;
	size_t len = strlen(name);

	if (json_kind(object) != JSON_KIND_OBJECT)
		return NULL;
	entry = object + 1;
	for (uint32_t i = 0; i < object->n; i++) {
		const struct json *value = entry + 1;

		if (entry->n == len && memcmp(entry->text, name, len) == 0)
			return value;
		entry = json_behind(value);
	}
	return NULL;
}

static bool is_container(enum json_kind kind)
{
	return kind == JSON_KIND_ARRAY || kind == JSON_KIND_OBJECT;
}

size_t json_count(const struct json *value)
{
	return is_container(json_kind(value)) ? value->n : 0;
}

const struct json *json_first(const struct json *array)
{
	return json_element(array, 0);
}

const struct json *json_next(const struct json *element)
{
	return json_behind(element);
}

const struct json *json_element(const struct json *array, size_t i)
{
	const struct json *entry;

	if (json_kind(array) != JSON_KIND_ARRAY || i >= array->n)
		return NULL;
	entry = array + 1;
	while (i-- > 0)
		entry = json_behind(entry);
	return entry;
}

const char *json_text(const struct json *value, size_t *len)
{
	if (json_kind(value) != JSON_KIND_STRING ||
	    memchr(value->text, '\0', value->n))
		return NULL;
	if (len)
		*len = value->n;
	return value->text;
}

bool json_int(int64_t *out, const struct json *value)
{
	if (json_kind(value) != JSON_KIND_INTEGER)
		return false;
	*out = value->integer;
	return true;
}

bool json_bool(bool *out, const struct json *value)
{
	if (json_kind(value) != JSON_KIND_BOOL)
		return false;
	*out = value->truth;
	return true;
}
