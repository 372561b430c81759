#include "common/secret_key.h"

#include "common/base64.h"
#include "common/bytes.h"
#include <string.h>

enum err secret_key_parse(struct secret_key *out, const char *text)
{
	struct secret_key key;
	size_t len = 0;
	enum err err;

	err = hex_decode(key.b, sizeof(key.b), text, strlen(text));
	if (err != OK && base64_decode(key.b, &len, sizeof(key.b), text) &&
	    len == sizeof(key.b))
		err = OK;
	if (err == OK)
		*out = key;
	explicit_bzero(&key, sizeof(key));
	return err == OK ? OK : ERR_SYNTAX;
}
