#ifndef GS_CONTRACTS_ABI_WORD_H
#define GS_CONTRACTS_ABI_WORD_H

#include "common/address.h"
#include "common/u256.h"

/* What the words of a log, or of an answer, say in our terms. */

/* Of a word whose upper twelve bytes are known to be zero. */
struct address word_address(const struct hash *word);

/* Its unit is 10^-(6 + more_decimals) of the token's whole (-6 to 18), ours the
 * token's. What is below one of ours is left out: nobody can pay it. False: it
 * exceeds 256 bits. */
bool word_amount(struct u256 *out, const struct hash *word,
		 int more_decimals) MUST_CHECK;

#endif
