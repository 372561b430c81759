#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/u256.h"

static const char max_text[] = "1157920892373161954235709850086879078532699"
			       "84665640564039457584007913129639935";

/* Schoolbook arithmetic on decimal digits: what the limbs are held against.
 * digits = digits * factor + add; least significant digit first. */
static void digits_step(uint8_t digits[80], unsigned factor, unsigned add)
{
	for (size_t i = 0; i < 80; i++) {
		add += digits[i] * factor;
		digits[i] = (uint8_t)(add % 10);
		add /= 10;
	}
}

static void reference(char text[U256_TEXT_SIZE], const uint8_t be[32])
{
	uint8_t digits[80] = {0};
	size_t n = 80;

	for (size_t i = 0; i < 32; i++)
		digits_step(digits, 256, be[i]);
	while (n > 1 && digits[n - 1] == 0)
		n--;
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('0' + digits[n - 1 - i]);
	text[n] = '\0';
}

static void check_round_trip(const struct u256 *v)
{
	char text[U256_TEXT_SIZE], expected[U256_TEXT_SIZE];
	char usdc[USDC_TEXT_SIZE];
	struct u256 back = {{1, 2, 3, 4}};
	uint8_t be[32];

	u256_to_be(be, v);
	reference(expected, be);
	assert_string_equal(u256_format(text, v), expected);
	assert_int_equal(u256_parse(&back, text), OK);
	assert_int_equal(u256_cmp(&back, v), 0);
	back = u256_from_be(be, sizeof(be));
	assert_int_equal(u256_cmp(&back, v), 0);
	back = u256_from_u64(7);
	assert_int_equal(usdc_parse(&back, usdc_format(usdc, v)), OK);
	assert_int_equal(u256_cmp(&back, v), 0);
}

static struct u256 power_of_two(unsigned k)
{
	struct u256 v = {{0}};

	v.w[k / 64] = (uint64_t)1 << k % 64;
	return v;
}

static void powers_of_two(void **state)
{
	const struct u256 one = u256_from_u64(1);

	(void)state;
	for (unsigned k = 0; k < 256; k++) {
		struct u256 v = power_of_two(k);

		check_round_trip(&v);
		assert_true(u256_sub(&v, &v, &one));
		check_round_trip(&v);
	}
}

static void powers_of_ten(void **state)
{
	char text[U256_TEXT_SIZE], again[U256_TEXT_SIZE];
	struct u256 v;

	(void)state;
	for (size_t k = 0; k < 78; k++) {
		text[0] = '1';
		memset(text + 1, '0', k);
		text[k + 1] = '\0';
		assert_int_equal(u256_parse(&v, text), OK);
		assert_string_equal(u256_format(again, &v), text);
		check_round_trip(&v);
	}
}

static void random_values(void **state)
{
	const char *given = getenv("TEST_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 20261123;

	(void)state;
	print_message("seed %llu (set TEST_SEED to change it)\n",
		      (unsigned long long)seed);
	for (int i = 0; i < 20000; i++) {
		struct u256 v;

		for (int j = 0; j < 4; j++) { /* splitmix64 */
			uint64_t z = (seed += 0x9e3779b97f4a7c15u);

			z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
			z = (z ^ z >> 27) * 0x94d049bb133111ebu;
			v.w[j] = z ^ z >> 31;
		}
		for (int j = 3; j > i % 4; j--)
			v.w[j] = 0;
		check_round_trip(&v);
	}
}

static void edges(void **state)
{
	char text[U256_TEXT_SIZE];
	struct u256 v = {{9, 9, 9, 9}}, max;
	uint64_t small = 5;

	(void)state;
	assert_int_equal(u256_parse(&max, max_text), OK);
	for (int i = 0; i < 4; i++)
		assert_true(max.w[i] == UINT64_MAX);
	assert_string_equal(u256_format(text, &max), max_text);
	assert_int_equal(u256_parse(&v, "0"), OK);
	assert_true(u256_is_zero(&v));
	assert_string_equal(u256_format(text, &v), "0");
	assert_int_equal(u256_parse(&v, "000000000000000000000000000000000000"
					"00000000000000000000000000000000000"
					"00000000000000000000000000000042"),
			 OK);
	assert_true(u256_to_u64(&small, &v) && small == 42);
	assert_false(u256_to_u64(&small, &max));
	assert_int_equal(small, 42);
	v = power_of_two(64);
	assert_false(u256_to_u64(&small, &v));
	v = u256_from_u64(UINT64_MAX);
	assert_true(u256_to_u64(&small, &v) && small == UINT64_MAX);
}

static void refused_text(void **state)
{
	static const char *const malformed[] = {
	    "", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "\xd9\xa1"};
	struct u256 v = {{1, 2, 3, 4}};
	const struct u256 before = v;

	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++)
		assert_int_equal(u256_parse(&v, malformed[i]), ERR_SYNTAX);
	/* 2^256, and ten times as much */
	assert_int_equal(u256_parse(&v, "1157920892373161954235709850086879078"
					"53269984665640564039457584007913129639"
					"936"),
			 ERR_RANGE);
	assert_int_equal(u256_parse(&v, "1157920892373161954235709850086879078"
					"53269984665640564039457584007913129639"
					"9350"),
			 ERR_RANGE);
	assert_int_equal(u256_cmp(&v, &before), 0);
}

