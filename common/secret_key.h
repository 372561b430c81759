#ifndef GS_COMMON_SECRET_KEY_H
#define GS_COMMON_SECRET_KEY_H

#include "common/error.h"
#include <stdint.h>

/* A secret key of 256 bits, as people keep it in a file. */
struct secret_key {
	uint8_t b[32];
};

/* The base64 of 32 bytes (openssl rand -base64 32), or their 64 hex digits.
 * ERR_SYNTAX, with out untouched, for anything else. */
enum err secret_key_parse(struct secret_key *out, const char *text) MUST_CHECK;

#endif
