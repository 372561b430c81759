#ifndef GS_COMMON_BYTES_H
#define GS_COMMON_BYTES_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view of bytes somebody else owns. */
struct bytes {
	const uint8_t *data;
	size_t len;
};

/* A 32-byte hash or EVM word. */
struct hash {
	uint8_t b[32];
};

int hash_cmp(const struct hash *a, const struct hash *b);
static inline bool hash_eq(const struct hash *a, const struct hash *b)
{
	return hash_cmp(a, b) == 0;
}

#define HASH_TEXT_SIZE 67 /* "0x", 64 digits, NUL */

/* Lowercase 0x-prefixed hex of h in text; returns text. */
const char *hash_format(char text[HASH_TEXT_SIZE], const struct hash *h);
/* Exactly "0x" and 64 hex digits of any case; as hex_decode. */
enum err hash_parse(struct hash *h, const char *text) MUST_CHECK;

/* 2*len lowercase digits and a NUL into out. */
void hex_encode(char *out, const void *data, size_t len);
/* Exactly 2*len hex digits (no prefix) of text into out. ERR_SYNTAX else, with
 * anything in out. */
enum err hex_decode(uint8_t *out, size_t len, const char *text,
		    size_t text_len) MUST_CHECK;

/* A JSON-RPC QUANTITY (execution-apis base-types: ^0x(0|[1-9a-f][0-9a-f]*)$)
 * that fits 64 bits. ERR_SYNTAX or ERR_RANGE else. */
enum err quantity_parse(uint64_t *out, const char *text) MUST_CHECK;

/* A decimal unsigned integer, all of text, no sign, no blanks. */
enum err decimal_parse_u64(uint64_t *out, const char *text) MUST_CHECK;

#endif
