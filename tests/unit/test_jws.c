#include "common/jws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/unit/lib_jws.h"

#define KEY_SIZE 1024 /* of any key in the corpus */
#define KEY "0123456789abcdef0123456789abcdef"

static enum err open_with(struct bytes key, const char *text)
{
	char payload[JWS_SIZE] = "untouched";
	struct fault fault = {.code = OK};
	size_t len = 0;
	enum err err = jws_open(payload, &len, key, text, &fault);

	if (err != OK) {
		assert_int_equal(fault.code, err);
		assert_string_equal(payload, "untouched");
		assert_true(strlen(text) < 8 || !strstr(fault.text, text));
	}
	return err;
}

static enum err open_it(const char *text)
{
	return open_with(bytes_of(KEY), text);
}

static void signed_and_opened(void **state)
{
	char text[JWS_SIZE], other[FORGE_SIZE], payload[JWS_SIZE];
	struct fault fault = {.code = OK};
	size_t len;

	(void)state;
	assert_int_equal(
	    jws_sign(text, bytes_of(KEY), "{\"a\":\"\xc3\xa4\"}", &fault), OK);
	assert_string_equal(text, forge(other, bytes_of(KEY),
					"{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
					"{\"a\":\"\xc3\xa4\"}"));
	assert_memory_equal(text, JWS_HEADER, strlen(JWS_HEADER));
	assert_int_equal(jws_open(payload, &len, bytes_of(KEY), text, &fault),
			 OK);
	assert_string_equal(payload, "{\"a\":\"\xc3\xa4\"}");
	assert_int_equal(len, strlen(payload));
	assert_int_equal(open_with(bytes_of(KEY "x"), text), ERR_CONFLICT);
}

static void every_length(void **state)
{
	char payload[JWS_SIZE] = "", text[JWS_SIZE] = "untouched";
	struct fault fault = {.code = OK};
	size_t len = 0, max = 0;
	enum err err;

	(void)state;
	while (++len < JWS_MAX) {
		memset(payload, 'a', len);
		err = jws_sign(text, bytes_of(KEY), payload, &fault);
		if (err == OK) {
			max = len;
			assert_int_equal(open_it(text), OK);
		} else {
			assert_int_equal(err, ERR_LIMIT);
		}
	}
	/* header, dots and MAC take 81 of 1024: 943 are 707 bytes */
	assert_int_equal(max, 707);
}

static void a_short_key_is_none(void **state)
{
	struct fault fault = {.code = OK};
	char text[JWS_SIZE];

	(void)state;
	assert_int_equal(jws_sign(text, bytes_of(&KEY[1]), "{}", &fault),
			 ERR_BUG);
	assert_int_equal(jws_sign(text, bytes_of(KEY), "{}", &fault), OK);
	assert_int_equal(open_with(bytes_of(&KEY[1]), text), ERR_BUG);
}

