#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/password.h"
#include "common/sha256.h"
#include "common/token.h"
#include "daemon/command/api_key.h"
#include "tests/unit/lib_jws.h"

static struct bytes text(const char *password)
{
	return (struct bytes){(const uint8_t *)password, strlen(password)};
}

static void hashing_and_verification(void **state)
{
	char hash[PASSWORD_HASH_SIZE];
	struct fault fault = {0};
	char longest[PASSWORD_MAX + 1];

	(void)state;
	assert_int_equal(password_hash(hash, text("correct horse"), &fault),
			 OK);
	assert_int_equal(strlen(hash), 60);
	assert_memory_equal(hash, "$2b$10$", 7);
	assert_true(password_verify(hash, text("correct horse")));
	assert_false(password_verify(hash, text("correct horsf")));
	assert_false(password_verify(hash, text("correct hors")));
	assert_false(password_verify(hash, text("")));
	hash[59] = hash[59] == '.' ? '/' : '.';
	assert_false(password_verify(hash, text("correct horse")));

	memset(longest, 'x', PASSWORD_MAX);
	longest[PASSWORD_MAX] = '\0';
	assert_int_equal(password_hash(hash, text(longest), &fault), OK);
	assert_true(password_verify(hash, text(longest)));
	longest[PASSWORD_MAX - 1] = 'y';
	assert_false(password_verify(hash, text(longest)));
}

static void refused(struct bytes password, const char *words)
{
	char hash[PASSWORD_HASH_SIZE] = "untouched";
	struct fault fault = {0};

	assert_int_equal(password_hash(hash, password, &fault), ERR_USAGE);
	assert_string_equal(hash, "untouched");
	if (!strstr(fault.text, words))
		fail_msg("%s", fault.text);
	assert_null(strstr(fault.text, "hunter2"));
}

/* bcrypt would ignore a part of them, without a word. */
static void what_bcrypt_cannot_hash(void **state)
{
	static const char nul[] = "hunter2\0hunter3";
	char hash[PASSWORD_HASH_SIZE], longer[PASSWORD_MAX + 2];
	struct fault fault = {0};

	(void)state;
	refused(text(""), "empty");
	refused((struct bytes){(const uint8_t *)nul, sizeof(nul) - 1}, "NUL");
	memset(longer, 'x', PASSWORD_MAX + 1);
	longer[PASSWORD_MAX + 1] = '\0';
	refused(text(longer), "73 bytes: bcrypt takes 72");

	/* nor do they pass for what is left of them */
	assert_int_equal(
	    password_hash(hash, (struct bytes){text(longer).data, PASSWORD_MAX},
			  &fault),
	    OK);
	assert_false(password_verify(hash, text(longer)));
	assert_int_equal(password_hash(hash, text("hunter2"), &fault), OK);
	assert_false(password_verify(
	    hash, (struct bytes){(const uint8_t *)nul, sizeof(nul) - 1}));
}

static void what_is_no_bcrypt_hash(void **state)
{
	/* Each is a hash of that password, or looks like one. */
	static const char *const others[] = {
	    NULL,
	    "",
	    "abc",
	    "*0",
	    "$1$saltsalt$o9nEaYGXCChsOGLe0XvQg1",
	    "$2x$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm",
	    "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YE",
	    "$2b$03$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm",
	    "$2b$99$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm",
	    "$2b$04$!!!!4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(password_verify(others[i], text("Kk4DQuMMfZL9o")));
}

static size_t check_vectors(const json_t *vectors)
{
	const json_t *one;
	size_t i, checked = 0;

	json_array_foreach(vectors, i, one)
	{
		const char *hex = json_string_value(json_array_get(one, 0));
		const char *hash = json_string_value(json_array_get(one, 2));
		uint8_t data[PASSWORD_MAX];
		struct bytes password = {data, 0};

		assert_non_null(hex);
		assert_non_null(hash);
		password.len = strlen(hex) / 2;
		assert_true(password.len <= sizeof(data));
		assert_int_equal(
		    hex_decode(data, password.len, hex, strlen(hex)), OK);
		/* Other libraries hash a NUL; this one refuses it. */
		if (password.len == 0 || memchr(data, '\0', password.len)) {
			assert_false(password_verify(hash, password));
			continue;
		}
		assert_true(password_verify(hash, password));
		data[password.len - 1] ^= 1;
		assert_false(password_verify(hash, password));
		checked++;
	}
	return checked;
}

static void the_corpus(void **state)
{
	json_t *all =
	    json_load_file(CORPORA "/auth/bcrypt-vectors.json", 0, NULL);

	(void)state;
	if (!all) {
		print_message("skipped: no auth corpus\n");
		skip();
	}
	assert_true(check_vectors(json_object_get(all, "_test_vectors")) > 20);
	assert_int_equal(
	    check_vectors(json_object_get(all, "_2y_test_vectors")), 2);
	json_decref(all);
}

static void key_generation_and_hashing(void **state)
{
	char key[API_KEY_SIZE], hash[API_KEY_HASH_SIZE];
	char expected[API_KEY_HASH_SIZE];
	struct fault fault = {0};
	struct hash digest;

	(void)state;
	assert_int_equal(api_key_make(key, &fault), OK);
	assert_memory_equal(key, "gsk_", 4);
	assert_int_equal(strlen(key), 68);
	assert_int_equal(strspn(key + 4, "0123456789abcdef"), 64);
	digest = sha256(key, strlen(key));
	hex_encode(expected, digest.b, sizeof(digest.b));
	assert_string_equal(api_key_hash(hash, key), expected);
	/* FIPS 180-4 example: "abc". */
	assert_string_equal(api_key_hash(hash, "abc"),
			    "ba7816bf8f01cfea414140de5dae2223"
			    "b00361a396177a9cb410ff61f20015ad");
}

static void hashes_are_unique(void **state)
{
	enum { N = 200 };
	static char keys[N][API_KEY_SIZE], hashes[N][API_KEY_HASH_SIZE];
	char one[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];
	struct fault fault = {0};

	(void)state;
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(api_key_make(keys[i], &fault), OK);
		(void)api_key_hash(hashes[i], keys[i]);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(keys[i], keys[j]);
			assert_string_not_equal(hashes[i], hashes[j]);
		}
	}
	/* A password's hash has a salt: the same password, another hash. */
	assert_int_equal(password_hash(one, text("hunter2"), &fault), OK);
	assert_int_equal(password_hash(other, text("hunter2"), &fault), OK);
	assert_string_not_equal(one, other);
	assert_true(password_verify(one, text("hunter2")));
	assert_true(password_verify(other, text("hunter2")));
}

