/* Tokens that nobody should accept; the good ones are in test_auth.c too. */
#include "common/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_jws.h"

#define NOW 1700000000
#define SUB "01890a5d-ac96-774b-bcce-b302099a8057"
#define JTI "018bcfe5-6800-7000-8000-000000000001"
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define CLAIMS(iss, sub, aud, iat, exp, jti)                                   \
	"{\"iss\":" iss ",\"sub\":" sub ",\"aud\":" aud ",\"iat\":" iat        \
	",\"exp\":" exp ",\"jti\":" jti "}"
#define TIMES(iat, exp)                                                        \
	CLAIMS("\"gigstream\"", "\"" SUB "\"", "\"worker\"", iat, exp,         \
	       "\"" JTI "\"")
#define GOOD TIMES("1700000000", "1700003600")

/* Made by node:crypto of GOOD, with the key 00 01 02 ... 1f. */
#define KNOWN                                                                  \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."                                \
	"eyJpc3MiOiJnaWdzdHJlYW0iLCJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1"  \
	"iMzAyMDk5YTgwNTciLCJhdWQiOiJ3b3JrZXIiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI" \
	"6MTcwMDAwMzYwMCwianRpIjoiMDE4YmNmZTUtNjgwMC03MDAwLTgwMDAtMDAwMDAwMDA" \
	"wMDAxIn0.tQCx-qAsV2I-hSlkkTuN1v7FgGS0n2FntJ5vitV4jbU"

static struct secret_key key_from(uint8_t first)
{
	struct secret_key key;

	for (uint8_t i = 0; i < sizeof(key.b); i++)
		key.b[i] = (uint8_t)(first + i);
	return key;
}

static enum err read_at(const char *text, int64_t now)
{
	struct token token = {.issued = -7};
	struct secret_key key = key_from(0);
	struct fault fault = {.code = OK};
	enum err err = token_read(&token, text, &key, now, &fault);

	if (err != OK) {
		assert_int_equal(fault.code, err);
		assert_int_equal(token.issued, -7);
		assert_true(strlen(text) < 8 || !strstr(fault.text, text));
		assert_null(strstr(fault.text, "eyJ"));
	}
	return err;
}

static enum err read_forged(const char *header, const char *claims)
{
	char text[FORGE_SIZE];
	struct secret_key key = key_from(0);

	return read_at(
	    forge(text, (struct bytes){key.b, sizeof(key.b)}, header, claims),
	    NOW);
}

static void a_known_answer(void **state)
{
	struct secret_key key = key_from(0);
	struct fault fault = {.code = OK};
	char sub[UUID_TEXT_SIZE], jti[UUID_TEXT_SIZE];
	struct token token;

	(void)state;
	assert_int_equal(token_read(&token, KNOWN, &key, NOW, &fault), OK);
	assert_int_equal(token.audience, TOKEN_WORKER);
	assert_string_equal(uuid_format(sub, &token.subject), SUB);
	assert_string_equal(uuid_format(jti, &token.id), JTI);
	assert_int_equal(token.issued, NOW);
	assert_int_equal(token.expires, NOW + 3600);
	assert_int_equal(read_forged(HEADER, GOOD), OK);
}

static void of_another_key(void **state)
{
	struct secret_key key = key_from(1);
	struct fault fault = {.code = OK};
	struct token token;

	(void)state;
	assert_int_equal(token_read(&token, KNOWN, &key, NOW, &fault),
			 ERR_CONFLICT);
	/* Expired or not: that is nobody's business without the key. */
	assert_int_equal(token_read(&token, KNOWN, &key, NOW + 9999, &fault),
			 ERR_CONFLICT);
}

static void in_time(void **state)
{
	(void)state;
	assert_int_equal(read_at(KNOWN, NOW + 3599), OK);
	assert_int_equal(read_at(KNOWN, NOW + 3600), ERR_EXPIRED);
	assert_int_equal(read_at(KNOWN, INT64_MAX), ERR_EXPIRED);
	assert_int_equal(read_at(KNOWN, NOW - TOKEN_LEEWAY), OK);
	assert_int_equal(read_at(KNOWN, NOW - TOKEN_LEEWAY - 1), ERR_NOT_YET);
	assert_int_equal(read_at(KNOWN, 0), ERR_NOT_YET);
	assert_int_equal(read_at(KNOWN, INT64_MIN), ERR_NOT_YET);
}

