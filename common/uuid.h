#ifndef GS_COMMON_UUID_H
#define GS_COMMON_UUID_H

#include "common/bytes.h"
#include <stdbool.h>
#include <stdint.h>

struct uuid {
	uint8_t b[16];
};

#define UUID_TEXT_SIZE 37

/* All zero: no uuid (SQL NULL where a column may be NULL). */
bool uuid_is_nil(const struct uuid *u);
bool uuid_eq(const struct uuid *a, const struct uuid *b);
const char *uuid_format(char text[UUID_TEXT_SIZE], const struct uuid *u);
enum err uuid_parse(struct uuid *out, const char *text) MUST_CHECK;

/* UUID version 7 (RFC 9562, 5.7): milliseconds, then random bits from
 * getrandom(2); they sort by time, which keeps an index's inserts together. */
enum err uuid_v7(struct uuid *out, uint64_t unix_ms) MUST_CHECK;

#endif
