#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "common/keccak.h"

/* n times the letter a; computed by a second implementation, which was held
 * against hashlib's SHA-3. The lengths stand around the rate of 136 bytes. */
static const struct {
	size_t n;
	const char *hash;
} letters[] = {
    {0, "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
    {1, "0x3ac225168df54212a25c1c01fd35bebfea408fdac2e31ddd6f80a4bbf9a5f1cb"},
    {135, "0x34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446"},
    {136, "0xa6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e"},
    {137, "0xd869f639c7046b4929fc92a4d988a8b22c55fbadb802c0c66ebcd484f1915f39"},
    {271, "0x132f47effd6c8b1b299efa53fe68aece77ec8ae4eb2e294f668eec94f76001e1"},
    {272, "0xcf7fcd4f705ee749930d19ca84561a9bf62516bd90a471545fa2f49fdc7e63c8"},
    {273, "0x5a7b8187d2778e614097fac3097573de1fee4d972304d3360796a857029bb176"},
    {1000,
     "0xb6a4ac1f51884d71f30fa397a5e155de3099e11fc0edef5d08b646e621e19de9"},
};

static void around_the_rate(void **state)
{
	uint8_t data[1000];
	char text[HASH_TEXT_SIZE];

	(void)state;
	memset(data, 'a', sizeof(data));
	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++) {
		struct hash h = keccak256(data, letters[i].n);

		assert_string_equal(hash_format(text, &h), letters[i].hash);
	}
}

static void nothing_at_all(void **state)
{
	struct hash h = keccak256(NULL, 0);
	char text[HASH_TEXT_SIZE];

	(void)state;
	assert_string_equal(hash_format(text, &h), letters[0].hash);
}

/* topic 0 of Transfer, known to every explorer. */
static void transfer_topic(void **state)
{
	static const char signature[] = "Transfer(address,address,uint256)";
	struct hash h = keccak256(signature, strlen(signature));
	char text[HASH_TEXT_SIZE];

	(void)state;
	assert_string_equal(hash_format(text, &h),
			    "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a116"
			    "28f55a4df523b3ef");
}

static void check_one(const json_t *one)
{
	const char *data = json_string_value(json_object_get(one, "data"));
	const char *hash = json_string_value(json_object_get(one, "keccak256"));
	char text[HASH_TEXT_SIZE];
	struct hash h;
	uint8_t *bytes;
	size_t len;

	assert_non_null(data);
	assert_non_null(hash);
	len = strlen(data + 2) / 2;
	bytes = malloc(len + 1);
	assert_non_null(bytes);
	assert_int_equal(hex_decode(bytes, len, data + 2, strlen(data + 2)),
			 OK);
	h = keccak256(bytes, len);
	free(bytes);
	assert_string_equal(hash_format(text, &h), hash);
}

static void ethers_hashes(void **state)
{
	json_t *all =
	    json_load_file(CORPORA "/eip55/ethers-hashes.json", 0, NULL);
	json_t *one;
	size_t i;

	(void)state;
	if (!all) {
		print_message("skipped: no eip55 corpus\n");
		skip();
	}
	assert_true(json_array_size(all) > 500);
	json_array_foreach(all, i, one)
	{
		check_one(one);
	}
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(around_the_rate),
	    cmocka_unit_test(nothing_at_all),
	    cmocka_unit_test(transfer_topic),
	    cmocka_unit_test(ethers_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
