#ifndef GS_DAEMON_AUDIT_GETTER_H
#define GS_DAEMON_AUDIT_GETTER_H

#include "common/bytes.h"
#include "common/u256.h"
#include "db/rows.h"

/* The contracts' getters, as calls and as answers (Solidity ABI specification:
 * a selector, then words of 32 bytes). Pure. */

#define GETTER_SIZE 36 /* a selector and one word */

/* balanceOf(address), of EIP-20. */
void getter_balance(uint8_t call[GETTER_SIZE], const struct address *owner);
/* getStreamDetails(uint256) of contracts-abi/payment-streaming.json. */
void getter_stream(uint8_t call[GETTER_SIZE], const struct u256 *id);
/* streamCount(); ids are 1 to it. Its call is the selector alone. */
#define GETTER_COUNT_SIZE 4
void getter_stream_count(uint8_t call[GETTER_COUNT_SIZE]);

/* An answer of one word; false for any other. */
bool getter_word(struct u256 *out, const struct bytes *answer) MUST_CHECK;
/* What the contract says of a stream: parties, amounts and status; false for
 * what is no such answer. */
bool getter_read_stream(struct stream_row *out,
			const struct bytes *answer) MUST_CHECK;

#endif
