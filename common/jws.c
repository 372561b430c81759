#include "common/jws.h"

#include <cjose/base64.h>
#include <cjose/jws.h>
#include <cjose/util.h>
#include <jansson.h>
#include <string.h>

#define ALPHABET                                                               \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#define MAC_LEN 43 /* 32 bytes as base64url */

static enum err failed(const cjose_err *error, struct fault *fault)
{
	if (error->code == CJOSE_ERR_NO_MEMORY)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	return fault_set(fault, ERR_BUG, "cjose: %s",
			 error->message ? error->message : "no reason given");
}

static enum err key_open(cjose_jwk_t **out, struct bytes key,
			 struct fault *fault)
{
	cjose_err error = {.code = CJOSE_ERR_NONE};

	if (key.len < JWS_KEY_MIN)
		return fault_set(fault, ERR_BUG,
				 "a key of %zu bytes is too short for HS256",
				 key.len);
	*out = cjose_jwk_create_oct_spec(key.data, key.len, &error);
	return *out ? OK : failed(&error, fault);
}

/* cjose frees its copy of the key without wiping it. */
static void key_close(cjose_jwk_t *key, size_t len)
{
	cjose_err error;

	explicit_bzero(cjose_jwk_get_keydata(key, &error), len);
	(void)cjose_jwk_release(key);
}

static cjose_header_t *make_header(cjose_err *error)
{
	cjose_header_t *header = cjose_header_new(error);

	if (header &&
	    cjose_header_set(header, CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256,
			     error) &&
	    cjose_header_set(header, "typ", "JWT", error))
		return header;
	cjose_header_release(header);
	return NULL;
}

/* Into text, where it fits. */
static enum err export(char text[JWS_SIZE], cjose_jws_t *jws,
		       struct fault *fault) {
	cjose_err error = {.code = CJOSE_ERR_NONE}; const char * made;

	if (!cjose_jws_export(jws, &made, &error)) return failed(&error, fault);
	if (strlen(made) >
	    JWS_MAX) return fault_set(fault, ERR_LIMIT,
				      "what is to be signed is too long");
	strcpy(text, made);
	return OK;
}

enum err jws_sign(char text[JWS_SIZE], struct bytes key, const char *payload,
		  struct fault *fault)
{
	cjose_err error = {.code = CJOSE_ERR_NONE};
	cjose_header_t *header = NULL;
	cjose_jws_t *jws = NULL;
	cjose_jwk_t *jwk;
	enum err err = key_open(&jwk, key, fault);

	if (err != OK)
		return err;
	header = make_header(&error);
	if (header)
		jws = cjose_jws_sign(jwk, header, (const uint8_t *)payload,
				     strlen(payload), &error);
	err = jws ? export(text, jws, fault) : failed(&error, fault);
	cjose_jws_release(jws);
	cjose_header_release(header);
	key_close(jwk, key.len);
	return err;
}

/* Whether the len characters are the one base64url of some bytes. */
static bool is_base64url(const char *text, size_t len)
{
	/* The bits of the last character that no byte has a use for. */
	static const unsigned stray[] = {0, 0, 0xf, 0x3};

	return len > 0 && len % 4 != 1 && strspn(text, ALPHABET) >= len &&
	       ((size_t)(strchr(ALPHABET, text[len - 1]) - ALPHABET) &
		stray[len % 4]) == 0;
}

/* cjose is more lenient than the RFC, and where a MAC is too short it compares
 * bytes behind its end. *header_len: of its text. */
static bool has_form(size_t *header_len, const char *text)
{
	const char *payload, *mac;

	if (strnlen(text, JWS_SIZE) > JWS_MAX)
		return false;
	payload = strchr(text, '.');
	mac = payload ? strchr(payload + 1, '.') : NULL;
	if (!mac || strlen(mac + 1) != MAC_LEN)
		return false;
	*header_len = (size_t)(payload - text);
	return is_base64url(text, *header_len) &&
	       is_base64url(payload + 1, (size_t)(mac - payload - 1)) &&
	       is_base64url(mac + 1, MAC_LEN);
}

/* "crit" names extensions that must be understood, and none is (RFC 7515,
 * 4.1.11). */
static bool is_hs256(const json_t *header)
{
	const char *alg = json_string_value(json_object_get(header, "alg"));

	return alg && strcmp(alg, "HS256") == 0 &&
	       !json_object_get(header, "crit");
}

static enum err check_header(const char *text, size_t text_len,
			     struct fault *fault)
{
	cjose_err error = {.code = CJOSE_ERR_NONE};
	uint8_t *decoded = NULL;
	json_t *header;
	size_t len = 0;
	bool ok;

	if (!cjose_base64url_decode(text, text_len, &decoded, &len, &error))
		return failed(&error, fault);
	header = json_loadb((const char *)decoded, len, JSON_REJECT_DUPLICATES,
			    NULL);
	cjose_get_dealloc()(decoded);
	ok = is_hs256(header);
	json_decref(header);
	if (ok)
		return OK;
	return fault_set(fault, ERR_SYNTAX,
			 "its header does not say that it is signed with "
			 "HS256, and no other way is known here");
}

static enum err verify(char payload[JWS_SIZE], size_t *len, cjose_jws_t *jws,
		       const cjose_jwk_t *key, struct fault *fault)
{
	cjose_err error = {.code = CJOSE_ERR_NONE};
	uint8_t *plain;
	size_t plain_len;

	if (!cjose_jws_verify(jws, key, &error)) {
		if (error.code == CJOSE_ERR_NO_MEMORY)
			return failed(&error, fault);
		return fault_set(fault, ERR_CONFLICT,
				 "it was signed with another key, or was "
				 "changed");
	}
	if (!cjose_jws_get_plaintext(jws, &plain, &plain_len, &error))
		return failed(&error, fault);
	memcpy(payload, plain, plain_len); /* shorter than its base64url */
	payload[plain_len] = '\0';
	*len = plain_len;
	return OK;
}

enum err jws_open(char payload[JWS_SIZE], size_t *len, struct bytes key,
		  const char *text, struct fault *fault)
{
	cjose_err error = {.code = CJOSE_ERR_NONE};
	size_t header_len = 0;
	cjose_jws_t *jws;
	cjose_jwk_t *jwk;
	enum err err;

	if (!has_form(&header_len, text))
		return fault_set(fault, ERR_SYNTAX,
				 "it is not three parts of base64url with dots "
				 "between them, at most %d characters",
				 JWS_MAX);
	err = check_header(text, header_len, fault);
	if (err == OK)
		err = key_open(&jwk, key, fault);
	if (err != OK)
		return err;
	jws = cjose_jws_import(text, strlen(text), &error);
	err =
	    jws ? verify(payload, len, jws, jwk, fault) : failed(&error, fault);
	cjose_jws_release(jws);
	key_close(jwk, key.len);
	return err;
}
