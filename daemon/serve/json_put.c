#include "daemon/serve/json_put.h"

#include "common/utf8.h"
#include <inttypes.h>
#include <math.h>

void json_put_string(struct buf *out, const char *text)
{
	if (!text) {
		buf_puts(out, "null");
		return;
	}
	buf_putc(out, '"');
	while (*text) {
		size_t len = utf8_length(text);

		if (len == 0)
			buf_puts(out, "\\ufffd");
		else if ((unsigned char)*text < 0x20 || *text == 0x7f)
			buf_printf(out, "\\u%04x", (unsigned)*text);
		else if (*text == '"' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else
			buf_add(out, text, len);
		text += len ? len : 1;
	}
	buf_putc(out, '"');
}

void json_put_name(struct buf *out, const char *name)
{
	char last = out->len ? out->data[out->len - 1] : '{';

	if (last != '{' && last != '[' && last != ',')
		buf_putc(out, ',');
	json_put_string(out, name);
	buf_putc(out, ':');
}

void json_put_text(struct buf *out, const char *name, const char *text)
{
	json_put_name(out, name);
	json_put_string(out, text);
}

void json_put_bool(struct buf *out, const char *name, bool value)
{
	json_put_name(out, name);
	buf_puts(out, value ? "true" : "false");
}

void json_put_u64(struct buf *out, const char *name, uint64_t value)
{
	json_put_name(out, name);
	buf_printf(out, "%" PRIu64, value);
}

void json_put_seconds(struct buf *out, const char *name, double value)
{
	json_put_name(out, name);
	if (isfinite(value))
		buf_printf(out, "%.3f", value);
	else
		buf_puts(out, "null");
}
