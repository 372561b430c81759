#include "common/address.h"

#include <string.h>

#include "common/keccak.h"

#define DIGITS 40

int address_cmp(const struct address *a, const struct address *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

bool address_is_zero(const struct address *a)
{
	static const struct address zero;

	return address_eq(a, &zero);
}

const char *address_format(char text[ADDRESS_TEXT_SIZE],
			   const struct address *a)
{
	text[0] = '0';
	text[1] = 'x';
	hex_encode(text + 2, a->b, sizeof(a->b));
	return text;
}

/* EIP-55: digit i is a capital when the i-th half byte of the hash of the
 * lowercase digits (as ASCII) is 8 or more. */
const char *address_checksum(char text[ADDRESS_TEXT_SIZE],
			     const struct address *a)
{
	char *digits = text + 2;
	struct hash hash;

	address_format(text, a);
	hash = keccak256(digits, DIGITS);
	for (size_t i = 0; i < DIGITS; i++) {
		unsigned half = hash.b[i / 2] >> (i % 2 ? 0 : 4) & 15;

		if (digits[i] >= 'a' && half >= 8)
			digits[i] = (char)(digits[i] - 'a' + 'A');
	}
	return text;
}

enum err address_parse(struct address *out, const char *text)
{
	struct address address;

	if (text[0] != '0' || text[1] != 'x' ||
	    hex_decode(address.b, sizeof(address.b), text + 2,
		       strlen(text + 2)) != OK)
		return ERR_SYNTAX;
	*out = address;
	return OK;
}

static bool is_mixed_case(const char *digits)
{
	return strpbrk(digits, "abcdef") && strpbrk(digits, "ABCDEF");
}

/* What is no address is not shown: it may be a key pasted by mistake. */
static enum err not_an_address(const char *text, struct fault *fault)
{
	size_t len = strlen(text);

	if (len != ADDRESS_TEXT_SIZE - 1)
		return fault_set(fault, ERR_SYNTAX,
				 "not an address: expected 0x and 40 hex "
				 "digits (42 characters), found %zu characters",
				 len);
	return fault_set(fault, ERR_SYNTAX,
			 "not an address: expected 0x and 40 hex digits, "
			 "found other characters");
}

enum err address_accept(struct address *out, const char *text,
			bool accept_unchecksummed, struct fault *fault)
{
	char right[ADDRESS_TEXT_SIZE];
	struct address address;

	if (address_parse(&address, text) != OK)
		return not_an_address(text, fault);
	address_checksum(right, &address);
	if (strcmp(text, right) != 0) {
		if (is_mixed_case(text + 2))
			return fault_set(fault, ERR_SYNTAX,
					 "address %s has a wrong checksum "
					 "(EIP-55): if no digit is mistyped, "
					 "write %s",
					 text, right);
		if (!accept_unchecksummed)
			return fault_set(fault, ERR_SYNTAX,
					 "address %s carries no checksum "
					 "(EIP-55): write %s, or set "
					 "accept_unchecksummed: true",
					 text, right);
	}
	*out = address;
	return OK;
}
