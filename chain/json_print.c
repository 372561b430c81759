#include <inttypes.h>
#include <string.h>

#include "chain/json_index.h"

static void print_text(struct buf *out, const struct json *string)
{
	static const char bytes[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *text = string->text;

	buf_putc(out, '"');
	for (uint32_t i = 0; i < string->n; i++) {
		const char *known = text[i] ? strchr(bytes, text[i]) : NULL;

		if (known)
			buf_printf(out, "\\%c", names[known - bytes]);
		else if ((unsigned char)text[i] < ' ')
			buf_printf(out, "\\u%04x", (unsigned)text[i]);
		else
			buf_putc(out, text[i]);
	}
	buf_putc(out, '"');
}

static const struct json *print(struct buf *out, const struct json *value);

/* Elements, or members: then a name stands before each value. */
static void print_all(struct buf *out, const struct json *container)
{
	bool named = container->kind == JSON_KIND_OBJECT;
	const struct json *entry = container + 1;

	buf_putc(out, named ? '{' : '[');
	for (uint32_t i = 0; i < container->n && out->err == OK; i++) {
		if (i > 0)
			buf_putc(out, ',');
		if (named) {
			print_text(out, entry++);
			buf_putc(out, ':');
		}
		entry = print(out, entry);
	}
	buf_putc(out, named ? '}' : ']');
}

/* Returns what stands behind it. */
static const struct json *print(struct buf *out, const struct json *value)
{
	switch (value->kind) {
	case JSON_KIND_ABSENT:
	case JSON_KIND_NULL:
		buf_puts(out, "null");
		break;
	case JSON_KIND_BOOL:
		buf_puts(out, value->truth ? "true" : "false");
		break;
	case JSON_KIND_INTEGER:
		buf_printf(out, "%" PRId64, value->integer);
		break;
	case JSON_KIND_REAL:
		buf_add(out, value->text, value->n);
		break;
	case JSON_KIND_STRING:
		print_text(out, value);
		break;
	case JSON_KIND_ARRAY:
	case JSON_KIND_OBJECT:
		print_all(out, value);
		break;
	}
	return json_behind(value);
}

void json_print(struct buf *out, const struct json *value)
{
	if (value)
		(void)print(out, value);
	else
		buf_puts(out, "null");
}
