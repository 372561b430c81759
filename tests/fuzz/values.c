#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/seal.h"
#include "common/u256.h"
#include "common/uuid.h"
#include "tests/fuzz/fuzz.h"

/* Reads: one word, as each of the kinds of value that come as text.
 *
 * Holds: a value that is read, written again, is the word itself, in the case
 * and with the zeros of its one form; and a secret that is sealed opens, and
 * does not where its text was changed. */

static void check_address(const char *word)
{
	char text[ADDRESS_TEXT_SIZE], right[ADDRESS_TEXT_SIZE];
	struct fault fault = {0};
	struct address one, two;
	bool is_right, is_mixed;
	enum err err;

	if (address_parse(&one, word) != OK) {
		CHECK(address_accept(&two, word, true, &fault) == ERR_SYNTAX);
		check_fault(ERR_SYNTAX, &fault);
		CHECK(strlen(word) < 8 || !strstr(fault.text, word));
		return;
	}
	CHECK(strcasecmp(address_format(text, &one), word) == 0);
	CHECK(address_parse(&two, text) == OK && address_eq(&one, &two));
	address_checksum(right, &one);
	is_right = strcmp(word, right) == 0;
	is_mixed = strpbrk(word + 2, "abcdef") && strpbrk(word, "ABCDEF");
	err = address_accept(&two, word, false, &fault);
	CHECK((err == OK) == is_right);
	if (err != OK)
		check_fault(err, &fault);
	CHECK((address_accept(&two, word, true, NULL) == OK) ==
	      (is_right || !is_mixed));
}

static void check_hash(const char *word)
{
	char text[HASH_TEXT_SIZE];
	struct hash hash;

	if (hash_parse(&hash, word) == OK)
		CHECK(strcasecmp(hash_format(text, &hash), word) == 0);
}

static void check_uuid(const char *word)
{
	char text[UUID_TEXT_SIZE];
	struct uuid uuid;

	if (uuid_parse(&uuid, word) == OK)
		CHECK(strcasecmp(uuid_format(text, &uuid), word) == 0);
}

static const char *without_zeros(const char *digits)
{
	while (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
		digits++;
	return digits;
}

static void check_numbers(const char *word)
{
	enum err narrow_err, wide_err;
	char text[U256_TEXT_SIZE];
	struct u256 wide;
	uint64_t narrow;

	wide_err = u256_parse(&wide, word);
	narrow_err = decimal_parse_u64(&narrow, word);
	if (wide_err == OK)
		CHECK(strcmp(u256_format(text, &wide), without_zeros(word)) ==
		      0);
	CHECK((narrow_err == OK) ==
	      (wide_err == OK && u256_to_u64(&narrow, &wide)));
	if (narrow_err == OK)
		CHECK(wide.w[0] == narrow);
}

static void check_quantities(const char *word)
{
	enum err narrow_err, wide_err;
	struct u256 wide;
	uint64_t narrow;
	char text[32];

	wide_err = u256_parse_quantity(&wide, word);
	narrow_err = quantity_parse(&narrow, word);
	if (narrow_err == OK) {
		(void)snprintf(text, sizeof(text), "0x%llx",
			       (unsigned long long)narrow);
		CHECK(strcmp(text, word) == 0);
		CHECK(wide_err == OK && wide.w[0] == narrow);
	}
	CHECK((narrow_err == ERR_SYNTAX) == (wide_err == ERR_SYNTAX));
	CHECK(wide_err != ERR_RANGE || narrow_err == ERR_RANGE);
}

static void check_usdc(const char *word)
{
	char text[USDC_TEXT_SIZE];
	struct u256 units, again;
	size_t whole;

	if (usdc_parse(&units, word) != OK)
		return;
	usdc_format(text, &units);
	CHECK(usdc_parse(&again, text) == OK && u256_cmp(&units, &again) == 0);
	word = without_zeros(word);
	whole = strcspn(word, ".");
	CHECK(strncmp(text, word, whole) == 0 && text[whole] == '.');
	CHECK(strlen(text) == whole + 1 + USDC_DECIMALS);
}

/* Of one key, base64 and hex are the one form each; as OpenSSL writes it. */
static void check_key(const char *word)
{
	struct secret_key key;
	char base64[64], hex[65];

	if (secret_key_parse(&key, word) != OK)
		return;
	EVP_EncodeBlock((uint8_t *)base64, key.b, sizeof(key.b));
	hex_encode(hex, key.b, sizeof(key.b));
	CHECK(strcmp(base64, word) == 0 || strcasecmp(hex, word) == 0);
}

static void check_seal(const char *word)
{
	static const struct secret_key key = {{1, 2, 3}};
	static const struct seal_place place = {"workers.wallet", {{7}}};
	char text[SEAL_TEXT_SIZE], secret[SEAL_SECRET_SIZE];
	struct fault fault = {0};
	size_t len = strlen(word);
	enum err err = seal_open(secret, &key, &place, word, &fault);

	CHECK(err != OK); /* nobody guesses a tag */
	check_fault(err, &fault);
	CHECK(len < 8 || !strstr(fault.text, word));
	if (seal_close(text, &key, &place, word, NULL) != OK) {
		CHECK(len == 0 || len > SEAL_SECRET_MAX);
		return;
	}
	CHECK(seal_open(secret, &key, &place, text, NULL) == OK);
	CHECK(strcmp(secret, word) == 0);
	text[3 + len % 8] ^= 1;
	CHECK(seal_open(secret, &key, &place, text, NULL) != OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	char *word = input_text(&in, '\0', NULL);

	check_address(word);
	check_hash(word);
	check_uuid(word);
	check_numbers(word);
	check_quantities(word);
	check_usdc(word);
	check_key(word);
	check_seal(word);
	free(word);
	return 0;
}
