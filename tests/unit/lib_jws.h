#ifndef GS_TESTS_UNIT_LIB_JWS_H
#define GS_TESTS_UNIT_LIB_JWS_H

#include "common/bytes.h"

/* JSON Web Signatures by another library than ours: Nettle. */

#define FORGE_SIZE 4096

/* base64url(header) "." base64url(payload) "." base64url(HMAC-SHA-256) */
const char *forge(char text[FORGE_SIZE], struct bytes key, const char *header,
		  const char *payload);
/* signed_part "." base64url(HMAC-SHA-256) */
const char *forge_mac(char text[FORGE_SIZE], struct bytes key,
		      const char *signed_part);
/* The bytes of a text in base64url, which it has to be. */
size_t unbase64url(uint8_t *out, size_t size, const char *text, size_t len);

static inline struct bytes bytes_of(const char *text)
{
	return (struct bytes){(const uint8_t *)text, __builtin_strlen(text)};
}

#endif
