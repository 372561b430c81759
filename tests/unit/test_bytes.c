#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/bytes.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void hex(void **state)
{
	const uint8_t bytes[] = {0x00, 0x0f, 0xf0, 0xab, 0xff};
	uint8_t back[5] = {0};
	char text[11];

	(void)state;
	hex_encode(text, bytes, sizeof(bytes));
	assert_string_equal(text, "000ff0abff");
	hex_encode(text, bytes, 0);
	assert_string_equal(text, "");
	assert_int_equal(hex_decode(back, 5, "000fF0aBfF", 10), OK);
	assert_memory_equal(back, bytes, 5);
	assert_int_equal(hex_decode(back, 0, "", 0), OK);
}

static void hex_refused(void **state)
{
	static const char *const malformed[] = {
	    "0", "0g", "0x", " 0", "0:", "0/", "0@", "0`", "0G", "-1"};
	uint8_t out[2] = {7, 7};

	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++)
		assert_int_equal(
		    hex_decode(out, 1, malformed[i], strlen(malformed[i])),
		    ERR_SYNTAX);
	assert_int_equal(hex_decode(out, 1, "0000", 4), ERR_SYNTAX);
	assert_int_equal(hex_decode(out, 2, "00", 2), ERR_SYNTAX);
	assert_int_equal(hex_decode(out, 2, "000x", 4), ERR_SYNTAX);
	/* Every byte, at both places, is a digit or none. */
	for (int c = 0; c < 256; c++) {
		const char pair[] = {(char)c, '0', (char)c};
		bool is_digit = c && strchr("0123456789abcdefABCDEF", c);
		enum err want = is_digit ? OK : ERR_SYNTAX;

		assert_int_equal(hex_decode(out, 1, pair, 2), want);
		assert_int_equal(hex_decode(out, 1, pair + 1, 2), want);
	}
}

static void hashes(void **state)
{
	static const char lower[] = "0xc5d2460186f7233c927e7db2dcc703c0e500b65"
				    "3ca82273b7bfad8045d85a470";
	static const char upper[] = "0xC5D2460186F7233C927E7DB2DCC703C0E500B65"
				    "3CA82273B7BFAD8045D85A470";
	struct hash h, other;
	char text[HASH_TEXT_SIZE];

	(void)state;
	assert_int_equal(hash_parse(&h, lower), OK);
	assert_int_equal(h.b[0], 0xc5);
	assert_int_equal(h.b[31], 0x70);
	assert_string_equal(hash_format(text, &h), lower);
	assert_int_equal(hash_parse(&other, upper), OK);
	assert_true(hash_eq(&h, &other));
	other.b[31]++;
	assert_false(hash_eq(&h, &other));
	assert_true(hash_cmp(&h, &other) < 0 && hash_cmp(&other, &h) > 0);
	h = other;
	assert_int_equal(hash_parse(&h, ""), ERR_SYNTAX);
	assert_int_equal(hash_parse(&h, "0"), ERR_SYNTAX);
	assert_int_equal(hash_parse(&h, "0x"), ERR_SYNTAX);
	assert_int_equal(hash_parse(&h, lower + 2), ERR_SYNTAX);
	strcpy(text, lower);
	text[1] = 'X';
	assert_int_equal(hash_parse(&h, text), ERR_SYNTAX);
	text[1] = 'x';
	text[65] = '\0';
	assert_int_equal(hash_parse(&h, text), ERR_SYNTAX);
	assert_true(hash_eq(&h, &other));
}

static void quantities(void **state)
{
	static const struct {
		const char *text;
		enum err err;
		uint64_t value;
	} cases[] = {
	    {"0x0", OK, 0},
	    {"0x1", OK, 1},
	    {"0x400", OK, 1024},
	    {"0xabcdef", OK, 0xabcdef},
	    {"0xffffffffffffffff", OK, UINT64_MAX},
	    {"0x10000000000000000", ERR_RANGE, 0},
	    {"0x1000000000000000000000000000000000", ERR_RANGE, 0},
	    {"0x1000000000000000000000000000000000g", ERR_SYNTAX, 0},
	    {"", ERR_SYNTAX, 0},
	    {"0", ERR_SYNTAX, 0},
	    {"0x", ERR_SYNTAX, 0},
	    {"0x00", ERR_SYNTAX, 0},
	    {"0x0400", ERR_SYNTAX, 0},
	    {"ff", ERR_SYNTAX, 0},
	    {"0xA", ERR_SYNTAX, 0},
	    {"0X1", ERR_SYNTAX, 0},
	    {"0x1 ", ERR_SYNTAX, 0},
	    {"0x-1", ERR_SYNTAX, 0},
	    {"latest", ERR_SYNTAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t v = 77;

		assert_int_equal(quantity_parse(&v, cases[i].text),
				 cases[i].err);
		assert_true(v == (cases[i].err == OK ? cases[i].value : 77));
	}
}

static void decimals(void **state)
{
	static const struct {
		const char *text;
		enum err err;
		uint64_t value;
	} cases[] = {
	    {"0", OK, 0},
	    {"007", OK, 7},
	    {"18446744073709551615", OK, UINT64_MAX},
	    {"18446744073709551616", ERR_RANGE, 0},
	    {"18446744073709551620", ERR_RANGE, 0},
	    {"99999999999999999999999", ERR_RANGE, 0},
	    {"", ERR_SYNTAX, 0},
	    {"-1", ERR_SYNTAX, 0},
	    {"+1", ERR_SYNTAX, 0},
	    {" 1", ERR_SYNTAX, 0},
	    {"1 ", ERR_SYNTAX, 0},
	    {"1.0", ERR_SYNTAX, 0},
	    {"0x10", ERR_SYNTAX, 0},
	    {"99999999999999999999999x", ERR_SYNTAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t v = 77;

		assert_int_equal(decimal_parse_u64(&v, cases[i].text),
				 cases[i].err);
		assert_true(v == (cases[i].err == OK ? cases[i].value : 77));
	}
}

static void errors_have_texts(void **state)
{
	struct fault fault = {0};
	char longer[600];

	(void)state;
	assert_string_equal(err_text(OK), "ok");
	assert_string_equal(err_text(ERR_NOMEM), "out of memory");
	assert_string_equal(err_text((enum err)12345), "unknown error");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(fault_set(&fault, ERR_IO, "%s", longer), ERR_IO);
	assert_int_equal(strlen(fault.text), sizeof(fault.text) - 1);
	assert_int_equal(fault.code, ERR_IO);
	assert_int_equal(fault_set(NULL, ERR_BUG, "nobody asks"), ERR_BUG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hex),	cmocka_unit_test(hex_refused),
	    cmocka_unit_test(hashes),	cmocka_unit_test(quantities),
	    cmocka_unit_test(decimals), cmocka_unit_test(errors_have_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
