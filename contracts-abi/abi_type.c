#include "contracts-abi/abi_read.h"

#include <stdio.h>
#include <string.h>

#define WORD 32
/* Arrays and tuples within one another; more is nobody's event. */
#define MAX_DEPTH 8
/* Of a static array or tuple, in bytes: so that no sum of heads overflows. */
#define MAX_HEAD (64 * 1024)
#define MAX_PATH 256

static enum err wrong(struct type_reader *r, const char *why)
{
	r->why = why;
	return ERR_SYNTAX;
}

/* The number in "uint256", canonical: "uint" or "uint08" would make another
 * signature than the contract's. */
static bool parse_size(const char *text, size_t len, size_t max, size_t *out)
{
	size_t n = 0;

	if (len == 0 || text[0] == '0')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (size_t)(text[i] - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return true;
}

static bool is_text(const char *text, size_t len, const char *wanted)
{
	return strlen(wanted) == len && memcmp(text, wanted, len) == 0;
}

static bool parse_word(const char *text, size_t len, struct abi_type *out)
{
	static const struct {
		const char *prefix;
		enum abi_kind kind;
		size_t unit, max; /* of the number that follows */
	} sized[] = {
	    {"uint", ABI_UINT, 8, 256},
	    {"int", ABI_INT, 8, 256},
	    {"bytes", ABI_BYTES, 1, 32},
	};
	size_t n;

	out->head = WORD;
	if (is_text(text, len, "address")) {
		out->kind = ABI_ADDRESS;
		out->bytes = 20;
		return true;
	}
	if (is_text(text, len, "bool")) {
		out->kind = ABI_BOOL;
		out->bytes = 1;
		return true;
	}
	for (size_t i = 0; i < sizeof(sized) / sizeof(sized[0]); i++) {
		size_t skip = strlen(sized[i].prefix);

		if (len <= skip || memcmp(text, sized[i].prefix, skip) != 0)
			continue;
		if (!parse_size(text + skip, len - skip, sized[i].max, &n) ||
		    n % sized[i].unit != 0)
			return false;
		out->kind = sized[i].kind;
		out->bytes = (uint8_t)(n / sized[i].unit);
		return true;
	}
	return false;
}

/* Where the reading is: NULL as path where what is below has no word. */
struct spot {
	const char *path;
	unsigned depth;
};

static enum err read_type(struct type_reader *r, json_t *json,
			  const struct spot *spot, struct abi_type *out);

static enum err add_param(struct type_reader *r, const char *name,
			  const struct abi_type *type, bool indexed)
{
	char *copy;

	if (r->n_params == ABI_MAX_PARAMS)
		return wrong(r, "its inputs have more than 32 words");
	copy = arena_strdup(r->arena, name);
	if (!copy)
		return ERR_NOMEM;
	r->params[r->n_params++] = (struct abi_param){copy, *type, indexed};
	return OK;
}

static enum err read_member(struct type_reader *r, json_t *json,
			    const struct spot *spot, struct abi_type *out)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	struct spot inner = {NULL, spot->depth + 1};
	char path[MAX_PATH];
	int len;

	if (!name)
		return wrong(r, "a component without a name");
	len = spot->path ? snprintf(path, sizeof(path), "%s%s%s", spot->path,
				    spot->path[0] != '\0' ? "." : "", name)
			 : 0;
	if (len < 0 || (size_t)len >= sizeof(path))
		return wrong(r, "the name of a component is too long");
	if (spot->path)
		inner.path = path;
	return read_type(r, json, &inner, out);
}

static enum err read_tuple(struct type_reader *r, json_t *json,
			   const struct spot *spot, struct abi_type *out)
{
	json_t *components = json_object_get(json, "components");
	size_t n = json_array_size(components);
	struct abi_type *parts;

	if (n == 0 || n > ABI_MAX_PARAMS)
		return wrong(r, "a tuple needs 1 to 32 components");
	parts = ARENA_ARRAY(r->arena, struct abi_type, n);
	if (!parts)
		return ERR_NOMEM;
	*out = (struct abi_type){.kind = ABI_TUPLE, .parts = parts, .n = n};
	buf_putc(r->signature, '(');
	for (size_t i = 0; i < n; i++) {
		enum err err;

		if (i > 0)
			buf_putc(r->signature, ',');
		err = read_member(r, json_array_get(components, i), spot,
				  &parts[i]);
		if (err != OK)
			return err;
		out->head += parts[i].head;
		out->dynamic = out->dynamic || parts[i].dynamic;
	}
	buf_putc(r->signature, ')');
	if (out->head > MAX_HEAD)
		return wrong(r, "a tuple is too large");
	if (out->dynamic)
		out->head = WORD;
	return OK;
}

