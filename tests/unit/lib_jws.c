#include "tests/unit/lib_jws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>

static void base64url(char *out, size_t size, const uint8_t *data, size_t len)
{
	struct base64_encode_ctx work;
	size_t n;

	assert_true(BASE64_ENCODE_LENGTH(len) + BASE64_ENCODE_FINAL_LENGTH <
		    size);
	base64url_encode_init(&work);
	n = base64_encode_update(&work, out, len, data);
	n += base64_encode_final(&work, out + n);
	while (n > 0 && out[n - 1] == '=')
		n--;
	out[n] = '\0';
}

const char *forge_mac(char text[FORGE_SIZE], struct bytes key,
		      const char *signed_part)
{
	uint8_t mac[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx work;
	char encoded[64];

	hmac_sha256_set_key(&work, key.len, key.data);
	hmac_sha256_update(&work, strlen(signed_part),
			   (const uint8_t *)signed_part);
	hmac_sha256_digest(&work, sizeof(mac), mac);
	base64url(encoded, sizeof(encoded), mac, sizeof(mac));
	assert_true(snprintf(text, FORGE_SIZE, "%s.%s", signed_part, encoded) <
		    FORGE_SIZE);
	return text;
}

const char *forge(char text[FORGE_SIZE], struct bytes key, const char *header,
		  const char *payload)
{
	char part[FORGE_SIZE - 64];
	size_t n;

	base64url(part, sizeof(part), (const uint8_t *)header, strlen(header));
	n = strlen(part);
	part[n++] = '.';
	base64url(part + n, sizeof(part) - n, (const uint8_t *)payload,
		  strlen(payload));
	return forge_mac(text, key, part);
}

size_t unbase64url(uint8_t *out, size_t size, const char *text, size_t len)
{
	struct base64_decode_ctx work;
	size_t n = size;

	assert_true(BASE64_DECODE_LENGTH(len) <= size);
	base64url_decode_init(&work);
	assert_true(base64_decode_update(&work, &n, out, len, text));
	return n;
}