/* Each signed as it should be. */
static void headers(void **state)
{
	static const char *const good[] = {
	    "{\"alg\":\"HS256\"}",
	    "{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
	    " { \"alg\" :\r\n\"HS256\", \"kid\": \"1\" } ",
	    "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
	};
	static const char *const bad[] = {
	    "{}",
	    "[]",
	    "\"HS256\"",
	    "null",
	    "{\"alg\":null}",
	    "{\"alg\":256}",
	    "{\"alg\":[\"HS256\"]}",
	    "{\"alg\":\"\"}",
	    "{\"alg\":\"none\"}",
	    "{\"alg\":\"NONE\"}",
	    "{\"alg\":\"hs256\"}",
	    "{\"alg\":\"HS256 \"}",
	    "{\"alg\":\"HS256\\u0000\"}",
	    "{\"alg\":\"HS384\"}",
	    "{\"alg\":\"HS512\"}",
	    "{\"alg\":\"RS256\"}",
	    "{\"alg\":\"ES256\"}",
	    "{\"alg\":\"PS256\"}",
	    "{\"ALG\":\"HS256\"}",
	    "{\"alg\":\"none\",\"alg\":\"HS256\"}",
	    "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
	    "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
	    "{\"alg\":\"HS256\",\"crit\":null}",
	    "{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}",
	    "{\"alg\":\"HS256\"}{}",
	    "{\"alg\":\"HS256\"",
	    "{\"alg\":\"HS256\",}",
	    "{\"alg\":\"HS256\",\"x\":\"\xff\"}",
	    "\xef\xbb\xbf{\"alg\":\"HS256\"}",
	};
	char text[FORGE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(
		    open_it(forge(text, bytes_of(KEY), good[i], "{}")), OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    open_it(forge(text, bytes_of(KEY), bad[i], "{}")),
		    ERR_SYNTAX);
}

/* What is signed is the text, not what it decodes to: each has a good MAC. */
static void texts_of_another_form(void **state)
{
	static const char *const parts[] = {
	    "",
	    ".",
	    "..",
	    "eyJhbGciOiJIUzI1NiJ9",
	    "eyJhbGciOiJIUzI1NiJ9.",
	    ".e30",
	    "eyJhbGciOiJIUzI1NiJ9.e30=",
	    "eyJhbGciOiJIUzI1NiJ9=.e30",
	    "eyJhbGciOiJIUzI1NiJ9.e30 ",
	    " eyJhbGciOiJIUzI1NiJ9.e30",
	    "eyJhbGciOiJIUzI1NiJ9.e3\n0",
	    "eyJhbGciOiJIUzI1NiJ9.e31", /* stray bits */
	    "eyJhbGciOiJIUzI1NiJ9.AB",
	    "eyJhbGciOiJIUzI1NiJ9.A",
	    "eyJhbGciOiJIUzI1NiJ9.e30.e30",
	    "eyJhbGciOiJIUzI1NiJ9.+/+/",
	    "eyJhbGciOiJIUzI1NiJ9.\xc3\xa4\xc3\xa4",
	};
	char text[FORGE_SIZE], more[FORGE_SIZE + 2];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_int_equal(
		    open_it(forge_mac(text, bytes_of(KEY), parts[i])),
		    ERR_SYNTAX);
	assert_int_equal(
	    open_it(forge_mac(text, bytes_of(KEY), "eyJhbGciOiJIUzI1NiJ9.e30")),
	    OK);
	(void)snprintf(more, sizeof(more), "%s=", text);
	assert_int_equal(open_it(more), ERR_SYNTAX);
	(void)snprintf(more, sizeof(more), "%s.", text);
	assert_int_equal(open_it(more), ERR_SYNTAX);
	/* A MAC of any other length, the shortest above all. */
	for (len = strlen(text); len-- > 0;) {
		text[len] = '\0';
		assert_int_equal(open_it(text), ERR_SYNTAX);
	}
}

static void every_bit_counts(void **state)
{
	char text[JWS_SIZE];
	struct fault fault = {.code = OK};

	(void)state;
	assert_int_equal(
	    jws_sign(text, bytes_of(KEY), "{\"some\":\"claim\"}", &fault), OK);
	for (size_t i = 0; i < strlen(text); i++) {
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ 1 << bit);
			assert_int_not_equal(open_it(text), OK);
			text[i] = (char)(text[i] ^ 1 << bit);
		}
	}
	assert_int_equal(open_it(text), OK);
}

static json_t *corpus(const char *name)
{
	char path[512];
	json_t *all;

	(void)snprintf(path, sizeof(path), CORPORA "/auth/%s", name);
	all = json_load_file(path, 0, NULL);
	if (!all) {
		print_message("skipped: no auth corpus\n");
		skip();
	}
	return all;
}

static struct bytes key_of(uint8_t out[KEY_SIZE], const json_t *jwk,
			   const char *member)
{
	const char *text = json_string_value(json_object_get(jwk, member));

	assert_non_null(text);
	return (struct bytes){out,
			      unbase64url(out, KEY_SIZE, text, strlen(text))};
}