static int64_t cpu_ns(const char *hash)
{
	struct timespec before, after;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
	assert_false(password_verify(hash, text("hunter2")));
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
	return (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
	       before.tv_nsec;
}

/* How long it takes tells nobody whether there is a hash to compare with. */
static void nobody_takes_as_long(void **state)
{
	char hash[PASSWORD_HASH_SIZE];
	struct fault fault = {0};
	int64_t somebody, nobody;

	(void)state;
	assert_int_equal(password_hash(hash, text("hunter3"), &fault), OK);
	somebody = cpu_ns(hash);
	nobody = cpu_ns(NULL);
	assert_true(nobody > somebody / 3 && somebody > nobody / 3);
}

/* What the token says, as another library reads it. */
static json_t *claims_of(const char *text, const struct secret_key *key)
{
	char copy[TOKEN_SIZE], again[FORGE_SIZE];
	uint8_t payload[TOKEN_SIZE];
	char *dot, *mac;
	json_t *claims;
	size_t len;

	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	mac = strrchr(copy, '.');
	*mac = '\0';
	assert_string_equal(
	    forge_mac(again, (struct bytes){key->b, sizeof(key->b)}, copy),
	    text);
	dot = strchr(copy, '.');
	len = unbase64url(payload, sizeof(payload), dot + 1, strlen(dot + 1));
	claims = json_loadb((const char *)payload, len, 0, NULL);
	assert_non_null(claims);
	return claims;
}

static void has_text(const json_t *claims, const char *name, const char *value)
{
	assert_string_equal(json_string_value(json_object_get(claims, name)),
			    value);
}

static void token_generation_and_validation(void **state)
{
	static const struct secret_key key = {"0123456789abcdef0123456789abcd"};
	char one[TOKEN_SIZE], other[TOKEN_SIZE], id[UUID_TEXT_SIZE];
	const int64_t now = 1700000000;
	struct fault fault = {0};
	struct token token;
	struct uuid ann;
	json_t *claims;
	char *mac;

	(void)state;
	assert_int_equal(uuid_v7(&ann, 1690000000000), OK);
	assert_int_equal(
	    token_make(one, &key, TOKEN_PLATFORM, &ann, now, 3600, &fault), OK);
	assert_int_equal(token_read(&token, one, &key, now, &fault), OK);
	assert_int_equal(token.audience, TOKEN_PLATFORM);
	assert_true(uuid_eq(&token.subject, &ann));
	assert_int_equal(token.issued, now);
	assert_int_equal(token.expires, now + 3600);

	claims = claims_of(one, &key);
	assert_int_equal(json_object_size(claims), 6);
	has_text(claims, "iss", "gigstream");
	has_text(claims, "sub", uuid_format(id, &ann));
	has_text(claims, "aud", "platform");
	has_text(claims, "jti", uuid_format(id, &token.id));
	assert_int_equal(json_integer_value(json_object_get(claims, "iat")),
			 now);
	assert_int_equal(json_integer_value(json_object_get(claims, "exp")),
			 now + 3600);
	json_decref(claims);

	/* Each is another, though it says the same. */
	assert_int_equal(
	    token_make(other, &key, TOKEN_PLATFORM, &ann, now, 3600, &fault),
	    OK);
	assert_string_not_equal(one, other);
	assert_int_equal(token_read(&token, one, &key, now + 3600, &fault),
			 ERR_EXPIRED);
	mac = strrchr(one, '.') + 1;
	*mac = *mac == 'A' ? 'B' : 'A';
	assert_int_equal(token_read(&token, one, &key, now, &fault),
			 ERR_CONFLICT);
}

#define TEST(title, function)                                                  \
	{                                                                      \
		.name = title, .test_func = function                           \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST("Password hashing and verification", hashing_and_verification),
	    TEST("what bcrypt cannot hash", what_bcrypt_cannot_hash),
	    TEST("what is no bcrypt hash", what_is_no_bcrypt_hash),
	    TEST("bcrypt hashes of others", the_corpus),
	    TEST("nobody's password takes as long", nobody_takes_as_long),
	    TEST("JWT token generation and validation",
		 token_generation_and_validation),
	    TEST("API key generation and hashing", key_generation_and_hashing),
	    TEST("Hash uniqueness verification", hashes_are_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
