#include "common/bytes.h"

#include <string.h>

int hash_cmp(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

const char *hash_format(char text[HASH_TEXT_SIZE], const struct hash *h)
{
	text[0] = '0';
	text[1] = 'x';
	hex_encode(text + 2, h->b, sizeof(h->b));
	return text;
}

enum err hash_parse(struct hash *h, const char *text)
{
	if (text[0] != '0' || text[1] != 'x')
		return ERR_SYNTAX;
	return hex_decode(h->b, sizeof(h->b), text + 2, strlen(text + 2));
}

void hex_encode(char *out, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

/* The value of a hex digit, or -1. Not isxdigit: that one asks the locale. */
static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err hex_decode(uint8_t *out, size_t len, const char *text, size_t text_len)
{
	if (text_len % 2 || text_len / 2 != len)
		return ERR_SYNTAX;
	for (size_t i = 0; i < text_len; i++)
		if (hex_value(text[i]) < 0)
			return ERR_SYNTAX;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(hex_value(text[2 * i]) << 4 |
				   hex_value(text[2 * i + 1]));
	return OK;
}

enum err quantity_parse(uint64_t *out, const char *text)
{
	const char *digits = text + 2;
	uint64_t v = 0;
	size_t n;

	if (text[0] != '0' || text[1] != 'x')
		return ERR_SYNTAX;
	n = strspn(digits, "0123456789abcdef");
	if (n == 0 || digits[n] != '\0' || (digits[0] == '0' && n > 1))
		return ERR_SYNTAX;
	if (n > 16)
		return ERR_RANGE;
	for (size_t i = 0; i < n; i++)
		v = v << 4 | (unsigned)hex_value(digits[i]);
	*out = v;
	return OK;
}

enum err decimal_parse_u64(uint64_t *out, const char *text)
{
	size_t n = strspn(text, "0123456789");
	uint64_t v = 0;

	if (n == 0 || text[n] != '\0')
		return ERR_SYNTAX;
	for (size_t i = 0; i < n; i++)
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (unsigned)(text[i] - '0'), &v))
			return ERR_RANGE;
	*out = v;
	return OK;
}
