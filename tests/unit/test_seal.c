#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <nettle/base64.h>
#include <nettle/gcm.h>

#include "common/seal.h"

/* 00 01 02 ... 1f */
#define KEY_BASE64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define ROW "01890a5d-ac96-774b-bcce-b302099a8057"

struct kit {
	struct secret_key key;
	struct seal_place place;
};

static struct kit kit(void)
{
	struct kit kit = {.place.column = "workers.wallet_id"};

	assert_int_equal(secret_key_parse(&kit.key, KEY_BASE64), OK);
	assert_int_equal(uuid_parse(&kit.place.row, ROW), OK);
	return kit;
}

static void close_it(char text[SEAL_TEXT_SIZE], const struct kit *kit,
		     const char *secret)
{
	struct fault fault = {0};

	assert_int_equal(
	    seal_close(text, &kit->key, &kit->place, secret, &fault), OK);
}

static enum err open_it(const struct kit *kit, const char *text)
{
	char secret[SEAL_SECRET_SIZE] = "untouched";
	struct fault fault = {0};
	enum err err = seal_open(secret, &kit->key, &kit->place, text, &fault);

	if (err != OK) {
		assert_string_equal(secret, "untouched");
		assert_non_null(strstr(fault.text, kit->place.column));
		assert_true(*text == '\0' || !strstr(fault.text, text));
	}
	return err;
}

/* Made by node:crypto of "a Circle wallet", with the nonce 00 01 02 ... 0b. */
#define KNOWN "v1:AAECAwQFBgcICQoLJiKVcreGrn6tNvbn3YwM1BXTT71BTBDYHuKmLQitRg=="

static void a_known_answer(void **state)
{
	struct kit k = kit();
	char secret[SEAL_SECRET_SIZE];
	struct fault fault = {0};

	(void)state;
	assert_int_equal(seal_open(secret, &k.key, &k.place, KNOWN, &fault),
			 OK);
	assert_string_equal(secret, "a Circle wallet");
}

/* The sealed text taken apart by another library: Nettle. */
static void opened_by_nettle(const struct kit *k, const char *text,
			     const char *secret)
{
	uint8_t sealed[SEAL_TEXT_SIZE], plain[SEAL_SECRET_MAX], tag[16];
	struct base64_decode_ctx base64;
	struct gcm_aes256_ctx gcm;
	size_t n = sizeof(sealed), len = strlen(secret);
	static const char aad[] = "workers.wallet_id:" ROW;

	assert_memory_equal(text, "v1:", 3);
	base64_decode_init(&base64);
	assert_true(base64_decode_update(&base64, &n, sealed, strlen(text + 3),
					 text + 3));
	assert_true(base64_decode_final(&base64));
	assert_int_equal(n, 12 + len + 16);
	gcm_aes256_set_key(&gcm, k->key.b);
	gcm_aes256_set_iv(&gcm, 12, sealed);
	gcm_aes256_update(&gcm, strlen(aad), (const uint8_t *)aad);
	gcm_aes256_decrypt(&gcm, len, plain, sealed + 12);
	gcm_aes256_digest(&gcm, sizeof(tag), tag);
	assert_memory_equal(plain, secret, len);
	assert_memory_equal(tag, sealed + 12 + len, 16);
}

static void every_length(void **state)
{
	char secret[SEAL_SECRET_SIZE] = "", opened[SEAL_SECRET_SIZE];
	char text[SEAL_TEXT_SIZE];
	struct kit k = kit();
	struct fault fault = {0};

	(void)state;
	for (size_t len = 1; len <= SEAL_SECRET_MAX; len++) {
		memset(secret, 'a' + (int)(len % 26), len);
		close_it(text, &k, secret);
		opened_by_nettle(&k, text, secret);
		assert_int_equal(
		    seal_open(opened, &k.key, &k.place, text, &fault), OK);
		assert_string_equal(opened, secret);
	}
	assert_int_equal(strlen(text), SEAL_TEXT_SIZE - 1);
}

static void what_is_not_sealed(void **state)
{
	char longer[SEAL_SECRET_SIZE + 1], text[SEAL_TEXT_SIZE] = "untouched";
	struct kit k = kit();
	struct fault fault = {0};

	(void)state;
	memset(longer, 'x', SEAL_SECRET_SIZE);
	longer[SEAL_SECRET_SIZE] = '\0';
	assert_int_equal(seal_close(text, &k.key, &k.place, longer, &fault),
			 ERR_USAGE);
	assert_null(strstr(fault.text, "xxx"));
	assert_int_equal(seal_close(text, &k.key, &k.place, "", &fault),
			 ERR_USAGE);
	assert_string_equal(text, "untouched");
}

/* Two of the same secret tell nobody that they are. */
static void never_the_same_text(void **state)
{
	char one[SEAL_TEXT_SIZE], other[SEAL_TEXT_SIZE];
	struct kit k = kit();

	(void)state;
	close_it(one, &k, "secret");
	close_it(other, &k, "secret");
	assert_string_not_equal(one, other);
	assert_memory_not_equal(one + 3, other + 3, 16); /* the nonce */
}

static void every_bit_counts(void **state)
{
	char text[SEAL_TEXT_SIZE];
	struct kit k = kit();
	size_t len;

	(void)state;
	close_it(text, &k, "a Circle wallet id");
	len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ 1 << bit);
			assert_int_not_equal(open_it(&k, text), OK);
			text[i] = (char)(text[i] ^ 1 << bit);
		}
	}
	assert_int_equal(open_it(&k, text), OK);
	while (len-- > 0) {
		text[len] = '\0';
		assert_int_not_equal(open_it(&k, text), OK);
	}
}

static void only_there_and_with_its_key(void **state)
{
	char text[SEAL_TEXT_SIZE];
	struct kit k = kit(), other = kit();

	(void)state;
	close_it(text, &k, "secret");
	other.key.b[31] ^= 1;
	assert_int_equal(open_it(&other, text), ERR_CONFLICT);
	other = kit();
	other.place.row.b[15] ^= 1;
	assert_int_equal(open_it(&other, text), ERR_CONFLICT);
	other = kit();
	other.place.column = "platforms.webhook_secret";
	assert_int_equal(open_it(&other, text), ERR_CONFLICT);
	other = kit();
	assert_int_equal(open_it(&other, text), OK);
}

static void texts_that_are_none(void **state)
{
	static const char *const texts[] = {
	    "",
	    "secret",
	    "v1:",
	    "v1:AAAA",
	    " " KNOWN,
	    KNOWN "\n",
	    KNOWN "====",
	    "v1:\xc3\xa4\xc3\xa4",
	    "v1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
	    "v2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
	    "v1:AAECAwQFBgcICQoLAAECAwQFBgcICQoLDA0ODw==", /* no secret */
	};
	char longer[2 * SEAL_TEXT_SIZE] = "v1:";
	struct kit k = kit();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(open_it(&k, texts[i]), ERR_SYNTAX);
	for (size_t len = 3; len + 4 < sizeof(longer); len += 4) {
		memcpy(longer + len, "AAAA", 5);
		assert_int_not_equal(open_it(&k, longer), OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_known_answer),
	    cmocka_unit_test(every_length),
	    cmocka_unit_test(what_is_not_sealed),
	    cmocka_unit_test(never_the_same_text),
	    cmocka_unit_test(every_bit_counts),
	    cmocka_unit_test(only_there_and_with_its_key),
	    cmocka_unit_test(texts_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
