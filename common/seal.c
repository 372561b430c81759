#include "common/seal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define VERSION "v1:"
#define COLUMN_MAX 128
#define SEALED_MAX (SEAL_NONCE_LEN + SEAL_SECRET_MAX + SEAL_TAG_LEN)
/* What base64 of that decodes to before its padding is taken off. */
#define DECODED_SIZE (SEALED_MAX + 3)

/* len: the bytes in out; false unless text is the one base64 of them. */
static bool base64_decode(uint8_t *out, size_t *len, size_t max,
			  const char *text)
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

enum err seal_key_parse(struct seal_key *out, const char *text)
{
	struct seal_key key;
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

/* Starts on the place, which is authenticated and not encrypted. Either
 * direction; decrypts where encrypt is 0. */
static bool begin(EVP_CIPHER_CTX *work, const struct seal_key *key,
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
static bool encrypt_all(uint8_t *out, const struct seal_key *key,
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

static bool decrypt_all(uint8_t *secret, const struct seal_key *key,
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

enum err seal_close(char text[SEAL_TEXT_SIZE], const struct seal_key *key,
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

enum err seal_open(char secret[SEAL_SECRET_SIZE], const struct seal_key *key,
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