static void what_expired_says_when(void **state)
{
	struct secret_key key = key_from(0);
	struct fault fault = {.code = OK};
	struct token token;

	(void)state;
	assert_int_equal(token_read(&token, KNOWN, &key, NOW + 9999, &fault),
			 ERR_EXPIRED);
	assert_string_equal(fault.text, "the token has expired at "
					"2023-11-14T23:13:20Z: sign in again");
}

static void other_headers(void **state)
{
	static const char *const headers[] = {
	    "{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
	    "{\"alg\":\"HS256\", \"typ\":\"JWT\"}",
	    "{\"alg\":\"HS256\"}",
	    "{\"alg\":\"HS256\",\"typ\":\"jwt\"}",
	    "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
	    "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"../../dev/null\"}",
	    "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"jwk\":{\"k\":\"AA\"}}",
	    "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"crit\":[]}",
	    "{\"alg\":\"none\",\"typ\":\"JWT\"}",
	    "{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
	    "{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_int_equal(read_forged(headers[i], GOOD), ERR_SYNTAX);
	/* {"alg":"none","typ":"JWT"} and no signature */
	assert_int_equal(
	    read_at("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.", NOW),
	    ERR_SYNTAX);
}

/* Signed with our key, all of them. */
static void other_claims(void **state)
{
#define SAYS(iss, sub, aud)                                                    \
	CLAIMS(iss, sub, aud, "1700000000", "1700003600", "\"" JTI "\"")
	static const struct {
		const char *claims;
		enum err err;
	} cases[] = {
	    {"", ERR_SYNTAX},
	    {"{}", ERR_SYNTAX},
	    {"null", ERR_SYNTAX},
	    {"[" GOOD "]", ERR_SYNTAX},
	    {GOOD GOOD, ERR_SYNTAX},
	    {GOOD ",", ERR_SYNTAX},
	    {SAYS("\"gigstream2\"", "\"" SUB "\"", "\"worker\""), ERR_CONFLICT},
	    {SAYS("\"\"", "\"" SUB "\"", "\"worker\""), ERR_CONFLICT},
	    {SAYS("\"gigstream\"", "\"" SUB "\"", "\"admin\""), ERR_CONFLICT},
	    {SAYS("\"gigstream\"", "\"" SUB "\"", "\"Worker\""), ERR_CONFLICT},
	    {SAYS("\"gigstream\"", "\"" SUB "\"", "[\"worker\"]"), ERR_SYNTAX},
	    {SAYS("\"gigstream\"", "\"" SUB "\"", "null"), ERR_SYNTAX},
	    {SAYS("7", "\"" SUB "\"", "\"worker\""), ERR_SYNTAX},
	    {SAYS("\"gigstream\"", "7", "\"worker\""), ERR_SYNTAX},
	    {SAYS("\"gigstream\"", "\"" SUB "0\"", "\"worker\""), ERR_SYNTAX},
	    {SAYS("\"gigstream\"", "\"00000000-0000-0000-0000-000000000000\"",
		  "\"worker\""),
	     ERR_SYNTAX},
	    {SAYS("\"gigstream\",\"sub\":\"" SUB "\"", "\"" SUB "\"",
		  "\"worker\""),
	     ERR_SYNTAX}, /* twice */
	    {SAYS("\"gigstream\",\"role\":\"root\"", "\"" SUB "\"",
		  "\"worker\""),
	     ERR_SYNTAX}, /* one more */
	    {SAYS("\"gigstream\",\"nbf\":1700000000", "\"" SUB "\"",
		  "\"worker\""),
	     ERR_SYNTAX},
	    {CLAIMS("\"gigstream\"", "\"" SUB "\"", "\"worker\"", "1700000000",
		    "1700003600", "\"" SUB "x\""),
	     ERR_SYNTAX},
	    {CLAIMS("\"gigstream\"", "\"" SUB "\"", "\"worker\"", "1700000000",
		    "1700003600", "\"018bcfe5-6800-4000-8000-000000000001\""),
	     ERR_SYNTAX}, /* version 4 */
	    {TIMES("1700000000", "1700000000"), ERR_SYNTAX},
	    {TIMES("1700000000", "1699999999"), ERR_SYNTAX},
	    {TIMES("1700000000", "1702592000"), OK}, /* 30 days */
	    {TIMES("1700000000", "1702592001"), ERR_SYNTAX},
	    {TIMES("1.7e9", "1700003600"), ERR_SYNTAX},
	    {TIMES("1700000000", "1700003600.0"), ERR_SYNTAX},
	    {TIMES("1700000000", "\"1700003600\""), ERR_SYNTAX},
	    {TIMES("1700000000", "true"), ERR_SYNTAX},
	    {TIMES("-1", "1"), ERR_SYNTAX},
	    {TIMES("01700000000", "1700003600"), ERR_SYNTAX},
	    {TIMES("-9223372036854775808", "9223372036854775807"), ERR_SYNTAX},
	    {TIMES("1700000000", "9223372036854775808"), ERR_SYNTAX},
	    {TIMES("1700000000", "18446744075409551616"), ERR_SYNTAX},
	    {TIMES("253402300000", "253402300799"), ERR_NOT_YET},
	    {TIMES("253402300000", "253402300800"), ERR_SYNTAX},
	    {TIMES("0", "1"), ERR_EXPIRED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err err = read_forged(HEADER, cases[i].claims);

		if (err != cases[i].err)
			fail_msg("%s: %s", cases[i].claims, err_text(err));
	}
}

static void every_bit_counts(void **state)
{
	char text[TOKEN_SIZE] = KNOWN;

	(void)state;
	for (size_t i = 0; i < strlen(KNOWN); i++) {
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ 1 << bit);
			assert_int_not_equal(read_at(text, NOW), OK);
			text[i] = (char)(text[i] ^ 1 << bit);
		}
	}
	assert_int_equal(read_at(text, NOW), OK);
	for (size_t len = strlen(text); len-- > 0;) {
		text[len] = '\0';
		assert_int_equal(read_at(text, NOW), ERR_SYNTAX);
	}
}

