#ifndef GS_COMMON_BASE64_H
#define GS_COMMON_BASE64_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The base64 of RFC 4648, 4, by OpenSSL, for secrets: nothing of them stays in
 * memory here. */

/* The most bytes that base64_decode takes, whatever max. */
#define BASE64_DECODED_MAX 1024

/* *len: the bytes in out, at most max. False, with out untouched, unless text
 * is the one base64 of them: padded, without blanks and stray bits. */
bool base64_decode(uint8_t *out, size_t *len, size_t max,
		   const char *text) MUST_CHECK;

#endif
