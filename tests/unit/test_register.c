#include "daemon/command/wallet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "common/sha256.h"

#define WALLET "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed" /* EIP-55 */
#define TOKEN "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
#define CONTRACT "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"
#define FEES "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"
#define ZERO "0x0000000000000000000000000000000000000000"

static struct address address_of(const char *text)
{
	struct address address;

	assert_int_equal(address_parse(&address, text), OK);
	return address;
}

static enum err accept(const char *text, bool unchecksummed,
		       struct fault *fault)
{
	struct config_contract contract = {.address = address_of(CONTRACT)};
	struct address fees = address_of(FEES), out;
	struct config config = {
	    .contracts = {.usdc = address_of(TOKEN),
			  .items = &contract,
			  .n = 1},
	    .fee_wallets = &fees,
	    .n_fee_wallets = 1,
	    .accept_unchecksummed = unchecksummed,
	};
	enum err err;

	memset(fault, 0, sizeof(*fault));
	err = wallet_accept(&out, text, &config, fault);
	assert_int_equal(err, fault->code);
	if (err == OK)
		assert_false(address_is_zero(&out));
	return err;
}

static void test_wallets(void **state)
{
	static const char lower[] =
	    "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
	static const char *const roles[] = {TOKEN, CONTRACT, FEES, ZERO};
	static const char *const words[] = {"token", "streaming contract",
					    "fee wallet", "zero address"};
	struct fault fault;

	(void)state;
	assert_int_equal(accept(WALLET, false, &fault), OK);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(accept(roles[i], false, &fault), ERR_CONFLICT);
		assert_non_null(strstr(fault.text, words[i]));
	}
	assert_int_equal(accept(lower, false, &fault), ERR_USAGE);
	assert_non_null(strstr(fault.text, WALLET));
	assert_int_equal(accept(lower, true, &fault), OK);
	assert_int_equal(
	    accept("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed", true, &fault),
	    ERR_USAGE);
	assert_non_null(strstr(fault.text, WALLET));
	assert_int_equal(accept("0x5aAeb6", true, &fault), ERR_USAGE);
}

static void test_sha256(void **state)
{
	/* FIPS 180-4 example: "abc". */
	static const char abc[] = "0xba7816bf8f01cfea414140de5dae2223"
				  "b00361a396177a9cb410ff61f20015ad";
	struct hash digest = sha256("abc", 3);
	char text[HASH_TEXT_SIZE];

	(void)state;
	assert_string_equal(hash_format(text, &digest), abc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wallets),
	    cmocka_unit_test(test_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
