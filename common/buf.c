#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"

#define FIRST_SIZE 128

/* Shown while nothing is allocated (size 0), and then never written to. */
static char *nothing(void)
{
	return (char *)(uintptr_t) "";
}

void buf_init(struct buf *buf, size_t cap)
{
	*buf = (struct buf){.data = nothing()};
	buf->cap = cap < SIZE_MAX / 4 ? cap : SIZE_MAX / 4;
}

void buf_free(struct buf *buf)
{
	if (buf->size)
		free(buf->data);
	buf_init(buf, buf->cap);
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->err = OK;
	if (buf->size)
		buf->data[0] = '\0';
}

/* Room for more bytes and the NUL; false, with err set, where there is none. */
static bool reserve(struct buf *buf, size_t more)
{
	size_t size = buf->size ? buf->size : FIRST_SIZE;
	char *data;

	if (buf->err != OK)
		return false;
	if (more > buf->cap - buf->len) {
		buf->err = ERR_LIMIT;
		return false;
	}
	if (buf->len + more < buf->size)
		return true;
	while (size <= buf->len + more)
		size *= 2;
	if (size > buf->cap + 1)
		size = buf->cap + 1;
	data = realloc(buf->size ? buf->data : NULL, size);
	if (!data) {
		buf->err = ERR_NOMEM;
		return false;
	}
	buf->data = data;
	buf->size = size;
	return true;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	if (!reserve(buf, len))
		return;
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_putc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0) {
		if (buf->err == OK)
			buf->err = ERR_LIMIT;
		return;
	}
	if (!reserve(buf, (size_t)len))
		return;
	va_start(args, fmt);
	(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)len;
}

void buf_hex(struct buf *buf, const void *data, size_t len)
{
	if (len > SIZE_MAX / 4)
		len = SIZE_MAX / 4; /* beyond any cap: ERR_LIMIT below */
	if (!reserve(buf, 2 * len))
		return;
	hex_encode(buf->data + buf->len, data, len);
	buf->len += 2 * len;
}
