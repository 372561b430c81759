#ifndef GS_DAEMON_AUDIT_GETTER_H
#define GS_DAEMON_AUDIT_GETTER_H

#include "common/address.h"
#include "common/u256.h"

/* The contracts' getters, as calls and as answers (Solidity ABI specification:
 * a selector, then words of 32 bytes). Pure. */
#define GETTER_WORD 32
#define GETTER_SELECTOR 4
#define GETTER_SIZE (GETTER_SELECTOR + GETTER_WORD)

/* "streamCount()": the selector alone. */
void getter_selector(uint8_t call[GETTER_SELECTOR], const char *signature);
/* "balanceOf(address)", "getStreamDetails(uint256)". */
void getter_of_address(uint8_t call[GETTER_SIZE], const char *signature,
		       const struct address *argument);
void getter_of_number(uint8_t call[GETTER_SIZE], const char *signature,
		      const struct u256 *argument);

/* Word i of an answer that is long enough. */
struct u256 getter_word(const struct bytes *answer, size_t i);
/* The same as an address; false where the upper twelve bytes are not zero. */
bool getter_address(struct address *out, const struct bytes *answer,
		    size_t i) MUST_CHECK;
/* An answer of one word; false for any other. */
bool getter_number(struct u256 *out, const struct bytes *answer) MUST_CHECK;

#endif
