#include "common/token.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "common/jws.h"
#include "tests/fuzz/fuzz.h"

/* Reads: a byte. Odd: then come a header, a NUL byte and a payload, which are
 * signed here with our key, not by common/jws.c. Even: the text of a token.
 *
 * Holds: what somebody else signed is never accepted; what our key signed opens
 * as the very payload where its header allows HS256, and is a token only with
 * our header and our claims, within their bounds; with one character changed it
 * is nothing any more; and no fault shows it. */

#define NOW 1700000000
#define TEXT_CAP 65536

static const struct secret_key key = {{7, 5, 3}};
static const struct bytes key_text = {key.b, sizeof(key.b)};

static void put_base64url(struct buf *out, const void *data, size_t len)
{
	char *text = malloc((len + 2) / 3 * 4 + 1);
	int n;

	CHECK(text);
	n = EVP_EncodeBlock((uint8_t *)text, data, (int)len);
	while (n > 0 && text[n - 1] == '=')
		n--;
	for (int i = 0; i < n; i++)
		buf_putc(out, text[i] == '+'   ? '-'
			      : text[i] == '/' ? '_'
					       : text[i]);
	free(text);
}

/* RFC 7515, 5.1. */
static void sign(struct buf *out, const char *header, const char *payload,
		 size_t len)
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0;

	buf_init(out, TEXT_CAP);
	put_base64url(out, header, strlen(header));
	buf_putc(out, '.');
	put_base64url(out, payload, len);
	CHECK(HMAC(EVP_sha256(), key.b, sizeof(key.b),
		   (const uint8_t *)out->data, out->len, mac, &mac_len));
	buf_putc(out, '.');
	put_base64url(out, mac, mac_len);
	CHECK(out->err == OK);
}

static void check_refusal(enum err err, const struct fault *fault,
			  const char *text)
{
	check_fault(err, fault);
	CHECK(strlen(text) < 40 || !strstr(fault->text, text));
}

static bool allows_hs256(const char *header)
{
	json_t *json = json_loads(header, JSON_REJECT_DUPLICATES, NULL);
	const char *alg = json_string_value(json_object_get(json, "alg"));
	bool ok =
	    alg && strcmp(alg, "HS256") == 0 && !json_object_get(json, "crit");

	json_decref(json);
	return ok;
}

static json_int_t number(const json_t *claims, const char *name)
{
	const json_t *value = json_object_get(claims, name);

	CHECK(json_is_integer(value));
	return json_integer_value(value);
}

/* A token that was accepted, held against what it says. */
static void check_token(const struct token *token, const char *header,
			const char *payload, size_t len)
{
	json_t *claims = json_loadb(payload, len, JSON_REJECT_DUPLICATES, NULL);
	char text[UUID_TEXT_SIZE];

	CHECK(strcmp(header, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}") == 0);
	CHECK(json_object_size(claims) == 6);
	CHECK(number(claims, "iat") == token->issued);
	CHECK(number(claims, "exp") == token->expires);
	CHECK(token->issued >= 0 && token->issued <= NOW + TOKEN_LEEWAY);
	CHECK(token->expires > NOW &&
	      token->expires - token->issued <= TOKEN_TTL_MAX);
	CHECK(strcasecmp(json_string_value(json_object_get(claims, "sub")),
			 uuid_format(text, &token->subject)) == 0);
	CHECK(strcasecmp(json_string_value(json_object_get(claims, "jti")),
			 uuid_format(text, &token->id)) == 0);
	CHECK(text[14] == '7'); /* the version */
	CHECK(strcmp(json_string_value(json_object_get(claims, "aud")),
		     token_audience_name(token->audience)) == 0);
	json_decref(claims);
}

static void check_signed(const char *header, const char *payload, size_t len)
{
	char opened[JWS_SIZE];
	struct fault fault = {0};
	struct token token;
	struct buf text;
	size_t opened_len;
	enum err err;

	sign(&text, header, payload, len);
	err = jws_open(opened, &opened_len, key_text, text.data, &fault);
	CHECK((err == OK) == (len > 0 && text.len <= JWS_MAX && *header &&
			      allows_hs256(header)));
	if (err == OK)
		CHECK(opened_len == len && memcmp(opened, payload, len) == 0);
	else
		check_refusal(err, &fault, text.data);
	err = token_read(&token, text.data, &key, NOW, &fault);
	if (err == OK)
		check_token(&token, header, payload, len);
	else
		check_refusal(err, &fault, text.data);
	text.data[len * 31 % text.len] ^= 1;
	CHECK(token_read(&token, text.data, &key, NOW, NULL) != OK);
	buf_free(&text);
}

static void check_foreign(const char *text)
{
	char payload[JWS_SIZE];
	struct fault fault = {0};
	struct token token;
	size_t len;

	check_refusal(jws_open(payload, &len, key_text, text, &fault), &fault,
		      text);
	check_refusal(token_read(&token, text, &key, NOW, &fault), &fault,
		      text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	bool is_signed = input_byte(&in) & 1;
	char *first = input_text(&in, '\0', NULL), *payload;
	size_t len;

	payload = input_text(&in, INPUT_ALL, &len);
	if (is_signed)
		check_signed(first, payload, len);
	else
		check_foreign(first);
	free(payload);
	free(first);
	return 0;
}