static void addition_is_checked(void **state)
{
	const struct u256 one = u256_from_u64(1), zero = u256_from_u64(0);
	struct u256 max, v = one;

	(void)state;
	assert_true(u256_parse(&max, max_text) == OK);
	assert_false(u256_add(&v, &max, &one));
	assert_false(u256_sub(&v, &zero, &one));
	assert_false(u256_sub(&v, &one, &max));
	assert_int_equal(u256_cmp(&v, &one), 0);
	assert_true(u256_add(&v, &max, &zero));
	assert_int_equal(u256_cmp(&v, &max), 0);
	for (unsigned k = 0; k < 256; k++) { /* the carry crosses limbs */
		struct u256 power = power_of_two(k), less;

		assert_true(u256_sub(&less, &power, &one));
		assert_true(u256_cmp(&less, &power) < 0);
		assert_true(u256_cmp(&power, &less) > 0);
		assert_true(u256_add(&less, &less, &one));
		assert_int_equal(u256_cmp(&less, &power), 0);
	}
	assert_true(u256_sub(&v, &max, &max));
	assert_true(u256_is_zero(&v));
	v = u256_from_u64(21);
	assert_true(u256_add(&v, &v, &v)); /* out may be an operand */
	assert_int_equal(v.w[0], 42);
}

static void big_endian(void **state)
{
	const uint8_t three[] = {1, 2, 3};
	uint8_t be[32], long_be[40];
	struct u256 v = u256_from_be(three, sizeof(three));

	(void)state;
	assert_true(v.w[0] == 0x010203 && v.w[1] == 0);
	v = u256_from_be(three, 0);
	assert_true(u256_is_zero(&v));
	for (size_t i = 0; i < sizeof(long_be); i++)
		long_be[i] = (uint8_t)i;
	v = u256_from_be(long_be + 8, 32);
	assert_true(v.w[3] == 0x08090a0b0c0d0e0f);
	assert_true(v.w[0] == 0x2021222324252627);
	u256_to_be(be, &v);
	assert_memory_equal(be, long_be + 8, 32);
}

static void quantities(void **state)
{
	static const char *const malformed[] = {
	    "", "0", "0x", "0x00", "0x01", "0X1", "1", "0xG", "0x1 ", "0xAB"};
	char text[68] = "0x";
	struct u256 v = {{0}};

	(void)state;
	assert_int_equal(u256_parse_quantity(&v, "0x0"), OK);
	assert_true(u256_is_zero(&v));
	assert_int_equal(u256_parse_quantity(&v, "0x10000000000000000"), OK);
	assert_true(v.w[1] == 1 && v.w[0] == 0);
	memset(text + 2, 'f', 64);
	assert_int_equal(u256_parse_quantity(&v, text), OK);
	for (int i = 0; i < 4; i++)
		assert_true(v.w[i] == UINT64_MAX);
	text[66] = 'f';
	assert_int_equal(u256_parse_quantity(&v, text), ERR_RANGE);
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++)
		assert_int_equal(u256_parse_quantity(&v, malformed[i]),
				 ERR_SYNTAX);
	assert_true(v.w[3] == UINT64_MAX);
}