/* "[]" or "[7]": makes *type an array of what it was. */
static enum err wrap_array(struct type_reader *r, const char *suffix,
			   size_t len, struct abi_type *type)
{
	struct abi_type *element = ARENA_NEW(r->arena, struct abi_type);
	size_t n = 0;

	if (!element)
		return ERR_NOMEM;
	*element = *type;
	if (len > 2 &&
	    !parse_size(suffix + 1, len - 2, MAX_HEAD / type->head, &n))
		return wrong(r, "an array's length is not a number, or too "
				"large");
	*type = (struct abi_type){
	    .kind = ABI_ARRAY,
	    .dynamic = n == 0 || element->dynamic,
	    .head = n == 0 || element->dynamic ? WORD : n * element->head,
	    .parts = element,
	    .n = n,
	};
	return OK;
}

static enum err wrap_arrays(struct type_reader *r, const char *suffix,
			    struct abi_type *type)
{
	buf_puts(r->signature, suffix);
	for (unsigned depth = 0; *suffix; depth++) {
		const char *end = strchr(suffix, ']');
		enum err err;

		if (*suffix != '[' || !end || depth == MAX_DEPTH)
			return wrong(r, "an array's type is not canonical");
		err = wrap_array(r, suffix, (size_t)(end - suffix) + 1, type);
		if (err != OK)
			return err;
		suffix = end + 1;
	}
	return OK;
}

static enum err read_base(struct type_reader *r, json_t *json, const char *text,
			  size_t len, const struct spot *spot,
			  struct abi_type *out)
{
	if (is_text(text, len, "tuple"))
		return read_tuple(r, json, spot, out);
	*out = (struct abi_type){0};
	if (is_text(text, len, "bytes") || is_text(text, len, "string")) {
		out->kind = ABI_BLOB;
		out->dynamic = true;
		out->head = WORD;
	} else if (!parse_word(text, len, out)) {
		return wrong(r, "a type is not canonical: see the Solidity "
				"ABI specification, \"Types\"");
	}
	buf_add(r->signature, text, len);
	return OK;
}

static enum err read_type(struct type_reader *r, json_t *json,
			  const struct spot *spot, struct abi_type *out)
{
	const char *text = json_string_value(json_object_get(json, "type"));
	struct spot inner = *spot;
	size_t len;
	enum err err;

	if (!text)
		return wrong(r, "a component without a type");
	if (spot->depth > MAX_DEPTH)
		return wrong(r, "its tuples are nested too deeply");
	len = strcspn(text, "[");
	if (text[len] != '\0')
		inner.path = NULL;
	err = read_base(r, json, text, len, &inner, out);
	if (err == OK)
		err = wrap_arrays(r, text + len, out);
	if (err == OK && spot->path && out->kind != ABI_TUPLE)
		err = add_param(r, spot->path, out, false);
	return err;
}

static enum err read_param(struct type_reader *r, json_t *input, bool indexed,
			   struct abi_type *out)
{
	const char *name = json_string_value(json_object_get(input, "name"));
	struct spot spot = {indexed ? NULL : name, 0};
	enum err err;

	if (!name)
		return wrong(r, "an input or output without a name");
	err = read_type(r, input, &spot, out);
	if (err == OK && indexed)
		err = add_param(r, name, out, true);
	return err;
}

/* type: where the next of out stands. */
static enum err add_value(struct type_reader *r, json_t *input,
			  struct abi_type *type, struct abi_values *out,
			  size_t *n_indexed)
{
	json_t *indexed = json_object_get(input, "indexed");
	bool is_topic = n_indexed && json_is_true(indexed);
	enum err err;

	if (n_indexed && !json_is_boolean(indexed))
		return wrong(r, "an input needs name, type and indexed");
	err = read_param(r, input, is_topic, type);
	if (err != OK)
		return err;
	if (is_topic) {
		++*n_indexed;
		return OK;
	}
	out->n++;
	out->len += type->head;
	out->dynamic = out->dynamic || type->dynamic;
	return OK;
}

enum err types_read(struct type_reader *r, json_t *list, struct abi_values *out,
		    size_t *n_indexed)
{
	size_t n = json_array_size(list);
	struct abi_type *types;
	enum err err = OK;

	if (!json_is_array(list) || n > ABI_MAX_PARAMS)
		return wrong(r, "inputs and outputs must be arrays of at most "
				"32");
	types = ARENA_ARRAY(r->arena, struct abi_type, n + 1);
	if (!types)
		return ERR_NOMEM;
	*out = (struct abi_values){.types = types};
	for (size_t i = 0; err == OK && i < n; i++) {
		if (i > 0)
			buf_putc(r->signature, ',');
		err = add_value(r, json_array_get(list, i), &types[out->n], out,
				n_indexed);
	}
	return err;
}

struct abi_param *types_keep_params(const struct type_reader *r)
{
	struct abi_param *params =
	    ARENA_ARRAY(r->arena, struct abi_param, r->n_params + 1);

	if (params)
		memcpy(params, r->params, r->n_params * sizeof(*params));
	return params;
}
