#include "contracts-abi/word.h"

#include <string.h>

struct address word_address(const struct hash *word)
{
	struct address address;

	memcpy(address.b, word->b + sizeof(*word) - sizeof(address.b),
	       sizeof(address.b));
	return address;
}

bool word_amount(struct u256 *out, const struct hash *word, int more_decimals)
{
	struct u256 amount = u256_from_be(word->b, sizeof(word->b));
	uint64_t factor = 1;

	for (int i = 0; i < more_decimals || i < -more_decimals; i++)
		factor *= 10;
	if (more_decimals < 0)
		return u256_mul_u64(out, &amount, factor);
	*out = u256_div_u64(&amount, factor, NULL);
	return true;
}
