#include "chain/fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fields_refuse(struct fields *f, enum err err, const char *fmt, ...)
{
	char reason[256];
	va_list args;

	if (f->err != OK)
		return;
	va_start(args, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	f->err = fault_set(f->fault, err, "%s: %s", f->what, reason);
}

void fields_open(struct fields *f, const struct json *object,
		 struct fault *fault, const char *what, ...)
{
	va_list args;

	*f = (struct fields){.object = object, .fault = fault};
	va_start(args, what);
	(void)vsnprintf(f->what, sizeof(f->what), what, args);
	va_end(args);
	if (json_kind(object) != JSON_KIND_OBJECT)
		fields_refuse(f, ERR_NONSENSE, "is %s, not an object",
			      json_kind_name(json_kind(object)));
}

enum err fields_result(const struct json *result, enum json_kind kind,
		       const char *what, struct fault *fault)
{
	enum json_kind found = json_kind(result);

	if (found == kind)
		return OK;
	if (found == JSON_KIND_NULL)
		return fault_set(fault, ERR_NOT_YET,
				 "%s: the node does not have it (yet)", what);
	return fault_set(fault, ERR_NONSENSE, "%s: the result is %s, not %s",
			 what, json_kind_name(found), json_kind_name(kind));
}

bool fields_has(const struct fields *f, const char *name)
{
	enum json_kind kind = json_kind(json_member(f->object, name));

	return kind != JSON_KIND_ABSENT && kind != JSON_KIND_NULL;
}

/* The text of a field; NULL, and the object refused, when it is none. */
static const char *text_of(struct fields *f, const char *name, size_t *len)
{
	const struct json *value;
	const char *text;

	if (f->err != OK)
		return NULL;
	value = json_member(f->object, name);
	text = json_text(value, len);
	if (!text)
		fields_refuse(f, ERR_NONSENSE, "%s is %s, not hex digits", name,
			      json_kind_name(json_kind(value)));
	return text;
}

static void refuse_quantity(struct fields *f, const char *name, enum err err,
			    unsigned bits)
{
	if (err == ERR_RANGE)
		fields_refuse(f, ERR_NONSENSE, "%s is above %u bits", name,
			      bits);
	else if (err != OK)
		fields_refuse(f, ERR_NONSENSE, "%s is no quantity", name);
}

void fields_u64(struct fields *f, const char *name, uint64_t *out)
{
	const char *text = text_of(f, name, NULL);

	if (text)
		refuse_quantity(f, name, quantity_parse(out, text), 64);
}

void fields_u256(struct fields *f, const char *name, struct u256 *out)
{
	const char *text = text_of(f, name, NULL);

	if (text)
		refuse_quantity(f, name, u256_parse_quantity(out, text), 256);
}

/* The digits behind 0x and their number, for DATA. */
static const char *digits_of(struct fields *f, const char *name, size_t *len)
{
	const char *text = text_of(f, name, len);

	if (!text)
		return NULL;
	if (text[0] != '0' || text[1] != 'x' || *len % 2) {
		fields_refuse(f, ERR_NONSENSE, "%s is no hex data", name);
		return NULL;
	}
	*len -= 2;
	return text + 2;
}

void fields_fixed(struct fields *f, const char *name, uint8_t *out, size_t len)
{
	size_t n;
	const char *digits = digits_of(f, name, &n);

	if (digits && hex_decode(out, len, digits, n) != OK)
		fields_refuse(f, ERR_NONSENSE,
			      "%s is not %zu bytes of hex digits", name, len);
}

void fields_hash(struct fields *f, const char *name, struct hash *out)
{
	fields_fixed(f, name, out->b, sizeof(out->b));
}

void fields_address(struct fields *f, const char *name, struct address *out)
{
	fields_fixed(f, name, out->b, sizeof(out->b));
}

void fields_bool(struct fields *f, const char *name, bool *out)
{
	if (f->err == OK && !json_bool(out, json_member(f->object, name)))
		fields_refuse(f, ERR_NONSENSE, "%s is no boolean", name);
}

void fields_data(struct fields *f, const char *name, struct bytes *out,
		 size_t cap, struct arena *arena)
{
	size_t n;
	const char *digits = digits_of(f, name, &n);
	uint8_t *data;

	if (!digits)
		return;
	if (n / 2 > cap) {
		fields_refuse(f, ERR_NONSENSE, "%s is above %zu bytes", name,
			      cap);
		return;
	}
	data = fields_room(f, arena, n / 2, 1);
	if (!data)
		return;
	if (hex_decode(data, n / 2, digits, n) != OK)
		fields_refuse(f, ERR_NONSENSE, "%s is no hex data", name);
	else
		*out = (struct bytes){data, n / 2};
}

const struct json *fields_array(struct fields *f, const char *name, size_t cap)
{
	const struct json *value;

	if (f->err != OK)
		return NULL;
	value = json_member(f->object, name);
	if (json_kind(value) != JSON_KIND_ARRAY)
		fields_refuse(f, ERR_NONSENSE, "%s is %s, not an array", name,
			      json_kind_name(json_kind(value)));
	else if (json_count(value) > cap)
		fields_refuse(f, ERR_NONSENSE, "%s has more than %zu elements",
			      name, cap);
	return f->err == OK ? value : NULL;
}

static bool parse_hash(struct hash *out, const struct json *value)
{
	const char *text = json_text(value, NULL);

	return text && hash_parse(out, text) == OK;
}

void fields_hashes(struct fields *f, const char *name, struct hash *out,
		   size_t *n, size_t cap)
{
	const struct json *array = fields_array(f, name, cap);
	const struct json *element = json_first(array);
	size_t count = json_count(array);

	for (size_t i = 0; f->err == OK && i < count; i++) {
		if (!parse_hash(&out[i], element))
			fields_refuse(f, ERR_NONSENSE,
				      "%s[%zu] is not 32 bytes of hex digits",
				      name, i);
		element = json_next(element);
	}
	if (f->err == OK)
		*n = count;
}

void *fields_room(struct fields *f, struct arena *arena, size_t n, size_t size)
{
	void *room;

	if (f->err != OK)
		return NULL;
	room = arena_alloc(arena, n, size);
	if (!room)
		fields_refuse(f, ERR_NOMEM,
			      "no room for %zu more bytes in this batch",
			      n * size);
	return room;
}
