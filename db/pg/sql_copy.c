#include "db/pg/sql_copy.h"

#include <string.h>

/* 2000-01-01, where PostgreSQL's timestamps begin, in Unix seconds. */
#define EPOCH INT64_C(946684800)
#define TIME_MOST INT64_C(9224318015999) /* of what a timestamptz holds */
#define NUMERIC_BASE 10000 /* of numeric's digits (numeric.c, NBASE) */
#define NUMERIC_DIGITS 22  /* of 78 decimal digits, wherever the point is */

static void put_be(struct buf *out, uint64_t v, size_t len)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(v >> 8 * (len - 1 - i));
	buf_add(out, bytes, len);
}

static void fail(struct copy_rows *rows)
{
	if (rows->data.err == OK)
		rows->data.err = ERR_BUG;
}

/* The type of the next value, which begins a row where it is the first. */
static enum copy_type next(struct copy_rows *rows)
{
	size_t n = strlen(rows->types);
	enum copy_type type = (enum copy_type)rows->types[rows->column];

	if (rows->column == 0)
		put_be(&rows->data, n, 2);
	rows->column = (rows->column + 1) % n;
	return type;
}

static void put_field(struct copy_rows *rows, const void *data, size_t len)
{
	put_be(&rows->data, len, 4);
	buf_add(&rows->data, data, len);
}

static void put_integer(struct copy_rows *rows, uint64_t v, size_t len)
{
	put_be(&rows->data, len, 4);
	put_be(&rows->data, v, len);
}

void copy_begin(struct copy_rows *rows, const char *types, size_t cap)
{
	rows->types = types;
	rows->column = 0;
	buf_init(&rows->data, cap);
	buf_add(&rows->data, "PGCOPY\n\377\r\n\0", 11);
	put_be(&rows->data, 0, 4); /* flags */
	put_be(&rows->data, 0, 4); /* length of the header's extension */
}

enum err copy_end(struct copy_rows *rows)
{
	if (rows->column != 0)
		fail(rows);
	put_be(&rows->data, UINT16_MAX, 2);
	return rows->data.err;
}

void copy_null(struct copy_rows *rows)
{
	(void)next(rows);
	put_be(&rows->data, UINT32_MAX, 4);
}

/* digits: n of the base, the most significant first, `fraction` of them behind
 * the point; scale: decimal digits behind it. */
static void put_numeric(struct copy_rows *rows, const uint16_t *digits,
			size_t n, size_t fraction, unsigned scale)
{
	int weight;

	while (n > 0 && *digits == 0) {
		digits++;
		n--;
	}
	weight = (int)n - (int)fraction - 1;
	put_be(&rows->data, 8 + 2 * n, 4);
	put_be(&rows->data, n, 2);
	put_be(&rows->data, (uint16_t)weight, 2);
	put_be(&rows->data, 0, 2); /* positive */
	put_be(&rows->data, scale, 2);
	for (size_t i = 0; i < n; i++)
		put_be(&rows->data, digits[i], 2);
}

/* Writes the digits of v so that they end before digits[end]; returns where
 * they begin. */
static size_t digits_of(uint16_t *digits, size_t end, struct u256 v)
{
	uint64_t low, rest;

	while (!u256_to_u64(&low, &v)) {
		v = u256_div_u64(&v, NUMERIC_BASE, &rest);
		digits[--end] = (uint16_t)rest;
	}
	for (; low > 0; low /= NUMERIC_BASE)
		digits[--end] = (uint16_t)(low % NUMERIC_BASE);
	return end;
}

void copy_u256(struct copy_rows *rows, const struct u256 *v)
{
	uint16_t digits[NUMERIC_DIGITS];
	size_t first;

	if (next(rows) != COPY_NUMERIC) {
		fail(rows);
		return;
	}
	first = digits_of(digits, NUMERIC_DIGITS, *v);
	put_numeric(rows, digits + first, NUMERIC_DIGITS - first, 0, 0);
}

void copy_usdc(struct copy_rows *rows, const struct u256 *units)
{
	uint16_t digits[NUMERIC_DIGITS];
	struct u256 whole;
	uint64_t rest;
	size_t first;

	if (next(rows) != COPY_NUMERIC) {
		fail(rows);
		return;
	}
	whole = u256_div_u64(units, 1000000, &rest);
	/* Six decimals are a digit of four and half of another. */
	digits[NUMERIC_DIGITS - 2] = (uint16_t)(rest / 100);
	digits[NUMERIC_DIGITS - 1] = (uint16_t)(rest % 100 * 100);
	first = digits_of(digits, NUMERIC_DIGITS - 2, whole);
	put_numeric(rows, digits + first, NUMERIC_DIGITS - first, 2,
		    USDC_DECIMALS);
}

/* As chain.to_time() has it. */
static void put_time(struct copy_rows *rows, int64_t seconds)
{
	if (seconds > TIME_MOST)
		seconds = TIME_MOST;
	if (seconds > 0)
		put_integer(rows, (uint64_t)((seconds - EPOCH) * 1000000), 8);
	else
		put_be(&rows->data, UINT32_MAX, 4);
}

void copy_i64(struct copy_rows *rows, int64_t v)
{
	switch (next(rows)) {
	case COPY_BIGINT:
		put_integer(rows, (uint64_t)v, 8);
		return;
	case COPY_TIMESTAMPTZ:
		put_time(rows, v);
		return;
	case COPY_INTEGER:
		if (v < INT32_MIN || v > INT32_MAX)
			break;
		put_integer(rows, (uint64_t)v, 4);
		return;
	case COPY_SMALLINT:
		if (v < INT16_MIN || v > INT16_MAX)
			break;
		put_integer(rows, (uint64_t)v, 2);
		return;
	default:
		break;
	}
	fail(rows);
}

void copy_u64(struct copy_rows *rows, uint64_t v)
{
	const struct u256 wide = u256_from_u64(v);

	if (rows->types[rows->column] == COPY_NUMERIC)
		copy_u256(rows, &wide);
	else if (v > INT64_MAX)
		fail(rows);
	else
		copy_i64(rows, (int64_t)v);
}

void copy_bool(struct copy_rows *rows, bool v)
{
	if (next(rows) != COPY_BOOLEAN)
		fail(rows);
	put_integer(rows, v, 1);
}

void copy_uuid(struct copy_rows *rows, const struct uuid *id)
{
	if (next(rows) != COPY_UUID)
		fail(rows);
	put_field(rows, id->b, sizeof(id->b));
}

void copy_text(struct copy_rows *rows, const char *text)
{
	size_t len = strlen(text);

	switch (next(rows)) {
	case COPY_TEXT:
		put_field(rows, text, len);
		return;
	case COPY_JSONB: /* behind its version */
		put_be(&rows->data, len + 1, 4);
		buf_putc(&rows->data, 1);
		buf_add(&rows->data, text, len);
		return;
	default:
		fail(rows);
	}
}

void copy_bytes(struct copy_rows *rows, const void *data, size_t len)
{
	if (next(rows) != COPY_BYTEA)
		fail(rows);
	put_field(rows, data, len);
}
