#include "common/u256.h"

#include <endian.h>
#include <string.h>

/* The largest power of ten in a limb: what one step of formatting takes off. */
#define TEN_19 10000000000000000000u

struct u256 u256_from_u64(uint64_t v)
{
	return (struct u256){{v, 0, 0, 0}};
}

struct u256 u256_from_be(const uint8_t *data, size_t len)
{
	struct u256 v = {{0}};

	if (len > 32) {
		data += len - 32;
		len = 32;
	}
	for (size_t i = 0; i < len; i++) {
		size_t place = len - 1 - i;

		v.w[place / 8] |= (uint64_t)data[i] << (place % 8 * 8);
	}
	return v;
}

void u256_to_be(uint8_t out[32], const struct u256 *v)
{
	for (size_t i = 0; i < 4; i++) {
		uint64_t limb = htobe64(v->w[3 - i]);

		memcpy(out + 8 * i, &limb, sizeof(limb));
	}
}

int u256_cmp(const struct u256 *a, const struct u256 *b)
{
	for (int i = 3; i >= 0; i--)
		if (a->w[i] != b->w[i])
			return a->w[i] < b->w[i] ? -1 : 1;
	return 0;
}

bool u256_is_zero(const struct u256 *v)
{
	return (v->w[0] | v->w[1] | v->w[2] | v->w[3]) == 0;
}

bool u256_to_u64(uint64_t *out, const struct u256 *v)
{
	if (v->w[1] | v->w[2] | v->w[3])
		return false;
	*out = v->w[0];
	return true;
}

bool u256_add(struct u256 *out, const struct u256 *a, const struct u256 *b)
{
	struct u256 sum;
	unsigned __int128 carry = 0;

	for (size_t i = 0; i < 4; i++) {
		carry += (unsigned __int128)a->w[i] + b->w[i];
		sum.w[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry)
		return false;
	*out = sum;
	return true;
}

bool u256_sub(struct u256 *out, const struct u256 *a, const struct u256 *b)
{
	struct u256 rest;
	unsigned borrow = 0;

	for (size_t i = 0; i < 4; i++) {
		unsigned __int128 d =
		    (unsigned __int128)a->w[i] - b->w[i] - borrow;

		rest.w[i] = (uint64_t)d;
		borrow = (unsigned)(d >> 127);
	}
	if (borrow)
		return false;
	*out = rest;
	return true;
}

bool u256_mul_u64(struct u256 *out, const struct u256 *a, uint64_t factor)
{
	struct u256 product;
	unsigned __int128 carry = 0;

	for (size_t i = 0; i < 4; i++) {
		carry += (unsigned __int128)a->w[i] * factor;
		product.w[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry)
		return false;
	*out = product;
	return true;
}

struct u256 u256_div_u64(const struct u256 *v, uint64_t divisor, uint64_t *rest)
{
	unsigned __int128 left = 0;
	struct u256 quotient;

	for (int i = 3; i >= 0; i--) {
		left = left << 64 | v->w[i];
		quotient.w[i] = (uint64_t)(left / divisor);
		left %= divisor;
	}
	if (rest)
		*rest = (uint64_t)left;
	return quotient;
}

const char *u256_format(char text[U256_TEXT_SIZE], const struct u256 *v)
{
	char digits[U256_TEXT_SIZE];
	struct u256 left = *v;
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		uint64_t part;
		bool last;

		left = u256_div_u64(&left, TEN_19, &part);
		last = u256_is_zero(&left);

		for (int i = 0; i < 19 && (!last || part || i == 0); i++) {
			digits[--at] = (char)('0' + part % 10);
			part /= 10;
		}
	} while (!u256_is_zero(&left));
	memcpy(text, digits + at, sizeof(digits) - at);
	return text;
}

/* v = 10 v + digit; false on overflow, when v is of no more use. */
static bool push_digit(struct u256 *v, char digit)
{
	unsigned __int128 carry = (unsigned)(digit - '0');

	for (size_t i = 0; i < 4; i++) {
		carry += (unsigned __int128)v->w[i] * 10;
		v->w[i] = (uint64_t)carry;
		carry >>= 64;
	}
	return carry == 0;
}

static size_t count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

enum err u256_parse(struct u256 *out, const char *text)
{
	size_t n = count_digits(text);
	struct u256 v = {{0}};

	if (n == 0 || text[n] != '\0')
		return ERR_SYNTAX;
	for (size_t i = 0; i < n; i++)
		if (!push_digit(&v, text[i]))
			return ERR_RANGE;
	*out = v;
	return OK;
}

enum err u256_parse_quantity(struct u256 *out, const char *text)
{
	const char *digits = text + 2;
	char padded[64];
	uint8_t be[32];
	size_t n;

	if (text[0] != '0' || text[1] != 'x')
		return ERR_SYNTAX;
	n = strspn(digits, "0123456789abcdef");
	if (n == 0 || digits[n] != '\0' || (digits[0] == '0' && n > 1))
		return ERR_SYNTAX;
	if (n > sizeof(padded))
		return ERR_RANGE;
	memset(padded, '0', sizeof(padded));
	memcpy(padded + sizeof(padded) - n, digits, n);
	if (hex_decode(be, sizeof(be), padded, sizeof(padded)) != OK)
		return ERR_BUG;
	*out = u256_from_be(be, sizeof(be));
	return OK;
}

const char *usdc_format(char text[USDC_TEXT_SIZE], const struct u256 *units)
{
	char digits[U256_TEXT_SIZE];
	size_t n = strlen(u256_format(digits, units));
	size_t whole = n > USDC_DECIMALS ? n - USDC_DECIMALS : 0;
	char *at = text;

	if (whole == 0)
		*at++ = '0';
	memcpy(at, digits, whole);
	at += whole;
	*at++ = '.';
	for (size_t i = n; i < USDC_DECIMALS; i++)
		*at++ = '0';
	memcpy(at, digits + whole, n - whole + 1);
	return text;
}

enum err usdc_parse(struct u256 *units, const char *text)
{
	size_t whole = count_digits(text);
	const char *fraction = text + whole;
	size_t n = 0; /* digits of the fraction */
	struct u256 v = {{0}};

	if (*fraction == '.') {
		n = count_digits(++fraction);
		if (n == 0)
			return ERR_SYNTAX;
	}
	if (whole == 0 || fraction[n] != '\0')
		return ERR_SYNTAX;
	for (size_t i = USDC_DECIMALS; i < n; i++)
		if (fraction[i] != '0')
			return ERR_RANGE;
	for (size_t i = 0; i < whole; i++)
		if (!push_digit(&v, text[i]))
			return ERR_RANGE;
	for (size_t i = 0; i < USDC_DECIMALS; i++)
		if (!push_digit(&v, i < n ? fraction[i] : '0'))
			return ERR_RANGE;
	*units = v;
	return OK;
}
