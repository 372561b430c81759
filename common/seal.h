#ifndef GS_COMMON_SEAL_H
#define GS_COMMON_SEAL_H

#include "common/secret_key.h"
#include "common/uuid.h"

/* Short secrets, encrypted for a column of the database: AES-256 in Galois
 * Counter Mode (NIST SP 800-38D), by OpenSSL. The sealed text is
 *
 *	"v1:" base64(nonce || ciphertext || tag)
 *
 * with a random nonce of 96 bits (8.2.2), a tag of 128, and the base64 of
 * RFC 4648, 4. The place where it belongs, "column:row", is authenticated with
 * it, so that a value copied to another row or column does not open there.
 * Random nonces allow 2^32 values under one key (8.3). */

/* A secret has 1 to SEAL_SECRET_MAX bytes and no NUL. */
#define SEAL_SECRET_MAX 512
#define SEAL_SECRET_SIZE (SEAL_SECRET_MAX + 1)
#define SEAL_NONCE_LEN 12
#define SEAL_TAG_LEN 16
#define SEAL_TEXT_SIZE                                                         \
	(3 + (SEAL_NONCE_LEN + SEAL_SECRET_MAX + SEAL_TAG_LEN + 2) / 3 * 4 + 1)

/* The column as "table.column", the row by its id. */
struct seal_place {
	const char *column;
	struct uuid row;
};

/* ERR_USAGE: the secret is empty or too long; ERR_IO: OpenSSL fails, for lack
 * of random bytes for instance. */
enum err seal_close(char text[SEAL_TEXT_SIZE], const struct secret_key *key,
		    const struct seal_place *place, const char *secret,
		    struct fault *fault) MUST_CHECK;

/* The secret, NUL-terminated; the caller wipes it (explicit_bzero). ERR_SYNTAX:
 * text is no sealed text of a version we know; ERR_CONFLICT: it was sealed with
 * another key or for another place, or was changed. No fault shows text. */
enum err seal_open(char secret[SEAL_SECRET_SIZE], const struct secret_key *key,
		   const struct seal_place *place, const char *text,
		   struct fault *fault) MUST_CHECK;

#endif
