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

/* Of each byte that is a hex digit its value, with DIGIT set; else 0. Not
 * isxdigit: that one asks the locale. */
#define DIGIT 0x10
static const uint8_t hex_digits[256] = {
    ['0'] = DIGIT,	['1'] = DIGIT | 1,  ['2'] = DIGIT | 2,
    ['3'] = DIGIT | 3,	['4'] = DIGIT | 4,  ['5'] = DIGIT | 5,
    ['6'] = DIGIT | 6,	['7'] = DIGIT | 7,  ['8'] = DIGIT | 8,
    ['9'] = DIGIT | 9,	['a'] = DIGIT | 10, ['b'] = DIGIT | 11,
    ['c'] = DIGIT | 12, ['d'] = DIGIT | 13, ['e'] = DIGIT | 14,
    ['f'] = DIGIT | 15, ['A'] = DIGIT | 10, ['B'] = DIGIT | 11,
    ['C'] = DIGIT | 12, ['D'] = DIGIT | 13, ['E'] = DIGIT | 14,
    ['F'] = DIGIT | 15,
};

enum err hex_decode(uint8_t *out, size_t len, const char *text, size_t text_len)
{
	const uint8_t *digits = (const uint8_t *)text;
	uint8_t all = DIGIT;

	if (text_len % 2 || text_len / 2 != len)
		return ERR_SYNTAX;
	for (size_t i = 0; i < len; i++) {
		uint8_t high = hex_digits[digits[2 * i]];
		uint8_t low = hex_digits[digits[2 * i + 1]];

		all &= high & low;
		out[i] = (uint8_t)(high << 4 | (low & 15));
	}
	return all & DIGIT ? OK : ERR_SYNTAX;
}

enum err quantity_parse(uint64_t *out, const char *text)
{
	const uint8_t *digits = (const uint8_t *)text + 2;
	uint64_t v = 0;
	size_t n = 0;

	if (text[0] != '0' || text[1] != 'x')
		return ERR_SYNTAX;
	for (; hex_digits[digits[n]]; n++) {
		if (digits[n] >= 'A' && digits[n] <= 'F')
			return ERR_SYNTAX;
		v = v << 4 | (hex_digits[digits[n]] & 15);
	}
	if (n == 0 || digits[n] != '\0' || (digits[0] == '0' && n > 1))
		return ERR_SYNTAX;
	if (n > 16)
		return ERR_RANGE;
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
