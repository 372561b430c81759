#ifndef GS_COMMON_JWS_H
#define GS_COMMON_JWS_H

#include "common/bytes.h"

/* JSON Web Signatures (RFC 7515) in the compact form, with HMAC-SHA-256 and no
 * other algorithm (HS256; RFC 7518, 3.2), by cjose:
 *
 *	base64url(header) "." base64url(payload) "." base64url(MAC)
 *
 * Read as RFC 8725 advises: the text has one form, and the header chooses
 * nothing. */

#define JWS_MAX 1024 /* of the whole text */
#define JWS_SIZE (JWS_MAX + 1)
#define JWS_KEY_MIN 32 /* RFC 7518, 3.2: no shorter than the hash */

/* The base64url of {"alg":"HS256","typ":"JWT"}: the header of what is signed
 * here, with the dot after it. */
#define JWS_HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."

/* Signs payload, a text. ERR_LIMIT: the result would be longer than JWS_MAX;
 * ERR_BUG: the key is too short. */
enum err jws_sign(char text[JWS_SIZE], struct bytes key, const char *payload,
		  struct fault *fault) MUST_CHECK;

/* The payload of text, NUL-terminated, which may have other NULs. ERR_SYNTAX:
 * text is longer than JWS_MAX, is not three parts of base64url (RFC 4648, 5:
 * unpadded, no stray bits), or its header is not an object that names HS256 and
 * has neither a name twice nor `crit`; ERR_CONFLICT: it was signed with another
 * key, or changed. Other members of the header mean nothing, keys in it above
 * all. On failure payload is untouched, and no fault shows text. */
enum err jws_open(char payload[JWS_SIZE], size_t *len, struct bytes key,
		  const char *text, struct fault *fault) MUST_CHECK;

#endif