static void usdc_text(void **state)
{
	static const struct {
		uint64_t units;
		const char *text;
	} cases[] = {
	    {0, "0.000000"},	     {1, "0.000001"},
	    {10, "0.000010"},	     {999999, "0.999999"},
	    {1000000, "1.000000"},   {1234567, "1.234567"},
	    {10000000, "10.000000"}, {UINT64_MAX, "18446744073709.551615"}};
	char text[USDC_TEXT_SIZE];
	struct u256 v;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		v = u256_from_u64(cases[i].units);
		assert_string_equal(usdc_format(text, &v), cases[i].text);
		v = u256_from_u64(3);
		assert_int_equal(usdc_parse(&v, cases[i].text), OK);
		assert_true(v.w[0] == cases[i].units && v.w[1] == 0);
	}
	assert_int_equal(u256_parse(&v, max_text), OK);
	assert_string_equal(usdc_format(text, &v),
			    "11579208923731619542357098500868790785326998466564"
			    "0564039457584007913129.639935");
}

static void usdc_input(void **state)
{
	static const char *const malformed[] = {
	    "", ".", "1.", ".5", "-1", "1,5", "1.5.5", "1.5 ", "NaN", "1e6"};
	struct u256 v;

	(void)state;
	assert_true(usdc_parse(&v, "1") == OK && v.w[0] == 1000000);
	assert_true(usdc_parse(&v, "1.5") == OK && v.w[0] == 1500000);
	assert_true(usdc_parse(&v, "007.10") == OK && v.w[0] == 7100000);
	assert_true(usdc_parse(&v, "1.2345670000") == OK && v.w[0] == 1234567);
	assert_int_equal(usdc_parse(&v, "1.2345671"), ERR_RANGE);
	assert_int_equal(usdc_parse(&v, "0.0000001"), ERR_RANGE);
	assert_int_equal(usdc_parse(&v, "1157920892373161954235709850086879078"
					"53269984665640564039457584007913129."
					"639936"),
			 ERR_RANGE);
	assert_int_equal(usdc_parse(&v, max_text), ERR_RANGE);
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++)
		assert_int_equal(usdc_parse(&v, malformed[i]), ERR_SYNTAX);
	assert_true(v.w[0] == 1234567);
}

static void test_times_and_by(void **state)
{
	const struct u256 all = {
	    {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
	struct u256 v = {{1, 2, 3, 4}}, out, back;
	uint64_t rest;

	(void)state;
	assert_true(u256_mul_u64(&out, &v, UINT64_C(1) << 61));
	back = u256_div_u64(&out, UINT64_C(1) << 61, &rest);
	assert_int_equal(u256_cmp(&back, &v), 0);
	assert_int_equal(rest, 0);
	assert_false(u256_mul_u64(&out, &all, 2));
	assert_false(u256_mul_u64(&out, &v, UINT64_C(1) << 62));

	out = u256_div_u64(&all, 10, &rest); /* 2^256 - 1 ends in 5 */
	assert_int_equal(rest, 5);
	assert_true(u256_mul_u64(&back, &out, 10));
	assert_true(u256_sub(&v, &all, &back));
	assert_true(u256_to_u64(&rest, &v));
	assert_int_equal(rest, 5);
	out = u256_div_u64(&all, 1, NULL);
	assert_int_equal(u256_cmp(&out, &all), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(powers_of_two),
	    cmocka_unit_test(powers_of_ten),
	    cmocka_unit_test(random_values),
	    cmocka_unit_test(edges),
	    cmocka_unit_test(refused_text),
	    cmocka_unit_test(addition_is_checked),
	    cmocka_unit_test(big_endian),
	    cmocka_unit_test(quantities),
	    cmocka_unit_test(usdc_text),
	    cmocka_unit_test(usdc_input),
	    cmocka_unit_test(test_times_and_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
