#include "daemon/audit/getter.h"

#include <string.h>

void getter_call(uint8_t call[GETTER_SIZE], const struct abi_function *function,
		 const struct u256 *argument)
{
	memcpy(call, function->selector, ABI_SELECTOR);
	u256_to_be(call + ABI_SELECTOR, argument);
}

void getter_balance_of(uint8_t call[GETTER_SIZE], const struct address *owner)
{
	/* keccak256("balanceOf(address)"), EIP-20 */
	static const struct abi_function balance_of = {
	    .selector = {0x70, 0xa0, 0x82, 0x31}};
	const struct u256 number = u256_from_be(owner->b, sizeof(owner->b));

	getter_call(call, &balance_of, &number);
}

bool getter_number(struct u256 *out, const struct bytes *answer)
{
	if (answer->len != GETTER_WORD)
		return false;
	*out = u256_from_be(answer->data, GETTER_WORD);
	return true;
}