static void texts_of_another_form(void **state)
{
	static const char *const texts[] = {
	    "Bearer " KNOWN, KNOWN "\n",  " " KNOWN, KNOWN "=",
	    KNOWN ".",	     KNOWN KNOWN, "." KNOWN, "{\"payload\":\"e30\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(read_at(texts[i], NOW), ERR_SYNTAX);
}

/* The claims, and blanks behind them, as JSON allows. */
static void longer_texts(void **state)
{
	char text[FORGE_SIZE], claims[1024] = GOOD;
	struct secret_key key = key_from(0);
	size_t len = strlen(claims), accepted = 0;

	(void)state;
	for (; len + 1 < sizeof(claims); len++) {
		size_t text_len;

		forge(text, (struct bytes){key.b, sizeof(key.b)}, HEADER,
		      claims);
		text_len = strlen(text);
		assert_int_equal(read_at(text, NOW),
				 text_len <= TOKEN_MAX ? OK : ERR_SYNTAX);
		accepted += text_len <= TOKEN_MAX;
		claims[len] = ' ';
	}
	assert_true(accepted > 0);
}

static void what_is_not_made(void **state)
{
	char text[TOKEN_SIZE] = "untouched";
	struct secret_key key = key_from(0);
	struct uuid nil = {{0}}, someone = {{1}};
	struct fault fault = {.code = OK};
	const struct {
		const struct uuid *subject;
		int64_t now, ttl;
	} cases[] = {
	    {&nil, NOW, 60},
	    {&someone, -1, 60},
	    {&someone, INT64_MAX, 60},
	    {&someone, 253402300799, 1},
	    {&someone, NOW, 0},
	    {&someone, NOW, -1},
	    {&someone, NOW, INT64_MIN},
	    {&someone, NOW, TOKEN_TTL_MAX + 1},
	    {&someone, NOW, INT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(token_make(text, &key, TOKEN_WORKER,
					    cases[i].subject, cases[i].now,
					    cases[i].ttl, &fault),
				 ERR_BUG);
	assert_string_equal(text, "untouched");
}

static void times(void **state)
{
	char text[TOKEN_TIME_SIZE];

	(void)state;
	assert_string_equal(token_time(text, 0), "1970-01-01T00:00:00Z");
	assert_string_equal(token_time(text, NOW), "2023-11-14T22:13:20Z");
	assert_string_equal(token_time(text, 253402300799),
			    "9999-12-31T23:59:59Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_known_answer),
	    cmocka_unit_test(of_another_key),
	    cmocka_unit_test(in_time),
	    cmocka_unit_test(what_expired_says_when),
	    cmocka_unit_test(other_headers),
	    cmocka_unit_test(other_claims),
	    cmocka_unit_test(every_bit_counts),
	    cmocka_unit_test(texts_of_another_form),
	    cmocka_unit_test(longer_texts),
	    cmocka_unit_test(what_is_not_made),
	    cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
