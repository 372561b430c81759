#ifndef GS_COMMON_ADDRESS_H
#define GS_COMMON_ADDRESS_H

#include "common/bytes.h"
#include <stdbool.h>
#include <stdint.h>

struct address {
	uint8_t b[20];
};

#define ADDRESS_TEXT_SIZE 43 /* "0x", 40 digits, NUL */

int address_cmp(const struct address *a, const struct address *b);
static inline bool address_eq(const struct address *a, const struct address *b)
{
	return address_cmp(a, b) == 0;
}
bool address_is_zero(const struct address *a);

/* Lowercase, as it is stored. */
const char *address_format(char text[ADDRESS_TEXT_SIZE],
			   const struct address *a);
/* The checksum form of EIP-55. */
const char *address_checksum(char text[ADDRESS_TEXT_SIZE],
			     const struct address *a);

/* "0x" and 40 hex digits of any case: for what a node or a database says. */
enum err address_parse(struct address *out, const char *text) MUST_CHECK;

/* For what a person or a configuration says: must equal its EIP-55 form.
 * Mixed case that does not is always refused, and fault shows the right form.
 * Single case that does not is refused unless accept_unchecksummed. */
enum err address_accept(struct address *out, const char *text,
			bool accept_unchecksummed,
			struct fault *fault) MUST_CHECK;

#endif
