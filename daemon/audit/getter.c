#include "daemon/audit/getter.h"

#include <string.h>

#include "common/keccak.h"

void getter_selector(uint8_t call[GETTER_SELECTOR], const char *signature)
{
	const struct hash hash = keccak256(signature, strlen(signature));

	memcpy(call, hash.b, GETTER_SELECTOR);
}

void getter_of_address(uint8_t call[GETTER_SIZE], const char *signature,
		       const struct address *argument)
{
	const struct u256 number =
	    u256_from_be(argument->b, sizeof(argument->b));

	getter_of_number(call, signature, &number);
}

void getter_of_number(uint8_t call[GETTER_SIZE], const char *signature,
		      const struct u256 *argument)
{
	getter_selector(call, signature);
	u256_to_be(call + GETTER_SELECTOR, argument);
}

struct u256 getter_word(const struct bytes *answer, size_t i)
{
	return u256_from_be(answer->data + i * GETTER_WORD, GETTER_WORD);
}

bool getter_address(struct address *out, const struct bytes *answer, size_t i)
{
	static const uint8_t zero[GETTER_WORD - sizeof(out->b)];
	const uint8_t *word = answer->data + i * GETTER_WORD;

	memcpy(out->b, word + sizeof(zero), sizeof(out->b));
	return memcmp(word, zero, sizeof(zero)) == 0;
}

bool getter_number(struct u256 *out, const struct bytes *answer)
{
	if (answer->len != GETTER_WORD)
		return false;
	*out = getter_word(answer, 0);
	return true;
}
