#include "common/base64.h"

#include <openssl/evp.h>
#include <string.h>

/* What it decodes to before its padding is taken off. */
#define DECODED_SIZE (BASE64_DECODED_MAX + 3)

bool base64_decode(uint8_t *out, size_t *len, size_t max, const char *text)
{
	uint8_t decoded[DECODED_SIZE];
	char again[(DECODED_SIZE + 2) / 3 * 4 + 1];
	size_t text_len = strlen(text), padding = 0;
	bool ok;
	int n;

	if (text_len == 0 || text_len % 4 || text_len / 4 * 3 > DECODED_SIZE)
		return false;
	padding += text[text_len - 1] == '=';
	padding += text[text_len - 1] == '=' && text[text_len - 2] == '=';
	n = EVP_DecodeBlock(decoded, (const uint8_t *)text, (int)text_len);
	if (n < (int)padding || (size_t)n - padding > max)
		return false;
	*len = (size_t)n - padding;
	/* OpenSSL overlooks blanks at the ends and stray bits. */
	EVP_EncodeBlock((uint8_t *)again, decoded, (int)*len);
	ok = strcmp(again, text) == 0;
	if (ok)
		memcpy(out, decoded, *len);
	explicit_bzero(decoded, sizeof(decoded));
	explicit_bzero(again, sizeof(again));
	return ok;
}