static void rfc_7515_a1(void **state)
{
	static const char said[] = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,"
				   "\r\n \"http://example.com/is_root\":true}";
	json_t *all = corpus("webhook-jwt-vectors.json");
	const json_t *one = json_object_get(all, "rfc7515_A1");
	struct fault fault = {.code = OK};
	char payload[JWS_SIZE];
	uint8_t data[KEY_SIZE];
	struct bytes key = key_of(data, one, "k");
	const char *jws = json_string_value(json_object_get(one, "jws"));
	size_t len;

	(void)state;
	assert_int_equal(jws_open(payload, &len, key, jws, &fault), OK);
	assert_string_equal(payload, said);
	data[0] ^= 1;
	assert_int_equal(open_with(key, jws), ERR_CONFLICT);
	json_decref(all);
}

static bool is_valid(const json_t *test)
{
	return strcmp(json_string_value(json_object_get(test, "result")),
		      "valid") == 0;
}

/* Some marked invalid are, letter by letter, one that is marked valid: they
 * lost the padding that their comment speaks of. */
static bool contradicts(const json_t *tests, const json_t *test)
{
	const json_t *other;
	size_t i;

	json_array_foreach(tests, i, other)
	{
		if (is_valid(other) && !is_valid(test) &&
		    json_equal(json_object_get(other, "jws"),
			       json_object_get(test, "jws")))
			return true;
	}
	return false;
}

/* How many were accepted. */
static size_t check_group(struct bytes key, const json_t *tests,
			  size_t *n_contradict)
{
	const json_t *test;
	size_t i, accepted = 0;

	json_array_foreach(tests, i, test)
	{
		const char *jws =
		    json_string_value(json_object_get(test, "jws"));
		bool ok;

		if (contradicts(tests, test)) {
			++*n_contradict;
			continue;
		}
		ok = open_with(key, jws ? jws : "{}") == OK;
		/* Two are called valid with a "?" in their base64url. */
		if (ok != (is_valid(test) && !strchr(jws, '?')))
			fail_msg(
			    "case %lld",
			    json_integer_value(json_object_get(test, "tcId")));
		accepted += ok;
	}
	return accepted;
}

static void wycheproof_hs256(void **state)
{
	json_t *all = corpus("json_web_signature_test.json");
	size_t i, accepted = 0, n_contradict = 0;
	const json_t *group;

	(void)state;
	json_array_foreach(json_object_get(all, "testGroups"), i, group)
	{
		const json_t *jwk = json_object_get(group, "private");
		uint8_t data[KEY_SIZE];

		if (!json_object_get(jwk, "k"))
			continue;
		accepted +=
		    check_group(key_of(data, jwk, "k"),
				json_object_get(group, "tests"), &n_contradict);
	}
	assert_int_equal(accepted, 8);
	assert_int_equal(n_contradict, 2);
	json_decref(all);
}

/* A public key is no secret: nothing made with or for one is ours. */
static void wycheproof_of_public_keys(void **state)
{
	json_t *all = corpus("json_web_signature_test.json");
	const json_t *group, *test;
	size_t i, j, n = 0;

	(void)state;
	json_array_foreach(json_object_get(all, "testGroups"), i, group)
	{
		const json_t *jwk = json_object_get(group, "public");
		const char *member = json_object_get(jwk, "n") ? "n" : "x";
		uint8_t data[KEY_SIZE];

		if (!jwk)
			continue;
		json_array_foreach(json_object_get(group, "tests"), j, test)
		{
			const char *jws =
			    json_string_value(json_object_get(test, "jws"));

			assert_int_not_equal(
			    open_with(key_of(data, jwk, member),
				      jws ? jws : "{}"),
			    OK);
			n++;
		}
	}
	assert_true(n > 100);
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signed_and_opened),
	    cmocka_unit_test(every_length),
	    cmocka_unit_test(a_short_key_is_none),
	    cmocka_unit_test(headers),
	    cmocka_unit_test(texts_of_another_form),
	    cmocka_unit_test(every_bit_counts),
	    cmocka_unit_test(rfc_7515_a1),
	    cmocka_unit_test(wycheproof_hs256),
	    cmocka_unit_test(wycheproof_of_public_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
