#include "daemon/command/api_key.h"

#include "common/sha256.h"
#include "daemon/command/secret.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define PREFIX "gsk_"

enum err api_key_make(char key[API_KEY_SIZE], struct fault *fault)
{
	uint8_t secret[32];

	_Static_assert(sizeof(PREFIX) + 2 * sizeof(secret) == API_KEY_SIZE,
		       "prefix, two digits a byte, NUL");
	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
		return fault_set(fault, ERR_IO,
				 "the system has no random bytes: %s",
				 strerror(errno));
	memcpy(key, PREFIX, sizeof(PREFIX));
	hex_encode(key + strlen(PREFIX), secret, sizeof(secret));
	explicit_bzero(secret, sizeof(secret));
	return OK;
}

const char *api_key_hash(char hash[API_KEY_HASH_SIZE], const char *key)
{
	struct hash digest = sha256(key, strlen(key));

	hex_encode(hash, digest.b, sizeof(digest.b));
	return hash;
}

enum err api_key_read(char hash[API_KEY_HASH_SIZE], struct fault *fault)
{
	struct secret key;
	enum err err = secret_read(&key, "API key", false, fault);

	if (err != OK)
		return err;
	(void)api_key_hash(hash, key.text);
	secret_wipe(&key);
	return OK;
}
