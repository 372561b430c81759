#include "common/sha256.h"

#include <nettle/sha2.h>

struct hash sha256(const void *data, size_t len)
{
	struct sha256_ctx state;
	struct hash digest;

	sha256_init(&state);
	sha256_update(&state, len, data);
	sha256_digest(&state, sizeof(digest.b), digest.b);
	return digest;
}
