#include "common/seal.h"

#include "common/base64.h"
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define VERSION "v1:"
#define COLUMN_MAX 128
#define SEALED_MAX (SEAL_NONCE_LEN + SEAL_SECRET_MAX + SEAL_TAG_LEN)

/* Starts on the place, which is authenticated and not encrypted. Either
 * direction; decrypts where encrypt is 0. */
static bool begin(EVP_CIPHER_CTX *work, const struct secret_key *key,
		  const uint8_t *nonce, const struct seal_place *place,
		  int encrypt)
{
	char text[COLUMN_MAX + UUID_TEXT_SIZE], row[UUID_TEXT_SIZE];
	int len, used;

	len = snprintf(text, sizeof(text), "%s:%s", place->column,
		       uuid_format(row, &place->row));
	return len > 0 && len < (int)sizeof(text) &&
	       EVP_CipherInit_ex(work, EVP_aes_256_gcm(), NULL, key->b, nonce,
				 encrypt) == 1 &&
	       EVP_CipherUpdate(work, NULL, &used, (const uint8_t *)text,
				len) == 1;
}

/* GCM works byte by byte: all comes from the update, nothing from the end. */
static bool encrypt_all(uint8_t *out, const struct secret_key *key,
			const struct seal_place *place, const uint8_t *secret,
			size_t len)
{
	EVP_CIPHER_CTX *work = EVP_CIPHER_CTX_new();
	uint8_t *cipher = out + SEAL_NONCE_LEN;
	int used = 0, last = 0;
	bool ok;

	ok = work && RAND_bytes(out, SEAL_NONCE_LEN) == 1 &&
	     begin(work, key, out, place, 1) &&
	     EVP_EncryptUpdate(work, cipher, &used, secret, (int)len) == 1 &&
	     EVP_EncryptFinal_ex(work, cipher + used, &last) == 1 &&
	     (size_t)used == len && last == 0 &&
	     EVP_CIPHER_CTX_ctrl(work, EVP_CTRL_GCM_GET_TAG, SEAL_TAG_LEN,
				 cipher + len) == 1;
	EVP_CIPHER_CTX_free(work); /* wipes it, too */
	return ok;
}

static bool decrypt_all(uint8_t *secret, const struct secret_key *key,
			const struct seal_place *place, uint8_t *sealed,
			size_t len)
{
	EVP_CIPHER_CTX *work = EVP_CIPHER_CTX_new();
	uint8_t *cipher = sealed + SEAL_NONCE_LEN;
	int used = 0, last = 0;
	bool ok;

	ok = work && begin(work, key, sealed, place, 0) &&
	     EVP_DecryptUpdate(work, secret, &used, cipher, (int)len) == 1 &&
	     (size_t)used == len &&
	     EVP_CIPHER_CTX_ctrl(work, EVP_CTRL_GCM_SET_TAG, SEAL_TAG_LEN,
				 cipher + len) == 1 &&
	     EVP_DecryptFinal_ex(work, secret + used, &last) == 1 && last == 0;
	EVP_CIPHER_CTX_free(work);
	return ok;
}

enum err seal_close(char text[SEAL_TEXT_SIZE], const struct secret_key *key,
		    const struct seal_place *place, const char *secret,
		    struct fault *fault)
{
	uint8_t sealed[SEALED_MAX];
	size_t len = strlen(secret);

	if (len == 0 || len > SEAL_SECRET_MAX)
		return fault_set(fault, ERR_USAGE,
				 "a secret to encrypt has 1 to %d bytes, not "
				 "%zu",
				 SEAL_SECRET_MAX, len);
	if (!encrypt_all(sealed, key, place, (const uint8_t *)secret, len))
		return fault_set(fault, ERR_IO,
				 "OpenSSL cannot encrypt: no random bytes, or "
				 "no AES-256-GCM");
	memcpy(text, VERSION, sizeof(VERSION));
	EVP_EncodeBlock((uint8_t *)text + strlen(VERSION), sealed,
			(int)(SEAL_NONCE_LEN + len + SEAL_TAG_LEN));
	return OK;
}

enum err seal_open(char secret[SEAL_SECRET_SIZE], const struct secret_key *key,
		   const struct seal_place *place, const char *text,
		   struct fault *fault)
{
	uint8_t sealed[SEALED_MAX], plain[SEAL_SECRET_MAX];
	size_t n = 0, len;
	enum err err = OK;

	if (strncmp(text, VERSION, strlen(VERSION)) != 0 ||
	    !base64_decode(sealed, &n, sizeof(sealed),
			   text + strlen(VERSION)) ||
	    n <= SEAL_NONCE_LEN + SEAL_TAG_LEN)
		return fault_set(fault, ERR_SYNTAX,
				 "what %s holds is not encrypted in a way this "
				 "program knows",
				 place->column);
	len = n - SEAL_NONCE_LEN - SEAL_TAG_LEN;
	if (!decrypt_all(plain, key, place, sealed, len) ||
	    memchr(plain, '\0', len)) {
		err = fault_set(fault, ERR_CONFLICT,
				"what %s holds does not decrypt: it was "
				"encrypted with another key, or for another "
				"row, or was changed",
				place->column);
	} else {
		memcpy(secret, plain, len);
		secret[len] = '\0';
	}
	explicit_bzero(plain, sizeof(plain));
	return err;
}
