#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "common/address.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* EIP-55, "Test Cases". */
static const char *const standard[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", /* all caps */
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", /* all lower */
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
};

/* No letter, no checksum: right as they stand. */
static const char *const digits_only[] = {
    "0x0000000000000000000000000000000000000000",
    "0x3600000000000000000000000000000000000000",
    "0x1234567890123456789012345678901234567890",
};

static void to_case(char out[ADDRESS_TEXT_SIZE], const char *text, bool upper)
{
	strcpy(out, text);
	for (char *p = out + 2; *p; p++) {
		if (upper && *p >= 'a')
			*p = (char)(*p - 'a' + 'A');
		else if (!upper && *p >= 'A' && *p <= 'F')
			*p = (char)(*p - 'A' + 'a');
	}
}

static void check_right_form(const char *right)
{
	char text[ADDRESS_TEXT_SIZE], lower[ADDRESS_TEXT_SIZE];
	struct fault fault = {0};
	struct address a;

	assert_int_equal(address_accept(&a, right, false, &fault), OK);
	assert_int_equal(address_accept(&a, right, true, &fault), OK);
	assert_string_equal(address_checksum(text, &a), right);
	to_case(lower, right, false);
	assert_string_equal(address_format(text, &a), lower);
	assert_string_equal(fault.text, "");
}

static void right_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(standard); i++)
		check_right_form(standard[i]);
	for (size_t i = 0; i < COUNT(digits_only); i++)
		check_right_form(digits_only[i]);
}

/* Each letter of each address in the other case: refused, whatever is set. */
static void one_wrong_case(void **state)
{
	unsigned tried = 0;

	(void)state;
	for (size_t i = 4; i < COUNT(standard); i++) {
		for (size_t at = 2; at < 42; at++) {
			char wrong[ADDRESS_TEXT_SIZE];
			struct fault fault = {0};
			struct address a = {{1}};

			strcpy(wrong, standard[i]);
			if (wrong[at] <= '9')
				continue;
			wrong[at] ^= 0x20;
			assert_int_equal(
			    address_accept(&a, wrong, true, &fault),
			    ERR_SYNTAX);
			assert_int_equal(
			    address_accept(&a, wrong, false, &fault),
			    ERR_SYNTAX);
			assert_non_null(strstr(fault.text, standard[i]));
			assert_int_equal(a.b[0], 1);
			tried++;
		}
	}
	assert_true(tried > 50);
}

static void check_single_case(const char *text, const char *right)
{
	struct fault fault = {0};
	struct address a = {{1}}, b;

	assert_int_equal(address_accept(&a, text, false, &fault), ERR_SYNTAX);
	assert_non_null(strstr(fault.text, right));
	assert_non_null(strstr(fault.text, "accept_unchecksummed"));
	assert_int_equal(a.b[0], 1);
	assert_int_equal(address_accept(&a, text, true, NULL), OK);
	assert_int_equal(address_parse(&b, right), OK);
	assert_true(address_eq(&a, &b));
}

static void single_case(void **state)
{
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	for (size_t i = 4; i < COUNT(standard); i++) {
		to_case(text, standard[i], false);
		check_single_case(text, standard[i]);
		to_case(text, standard[i], true);
		check_single_case(text, standard[i]);
	}
	/* the standard's single-case examples, in the other case */
	to_case(text, standard[0], false);
	check_single_case(text, standard[0]);
	to_case(text, standard[2], true);
	check_single_case(text, standard[2]);
}

static void no_addresses(void **state)
{
	static const char *const malformed[] = {
	    "",
	    "0",
	    "0x",
	    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
	    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0",
	    "0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
	    "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
	    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
	    " 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
	    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe\n"};
	struct address a = {{1}};

	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++) {
		struct fault fault = {0};

		assert_int_equal(address_parse(&a, malformed[i]), ERR_SYNTAX);
		assert_int_equal(address_accept(&a, malformed[i], true, &fault),
				 ERR_SYNTAX);
		assert_non_null(strstr(fault.text, "40 hex digits"));
	}
	assert_int_equal(a.b[0], 1);
}

/* Somebody pastes a private key where an address belongs. */
static void a_key_is_not_repeated(void **state)
{
	static const char key[] = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478"
				  "cbed5efcae784d7bf4f2ff80";
	struct fault fault = {0};
	struct address a;

	(void)state;
	assert_int_equal(address_accept(&a, key, true, &fault), ERR_SYNTAX);
	assert_null(strstr(fault.text, "ac0974"));
	assert_non_null(strstr(fault.text, "66 characters"));
}

static void order_and_zero(void **state)
{
	struct address a, b;

	(void)state;
	assert_int_equal(address_parse(&a, digits_only[0]), OK);
	assert_true(address_is_zero(&a));
	assert_int_equal(address_parse(&b, digits_only[1]), OK);
	assert_false(address_is_zero(&b));
	assert_true(address_cmp(&a, &b) < 0 && address_cmp(&b, &a) > 0);
	assert_false(address_eq(&a, &b));
	a.b[19] = 1;
	assert_false(address_is_zero(&a));
}

static void ethers_accounts(void **state)
{
	json_t *all =
	    json_load_file(CORPORA "/eip55/ethers-accounts.json", 0, NULL);
	json_t *one;
	size_t i;

	(void)state;
	if (!all) {
		print_message("skipped: no eip55 corpus\n");
		skip();
	}
	assert_true(json_array_size(all) > 1000);
	json_array_foreach(all, i, one)
	{
		const char *right =
		    json_string_value(json_object_get(one, "checksumAddress"));
		const char *given =
		    json_string_value(json_object_get(one, "address"));
		struct address a, b;

		assert_non_null(right);
		assert_non_null(given);
		check_right_form(right);
		assert_int_equal(address_parse(&a, right), OK);
		assert_int_equal(address_parse(&b, given), OK);
		assert_true(address_eq(&a, &b));
	}
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(right_forms),
	    cmocka_unit_test(one_wrong_case),
	    cmocka_unit_test(single_case),
	    cmocka_unit_test(no_addresses),
	    cmocka_unit_test(a_key_is_not_repeated),
	    cmocka_unit_test(order_and_zero),
	    cmocka_unit_test(ethers_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
